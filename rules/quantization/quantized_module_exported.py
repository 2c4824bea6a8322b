"""A PyTorch module quantized for its own kernels, exported to another runtime.

Modules that `torch.ao.quantization` quantized compute with operators of PyTorch's own. The older ONNX exporter has no translation of the
dynamic ones (``Exporting the operator 'quantized::linear_dynamic' to ONNX ... is not supported``), `torch.export` and with it the newer
exporter of none.

```python bad
import torch
from torch import nn

net = nn.Sequential(nn.Linear(8, 8), nn.ReLU()).eval()
quantized = torch.ao.quantization.quantize_dynamic(net, {nn.Linear}, dtype=torch.qint8)
torch.onnx.export(quantized, torch.zeros(1, 8), "net.onnx")  # <-
torch.export.export(quantized, (torch.zeros(1, 8),))  # <-
```

```python good
import torch
from onnxruntime.quantization import quantize_dynamic
from torch import nn

net = nn.Sequential(nn.Linear(8, 8), nn.ReLU()).eval()
torch.onnx.export(net, torch.zeros(1, 8), "net.onnx")
quantize_dynamic("net.onnx", "net.int8.onnx")
quantized = torch.ao.quantization.quantize_dynamic(net, {nn.Linear}, dtype=torch.qint8)
torch.jit.trace(quantized, torch.zeros(1, 8)).save("net.pt")
```

The older exporter translates what was quantized statically.

```python good
import torch

prepared = torch.ao.quantization.prepare(net)
prepared(image)
torch.onnx.export(torch.ao.quantization.convert(prepared), image, "net.onnx", dynamo=False)
```

References: checked with torch 2.13 (`tests/claims/test_torch_quantization.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from ..export import onnx_exporters
from . import TORCH


@rule(
    "DPL210",
    severity="error",
    leaves=["M.2.6", "S.2.5", "M.2.5"],
    see=[
        "https://docs.pytorch.org/docs/stable/onnx_export.html",
        "https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html",
    ],
)
def quantized_module_exported(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("torch.onnx.export", "torch.export.export"):
        program = call.name == "torch.export.export"
        model = call.argument("mod" if program else "model", 0)
        dynamic = model.is_(TORCH + "quantize_dynamic()") is Truth.yes
        static = model.is_(TORCH + "convert()") is Truth.yes
        newer = program or onnx_exporters(call, project) == ("dynamo",)
        if not call.guarded and (dynamic or (static and newer)):
            yield Finding(
                call,
                "the module is quantized with PyTorch's own operators, which "
                + ("torch.export does not take" if program else "the ONNX exporter does not translate")
                + ": it raises",
                help="export the float module and quantize what comes out: onnxruntime.quantization, torchao's PT2E for exported programs",
            )
