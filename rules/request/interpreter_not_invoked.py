"""The output of a TensorFlow Lite interpreter that is read though nothing ran.

`set_tensor` puts the input into place, `invoke()` computes. Without it the output holds what was in the memory: zeros after the first
allocation, the answer to the input before later on, and no error.

```python bad
import numpy as np
from tflite_runtime.interpreter import Interpreter

class Gesture:
    def __init__(self, path):
        self.interpreter = Interpreter(model_path=path)
        self.interpreter.allocate_tensors()
        self.input_index = self.interpreter.get_input_details()[0]["index"]
        self.output = self.interpreter.get_output_details()[0]

    def predict(self, x):
        self.interpreter.set_tensor(self.input_index, x.astype(np.float32))
        return self.interpreter.get_tensor(self.output["index"])[0]  # <-
```

```python good
import threading
import numpy as np
import tensorflow as tf

class Gesture:
    def __init__(self, path):
        self.interpreter = tf.lite.Interpreter(model_path=path)
        self.interpreter.allocate_tensors()
        self.inputs = self.interpreter.get_input_details()
        self.outputs = self.interpreter.get_output_details()

    def run(self, x):
        self.interpreter.set_tensor(self.inputs[0]["index"], x)
        self.interpreter.invoke()

    def result(self):
        return self.interpreter.get_tensor(self.outputs[0]["index"])

    def seen(self, x):
        self.interpreter.set_tensor(self.inputs[0]["index"], x)
        return self.interpreter.get_tensor(self.inputs[0]["index"])

    def scored(self, x):
        self.run(x)
        return self.interpreter.get_tensor(self.outputs[0]["index"])
```

References: executed with TensorFlow 2.21 (`tests/claims/test_export_families_tensorflow.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.library import LITE
from deplint.code.python import PythonFile

INTERPRETER = LITE + "()"
_HANDED_ON = re.compile(r"\.invoke\b(?!\()")


@rule(
    "DPL971",
    severity="error",
    leaves=["M.6.4", "S.6.4"],
    see=["https://ai.google.dev/edge/api/tflite/python/tf/lite/Interpreter#invoke"],
)
def interpreter_not_invoked(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(INTERPRETER + ".get_tensor"):
        interpreter = call.receiver
        index = call.argument("tensor_index", 0).name
        if call.file is not file or call.guarded or ".get_output_details()" not in index or _HANDED_ON.search(file.text):
            continue
        if interpreter.certainly_called("set_tensor") and interpreter.never_called("invoke"):
            yield Finding(
                call,
                "invoke() was not called since the input was set: the output is not computed from it",
                help="interpreter.invoke() between set_tensor and get_tensor",
            )
