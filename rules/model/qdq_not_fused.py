"""A quantized convolution that ONNX Runtime computes in float.

In the form of ONNX that keeps `QuantizeLinear` and `DequantizeLinear` around float operators, a runtime finds groups
to compute in integers: a `Conv` whose input and weights come out of `DequantizeLinear` and whose only reader is a
`QuantizeLinear`. Where a batch normalization or an activation stands between, a second operator reads the result in
float, or the bias has another scale than input times weights, ONNX Runtime dequantizes the weights in each run and
computes in float: slower than the model was before.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x int8[1,3,8,8]
  weight s float32[]{0.5}
  weight z int8[]{0}
  weight w int8[4,3,3,3]
  weight n float32[4]
  op DequantizeLinear (x, s, z) -> (xd)
  op DequantizeLinear (w, s, z) -> (wd)
  op Conv (xd, wd) -> (c)  <-
  op BatchNormalization (c, n, n, n, n) -> (b)
  op QuantizeLinear (b, s, z) -> (y)
  output y int8[1,4,6,6]
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x int8[1,3,8,8]
  input f float32[1,3,8,8]
  weight s float32[]{0.5}
  weight z int8[]{0}
  weight w int8[4,3,3,3]
  op DequantizeLinear (x, s, z) -> (xd)
  op DequantizeLinear (w, s, z) -> (wd)
  op DequantizeLinear (w, s, z) -> (vd)
  op Conv (xd, wd) -> (c)
  op QuantizeLinear (c, s, z) -> (y)
  op Conv (f, vd) -> (g)
  op DequantizeLinear (w, s, z) -> (ud)
  op Conv (xd, ud) -> (h)
  op Relu (h) -> (r)
  op QuantizeLinear (r, s, z) -> (v)
  output y int8[1,4,6,6]
  output g float32[1,4,6,6]
  output v int8[1,4,6,6]
```

References: run with onnxruntime 1.32 (`tests/test_seeded_models.py`). TensorRT fuses some of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deplint import Finding, Model, rule
from deplint.model import Op

from . import Scope, given, numbers, scopes
from .bias_scale import dequantized, differ

FUSED = ("QuantizeLinear", "Relu", "Clip")
"""Readers of a convolution's result with which it is computed in integers; an activation may be part of the range of the next one."""


@rule(
    "DPL494",
    severity="info",
    leaves=["M.2.6", "S.2.5", "M.7"],
    see=["https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html"],
)
def qdq_not_fused(model: Model) -> Iterator[Finding]:
    for scope in scopes(model) if model.format == "onnx" else ():
        for op in scope.graph.ops:
            if op.type == "Conv" and not op.domain and op.outputs and all(_dequantized(scope, given(op, number)) for number in (0, 1)):
                wrong = _why(scope, op)
                if wrong:
                    yield Finding(
                        model.at(scope.graph, op),
                        f"{wrong}: ONNX Runtime computes this quantized convolution in float, and dequantizes its weights each time",
                        help="fold batch normalization before quantizing (onnxruntime.quantization.preprocess), and quantize what reads it",
                    )


def _dequantized(scope: Scope, name: str) -> bool:
    maker = scope.graph.producers.get(name)
    return maker is not None and maker.type == "DequantizeLinear"


def _why(scope: Scope, op: Op) -> str:
    readers: Sequence[Op] = scope.graph.consumers.get(op.outputs[0], ())
    if op.outputs[0] in scope.graph.outputs:
        return "its result leaves the graph in float"
    if len(readers) > 1:
        return "several operators read its result"
    if readers and readers[0].type not in FUSED:
        return f"{readers[0].type} reads its result in float"
    bias = [dequantized(scope, name) for name in op.inputs[:3]]
    if len(bias) == 3 and bias[2][1] is not None and differ(*(numbers(scale) for _, scale in bias)):
        return "its bias has another scale than its input times its weights"
    return ""
