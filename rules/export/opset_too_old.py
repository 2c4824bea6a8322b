"""An opset that lacks what the network does.

The TorchScript exporter (the default before PyTorch 2.9, else ``dynamo=False``) translates some functions from a certain opset on; for an
older one it raises: ``UnsupportedOperatorError: Exporting the operator 'aten::scaled_dot_product_attention' to ONNX opset version 12 is not
supported. Support for this operator was added in version 14, try exporting with this version``.

```python bad versions=torch==2.1.0
import torch
import torch.nn.functional as F
from torch import nn

OPSET = 12

class Attention(nn.Module):
    def forward(self, q, k, v):
        return F.scaled_dot_product_attention(q, k, v)

class Warp(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(nn.Conv2d(3, 3, 1) for _ in range(2))

    def forward(self, x, grid):
        for block in self.blocks:
            x = block(x)
        return F.grid_sample(x, grid)

x = torch.zeros(1, 8, 4)
torch.onnx.export(Attention().eval(), (x, x, x), "a.onnx", opset_version=OPSET)  # <-
torch.onnx.export(Warp().eval(), (torch.zeros(1, 3, 4, 4), torch.zeros(1, 4, 4, 2)), "w.onnx", opset_version=11)  # <-
```

```python good versions=torch==2.1.0
import torch
import torch.nn.functional as F
from torch import nn

class Attention(nn.Module):
    def forward(self, q, k, v):
        return F.scaled_dot_product_attention(q, k, v)

class Perhaps(nn.Module):
    def __init__(self, fused):
        super().__init__()
        self.fused = fused

    def forward(self, q, k, v):
        if self.fused:
            return F.scaled_dot_product_attention(q, k, v)
        return (q @ k.transpose(1, 2)).softmax(-1) @ v

x = torch.zeros(1, 8, 4)
torch.onnx.export(Attention().eval(), (x, x, x), "a.onnx", opset_version=14)
torch.onnx.export(Attention().eval(), (x, x, x), "b.onnx")
torch.onnx.export(Perhaps(load()).eval(), (x, x, x), "c.onnx", opset_version=12)
```

A translation of one's own replaces the exporter's.

```python good versions=torch==2.1.0
import torch
import torch.nn.functional as F
from torch import nn

class Attention(nn.Module):
    def forward(self, q, k, v):
        return F.scaled_dot_product_attention(q, k, v)

torch.onnx.register_custom_op_symbolic("aten::scaled_dot_product_attention", attention, 12)
x = torch.zeros(1, 8, 4)
torch.onnx.export(Attention().eval(), (x, x, x), "a.onnx", opset_version=12)
```

References: `torch/onnx/symbolic_opset*.py`; executed with torch 2.13, each function of the table (`tests/claims/test_opsets.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.pytorch import operations

from ..operators import PYTHON, provided
from . import onnx_exporters

SINCE: dict[str, int] = {
    **dict.fromkeys(("torch.round", ".round", "torch.nn.functional.unfold", "torch.nn.Unfold", "torch.linalg.det", "torch.logdet"), 11),
    **dict.fromkeys(("torch.einsum", "torch.nn.CELU", "torch.celu", "torch.nn.functional.celu", "torch.outer", "torch.tensordot"), 12),
    **dict.fromkeys(("torch.tile", ".tile", "torch.unflatten", ".unflatten", "torch.nn.Unflatten", "torch.tensor_split"), 13),
    **dict.fromkeys(("torch.tril", ".tril", "torch.triu", ".triu", "torch.nn.functional.scaled_dot_product_attention"), 14),
    **dict.fromkeys(("torch.nn.functional.grid_sample", "torch.scatter_reduce", ".scatter_reduce"), 16),
    **dict.fromkeys(("torch.stft", ".stft"), 17),
    **dict.fromkeys(("torch.bitwise_and", "torch.nn.functional.fold", "torch.nn.Fold"), 18),
    **dict.fromkeys(("torch.nn.functional.affine_grid",), 20),
}
"""Function, method of a tensor (after a dot) or layer -> the first opset for which the TorchScript exporter translates it."""

OWN = r"register_custom_op_symbolic|onnxscript|custom_opsets|ScriptModule|def symbolic\("


@rule(
    "DPL678",
    severity="error",
    leaves=["M.2.5", "S.2.1", "S.2.3"],
    see=[
        "https://github.com/pytorch/pytorch/blob/v2.1.0/torch/onnx/symbolic_opset14.py",
        "https://github.com/pytorch/pytorch/issues/97262",
    ],
)
def opset_too_old(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("torch.onnx.export"):
        asked = call.argument("opset_version").python()
        if not isinstance(asked, int) or call.guarded or asked >= max(SINCE.values()) or onnx_exporters(call, project) != ("torchscript",):
            continue
        found = next((o for o in operations(call.argument("model", 0)) if SINCE.get(o.name, 0) > asked and o.given), None)
        if found is not None and not provided(project, call, OWN, *PYTHON):
            yield Finding(
                call,
                f"the model calls {found.name} ({found.place.path}), which the exporter translates from opset {SINCE[found.name]} on, "
                f"and opset {asked} is asked for: it raises UnsupportedOperatorError",
                help=f"opset_version={SINCE[found.name]} or later",
            )
