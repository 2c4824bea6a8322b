"""A TensorFlow Lite model whose metadata and graph disagree about how images are prepared.

The Task library, ML Kit and MediaPipe scale pixels as the metadata says. For an input of float32 they refuse metadata
that does not: ``Input tensor has type kTfLiteFloat32: it requires specifying NormalizationOptions metadata to
preprocess input images``. And where the graph itself begins with the division that the metadata tells them to do, it is
done twice, and the model sees a nearly black picture.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x float32[1,8,8,3] traits(color=RGB)  <-
  op RELU@1 (x) -> (y float32[1,8,8,3])
  output y
```

```graph bad path=other.tflite
model tflite ir=3
graph main
  input x float32[1,8,8,3] traits(color=RGB, mean=[127.5], std=[127.5])  <-
  weight s float32[]{0.003921569}
  op MUL@1 (x, s) -> (y float32[1,8,8,3])
  output y
```

```graph good path=net.tflite
model tflite ir=3
graph main
  input x float32[1,8,8,3] traits(color=RGB, mean=[0.0], std=[1.0])
  input z float32[1,8,8,3] traits(color=RGB, mean=[127.5], std=[127.5])
  input u uint8[1,8,8,3] quant(0.5, 3) traits(color=RGB)
  input f float32[1,4] traits(called=numbers)
  weight s float32[]{0.003921569}
  weight t float32[]{0.5}
  op MUL@1 (x, s) -> (y float32[1,8,8,3])
  op MUL@1 (z, t) -> (v float32[1,8,8,3])
  op RELU@1 (f) -> (w float32[1,4])
  op DEQUANTIZE@1 (u) -> (d float32[1,8,8,3])
  output y
  output v
  output w
  output d
```

The interpreter alone reads no metadata.

```graph good path=app/src/main/assets/net.tflite
model tflite ir=3
graph main
  input x float32[1,8,8,3] traits(color=RGB)
  op RELU@1 (x) -> (y float32[1,8,8,3])
  output y
```

```kotlin + path=app/src/main/java/Detector.kt
import org.tensorflow.lite.Interpreter

class Detector(file: java.io.File) {
    private val interpreter = Interpreter(file)
}
```

References: https://github.com/tensorflow/tensorflow/issues/47559, https://github.com/google-ai-edge/mediapipe/issues/5583
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.code.source import SourceFile
from deplint.model import Graph, Tensor

from . import given, numbers

SMALL, LARGE = 0.02, 50.0
"""A factor that takes pixels from 0 to 255 to about one, and its reverse."""

READERS = r"(?i)lite\.task\b|mediapipe|mlkit|TensorFlowLiteTask|ml_kit|lite_helper|firebase[._]ml"
"""What in an app's code reads the metadata of models."""

HELP = "write the metadata with the values the model was trained with (mean 0 and std 1 if it scales pixels itself)"


@rule("DPL549", severity="warning", leaves=["M.6.5", "M.2.4"], see=["https://ai.google.dev/edge/litert/conversion/tensorflow/metadata"])
def tflite_image_normalization(model: Model, project: Project) -> Iterator[Finding]:
    for tensor in model.inputs if model.format == "tflite" else ():
        if "color" not in tensor.traits or tensor.dtype != "float32":
            continue
        spread = tensor.traits.get("std")
        if not spread and _unread(project):
            continue
        if not spread:
            yield Finding(
                model.at_tensor(tensor),
                "the metadata says that it takes images and not how to scale them: the Task library and MediaPipe refuse the model",
                help=HELP,
            )
        elif max(spread) > LARGE and _scaled(model.graph, tensor):
            yield Finding(
                model.at_tensor(tensor),
                f"pixels are divided twice: by {max(spread):g} as the metadata says, and by the graph itself",
                help=HELP,
            )


def _unread(project: Project) -> bool:
    """Whether an app runs its models with interpreters alone, which read no metadata."""
    sources = [file for file in project.all(SourceFile) if file.mentions(r"\bInterpreter(?:Api)?\b")]
    return bool(sources) and not any(file.mentions(READERS) for file in project.all(SourceFile))


def _scaled(graph: Graph, tensor: Tensor) -> bool:
    """The first thing the graph does to the input is to scale pixels."""
    for op in graph.consumers.get(tensor.name, ()):
        values = [abs(value) for name in (given(op, 0), given(op, 1)) if name != tensor.name for value in numbers(graph.tensor(name))]
        if values and ((op.type == "MUL" and max(values) < SMALL) or (op.type == "DIV" and min(values) > LARGE)):
            return True
    return False
