"""Weights in int8 whose zero points are not zero.

ONNX lets weights have any zero point, and ONNX Runtime computes with it. Accelerators do not: TensorRT takes
symmetric quantization alone and refuses the model while it parses or builds it, and XNNPACK, QNN and most NPU
compilers want int8 weights with the zero point 0.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight w int8[4,4]
  weight s float32[]{0.5}
  weight z int8[]{3}
  op DequantizeLinear (w, s, z) -> (d)  <-
  op MatMul (x, d) -> (y)
  output y float32[1,4]
```

Weights in uint8 are made for processors, where their zero point is near 128; activations may have any.

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight w int8[4,4]
  weight u uint8[4,4]
  weight s float32[]{0.5}
  weight z int8[]{0}
  weight zu uint8[]{128}
  weight za int8[]{-3}
  op QuantizeLinear (x, s, za) -> (q)
  op DequantizeLinear (q, s, za) -> (h)
  op DequantizeLinear (w, s, z) -> (d)
  op DequantizeLinear (u, s, zu) -> (e)
  op MatMul (h, d) -> (m)
  op MatMul (m, e) -> (y)
  output y float32[1,4]
```

References: https://github.com/NVIDIA/TensorRT/issues/4698
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

from . import given, numbers, quantizers


@rule(
    "DPL425",
    severity="warning",
    leaves=["M.2.6", "S.2.5"],
    see=[
        "https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/work-quantized-types.html",
        "https://github.com/NVIDIA/TensorRT/issues/4698",
    ],
)
def onnx_int8_weights_asymmetric(model: Model) -> Iterator[Finding]:
    if model.format != "onnx":
        return
    for scope, op, number, _, point in quantizers(model):
        weight = scope.constant(given(op, number))
        if weight is None or weight.dtype != "int8" or len(weight.shape or ()) < 2:
            continue
        if any(numbers(scope.constant(given(op, point)))):
            yield Finding(
                model.at(scope.graph, op),
                "int8 weights have a zero point that is not 0: TensorRT refuses them, and so do most accelerators",
                help="quantize weights symmetrically: quantize_static(..., extra_options={'WeightSymmetric': True})",
            )
