"""A quantization scale that is zero, negative, infinite or not a number.

A scale of a tensor is a positive number. Calibration with an empty or broken dataset gives others. ONNX Runtime
computes with them, and gives zeros or ``nan``; TensorRT and XNNPACK, which runs TensorFlow Lite models by default,
refuse the model: ``unsupported scale value (0.000000) in channel 0 for INT8 tensor``.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight s float32[]{0.0}
  weight z int8[]{0}
  weight n float32[2]{1.0,nan}
  weight w int8[2,4]
  op QuantizeLinear (x, s, z) -> (q)  <-
  op DequantizeLinear (q, s, z) -> (d)  <-
  op DequantizeLinear (w, n) -> (v) axis=0  <-
  op Gemm (d, v) -> (y) transB=1
  output y float32[1,2]
```

In a TensorFlow Lite model the tensor has the scale.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x int8[1,4] quant(-0.5, 3)  <-
  op RELU@2 (x) -> (y int8[1,4] quant(0.5, 3))
  output y
```

A channel of weights that are all zero may have the scale zero.

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight s float32[]{0.1}
  weight z int8[]{0}
  weight n float32[2]{1.0,0.0}
  weight w int8[2,4]
  op QuantizeLinear (x, s, z) -> (q)
  op DequantizeLinear (q, s, z) -> (d)
  op DequantizeLinear (w, n) -> (v) axis=0
  op Gemm (d, v) -> (y) transB=1
  output y float32[1,2]
```

References: run with onnxruntime 1.32 (`tests/test_seeded_models.py`) and ai-edge-litert 2.3 (`tests/claims/test_model_rules.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from deplint import Finding, Model, rule

from . import given, numbers, quantizers

QUANTIZED = ("int8", "uint8", "int16", "int4")
HELP = "quantize again with samples that look like real inputs, and look at the ranges that calibration finds"


@rule("DPL430", severity="error", leaves=["M.2.6", "S.2.5"], see=["https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html"])
def quantization_scale_invalid(model: Model) -> Iterator[Finding]:
    if model.format == "onnx":
        for scope, op, _, number, _ in quantizers(model):
            wrong = _wrong(numbers(scope.constant(given(op, number))))
            if wrong:
                yield Finding(model.at(scope.graph, op), f"a quantization scale is {wrong}: results are lost", help=HELP)
    elif model.format == "tflite":
        for graph in model.graphs:
            for tensor in graph.tensors.values():
                wrong = _wrong(tensor.quant.scale) if tensor.quant is not None and tensor.dtype in QUANTIZED else ""
                if wrong:
                    yield Finding(
                        model.at_tensor(tensor), f"a quantization scale is {wrong}: XNNPACK refuses it, or results are lost", help=HELP
                    )


def _wrong(scale: Sequence[float]) -> str:
    if any(not math.isfinite(value) for value in scale):
        return "not finite"
    if any(value < 0 for value in scale):
        return "negative"
    return "zero" if scale and not any(scale) else ""
