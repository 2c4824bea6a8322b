"""A Core ML model opened before it is compiled.

`MLModel(contentsOf:)` takes a compiled model, a folder ``Leaves.mlmodelc``. Xcode compiles what is part of the app, and only the
compiled model is in the bundle; what was downloaded the app compiles itself. Otherwise: ``Unable to load model ... Compile the
model with Xcode or MLModel.compileModel(at:)``.

```swift bad path=App/Judge.swift
import CoreML

func open() throws -> MLModel {
    let url = Bundle.main.url(forResource: "Leaves", withExtension: "mlmodel")!
    return try MLModel(contentsOf: url)  // <-
}

func fetched(_ folder: URL) throws -> MLModel {
    try MLModel(contentsOf: folder.appendingPathComponent("Leaves.mlpackage"), configuration: MLModelConfiguration())  // <-
}
```

```swift good path=App/Judge.swift
import CoreML

func open() throws -> MLModel {
    let url = Bundle.main.url(forResource: "Leaves", withExtension: "mlmodelc")!
    return try MLModel(contentsOf: url)
}

func fetched(_ folder: URL) throws -> MLModel {
    let source = folder.appendingPathComponent("Leaves.mlmodel")
    let compiled = try MLModel.compileModel(at: source)
    return try MLModel(contentsOf: compiled)
}
```

References: https://developer.apple.com/documentation/coreml/downloading-and-compiling-a-model-on-the-user-s-device;
https://stackoverflow.com/questions/48023352.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Node, Text

SOURCES = ("mlmodel", "mlpackage")


@rule(
    "DPL757",
    severity="error",
    leaves=["M.2.1", "M.4.3"],
    see=[
        "https://developer.apple.com/documentation/coreml/downloading-and-compiling-a-model-on-the-user-s-device",
        "https://stackoverflow.com/questions/48023352",
    ],
)
def mlmodel_not_compiled(file: SourceFile) -> Iterator[Finding]:
    if not file.apple or not file.mentions(r"\bml(?:model|package)\b"):
        return
    for call in file.calls("MLModel", "MLModel.load"):
        kind = _kind(call.argument("contentsOf"))
        if kind:
            yield Finding(
                call,
                f"this opens a .{kind}, which is not compiled: 'Unable to load model'",
                help="open the .mlmodelc that Xcode puts into the bundle, or what MLModel.compileModel(at:) gives",
            )


def _kind(node: Node | None) -> str:
    """The suffix of the model that a URL certainly means, if that is one that has to be compiled."""
    made = node.origin if node is not None else None
    if made is None:
        return ""
    if made.method in ("url", "path"):
        given = made.argument("withExtension") or made.argument("ofType")
        kind = given.value if given is not None else None
        name = made.argument("forResource")
        if kind is None and name is not None and isinstance(name.value, str):
            kind = name.value.rpartition(".")[2]
        return kind if kind in SOURCES else ""
    if made.method not in ("URL", "appendingPathComponent", "appending") or not made.arguments:
        return ""
    first = made.arguments[0].value
    value = first.value.suffix if isinstance(first.value, Text) else first.value
    if isinstance(value, str):
        return next((kind for kind in SOURCES if value.endswith("." + kind)), "")
    return _kind(first) if made.method == "URL" else ""
