"""A model for PyTorch's lite interpreter that the app's release cannot read.

Models for the lite interpreter hold bytecode, whose version the exporting release of torch decides, and an app's library reads bytecode up
to a version of its own: ``Lite Interpreter version number does not match. The model version must be between 3 and 5 but the model version
is 8``.

```kotlin bad path=app/build.gradle.kts
dependencies {
    implementation("org.pytorch:pytorch_android_lite:1.9.0") // <-
}
```

```python + path=ml/export.py
import torch

scripted = torch.jit.script(net.eval())
scripted._save_for_lite_interpreter("scene.ptl")
```

```text + path=ml/requirements.txt
torch==1.13.1
```

```kotlin + path=app/src/main/java/Scene.kt
import org.pytorch.LiteModuleLoader

class Scene(context: Context) {
    private val module = LiteModuleLoader.load(assetFilePath(context, "scene.ptl"))
}
```

The model itself may be there.

```gradle bad path=app/build.gradle
dependencies {
    implementation "org.pytorch:pytorch_android_lite:1.10.0" // <-
}
```

```graph + path=app/src/main/assets/scene.ptl
model torchscript
metadata kind=mobile bytecode_version=8
graph __torch__.Net.forward
  input x
  op aten.relu
```

iOS has the same library as a pod.

```ruby bad path=Podfile
platform :ios, '12.0'
target 'Scene' do
  pod 'LibTorch-Lite', '~> 1.9.0'  # <-
end
```

```python + path=ml/export.py
import torch

NAME = "scene.ptl"
torch.jit.trace(net.eval(), x)._save_for_lite_interpreter("../Scene/" + NAME)
```

```text + path=ml/requirements.txt
torch>=1.12,<2
```

```swift + path=Scene/Scene.swift
let path = Bundle.main.path(forResource: "scene", ofType: "ptl")!
let module = TorchModule(fileAtPath: path)
```

Files that are converted for older apps, written by an unknown release, for another app, or read by a library as new say nothing.

```gradle good path=app/build.gradle
dependencies { implementation "org.pytorch:pytorch_android_lite:1.9.0" }
```

```python + path=ml/export.py
import torch
from torch.jit.mobile import _backport_for_mobile

torch.jit.script(net)._save_for_lite_interpreter("scene.ptl")
_backport_for_mobile("scene.ptl", "scene_v5.ptl", 5)
```

```python + path=ml/other.py
import torch
torch.jit.script(net)._save_for_lite_interpreter("other.ptl")
```

```text + path=ml/requirements.txt
torch==2.0.1
```

```kotlin + path=app/src/main/java/Scene.kt
val module = LiteModuleLoader.load(assetFilePath(context, "scene.ptl"))
```

As new:

```gradle good path=app/build.gradle
dependencies { implementation "org.pytorch:pytorch_android_lite:1.13.1" }
```

```python + path=ml/export.py
import torch
torch.jit.script(net)._save_for_lite_interpreter("scene.ptl")
```

```text + path=ml/requirements.txt
torch>=1.10
```

```kotlin + path=app/src/main/java/Scene.kt
val module = LiteModuleLoader.load(assetFilePath(context, "scene.ptl"))
```

References: `caffe2/serialize/versions.h` (before 1.11 `inline_container.h`) in the wheels of torch 1.8.1, 1.9.1, 1.10.2, 1.11.0,
1.12.0 and 2.13; pytorch/android-demo-app#217 and #263; facebookresearch/playtorch#59.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Model, Project, rule
from deplint.apps.android import gradle
from deplint.code.python import PythonFile
from deplint.code.source import SourceFile
from deplint.settings.gradle import GradleBuild
from deplint.settings.packages import Podfile
from deplint.settings.pins import Pin
from deplint.settings.ranges import between

LITE = {"org.pytorch:pytorch_android_lite", "LibTorch-Lite"}
READS = (("1.12", 9), ("1.11", 8), ("1.10", 7), ("1.9", 5), ("1.8", 4))
"""First releases of the libraries -> the newest bytecode that they read."""

WRITES = (("1.12", 8), ("1.10", 7), ("1.9", 5))
"""First releases of torch -> the bytecode that they write at least."""


@rule(
    "DPL790",
    severity="error",
    leaves=["M.4.6", "M.2.3"],
    see=["https://github.com/pytorch/android-demo-app/issues/217", "https://github.com/pytorch/android-demo-app/issues/263"],
)
def bytecode_newer_than_runtime(file: GradleBuild | Podfile, project: Project) -> Iterator[Finding]:
    for pin in file.pins_in(project):
        reads = _reads(pin) if pin.name in LITE else 0
        newer = next((each for each in _models(file, project) if each[0] > reads), None) if reads else None
        if newer is not None:
            version, what = newer
            enough = next(since for since, most in reversed(READS) if most >= version)
            yield Finding(
                pin.place,
                f"{what} bytecode {version}, and {pin.name} {pin.specifier} reads no newer than {reads}: Lite Interpreter version number "
                "does not match",
                help=f"use {pin.name} {enough} or later, or convert the file with torch.jit.mobile._backport_for_mobile",
            )


def _reads(pin: Pin) -> int:
    """The newest bytecode that any release a pin admits reads; 0 if that is not known."""
    for since, version in READS if pin.specifier and pin.range else ():
        releases = between(since, None)
        if releases is not None and pin.range is not None and (pin.range & releases).parts:
            return version
    return 0


def _models(file: GradleBuild | Podfile, project: Project) -> Iterator[tuple[int, str]]:
    """The bytecode of the app's models, with words for where it comes from: of the files that are there, else of what Python writes."""
    around = gradle(project, file.place) if isinstance(file, GradleBuild) else None
    root = around.root if around is not None else Path(os.path.abspath(file.path)).parent
    names = set()
    for model in project.all(Model):
        version = model.metadata.get("bytecode_version", "")
        if version.isdecimal() and Path(os.path.abspath(model.path)).is_relative_to(root):
            names.add(posixpath.basename(model.path))
            yield int(version), f"{model.path} has"
    code = [each for each in project.all(SourceFile) if Path(os.path.abspath(each.path)).is_relative_to(root)]
    for script in project.all(PythonFile):
        if "_save_for_lite_interpreter" not in script.text or "_backport_for_mobile" in script.text:
            continue
        written = next((v for since, v in WRITES if project.versions.allows("torch", script, since=since)), 0)
        for call in script.calls("**._save_for_lite_interpreter") if written else ():
            wanted = {posixpath.basename(text) for text in call.argument("f", 0).texts} - names
            if wanted and all(_opened(name, code) for name in wanted):
                line = call.place.span.line if call.place.span else "?"
                yield written, f"{script.path}:{line} writes"


def _opened(name: str, code: list[SourceFile]) -> bool:
    """Whether an app's code names a file."""
    stem, _, suffix = name.rpartition(".")
    quoted = rf"[\"'/]{re.escape(name)}[\"']|forResource:\s*@?\"{re.escape(stem)}\"\s*,?\s*ofType:\s*@?\"{re.escape(suffix)}\""
    return bool(stem) and any(file.mentions(quoted) for file in code)
