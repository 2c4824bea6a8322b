"""Weights that are not numbers, or all zero.

One `nan` in a weight makes every result `nan`, an infinite one nearly so; training that diverged, or a cast to
float16 of what is beyond 65504, leave them behind. A matrix of zeros where training should have left its mark is a
layer that was never trained or never loaded. Off unless selected, because all weights have to be read.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,2]
  weight w float32[2,2]{1.0,inf,2.0,3.0}  <-
  weight z float32[2,2]{0.0,0.0,0.0,0.0}  <-
  weight bias float32[2]{0.0,nan}  <-
  op MatMul (x, w) -> (a)
  op Gemm (a, z, bias) -> (y)
  output y float32[1,2]
```

A bias may be zero, so may a state at the beginning; a mask and the start of a maximum are infinite.

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,2]
  weight w float32[2,2]{1.0,0.0,0.0,0.0}
  weight mask float32[2,2]{0.0,-inf,0.0,0.0}
  weight state float32[2,2]{0.0,0.0,0.0,0.0}
  weight bias float32[2]{0.0,0.0}
  op Add (x, mask) -> (a)
  op Concat (a, state) -> (b) axis=0
  op Gemm (b, w, bias) -> (y)
  output y float32[1,2]
```
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, isnan

from deplint import Finding, Model, rule
from deplint.model import Tensor

MULTIPLYING = (
    *("Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN"),
    *("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "Conv2D", "DepthwiseConv2dNative", "_FusedConv2D", "_FusedMatMul"),
)
"""Operators whose second and third inputs, if they are matrices, are what was learned."""


@rule(
    "DPL446",
    severity="warning",
    opt_in=True,
    leaves=["M.1.3"],
    see=["https://numpy.org/doc/stable/reference/generated/numpy.isfinite.html"],
)
def weights_not_finite(model: Model) -> Iterator[Finding]:
    for graph in model.graphs:
        for tensor in graph.weights:
            readers = graph.consumers.get(tensor.name, ())
            learned = not graph.ops or any(op.type in MULTIPLYING and tensor.name in op.inputs[1:3] for op in readers)
            wrong = _wrong(tensor, learned and len(tensor.shape or ()) > 1)
            if wrong:
                yield Finding(
                    model.at_tensor(tensor), wrong, help="export a checkpoint from before training diverged, or load all weights first"
                )


def _wrong(tensor: Tensor, matrix: bool) -> str:
    """What is wrong with the values; of what is no `matrix` of learned weights, only whether they are numbers."""
    reach = tensor.largest
    if reach is None:
        return ""
    if isnan(reach) or (matrix and reach == inf):
        return "weights are infinite or no numbers: so are the results"
    return "weights are all zero" if matrix and not reach else ""
