"""Weights in uint8 with a zero point.

ONNX Runtime computes with them on processors, and older versions of its quantization made them by default. TensorRT
takes int8 with the zero point 0 alone, and so do XNNPACK for convolutions, QNN and most NPU compilers; on x86 without
VNNI, int8 by int8 saturates, which is what they were made for.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight w uint8[4,4]
  weight s float32[]{0.5}
  weight z uint8[]{131}
  op DequantizeLinear (w, s, z) -> (d)  <-
  op MatMul (x, d) -> (y)
  output y float32[1,4]
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x uint8[1,4]
  weight w int8[4,4]
  weight s float32[]{0.5}
  weight z uint8[]{131}
  weight n int8[]{0}
  op DequantizeLinear (x, s, z) -> (f)
  op DequantizeLinear (w, s, n) -> (d)
  op MatMul (f, d) -> (y)
  output y float32[1,4]
```

References: TensorRT's documentation of explicit quantization.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

from . import given, numbers, quantizers


@rule(
    "DPL537",
    severity="info",
    leaves=["M.2.6", "S.2.5"],
    see=["https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/work-quantized-types.html"],
)
def onnx_uint8_weights(model: Model) -> Iterator[Finding]:
    for scope, op, number, _, point in quantizers(model) if model.format == "onnx" else ():
        weight = scope.constant(given(op, number))
        if (
            weight is not None
            and weight.dtype == "uint8"
            and len(weight.shape or ()) > 1
            and any(numbers(scope.constant(given(op, point))))
        ):
            yield Finding(
                model.at(scope.graph, op),
                "weights are uint8 with a zero point: TensorRT refuses them, and so do most accelerators",
                help="for these, quantize with weight_type=QuantType.QInt8 and extra_options={'WeightSymmetric': True}",
            )
