"""A bias quantized with another scale than its operator computes with.

An integer convolution adds its bias to products, so that the scale of the bias is the scale of the input times the
scale of the weights; TensorFlow Lite's specification demands it and the kernels take it for granted: what the bias
itself says is not looked at. ONNX Runtime does the same where it fuses the operators around a `Gemm` (and leaves a `Conv`
in float instead: DPL494). Where it says something else, because the input was calibrated again or the tensors of two
models were mixed, every channel is off, and nothing fails.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x int8[1,4] quant(0.5, 3)
  weight w int8[2,4] quant([0.5,0.25], [0,0], axis=0)
  weight b int32[2]{100,-7} quant([0.25,0.25], [0,0], axis=0)  <-
  op FULLY_CONNECTED@4 (x, w, b) -> (y int8[1,2] quant(0.5, 3))
  output y
```

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x uint8[4,1]
  weight xs float32[]{0.5}
  weight xz uint8[]{128}
  weight w int8[1,1]{64}
  weight ws float32[]{0.5}
  weight wz int8[]{0}
  weight b int32[1]{100}
  weight bs float32[]{0.5}  <-
  weight bz int32[]{0}
  op DequantizeLinear (x, xs, xz) -> (xd)
  op DequantizeLinear (w, ws, wz) -> (wd)
  op DequantizeLinear (b, bs, bz) -> (bd)
  op Gemm (xd, wd, bd) -> (y)
  op QuantizeLinear (y, xs, xz) -> (z)
  output z uint8[4,1]
```

```graph good path=net.tflite
model tflite ir=3
graph main
  input x int8[1,4] quant(0.5, 3)
  weight w int8[2,4] quant([0.5,0.25], [0,0], axis=0)
  weight b int32[2]{100,-7} quant([0.25,0.125], [0,0], axis=0)
  weight c int32[2]{0,0} quant([1.0,1.0], [0,0], axis=0)
  weight d int32[2]{1,2}
  op FULLY_CONNECTED@4 (x, w, b) -> (y int8[1,2] quant(0.5, 3))
  op FULLY_CONNECTED@4 (x, w, c) -> (z int8[1,2] quant(0.5, 3))
  op FULLY_CONNECTED@4 (x, w, d) -> (v int8[1,2] quant(0.5, 3))
  output y
  output z
  output v
```

References: asked of ai-edge-litert 2.3 and onnxruntime 1.32 (`tests/claims/test_tflite_graphs.py`, `tests/test_seeded_models.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deplint import Finding, Model, rule
from deplint.model import Graph, Op, Tensor

from . import Scope, given, numbers, scopes

BIASED = {"tflite": ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"), "onnx": ("Gemm",)}
TOLERANCE = 0.05
"""A bias that is off by less is within what rounding it costs."""

HELP = "quantize the bias again with the scale of the input times that of the weights"


@rule(
    "DPL492",
    severity="error",
    leaves=["M.2.6", "S.2.5"],
    see=["https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec"],
)
def bias_scale(model: Model) -> Iterator[Finding]:
    if model.format == "tflite":
        for graph in model.graphs:
            for op in graph.ops:
                if op.type in BIASED["tflite"] and not op.domain and given(op, 2):
                    bias = graph.tensor(op.inputs[2])
                    if any(numbers(bias)) and differ(*(_scale(graph, name) for name in op.inputs[:3])):
                        yield Finding(model.at_tensor(bias), _message(op), help=HELP)
    elif model.format == "onnx":
        for scope in scopes(model):
            for op in scope.graph.ops:
                if op.type in BIASED["onnx"] and not op.domain and given(op, 2):
                    quantized = [dequantized(scope, name) for name in op.inputs[:3]]
                    values, scale = quantized[2]
                    if values and scale and any(numbers(values)) and differ(*(numbers(each) for _, each in quantized)):
                        yield Finding(model.at_tensor(scale), _message(op), help=HELP)


def _message(op: Op) -> str:
    return f"the bias of {op.type} has another scale than its input times its weights: integer kernels ignore it, and each result is off"


def _scale(graph: Graph, name: str) -> Sequence[float]:
    tensor = graph.tensor(name)
    return tensor.quant.scale if tensor.quant is not None and tensor.dtype in ("int8", "uint8", "int16", "int32", "int64") else ()


def dequantized(scope: Scope, name: str) -> tuple[Tensor | None, Tensor | None]:
    """What a ``DequantizeLinear`` gives the tensor from, as far as it is stored: the integers, and their scale."""
    maker = scope.graph.producers.get(name)
    if maker is None or maker.type != "DequantizeLinear" or maker.attributes.get("block_size"):
        return None, None
    return scope.constant(given(maker, 0)), scope.constant(given(maker, 1))


def differ(data: Sequence[float], weights: Sequence[float], bias: Sequence[float]) -> bool:
    if len(data) != 1 or data[0] <= 0 or not weights or len(bias) not in (1, len(weights)):
        return False
    each = bias if len(bias) == len(weights) else [bias[0]] * len(weights)
    return any(abs(b - data[0] * w) > TOLERANCE * max(b, data[0] * w) for b, w in zip(each, weights, strict=True))
