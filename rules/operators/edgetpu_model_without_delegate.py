"""A model compiled for the Edge TPU, opened by an interpreter without its delegate.

The Edge TPU's compiler puts what it maps into one custom operator and calls the file `..._edgetpu.tflite`. The interpreter alone does not
know that operator: ``RuntimeError: Encountered unresolved custom op: edgetpu-custom-op``.

```python bad
from tflite_runtime.interpreter import Interpreter

MODEL = "models/birds_edgetpu.tflite"

def load(path=MODEL):
    interpreter = Interpreter(model_path=path)  # <-
    interpreter.allocate_tensors()
    return interpreter

load()
```

```python good
from pycoral.utils.edgetpu import make_interpreter
from tflite_runtime.interpreter import Interpreter, load_delegate

interpreter = Interpreter("models/birds_edgetpu.tflite", experimental_delegates=[load_delegate("libedgetpu.so.1")])
other = make_interpreter("models/birds_edgetpu.tflite")
cpu = Interpreter("models/birds.tflite")
```

Whether a delegate is given may depend on the machine.

```python good
from tflite_runtime.interpreter import Interpreter, load_delegate

def load(path="models/birds_edgetpu.tflite", **options):
    return Interpreter(path, **options)

load(experimental_delegates=[load_delegate("libedgetpu.so.1")])
```

References: https://coral.ai/docs/edgetpu/compiler/; https://coral.ai/docs/edgetpu/tflite-python/#update-existing-tf-lite-code-for-the-edge-tpu
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.library import LITE
from deplint.code.python import PythonFile


@rule(
    "DPL888",
    severity="error",
    leaves=["M.6.4", "M.4.4"],
    see=["https://coral.ai/docs/edgetpu/tflite-python/", "https://github.com/google-coral/edgetpu/issues/117"],
)
def edgetpu_model_without_delegate(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(LITE):
        paths = [path for path in (call.argument("model_path", 0).python(default=True),) if isinstance(path, str)]
        if call.open or call.guarded or not call.argument("experimental_delegates").missing:
            continue
        if paths and paths[0].endswith("_edgetpu.tflite"):
            yield Finding(
                call,
                f"{paths[0]} is compiled for the Edge TPU, and the interpreter is given no delegate: RuntimeError, unresolved custom op "
                "edgetpu-custom-op",
                help='experimental_delegates=[load_delegate("libedgetpu.so.1")], or the model before it was compiled',
            )
