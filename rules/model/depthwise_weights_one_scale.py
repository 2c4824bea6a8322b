"""The weights of a depthwise convolution, quantized with one scale for all channels.

Each channel has a filter of its own, and some are a hundred times smaller than others: with one scale, they are a few
integers wide, or zero. TensorFlow Lite's specification wants a scale for each channel; ONNX Runtime's quantization has
`per_channel=False` as its default. MobileNets quantized so lose most of their accuracy.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x int8[1,8,8,4] quant(0.5, 3)
  weight w int8[1,3,3,4] quant(0.5, 0)  <-
  op DEPTHWISE_CONV_2D@3 (x, w, "") -> (y int8[1,8,8,4] quant(0.5, 3))
  output y
```

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4,8,8]
  weight w int8[4,1,3,3]  <-
  weight s float32[]{0.5}
  weight z int8[]{0}
  op DequantizeLinear (w, s, z) -> (d)
  op Conv (x, d) -> (y) group=4
  output y
```

```graph good path=net.tflite
model tflite ir=3
graph main
  input x int8[1,8,8,4] quant(0.5, 3)
  input one int8[1,8,8,1] quant(0.5, 3)
  weight w int8[1,3,3,4] quant([0.5,0.5,0.5,0.5], [0,0,0,0], axis=3)
  weight v int8[1,3,3,1] quant(0.5, 0)
  weight u uint8[1,3,3,4] quant(0.5, 128)
  op DEPTHWISE_CONV_2D@3 (x, w, "") -> (y int8[1,8,8,4] quant(0.5, 3))
  op DEPTHWISE_CONV_2D@3 (one, v, "") -> (z int8[1,8,8,1] quant(0.5, 3))
  output y
  output z
```

References: the quantization specification of TensorFlow Lite; Nagel et al., "A White Paper on Neural Network Quantization" (2021).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.model import Tensor

from . import given, scopes

MESSAGE = "one quantization scale for all channels of a depthwise convolution: channels with small weights are lost"
HELP = "quantize per channel (the TensorFlow Lite converter's default; per_channel=True in onnxruntime.quantization)"


@rule(
    "DPL540",
    severity="info",
    leaves=["M.2.6"],
    see=["https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec"],
)
def depthwise_weights_one_scale(model: Model) -> Iterator[Finding]:
    if model.format == "tflite":
        for graph in model.graphs:
            for op in graph.ops:
                weights = graph.tensor(given(op, 1)) if op.type == "DEPTHWISE_CONV_2D" and not op.domain else None
                single = weights is not None and weights.quant is not None and len(weights.quant.scale) == 1
                if weights is not None and single and weights.dtype == "int8" and weights.shape and _many(weights, 3):
                    yield Finding(model.at_tensor(weights), MESSAGE, help=HELP)
    elif model.format == "onnx":
        for scope in scopes(model):
            for op in scope.graph.ops:
                maker = scope.graph.producers.get(given(op, 1)) if op.type == "Conv" and not op.domain else None
                if maker is None or maker.type != "DequantizeLinear":
                    continue
                weights, scale = scope.constant(given(maker, 0)), scope.constant(given(maker, 1))
                grouped = weights is not None and weights.shape and _many(weights, 0) and op.attributes.get("group") == weights.shape[0]
                if weights is not None and scale is not None and scale.elements == 1 and grouped and weights.dtype == "int8":
                    yield Finding(model.at_tensor(weights), MESSAGE, help=HELP)


def _many(weights: Tensor, axis: int) -> bool:
    size = weights.shape[axis] if weights.shape and len(weights.shape) == 4 else 1
    return isinstance(size, int) and size > 1
