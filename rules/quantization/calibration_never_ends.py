"""A calibration reader for ONNX Runtime that always has another batch.

`quantize_static` asks `get_next` until it gives None. A reader that starts again at its end, or gives the same batch each time, is asked
for ever: memory grows with the outputs that are collected, until the process is killed. One whose list just ends raises instead
(`IndexError`, `StopIteration`).

```python bad
import numpy as np
from onnxruntime.quantization import CalibrationDataReader, quantize_static

class Batches(CalibrationDataReader):
    def __init__(self, batches):
        self.batches = batches
        self.at = 0

    def get_next(self):  # <-
        batch = self.batches[self.at % len(self.batches)]
        self.at += 1
        return {"x": batch}

quantize_static("net.onnx", "net.int8.onnx", Batches(np.load("batches.npy")))
```

```python good
import numpy as np
from onnxruntime.quantization import CalibrationDataReader, quantize_static

class Batches(CalibrationDataReader):
    def __init__(self, batches):
        self.batches = iter([{"x": batch} for batch in batches])

    def get_next(self):
        return next(self.batches, None)

class Counted(CalibrationDataReader):
    def __init__(self, batches):
        self.batches, self.at = batches, 0

    def get_next(self):
        self.at += 1
        if self.at <= len(self.batches):
            return {"x": self.batches[self.at - 1]}

class Nothing(CalibrationDataReader):
    def __init__(self, batches):
        self.batches = batches

    def get_next(self):
        batch = self.batches.pop() if self.batches else None
        return {"x": batch} if batch is not None else None

quantize_static("net.onnx", "net.int8.onnx", Batches(np.load("batches.npy")))
```

References: `collect_data` in `onnxruntime/quantization/calibrate.py`; executed with onnxruntime 1.32 (`tests/claims/test_calibration.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.classes import FunctionDef, derived, made_as, method, own_nodes, returns
from deplint.code.python import PythonFile


@rule(
    "DPL143",
    severity="error",
    leaves=["S.2.5", "M.2.6"],
    see=[
        "https://github.com/microsoft/onnxruntime/blob/v1.22.0/onnxruntime/python/tools/quantization/calibrate.py",
        "https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html#static-quantization",
    ],
)
def calibration_never_ends(file: PythonFile) -> Iterator[Finding]:
    if "CalibrationDataReader" not in file.text:
        return
    for cls in derived(file, "onnxruntime.quantization.**.CalibrationDataReader"):
        function = method(cls, "get_next")
        if function is not None and function in cls.node.body and "get_next" not in cls.overridden and _always(function):
            yield Finding(
                file.place_of(function),
                "get_next never gives None, which is how calibration ends: it goes on until memory runs out, or the data's end raises",
                help="return None after the last batch: next(self.batches, None)",
            )


def _always(function: FunctionDef) -> bool:
    """Every way out of the function gives a dictionary that is written there and holds something."""
    given = returns(function)
    ends = bool(given) and isinstance(function.body[-1], ast.Return)
    rescued = any(isinstance(node, (ast.Try, ast.Raise)) for node in own_nodes(function))
    made = [made_as(node.value, function) for node in given]
    return ends and not rescued and all(each and all(isinstance(one, ast.Dict) and one.keys for one in each) for each in made)
