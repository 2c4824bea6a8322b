"""A PyTorch file that the app's loader cannot read.

PyTorch for phones has three kinds of files and a loader for each: TorchScript (`Module.load`), TorchScript with bytecode for the lite
interpreter (`LiteModuleLoader.load`, saved with `_save_for_lite_interpreter`), and ExecuTorch (`.pte`). A checkpoint of `torch.save` is
none of them. The wrong one stops with ``PytorchStreamReader failed locating file bytecode.pkl: file not found`` or ``... constants.pkl``;
`Module` with the lite library alone with ``couldn't find "libpytorch_jni.so"``.

```java bad path=app/src/main/java/Net.java
import org.pytorch.LiteModuleLoader;
import org.pytorch.Module;

class Net {
    private final Module module = LiteModuleLoader.load(assetFilePath(context, "net.pt")); // <-
}
```

```graph + path=app/src/main/assets/net.pt
model torchscript
graph __torch__.Net.forward
  input x
  op aten.relu
```

The same, written otherwise.

```kotlin bad path=app/src/main/java/Net.kt
import org.pytorch.Module

class Net(path: String) {
    private val module = Module.load(path)  // <-
}
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
dependencies { implementation 'org.pytorch:pytorch_android_lite:1.13.1' }
```

```java good path=app/src/main/java/Net.java
import org.pytorch.LiteModuleLoader;
import org.pytorch.Module;

class Net {
    private final Module lite = LiteModuleLoader.load(assetFilePath(context, "net.ptl"));
    private final Module full = Module.load(assetFilePath(context, "net.ptl"));
}
```

```graph + path=app/src/main/assets/net.ptl
model torchscript
metadata kind=mobile
graph __torch__.Net.forward
  input x
  op aten.relu
```

```gradle + path=app/build.gradle
android { compileSdk 35 }
dependencies {
    implementation 'org.pytorch:pytorch_android:1.13.1'
    implementation 'org.pytorch:pytorch_android_lite:1.13.1'
}
```

References: pytorch/android-demo-app#157, #159 and #183; PyTorch's recipe for the mobile interpreter.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.apps.android import JVM, asset_files, gradle, packed, written
from deplint.apps.jvm import origins
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call

LITE, FULL, EXECUTORCH = "org.pytorch.LiteModuleLoader.load", "org.pytorch.Module.load", "org.pytorch.executorch.Module.load"


@rule(
    "DPL727",
    severity="error",
    leaves=["M.4.3", "M.4.2", "M.2.3"],
    see=["https://github.com/pytorch/android-demo-app/issues/157", "https://github.com/pytorch/android-demo-app/issues/159"],
)
def torch_module_kind(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\borg\.pytorch\b"):
        return
    for call in file.calls(LITE, FULL, EXECUTORCH):
        model = _model(call, project)
        why, remedy = _refused(call, model) if model is not None else ("", "")
        if model is not None and why:
            yield Finding(call, f"{model.path} {why}", help=remedy)
        elif call.name == FULL and _lite_alone(call, project):
            yield Finding(
                call,
                "Module.load needs org.pytorch:pytorch_android, and the app has only the lite library: couldn't find libpytorch_jni.so",
                help="load it with LiteModuleLoader.load, or depend on org.pytorch:pytorch_android",
            )


def _model(call: Call, project: Project) -> Model | None:
    """The model among the assets that the loader is given, if it is certain."""
    names = {
        asset
        for node in origins(call.argument(None, 0))
        if (asset := written(node, project)) and asset.endswith((".pt", ".ptl", ".pte", ".pth"))
    }
    files = asset_files(names.pop(), call.file, project) if len(names) == 1 else []
    models = project.facts(files[0], Model) if len(files) == 1 else []
    return models[0] if len(models) == 1 else None


def _refused(call: Call, model: Model) -> tuple[str, str]:
    mobile = model.metadata.get("kind") == "mobile"
    if model.format == "torch":
        return (
            "is a checkpoint of torch.save, and no module that a phone can run",
            "trace or script the module and save that, or export it with ExecuTorch",
        )
    if call.name == EXECUTORCH:
        return ("", "") if model.format == "executorch" else ("is no ExecuTorch program", "export it with ExecuTorch (.pte)")
    if model.format == "executorch":
        return "is an ExecuTorch program, which PyTorch Mobile cannot read", "load it with org.pytorch.executorch.Module"
    if call.name == LITE and model.format == "torchscript" and not mobile:
        return (
            "has no bytecode for the lite interpreter: PytorchStreamReader failed locating file bytecode.pkl",
            "save it with module._save_for_lite_interpreter(path)",
        )
    return "", ""


def _lite_alone(call: Call, project: Project) -> bool:
    build = gradle(project, call.place)
    names = {d.name for each in (build.builds if build else ()) for d in packed(each)}
    return "org.pytorch:pytorch_android_lite" in names and "org.pytorch:pytorch_android" not in names and "" not in names
