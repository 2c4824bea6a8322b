"""Pictures that Dart scales to another size than the model takes.

The size of a model's input stands twice, in the model and in the app's code. With lists `run` asks the interpreter for the app's
size, which a network with fixed layers refuses (``Bad state: failed precondition``); with buffers the number of bytes is wrong.

```dart bad path=lib/leaves.dart
import 'package:image/image.dart' as img;
import 'package:tflite_flutter/tflite_flutter.dart';

class Leaves {
  static const int inputSize = 299;
  late Interpreter _net;

  Future<void> load() async {
    _net = await Interpreter.fromAsset('assets/leaves.tflite');
  }

  void judge(img.Image photo, List scores) {
    final scaled = img.copyResize(photo, width: inputSize, height: inputSize);  // <-
    _net.run(pixels(scaled), scores);
  }
}
```

```graph + path=assets/leaves.tflite
model tflite
graph main
  input image float32[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

```yaml + path=pubspec.yaml
name: leaves
dependencies:
  tflite_flutter: ^0.11.0
flutter:
  assets:
    - assets/leaves.tflite
```

Any size that is the model's, or not known, is enough: pictures are scaled for other purposes too.

```dart good path=lib/leaves.dart
import 'package:image/image.dart' as img;
import 'package:tflite_flutter/tflite_flutter.dart';

class Leaves {
  late Interpreter _net;

  Future<void> load() async {
    _net = await Interpreter.fromAsset('assets/leaves.tflite');
  }

  void judge(img.Image photo, List scores) {
    show(img.copyResize(photo, width: 640, height: 480));
    _net.run(pixels(img.copyResize(photo, width: 224, height: 224)), scores);
  }
}
```

```graph + path=assets/leaves.tflite
model tflite
graph main
  input image float32[1,224,224,3]
  op FULLY_CONNECTED (image) -> (scores float32[1,5])
  output scores
```

```yaml + path=pubspec.yaml
name: leaves
dependencies:
  tflite_flutter: ^0.11.0
flutter:
  assets:
    - assets/leaves.tflite
```

References: `lib/src/tensor.dart` of tflite_flutter 0.12.1; https://pub.dev/documentation/image/latest/image/copyResize.html.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.apps.android import CHANNELS
from deplint.apps.flutter import app, asset, opened
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Node

RESIZING = ("**.copyResize", "**.copyResizeCropSquare", "**.ResizeOp", "**.ResizeWithCropOrPadOp")


@rule(
    "DPL752",
    severity="error",
    leaves=["M.4.4", "M.6.2"],
    see=["https://github.com/tensorflow/flutter-tflite/blob/main/lib/src/tensor.dart"],
)
def flutter_input_size(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language != "dart" or not file.mentions(r"\bcopyResize|\bResize\w*Op\b") or file.mentions(r"\bresizeInputTensor\b"):
        return
    models = list(_models(file, project))
    size = _picture(models[0]) if len(models) == 1 else None
    if size is None:
        return
    sizes = [(call, *_size(call)) for call in file.calls(*RESIZING)]
    if any(height is None or width is None or (height, width) == size for _, height, width in sizes):
        return  # this one may be what the model gets
    for call, height, width in sizes:
        yield Finding(
            call,
            f"this makes pictures of {height} x {width}, {models[0].path} takes {size[0]} x {size[1]} (height x width)",
            help="take the size from the interpreter, getInputTensor(0).shape, or change the constant together with the model",
        )


def _models(file: SourceFile, project: Project) -> Iterator[Model]:
    """The models that a file opens."""
    here = app(project, file)
    found = {asset(project, here, key): None for each in opened(file, project) for key in each.keys} if here is not None else {}
    for each in found:
        if each is not None:
            yield from project.facts(each, Model)


def _picture(model: Model) -> tuple[int, int] | None:
    """Height and width of the one picture a model takes, channels last or first."""
    inputs = model.inputs
    shape = inputs[0].shape if len(inputs) == 1 and inputs[0].static else None
    if shape is None or len(shape) != 4 or shape[0] != 1:
        return None
    first, last = shape[1] in CHANNELS, shape[3] in CHANNELS
    sizes = [size for size in (shape[2:] if first else shape[1:3]) if isinstance(size, int)]
    return (sizes[0], sizes[1]) if first != last and len(sizes) == 2 else None


def _size(call: Call) -> tuple[int | None, int | None]:
    """Height and width of the picture a call makes."""
    if call.method == "copyResize":
        return _int(call.argument("height")), _int(call.argument("width"))
    if call.method == "copyResizeCropSquare":
        side = _int(call.argument("size", 1))
        return side, side
    return _int(call.argument(None, 0)), _int(call.argument(None, 1))


def _int(node: Node | None) -> int | None:
    return node.value if node is not None and type(node.value) is int else None
