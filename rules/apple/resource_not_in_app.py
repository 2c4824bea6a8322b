"""A model that code looks for among the app's resources, where no target of the project puts it.

A file in the project's folder, or even in Xcode's list of files, is part of the app only as a member of the target. Without that
`Bundle.main.path(forResource:ofType:)` gives nil (``Unexpectedly found nil while unwrapping an Optional value``), and for a Core
ML model there is no class (``Cannot find 'Leaves' in scope``).

```swift bad path=App/Judge.swift
import TensorFlowLite

func open() throws -> Interpreter {
    let path = Bundle.main.path(forResource: "leaves", ofType: "tflite")!  // <-
    return try Interpreter(modelPath: path)
}
```

```text + path=App.xcodeproj/project.pbxproj
// !$*UTF8*$!
{
    objects = {
        A1 /* Judge.swift in Sources */ = {isa = PBXBuildFile; fileRef = A2 /* Judge.swift */; };
        A2 /* Judge.swift */ = {isa = PBXFileReference; path = Judge.swift; sourceTree = "<group>"; };
        A3 /* leaves.tflite */ = {isa = PBXFileReference; path = leaves.tflite; sourceTree = "<group>"; };
        B1 /* Sources */ = {isa = PBXSourcesBuildPhase; files = (A1 /* Judge.swift in Sources */, ); };
        B2 /* Resources */ = {isa = PBXResourcesBuildPhase; files = ( ); };
        C1 /* App */ = {isa = PBXNativeTarget; buildPhases = (B1, B2, ); name = App; productType = "com.apple.product-type.application"; };
    };
}
```

```swift good path=App/Judge.swift
import TensorFlowLite

func open(_ name: String) throws -> Interpreter {
    let other = Bundle.main.path(forResource: name, ofType: "tflite")
    let path = Bundle.main.path(forResource: "leaves", ofType: "tflite")!
    return try Interpreter(modelPath: other ?? path)
}
```

```text + path=App.xcodeproj/project.pbxproj
// !$*UTF8*$!
{
    objects = {
        A1 /* Judge.swift in Sources */ = {isa = PBXBuildFile; fileRef = A2 /* Judge.swift */; };
        A2 /* Judge.swift */ = {isa = PBXFileReference; path = Judge.swift; sourceTree = "<group>"; };
        A3 /* leaves.tflite */ = {isa = PBXFileReference; path = leaves.tflite; sourceTree = "<group>"; };
        A4 /* leaves.tflite in Resources */ = {isa = PBXBuildFile; fileRef = A3 /* leaves.tflite */; };
        B1 /* Sources */ = {isa = PBXSourcesBuildPhase; files = (A1 /* Judge.swift in Sources */, ); };
        B2 /* Resources */ = {isa = PBXResourcesBuildPhase; files = (A4, ); };
        C1 /* App */ = {isa = PBXNativeTarget; buildPhases = (B1, B2, ); name = App; productType = "com.apple.product-type.application"; };
    };
}
```

A folder that belongs to the target as a whole may hold anything, as Xcode 16 makes them.

```swift good path=App/Judge.swift
import CoreML

let url = Bundle.main.url(forResource: "Leaves", withExtension: "mlmodelc")
```

```text + path=App.xcodeproj/project.pbxproj
// !$*UTF8*$!
{
    objects = {
        A0 = {isa = PBXFileSystemSynchronizedRootGroup; path = App; sourceTree = "<group>"; };
        B1 = {isa = PBXSourcesBuildPhase; files = ( ); };
        C1 = {isa = PBXNativeTarget; buildPhases = (B1, ); fileSystemSynchronizedGroups = (A0, ); name = App; };
    };
}
```

References: https://developer.apple.com/documentation/foundation/bundle/path(forresource:oftype:);
https://stackoverflow.com/questions/46247611; https://stackoverflow.com/questions/44974353.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.apple import file_infos, generated, xcode
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call
from deplint.finding import Place

COMPILED = {"mlmodelc": ("mlmodelc", "mlmodel", "mlpackage")}
"""What Xcode makes -> the suffixes of what it makes it from."""

MODELS = ("tflite", "lite", "mlmodelc", "onnx", "ort", "pt", "ptl", "pte", "task", "litertlm")
LABELS = ("txt", "csv", "json")
TESTS = re.compile(r"Tests?/")
PLACES = {"inDirectory", "subdirectory", "localization", "forLocalization"}


@rule(
    "DPL759",
    severity="error",
    leaves=["M.4.3", "M.1.1"],
    see=["https://stackoverflow.com/questions/46247611", "https://stackoverflow.com/questions/44974353"],
)
def resource_not_in_app(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.apple or TESTS.search(file.path):
        return
    wanted: list[tuple[Call | Place, tuple[str, ...], str]]
    wanted = [(call, names, "this gives nil") for call in file.calls("Bundle.main.{path,url}") for names in [_names(call)] if names]
    for variable, named in file_infos(file, *MODELS, *LABELS):
        wanted.append((variable.place, _alternatives(*named.rsplit(".", 1)), "looking for it gives nil"))
    # Text is about a model where a model is opened beside it.
    wanted = wanted if any(names[0].endswith(MODELS) for _, names, _ in wanted) else []
    wanted += [(call, names, "there is no such class") for call, names in generated(file, project)]
    projects = xcode(file, project) if wanted else ()
    built = {name for each in projects for target in each.targets for name in target.built}
    for call, names, lost in wanted if built else ():
        if not built.intersection(names):
            listed = any(each.listed.intersection(names) for each in projects)
            near = next((name for name in sorted(built) if name.lower() in {each.lower() for each in names}), "")
            why = f"the app has {near}" if near else "it is listed, and member of no target" if listed else "it is not listed"
            name = next((name for name in names if not name.endswith(".mlmodelc")), names[0])
            yield Finding(
                call,
                f"no target of {projects[0].place.path} builds {name} into the app ({why}): {lost}",
                help="add the file to the app's target (File Inspector, Target Membership)",
            )


def _names(call: Call) -> tuple[str, ...]:
    """What the file may be called that a call looks for; empty if that is not known, or of no interest."""
    name, kind = call.argument("forResource"), call.argument("ofType") or call.argument("withExtension")
    if name is None or kind is None or PLACES & {argument.label for argument in call.arguments}:
        return ()
    stem, suffix = name.value, kind.value
    if not isinstance(stem, str) or not (suffix is None or isinstance(suffix, str)) or "/" in stem:
        return ()
    suffix = suffix.lstrip(".") if suffix else ""
    whole = f"{stem}.{suffix}" if suffix else stem
    if whole.rpartition(".")[2] not in (*MODELS, *LABELS):
        return ()
    return _alternatives(stem, suffix) if suffix else (whole,)


def _alternatives(stem: str, suffix: str) -> tuple[str, ...]:
    """What Xcode may make the file from."""
    return tuple(f"{stem}.{each}" for each in COMPILED.get(suffix, (suffix,)))
