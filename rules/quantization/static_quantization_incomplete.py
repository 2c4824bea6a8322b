"""Steps missing in static quantization of a PyTorch module.

`prepare` puts observers where the module has a `qconfig`, running the module lets them measure, `convert` uses what they measured.

* Nothing run between `prepare` and `convert`: every scale is 1 and every zero point 0, the results are wrong (a warning ``must run observer
  before calling calculate_qparams`` is all there is to see).
* No `qconfig` on the module: nothing is prepared, `convert` gives the float module back.
* `prepare_qat` of a module in evaluation mode: ``prepare_qat only works on models in training mode``.
* `fuse_modules` with batch normalisation of a module in training mode: ``Fusion only for eval!``.

```python bad
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.bn = nn.BatchNorm2d(8)

    def forward(self, x):
        return self.bn(self.conv(x))

net = Net()
fused = torch.ao.quantization.fuse_modules(net, [["conv", "bn"]])  # <-

model = Net().eval()
model.qconfig = torch.ao.quantization.get_default_qconfig("fbgemm")
prepared = torch.ao.quantization.prepare(model)
quantized = torch.ao.quantization.convert(prepared)  # <-

plain = Net().eval()
ready = torch.ao.quantization.prepare(plain)  # <-
ready(torch.rand(1, 3, 8, 8))

aware = Net()
aware.eval()
aware.qconfig = torch.ao.quantization.get_default_qat_qconfig("fbgemm")
trained = torch.ao.quantization.prepare_qat(aware)  # <-
```

```python good
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.bn = nn.BatchNorm2d(8)

    def forward(self, x):
        return self.bn(self.conv(x))

def calibrate(model, loader):
    with torch.no_grad():
        for image, _ in loader:
            model(image)

net = Net().eval()
net = torch.ao.quantization.fuse_modules(net, [["conv", "bn"]])
net.qconfig = torch.ao.quantization.get_default_qconfig("fbgemm")
prepared = torch.ao.quantization.prepare(net)
calibrate(prepared, loader)
quantized = torch.ao.quantization.convert(prepared)

aware = Net()
aware.train()
aware.qconfig = torch.ao.quantization.get_default_qat_qconfig("fbgemm")
trained = torch.ao.quantization.prepare_qat(aware)
```

In place, or where code of others runs the module, it is done as well.

```python good
import torch
from torch import nn
from training import evaluate, with_qconfig

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)
        self.fc.qconfig = torch.ao.quantization.default_qconfig

    def forward(self, x):
        return self.fc(x)

net = Net().eval()
torch.ao.quantization.prepare(net, inplace=True)
evaluate(net)
torch.ao.quantization.convert(net, inplace=True)
other = with_qconfig(Net())
prepared = torch.ao.quantization.prepare(other)
evaluate(prepared)
torch.ao.quantization.convert(prepared, inplace=True)
```

Weights of a module that was converted before bring their scales with them.

```python good
import torch
from torch import nn

model = nn.Sequential(torch.ao.quantization.QuantStub(), nn.Linear(4, 4), torch.ao.quantization.DeQuantStub()).eval()
model.qconfig = torch.ao.quantization.get_default_qconfig("x86")
prepared = torch.ao.quantization.prepare(model)
converted = torch.ao.quantization.convert(prepared)
converted.load_state_dict(torch.load("int8.pth"))
converted.eval()
```

The same holds for what `prepare_pt2e` prepares.

```python bad
import torch
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

def quantize(model, example, quantizer):
    prepared = prepare_pt2e(torch.export.export(model, example).module(), quantizer)
    return convert_pt2e(prepared)  # <-
```

```python good
import torch
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

def quantize(model, example, quantizer, samples):
    prepared = prepare_pt2e(torch.export.export(model, example).module(), quantizer)
    for sample in samples:
        prepared(sample)
    return convert_pt2e(prepared)

def other(model, example, quantizer, run):
    prepared = prepare_pt2e(torch.export.export(model, example).module(), quantizer)
    run(prepared)
    return convert_pt2e(prepared)

def aware(model, example, quantizer):
    return convert_pt2e(train(prepare_pt2e(torch.export.export(model, example).module(), quantizer)))
```

References: checked with torch 2.13 (`tests/claims/test_torch_quantization.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.code.pytorch import MODULE
from deplint.code.values import Truth

from . import TORCH

PT2E = "{torch.ao.quantization.quantize_pt2e,torchao.quantization.pt2e.quantize_pt2e,torchao.quantization.pt2e}."
"""Where the quantization of exported programs lives, in PyTorch and in torchao."""


@rule(
    "DPL209",
    severity="error",
    leaves=["M.2.6", "S.2.5"],
    see=[
        "https://docs.pytorch.org/docs/stable/quantization.html",
        "https://docs.pytorch.org/tutorials/advanced/static_quantization_tutorial.html",
    ],
)
def static_quantization_incomplete(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(PT2E + "convert_pt2e"):
        prepared = call.argument("model", 0)
        made = prepared.origin
        if call.file is file and not call.guarded and made is not None and made.name.endswith(".prepare_pt2e"):
            run = [other for other in file.calls(PT2E + "prepare_pt2e()**") if other.receiver.identity == prepared.identity]
            if prepared.escaped is Truth.no and not run and not _named_elsewhere(call, made):
                yield Finding(
                    call,
                    "the module is converted without having been run: the observers saw nothing, and the scales are those of no data",
                    help="run some hundred real inputs through the prepared module first",
                )
    for call in file.calls(TORCH + "{prepare,prepare_qat,convert,fuse_modules}"):
        module = call.argument("module" if call.name.endswith("convert") else "model", 0)
        problem = (
            None if call.guarded or module.origin is None or not module.certain else _PROBLEMS[call.name.rpartition(".")[2]](call, module)
        )
        if problem:
            yield Finding(call, problem[0], help=problem[1])


def _prepare(call: Call, module: Value) -> tuple[str, str] | None:
    if module.is_(MODULE) is not Truth.yes or module.project_class is None or module.escaped is not Truth.no:
        return None
    # Any part of the module may have a qconfig of its own, and so may a class that it is made of.
    if "qconfig" in call.file.source(module.project_class) or any("qconfig" in name for name in module.attributes()):
        return None
    if any(
        assignment.path.endswith("qconfig") and assignment.target.identity != module.identity for assignment in call.file.sets("torch.**")
    ):
        return None
    return (
        "the module has no qconfig: prepare finds nothing to quantize, and convert gives a float module",
        "set model.qconfig before prepare",
    )


def _prepare_qat(call: Call, module: Value) -> tuple[str, str] | None:
    if not module.certainly("training") or module.value("training").python() is not False or module.escaped is not Truth.no:
        return None
    return "the module is in evaluation mode: prepare_qat raises, it only works on models in training mode", "call model.train() first"


def _convert(call: Call, module: Value) -> tuple[str, str] | None:
    made = module.origin
    if made is None or module.is_(TORCH + "prepare()") is not Truth.yes or module.escaped is not Truth.no:
        return None
    # A module that is called, or whose method is, was perhaps run.
    run = [other for other in call.file.calls(TORCH + "prepare()**") if other.receiver.identity == module.identity]
    if any(other.name.rpartition(".")[2] not in ("eval", "to", "cpu") for other in run) or _named_elsewhere(call, made):
        return None
    # The scales may come with the weights of one that was converted before.
    result = call.result
    if any(other.receiver.identity == result.identity for other in call.file.calls("torch.**.load_state_dict")):
        return None
    return (
        "the module is converted without having been run: every scale stays 1, and the results are wrong",
        "run some hundred real inputs through the prepared module first",
    )


def _fuse(call: Call, module: Value) -> tuple[str, str] | None:
    names = call.argument("modules_to_fuse", 1).python()
    groups = names if isinstance(names, list) and names and isinstance(names[0], list) else [names]
    normalised = any(isinstance(name, str) and "bn" in name for group in groups if isinstance(group, list) for name in group)
    if not normalised or module.is_(MODULE) is not Truth.yes or module.escaped is not Truth.no or not module.never("training"):
        return None
    return "the module is in training mode: fuse_modules raises, Fusion only for eval!", "call model.eval() first, or use fuse_modules_qat"


_PROBLEMS = {"prepare": _prepare, "prepare_qat": _prepare_qat, "convert": _convert, "fuse_modules": _fuse}


def _named_elsewhere(convert: Call, made: Call) -> bool:
    """Code between the two calls names the module: what it does with it is not known."""
    given = convert.node.args[0] if convert.node.args else None
    if not isinstance(given, ast.Name) or convert.file is not made.file:
        return True
    nodes = convert.file.shape.nodes
    lines = [n.lineno for n in nodes if isinstance(n, ast.Name) and n.id == given.id and isinstance(n.ctx, ast.Load)]
    start, end = made.node.lineno, convert.node.lineno
    return sum(start < line <= end for line in lines) > 1 or not start < end
