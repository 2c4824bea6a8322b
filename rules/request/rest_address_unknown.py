"""An address that TensorFlow Serving does not answer at.

Its REST interface knows ``/v1/models/NAME`` (status), ``/v1/models/NAME/metadata``, and three verbs to post to behind a
colon: ``:predict``, ``:classify`` and ``:regress``; ``/versions/N`` or ``/labels/L`` may come after the name. Anything
else is ``Malformed request``, status 404: a verb of one's own (methods are named signatures, and chosen by
``signature_name`` in the body), a slash for the colon, Triton's ``/v2/...``.

```python bad
import requests

requests.post("http://localhost:8501/v1/models/flowers:embed", json={"instances": [[1.0]]})  # <-
requests.post("http://localhost:8501/v1/models/flowers/predict", json={"instances": [[1.0]]})  # <-
requests.post("http://localhost:8501/v1/models/flowers", json={"instances": [[1.0]]})  # <-
requests.post("http://localhost:8501/v2/models/flowers/infer", json={"inputs": []})  # <-
requests.post("http://localhost:8501/models/flowers:predict", json={"instances": [[1.0]]})  # <-
requests.get("http://localhost:8501/v1/models/flowers:predict")  # <-
requests.post("http://localhost:8501/v1/models/flowers:predict/versions/2", json={"instances": [[1.0]]})  # <-
```

```python good
import requests

host = input()
requests.post("http://localhost:8501/v1/models/flowers:predict", json={"instances": [[1.0]]})
requests.post("http://localhost:8501/v1/models/flowers/versions/2:predict", json={"instances": [[1.0]]})
requests.post("http://localhost:8501/v1/models/flowers/labels/stable:regress", json={"examples": [{}]})
requests.get("http://localhost:8501/v1/models/flowers")
requests.get("http://localhost:8501/v1/models/flowers/metadata")
requests.get("http://localhost:8501/monitoring/prometheus/metrics")
requests.post(f"http://{host}/v1/models/flowers:embed", json={})
```

Servers at other ports have addresses of their own.

```python good
import requests

requests.post("http://localhost:8000/v2/models/flowers/infer", json={"inputs": []})
requests.post("http://localhost:8080/v1/models/flowers:explain", json={"instances": []})
requests.post("https://generativelanguage.googleapis.com/v1beta/models/gemini-pro:generateContent", json={})
```

```bash bad path=ask.sh
curl -d '{"inputs": [1, 1]}' -X POST http://localhost:8501/v2/models/xor  # <-
curl -d '{"instances": [[1, 1]]}' -X POST http://localhost:8501/v1/models/xor  # <-
```

```bash good path=ask.sh
curl http://localhost:8501/v1/models/xor
curl http://localhost:8501/v1/models/xor/metadata
curl -d '{"instances": [[1, 1]]}' http://localhost:8501/v1/models/xor:predict
curl -X POST "http://$HOST/v2/models/xor/infer" -d @body.json
```

```text bad path=ask.rest line=1
POST http://localhost:8501/v1/models/xor/predict

{"instances": [[1, 1]]}
```

References: `kHTTPRestApiHandlerPathRegex` in `tensorflow_serving/model_servers/http_rest_api_util.cc`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Place, Project, rule
from deplint.code.python import PythonFile
from deplint.code.requests import asks
from deplint.finding import Placed
from deplint.settings.bodies import RequestFile
from deplint.settings.curl import curls
from deplint.settings.scripts import Script
from deplint.settings.serving import answers

ADDRESS = re.compile(r"https?://(?P<host>[^/:\0]+):(?P<port>\d+)(?P<path>/[^?#]*)")
OF_MODELS = re.compile(r"/(?:v\d+/)?(?:models|predictions)/[^/:]+.*|/(?:v\d+/)?models/.*|/predict/?|/invocations")
"""Paths by which some server is asked for a prediction. A gateway before the server may have any other."""
NAMED = r"/v1/models/[^/:]+(?:/versions/[\d\0]+|/labels/[^/:]+)?"
GET = re.compile(NAMED + r"(?:/metadata)?")
POST = re.compile(NAMED + r":(?:predict|classify|regress)")


@rule(
    "DPL608",
    severity="error",
    leaves=["S.4.1", "S.5.1", "S.5.4"],
    see=["https://www.tensorflow.org/tfx/serving/api_rest", "https://stackoverflow.com/q/55007886"],
)
def rest_address_unknown(facts: PythonFile | Script | RequestFile, project: Project) -> Iterator[Finding]:
    for place, address, method in _asks(facts):
        match = ADDRESS.fullmatch(address)
        if match is None or not OF_MODELS.fullmatch(match["path"]):
            continue
        path = match["path"]
        if (GET if method == "GET" else POST).fullmatch(path) or not answers(project, "", int(match["port"]), facts):
            continue
        shown = path.replace("\0", "...")
        yield Finding(
            place,
            f"TensorFlow Serving answers no {method} {shown}: Malformed request, status 404",
            help="the addresses are GET /v1/models/NAME[/versions/N][/metadata] and POST /v1/models/NAME[/versions/N]:predict "
            "(or :classify, :regress); another method is a signature, chosen by signature_name in the body",
        )


def _asks(facts: PythonFile | Script | RequestFile) -> Iterator[tuple[Placed | Place, str, str]]:
    """Where requests are made, their addresses (``\\0`` for what is not known) and methods."""
    if not isinstance(facts, PythonFile):
        yield from ((sent.url.place, sent.url.masked, sent.method) for sent in curls(facts))
    else:
        for call, url, method in asks(facts):
            if not call.guarded:
                yield url, "".join("\0" if piece is None else piece for piece in url.pieces), method
