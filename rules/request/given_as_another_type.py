"""A function that is given data in a form it does not take.

A `Booster` of XGBoost predicts for a `DMatrix`: ``TypeError: ('Expecting data to be a DMatrix object, got: ', <class 'numpy.ndarray'>)``.
`cv2.imdecode` wants an array of bytes: ``error: (-5:Bad argument) in function 'imdecode' ... buf is not a numpy array, neither a scalar``.

```python bad
import base64
import cv2
import numpy as np
import xgboost as xgb
from flask import Flask, jsonify, request

app = Flask(__name__)
booster = xgb.Booster()
booster.load_model("model.json")

@app.route("/predict", methods=["POST"])
def predict():
    row = np.array([request.json["features"]], dtype=np.float32)
    right = booster.predict(xgb.DMatrix(row))
    return jsonify({"score": float(booster.predict(row)[0]), "right": float(right[0])})  # <-

@app.route("/picture", methods=["POST"])
def picture():
    raw = base64.b64decode(request.json["image"])
    right = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
    return jsonify({"size": cv2.imdecode(raw, cv2.IMREAD_COLOR).shape[:2], "right": right.shape[:2]})  # <-
```

```python good
import cv2
import numpy as np
import xgboost as xgb

model = xgb.XGBRegressor()
model.load_model("model.json")
model.predict(np.zeros((1, 4), np.float32))
booster = xgb.Booster(model_file="model.json")
booster.predict(load())
cv2.imdecode(np.fromfile("a.png", np.uint8), cv2.IMREAD_COLOR)
```

Bytes are no file, and the body of an event of AWS Lambda is text.

```python bad path=main.py
from fastapi import FastAPI, File, UploadFile
from vision import classify

app = FastAPI()

@app.post("/classify")
async def classify_image(file: UploadFile = File(...)):
    content = await file.read()
    return classify(content)
```

```python + path=vision.py
import torch
from PIL import Image

def classify(content):
    return Image.open(content).size  # <-
```

```python bad path=handler.py
import base64
import io
from PIL import Image

def handler(event, context):
    return Image.open(io.BytesIO(event["body"])).size  # <-

def other(event, context):
    return Image.open(io.BytesIO(base64.b64decode(event["body"]))).size
```

References: `Booster.predict` in `xgboost/core.py`; `imdecode` of OpenCV's Python binding.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.arrays import is_array
from deplint.code.classes import made_as, own_nodes
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.code.values import Truth

BYTES = (
    "base64.{b64decode,standard_b64decode,urlsafe_b64decode}()",
    "flask.request.{get_data,files[].read,files.get().read,stream.read}()",
    "open().read()",
    "io.BytesIO().{read,getvalue}()",
)


@rule(
    "DPL587",
    severity="error",
    leaves=["S.6.3"],
    see=[
        "https://xgboost.readthedocs.io/en/stable/python/python_api.html#xgboost.Booster.predict",
        "https://docs.opencv.org/4.x/d4/da8/group__imgcodecs.html#ga26a67788faa58ade337f8d28ba0eb19e",
        "https://stackoverflow.com/q/17170752",
    ],
)
def given_as_another_type(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls("xgboost.Booster().predict"):
        given = call.argument("data", 0)
        frame = given.is_("pandas.DataFrame()") is Truth.yes
        if not call.guarded and not call.chosen and (frame or is_array(given) or given.items is not None):
            yield Finding(
                call,
                "a Booster predicts for a DMatrix, and is given "
                + ("a DataFrame" if frame else "an array" if given.items is None else "a list")
                + ": TypeError, Expecting data to be a DMatrix object",
                help="booster.predict(xgboost.DMatrix(rows)), or booster.inplace_predict(rows)",
            )
    for call in file.calls("PIL.Image.open", "soundfile.read", "librosa.load"):
        given = call.argument("fp", 0)
        if not call.guarded and not call.chosen and (_bytes(given) or _uploaded(given) or _annotated(call, given)):
            yield Finding(
                call,
                f"{call.name.removeprefix('PIL.')} is given bytes, and takes a path or a file: it looks for a file of that name, "
                "ValueError, embedded null byte, or FileNotFoundError",
                help=f"{call.name.removeprefix('PIL.')}(io.BytesIO(raw))",
            )
    for call in file.calls("io.BytesIO"):
        given = call.argument("initial_bytes", 0)
        if not call.guarded and _event_body(given):
            yield Finding(
                call,
                "the body of an event is text, a picture's in base64: TypeError, a bytes-like object is required, not 'str'",
                help='io.BytesIO(base64.b64decode(event["body"]))',
            )
    for call in file.calls("cv2.imdecode"):
        given = call.argument("buf", 0)
        if not call.guarded and not call.chosen and (_bytes(given) or _uploaded(given) or _annotated(call, given)):
            yield Finding(
                call,
                "imdecode is given bytes, and takes an array of them: cv2.error, buf is not a numpy array, neither a scalar",
                help="cv2.imdecode(numpy.frombuffer(raw, numpy.uint8), ...)",
            )


def _bytes(value: Value) -> bool:
    if value.is_("open().read()") is Truth.yes:
        made = value.origin.receiver.origin if value.origin is not None else None
        return made is not None and "b" in (made.argument("mode", 1).text or "")
    return value.is_(*BYTES) is Truth.yes or (value.name == "flask.request.data" and value.certain)


def _uploaded(value: Value) -> bool:
    """What reading an upload gave, which FastAPI's handlers wait for."""
    return value.names == ["fastapi.File().read()"]


def _annotated(call: Call, given: Value) -> bool:
    """Bytes by what the function it stands in says of its parameters: one of ``bytes``, or what is read of an ``UploadFile``."""
    function = call.functions[-1].node if call.functions else None
    if function is None or isinstance(function, ast.Lambda):
        return False
    kinds = {
        arg.arg: ast.unparse(arg.annotation).rpartition(".")[2]
        for arg in (*function.args.args, *function.args.kwonlyargs)
        if arg.annotation is not None
    }
    nodes = list(own_nodes(function))
    stored = [node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]
    if isinstance(given.node, ast.Name) and given.node.id not in stored:
        return kinds.get(given.node.id) == "bytes"
    made = made_as(given.node, function) if isinstance(given.node, ast.expr) else []
    return len(made) == 1 and any(_reads(made[0], name) for name, kind in kinds.items() if kind == "UploadFile" and name not in stored)


def _reads(node: ast.AST, name: str) -> bool:
    """``await name.read()`` or ``name.file.read()``"""
    return isinstance(node, (ast.Await, ast.Call)) and ast.unparse(node) in (f"await {name}.read()", f"{name}.file.read()")


def _event_body(value: Value) -> bool:
    """``event["body"]`` of a function that AWS Lambda calls with an event and a context."""
    node = value.node
    match node:
        case ast.Subscript(value=ast.Name(id="event"), slice=ast.Constant(value="body")):
            return re.search(r"^def \w+\(event, _?(context|ctx|_)\b", value.file.text, re.M) is not None
    return False
