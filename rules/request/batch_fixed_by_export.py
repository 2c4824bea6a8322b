"""A batch of as many rows as a request has, for a model that takes one.

An exporter writes the sizes of its example into the model unless it is told which may vary. A service that answers one picture at a time
never notices; with two in a request ONNX Runtime raises ``INVALID_ARGUMENT : Got invalid dimensions for input: pixels for the following
indices index: 0 Got: 2 Expected: 1``, and the TFLite interpreter ``Cannot set tensor: Dimension mismatch. Got 2 but expected 1 for
dimension 0``.

```python bad path=service.py
import numpy as np
import onnxruntime as ort
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
session = ort.InferenceSession("net.onnx")

class Batch(BaseModel):
    items: list[list[float]]

@app.post("/classify")
def classify(batch: Batch):
    pixels = np.stack([np.asarray(i, dtype=np.float32).reshape(3, 224, 224) for i in batch.items])
    return {"labels": session.run(None, {"pixels": pixels})[0].argmax(1).tolist()}  # <-
```

```python + path=export.py
import torch
from net import Net

torch.onnx.export(Net().eval(), torch.zeros(1, 3, 224, 224), "net.onnx", input_names=["pixels"], output_names=["logits"])
```

One by one, with a size that may vary, or where the service takes no more than one, it is right.

```python good path=service.py
import numpy as np
import onnxruntime as ort
from fastapi import FastAPI, HTTPException

app = FastAPI()
session = ort.InferenceSession("net.onnx")
other = ort.InferenceSession("other.onnx")

@app.post("/each")
def each(items: list[list[float]]):
    return [session.run(None, {"pixels": np.asarray([i], dtype=np.float32)})[0].argmax() for i in items]

@app.post("/all")
def all_of(items: list[list[float]]):
    return other.run(None, {"pixels": np.asarray([i for i in items], dtype=np.float32)})[0].argmax(1).tolist()

@app.post("/one")
def one(items: list[list[float]]):
    if len(items) != 1:
        raise HTTPException(400)
    return session.run(None, {"pixels": np.asarray([i for i in items], dtype=np.float32)})[0].argmax(1).tolist()

def helper(items):
    return session.run(None, {"pixels": np.asarray([i for i in items], dtype=np.float32)})
```

```python + path=export.py
import torch
from net import Net

torch.onnx.export(Net().eval(), torch.zeros(1, 4), "net.onnx", input_names=["pixels"], output_names=["logits"])
torch.onnx.export(Net().eval(), torch.zeros(1, 4), "other.onnx", input_names=["pixels"], output_names=["y"], dynamic_axes={"pixels": [0]})
```

References: checked with onnxruntime 1.32 (`tests/claims/test_own_services.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.arrays import batched
from deplint.code.facts import Call, Value
from deplint.code.handlers import handler_of
from deplint.code.library import LITE
from deplint.code.loaded import model_of
from deplint.code.python import PythonFile

INTERPRETER = LITE + "()"


@rule(
    "DPL135",
    severity="error",
    leaves=["S.6.2", "S.2.3"],
    see=[
        "https://docs.pytorch.org/docs/stable/onnx_export.html",
        "https://onnxruntime.ai/docs/api/python/api_summary.html#data-inputs-and-outputs",
    ],
)
def batch_fixed_by_export(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call, name, value in _fed(file):
        if call.guarded or handler_of(call) is None or batched(value) is None or _counted(call):
            continue
        model = model_of(call.receiver, project, written=True)
        inputs = [t for t in model.inputs if t.name == name] or (model.inputs if name is None else []) if model is not None else []
        if model is not None and len(inputs) == 1 and inputs[0].shape and inputs[0].shape[0] == 1:
            yield Finding(
                call,
                f"as many rows are fed as the request has, and the first size of {inputs[0].name!r} in {model.path} is fixed to 1: "
                "with any other number it is refused",
                help="export it with that size left open (dynamic_axes, dynamic_shapes), or run the rows one by one",
            )


def _fed(file: PythonFile) -> Iterator[tuple[Call, str | None, Value]]:
    for call in file.calls("onnxruntime.InferenceSession().run"):
        for name, value in call.argument("input_feed", 1).entries or ():
            yield call, name.text, value
    if not file.calls(INTERPRETER + ".resize_tensor_input"):
        for call in file.calls(INTERPRETER + ".set_tensor"):
            yield call, None, call.argument("value", 1)


def _counted(call: Call) -> bool:
    """The code looks how many there are."""
    return any(
        isinstance(node, ast.Compare) and any(isinstance(part, ast.Call) and _len(part) for part in (node.left, *node.comparators))
        for function in call.functions
        for node in ast.walk(function.node)
    )


def _len(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "len"
