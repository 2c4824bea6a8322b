"""What a model of torchvision gives, taken for something else in an Android app.

A segmentation network gives a dictionary with ``out``, a detector a tuple of losses and detections when it is scripted. `IValue` refuses to
be read as another kind: ``IllegalStateException: Expected IValue type ..., actual type ...``, with numbers or names of the types.

```java bad path=app/src/main/java/Sky.java
import org.pytorch.IValue;
import org.pytorch.Module;
import org.pytorch.Tensor;

class Sky {
    private final Module net = Module.load(path());

    float[] run(Tensor x) {
        return net.forward(IValue.from(x)).toTensor().getDataAsFloatArray(); // <-
    }
}
```

```python + path=export/sky.py
import torch
from torchvision.models.segmentation import deeplabv3_mobilenet_v3_large

net = deeplabv3_mobilenet_v3_large(weights="DEFAULT").eval()
torch.jit.script(net).save("sky.pt")
```

In Kotlin:

```kotlin bad path=app/src/main/java/Birds.kt
import org.pytorch.IValue
import org.pytorch.LiteModuleLoader

class Birds(path: String) {
    private val net = LiteModuleLoader.load(path)

    fun run(x: IValue): FloatArray {
        val out = net.forward(x)
        return out.toTensor().dataAsFloatArray // <-
    }
}
```

```python + path=export/birds.py
import torch
import torchvision

net = torchvision.models.detection.fasterrcnn_mobilenet_v3_large_320_fpn(weights="DEFAULT").eval()
torch.jit.script(net)._save_for_lite_interpreter("birds.ptl")
```

What it is, a module around it, and other networks:

```java good path=app/src/main/java/Sky.java
import org.pytorch.IValue;
import org.pytorch.Module;
import org.pytorch.Tensor;

class Sky {
    private final Module net = Module.load(path());

    float[] run(Tensor x) {
        return net.forward(IValue.from(x)).toDictStringKey().get("out").toTensor().getDataAsFloatArray();
    }
}
```

```python + path=export/sky.py
import torch
from torchvision.models.segmentation import deeplabv3_mobilenet_v3_large

torch.jit.script(deeplabv3_mobilenet_v3_large(weights="DEFAULT").eval()).save("sky.pt")
```

Another module around it:

```java good path=app/src/main/java/Sky.java
import org.pytorch.IValue;
import org.pytorch.Module;
import org.pytorch.Tensor;

class Sky {
    private final Module net = Module.load(path());

    float[] run(Tensor x) {
        return net.forward(IValue.from(x)).toTensor().getDataAsFloatArray();
    }
}
```

```python + path=export/sky.py
import torch
import torchvision
from own import Take

net = torchvision.models.segmentation.fcn_resnet50(weights="DEFAULT")
torch.jit.script(torch.nn.Sequential(net, Take()).eval()).save("sky.pt")
```

Around it:

```java good path=app/src/main/java/Sky.java
import org.pytorch.IValue;
import org.pytorch.Module;
import org.pytorch.Tensor;

class Sky {
    private final Module net = Module.load(path());

    float[] run(Tensor x) {
        return net.forward(IValue.from(x)).toTensor().getDataAsFloatArray();
    }
}
```

```python + path=export/sky.py
import torch
from torchvision.models.segmentation import deeplabv3_mobilenet_v3_large


class Plain(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = deeplabv3_mobilenet_v3_large(weights="DEFAULT")

    def forward(self, x):
        return self.net(x)["out"]


torch.jit.script(Plain().eval()).save("sky.pt")
```

References: torchvision 0.29.1, `models/segmentation/_utils.py`, `lraspp.py`, `models/detection/{generalized_rcnn,retinanet,ssd,fcos}.py`;
pytorch_android, `IValue.java` (`preconditionType`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM
from deplint.code.python import PythonFile
from deplint.code.source import SourceFile

KINDS = {
    "torchvision.models.segmentation.": ("a dictionary", 'toDictStringKey().get("out").toTensor()'),
    "torchvision.models.detection.": ("a tuple (losses, detections)", "toTuple()[1].toList()"),
}
"""What makes a network -> what it gives, and how that is read."""

SAVING = "torch.jit.script().{save,_save_for_lite_interpreter}"
"""Scripted only: a traced detector gives a list."""
LOADING = "org.pytorch.{Module.load,LiteModuleLoader.load,LiteModuleLoader.loadModuleFromAsset}"


@rule(
    "DPL333",
    severity="error",
    leaves=["M.6.4", "M.4.4"],
    see=[
        "https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/segmentation/_utils.py",
        "https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/generalized_rcnn.py",
        "https://github.com/pytorch/pytorch/blob/10584c0805027805fe7bc3d1ce053783f4cd8a01/android/pytorch_android/src/main/java/org/pytorch/IValue.java",
    ],
)
def torch_output_kind(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\borg\.pytorch\b") or not file.mentions(r"\.toTensor\(\)"):
        return
    area = project.area(file)
    near = [each for each in project.all(SourceFile) if each.language in JVM and project.area(each) == area]
    if sum(1 for each in near for _ in each.calls(LOADING)) != 1:
        return
    told = _exported(project)
    if told is None:
        return
    for call in file.calls("**.toTensor"):
        made = call.receiver.origin if call.receiver is not None else None
        if made is not None and made.method == "forward":
            yield Finding(
                call,
                f"{told[0].path} exports a network that gives {told[1][0]}: 'Expected IValue type ..., actual type ...'",
                help=f"read it with {told[1][1]}, or export a module that returns the tensor",
            )


def _exported(project: Project) -> tuple[PythonFile, tuple[str, str]] | None:
    """The one script of the project that saves a module for phones, and what its network gives, as far as torchvision decides that."""
    scripts = [each for each in project.all(PythonFile) if "torch.jit" in each.text or "optimize_for_mobile" in each.text]
    if len(scripts) != 1 or "def forward" in scripts[0].text:
        return None
    script = scripts[0]
    scripted = [call.argument("obj", 0).origin for call in script.calls("torch.jit.script")]
    names = [made.name if made is not None else "" for made in scripted]
    kinds = [kind for module, kind in KINDS.items() if len(names) == 1 and names[0].startswith(module)]
    return (script, kinds[0]) if kinds and len(script.calls(SAVING)) == 1 else None
