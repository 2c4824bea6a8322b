"""A camera or microphone that the app never says why it uses.

iOS asks the user with the words that the app's `Info.plist` has for it, and ends an app that has none at its first use: ``This app
has crashed because it attempted to access privacy-sensitive data without a usage description. The app's Info.plist must contain
an NSCameraUsageDescription key``.

```swift bad path=ios/App/Camera.swift
import AVFoundation
import Vision

func start(_ session: AVCaptureSession) throws {
    guard let camera = AVCaptureDevice.default(.builtInWideAngleCamera, for: .video, position: .back) else { return }
    session.addInput(try AVCaptureDeviceInput(device: camera))  // <-
}
```

```text + path=ios/App.xcodeproj/project.pbxproj
// !$*UTF8*$!
{
    objects = {
        A1 = {isa = PBXBuildFile; fileRef = A2; };
        A2 = {isa = PBXFileReference; path = Camera.swift; };
        B1 = {isa = PBXSourcesBuildPhase; files = (A1, ); };
        C1 = {isa = PBXNativeTarget; buildPhases = (B1, ); name = App; productType = "com.apple.product-type.application"; };
    };
}
```

```text + path=ios/App/Info.plist
<plist version="1.0"><dict><key>CFBundleName</key><string>Leaves</string></dict></plist>
```

```swift good path=ios/App/Camera.swift
import AVFoundation
import Vision

func start(_ session: AVCaptureSession) throws {
    guard let camera = AVCaptureDevice.default(.builtInWideAngleCamera, for: .video, position: .back) else { return }
    session.addInput(try AVCaptureDeviceInput(device: camera))
}
```

```text + path=ios/App.xcodeproj/project.pbxproj
// !$*UTF8*$!
{
    objects = {
        A1 = {isa = PBXBuildFile; fileRef = A2; };
        A2 = {isa = PBXFileReference; path = Camera.swift; };
        B1 = {isa = PBXSourcesBuildPhase; files = (A1, ); };
        C1 = {isa = PBXNativeTarget; buildPhases = (B1, ); name = App; productType = "com.apple.product-type.application"; };
        D1 = {isa = XCBuildConfiguration; buildSettings = {INFOPLIST_KEY_NSCameraUsageDescription = "To see leaves"; }; };
    };
}
```

A project whose targets stand elsewhere, but whose settings name the file:

```swift bad path=App/Camera.swift
import AVFoundation
import Vision

func start(_ session: AVCaptureSession) throws {
    guard let camera = AVCaptureDevice.default(.builtInWideAngleCamera, for: .video, position: .back) else { return }
    session.addInput(try AVCaptureDeviceInput(device: camera))  // <-
}
```

```text + path=App.xcodeproj/project.pbxproj
// !$*UTF8*$!
{ objects = { D1 = {isa = XCBuildConfiguration; buildSettings = {INFOPLIST_FILE = App/Info.plist; }; }; }; }
```

```text + path=App/Info.plist
<plist version="1.0"><dict><key>CFBundleName</key><string>Leaves</string></dict></plist>
```

Flutter's plugins use the camera in the same way.

```dart bad path=lib/camera.dart
import 'package:camera/camera.dart';
import 'package:tflite_flutter/tflite_flutter.dart';

Future<void> start(CameraDescription camera) async {
  final controller = CameraController(camera, ResolutionPreset.medium, enableAudio: false);  // <-
  await controller.initialize();
}
```

```yaml + path=pubspec.yaml
name: leaves
dependencies:
  flutter:
    sdk: flutter
  camera: ^0.10.0
```

```text + path=ios/Runner/Info.plist
<plist version="1.0"><dict><key>CFBundleName</key><string>Leaves</string></dict></plist>
```

A key that is missing is one fault, however many files use the camera.

```dart bad path=lib/camera.dart
import 'package:camera/camera.dart';
import 'package:tflite_flutter/tflite_flutter.dart';

CameraController open(CameraDescription camera) => CameraController(camera, ResolutionPreset.medium);  // <-
```

```dart + path=lib/other_camera.dart
import 'package:camera/camera.dart';

CameraController other(CameraDescription camera) => CameraController(camera, ResolutionPreset.low);
```

```yaml + path=pubspec.yaml
name: leaves
dependencies:
  flutter:
    sdk: flutter
  camera: ^0.10.0
```

```text + path=ios/Runner/Info.plist
<plist version="1.0"><dict><key>CFBundleName</key><string>Leaves</string></dict></plist>
```

References: https://developer.apple.com/documentation/avfoundation/requesting-authorization-to-capture-and-save-media;
https://pub.dev/packages/camera.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.flutter import app
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Node
from deplint.project import show
from deplint.settings.apple import XcodeProject

from ..operators import mentioned

SETTINGS = (".plist", ".pbxproj", ".xcconfig", ".yml", ".yaml", ".json", ".rb", ".swift", ".xcodeproj", "")
INFERENCE = (
    r"(?m)^(?:@?import|#import <) ?(?:CoreML|Vision|TensorFlowLite\w*|MLKit\w*|MediaPipeTasks\w+|onnxruntime\w*|OnnxRuntime\w*"
    r"|SoundAnalysis|ExecuTorch|TFLTensorFlowLite|LibTorch|Libtorch-Lite)\b"
    r"|package:(?:tflite\w*|onnxruntime\w*|flutter_onnxruntime|google_ml\w*|pytorch_\w+|flutter_vision)/"
)
"""What an app that runs models imports."""

VIDEO = r"\.video\b|builtIn\w*Camera|\bAVMediaTypeVideo\b|BuiltIn\w*Camera\b"
TESTS = ("Tests/", "test/")


@rule(
    "DPL760",
    severity="error",
    leaves=["M.5"],
    see=[
        "https://developer.apple.com/documentation/avfoundation/requesting-authorization-to-capture-and-save-media",
        "https://pub.dev/packages/camera",
    ],
)
def usage_description_missing(file: SourceFile, project: Project) -> Iterator[Finding]:
    if any(part in file.path for part in TESTS):
        return
    uses = list(_uses(file))
    root = _root(file, project) if uses else None
    if root is None or not mentioned(project, root.parent if root.name == "ios" else root, INFERENCE, ".swift", ".m", ".mm", ".dart"):
        return
    for node, what, key in uses:
        if mentioned(project, root, key, *SETTINGS) is None and not _earlier(file, key, root, project):
            yield Finding(
                node,
                f"this uses the {what}, and no Info.plist in {show(root)} has {key}: iOS ends the app ('attempted to access "
                "privacy-sensitive data without a usage description')",
                help=f"add {key} with the reason in words to Info.plist",
            )


def _uses(file: SourceFile) -> Iterator[tuple[Node, str, str]]:
    """Where a file certainly uses what needs a reason in Info.plist: the place, what it is in words, and the key of the reason."""
    return _swift(file) if file.apple else _dart(file) if file.language == "dart" else iter(())


def _earlier(file: SourceFile, key: str, root: Path, project: Project) -> bool:
    """Whether the missing key is reported in a file of the app that comes before."""
    return any(
        other.path < file.path
        and not any(part in other.path for part in TESTS)
        and any(needed == key for _, _, needed in _uses(other))
        and _root(other, project) == root
        for other in project.all(SourceFile)
        if other.language == file.language
    )


def _swift(file: SourceFile) -> Iterator[tuple[Node, str, str]]:
    if file.mentions(r"\bAVCaptureDeviceInput\b") and file.mentions(VIDEO) and not file.mentions(r"\.audio\b|\bAVMediaTypeAudio\b"):
        for call in list(file.calls("AVCaptureDeviceInput"))[:1]:
            yield call, "camera", "NSCameraUsageDescription"
    for call in list(file.calls("AVAudioRecorder", "AVAudioSession.sharedInstance().requestRecordPermission"))[:1]:
        yield call, "microphone", "NSMicrophoneUsageDescription"


def _dart(file: SourceFile) -> Iterator[tuple[Node, str, str]]:
    if file.imported("camera"):
        for call in list(file.calls("CameraController", "camera.CameraController"))[:1]:
            yield call, "camera", "NSCameraUsageDescription"
    if file.imported("image_picker"):
        for call in file.calls("**.ImagePicker().{pickImage,getImage,pickVideo}"):
            source = call.argument("source")
            if source is not None and source.text.endswith("ImageSource.camera"):
                yield call, "camera", "NSCameraUsageDescription"
                return


def _root(file: SourceFile, project: Project) -> Path | None:
    """The folder of the app's Xcode project and settings, if it has an Info.plist or says that one is made."""
    if file.language == "dart":
        here = app(project, file)
        return here.root / "ios" if here is not None and project.file(here.root / "ios" / "Runner" / "Info.plist") else None
    path = Path(os.path.abspath(file.path))
    found = [
        Path(os.path.abspath(each.place.path)).parents[1]
        for each in project.all(XcodeProject)
        if any(target.product == "application" and (target.open or path.name in target.built) for target in each.targets)
        or (not each.targets and any(_beside(path, each, info) for info in each.infos))
    ]
    around = [folder for folder in found if path.is_relative_to(folder)]
    return max(around, key=lambda folder: len(folder.parts), default=None)


def _beside(path: Path, xcode: XcodeProject, info: str) -> bool:
    """Whether a file lies in the folder of an Info.plist that the configurations name, or below it."""
    folder = (Path(os.path.abspath(xcode.place.path)).parents[1] / info.replace("$(SRCROOT)/", "")).parent
    return path.is_relative_to(folder)
