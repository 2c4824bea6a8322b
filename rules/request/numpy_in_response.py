"""A service that answers with NumPy's numbers or arrays.

`jsonify`, FastAPI and `json` know Python's numbers. A model's output is an array, an element of it a ``numpy.float32``,
what `argmax` gives a ``numpy.int64``: ``TypeError: Object of type float32 is not JSON serializable``, and in FastAPI
``ValueError: [TypeError("'numpy.float32' object is not iterable") ...``. Every request ends in status 500.

```python bad
import numpy as np
from flask import Flask, jsonify
from tensorflow.keras.models import load_model

app = Flask(__name__)
model = load_model("flowers.keras")

@app.route("/predict", methods=["POST"])
def predict():
    scores = model.predict(read())[0]
    best = np.argmax(scores)
    return jsonify({"class": best, "score": round(scores[best] * 100, 2)})  # <- the class, and the score
```

```python bad
import numpy as np
import torch
from fastapi import FastAPI

app = FastAPI()

def answer(x):
    scores = np.asarray(x)
    return {"best": np.argmax(scores)}

@app.post("/predict")
def predict(row: list[float]):
    return answer(row)  # <- what it returns is what is sent
```

```python good
import numpy as np
from fastapi import FastAPI
from flask import Flask, jsonify
from tensorflow.keras.models import load_model

app = Flask(__name__)
api = FastAPI()
model = load_model("flowers.keras")
CLASSES = ["daisy", "rose"]

@app.route("/predict", methods=["POST"])
def predict():
    scores = model.predict(read())[0]
    best = np.argmax(scores)
    return jsonify({"class": CLASSES[best], "score": float(scores[best]), "all": scores.tolist(), "index": int(best)})

@api.post("/predict", response_model=Answer)
def answer():
    return {"best": np.argmax(model.predict(read()))}

@api.post("/other")
def other():
    scores = model.predict(read())
    scores = scores.tolist()
    return {"scores": scores, "text": f"{np.argmax(scores)}", "mean": np.float64(1)}
```

What is computed of a session's output is NumPy's too, wherever in the project that is done.

```python bad path=app.py
import numpy as np
from fastapi import FastAPI
from classifier import Classifier

app = FastAPI()
classify = Classifier("net.onnx")

@app.post("/predict")
def predict(pixels: list[float]):
    label, score = classify(np.asarray(pixels, np.float32).reshape(1, 3, 8, 8))
    return {"label": label, "score": score}  # <-

@app.post("/number")
def number(pixels: list[float]):
    label, score = classify(np.asarray(pixels, np.float32).reshape(1, 3, 8, 8))
    return {"label": label, "score": float(score)}
```

```python + path=classifier.py
import numpy as np
import onnxruntime as ort

LABELS = ["cat", "dog"]

def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

class Classifier:
    def __init__(self, path):
        self.session = ort.InferenceSession(path)

    def __call__(self, batch):
        scores = softmax(self.session.run(None, {"x": batch})[0])[0]
        top = int(np.argmax(scores))
        return LABELS[top], scores[top]
```

An output itself may hold texts, or be a list of dictionaries; where the code that exports the network is there, it does not.

```python bad path=app.py
import numpy as np
import onnxruntime as ort
from flask import Flask, jsonify, request

app = Flask(__name__)
session = ort.InferenceSession("price.onnx")
forest = ort.InferenceSession("forest.onnx")

@app.route("/price", methods=["POST"])
def price():
    row = np.array([request.json["row"]], dtype=np.float32)
    return jsonify({"price": session.run(None, {"x": row})[0][0][0]})  # <-

@app.route("/kind", methods=["POST"])
def kind():
    row = np.array([request.json["row"]], dtype=np.float32)
    return jsonify({"kind": forest.run(None, {"x": row})[0][0]})
```

```python + path=export.py
import torch
from net import Net

torch.onnx.export(Net().eval(), torch.randn(1, 4), "price.onnx", input_names=["x"], output_names=["y"])
```

AWS Lambda makes JSON of what a handler returns: ``Runtime.MarshalError: Unable to marshal response``.

```python bad
import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("net.onnx")

def lambda_handler(event, context):
    scores = session.run(None, {"x": np.array([event["values"]], dtype=np.float32)})[0]
    return {"best": scores[0].argmax()}  # <-
```

Tensors are as foreign to Flask.

```python bad
import torch
from flask import Flask, jsonify

app = Flask(__name__)
net = torch.jit.load("net.pt").eval()

@app.route("/predict", methods=["POST"])
def predict():
    with torch.inference_mode():
        scores = net(read()).softmax(1)[0]
    return jsonify({"class": scores.argmax(), "scores": scores.tolist()})  # <-
```

An encoder of one's own may know them.

```python good
import numpy as np
from flask import Flask, jsonify
from numpyencoder import NumpyEncoder

app = Flask(__name__)
app.json_encoder = NumpyEncoder

@app.route("/predict")
def predict():
    return jsonify({"class": np.argmax(read())})
```

What FastAPI hands the handler is what the function in `Depends` gives.

```python bad path=main.py
from typing import Annotated
from fastapi import Depends, FastAPI, UploadFile
from classifier import Leaves, leaves, scorer

app = FastAPI()
Model = Annotated[Leaves, Depends(leaves)]

@app.post("/classify")
def classify(file: UploadFile, model: Leaves = Depends(leaves)):
    result = model.classify(file.file.read())
    result["filename"] = file.filename
    return result  # <-

@app.post("/best")
async def best(file: UploadFile, model: Model):
    return model.classify(await file.read())  # <-

@app.post("/score")
def score(file: UploadFile, model=Depends(scorer)):
    return {"score": model.score(file.file.read())}  # <-

@app.post("/own")
def own(file: UploadFile, model: Leaves = Depends(Leaves)):
    return {"plain": model.plain(file.file.read()), "all": model.classify(file.file.read())}  # <-

@app.post("/plain")
def plain(file: UploadFile, model: Model):
    return {"score": model.plain(file.file.read())}
```

```python + path=classifier.py
from functools import lru_cache
import numpy as np
import tensorflow as tf

class Leaves:
    def __init__(self, path="leaf.h5"):
        self.model = tf.keras.models.load_model(path)

    def classify(self, content):
        scores = self.model.predict(np.frombuffer(content)[None])[0]
        return {"label": int(np.argmax(scores)), "confidence": scores[0]}

    def score(self, content):
        return self.model.predict(np.frombuffer(content)[None])[0][0]

    def plain(self, content):
        return float(self.score(content))

@lru_cache(maxsize=1)
def leaves() -> Leaves:
    return Leaves()

def scorer():
    model = Leaves("score.h5")
    yield model
```

References: checked with Flask 3.1, FastAPI 0.165 and NumPy 2 (`tests/claims/test_services.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.arrays import computed
from deplint.code.exported import exported
from deplint.code.facts import Call, Value, unique
from deplint.code.handlers import VERBS, Scope, parents, sites
from deplint.code.python import PythonFile
from deplint.code.values import Truth

KERAS = "{tensorflow.keras,keras,tf_keras}.**().predict"
NUMBERS = (KERAS, "numpy.argmax", "numpy.**().argmax", KERAS + "().{argmax,max}")
"""Calls that give float32 or int64, numbers or arrays of them."""
TENSORS = ("torch.{load,jit.load,nn.Module}()", "torchvision.models.**()", "torch.{softmax,argmax,sigmoid,nn.functional.softmax}")
"""Calls that give tensors, of which Flask knows nothing either."""
SAME_KIND = frozenset({"softmax", "sigmoid", "argmax", "max", "squeeze", "flatten", "cpu", "detach", "numpy", "mean", "round"})
"""Methods of an array or tensor that give another."""
LARGEST = "numpy.{max,amax,squeeze}"
"""Give what they are given."""
ARRAYS = (
    "numpy.{asarray,expand_dims,stack,concatenate,vstack,hstack}",
    "{joblib,pickle}.load().predict",
    "onnxruntime.InferenceSession().run",
)
"""Calls that give arrays whose elements may be anything."""
SINKS = ("flask.jsonify", "{fastapi,starlette}.responses.JSONResponse", "django.http.JsonResponse")
DEPTH = 4
ENCODER = re.compile(r"[eE]ncoder|JSONProvider|orjson|ORJSON|simplejson|ujson|UJSON")


@rule(
    "DPL614",
    severity="error",
    leaves=["S.6.4", "S.5.2"],
    see=["https://flask.palletsprojects.com/en/stable/api/#flask.json.jsonify", "https://fastapi.tiangolo.com/tutorial/encoder/"],
)
def numpy_in_response(file: PythonFile, project: Project) -> Iterator[Finding]:
    if ENCODER.search(file.text) or not re.search(r"flask|fastapi|JsonResponse|lambda_handler", file.text):
        return
    sinks = {id(call.node) for call in file.calls(*SINKS)}
    started = [(call, True) for call in file.calls(*NUMBERS)] + [(call, False) for call in file.calls(*ARRAYS)]
    started += [(call, True) for call in file.calls(*TENSORS)] if "flask" in file.text else []
    started += [(call, True) for call in file.calls(LARGEST) if _of_keras(call.argument("a", 0))]
    seen: dict[int, Finding] = {}
    for call in unique(iter([call for call, _ in started])):
        numbers = next(numbers for other, numbers in started if other is call)
        if call.file is not file or call.guarded:
            continue
        for end in _ends(call, call.node, len(call.functions) - 1, sinks, numbers):
            seen.setdefault(
                id(end),
                Finding(
                    file.place_of(end),
                    f"the answer holds what {call.name.replace('()', '')} gives, a number or array of {_library(call)}: "
                    "it is not JSON serializable",
                    help="convert it: float(...), int(...) or .tolist()",
                ),
            )
    for end, value in _answered(file):
        kind = _foreign(value, project)
        if kind and id(end) not in seen:
            seen[id(end)] = Finding(
                file.place_of(end),
                f"the answer holds {kind} or an array that NumPy computed of the model's output: it is not JSON serializable",
                help="convert it: float(...), int(...) or .tolist()",
            )
    yield from seen.values()


def _answered(file: PythonFile) -> Iterator[tuple[ast.AST, Value]]:
    """What is made JSON, and where."""
    for call in file.calls(*SINKS):
        if call.file is file and not call.guarded:
            for value in (*call.arguments[: 1 if "jsonify" not in call.name else None], *call.keywords.values()):
                yield call.node, value
    for given in file.returns():
        function = given.functions[-1].node
        marshalled = getattr(function, "name", "") == "lambda_handler"
        if not given.guarded and (marshalled or _answers(function, given.value.items is not None)):
            yield given.node, given.value


def _foreign(value: Value, project: Project, depth: int = 0) -> str:
    """What JSON cannot hold of a value, in words; empty if nothing certainly is."""
    kind = computed(value, lambda output: _exported(output, project))
    if kind:
        return f"a numpy.{kind}"
    inner = value.items if depth < DEPTH and value.exact else None
    return next((kind for item in inner or () if (kind := _foreign(item, project, depth + 1))), "")


def _exported(output: Value, project: Project) -> bool:
    """PyTorch's exporter writes the model that gave it: its outputs are tensors, mostly of float32."""
    while (operation := output.operation) is not None and operation[0] == "[]":
        output = operation[1]
    made = output.origin
    session = made.receiver.origin if made is not None else None
    path = session.argument("path_or_bytes", 0).python(default=True) if session is not None else None
    return session is not None and isinstance(path, str) and exported(project, path, session) is not None


