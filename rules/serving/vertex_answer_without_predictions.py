"""A service for Vertex AI whose answer is not under ``predictions``.

Vertex AI asks a container of one's own for a JSON object with the list `predictions`, and that is the field of `PredictResponse` that a
client of `endpoint.predict` is given. What stands under another key has no place in it.

```python bad path=app.py
import os
import torch
from fastapi import FastAPI, Request

app = FastAPI()

@app.post(os.environ.get("AIP_PREDICT_ROUTE", "/predict"))
async def predict(request: Request):
    body = await request.json()
    return {"results": model(torch.tensor(body["instances"])).tolist()}  # <-
```

```python good path=app.py
import os
import torch
from fastapi import FastAPI, Request

app = FastAPI()

@app.get(os.environ["AIP_HEALTH_ROUTE"])
def health():
    return {"status": "ok"}

@app.post(os.environ["AIP_PREDICT_ROUTE"])
async def predict(request: Request):
    body = await request.json()
    if "instances" not in body:
        return {"error": "no instances"}, 400
    return {"predictions": model(torch.tensor(body["instances"])).tolist()}
```

The route may be the one that the model is uploaded with. `raw_predict` takes any answer.

```python bad path=app.py
import torch
from flask import Flask, jsonify, request

app = Flask(__name__)

@app.route("/classify", methods=["POST"])
def classify():
    scores = model(torch.tensor(request.get_json()["instances"]))
    return jsonify({"scores": scores.tolist()})  # <-
```

```python + path=upload.py
from google.cloud import aiplatform

aiplatform.Model.upload(
    display_name="fruit",
    serving_container_image_uri="europe-docker.pkg.dev/project/images/fruit:1",
    serving_container_predict_route="/classify",
)
```

```python good path=app.py
import torch
from flask import Flask, jsonify, request

app = Flask(__name__)

@app.route("/classify", methods=["POST"])
def classify():
    scores = model(torch.tensor(request.get_json()["instances"]))
    return jsonify({"scores": scores.tolist()})
```

```python + path=upload.py
from google.cloud import aiplatform

aiplatform.Model.upload(
    display_name="fruit",
    serving_container_image_uri="europe-docker.pkg.dev/project/images/fruit:1",
    serving_container_predict_route="/classify",
)
endpoint.raw_predict(body=b"{}", headers={})
```

References: "Response requirements" in "Custom container requirements for inference", and `PredictResponse`, of Vertex AI's documentation;
the documents say it, nobody here has run it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.classes import FunctionDef, last_name, made_as, returns
from deplint.code.python import PythonFile

ROUTE = "AIP_PREDICT_ROUTE"
UPLOADS = "google.cloud.aiplatform.{Model.upload,models.Model.upload}"
RAW = ("raw_predict", "rawPredict")


@rule(
    "DPL643",
    severity="warning",
    leaves=["S.6.4", "S.3.3"],
    see=[
        "https://docs.cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements#response_requirements",
        "https://cloud.google.com/vertex-ai/docs/reference/rest/v1/PredictResponse",
    ],
)
def vertex_answer_without_predictions(file: PythonFile, project: Project) -> Iterator[Finding]:
    if not any(verb in file.text for verb in (".post(", ".route(")) or "instances" not in file.text:
        return
    told = _uploaded(file, project)
    if any(raw in other.text for other in (file, *told) for raw in RAW):
        return
    paths = {call.argument("serving_container_predict_route").text for other in told for call in other.calls(UPLOADS)}
    for node in file.shape.tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _answers_vertex(node, paths - {None}):
            answers = [(given, _keys(given, node)) for given in returns(node)]
            # An answer that nobody can read, or one good answer: the others are about errors.
            if answers and all(keys is not None and "predictions" not in keys and "error" not in keys for _, keys in answers):
                yield Finding(
                    file.place_of(answers[-1][0]),
                    'the answer has no "predictions": Vertex AI wants {"predictions": [...]} of a container',
                    help='return {"predictions": [...]}, one for each of the instances',
                )


def _uploaded(file: PythonFile, project: Project) -> list[PythonFile]:
    """The files of the project that upload a model to Vertex AI, or ask it."""
    area = project.area(file)
    near = [f for f in project.files if f.suffix in (".py", ".ipynb") and f.path.is_relative_to(area) and "aiplatform" in f.text]
    return [facts for f in near for facts in project.facts(f, PythonFile)]


def _answers_vertex(function: FunctionDef, paths: set[str | None]) -> bool:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and last_name(decorator.func) in ("post", "route") and decorator.args:
            path = decorator.args[0]
            if isinstance(path, ast.Constant) and path.value in paths:
                return True
            if any(isinstance(node, ast.Constant) and node.value == ROUTE for node in ast.walk(path)):
                return True
    return False


def _keys(given: ast.Return, function: FunctionDef) -> set[str] | None:
    """The keys of the object that is returned, as far as it is written there; None if it is made in some other way."""
    made = made_as(given.value, function)
    value = made[0] if len(made) == 1 else None
    while isinstance(value, ast.Call) and last_name(value.func) in ("jsonify", "JSONResponse", "dumps", "Response") and value.args:
        value = value.args[0]
    if isinstance(value, ast.Call) and last_name(value.func) == "jsonify" and not value.args:
        names = {keyword.arg for keyword in value.keywords}
        return None if None in names else {name for name in names if name is not None}
    if not isinstance(value, ast.Dict) or not all(isinstance(key, ast.Constant) and isinstance(key.value, str) for key in value.keys):
        return None
    return {key.value for key in value.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
