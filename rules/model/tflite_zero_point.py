"""A zero point that TensorFlow Lite has no kernel for.

Weights in int8 are symmetric: their zero points are 0, and a zero point of any tensor is a value of its dtype.
Converters outside TensorFlow, and models edited by hand, write others. The interpreter then fails in
`allocate_tensors` (``affine_quantization->zero_point->data[i] != 0``, ``unsupported zero-point value (3) in channel 7
of INT8 tensor``), or ignores them and computes something else.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x int8[1,4,4,1] quant(0.5, 300)  <-
  weight w int8[2,3,3,1] quant([0.5,0.25], [0,7], axis=0)  <-
  op CONV_2D@3 (x, w, "") -> (y int8[1,2,2,2] quant(0.5, 3))
  output y
```

```graph good path=net.tflite
model tflite ir=3
graph main
  input x int8[1,4] quant(0.5, -128)
  weight w int8[3,4] quant([0.5,0.25,0.5], [0,0,0], axis=0)
  weight v int8[3,3] quant(0.5, 3)
  weight u uint8[3,3] quant(0.5, 128)
  op FULLY_CONNECTED@4 (x, w, "") -> (h int8[1,3] quant(0.5, 3))
  op FULLY_CONNECTED@4 (h, v, "") -> (y int8[1,3] quant(0.5, 3))
  output y
```

References: asked of ai-edge-litert 2.3 (`tests/claims/test_model_rules.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.model import Tensor

LIMITS = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767)}
CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")


@rule(
    "DPL432",
    severity="error",
    leaves=["M.2.6"],
    see=["https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec"],
)
def tflite_zero_point(model: Model) -> Iterator[Finding]:
    if model.format != "tflite":
        return
    for graph in model.graphs:
        filters = {op.inputs[1] for op in graph.ops if op.type in CONVOLUTIONS and len(op.inputs) > 1}
        for tensor in graph.tensors.values():
            wrong = _wrong(tensor, tensor.name in filters)
            if wrong:
                yield Finding(
                    model.at_tensor(tensor),
                    f"{wrong}: the interpreter refuses the model or computes something else",
                    help="quantize again with a converter that follows TensorFlow Lite's quantization specification",
                )


def _wrong(tensor: Tensor, is_filter: bool) -> str:
    quant, limits = tensor.quant, LIMITS.get(tensor.dtype)
    if quant is None or limits is None or quant.scheme != "affine":
        return ""
    if any(not limits[0] <= point <= limits[1] for point in quant.zero_point):
        return f"a zero point is no {tensor.dtype}"
    symmetric = tensor.dtype == "int8" and tensor.stored is not None and (is_filter or quant.axis is not None)
    return "int8 weights have zero points that are not 0" if symmetric and any(quant.zero_point) else ""