def _library(call: Call) -> str:
    return "PyTorch" if call.name.startswith("torch") else "NumPy"


def _of_keras(value: Value) -> bool:
    while (operation := value.operation) is not None and operation[0] == "[]":
        value = operation[1]
    return value.is_(KERAS + "()") is Truth.yes


def _ends(call: Call, node: ast.AST, depth: int, sinks: set[int], numbers: bool, held: bool = False, steps: int = 0) -> Iterator[ast.AST]:
    """The answers of a service that `node`, seen in the function at `depth`, becomes part of as it is. `numbers` says that its elements
    are no Python numbers either, `held` that it is within a list or dictionary."""
    if depth < 0 or steps > 20:
        return
    function = call.functions[depth]
    above = parents(function.node)
    while True:
        outer = above.get(node)
        if isinstance(outer, ast.Call):
            if id(outer) in sinks and node is not outer.func:
                yield outer
                return
            rounds = isinstance(outer.func, ast.Name) and outer.func.id == "round" and len(outer.args) == 2 and node is outer.args[0]
            if not rounds or not numbers or held:
                return
        elif isinstance(outer, ast.Subscript):
            if node is not outer.value or held or not numbers:
                return
        elif isinstance(outer, (ast.Dict, ast.List, ast.Tuple)):
            held = True
        elif isinstance(outer, ast.keyword):
            pass
        elif isinstance(outer, ast.Attribute):
            method = above.get(outer)
            if not numbers or held or outer.attr not in SAME_KIND or not isinstance(method, ast.Call) or method.func is not outer:
                return
            outer = method
        elif isinstance(outer, ast.BinOp):
            if held or not numbers:
                return
        elif isinstance(outer, ast.Return):
            if _answers(function.node, held):
                yield outer
            elif depth:
                for site in sites(call.functions[depth - 1].node, function):
                    yield from _ends(call, site, depth - 1, sinks, numbers and not held, held, steps + 1)
            return
        elif isinstance(outer, ast.Assign) and len(outer.targets) == 1 and isinstance(target := outer.targets[0], ast.Name):
            named = [n for n in above if isinstance(n, ast.Name) and n.id == target.id]
            if sum(isinstance(n.ctx, ast.Store) for n in named) == 1:
                for name in named:
                    if isinstance(name.ctx, ast.Load):
                        yield from _ends(call, name, depth, sinks, numbers, held, steps + 1)
            return
        else:
            return
        node = outer


def _answers(function: Scope, held: bool) -> bool:
    """Does what the function returns become JSON as it is? In Flask only a dictionary or list does."""
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or function.returns is not None:
        return False
    for decorator in function.decorator_list:
        match decorator:
            case ast.Call(func=ast.Attribute(attr=verb), args=[ast.Constant(value=str(path)), *_], keywords=keywords):
                if verb in VERBS and path.startswith("/"):
                    return (held or verb != "route") and all(k.arg not in ("response_model", "response_class") for k in keywords)
    return False
