"""Samples that a model, or a server, is given one at a time.

A call costs the same overhead for one row as for many, and processors and graphics cards are fast because they compute
many at once: Keras's `predict` sets up a data pipeline for each call, a request goes over the network. What is already
there as a list goes in one batch.

```python bad
import numpy as np
import requests
from flask import Flask, request
from tensorflow.keras.models import load_model

app = Flask(__name__)
model = load_model("churn.keras")

@app.route("/predict", methods=["POST"])
def predict():
    answers = []
    for row in request.json["rows"]:
        answers.append(model.predict(np.array([row]))[0].tolist())  # <-
    return answers

rows = [[1.0, 2.0], [3.0, 4.0]]
for row in rows:
    requests.post("http://localhost:8501/v1/models/churn:predict", json={"instances": [row]})  # <-
```

```python good
import cv2
import numpy as np
import requests
from flask import Flask, request
from tensorflow.keras.models import load_model

app = Flask(__name__)
model = load_model("churn.keras")

@app.route("/predict", methods=["POST"])
def predict():
    return model.predict(np.array(request.json["rows"])).tolist()

for batch in chunks(read()):
    model.predict(np.array(batch))
    requests.post("http://localhost:8501/v1/models/churn:predict", json={"instances": batch})
capture = cv2.VideoCapture(0)
while True:
    frame = capture.read()[1]
    model.predict(np.array([frame]))
for epsilon in range(10):
    model.predict(np.array([[1.0, 2.0]]))
```

References: https://keras.io/api/models/model_training_apis/#predict-method ("for small numbers of inputs ... directly use __call__()");
https://stackoverflow.com/q/42519010
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.handlers import handler_of, parents
from deplint.code.python import PythonFile
from deplint.code.requests import entry, rest
from deplint.code.shape import walk

PREDICT = "{tensorflow.keras,keras,tf_keras}.**.load_model().predict"


@rule(
    "DPL653",
    severity="info",
    leaves=["S.5.3"],
    see=["https://keras.io/api/models/model_training_apis/#predict-method", "https://stackoverflow.com/q/42519010"],
)
def one_by_one(file: PythonFile) -> Iterator[Finding]:
    found = [(call, call.argument("x", 0), "predict") for call in file.calls(PREDICT) if handler_of(call) is not None]
    for request in rest(file):
        rows = entry(request.body, "instances")
        if rows is not None and rows.exact and rows.items is not None and len(rows.items) == 1:
            found.append((request.call, rows.items[0], "a request"))
    seen: set[object] = set()
    for call, value, what in found:
        if call.node in seen or call.file is not file:
            continue
        scope = call.functions[-1].node if call.functions else file.shape.tree
        loop = _loop(call.node, parents(scope))
        if loop is None or (what == "predict" and not _single(value)):
            continue
        names = {n.id for n in walk(loop.target) if isinstance(n, ast.Name)}
        if any(isinstance(n, ast.Name) and n.id in names for n in walk(call.node)):
            seen.add(call.node)
            yield Finding(call, f"{what} is made for each sample of a list, one after the other", help="put them in one batch")


def _loop(node: ast.AST, above: Mapping[ast.AST, ast.AST]) -> ast.For | ast.comprehension | None:
    """The ``for`` around a call whose elements are at hand: not an endless one, nor one over numbers."""
    while (outer := above.get(node)) is not None:
        if isinstance(outer, (ast.ListComp, ast.GeneratorExp)):
            return outer.generators[0] if isinstance(outer.generators[0].iter, (ast.Name, ast.Attribute, ast.Subscript)) else None
        if isinstance(outer, ast.For):
            return outer if isinstance(outer.iter, (ast.Name, ast.Attribute, ast.Subscript)) else None
        if isinstance(outer, (ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return None
        node = outer
    return None


def _single(value: Value) -> bool:
    """A batch of one: ``np.array([row])``, ``row[None]``, `expand_dims`."""
    operation, made = value.operation, value.origin
    if operation is not None and operation[0] == "[]":
        key = operation[2].python()
        return key is None or key == "numpy.newaxis"
    if made is None or made.name not in ("numpy.expand_dims", "numpy.array", "numpy.asarray"):
        return False
    if made.name == "numpy.expand_dims":
        return bool(made.argument("axis", 1).python() == 0)
    items = made.arguments[0].items if made.arguments and made.arguments[0].exact else None
    return items is not None and len(items) == 1
