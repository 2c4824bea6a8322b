"""A class of a Core ML model that no model of the Xcode project makes.

Xcode names the class after the file: ``Gesture.mlpackage`` becomes `Gesture`. Code for another name does not compile: ``Cannot find
'GestureModel' in scope``.

```swift bad path=App/Watcher.swift
import CoreML

final class Watcher {
    private let model = try? GestureModel(configuration: MLModelConfiguration()) // <-
}
```

```pbxproj + path=App.xcodeproj/project.pbxproj
// !$*UTF8*$!
{
    objects = {
        A1 = {isa = PBXBuildFile; fileRef = B1;};
        A2 = {isa = PBXBuildFile; fileRef = B2;};
        B1 = {isa = PBXFileReference; path = Watcher.swift; sourceTree = "<group>";};
        B2 = {isa = PBXFileReference; path = Gesture.mlmodel; sourceTree = "<group>";};
        C1 = {isa = PBXNativeTarget; name = App; productType = "com.apple.product-type.application"; buildPhases = (D1,);};
        D1 = {isa = PBXSourcesBuildPhase; files = (A1, A2,);};
    };
    rootObject = C1;
}
```

The class it is, classes of the project, and of other modules:

```swift good path=App/Watcher.swift
import CoreML

final class Watcher {
    private let model = try? Gesture(configuration: MLModelConfiguration())
    private let camera = Camera(configuration: CameraConfiguration())
    private let session = URLSession(configuration: .default)
}
```

```swift + path=App/Camera.swift
struct CameraConfiguration {}
struct Camera { let configuration: CameraConfiguration }
```

```pbxproj + path=App.xcodeproj/project.pbxproj
// !$*UTF8*$!
{
    objects = {
        A1 = {isa = PBXBuildFile; fileRef = B1;};
        A2 = {isa = PBXBuildFile; fileRef = B2;};
        B1 = {isa = PBXFileReference; path = Watcher.swift; sourceTree = "<group>";};
        B2 = {isa = PBXFileReference; path = Gesture.mlmodel; sourceTree = "<group>";};
        C1 = {isa = PBXNativeTarget; name = App; productType = "com.apple.product-type.application"; buildPhases = (D1,);};
        D1 = {isa = PBXSourcesBuildPhase; files = (A1, A2,);};
    };
    rootObject = C1;
}
```

References: Apple, "Integrating a Core ML Model into Your App" (``MarsHabitatPricer.mlmodel`` becomes `MarsHabitatPricer`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.apple import xcode
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Name

_MODEL = re.compile(r"(.+)\.(?:mlmodel|mlpackage)")
_OWN = re.compile(r"\b(?:class|struct|enum|actor|typealias|extension|protocol|func)\s+(\w+)")
_IMPORTED = re.compile(r"(?m)^\s*(?:@\w+\s+)?import\s+(\w+)")
SYSTEM = frozenset({
    "ARKit", "AVFoundation", "AVKit", "Accelerate", "Combine", "CoreGraphics", "CoreImage", "CoreML", "CoreMedia", "CoreMotion",
    "CoreVideo", "Foundation", "ImageIO", "MapKit", "Metal", "MetalKit", "NaturalLanguage", "Observation", "Photos", "PhotosUI",
    "QuartzCore", "RealityKit", "SceneKit", "SoundAnalysis", "Speech", "SpriteKit", "SwiftUI", "UIKit", "Vision", "VideoToolbox",
    "WatchConnectivity", "os",
})  # fmt: skip
"""Modules of the system, which have no class that is made with an `MLModelConfiguration` but `MLModel`."""


@rule(
    "DPL335",
    severity="error",
    leaves=["M.4.3", "M.4.2"],
    see=[
        "https://developer.apple.com/documentation/coreml/integrating-a-core-ml-model-into-your-app",
    ],
)
def model_class_unknown(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language != "swift" or not file.mentions(r"\bMLModelConfiguration\b") or not set(_IMPORTED.findall(file.text)) <= SYSTEM:
        return
    projects = xcode(file, project)
    listed = {name for each in projects for name in each.listed}
    models = {re.sub(r"\W", "_", match[1]) for name in listed if (match := _MODEL.fullmatch(name))}
    if not models:
        return
    area = project.area(file)
    code = [each.text for each in project.all(SourceFile) if each.apple and project.area(each) == area]
    for call in file.calls("*"):
        made = call.callee.id if isinstance(call.callee, Name) else ""
        given = call.argument("configuration")
        if not made[:1].isupper() or made in models or given is None or len(call.arguments) != 1:
            continue
        origin = given.origin
        if origin is None or origin.name != "MLModelConfiguration" or any(made in _OWN.findall(text) for text in code):
            continue
        yield Finding(
            call,
            f"{projects[0].place.path} has no model that makes a class {made}: 'Cannot find {made} in scope'",
            help=f"its models make {', '.join(sorted(models)[:4])}; the class is named after the file",
        )
