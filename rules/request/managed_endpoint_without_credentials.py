"""A request to a managed endpoint without credentials.

Vertex AI, SageMaker, Azure's managed endpoints and Hugging Face's inference endpoints answer nobody they do not know:
``401 Request is missing required authentication credential``, ``403 Missing Authentication Token``.

```python bad
import requests

requests.post(  # <-
    "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/endpoints/1:predict",
    json={"instances": [[1.0]]},
)
requests.post(  # <-
    "https://runtime.sagemaker.us-east-1.amazonaws.com/endpoints/flowers/invocations",
    data="1.0,2.0",
    headers={"Content-Type": "text/csv"},
)
```

```python good
import google.auth.transport.requests
import requests
from requests_aws4auth import AWS4Auth

requests.post(
    "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/endpoints/1:predict",
    json={"instances": [[1.0]]},
    headers={"Authorization": f"Bearer {token()}"},
)
requests.post(
    "https://runtime.sagemaker.us-east-1.amazonaws.com/endpoints/flowers/invocations", data="1.0", auth=AWS4Auth(secret())
)
session = google.auth.transport.requests.AuthorizedSession(credentials())
session.post("https://ml.googleapis.com/v1/projects/p/models/m:predict", json={"instances": [1]})
requests.post("https://ml.googleapis.com/v1/projects/p/models/m:predict", json={"instances": [1]}, headers=headers())
requests.post("http://localhost:8080/endpoints/flowers/invocations", data="1.0")
```

References: https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints/predict ("Authorization scopes");
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html (Signature Version 4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.requests import asks, keys

HOSTS = {
    re.compile(r"https://(?:[\w\0-]+-)?(?:aiplatform|ml)\.googleapis\.com/.*"): "an Authorization header with a bearer token, "
    "or use google-cloud-aiplatform, which brings credentials",
    re.compile(r"https://runtime\.sagemaker\.[\w\0-]+\.amazonaws\.com/.*"): "a request signed with Signature Version 4: "
    "boto3.client('sagemaker-runtime').invoke_endpoint does so",
    re.compile(r"https://[\w\0.-]+\.inference\.ml\.azure\.com/.*"): "an Authorization header with the endpoint's key",
}
"""Addresses that ask for credentials, with what they ask for."""


@rule(
    "DPL612",
    severity="error",
    leaves=["S.4.6"],
    see=[
        "https://cloud.google.com/vertex-ai/docs/authentication",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html",
        "https://stackoverflow.com/q/48732284",
    ],
)
def managed_endpoint_without_credentials(file: PythonFile) -> Iterator[Finding]:
    for call, url, _ in asks(file):
        address = "".join("\0" if piece is None else piece for piece in url.pieces)
        needed = next((what for pattern, what in HOSTS.items() if pattern.fullmatch(address)), None)
        if needed is None or call.open or call.guarded or "Session" in call.name or "Client" in call.name:
            continue
        if call.argument("auth").missing and _without(call.argument("headers")) and "key=" not in address:
            yield Finding(call, "the request carries no credentials: the endpoint answers 401 or 403", help=f"send {needed}")


def _without(headers: Value) -> bool:
    """There certainly is no header that could authenticate."""
    given = keys(headers)
    return headers.missing or (given is not None and not any(re.search("auth|token|key", name, re.I) for name in given))
