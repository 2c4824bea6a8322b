"""An interpreter of TensorFlow Lite that is used before its tensors are allocated.

The buffers are made by `allocate_tensors()`, once after the interpreter (and again after `resize_tensor_input`). Without it ``ValueError:
Cannot set tensor: Tensor is unallocated. Try calling allocate_tensors() first``, ``RuntimeError: Invoke called on model that is not
ready.``

```python bad
import numpy as np
import tensorflow as tf

interpreter = tf.lite.Interpreter("net.tflite")
interpreter.set_tensor(interpreter.get_input_details()[0]["index"], np.zeros((1, 96, 96, 3), np.float32))  # <-
interpreter.invoke()
```

```python bad
import numpy as np
from tflite_runtime.interpreter import Interpreter

class Batches:
    def __init__(self, path, batch):
        self.interpreter = Interpreter(path)
        self.interpreter.allocate_tensors()
        self.index = self.interpreter.get_input_details()[0]["index"]
        self.interpreter.resize_tensor_input(self.index, [batch, 224, 224, 3])

    def __call__(self, x):
        self.interpreter.set_tensor(self.index, x.astype(np.float32))  # <-
        self.interpreter.invoke()
```

```python good
import numpy as np
from tflite_runtime.interpreter import Interpreter

class Net:
    def __init__(self, path):
        self.interpreter = Interpreter(path)
        self.interpreter.allocate_tensors()

    def __call__(self, x):
        self.interpreter.set_tensor(0, x)
        self.interpreter.invoke()

def prepared(path):
    interpreter = Interpreter(path)
    prepare(interpreter)
    return interpreter

class Batches:
    def __init__(self, path, batch):
        self.interpreter = Interpreter(path)
        self.interpreter.allocate_tensors()
        self.interpreter.resize_tensor_input(0, [batch, 4])
        self.interpreter.allocate_tensors()

    def resize(self, batch):
        self.interpreter.resize_tensor_input(0, [batch, 4])
        self.ready = False

    def __call__(self, x):
        if not self.ready:
            self.interpreter.allocate_tensors()
        self.interpreter.set_tensor(0, x)

Net("net.tflite")(np.zeros((1, 4), np.float32))
interpreter = prepared("net.tflite")
interpreter.invoke()
for size in (1, 2):
    interpreter.resize_tensor_input(0, [size, 4])
    interpreter.allocate_tensors()
    interpreter.set_tensor(0, np.zeros((size, 4), np.float32))
runner = Interpreter("net.tflite").get_signature_runner()
runner(x=np.zeros((1, 4), np.float32))
```

References: executed with ai-edge-litert 2.3 and TensorFlow 2.21 (`tests/claims/test_blind5_tensorflow.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call
from deplint.code.library import LITE
from deplint.code.python import PythonFile
from deplint.code.values import Truth

INTERPRETER = LITE + "()"


@rule(
    "DPL681",
    severity="error",
    leaves=["M.6.2", "S.6.2"],
    see=["https://ai.google.dev/edge/api/tflite/python/tf/lite/Interpreter", "https://stackoverflow.com/q/58893763"],
)
def interpreter_not_allocated(file: PythonFile) -> Iterator[Finding]:
    told: set[int | None] = set()
    for call in file.calls(INTERPRETER + ".{set_tensor,invoke}"):
        made = call.receiver.origin
        if made is None or call.guarded or call.receiver.identity in told or call.receiver.called("get_signature_runner").value:
            continue
        never, resized = call.receiver.never_called("allocate_tensors"), _resized_since(call)
        if never or resized:
            told.add(call.receiver.identity)
            yield Finding(
                call,
                "allocate_tensors() was not called again after resize_tensor_input(): the tensors have no memory, and this raises"
                if resized
                else "allocate_tensors() was not called: the tensors have no memory, and this raises",
                help="interpreter.allocate_tensors()",
            )


def _resized_since(call: Call) -> bool:
    """The input was certainly resized, and nothing allocated the tensors after that: neither did a call further down in the file, which may
    be in the same loop."""
    interpreter = call.receiver
    resizes = interpreter.calls_of("resize_tensor_input")
    if not resizes or not interpreter.certainly_called("resize_tensor_input") or interpreter.escaped is not Truth.no:
        return False
    last = resizes[-1]
    if any(done.node.lineno > last.node.lineno for done in call.file.calls(INTERPRETER + ".allocate_tensors") if done.file is last.file):
        return False
    before = {id(done.node) for done in last.receiver.calls_of("allocate_tensors")}
    return all(id(done.node) in before for done in interpreter.calls_of("allocate_tensors"))
