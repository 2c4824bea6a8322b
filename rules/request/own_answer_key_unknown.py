"""A client that reads a key that the project's own service does not answer with.

What a handler returns is the JSON that the client gets. A name that only one side uses is ``KeyError`` in the client, and the tests of
either side go well.

```python bad path=ui.py
import requests

API = "http://localhost:8000"

def ask(picture):
    response = requests.post(f"{API}/predict", files={"file": picture})
    result = response.json()
    return result["class"], result["probability"]  # <-
```

```python + path=main.py
import torch
from fastapi import FastAPI, UploadFile

app = FastAPI()
net = torch.jit.load("net.pt").eval()

@app.post("/predict")
async def predict(file: UploadFile):
    label, probability = run(await file.read())
    return {"label": label, "probability": probability}
```

Keys that one of several answers has, and answers that nobody can see, are fine.

```python good path=ui.py
import requests

API = "http://localhost:5000"
first = requests.post(f"{API}/predict", json={"x": 1}).json()
print(first["label"], first["error"], first.get("class"))
print(requests.post(f"{API}/other", json={"x": 1}).json()["anything"])
print(requests.post("https://example.com/predict", json={"x": 1}).json()["anything"])
```

```python + path=app.py
import torch
from flask import Flask, jsonify, request

app = Flask(__name__)
net = torch.jit.load("net.pt").eval()

@app.route("/predict", methods=["POST"])
def predict():
    if "x" not in request.json:
        return jsonify(error="x is missing"), 400
    return jsonify({"label": run(request.json["x"])})

@app.route("/other", methods=["POST"])
def other():
    return jsonify(run(request.json["x"]))
```

References: what Flask and FastAPI send is in `tests/claims/test_own_services.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.flow import follow
from deplint.code.python import PythonFile
from deplint.code.replies import replies
from deplint.code.requests import asks, path_of
from deplint.code.services import Route, all_fields_of, response_model, routes, together, whole

DETAIL = frozenset({"detail"})
"""What FastAPI says of its own errors."""
BODY = frozenset({"json", "loads", "text", "content", "decode"})


@rule(
    "DPL137",
    severity="error",
    leaves=["S.6.4"],
    see=["https://fastapi.tiangolo.com/tutorial/response-model/", "https://flask.palletsprojects.com/en/stable/quickstart/#apis-with-json"],
)
def own_answer_key_unknown(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call, url, method in asks(file):
        path = path_of(url)
        if path is None or call.guarded or call.file is not file or whole(project) in (None, file):
            continue
        found = [
            route for route in routes(project) if route.path == path and method in route.methods and together(project, file, route.file)
        ]
        known = _answered(found[0], project) if len(found) == 1 else None
        there = ", ".join(map(repr, sorted((known or DETAIL) - DETAIL)))
        scope = call.functions[-1].node if call.functions else file.shape.tree
        for outer, inner in follow(call.node, scope, _body) if known else ():
            match outer:
                case ast.Subscript(value=value, slice=ast.Constant(value=str(key)), ctx=ast.Load()) if value is inner:
                    if known and key not in known:
                        yield Finding(
                            file.place_of(outer),
                            f"{found[0].file.path} answers at {path} with {there}, and no {key!r}: KeyError",
                            help="read a key that the answer has",
                        )


def _answered(route: Route, project: Project) -> frozenset[str] | None:
    """All keys that a handler may answer with; None if that cannot be told."""
    model = response_model(route)
    if model is not None:
        fields = all_fields_of(project, model.id) if isinstance(model, ast.Name) else None
        return frozenset(fields | DETAIL) if fields else None
    found = list(replies(route))
    if not found or any(reply.keys is None for reply in found):
        return None
    return frozenset(key for reply in found for key in reply.keys or ()) | DETAIL


def _body(outer: ast.AST, inner: ast.AST) -> bool:
    """What is the answer's body still."""
    if isinstance(outer, ast.Attribute):
        return outer.attr in BODY
    if isinstance(outer, ast.Call):
        return (getattr(outer.func, "attr", "") or getattr(outer.func, "id", "")) in BODY
    return False
