"""Quantization parameters that do not fit the tensor's axis.

Quantized by channel, a tensor has one scale and one zero point for each slice along its axis. Weights transposed
after quantization, or a wrong axis, break that: ONNX Runtime fails when it runs the operator (``scale must be 1D
tensor with size 4``), the TensorFlow Lite interpreter when it is created (``num_scales must be 1 for per-layer
quantization, or 4 for per-axis quantization, but got 3``).

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight w int8[4,2]
  weight s float32[2]{0.5,0.25}
  weight z int8[2]{0,0}
  op DequantizeLinear (w, s, z) -> (d) axis=0  <-
  op MatMul (x, d) -> (y)
  output y float32[1,2]
```

In a TensorFlow Lite model the tensor has the parameters.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x int8[1,4] quant(0.5, 3)
  weight w int8[3,4] quant([0.5,0.25], [0,0], axis=0)  <-
  op FULLY_CONNECTED@4 (x, w, "") -> (y int8[1,3] quant(0.5, 3))
  output y
```

```graph good path=net.onnx
model onnx ir=10 opset=21
graph main
  input x float32[1,4]
  weight w int8[4,2]
  weight s float32[2]{0.5,0.25}
  weight b float32[2,2]{0.5,0.25,0.5,0.25}
  weight z int8[2]{0,0}
  weight one float32[1]{0.5}
  op DequantizeLinear (w, s, z) -> (d) axis=1
  op DequantizeLinear (w, b) -> (e) axis=0 block_size=2
  op DequantizeLinear (w, one) -> (f) axis=0
  op Sum (d, e, f) -> (g)
  op MatMul (x, g) -> (y)
  output y float32[1,2]
```

References: run with onnxruntime 1.32 (`tests/test_seeded_models.py`) and ai-edge-litert 2.3 (`tests/claims/test_model_rules.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.model import Op, Tensor

from . import Scope, given, quantizers

PER_AXIS = ("QuantizeLinear", "DequantizeLinear")
HELP = "quantize again, or set the axis along which the tensor was quantized"


@rule("DPL431", severity="error", leaves=["M.2.6", "S.2.5"], see=["https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html"])
def quantization_axis_mismatch(model: Model) -> Iterator[Finding]:
    if model.format == "onnx":
        for scope, op, tensor, scale, zero in quantizers(model):
            wrong = _parameters(scope, op, tensor, scale, zero) if op.type in PER_AXIS else ""
            if wrong:
                yield Finding(model.at(scope.graph, op), f"{wrong}: ONNX Runtime cannot run it", help=HELP)
    elif model.format == "tflite":
        for graph in model.graphs:
            for each in graph.tensors.values():
                wrong = _stored(each)
                if wrong:
                    yield Finding(model.at_tensor(each), f"{wrong}: the interpreter refuses the model", help=HELP)


def _parameters(scope: Scope, op: Op, number: int, scale: int, zero: int) -> str:
    tensor, scales = scope.tensor(given(op, number)), scope.constant(given(op, scale))
    if scales is None or scales.shape is None or op.attributes.get("block_size"):
        return ""
    zeros = scope.constant(given(op, zero))
    if zeros is not None and zeros.elements != scales.elements:
        return "there are not as many zero points as quantization scales"
    axis = op.attributes.get("axis", 1)
    if len(scales.shape) != 1 or scales.elements == 1 or tensor.shape is None or not isinstance(axis, int):
        return ""
    return _axis(tensor, axis, scales.shape[0])


def _stored(tensor: Tensor) -> str:
    quant = tensor.quant
    if quant is None or quant.scheme != "affine":
        return ""
    if quant.zero_point and len(quant.zero_point) != len(quant.scale):
        return "there are not as many zero points as quantization scales"
    return _axis(tensor, quant.axis, len(quant.scale)) if quant.axis is not None and tensor.shape is not None else ""


def _axis(tensor: Tensor, axis: int, count: object) -> str:
    assert tensor.shape is not None
    if not -len(tensor.shape) <= axis < len(tensor.shape):
        return "the quantization axis is none of the tensor's"
    size = tensor.shape[axis]
    return "there are not as many quantization scales as slices along the axis" if isinstance(size, int) and size != count else ""
