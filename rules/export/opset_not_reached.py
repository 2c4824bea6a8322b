"""An ONNX export that asks for an opset the model cannot be taken back to.

PyTorch's exporter writes opset 18, and then converts to the opset that was asked for. Layer normalisation came with opset 17: there
is nothing to make of it below. The conversion is given up with a line in the log, and the file is written with opset 18, which the
runtime that needed the older one refuses: ``Opset 18 is under development and support for this is limited``, ``No Op registered for
LayerNormalization with domain_version of 11``.

```python bad
import torch

class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = torch.nn.LayerNorm(8)

    def forward(self, x):
        return self.norm(x) * 2

torch.onnx.export(Block().eval(), (torch.zeros(1, 8),), "block.onnx", dynamo=True, opset_version=13)  # <-
```

The old exporter writes older operators in its place.

```python good
import torch

class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = torch.nn.LayerNorm(8)

    def forward(self, x):
        return self.norm(x) * 2

torch.onnx.export(Block().eval(), (torch.zeros(1, 8),), "block.onnx", dynamo=False, opset_version=13)
torch.onnx.export(Block().eval(), (torch.zeros(1, 8),), "block.onnx", dynamo=True, opset_version=17)
torch.onnx.export(Block().eval(), (torch.zeros(1, 8),), "block.onnx", dynamo=True, opset_version=opset())
torch.onnx.export(Block().eval(), (torch.zeros(1, 8),), "block.onnx", opset_version=13)
```

References: executed with torch 2.13 and onnxscript (`tests/claims/test_torch_export_arguments.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.pytorch import operations

from . import onnx_exporters

SINCE = {"torch.nn.LayerNorm": 17, "torch.nn.functional.layer_norm": 17}
"""What the exporter writes as one operator, and the opset that this came with."""


@rule(
    "DPL649",
    severity="warning",
    leaves=["S.3.2"],
    see=["https://docs.pytorch.org/docs/stable/onnx_export.html", "https://onnx.ai/onnx/operators/onnx__LayerNormalization.html"],
)
def opset_not_reached(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("torch.onnx.export"):
        asked = call.argument("opset_version").python()
        if not isinstance(asked, int) or asked >= max(SINCE.values()) or call.guarded or onnx_exporters(call, project) != ("dynamo",):
            continue
        found = next((one for one in operations(call.argument("model", 0)) if SINCE.get(one.name, 0) > asked), None)
        if found is not None:
            yield Finding(
                call.argument("opset_version"),
                f"opset {asked} is asked for, and {found.name} has no operator before opset {SINCE[found.name]}: "
                "the file is written with opset 18, and a line in the log",
                help=f"ask for opset {SINCE[found.name]} or later, or export with dynamo=False",
            )
