"""A TFLite model with a custom operator that nobody registers a kernel for.

With `allow_custom_ops` the converter writes whatever it cannot express into the model as a custom operator, and says
nothing. The runtime then looks for a kernel of that name and stops: ``Encountered unresolved custom op: Erfinv``. A few
custom operators have kernels in every runtime (`TFLite_Detection_PostProcess`), some in MediaPipe, those named `Flex...`
in the Flex delegate (DPL304); all others have to be registered by the app.

```graph bad path=net.tflite
model tflite
graph main
  input x float32[1,8]
  op custom.Erfinv@1 (x) -> (y float32[1,8])  <-
  output y float32[1,8]
```

```python + path=run.py
import tensorflow as tf

interpreter = tf.lite.Interpreter(model_path="net.tflite")
interpreter.allocate_tensors()
```

```graph good path=net.tflite
model tflite
graph main
  input x float32[1,8]
  op custom.Erfinv@1 (x) -> (y float32[1,8])
  output y float32[1,8]
```

```python + path=run.py
from tensorflow.lite.python.interpreter import InterpreterWithCustomOps

interpreter = InterpreterWithCustomOps(custom_op_registerers=["RegisterErfinv"], model_path="net.tflite")
interpreter.allocate_tensors()
```

An operator that some runtime has a kernel for needs nothing.

```graph good path=app/src/main/assets/detect.tflite
model tflite
graph main
  input x float32[1,8]
  op custom.TFLite_Detection_PostProcess@1 (x) -> (y float32[1,8])
  output y float32[1,8]
```

```gradle + path=app/build.gradle
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.16.1'
}
```

Nor is anything said of a model that nobody is seen to load.

```graph good path=net.tflite
model tflite
graph main
  input x float32[1,8]
  op custom.Erfinv@1 (x) -> (y float32[1,8])
  output y float32[1,8]
```

References: checked with ai-edge-litert 2.3 and TensorFlow 2.21 (`tests/claims/test_tflite_operators.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.data import load

from . import GRADLE, carriers, provided

REGISTERED = (
    r"AddCustom|OpResolver|(?i:custom_?op_?register)|InterpreterWithCustomOps|load_delegate|addDelegate\(\s*(?!.*(?:[Gg]pu|[Nn]n[Aa]pi))|"
    r"(?i:mediapipe)|tensorflow-lite-task|TensorFlowLiteTask"
)
"""What code looks like that brings kernels of its own, or a library that does."""

CODE = (
    ".py",
    ".ipynb",
    ".c",
    ".cc",
    ".cpp",
    ".cxx",
    ".h",
    ".hpp",
    ".m",
    ".mm",
    ".swift",
    ".rs",
    ".go",
    ".dart",
    ".bzl",
    ".txt",
    "",
    *GRADLE,
)


@rule(
    "DPL305",
    severity="error",
    leaves=["M.3.3"],
    see=["https://ai.google.dev/edge/litert/conversion/tensorflow/ops_custom"],
)
def custom_op_not_registered(model: Model, project: Project) -> Iterator[Finding]:
    if model.format != "tflite":
        return
    known = {row["name"] for row in load("tflite_custom_kernels")["rows"]}
    found = [(graph, op) for graph, op in model.ops() if op.domain == "custom" and op.type not in known and not op.type.startswith("Flex")]
    carrier = next(carriers(model, project), None) if found else None
    if carrier is None or provided(project, carrier.call or model, REGISTERED, *CODE):
        return
    for graph, op in found:
        yield Finding(
            model.at(graph, op),
            f"{carrier.words}, but the project registers no kernel for its custom operator {op.type}: it cannot be loaded",
            help="express it with built-in operators, or register a kernel of that name before the model is loaded",
        )
