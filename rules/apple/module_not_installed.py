"""A library that code imports, and that nothing installs.

The modules of inference runtimes come from pods or Swift packages. If the `Podfile` names none that has the module, the app does
not compile: ``No such module 'TensorFlowLite'``. In Flutter it is `pubspec.yaml` that names packages: ``Couldn't resolve the
package 'tflite_flutter'``.

```swift bad path=App/Judge.swift
import UIKit
import TensorFlowLite  // <-

let interpreter = try? Interpreter(modelPath: path)
```

```ruby + path=Podfile
platform :ios, '13.0'
target 'App' do
  pod 'onnxruntime-objc', '1.20.0'
end
```

```swift good path=App/Judge.swift
import TensorFlowLite
import onnxruntime_objc
```

```ruby + path=Podfile
platform :ios, '13.0'
target 'App' do
  pod 'TensorFlowLiteSwift/Metal', '~> 2.14.0'
  pod 'onnxruntime-objc', '1.20.0'
end
```

Flutter's packages may come with others, which the lock file tells.

```dart bad path=lib/judge.dart
import 'package:flutter/material.dart';
import 'package:tflite_flutter/tflite_flutter.dart';  // <-
```

```yaml + path=pubspec.yaml
name: leaves
dependencies:
  flutter:
    sdk: flutter
  camera: ^0.10.0
```

```dart good path=lib/judge.dart
import 'package:tflite_flutter/tflite_flutter.dart';
import 'package:onnxruntime/onnxruntime.dart';
```

```yaml + path=pubspec.yaml
name: leaves
dependencies:
  tflite_flutter_helper: ^0.3.0
  onnxruntime:
    git: https://example.com/onnxruntime.git
```

References: the podspecs of TensorFlowLiteSwift (`module_name = TensorFlowLite`) and onnxruntime-objc;
https://dart.dev/tools/pub/dependencies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.flutter import app
from deplint.code.source import SourceFile
from deplint.settings.packages import Podfile
from deplint.settings.pins import Requirements

from ..operators import mentioned

PODS = {
    "TensorFlowLite": r"TensorFlowLite(?:Swift|ObjC)?|TFLiteSwift-Vision",
    "onnxruntime_objc": r"onnxruntime-(?:objc|mobile-objc|training-objc)",
    "MediaPipeTasksVision": r"MediaPipeTasksVision",
    "MediaPipeTasksText": r"MediaPipeTasksText",
    "MediaPipeTasksAudio": r"MediaPipeTasksAudio",
    "MediaPipeTasksGenAI": r"MediaPipeTasksGenAI",
    "TensorFlowLiteTaskVision": r"TensorFlowLiteTaskVision",
    "TensorFlowLiteTaskText": r"TensorFlowLiteTaskText",
    "TensorFlowLiteTaskAudio": r"TensorFlowLiteTaskAudio",
}
"""Modules -> the pods that have them."""

PACKAGES = re.compile(
    r"tflite\w*|flutter_tflite|onnxruntime\w*|flutter_onnxruntime|pytorch_\w+|flutter_pytorch|flutter_vision|google_ml\w*"
)
"""Flutter's packages that run models."""


@rule(
    "DPL774",
    severity="error",
    leaves=["M.4.2", "M.3.4"],
    see=["https://dart.dev/tools/pub/dependencies", "https://stackoverflow.com/questions/29500227"],
)
def module_not_installed(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.apple:
        yield from _pods(file, project)
    elif file.language == "dart":
        yield from _packages(file, project)


def _pods(file: SourceFile, project: Project) -> Iterator[Finding]:
    wanted = [each for each in file.imports if each.module in PODS]
    area = project.area(file)
    pods = [podfile for podfile in project.all(Podfile) if project.area(podfile) == area] if wanted else []
    if pods and any(other.name == "Package.swift" and other.path.is_relative_to(area) for other in project.files):
        return
    for each in wanted if pods else ():
        named = PODS[each.module]
        pinned = any(re.fullmatch(named, pin.name) for podfile in pods for pin in podfile.packages)
        # A framework or a package that is added by hand, and pods that a function or another file names.
        other = rf"XCRemoteSwiftPackageReference|XCLocalSwiftPackageReference|{each.module}\w*\.(?:xc)?framework|(?:{named})"
        if not pinned and mentioned(project, area, other, ".pbxproj", ".resolved", ".rb", ".podspec", ".yml", "") is None:
            yield Finding(
                each.place,
                f"no pod of {pods[0].place.path} has this module: 'No such module {each.module!r}'",
                help=f"add the pod that has it ({named.replace('?', '').split('|')[0]}), or the Swift package",
            )


def _packages(file: SourceFile, project: Project) -> Iterator[Finding]:
    wanted = [each for each in file.imports if PACKAGES.fullmatch(each.package) and each.module == each.package]
    here = app(project, file) if wanted else None
    if here is None or not here.pubspec.packages:
        return
    known = {pin.name for pin in here.pubspec.packages} | {here.pubspec.name}
    lock = project.file(here.root / "pubspec.lock")
    locked = project.facts(lock, Requirements) if lock else []
    known |= {pin.name for each in locked for pin in each.packages}
    for each in wanted:
        # One that is not in the lock may come with another of the kind.
        kin = any(PACKAGES.fullmatch(name) for name in known if not locked)
        if each.package not in known and not kin and Path(file.path).suffix == ".dart":
            yield Finding(
                each.place,
                f"{here.pubspec.path} does not name {each.package}: 'Couldn't resolve the package'",
                help=f"flutter pub add {each.package}",
            )
