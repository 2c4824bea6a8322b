"""TorchScript saved for an app whose loader takes only files of the lite interpreter.

`ScriptModule.save` and `torch.jit.save` write no bytecode. `LiteModuleLoader` wants it: ``PytorchStreamReader failed locating file
bytecode.pkl: file not found``.

```python bad path=ml/export.py
import torch
from torch.utils.mobile_optimizer import optimize_for_mobile

traced = torch.jit.trace(net.eval(), torch.rand(1, 3, 224, 224))
mobile = optimize_for_mobile(traced)
mobile.save("../app/src/main/assets/scene.ptl")  # <-
```

```kotlin + path=app/src/main/java/Net.kt
import org.pytorch.LiteModuleLoader

class Net(context: Context) {
    private val module = LiteModuleLoader.load(assetFilePath(context, "scene.ptl"))
}
```

```python good path=ml/export.py
import torch
from torch.utils.mobile_optimizer import optimize_for_mobile

traced = torch.jit.trace(net.eval(), torch.rand(1, 3, 224, 224))
traced.save("scene.pt")
optimize_for_mobile(traced)._save_for_lite_interpreter("scene.ptl")
```

```kotlin + path=app/src/main/java/Net.kt
import org.pytorch.LiteModuleLoader

class Net(context: Context) {
    private val module = LiteModuleLoader.load(assetFilePath(context, "scene.ptl"))
}
```

On iOS the loader is `torch::jit::_load_for_mobile`.

```python bad path=ml/export.py
import torch

traced = torch.jit.trace(net.eval(), torch.rand(1, 3, 224, 224))
traced.save("scene.pt")  # <-
```

```swift + path=App/Judge.swift
let path = Bundle.main.path(forResource: "scene", ofType: "pt")!
let module = TorchModule(fileAtPath: path)
```

```objc + path=App/TorchModule.mm
#import "TorchModule.h"
#import <Libtorch-Lite/Libtorch-Lite.h>

@implementation TorchModule {
    torch::jit::mobile::Module _impl;
}
- (nullable instancetype)initWithFileAtPath:(NSString*)filePath {
    self = [super init];
    _impl = torch::jit::_load_for_mobile(filePath.UTF8String);
    return self;
}
@end
```

```python good path=ml/export.py
import torch

traced = torch.jit.trace(net.eval(), torch.rand(1, 3, 224, 224))
traced.save("scene.pt")
```

```objc + path=App/Judge.mm
#import <LibTorch/LibTorch.h>

@implementation Judge
- (void)open {
    NSString *path = [[NSBundle mainBundle] pathForResource:@"scene" ofType:@"pt"];
    _impl = torch::jit::load(path.UTF8String);
}
@end
```

Another file than the app's, or an app that loads all of TorchScript:

```python good path=ml/export.py
import torch

traced = torch.jit.trace(net.eval(), torch.rand(1, 3, 224, 224))
traced.save("scene.ptl")
```

```kotlin + path=app/src/main/java/Net.kt
import org.pytorch.Module

class Net(context: Context) {
    private val module = Module.load(assetFilePath(context, "scene.ptl"))
}
```

References: https://github.com/pytorch/android-demo-app/issues/157; torch 2.13, where `save` writes no `bytecode.pkl` and
`_save_for_lite_interpreter` does.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import sources
from deplint.code.python import PythonFile
from deplint.code.source import SourceFile

SCRIPTED = "torch.jit.{trace,script,freeze,optimize_for_inference,load}()"
SAVES = {
    SCRIPTED + ".save": ("f", 0),
    "torch.utils.mobile_optimizer.optimize_for_mobile().save": ("f", 0),
    "torch.jit.save": ("f", 1),
}
"""Calls that write TorchScript without bytecode, and their argument for the path."""

LITE, FULL = "org.pytorch.LiteModuleLoader.{load,loadModuleFromAsset}", "org.pytorch.{Module.load,PyTorchAndroid.loadModuleFromAsset}"

MOBILE, WHOLE = r"\btorch::jit::_?load\w*\b", r"\btorch::jit::load\b"


@rule(
    "DPL745",
    severity="error",
    leaves=["M.2.3", "M.4.2"],
    see=["https://github.com/pytorch/android-demo-app/issues/157", "https://github.com/pytorch/android-demo-app/issues/159"],
)
def lite_file_without_bytecode(file: PythonFile, project: Project) -> Iterator[Finding]:
    if not re.search(r"\.save\(", file.text) or "torch" not in file.text or "_save_for_lite_interpreter" in file.text:
        return
    for pattern, (name, position) in SAVES.items():
        for call in file.calls(pattern):
            paths = {posixpath.basename(text) for text in call.argument(name, position).texts}
            wanted = paths.pop() if len(paths) == 1 else ""
            if not wanted.endswith((".pt", ".ptl", ".pth")):
                continue
            loaded = _loaded(wanted, project)
            if loaded is not None:
                loader, means = loaded
                yield Finding(
                    call,
                    f"{loader.path} loads {wanted} with {means}, and this writes no bytecode for it: "
                    "PytorchStreamReader failed locating file bytecode.pkl",
                    help="write it with module._save_for_lite_interpreter(path)",
                )


def _loaded(name: str, project: Project) -> tuple[SourceFile, str] | None:
    """The file of the app that loads a model of that name with the lite loader alone, and that loader."""
    return _on_android(name, project) or _on_ios(name, project)


def _on_android(name: str, project: Project) -> tuple[SourceFile, str] | None:
    quoted = rf"['\"](?:[^'\"\n]*/)?{re.escape(name)}['\"]"
    named = [file for file in sources(project) if file.mentions(quoted)]
    found = [file for file in named if file.mentions(r"\bLiteModuleLoader\b") and any(True for _ in file.calls(LITE))]
    alone = len(found) == len(named) == 1 and not any(True for _ in found[0].calls(FULL))
    return (found[0], "LiteModuleLoader") if alone else None


def _on_ios(name: str, project: Project) -> tuple[SourceFile, str] | None:
    """In an app, Objective-C++ opens what Swift finds among the resources."""
    stem, _, suffix = name.rpartition(".")
    sources = [file for file in project.all(SourceFile) if file.apple]
    asked = [file for file in sources if file.mentions(rf'(?i)forResource:\s*@?"{re.escape(stem)}"\s*,?\s*ofType:\s*@?"{suffix}"')]
    if len(asked) != 1:
        return None
    loaders = [file for file in sources if file.mentions(MOBILE) and project.area(file) == project.area(asked[0])]
    alone = any(True for file in loaders for _ in file.calls("torch.jit._load_for_mobile")) and not any(
        file.mentions(WHOLE) for file in loaders
    )
    return (asked[0], "torch::jit::_load_for_mobile") if alone else None
