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
            loader = _loaded(wanted, project)
            if loader is not None:
                yield Finding(
                    call,
                    f"{loader.path} loads {wanted} with LiteModuleLoader, and this writes no bytecode for it: "
                    "PytorchStreamReader failed locating file bytecode.pkl",
                    help="write it with module._save_for_lite_interpreter(path)",
                )


def _loaded(name: str, project: Project) -> SourceFile | None:
    """The file of the app that loads a model of that name with the lite loader alone."""
    quoted = rf"['\"](?:[^'\"\n]*/)?{re.escape(name)}['\"]"
    named = [file for file in sources(project) if file.mentions(quoted)]
    found = [file for file in named if file.mentions(r"\bLiteModuleLoader\b") and any(True for _ in file.calls(LITE))]
    return found[0] if len(found) == len(named) == 1 and not any(True for _ in found[0].calls(FULL)) else None
