"""The body of a request that is not the JSON that a server reads.

`requests` and `httpx` write a dictionary given as ``data=`` as a form (``instances=1.0&instances=2.0``), and what is
given as ``json=`` as JSON once more: a string that `json.dumps` made arrives as one JSON string. TensorFlow Serving
answers either with status 400: ``JSON Parse error``, ``Malformed request``, ``Expecting object``.

```python bad
import json
import requests

url = "http://localhost:8501/v1/models/flowers:predict"
requests.post(url, data={"instances": [[1.0, 2.0]]})  # <-
requests.post(url, {"instances": [[1.0, 2.0]]})  # <-
body = json.dumps({"instances": [[1.0, 2.0]]})
requests.post(url, json=body)  # <-
```

```python good
import json
import requests

url = "http://localhost:8501/v1/models/flowers:predict"
body = json.dumps({"instances": [[1.0, 2.0]]})
requests.post(url, json={"instances": [[1.0, 2.0]]})
requests.post(url, data=body)
requests.post(url, data=body.encode(), headers={"content-type": "application/json"})
requests.post("http://localhost:5000/login", data={"name": "x"})
```

So does a service of one's own that reads JSON: Flask gives ``415 Unsupported Media Type``, FastAPI 422.

```python bad path=client.py
import requests

requests.post("http://localhost:5000/predict", data={"image": "abc"})  # <-
```

```python + path=app.py
from flask import Flask, request

app = Flask(__name__)

@app.route("/predict", methods=["POST"])
def predict():
    return request.get_json()["image"]
```

```python good path=client.py
import requests

requests.post("http://localhost:5000/predict", data={"image": "abc"})
```

```python + path=app.py
from flask import Flask, request

app = Flask(__name__)

@app.route("/predict", methods=["POST"])
def predict():
    if request.is_json:
        return request.get_json()["image"]
    return request.form["image"]
```

References: checked with requests and Flask 3.1 (`tests/claims/test_services.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.code.requests import asks, path_of, rest
from deplint.code.services import routes, together
from deplint.settings.serving import answers


@rule(
    "DPL609",
    severity="error",
    leaves=["S.5.2", "S.6.3"],
    see=["https://requests.readthedocs.io/en/latest/user/quickstart/#more-complicated-post-requests"],
)
def body_not_json(file: PythonFile, project: Project) -> Iterator[Finding]:
    served = {id(r.call.node) for r in rest(file) if answers(project, r.model, r.port, file)}
    for call, url, method in asks(file):
        wrong = _wrong(call) if method == "POST" and not call.guarded else None
        if wrong is None:
            continue
        body, what = wrong
        if id(call.node) in served:
            server = "TensorFlow Serving answers 400"
        elif _reads_json(project, path_of(url), file):
            server = "the service reads JSON and refuses it"
        else:
            continue
        yield Finding(body, f"the body is sent as {what}: {server}", help="give the dictionary itself as json=")


def _wrong(call: Call) -> tuple[Value, str] | None:
    """What is sent, and as what, if that is certainly not a JSON object."""
    asking = call.name.endswith(".request")
    form = call.argument("data", None if asking or not call.name.startswith("requests.") else 1)
    if not form.missing and form.certain and form.entries is not None and call.argument("files").missing:
        return form, "a form, for data= is given a dictionary"
    twice = call.argument("json")
    if not twice.missing and (twice.text is not None or (twice.origin is not None and twice.origin.name == "json.dumps")):
        return twice, "one JSON string, for json= is given text that is JSON already"
    return None


def _reads_json(project: Project, path: str | None, file: PythonFile) -> bool:
    """Does the only handler that the project has for the path read nothing but JSON?"""
    found = [route for route in routes(project) if route.path == path and together(project, file, route.file)] if path else []
    return len(found) == 1 and found[0].reads == {"json"}
