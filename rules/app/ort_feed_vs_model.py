"""Inputs and outputs that an ONNX model does not have, or of another shape or type, in Swift and Dart.

ONNX Runtime knows inputs and outputs by name: ``Invalid Feed Input Name:x``, ``Missing Input: image``, ``Invalid Output Name:y``. It
compares what it is given with what the model declares: ``Got invalid dimensions for input: image for the following indices``,
``Unexpected input data type. Actual: (tensor(uint8)) , expected: (tensor(float))``.

```swift bad path=App/Judge.swift
import onnxruntime_objc

func judge(_ pixels: NSMutableData) throws -> ORTValue? {
    let path = Bundle.main.path(forResource: "leaves", ofType: "onnx")!
    let session = try ORTSession(env: ORTEnv(loggingLevel: .warning), modelPath: path, sessionOptions: nil)
    let image = try ORTValue(tensorData: pixels, elementType: .float, shape: [1, 224, 224, 3])
    let wrong = try session.run(withInputs: ["input": image], outputNames: ["scores"], runOptions: nil)  // <-
    let other = try session.run(withInputs: ["image": image], outputNames: ["scores"], runOptions: nil)  // <-
    print(wrong, other)
    return wrong["scores"]
}
```

```graph + path=App/leaves.onnx
model onnx ir=8 opset=17
graph main
  input image float32[1,3,224,224]
  op Relu (image) -> (scores float32[1,3,224,224])
  output scores
```

```swift good path=App/Judge.swift
import onnxruntime_objc

func judge(_ pixels: NSMutableData, _ name: String) throws -> ORTValue? {
    let path = Bundle.main.path(forResource: "leaves", ofType: "onnx")!
    let session = try ORTSession(env: ORTEnv(loggingLevel: .warning), modelPath: path, sessionOptions: nil)
    let shape: [NSNumber] = [1, 3, 224, 224]
    let image = try ORTValue(tensorData: pixels, elementType: ORTTensorElementDataType.float, shape: shape)
    print(try session.run(withInputs: [name: image], outputNames: [name], runOptions: nil))
    return try session.run(withInputs: ["image": image], outputNames: ["scores"], runOptions: nil)["scores"]
}
```

```graph + path=App/leaves.onnx
model onnx ir=8 opset=17
graph main
  input image float32[1,3,224,224]
  op Relu (image) -> (scores float32[1,3,224,224])
  output scores
```

The same in Flutter, with the packages onnxruntime and flutter_onnxruntime.

```dart bad path=lib/judge.dart
import 'dart:typed_data';
import 'package:flutter/services.dart';
import 'package:onnxruntime/onnxruntime.dart';

Future<void> judge(Float32List pixels) async {
  final bytes = (await rootBundle.load('assets/leaves.onnx')).buffer.asUint8List();
  final session = OrtSession.fromBuffer(bytes, OrtSessionOptions());
  final image = OrtValueTensor.createTensorWithDataList(pixels, [1, 3, 299, 299]);
  session.run(OrtRunOptions(), {'image': image});  // <-
}
```

```graph + path=assets/leaves.onnx
model onnx ir=8 opset=17
graph main
  input image float32[1,3,224,224]
  op Relu (image) -> (scores float32[1,3,224,224])
  output scores
```

```yaml + path=pubspec.yaml
name: leaves
flutter:
  assets:
    - assets/leaves.onnx
```

References: `onnxruntime/core/session/inference_session.cc` (`ValidateInputs`, `ValidateOutputs`) and `core/framework/utils.cc` of ONNX
Runtime; https://onnxruntime.ai/docs/tutorials/mobile/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deplint import Finding, Model, Project, rule
from deplint.apps.apple import bundled
from deplint.apps.flutter import asset_model
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Call, Node, Object, Other
from deplint.model import Tensor

TYPES = {
    "float": "float32", "uInt8": "uint8", "int8": "int8", "int32": "int32", "int64": "int64", "uInt32": "uint32", "uInt64": "uint64",
    "string": "string", "float16": "float16", "double": "float64",
}  # fmt: skip
"""Cases of `ORTTensorElementDataType` -> dtypes."""


@rule(
    "DPL771",
    severity="error",
    leaves=["M.4.4", "M.6.1", "M.6.3"],
    see=["https://github.com/microsoft/onnxruntime/blob/v1.20.0/onnxruntime/core/session/inference_session.cc"],
)
def ort_feed_vs_model(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in ("swift", "objc", "dart") or not file.mentions(r"\bORTSession\b|\bOrtSession\b|\bcreateSessionFromAsset\b"):
        return
    for call in file.calls("**.run"):
        model = _model(call, project, file)
        if model is None or model.format != "onnx":
            continue
        problem = _problem(call, model)
        if problem:
            inputs, outputs = _listed(model.inputs), _listed(model.outputs)
            yield Finding(call, f"{problem} of {model.path}", help=f"the model takes {inputs} and gives {outputs}")


def _model(call: Call, project: Project, file: SourceFile) -> Model | None:
    made = call.receiver.origin if call.receiver is not None else None
    if made is None:
        return None
    if file.apple:
        return bundled(made.argument("modelPath"), project) if made.name == "ORTSession" else None
    return asset_model(call.receiver, project, file) if made.method in ("fromBuffer", "createSessionFromAsset") else None


def _problem(call: Call, model: Model) -> str:
    """What of the call the model does not have, in words; empty if nothing is known to be wrong."""
    feeds = call.argument("withInputs") if call.file.apple else call.argument(None, len(call.arguments) - 1)
    given = _entries(feeds)
    inputs = {tensor.name: tensor for tensor in model.inputs}
    for name, node in given.items():
        if name not in inputs:
            return f"{name!r} is no input"
        wrong = _mismatch(inputs[name], node)
        if wrong:
            return wrong
    missing = next((name for name in inputs if given and name not in given), "")
    if missing:
        return f"there is nothing for the input {missing!r}"
    asked = call.argument("outputNames")
    names = [child.value for child in asked.children] if isinstance(asked, Array) and asked.exact else []
    outputs = {tensor.name for tensor in model.outputs}
    return next((f"{name!r} is no output" for name in names if isinstance(name, str) and name not in outputs), "")


def _entries(node: Node | None) -> Mapping[str, Node]:
    """A dictionary's values by its keys, if all of these are known."""
    if node is not None and not isinstance(node, Object):
        variable = node.file.meaning.variable(node)
        alone = variable is not None and not variable.open and len(variable.writes) == 1
        node = variable.writes[0].source if variable is not None and alone else None
    if not isinstance(node, Object):
        return {}
    if node.file.apple:
        pairs = list(zip(node.children[::2], node.children[1::2], strict=False))
    else:
        pairs = [(c.children[0], c.children[1]) for c in node.children if isinstance(c, Other) and len(c.children) == 2]
    keys = [key.value for key, _ in pairs]
    if not all(isinstance(key, str) for key in keys) or (node.exact and len(pairs) != len(node.entries)):
        return {}
    return {key: value for key, (_, value) in zip(keys, pairs, strict=True)}


