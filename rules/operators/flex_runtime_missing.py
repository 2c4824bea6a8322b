"""A TFLite model with TensorFlow's own operators, shipped without the runtime for them.

Converted with `SELECT_TF_OPS`, a model holds operators named `Flex...`. They run in the Flex delegate, which is a library
of its own: `tensorflow-lite-select-tf-ops` for Android, `TensorFlowLiteSelectTfOps` for iOS. Without it loading stops:
``Select TensorFlow op(s), included in the given model, is(are) not supported by this interpreter. Make sure you
apply/link the Flex delegate before inference.`` The Python packages `ai_edge_litert` and `tflite_runtime` never had it,
and TensorFlow's own wheel has none since 2.20.

```graph bad path=app/src/main/assets/net.tflite
model tflite
graph main
  input x float32[1,8]
  op custom.FlexErf@1 (x) -> (y float32[1,8])  <-
  output y float32[1,8]
```

```gradle + path=app/build.gradle
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.16.1'
}
```

```graph good path=app/src/main/assets/net.tflite
model tflite
graph main
  input x float32[1,8]
  op custom.FlexErf@1 (x) -> (y float32[1,8])
  output y float32[1,8]
```

```gradle + path=app/build.gradle
dependencies {
    implementation 'org.tensorflow:tensorflow-lite:2.16.1'
    implementation 'org.tensorflow:tensorflow-lite-select-tf-ops:2.16.1'
}
```

A model that only a script names is loaded by that script.

```graph bad path=net.tflite
model tflite
graph main
  input x float32[1,8]
  op custom.FlexErf@1 (x) -> (y float32[1,8])  <-
  output y float32[1,8]
```

```python + path=run.py
from ai_edge_litert.interpreter import Interpreter

interpreter = Interpreter(model_path="net.tflite")
interpreter.allocate_tensors()
```

Up to TensorFlow 2.19 its interpreter could; and nothing is said of a model that nobody is seen to load.

```graph good path=net.tflite
model tflite
graph main
  input x float32[1,8]
  op custom.FlexErf@1 (x) -> (y float32[1,8])
  output y float32[1,8]
```

```python + path=run.py
import tensorflow as tf

interpreter = tf.lite.Interpreter("net.tflite")
interpreter.allocate_tensors()
```

```requirements + path=requirements.txt
tensorflow==2.19.0
```

References: checked with ai-edge-litert 2.3 and TensorFlow 2.21 (`tests/claims/test_tflite_operators.py`);
TensorFlow 2.20: https://github.com/google-ai-edge/LiteRT/issues/6458.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule

from . import GRADLE, SHOWN, Carrier, carriers, mentioned

REMEDY = {
    "android": "add org.tensorflow:tensorflow-lite-select-tf-ops in the runtime's version",
    "ios": "add pod 'TensorFlowLiteSelectTfOps' in the runtime's version and -force_load it",
    "python": "run it with TensorFlow before 2.20, whose interpreter has the Flex delegate",
}


@rule(
    "DPL304",
    severity="error",
    leaves=["M.3.3"],
    see=["https://ai.google.dev/edge/litert/conversion/tensorflow/ops_select", "https://github.com/google-ai-edge/LiteRT/issues/6458"],
)
def flex_runtime_missing(model: Model, project: Project) -> Iterator[Finding]:
    if model.format != "tflite":
        return
    found = [(graph, op) for graph, op in model.ops() if op.domain == "custom" and op.type.startswith("Flex")]
    if not found:
        return
    names = sorted({op.type for _, op in found})
    shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
    for carrier in carriers(model, project):
        if not _has_flex(carrier, project):
            for graph, op in found:
                yield Finding(
                    model.at(graph, op),
                    f"the model needs the Flex delegate ({shown}), but {carrier.words} alone: it cannot be loaded",
                    help=f"{REMEDY[carrier.kind]}, or convert with built-in operators only",
                )


def _has_flex(carrier: Carrier, project: Project) -> bool:
    """The Flex delegate is, or may be, part of what runs the model."""
    if carrier.kind == "android":
        return mentioned(project, carrier.root, r"(?i)select[-_.]?tf[-_.]?ops|flex[-_]?delegate|lite_flex", *GRADLE) is not None
    if carrier.kind == "ios":
        return mentioned(project, carrier.root, "SelectTfOps", "", ".rb", ".podspec") is not None
    call = carrier.call
    # What nobody pins may be any version.
    return call is not None and call.name.startswith("tensorflow.") and not project.versions.allows("tensorflow", call, since="2.20")
