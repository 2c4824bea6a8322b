"""A client that sends a service of the same project other names than it reads.

``request.json["image"]`` of a body without that key raises KeyError (status 500), ``request.files["file"]`` and
``request.form[...]`` are answered with ``400 Bad Request``, and FastAPI asks for the fields of its models and its
parameters: ``422 Unprocessable Entity ... Field required``.

```python bad path=client.py
import requests

requests.post("http://localhost:5000/predict", json={"img": "abc"})  # <-
```

```python + path=app.py
from flask import Flask, jsonify, request

app = Flask(__name__)

@app.route("/predict", methods=["POST"])
def predict():
    data = request.get_json()
    return jsonify(score=score(data["image"]))
```

A parameter of FastAPI's has a name as well.

```python bad path=client.py
import requests

URL = "http://127.0.0.1:8000"
requests.post(URL + "/predict", files={"image": open("cat.jpg", "rb")})  # <-
requests.post(f"{URL}/rows", json={"row": [1.0, 2.0]})  # <-
```

```python + path=main.py
from fastapi import FastAPI, File, UploadFile
from pydantic import BaseModel

class Rows(BaseModel):
    rows: list[list[float]]
    top: int = 5

app = FastAPI()

@app.post("/predict")
async def predict(file: UploadFile = File(...)):
    return {"class": classify(await file.read())}

@app.post("/rows")
def rows(body: Rows):
    return {"scores": score(body.rows)}
```

The names that are read, keys that may be missing, paths that several handlers have, and other hosts are fine.

```python good path=client.py
import requests

requests.post("http://localhost:5000/predict", json={"image": "abc", "top": 3})
requests.post("http://localhost:5000/optional", json={"img": "abc"})
requests.post("http://localhost:5000/lenient", json={"img": "abc"})
requests.post("https://api.example.com/predict", json={"text": "abc"})
```

```python + path=app.py
from flask import Flask, jsonify, request

app = Flask(__name__)

@app.route("/predict", methods=["POST"])
def predict():
    data = request.get_json()
    return jsonify(score=score(data["image"]))

@app.route("/optional", methods=["POST"])
def optional():
    return jsonify(score=score(request.json.get("image")))

@app.route("/lenient", methods=["POST"])
def lenient():
    data = request.json
    if "image" in data:
        return jsonify(score=score(data["image"]))
    return jsonify(score=0)
```

A service of LitServe answers at ``/predict`` too, and reads what its own code says.

```python good path=client.py
import requests

requests.post("http://127.0.0.1:8000/predict", json={"input": 4.0})
```

```python + path=server.py
import litserve

class Square(litserve.LitAPI):
    def setup(self, device):
        self.model = lambda x: x**2

    def predict(self, x):
        return self.model(x["input"])

litserve.LitServer(Square()).run(port=8000)
```

```python + path=plain.py
from fastapi import FastAPI
from pydantic import BaseModel

class Picture(BaseModel):
    image_data: str

app = FastAPI()

@app.post("/predict")
async def predict(picture: Picture):
    return {"output": classify(picture.image_data)}
```

A body of another kind is refused as a whole: an object where FastAPI takes the only parameter for a list, JSON where a file is read, and
JSON that the request does not call so, which Flask answers with 415.

```python bad path=client.py
import json
import requests

requests.post("http://localhost:8000/prices", json={"features": [1.0, 2.0]})  # <-
requests.post("http://localhost:8000/image", json={"image": "aGVsbG8="})  # <-
requests.post("http://localhost:8000/prices", json=[1.0, 2.0])
```

```python + path=main.py
from typing import List
from fastapi import FastAPI, File, UploadFile

app = FastAPI()

@app.post("/prices")
def prices(features: List[float]):
    return sum(features)

@app.post("/image")
def image(image: UploadFile = File(...)):
    return 1

@app.post("/embedded")
def embedded(features: List[float], names: List[str]):
    return 1
```

```python bad path=ask.py
import json
import requests

def ask(rows):
    return requests.post("http://localhost:5000/score", data=json.dumps({"rows": rows}), timeout=5).json()  # <-

def ask_well(rows):
    head = {"Content-Type": "application/json"}
    requests.post("http://localhost:5000/score", data=json.dumps({"rows": rows}), headers=head)
    requests.post("http://localhost:5000/any", data=json.dumps({"rows": rows}))
    return requests.post("http://localhost:5000/score", json={"rows": rows})
```

```python + path=server.py
import torch
from flask import Flask, request

app = Flask(__name__)

@app.route("/score", methods=["POST"])
def score():
    payload = request.get_json()
    return {"n": len(payload["rows"])}

@app.route("/any", methods=["POST"])
def any_kind():
    payload = request.get_json(force=True)
    return {"n": len(payload["rows"])}
```

References: checked with Flask 3.1 and FastAPI 0.165 (`tests/claims/test_services.py`).

Two examples that each have a README are two programs.

```python good path=chat/ask.py
import requests

requests.post("http://localhost:8000/api/predict", json={"text": "a"})
```

```text + path=chat/README.md
Chat with a server of your own.
```

```python + path=classify/main.py
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()

class Rows(BaseModel):
    rows: list[float]

@app.post("/api/predict")
def predict(rows: Rows):
    return {"label": 1}
```

```text + path=classify/README.md
Classify rows.
```
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.code.requests import asks, body_of, keys, path_of
from deplint.code.services import Route, routes, served_by_others, together

READS = {"json": "JSON", "form": "form", "files": "files"}


@rule(
    "DPL610",
    severity="error",
    leaves=["S.5.2", "S.4.7"],
    see=["https://fastapi.tiangolo.com/tutorial/body/", "https://flask.palletsprojects.com/en/stable/quickstart/#the-request-object"],
)
def route_keys_mismatch(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call, url, method in asks(file):
        path = path_of(url) if method == "POST" else None
        found = [route for route in routes(project) if route.path == path and method in route.methods] if path else []
        if len(found) != 1 or not together(project, file, found[0].file) or call.guarded or served_by_others(project):
            continue
        yield from _whole(call, found[0])
        if "?" in found[0].reads:
            continue
        for kind, sent in _sent(call):
            wanted = found[0].needs.get(kind, set())
            given = keys(sent)
            if given and wanted - given:
                yield _finding(sent, found[0], kind, wanted - given, given)


def _whole(call: Call, route: Route) -> Iterator[Finding]:
    """A body of another kind than the route reads: an object for a list, JSON that is not called so, JSON for an upload."""
    body, files = body_of(call), call.argument("files")
    if body is None or call.open or not files.missing:
        return
    given = keys(body)
    if route.listed and given is not None:
        yield Finding(
            body,
            f"{route.file.path} takes the whole body posted to {route.path} for the list {route.listed!r}, and is sent an object: 422, "
            "Input should be a valid list",
            help=f"send the list itself, or let the handler say {route.listed} = Body(embed=True)",
        )
    elif route.reads == {"files"} and route.needs.get("files"):
        name = sorted(route.needs["files"])[0]
        yield Finding(
            body,
            f"{route.file.path} reads a file, {name!r}, of what is posted to {route.path}, and the request sends JSON: it is refused",
            help=f'files={{"{name}": data}}',
        )
    elif route.reads == {"json"} and route.strict and _unnamed(call):
        yield Finding(
            call,
            f"the JSON posted to {route.path} is not called so, and {route.file.path} reads it with request.get_json(): "
            "415, Did not attempt to load JSON data because the request Content-Type was not 'application/json'",
            help="json=..., which says it, or headers={'Content-Type': 'application/json'}",
        )


def _unnamed(call: Call) -> bool:
    """The body is given as text, and no header says what it is: `requests` and httpx do not guess."""
    session = call.receiver.origin is not None and not call.name.startswith(
        ("requests.post", "requests.request", "httpx.post", "httpx.request")
    )
    return call.argument("json").missing and call.argument("headers").missing and not session


def _sent(call: Call) -> Iterator[tuple[str, Value]]:
    body, files = body_of(call), call.argument("files")
    if body is not None:
        yield "json", body
    if not files.missing:
        yield "files", files


def _finding(sent: Value, route: Route, kind: str, lacking: set[str], given: set[str]) -> Finding:
    names = ", ".join(repr(name) for name in sorted(lacking))
    return Finding(
        sent,
        f"{route.file.path} reads {names} of the {READS[kind]} posted to {route.path}, and the request sends none: it is refused",
        help=f"send {names}" + (f" instead of {', '.join(map(repr, sorted(given)))}" if len(given) == len(lacking) else ""),
    )
