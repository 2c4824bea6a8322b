"""A PyTorch model traced or exported while it is in training mode.

A module is in training mode until `eval()` is called. Tracing and exporting freeze what the mode does: dropout keeps
dropping activations and batch normalisation keeps using the statistics of the batch, so the exported model gives
other, and random, results. `torch.jit.trace`, `torch.export.export` and `torch.onnx.export` with the dynamo exporter
(the default since torch 2.9) all keep the mode they find; the older ONNX exporter switches to inference by itself.

```python bad
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.ReLU())
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(self.body(x))

model = Net()
model.load_state_dict(torch.load("net.pt"))
traced = torch.jit.trace(model, torch.zeros(1, 8))  # <-
traced.save("net.ts")
```

```python bad
import torch
import torchvision

model = torchvision.models.resnet18(weights="DEFAULT")
torch.onnx.export(model, torch.zeros(1, 3, 224, 224), "resnet18.onnx", dynamo=True)  # <-
```

```python good
import torch
import torchvision

def prepare(model, device):
    return model.to(device).eval()

model = prepare(torchvision.models.resnet18(weights="DEFAULT"), "cpu")
torch.onnx.export(model, torch.zeros(1, 3, 224, 224), "resnet18.onnx", dynamo=True)

other = torchvision.models.resnet18()
other.train(False)
torch.jit.trace(other, torch.zeros(1, 3, 224, 224))
```

`eval()` on a module that holds the model counts, a module without layers that depend on the mode does not matter, and
what a file or an unseen function gives may be in either mode.

```python good
import torch
from torch import nn
from zoo import build

class Scale(nn.Module):
    def forward(self, x):
        return x * 2

class Wrapper(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

torch.jit.trace(Scale(), torch.zeros(1))
torch.jit.trace(build("resnet"), torch.zeros(1))
torch.jit.trace(torch.load("whole.pt", weights_only=False), torch.zeros(1))
drop = nn.Sequential(nn.Linear(2, 2), nn.Dropout())
wrapped = Wrapper(drop)
wrapped.eval()
torch.jit.trace(drop, torch.zeros(1, 2))
```

The older ONNX exporter is not concerned.

```python good versions=torch==2.4
import torch
import torchvision

torch.onnx.export(torchvision.models.resnet18(), torch.zeros(1, 3, 224, 224), "resnet18.onnx")
```

References: checked with torch 2.13 (`tests/claims`, marked torch).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.code.values import Truth

MODE_LAYERS = "torch.nn.{Dropout,Dropout1d,Dropout2d,Dropout3d,AlphaDropout,BatchNorm1d,BatchNorm2d,BatchNorm3d,SyncBatchNorm}()"
CONTAINERS = "torch.nn.{Sequential,ModuleList,ModuleDict}()"
TORCHVISION = (
    "torchvision.models.{resnet*,resnext*,wide_resnet*,vgg*,alexnet,densenet*,mobilenet_*,efficientnet_*,googlenet,inception_v3}()",
    "torchvision.models.{shufflenet_*,mnasnet*,regnet_*}()",
)
"""Constructors whose networks hold dropout or batch normalisation (torchvision 0.29)."""
DEPTH = 5


@rule(
    "DPL408",
    severity="error",
    leaves=["S.2.1", "M.2.3", "B.2.3"],
    see=["https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval"],
)
def export_in_training_mode(file: PythonFile, project: Project) -> Iterator[Finding]:
    calls = [(call, call.argument("func", 0)) for call in file.calls("torch.jit.trace")]
    calls += [(call, call.argument("mod", 0)) for call in file.calls("torch.export.export")]
    calls += [(call, call.argument("model", 0)) for call in file.calls("torch.onnx.export") if _keeps_mode(call, project)]
    for call, model in calls:
        if _training(model) and _depends_on_mode(model):
            yield Finding(
                call,
                "the model is exported in training mode: dropout and batch normalisation are frozen as in training, so its results differ",
                help="call model.eval() before exporting",
            )


def _keeps_mode(call: Call, project: Project) -> bool:
    """`torch.onnx.export` certainly runs the dynamo exporter, or is told to keep the training mode."""
    dynamo = call.argument("dynamo")
    if dynamo.missing:
        # Without a pin the newest torch is installed, whose default is dynamo.
        pin = project.versions.allows("torch", call, since="2.9")
        return pin is not False and not call.open and call.argument("training").missing
    return dynamo.python() is True


def _training(model: Value) -> bool:
    """Nobody can have called `eval()`, or `train()` was called last."""
    if model.origin is None or not model.certain:
        return False
    return model.never("training") or (model.certainly("training") and model.value("training").python() is True)


def _depends_on_mode(model: Value, depth: int = 0) -> bool:
    """The module certainly holds a layer that behaves otherwise in training."""
    if depth > DEPTH or not model.certain:
        return False
    if model.is_(MODE_LAYERS, *TORCHVISION) is Truth.yes:
        return model.never("training") or model.value("training").python() is True
    if model.items is not None:
        return any(_depends_on_mode(item, depth + 1) for item in model.items)
    if model.is_(CONTAINERS) is Truth.yes and model.origin is not None:
        return any(_depends_on_mode(argument, depth + 1) for argument in model.origin.arguments)
    if model.project_class is not None and model.is_("torch.nn.Module()") is Truth.yes:
        return any(
            _depends_on_mode(value, depth + 1) for name in model.attributes() if model.certainly(name) for value in model.values(name)
        )
    return False
