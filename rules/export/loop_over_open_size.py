"""A loop of Python over a size that the export leaves open.

The TorchScript exporter runs the model once and writes down what happened. A loop ``for t in range(x.size(1))`` happened as often as the
example is long, so the ONNX model has that many copies of its body, whatever `dynamic_axes` says. A longer input loses its end, a shorter
one fails: no warning but ``Converting a tensor to a Python boolean/index might cause the trace to be incorrect``, if that.

```python bad path=export.py
import torch
from net import Encoder

net = Encoder().eval()
x = torch.randn(1, 20, 16)
axes = {"x": {0: "batch", 1: "time"}}
torch.onnx.export(net, x, "encoder.onnx", input_names=["x"], output_names=["h"], dynamic_axes=axes, dynamo=False)  # <-
```

```python + path=net.py
import torch
from torch import nn

class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(16, 32)

    def forward(self, x):
        h = x.new_zeros(x.size(0), 32)
        for t in range(x.size(1)):
            h = self.cell(x[:, t], h)
        return h
```

With that size fixed, and with a loop over one that is fixed, all is well.

```python good path=export.py
import torch
from net import Encoder

net = Encoder().eval()
x = torch.randn(1, 20, 16)
torch.onnx.export(net, x, "encoder.onnx", input_names=["x"], output_names=["h"], dynamic_axes={"x": {0: "batch"}}, dynamo=False)
```

```python + path=net.py
import torch
from torch import nn

class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(16, 32)

    def forward(self, x):
        batch, time, _ = x.shape
        h = x.new_zeros(batch, 32)
        for t in range(time):
            h = self.cell(x[:, t], h)
        return h
```

References: checked with PyTorch 2.13 (`tests/claims/test_tensors.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.code.pytorch import MODULE
from deplint.code.values import Truth

from . import onnx_exporters


@rule(
    "DPL580",
    severity="error",
    leaves=["S.2.2", "S.2.1", "M.2.5"],
    see=[
        "https://docs.pytorch.org/docs/stable/onnx_torchscript.html#tracing-vs-scripting",
        "https://docs.pytorch.org/docs/stable/generated/torch.jit.trace.html",
    ],
)
def loop_over_open_size(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("torch.onnx.export"):
        model = call.argument("model", 0)
        if call.guarded or model.project_class is None or model.is_(MODULE) is not Truth.yes:
            continue
        if tuple(onnx_exporters(call, project)) != ("torchscript",):
            continue
        forward = next((n for n in model.project_class.body if isinstance(n, ast.FunctionDef) and n.name == "forward"), None)
        if forward is None or forward.decorator_list:
            continue
        for name, axes in _open_axes(call, forward):
            loop = next((axis for axis in sorted(axes) if _loops(forward, name, axis)), None)
            if loop is not None:
                yield Finding(
                    call,
                    f"forward loops over size {loop} of {name!r}, which dynamic_axes leaves open: the model has as many steps as the "
                    "example, for inputs of any length",
                    help="use a layer that takes the whole sequence (nn.GRU for nn.GRUCell), or torch.jit.script the loop",
                )
                break


def _open_axes(call: Call, forward: ast.FunctionDef) -> Iterator[tuple[str, set[int]]]:
    """The parameters of `forward` with the axes of each that are left open."""
    names, axes = call.argument("input_names", 6).python(), call.argument("dynamic_axes").python()
    if not isinstance(names, (list, tuple)) or not isinstance(axes, dict):
        return
    for name, parameter in zip(names, forward.args.args[1:], strict=False):
        left = axes.get(name)
        numbers = {axis for axis in left if isinstance(axis, int)} if isinstance(left, (dict, list, tuple)) else set()
        if numbers:
            yield parameter.arg, numbers


def _loops(forward: ast.FunctionDef, name: str, axis: int) -> bool:
    """A loop runs over the size of an axis of a parameter that is never set anew."""
    nodes = list(ast.walk(forward))
    if any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in nodes):
        return False
    held = {f"{name}.size({axis})", f"{name}.shape[{axis}]", f"{name}.size(dim={axis})"}
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=variable)], value=value) if ast.unparse(value) in held:
                held.add(variable)
            case ast.Assign(targets=[ast.Tuple(elts=parts)], value=value) if ast.unparse(value) in (f"{name}.shape", f"{name}.size()"):
                if axis < len(parts) and isinstance(part := parts[axis], ast.Name):
                    held.add(part.id)
    for node in nodes:
        match node:
            case ast.For(iter=ast.Call(func=ast.Name(id="range"), args=arguments)) if any(ast.unparse(a) in held for a in arguments):
                return True
            case ast.For(iter=ast.Call(func=ast.Attribute(attr="unbind"), args=[ast.Constant(value=int(along))]) as taken):
                if along == axis and ast.unparse(taken.func) == f"{name}.unbind":
                    return True
            case ast.For(iter=ast.Name(id=of)) if of == name and axis == 0:
                return True
    return False
