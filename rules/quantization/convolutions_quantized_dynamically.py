"""Convolutions quantized dynamically for a runtime that has no kernel for them.

`quantize_dynamic` makes a `Conv` a `ConvInteger`. Before ONNX Runtime 1.23 the CPU has that for unsigned weights alone, and the default is
signed: the session ends in ``NOT_IMPLEMENTED : Could not find an implementation for ConvInteger(10)``.

```python bad versions=onnxruntime==1.20.1
from onnxruntime.quantization import quantize_dynamic

quantize_dynamic("net.onnx", "net.int8.onnx")  # <-
```

```graph + path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,3,8,8]
  weight w float32[4,3,1,1]
  op Conv (x, w) -> (y)
  output y float32[1,4,8,8]
```

With unsigned weights, for matrix products alone, and with a newer runtime it runs.

```python good versions=onnxruntime==1.20.1
from onnxruntime.quantization import QuantType, quantize_dynamic

quantize_dynamic("net.onnx", "net.int8.onnx", weight_type=QuantType.QUInt8)
quantize_dynamic("net.onnx", "net.int8.onnx", op_types_to_quantize=["MatMul", "Gemm"])
```

```graph + path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,3,8,8]
  weight w float32[4,3,1,1]
  op Conv (x, w) -> (y)
  output y float32[1,4,8,8]
```

No version:

```python good
from onnxruntime.quantization import quantize_dynamic

quantize_dynamic("net.onnx", "net.int8.onnx")
```

```graph + path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,3,8,8]
  weight w float32[4,3,1,1]
  op Conv (x, w) -> (y)
  output y float32[1,4,8,8]
```

The network may be one that the same code exports.

```python bad versions=onnxruntime==1.19.2,torch==2.4
import torch
from onnxruntime.quantization import quantize_dynamic
from torch import nn

net = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU()).eval()
torch.onnx.export(net, torch.zeros(1, 3, 8, 8), "exported.onnx")
quantize_dynamic("exported.onnx", "exported.int8.onnx")  # <-
```

References: executed with onnxruntime 1.17.3, 1.19.2, 1.20.1 and 1.22.1 (refused), 1.24.4, 1.27.0, 1.30.0 and 1.32.0 (run).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.code.pytorch import operations
from deplint.code.values import Truth

from ..operators import read

TYPES = "onnxruntime.quantization.{quant_utils.,}QuantType."


@rule(
    "DPL207",
    severity="error",
    leaves=["S.2.5", "M.2.6"],
    see=["https://github.com/microsoft/onnxruntime/issues/15888", "https://github.com/microsoft/onnxruntime/issues/12558"],
)
def convolutions_quantized_dynamically(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("onnxruntime.quantization.{quantize.,}quantize_dynamic"):
        weights = call.argument("weight_type", 5)
        signed = weights.missing or weights.is_(TYPES + "QInt8") is Truth.yes
        if call.guarded or call.open or not signed or not call.argument("op_types_to_quantize", 2).missing:
            continue
        excluded = call.argument("nodes_to_exclude", 7)
        if excluded.missing and project.versions.allows("onnxruntime", call, until="1.23") and _convolves(call, file, project):
            yield Finding(
                call,
                "convolutions become ConvInteger with int8 weights, for which ONNX Runtime before 1.23 has no CPU kernel: NOT_IMPLEMENTED",
                help='use quantize_static for convolutions, or op_types_to_quantize=["MatMul", "Gemm"], or weight_type=QuantType.QUInt8',
            )


def _convolves(call: Call, file: PythonFile, project: Project) -> bool:
    """The model certainly has a convolution."""
    path = call.argument("model_input", 0).text
    found = project.resolve(path, call) if path else None
    for model in read(project, found, Model):
        return any(op.type == "Conv" for graph in model.graphs for op in graph.ops)
    for export in file.calls("torch.onnx.export"):
        if path and export.argument("f", 2).text == path:
            return any(operation.name.startswith("torch.nn.Conv") for operation in operations(export.argument("model", 0)))
    return False
