"""Lists given to tflite_flutter that do not fit the model.

`run` fills the lists it is given for outputs, and refuses those of another shape: ``Output object shape mismatch, interpreter
returned output of shape: [1, 5] while shape of output provided as argument in run is: [1, 10]``. Inputs that are lists resize
the model's input to their own shape, after which a model for fixed sizes cannot be run; buffers have to be as many bytes as the
input (``Bad state: failed precondition``); and a `double` is no element of an integer input: ``The input element is double
while tensor data type is TensorType.uint8``.

```dart bad path=lib/leaves.dart
import 'package:tflite_flutter/tflite_flutter.dart';

class Leaves {
  late Interpreter _net;

  Future<void> load() async {
    _net = await Interpreter.fromAsset('assets/leaves.tflite');
  }

  List classify(List<List<List<List<double>>>> photo) {
    final scores = List.filled(1 * 10, 0.0).reshape([1, 10]);
    _net.run(photo, scores);  // <-
    return scores[0];
  }
}
```

```graph + path=assets/leaves.tflite
model tflite
graph main
  input image float32[1,96,96,3]
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

Inputs are compared as well.

```dart bad path=lib/leaves.dart
import 'dart:typed_data';
import 'package:tflite_flutter/tflite_flutter.dart';

Future<List> classify(photo) async {
  final net = await Interpreter.fromAsset('assets/leaves.tflite');
  final pixels = Float32List(1 * 96 * 96 * 3);
  var output = {0: List.filled(5, 0).reshape([1, 5])};
  net.runForMultipleInputs([pixels.buffer], output);  // <-
  final given = List.generate(96, (y) => List.generate(96, (x) => [photo.getPixel(x, y).r / 255.0, 0.0, 0.0]));
  net.run([given], output[0]!);  // <-
  return output[0]!;
}
```

```graph + path=assets/leaves.tflite
model tflite
graph main
  input image uint8[1,96,96,3]
  op FULLY_CONNECTED (image) -> (scores uint8[1,5])
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

A model may be read as bytes first.

```dart bad path=lib/leaves.dart
import 'package:flutter/services.dart';
import 'package:tflite_flutter/tflite_flutter.dart';

class Leaves {
  Interpreter? _net;

  Future<void> load() async {
    final data = await rootBundle.load('assets/leaves.tflite');
    _net = Interpreter.fromBuffer(data.buffer.asUint8List());
  }

  void classify(List photo) {
    _net!.run(photo, List.generate(1, (i) => List<double>.filled(4, 0)));  // <-
  }
}
```

```graph + path=assets/leaves.tflite
model tflite
graph main
  input image float32[1,96,96,3]
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

What fits, what is not known and what was resized is fine.

```dart good path=lib/leaves.dart
import 'package:tflite_flutter/tflite_flutter.dart';

class Leaves {
  Leaves(this._net);
  final Interpreter _net;

  static Future<void> check(List photo, int count) async {
    final net = await Interpreter.fromAsset('assets/leaves.tflite');
    final scores = List.generate(1, (_) => List.filled(5, 0.0));
    net.run(photo, scores);
    net.run(photo, List.filled(count, 0).reshape([1, count]));
    net.run([List.generate(96, (y) => List.generate(96, (x) => [0, 0, 0]))], scores);
  }

  Future<void> larger(List photo) async {
    final net = await Interpreter.fromAsset('assets/leaves.tflite');
    net.resizeInputTensor(0, [1, 128, 128, 3]);
    net.run(photo, List.filled(10, 0.0).reshape([1, 10]));
  }
}
```

```graph + path=assets/leaves.tflite
model tflite
graph main
  input image float32[1,96,96,3]
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

References: `lib/src/tensor.dart` and `lib/src/util/byte_conversion_utils.dart` of tflite_flutter 0.12.1;
https://stackoverflow.com/questions/62976766.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deplint import Finding, Project, rule
from deplint.apps.flutter import Run, element, entries, listed, nbytes, runs, scalar, shape
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Node
from deplint.model import Tensor

INTEGERS = {"uint8", "int8", "int16", "int32", "int64"}


@rule(
    "DPL751",
    severity="error",
    leaves=["M.4.4", "M.6.1", "M.6.3"],
    see=["https://github.com/tensorflow/flutter-tflite/blob/main/lib/src/tensor.dart"],
)
def flutter_tensor_mismatch(file: SourceFile, project: Project) -> Iterator[Finding]:
    for run in runs(file, project):
        inputs, outputs = _given(run)
        problem = next((p for tensor, node in inputs for p in [_input(tensor, node)] if p), None)
        problem = problem or next((p for tensor, node in outputs for p in [_output(tensor, node)] if p), None)
        if problem is not None:
            message, help = problem
            yield Finding(run.call, message.replace("{model}", run.model.path), help=help)


def _given(run: Run) -> tuple[list[tuple[Tensor, Node]], list[tuple[Tensor, Node]]]:
    """What the call gives for the model's inputs and outputs."""
    first, second = run.call.argument(None, 0), run.call.argument(None, 1)
    if first is None or second is None:
        return [], []
    if run.call.method == "run":
        return list(zip(run.model.inputs[:1], [first], strict=False)), list(zip(run.model.outputs[:1], [second], strict=False))
    given = entries(second)
    outputs = [(tensor, given[i]) for i, tensor in enumerate(run.model.outputs) if i in given]
    return list(zip(run.model.inputs, listed(first), strict=False)), outputs


def _input(tensor: Tensor, node: Node) -> tuple[str, str] | None:
    has = f"input {tensor.name!r} of {{model}} is {tensor.dtype} {_written(tensor.shape or ())}"
    buffer = nbytes(node)
    if buffer is not None:
        size, kind = buffer
        if tensor.nbytes and size != tensor.nbytes:
            return f"{has}, {tensor.nbytes} bytes, and this {kind} has {size}", "fill a typed list of the model's element type and size"
        return None
    dims = shape(node)
    if dims and tensor.shape is not None and len(dims) != len(tensor.shape):
        return f"{has}, and the list given has the shape {_written(dims)}", "give a list of the input's shape, batch included"
    leaf = element(node)
    if leaf is not None and dims and scalar(leaf) == "double" and tensor.dtype in INTEGERS:
        return (
            f"{has}, and the list given holds double: ByteConversionError",
            "give whole numbers, quantized by the input's scale and zero point",
        )
    return None


def _output(tensor: Tensor, node: Node) -> tuple[str, str] | None:
    dims, wanted = shape(node), tensor.shape
    if not dims or not wanted or any(not isinstance(size, int) or size < 0 for size in wanted):
        return None
    if len(dims) == len(wanted) and all(size is None or size == other for size, other in zip(dims, wanted, strict=True)):
        return None
    has = f"output {tensor.name!r} of {{model}} has the shape {_written(wanted)}, the list given for it {_written(dims)}"
    return f"{has}: 'Output object shape mismatch'", f"make the list with reshape({_written(wanted)})"


def _written(dims: Sequence[object]) -> str:
    return "[" + ", ".join("?" if size is None else str(size) for size in dims) + "]"
