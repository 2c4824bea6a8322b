"""Arguments that an exporter of PyTorch refuses.

`torch.onnx.export` has two exporters, the older one (TorchScript; the default before torch 2.9, or `dynamo=False`) and the newer one
(`dynamo=True`), which goes through `torch.export.export`. They take different things:

* a module that is scripted or traced already: the newer one raises, ``Exporting a ScriptModule is not supported``;
* `DataParallel` around the model: the older one raises, ``torch.nn.DataParallel is not supported by ONNX exporter``;
* `dynamic_shapes`: the older one raises, ``only supports dynamic shapes through parameter dynamic_axes``.

`torch.export.export` takes an axis of size 1 in the example for fixed, and refuses to have it dynamic: ``You marked batch as dynamic but
your code specialized it to be a constant (1)``. And `torch.save` does not write scripted modules: ``does not have a __getstate__ method``.

```python bad
import torch
import torchvision

x = torch.randn(1, 3, 224, 224)
net = torchvision.models.resnet18().eval()
torch.onnx.export(torch.jit.trace(net, x), x, "net.onnx", dynamo=True)  # <-
torch.onnx.export(torch.nn.DataParallel(net), x, "net.onnx", dynamo=False)  # <-
torch.onnx.export(net, x, "net.onnx", dynamo=False, dynamic_shapes=({0: torch.export.Dim("batch")},))  # <-
torch.save(torch.jit.script(net), "net.pt")  # <-
batch = torch.export.Dim("batch")
program = torch.export.export(net, (x,), dynamic_shapes={"x": {0: batch}})  # <-
```

```python good
import torch
import torchvision

x = torch.randn(1, 3, 224, 224)
net = torchvision.models.resnet18().eval()
torch.onnx.export(net, x, "net.onnx", dynamo=True)
parallel = torch.nn.DataParallel(net)
torch.onnx.export(parallel.module, x, "net.onnx", dynamo=False)
torch.onnx.export(torch.jit.trace(net, x), x, "net.onnx", dynamo=False)
torch.onnx.export(net, x, "net.onnx", dynamo=False, input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}})
torch.jit.script(net).save("net.pt")
batch = torch.export.Dim("batch")
program = torch.export.export(net, (torch.randn(2, 3, 224, 224),), dynamic_shapes={"x": {0: batch}})
torch.export.export(net, (x,), dynamic_shapes={"x": {0: torch.export.Dim.AUTO}})
torch.onnx.export(net, (x,), "net.onnx", dynamo=True, dynamic_shapes={"x": {0: batch}})
```

Which exporter runs is open without a version.

```python good
import torch
import torchvision

x = torch.randn(1, 3, 224, 224)
net = torchvision.models.resnet18().eval()
torch.onnx.export(torch.nn.DataParallel(net), x, "net.onnx")
```

```python bad versions=torch==2.4
import torch
import torchvision

x = torch.randn(1, 3, 224, 224)
net = torchvision.models.resnet18().eval()
torch.onnx.export(torch.nn.DataParallel(net), x, "net.onnx")  # <-
```

More names than the module has outputs are refused by the older exporter.

```python bad
import torch
from torch import nn

class Depth(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 1, 3)

    def forward(self, image):
        x = self.conv(image)
        return x.sigmoid()

names = ["disparity", "confidence"]
torch.onnx.export(Depth().eval(), torch.zeros(1, 3, 8, 8), "d.onnx", output_names=names, dynamo=False)  # <-
```

```python good
import torch
from torch import nn

class Two(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.conv = nn.Conv2d(3, 1, 3)
        self.pool = nn.MaxPool2d(2, return_indices=True)
        self.backbone = backbone

    def forward(self, image):
        return self.conv(image), self.backbone(image)

class Free(Two):
    def forward(self, image):
        return self.backbone(image)

x = torch.zeros(1, 3, 8, 8)
torch.onnx.export(Two(load()).eval(), x, "d.onnx", output_names=["a", "b", "c"], dynamo=False)
torch.onnx.export(Free(load()).eval(), x, "d.onnx", output_names=["a", "b"], dynamo=False)
torch.onnx.export(Two(load()).eval(), x, "d.onnx", output_names=["a"], dynamo=False)
```

References: checked with torch 2.13 (`tests/claims/test_torch_export_arguments.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from . import onnx_exporters

SCRIPTED = "torch.jit.{trace,script,freeze,load,optimize_for_inference}()"
DYNAMIC = ("torch.export.{dynamic_shapes.,}Dim()", "torch.export.{dynamic_shapes.,}Dim.DYNAMIC")
MADE = ("torch.randn", "torch.rand", "torch.zeros", "torch.ones", "torch.empty")

ONE = re.compile(
    r"(torch\.nn\.(Linear|Bilinear|Conv\w+|\w*Norm\w*|\w*AvgPool\w+|Sigmoid|Softmax|ReLU|Tanh|GELU|Flatten|Dropout\w*|Upsample|Embedding)\(\)"
    r"|torch\.(nn\.functional\.)?(sigmoid|softmax|log_softmax|relu|tanh|cat|stack|sum|mean|flatten|interpolate|normalize))"
    r"(\(\)\.(sigmoid|softmax|relu|tanh|view|reshape|squeeze|unsqueeze|flatten|permute|transpose|contiguous|float|mean|sum|clamp|exp))*"
)
"""Layers and functions that give one tensor, and methods that make another of it."""


@rule(
    "DPL120",
    severity="error",
    leaves=["S.2.1", "M.2.1", "M.2.4", "S.4.3"],
    see=["https://docs.pytorch.org/docs/stable/onnx_export.html", "https://docs.pytorch.org/docs/stable/export.html"],
)
def torch_export_arguments(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("torch.onnx.export", "torch.export.export", "torch.save"):
        if call.guarded:
            continue
        if call.name == "torch.save":
            if call.argument("obj", 0).is_(SCRIPTED) is Truth.yes:
                yield Finding(call, "torch.save does not write scripted or traced modules: it raises", help="use module.save(path)")
            continue
        newer = call.name == "torch.export.export"
        ways = ("dynamo",) if newer else onnx_exporters(call, project)
        model = call.argument("mod" if newer else "model", 0)
        if ways == ("dynamo",) and model.is_(SCRIPTED) is Truth.yes:
            yield Finding(
                call,
                "the module is scripted or traced already: this exporter raises, Exporting a ScriptModule is not supported",
                help="export the module itself" + ("" if newer else ", or pass dynamo=False"),
            )
        if ways == ("torchscript",) and model.is_("torch.nn.{DataParallel,parallel.DistributedDataParallel}()") is Truth.yes:
            yield Finding(call, "torch.nn.DataParallel is not supported by the ONNX exporter: it raises", help="export model.module")
        names = call.argument("output_names", 5).python() if ways == ("torchscript",) and not newer else None
        gives = _outputs(model) if isinstance(names, (list, tuple)) else None
        if isinstance(names, (list, tuple)) and gives is not None and len(names) > gives:
            yield Finding(
                call.argument("output_names", 5),
                f"{len(names)} output names are given, and the module gives {gives}: RuntimeError, "
                "number of output names provided exceeded number of outputs",
                help="name what forward returns, or return the other results as well",
            )
        shapes = call.argument("dynamic_shapes", 3 if newer else None)
        if ways == ("torchscript",) and call.argument("dynamo").python() is False and shapes.items is not None:
            yield Finding(shapes, "with dynamo=False the shapes come from dynamic_axes: dynamic_shapes raises", help="use dynamic_axes")
        if newer and any(size in (0, 1) for size in _marked(shapes, call.argument("args", 1))):
            yield Finding(
                call,
                "an axis is dynamic whose size in the example is 1: torch.export takes it for constant and raises",
                help="give an example whose size there is 2 or more, or mark the axis with Dim.AUTO",
            )


def _outputs(model: Value) -> int | None:
    """How many tensors the module certainly gives; None where that cannot be told."""
    if model.project_class is None or model.is_("torch.nn.Module()") is not Truth.yes:
        return None
    given = model.returned("forward")
    if given.items is not None:
        return len(given.items) if given.exact and given.entries is None and all(map(_tensor, given.items)) else None
    return 1 if _tensor(given) else None


def _tensor(value: Value) -> bool:
    """It is certainly one tensor: what a layer of `torch.nn` gives, or a function that gives no tuple."""
    made = value.origin
    return made is not None and bool(ONE.fullmatch(made.name))


def _marked(shapes: Value, args: Value) -> Iterator[object]:
    """The sizes in the example of the axes that have to be dynamic, as far as they are known. Of several inputs given by name it is not
    known which is which."""
    given = args.items or []
    specs = [value for _, value in shapes.entries] if shapes.entries is not None else shapes.items or []
    if len(given) != len(specs) or (shapes.entries is not None and len(given) > 1) or not args.exact:
        return
    for example, spec in zip(given, specs, strict=True):
        sizes = _sizes(example.origin)
        for axis, mark in spec.entries or ():
            index = axis.python()
            if isinstance(index, int) and index < len(sizes) and mark.is_(*DYNAMIC) is Truth.yes:
                yield sizes[index].python()


def _sizes(made: Call | None) -> list[Value]:
    if made is None or made.name not in MADE or made.open:
        return []
    first = made.argument("size", 0)
    return first.items if first.items is not None else list(made.arguments)