def _mismatch(tensor: Tensor, node: Node) -> str:
    """How what a value was made of differs from the input."""
    made = node.origin
    if made is None:
        return ""
    kind, shape = made.argument("elementType"), made.argument("shape")
    if made.method == "createTensorWithDataList":
        shape = made.argument(None, 1)
    elif made.name != "ORTValue":
        return ""
    written = kind.text.rpartition(".")[2].removeprefix("ORTTensorElementDataType") if kind is not None else ""
    dtype = TYPES.get(written[:1].lower() + written[1:], "")
    if dtype and tensor.dtype and dtype != tensor.dtype:
        return f"this gives {dtype} for the {tensor.dtype} input {tensor.name!r}"
    sizes = shape.value if shape is not None else None
    if not isinstance(sizes, list) or tensor.shape is None or any(type(size) is not int for size in sizes):
        return ""
    fits = len(sizes) == len(tensor.shape) and all(
        not isinstance(wanted, int) or wanted == size for size, wanted in zip(sizes, tensor.shape, strict=True)
    )
    return "" if fits else f"this gives the shape {sizes} for the input {tensor.name!r}, {_listed([tensor])},"


def _listed(tensors: list[Tensor]) -> str:
    return ", ".join(f"{t.name} {t.dtype}{[d if d is not None else '?' for d in t.shape or ()]}".replace("'", "") for t in tensors)
