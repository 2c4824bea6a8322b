"""Frames of a Flutter camera in a format that ML Kit's plugin refuses.

``InputImage.fromBytes`` takes NV21 (or YV12) on Android and BGRA on iOS. A `CameraController` that is told ``ImageFormatGroup.yuv420``
gives frames of three planes. Later releases refuse them: ``PlatformException(InputImageConverterError, ImageFormat is not supported.)``;
earlier ones hand them to ML Kit as they are.

```dart bad path=lib/camera.dart
import 'package:camera/camera.dart';
import 'package:google_mlkit_face_detection/google_mlkit_face_detection.dart';

final controller = CameraController(
  camera,
  ResolutionPreset.medium,
  imageFormatGroup: ImageFormatGroup.yuv420, // <-
);

InputImage convert(CameraImage image) => InputImage.fromBytes(bytes: join(image.planes), metadata: describe(image));
```

```yaml + path=pubspec.yaml
name: faces
dependencies:
  camera: ^0.10.6
  google_mlkit_face_detection: ^0.11.0
```

In another file, and on one of the platforms:

```dart bad path=lib/camera.dart
import 'dart:io';
import 'package:camera/camera.dart';

CameraController make(CameraDescription camera) => CameraController(
      camera,
      ResolutionPreset.low,
      imageFormatGroup: Platform.isAndroid ? ImageFormatGroup.yuv420 : ImageFormatGroup.bgra8888, // <-
    );
```

```dart + path=lib/reader.dart
import 'package:google_mlkit_barcode_scanning/google_mlkit_barcode_scanning.dart';

Future<List<Barcode>> read(Uint8List bytes, InputImageMetadata metadata) =>
    BarcodeScanner().processImage(InputImage.fromBytes(bytes: bytes, metadata: metadata));
```

```yaml + path=pubspec.yaml
name: codes
dependencies:
  camera: ^0.10.6
  google_mlkit_barcode_scanning: ^0.11.0
```

What it wants, a conversion of one's own, pictures from files, and old releases of the plugins are fine.

```dart good path=lib/camera.dart
import 'package:camera/camera.dart';
import 'package:google_mlkit_face_detection/google_mlkit_face_detection.dart';

final controller = CameraController(camera, ResolutionPreset.medium,
    imageFormatGroup: Platform.isAndroid ? ImageFormatGroup.nv21 : ImageFormatGroup.bgra8888);

InputImage convert(CameraImage image) => InputImage.fromBytes(bytes: image.planes.first.bytes, metadata: describe(image));
```

```yaml + path=pubspec.yaml
name: faces
dependencies:
  google_mlkit_face_detection: ^0.11.0
```

Converted:

```dart good path=lib/camera.dart
import 'package:camera/camera.dart';
import 'package:google_mlkit_face_detection/google_mlkit_face_detection.dart';

final controller = CameraController(camera, ResolutionPreset.medium, imageFormatGroup: ImageFormatGroup.yuv420);

InputImage convert(CameraImage image) => InputImage.fromBytes(bytes: yuv420ToNv21(image), metadata: describe(image));
```

```yaml + path=pubspec.yaml
name: faces
dependencies:
  google_mlkit_face_detection: ^0.11.0
```

References: the readme of google_mlkit_commons ("Creating an InputImage") and `InputImageConverter.java`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.flutter import app
from deplint.code.source import SourceFile
from deplint.settings.ranges import between

READ = between("0.6.0", "0.16.0")
"""Releases of the plugins that use a google_mlkit_commons of one plane only, as far as they were read (April 2025)."""
_PLUGIN = re.compile(r"google_ml_?kit_(?:face|barcode|pose|text|image|object|selfie|digital)\w*")
_CONVERTS = re.compile(r"(?i)nv21|nv12|yv12|toBitmap|jpe?g|YuvToRgb")


@rule(
    "DPL322",
    severity="error",
    leaves=["M.6.3", "M.5"],
    see=[
        "https://github.com/flutter-ml/google_ml_kit_flutter/blob/ad64d83ffba00e5304728371d81547927901f8f5/packages/google_mlkit_commons/README.md",
        "https://github.com/flutter-ml/google_ml_kit_flutter/blob/ad64d83ffba00e5304728371d81547927901f8f5/packages/google_mlkit_commons/android/src/main/java/com/google_mlkit_commons/InputImageConverter.java",
    ],
)
def mlkit_frame_format(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language != "dart" or not file.mentions(r"\bImageFormatGroup\.yuv420\b"):
        return
    here = app(project, file)
    plugins = [pin for pin in here.pubspec.pins if _PLUGIN.fullmatch(pin.name)] if here is not None else []
    if not plugins or not all(pin.range and READ is not None and pin.range <= READ for pin in plugins):
        return
    area = project.area(file)
    code = [each for each in project.all(SourceFile) if each.language == "dart" and project.area(each) == area]
    if not any(each.mentions(r"\bInputImage\.fromBytes\b") for each in code) or any(each.mentions(_CONVERTS.pattern) for each in code):
        return
    for call in file.calls("**.CameraController", "CameraController"):
        group = call.argument("imageFormatGroup")
        if group is not None and re.search(r"\bImageFormatGroup\.yuv420\b", group.text) and not re.search(r"isIOS\s*\?", group.text):
            yield Finding(
                group,
                "the camera gives YUV 420 in three planes, and InputImage.fromBytes takes NV21 on Android: refused, or misread",
                help="imageFormatGroup: Platform.isAndroid ? ImageFormatGroup.nv21 : ImageFormatGroup.bgra8888",
            )
