"""A picture's PNG or JPEG file given to an interpreter as its input.

An interpreter takes numbers, one for each channel of each pixel. A compressed file has another length (``Input 0 should have 602112
bytes, but found 627941 bytes``, `invalidTensorDataCount` in Swift, ``failed precondition`` in Flutter); where it happens to fit,
the network sees noise.

```swift bad path=App/Judge.swift
import TensorFlowLite

func judge(_ interpreter: Interpreter, _ photo: UIImage) throws {
    let data = photo.jpegData(compressionQuality: 1.0)!
    try interpreter.copy(data, toInputAt: 0)  // <-
    try interpreter.invoke()
}
```

```swift good path=App/Judge.swift
import TensorFlowLite

func judge(_ interpreter: Interpreter, _ photo: UIImage) throws {
    try interpreter.copy(photo.scaledData(with: CGSize(width: 224, height: 224))!, toInputAt: 0)
    try photo.jpegData(compressionQuality: 1.0)!.write(to: url)
}
```

```dart bad path=lib/leaves.dart
import 'dart:io';
import 'package:tflite_flutter/tflite_flutter.dart';

Future<void> judge(File photo, List scores) async {
  final net = await Interpreter.fromAsset('assets/leaves.tflite');
  final bytes = await photo.readAsBytes();
  net.run(bytes, scores);  // <-
}
```

Decoded pictures are fine.

```dart good path=lib/leaves.dart
import 'dart:io';
import 'package:image/image.dart' as img;
import 'package:tflite_flutter/tflite_flutter.dart';

Future<void> judge(File photo, List scores) async {
  final net = await Interpreter.fromAsset('assets/leaves.tflite');
  final image = img.decodeImage(await photo.readAsBytes())!;
  net.run(pixels(img.copyResize(image, width: 224, height: 224)), scores);
}
```

References: https://stackoverflow.com/questions/50892298; `Interpreter.swift` of TensorFlow Lite on `copy(_:toInputAt:)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.apple import copied
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Node

ENCODES = {"pngData", "jpegData", "UIImagePNGRepresentation", "UIImageJPEGRepresentation", "heicData"}
READS = {"readAsBytes", "readAsBytesSync"}


@rule(
    "DPL761",
    severity="error",
    leaves=["M.6.2", "M.6.3"],
    see=["https://stackoverflow.com/questions/50892298"],
)
def encoded_image_as_input(file: SourceFile) -> Iterator[Finding]:
    if file.apple and file.mentions("|".join(sorted(ENCODES))):
        for call in file.calls("**.copy", "**.addInput", "ORTValue"):
            data = call.argument("tensorData") if call.name == "ORTValue" else call.argument(None, 0)
            labelled = call.method != "copy" or copied(call)[0] is not None
            yield from _finding(call, data, ENCODES) if labelled else ()
    elif file.language == "dart" and file.mentions(r"\breadAsBytes"):
        for call in file.calls("**.Interpreter.{fromAsset,fromFile,fromBuffer}().run"):
            yield from _finding(call, call.argument(None, 0), READS)


def _finding(call: Node, data: Node | None, files: set[str]) -> Iterator[Finding]:
    made = data.origin if data is not None else None
    if made is not None and made.method in files:
        yield Finding(
            call,
            f"the input is what {made.method} gives, a picture's file, and no pixels",
            help="decode it, scale it to the model's size, and give the channels of its pixels as numbers",
        )
