"""Python that looks into a tensor while the module is traced.

A trace holds the operations on tensors, and nothing of what Python does with their values. `torch.jit.trace` and the older ONNX exporter
therefore keep what came of the example input: the number that `item()` or `float()` gave becomes a constant, of an ``if`` or ``while`` only
the branch that the example took is left. The results of other inputs are wrong, and all there is to see is a ``TracerWarning``.

`torch.export.export` and the dynamo exporter of `torch.onnx.export` (the default since torch 2.9) keep numbers, and refuse branches:
``Could not guard on data-dependent expression``.

```python bad
import torch
from torch import nn

class Normalize(nn.Module):
    def forward(self, x):
        return x / x.max().item()  # <-

class Gate(nn.Module):
    def forward(self, x):
        if x.mean() > 0:  # <-
            return x * 2
        return x

class Clip(nn.Module):
    def forward(self, x):
        peak = x.abs().max()
        if peak > 1 and self.training is False:  # <-
            x = x / peak
        return x

x = torch.rand(1, 8)
torch.jit.trace(Normalize().eval(), x).save("normalize.pt")
torch.onnx.export(Gate().eval(), x, "gate.onnx", dynamo=True)
torch.jit.trace(Clip().eval(), x)
```

```python good
import torch
from torch import nn

class Normalize(nn.Module):
    def forward(self, x):
        return x / x.max()

class Gate(nn.Module):
    def forward(self, x):
        return torch.where(x.mean() > 0, x * 2, x)

x = torch.rand(1, 8)
torch.jit.trace(Normalize().eval(), x).save("normalize.pt")
torch.onnx.export(Gate().eval(), x, "gate.onnx", dynamo=True)
```

What depends on shapes and settings is the same for every input of that shape; a check that only raises or prints changes no result. Code
that runs only outside of an export, and modules that are compiled as script, keep what they do.

```python good
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, scale=None):
        super().__init__()
        self.scale = scale
        self.seen = []

    def forward(self, x):
        if x.dim() == 3:
            x = x.unsqueeze(0)
        if self.scale is not None:
            x = x * float(self.scale)
        if x.min() < 0:
            raise ValueError("negative")
        if not torch.jit.is_tracing():
            self.seen.append(x.mean().item())
        print(x.max().item())
        peak = x.max()
        peak = x.shape[0]
        if peak > 1:
            x = x[:1]
        batch = int(x.shape[0])
        return x.view(batch, -1)

torch.jit.trace(Net(2).eval(), torch.rand(1, 3, 8, 8))

class Gate(nn.Module):
    def forward(self, x):
        if x.mean() > 0:
            return x * 2
        return x

torch.jit.script(Gate()).save("gate.pt")

@torch.jit.script
def gate(x):
    if x.mean() > 0:
        return x * 2
    return x

class Scripted(nn.Module):
    def forward(self, x):
        return gate(x)

torch.jit.trace(Scripted().eval(), torch.rand(1, 8))
```

With the newer exporters, a number is kept as one that depends on the input.

```python good
import torch
from torch import nn

class Normalize(nn.Module):
    def forward(self, x):
        return x / x.max().item()

torch.onnx.export(Normalize().eval(), torch.rand(1, 8), "n.onnx", dynamo=True)
torch.export.export(Normalize().eval(), (torch.rand(1, 8),))
```

References: checked with torch 2.13 and onnxruntime 1.32 (`tests/claims/test_traced_values.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.code.pytorch import MODULE
from deplint.code.uses import branch_on, number_of
from deplint.code.values import Truth

from . import onnx_exporters

MODEL = {"torch.jit.trace": "func", "torch.export.export": "mod", "torch.onnx.export": "model"}
DEPTH = 5
BRANCH = {
    "baked": "only the branch of the example is exported",
    "kept": "the export raises, Could not guard on data-dependent expression",
    "baked+kept": "the older exporter keeps only the branch of the example, the newer one raises",
}
"""What becomes of a branch, by what becomes of values."""


@rule(
    "DPL114",
    severity="error",
    leaves=["S.2.2", "S.2.1", "M.2.3", "M.2.5"],
    see=[
        "https://docs.pytorch.org/docs/stable/generated/torch.jit.trace.html",
        "https://docs.pytorch.org/docs/stable/export.html#limitations-of-torch-export",
    ],
)
def value_of_example_stays(file: PythonFile, project: Project) -> Iterator[Finding]:
    said: set[int] = set()
    for call in file.calls(*MODEL):
        ways = _ways(call, project) if not call.guarded else ()
        for inner in _running(call.argument(MODEL[call.name], 0)) if ways else ():
            branch = branch_on(inner)
            number = number_of(inner) if branch is None else ""
            if branch is not None:
                message, node = f"the model branches on the values of a tensor: {BRANCH['+'.join(ways)]}", branch.test
                remedy = "compute both and choose with torch.where, use torch.cond, or torch.jit.script"
            elif number and ways == ("baked",):
                message, node = f"{number}() takes a number out of a tensor: what it is for the example becomes a constant", inner.node
                remedy = "keep it a tensor, or export with dynamo=True"
            else:
                continue
            if id(node) not in said:
                said.add(id(node))
                at = inner.file.place_of(node)
                if inner.file is file:
                    yield Finding(at, message, help=remedy)
                else:
                    yield Finding(call, f"{message} ({at.path}:{at.span.line if at.span else 1})", help=remedy)


def _ways(call: Call, project: Project) -> tuple[str, ...]:
    """What becomes of values: they are baked in, or kept."""
    if call.name == "torch.jit.trace":
        return ("baked",)
    if call.name == "torch.export.export":
        return ("kept",)
    return tuple({"torchscript": "baked", "dynamo": "kept"}[exporter] for exporter in onnx_exporters(call, project))


def _running(model: Value, depth: int = 0) -> Iterator[Call]:
    """The calls on tensors of the input that the module certainly makes, those of modules within it included."""
    if depth > DEPTH or model.project_class is None or model.is_(MODULE) is not Truth.yes:
        return
    for call in model.inside("forward"):
        if not call.certain or call.guarded or any(name.startswith("torch.jit.") for name in call.contexts):
            continue  # what is compiled as script keeps its branches within a trace
        if call.name.endswith("()"):
            yield from _running(call.receiver, depth + 1)
        elif call.name.startswith("<parameter>") or call.receiver.given or any(value.given for value in call.arguments):
            yield call
