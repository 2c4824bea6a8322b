"""A resource of a Swift package that is looked for in the app's bundle.

The resources of a package's target are in a bundle of its own, ``Bundle.module``. ``Bundle.main`` is the app's: the model is not there, and
the URL is nil.

```swift bad path=Sources/Kit/Loader.swift
import CoreML

public func model() throws -> MLModel {
    guard let url = Bundle.main.url(forResource: "Gesture", withExtension: "mlmodelc") else { throw CocoaError(.fileNoSuchFile) } // <-
    return try MLModel(contentsOf: url)
}
```

```swift + path=Package.swift
// swift-tools-version:5.7
import PackageDescription

let package = Package(
    name: "Kit",
    targets: [.target(name: "Kit", resources: [.copy("Resources/Gesture.mlmodelc")])]
)
```

Of the module, and of the app that uses the package:

```swift good path=Sources/Kit/Loader.swift
import CoreML

let one = Bundle.module.url(forResource: "Gesture", withExtension: "mlmodelc")
let two = Bundle.main.url(forResource: "Other", withExtension: "mlmodelc")
```

```swift + path=Package.swift
// swift-tools-version:5.7
import PackageDescription

let package = Package(
    name: "Kit",
    targets: [.target(name: "Kit", resources: [.copy("Resources/Gesture.mlmodelc")])]
)
```

References: Apple, "Bundling resources with a Swift package", and its engineers on `Bundle.module` (the only supported way).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.source import SourceFile

_RESOURCE = re.compile(r"\.(?:copy|process|embedInCode)\(\s*\"([^\"]+)\"")
KINDS = ("mlmodelc", "mlmodel", "mlpackage", "tflite", "onnx", "ort", "pte", "pt", "ptl", "task", "bin", "txt", "json")
_COMPILED = {"mlmodelc": ("mlmodelc", "mlmodel", "mlpackage")}


@rule(
    "DPL336",
    severity="error",
    leaves=["M.4.3", "M.1.2"],
    see=[
        "https://developer.apple.com/documentation/xcode/bundling-resources-with-a-swift-package",
        "https://developer.apple.com/forums/thread/650914",
    ],
)
def package_resource_in_main(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language != "swift" or not file.mentions(r"\bBundle\.main\b") or file.mentions(r"\bBundle\.module\b|\bBundle\("):
        return
    folders = Path(file.path).resolve().parents
    manifest = next((found for folder in folders if (found := project.file(folder / "Package.swift")) is not None), None)
    target = re.search(r"(?:^|/)Sources/(\w+)/", f"/{file.path}")
    if manifest is None or target is None:
        return
    others = r"\.(?:target|testTarget|executableTarget|binaryTarget)\("
    own = re.search(rf"\.target\(\s*name:\s*\"{target[1]}\"(.*?)(?={others}|\Z)", manifest.text, re.DOTALL)
    bundled = {path.rpartition("/")[2] for path in _RESOURCE.findall(own[1])} if own else set()
    for call in file.calls("Bundle.main.{url,path}"):
        name, kind = call.argument("forResource"), call.argument("withExtension") or call.argument("ofType")
        if name is None or kind is None or not isinstance(name.value, str) or kind.value not in KINDS:
            continue
        if any(f"{name.value}.{each}" in bundled for each in _COMPILED.get(kind.value, (kind.value,))):
            yield Finding(
                call,
                f"{manifest.shown} puts {name.value}.{kind.value} into the package's own bundle: Bundle.main has it not, and gives nil",
                help="Bundle.module",
            )
