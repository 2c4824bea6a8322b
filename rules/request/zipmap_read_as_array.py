"""Probabilities of a converted scikit-learn classifier, read as an array.

skl2onnx ends a classifier with the operator ZipMap unless told otherwise: its second output is a list with a dictionary for each row,
``[{0: 0.9, 1: 0.1}]``. What was written for `predict_proba` fails: ``TypeError: list indices must be integers or slices, not tuple``,
``AttributeError: 'list' object has no attribute 'argmax'``.

```python bad path=serve.py
import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("rf.onnx")

def proba(rows):
    label, probabilities = session.run(None, {"input": np.asarray(rows, dtype=np.float32)})
    return probabilities[:, 1]  # <-
```

```python + path=to_onnx.py
import joblib
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType

model = convert_sklearn(joblib.load("rf.joblib"), initial_types=[("input", FloatTensorType([None, 4]))])
with open("rf.onnx", "wb") as file:
    file.write(model.SerializeToString())
```

```python good path=serve.py
import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("rf.onnx")

def proba(rows):
    label, probabilities = session.run(None, {"input": np.asarray(rows, dtype=np.float32)})
    return [row[1] for row in probabilities], label[0], probabilities[0][1]
```

```python + path=to_onnx.py
import joblib
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType

model = convert_sklearn(joblib.load("rf.joblib"), initial_types=[("input", FloatTensorType([None, 4]))])
with open("rf.onnx", "wb") as file:
    file.write(model.SerializeToString())
```

Told to leave it out, it gives an array. A model of the project shows itself what it ends with.

```python good path=serve.py
import onnxruntime as ort

session = ort.InferenceSession("rf.onnx")

def proba(rows):
    return session.run(None, {"input": rows})[1][:, 1]
```

```python + path=to_onnx.py
import joblib
from skl2onnx import to_onnx

classifier = joblib.load("rf.joblib")
model = to_onnx(classifier, rows, options={id(classifier): {"zipmap": False}})
open("rf.onnx", "wb").write(model.SerializeToString())
```

References: https://onnx.ai/sklearn-onnx/auto_examples/plot_convert_zipmap.html
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.flow import follow
from deplint.code.loaded import model_of
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile

CONVERTS = "skl2onnx.**{convert_sklearn,to_onnx}"
CLASSIFIER = re.compile(r"Classifier|LogisticRegression\b|SVC\b|NB\b|\bclf\b|classifier|proba")
OTHERWISE = re.compile(r"zipmap|\w+Regressor|KMeans|IsolationForest|OneClass|Outlier|Mixture|onnx\.save_model|add_to_graph|helper\.")
"""Code that leaves it out, or whose models have other outputs."""
ARRAY_METHODS = frozenset({"argmax", "max", "min", "astype", "reshape", "squeeze", "tolist", "flatten", "ravel", "shape", "sum", "mean"})


@rule(
    "DPL921",
    severity="error",
    leaves=["S.6.4", "M.6.4"],
    see=[
        "https://onnx.ai/sklearn-onnx/auto_examples/plot_convert_zipmap.html",
    ],
)
def zipmap_read_as_array(file: PythonFile, project: Project) -> Iterator[Finding]:
    seen: set[int] = set()
    for call in file.calls("onnxruntime.InferenceSession().run"):
        asked = call.argument("output_names", 0)
        if call.file is not file or id(call.node) in seen or call.guarded or asked.missing or asked.python() is not None:
            continue
        seen.add(id(call.node))
        used = next(_as_array(call, file), None)
        if used is not None and _maps(call, project):
            yield Finding(
                file.place_of(used),
                "the classifier's second output is a list of dictionaries (ZipMap), and is used as an array: TypeError or AttributeError",
                help='options={id(model): {"zipmap": False}} for skl2onnx, or read [row[1] for row in probabilities]',
            )


def _as_array(call: Call, file: PythonFile) -> Iterator[ast.AST]:
    """Where the second of the outputs is indexed by two, or asked for what arrays have."""
    scope = call.functions[-1].node if call.functions else file.shape.tree
    parts: list[ast.AST] = []
    names: list[str] = []
    for outer, inner in follow(call.node, scope, lambda outer, inner: False):
        if isinstance(outer, ast.Subscript) and outer.value is inner and isinstance(outer.slice, ast.Constant) and outer.slice.value == 1:
            parts.append(outer)
        if isinstance(outer, ast.Assign) and isinstance(outer.targets[0], (ast.Tuple, ast.List)) and len(outer.targets[0].elts) == 2:
            second = outer.targets[0].elts[1]
            names += [second.id] if isinstance(second, ast.Name) else []
    nodes = list(ast.walk(scope))
    for name in names:
        uses = [node for node in nodes if isinstance(node, ast.Name) and node.id == name]
        if sum(isinstance(node.ctx, ast.Store) for node in uses) == 1:
            parts += [node for node in uses if isinstance(node.ctx, ast.Load)]
    for part in parts:
        for outer, inner in follow(part, scope, lambda outer, inner: False):
            indexed = isinstance(outer, ast.Subscript) and outer.value is inner and isinstance(outer.slice, ast.Tuple)
            if indexed or (isinstance(outer, ast.Attribute) and outer.attr in ARRAY_METHODS):
                yield outer


def _maps(call: Call, project: Project) -> bool:
    """The session's model certainly ends in ZipMap: the file says so, or the code that converts it."""
    model = model_of(call.receiver, project)
    if model is not None:
        return any(op.type == "ZipMap" for op in model.graph.ops)
    made = call.receiver.origin
    path = made.argument("path_or_bytes", 0).python(default=True) if made is not None else None
    if made is None or not isinstance(path, str) or project.resolve(path, made) is not None:
        return False
    name = re.compile(rf"(?<![\w.-]){re.escape(posixpath.basename(path))}\b")
    writers = [
        file
        for file in files_with(project, re.compile("skl2onnx"), project.area(call))
        if name.search(file.text) or any(name.search(one.text) for one in file.imports)
    ]
    calls = [one for file in writers for one in file.calls(CONVERTS)]
    loose = [file for file in writers if OTHERWISE.search(file.text)]
    said = any(CLASSIFIER.search(file.text) for file in (*writers, call.file))
    return len(calls) == 1 and not loose and said and calls[0].argument("options").missing and not calls[0].open
