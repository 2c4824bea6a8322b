"""A resource of the bundle whose suffix is given twice.

``path(forResource: "leaf.tflite", ofType: "tflite")`` looks for ``leaf.tflite.tflite``, and gives nil: the model is in the app and is not
found.

```swift bad path=App/Net.swift
import TensorFlowLite

final class Net {
    init() throws {
        guard let path = Bundle.main.path(forResource: "leaf.tflite", ofType: "tflite") else { fatalError() } // <-
        let net = try Interpreter(modelPath: path)
    }
}
```

```swift bad path=App/Files.swift
struct ModelFile {
    let name: String
    let ext: String
    static let leaf = ModelFile(name: "leaf.tflite", ext: "tflite") // <-
}

func open(_ file: ModelFile) -> URL? {
    Bundle.main.url(forResource: file.name, withExtension: file.ext)
}
```

```objc bad path=App/Net.m
#import <Foundation/Foundation.h>

@implementation Net
- (NSString *)model {
    return [[NSBundle mainBundle] pathForResource:@"leaf.pt" ofType:@"pt"]; // <-
}
@end
```

Once is right, and so is a file that is called that way.

```swift good path=App/Net.swift
let one = Bundle.main.path(forResource: "leaf", ofType: "tflite")
let two = Bundle.main.path(forResource: "leaf.tflite", ofType: nil)
let three = Bundle.main.url(forResource: "leaf.v2", withExtension: "mlmodelc")
let four = Bundle.main.path(forResource: "labels.tflite", ofType: "txt")
let five = Download(name: "leaf.tflite", type: "tflite")
```

References: the documentation of `Bundle.path(forResource:ofType:)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call

SUFFIXES = ("tflite", "lite", "mlmodelc", "onnx", "ort", "pt", "pth", "ptl", "pte", "task", "litertlm", "param", "bin", "mnn")
NAMES = ("forResource", "name", "fileName")
KINDS = ("ofType", "withExtension", "ext", "extension", "fileExtension", "type")


@rule(
    "DPL320",
    severity="error",
    leaves=["M.4.3"],
    see=["https://developer.apple.com/documentation/foundation/bundle/path(forresource:oftype:)"],
)
def resource_suffix_twice(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.apple or not file.mentions(r"\bforResource\b|\bpathForResource\b|\bURLForResource\b"):
        return
    for call in file.calls():
        name, kind = _parts(call)
        if kind in SUFFIXES and name.endswith("." + kind) and not any(other.name == f"{name}.{kind}" for other in project.files):
            yield Finding(
                call,
                f"this means {name}.{kind}: the suffix is in the name already, and no resource is found (nil)",
                help=f'leave it out of the name: "{name.removesuffix("." + kind)}"',
            )


def _parts(call: Call) -> tuple[str, str]:
    """The name and the kind of a file that a call is given; empty if they are not known."""
    given = {argument.label: argument.value for argument in call.arguments}
    first = next((label for label in NAMES if label in given), "")
    second = next((label for label in KINDS if label in given), "")
    # What a value of the project's own holds counts where these two of its fields name a resource.
    used = rf"forResource:\s*[\w.]+\.{first}\b[^)\n]*(?:ofType|withExtension):\s*[\w.]+\.{second}\b"
    if not first or not second or (first != "forResource" and re.search(used, call.file.text) is None):
        return "", ""
    name, kind = given[first], given[second]
    if not isinstance(name.value, str) or not isinstance(kind.value, str):
        return "", ""
    return name.value, kind.value.lstrip(".")
