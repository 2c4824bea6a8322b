"""Instances for a Vertex AI endpoint that are no list.

`Endpoint.predict` takes a list with one entry for each prediction. A dictionary or a text is gone through as if it were one: the entries
are its keys, or its letters.

```python bad
from google.cloud import aiplatform

def predict(endpoint_id, features):
    endpoint = aiplatform.Endpoint(endpoint_id)
    return endpoint.predict(instances={"features": features}).predictions[0]  # <-
```

```python good
from google.cloud import aiplatform

def right(endpoint_id, features):
    endpoint = aiplatform.Endpoint(endpoint_id)
    return endpoint.predict(instances=[{"features": features}]).predictions[0], endpoint.predict(features)
```

References: `Endpoint.predict` in `google/cloud/aiplatform/models.py`, which the documents call "the instances that are the input".
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile

ENDPOINT = "google.cloud.aiplatform.{,models.}{Endpoint,PrivateEndpoint}"


@rule(
    "DPL876",
    severity="error",
    leaves=["S.5.2"],
    see=[
        "https://cloud.google.com/python/docs/reference/aiplatform/latest/google.cloud.aiplatform.Endpoint#google_cloud_aiplatform_Endpoint_predict",
        "https://github.com/googleapis/python-aiplatform/blob/v1.60.0/google/cloud/aiplatform/models.py",
    ],
)
def vertex_instances_no_list(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(ENDPOINT + "{().predict,.list()[].predict}"):
        given = call.argument("instances", 0)
        if not call.guarded and (given.entries is not None or given.text is not None):
            what = "a dictionary" if given.entries is not None else "a text"
            yield Finding(
                given, f"instances is {what}, and Vertex AI takes a list with one entry for each prediction", help="instances=[...]"
            )
