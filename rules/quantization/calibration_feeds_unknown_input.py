"""A calibration that feeds inputs the model does not have.

`quantize_static` runs the model on each dictionary that the reader's `get_next` gives. Its keys are names of inputs, and another is
refused: ``ValueError: Required inputs (['pixel_values']) are missing from input feed (['input'])``.

```python bad path=quantize.py
import numpy as np
from onnxruntime.quantization import CalibrationDataReader, quantize_static

class Reader(CalibrationDataReader):
    def __init__(self, path):
        self.batches = np.load(path)
        self.at = 0

    def get_next(self):
        if self.at >= len(self.batches):
            return None
        self.at += 1
        return {"input": self.batches[self.at - 1 : self.at]}

quantize_static("net.onnx", "net.int8.onnx", Reader("batches.npy"))  # <-
```

```python + path=export.py
import torch
from model import net

torch.onnx.export(net, torch.zeros(1, 3, 224, 224), "net.onnx", input_names=["pixel_values"], output_names=["scores"])
```

The name may be asked for, or given from outside; another exporter may call inputs as it likes.

```python good path=quantize.py
import numpy as np
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, quantize_static

class Reader(CalibrationDataReader):
    def __init__(self, path, name):
        self.batches = iter([{name: np.load(path)}])

    def get_next(self):
        return next(self.batches, None)

class Named(CalibrationDataReader):
    def __init__(self, path):
        self.batches = iter([{"pixel_values": np.load(path)}])

    def get_next(self):
        return next(self.batches, None)

name = onnxruntime.InferenceSession("net.onnx").get_inputs()[0].name
quantize_static("net.onnx", "a.onnx", Reader("batches.npy", name))
quantize_static("net.onnx", "b.onnx", Named("batches.npy"))
quantize_static("elsewhere.onnx", "c.onnx", Reader("batches.npy", "input"))
```

```python + path=export.py
import torch
from model import net

torch.onnx.export(net, torch.zeros(1, 3, 224, 224), "net.onnx", input_names=["pixel_values"], output_names=["scores"])
torch.onnx.export(net, torch.zeros(1, 3, 224, 224), "elsewhere.onnx", verbose=True)
```

References: `collect_data` in `onnxruntime/quantization/calibrate.py`; executed with onnxruntime 1.32 (`tests/claims/test_calibration.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.exported import exported
from deplint.code.facts import Call, Value
from deplint.code.loaded import model_at
from deplint.code.python import PythonFile


@rule(
    "DPL670",
    severity="error",
    leaves=["S.2.5", "M.2.6"],
    see=[
        "https://github.com/microsoft/onnxruntime/blob/v1.22.0/onnxruntime/python/tools/quantization/calibrate.py",
        "https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html#static-quantization",
    ],
)
def calibration_feeds_unknown_input(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("onnxruntime.quantization.{**.,}quantize_static"):
        path, fed = call.argument("model_input", 0).text, _fed(call.argument("calibration_data_reader", 2))
        if call.guarded or not fed:
            continue
        model = model_at(path, call, project) or exported(project, path, call)
        names = [tensor.name for tensor in model.inputs] if model is not None else []
        if names and not fed & set(names):
            yield Finding(
                call,
                f"{_class(call)} feeds {', '.join(map(repr, sorted(fed)))}, and the model {path} has no such input: calibration raises",
                help=f"its inputs are: {', '.join(map(repr, names))}",
            )


def _class(call: Call) -> str:
    reader = call.argument("calibration_data_reader", 2).project_class
    return reader.name if reader is not None else "the reader"


def _fed(reader: Value) -> set[str]:
    """The names that a reader of the project feeds; empty if they are not all known."""
    given = reader.returned("get_next") if reader.project_class is not None else None
    names: set[str] = set()
    for option in given.options if given is not None else ():
        if option.certain and option.python() is None:
            continue
        keys = [key.text for key, _ in option.entries or ()]
        if not keys or None in keys:
            return _written(reader)
        names |= {key for key in keys if key}
    return names


def _written(reader: Value) -> set[str]:
    """The names in the only dictionary that the reader's class writes with anything computed in it; empty if one is no constant."""
    node = reader.project_class
    shown = [n for n in ast.walk(node) if isinstance(n, ast.Dict)] if node is not None else []
    keys = shown[0].keys if len(shown) == 1 else []
    texts = [key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else "" for key in keys]
    stores = any(isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) for n in ast.walk(node)) if node is not None else True
    return set(texts) if texts and all(texts) and not stores else set()
