"""A PyTorch model traced or exported while it is in training mode.

A module is in training mode until `eval()` is called, and exporting freezes what the mode does. What that is depends on
the exporter (measured with torch 2.13):

* `torch.jit.trace` and `torch.export.export` keep dropout dropping activations at random, and batch normalisation using
  the statistics of the batch it is given. Calling `eval()` on the traced module does not help.
* `torch.onnx.export` with the dynamo exporter (the default since torch 2.9) writes batch normalisation for inference,
  but keeps dropout. ONNX Runtime's optimizer removes a `Dropout` between two other operators, so that the fault may
  only show where one is the first or the last, with `Dropout2d` and its like, or in another runtime.
* The older ONNX exporter switches to inference by itself, unless `training=TrainingMode.PRESERVE` forbids it.
* Core ML's converter leaves dropout out of a traced module, but not batch normalisation.

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
program = torch.export.export(model, (torch.zeros(1, 3, 224, 224),))  # <-

head = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Dropout(0.2))
torch.onnx.export(head, torch.zeros(1, 8), "head.onnx", dynamo=True)  # <-
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

Batch normalisation alone comes out right of either ONNX exporter, dropout alone of Core ML's converter. Who asks for
training gets what was asked for.

```python good
import coremltools as ct
import torch
import torchvision

x = torch.zeros(1, 3, 224, 224)
torch.onnx.export(torchvision.models.resnet18(), x, "resnet18.onnx", dynamo=True)
torch.onnx.export(torchvision.models.vgg16(), x, "vgg16.onnx", dynamo=False)
torch.onnx.export(torchvision.models.vgg16(), x, "tune.onnx", training=torch.onnx.TrainingMode.TRAINING)

traced = torch.jit.trace(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Dropout()), x)
ct.convert(traced, inputs=[ct.TensorType(shape=x.shape)]).save("net.mlpackage")
```

```python good versions=torch==2.4
import torch
import torchvision

torch.onnx.export(torchvision.models.vgg16(), torch.zeros(1, 3, 224, 224), "vgg16.onnx")
```

`torch.jit.freeze` and `optimize_for_mobile` do not take a module in training mode at all: ``Freezing is currently only implemented for
modules in eval mode``.

```python bad
import torch
from torch import nn

net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
frozen = torch.jit.freeze(torch.jit.script(net))  # <-
```

```python good
import torch
from torch import nn
from torch.utils.mobile_optimizer import optimize_for_mobile

net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
scripted = torch.jit.script(net)
scripted.eval()
frozen = torch.jit.freeze(scripted)
optimize_for_mobile(torch.jit.script(net.eval()))
torch.jit.freeze(torch.jit.load("net.pt"))
torch.jit.optimize_for_inference(torch.jit.script(nn.Linear(2, 2)))
```

References: checked with torch 2.13, onnxruntime 1.32 and coremltools 9.0 (`tests/claims/test_training_mode.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.code.pytorch import BATCH, DROPOUT, DROPPING, NORMALISING, drops, holds, in_training
from deplint.code.values import Truth

REFUSE = {
    "torch.jit.freeze": ("mod", 0),
    "torch.utils.mobile_optimizer.optimize_for_mobile": ("script_module", 0),
}
"""What stops at a module in training mode, with its argument."""
GIVEN = {"torch.jit.script": ("obj", 0), "torch.jit.trace": ("func", 0)}


def _fresh(net: Value) -> bool:
    """A module that starts in training mode: of the project, or torchvision's; what others load may be in evaluation mode already."""
    return net.is_("torch.nn.Module()", "torch.nn.*()", "torchvision.models.**()") is Truth.yes


@rule(
    "DPL408",
    severity="error",
    leaves=["S.2.1", "M.2.3", "B.2.3"],
    see=["https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval"],
)
def export_in_training_mode(file: PythonFile, project: Project) -> Iterator[Finding]:
    converted = {call.argument("model", 0).identity for call in file.calls("coremltools.convert")}
    saved = {call.receiver.identity for call in file.calls("torch.jit.trace().save")}
    for call in file.calls(*REFUSE):
        scripted = call.argument(*REFUSE[call.name])
        made = scripted.origin
        net = made.argument(*GIVEN[made.name]) if made is not None and made.name in GIVEN else None
        if net is not None and not call.guarded and scripted.never_called("eval") and in_training(net) and _fresh(net):
            yield Finding(
                call,
                f"the module is in training mode, and {call.name.rpartition('.')[2]} takes none that is: it raises",
                help="call model.eval() before scripting",
            )
    for call in file.calls("torch.jit.trace", "torch.export.export", "torch.onnx.export"):
        if call.name == "torch.onnx.export":
            model, kept = call.argument("model", 0), _kept(call, project)
        else:
            model = call.argument("func" if call.name == "torch.jit.trace" else "mod", 0)
            kept = BATCH + NORMALISING
            if call.result.identity not in converted - saved:
                kept += DROPOUT + DROPPING
        name = ""
        if kept and in_training(model):
            name = holds(model, kept) or (drops(model) if set(DROPOUT) <= set(kept) else "")
        if name:
            yield Finding(
                call,
                f"the model is exported in training mode and its {name} stays as in training: other results, perhaps at random",
                help="call model.eval() before exporting",
            )


def _kept(call: Call, project: Project) -> tuple[str, ...]:
    """What `torch.onnx.export` certainly leaves as it is in training, as patterns of constructors."""
    training = call.argument("training")
    if call.open or (not training.missing and training.is_("torch.onnx.**.PRESERVE", "torch.onnx.PRESERVE") is not Truth.yes):
        return ()
    dynamo = call.argument("dynamo")
    # Without a pin the newest torch is installed, whose default is dynamo.
    if dynamo.python() is True or (dynamo.missing and project.versions.allows("torch", call, since="2.9") is not False):
        return DROPOUT + DROPPING
    known = dynamo.python() is False or (dynamo.missing and project.versions.allows("torch", call, until="2.9"))
    return BATCH + NORMALISING if known and not training.missing else ()
