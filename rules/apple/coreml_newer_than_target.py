"""A Core ML model that the oldest device the app is built for cannot load.

The specification version of a model says which system it needs: an ML program iOS 15, its later operators iOS 16 to 18. An app
whose deployment target is older is installed on devices on which loading the model fails.

```graph bad path=App/Net.mlmodel line=1
model coreml ir=6 tags=[mlProgram]
graph main
  input x float32[1,4]
  op relu (x) -> (y)
  output y
```

```text + path=Podfile
platform :ios, '13.0'
target 'App' do
end
```

A target that is new enough is fine.

```graph good path=App/Net.mlmodel
model coreml ir=6 tags=[mlProgram]
graph main
  input x float32[1,4]
  op relu (x) -> (y)
  output y
```

```swift + path=Package.swift
let package = Package(name: "App", platforms: [.iOS(.v15)])
```

So is code that asks for the system's version first.

```graph good path=App/Net.mlmodel
model coreml ir=6 tags=[mlProgram]
graph main
  input x float32[1,4]
  op relu (x) -> (y)
  output y
```

```text + path=Podfile
platform :ios, '13.0'
```

```swift + path=App/Judge.swift
@available(iOS 15.0, *)
func judge() {
}
```

The code that converts may ask for more than the app has.

```python bad path=tools/convert.py
import coremltools as ct
import torch
from net import Net

TARGET = ct.target.iOS17
example = torch.rand(1, 3, 224, 224)
traced = torch.jit.trace(Net().eval(), example)
model = ct.convert(traced, inputs=[ct.TensorType(shape=example.shape)], minimum_deployment_target=TARGET)  # <-
model.save("Sources/Vision/Resources/Net.mlpackage")
program = ct.convert(traced, inputs=[ct.TensorType(shape=example.shape)], convert_to="mlprogram")
older = ct.convert(traced, inputs=[ct.TensorType(shape=example.shape)], minimum_deployment_target=ct.target.iOS15)
```

```swift + path=Package.swift
let package = Package(name: "Vision", platforms: [.iOS(.v15)])
```

```swift + path=Sources/Vision/Recognizer.swift
import CoreML
```

```python good path=tools/convert.py
import coremltools as ct
from net import traced

model = ct.convert(traced, minimum_deployment_target=ct.target.macOS14)
```

```swift + path=Package.swift
let package = Package(name: "Vision", platforms: [.iOS(.v15)])
```

References: the table of versions in `Model.proto` of coremltools; what coremltools writes for each target
(`tests/claims/test_coreml.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.code.python import PythonFile
from deplint.data import load
from deplint.settings.apple import DeploymentTarget
from deplint.settings.packages import Podfile

from ..operators import mentioned

SOURCES = (".swift", ".m", ".mm", ".h")


@rule(
    "DPL462",
    severity="warning",
    leaves=["M.4.6"],
    see=["https://github.com/apple/coremltools/blob/main/mlmodel/format/Model.proto"],
)
def coreml_newer_than_target(facts: Model | PythonFile, project: Project) -> Iterator[Finding]:
    if isinstance(facts, PythonFile):
        yield from _converted(facts, project)
        return
    model = facts
    needed = load("coreml_schema")["ios"].get(str(model.ir_version)) if model.format == "coreml" else None
    target = _target(model, project) if needed else None
    if needed is None or target is None or _number(target[0]) >= _number(needed):
        return
    if not _asked_first(needed, project):
        yield Finding(
            model,
            f"the model's specification version {model.ir_version} needs iOS {needed}, the app is built for iOS {target[0]} ({target[1]}): "
            "older devices cannot load it",
            help="convert it with minimum_deployment_target=ct.target.iOS" + target[0].partition(".")[0] + ", or raise the app's target",
        )


def _converted(file: PythonFile, project: Project) -> Iterator[Finding]:
    """What code converts for a newer system than the app beside it is built for."""
    for call in file.calls("coremltools.convert"):
        wanted, kind = call.argument("minimum_deployment_target"), call.argument("convert_to")
        match = re.fullmatch(r"coremltools\.target\.iOS(\d+)", wanted.name) if wanted.certain else None
        needed = match[1] if match is not None else "15" if wanted.missing and kind.text == "mlprogram" else None
        target = _target(file, project) if needed is not None and not call.guarded and not call.open else None
        if needed is not None and target is not None and _number(target[0]) < _number(needed) and not _asked_first(needed, project):
            yield Finding(
                call if wanted.missing else wanted,
                f"the model is converted for iOS {needed}, the app is made for iOS {target[0]} ({target[1]}): older devices cannot load it",
                help="convert it with minimum_deployment_target=ct.target.iOS"
                + target[0].partition(".")[0]
                + ", or raise the app's target",
            )


def _asked_first(needed: str, project: Project) -> bool:
    """The app's code asks for a system that is new enough, somewhere."""
    guard = rf"\bavailable\s*\(\s*iOS\s+(?:{'|'.join(str(version) for version in range(int(_number(needed)[0]), 40))})\b"
    return mentioned(project, project.root, guard, *SOURCES) is not None


def _target(model: Model | PythonFile, project: Project) -> tuple[str, str] | None:
    """The iOS version that the app around a model is built for, and the file that says so; the newest if there are several."""
    here = project.area(model)
    named = [target for target in project.all(DeploymentTarget) if project.area(target) == here and target.ios != ()]
    # A Podfile's platform is the pods', and may be older than the app's.
    for kind in ("xcode", "package"):
        found = [target for target in named if target.kind == kind]
        if any(target.ios is None for target in found):
            return None
        versions = [(version, target.place.path) for target in found for version in target.ios or ()]
        if versions:
            return max(versions, key=lambda each: _number(each[0]))
    pods = [pod for pod in project.all(Podfile) if project.area(pod) == here]
    versions = [(pod.ios, pod.path) for pod in pods if pod.ios and re.fullmatch(r"[\d.]+", pod.ios)]
    return max(versions, key=lambda each: _number(each[0])) if len(versions) == len(pods) and versions else None


def _number(version: str) -> tuple[int, ...]:
    return (*(int(part) for part in version.split(".") if part), 0, 0)[:2]
