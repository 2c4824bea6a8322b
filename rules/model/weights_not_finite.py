"""Weights that are not numbers, or all zero.

One `nan` in a weight makes every result `nan`, an infinite one nearly so; training that diverged, or a cast to
float16 of what is beyond 65504, leave them behind. A tensor of zeros where training should have left its mark is a
layer that was never trained or never loaded. Off unless selected, because all weights have to be read.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight w float32[4]{1.0,nan,2.0,3.0}  <-
  weight h float16[2]{1.0,inf}  <-
  weight z float32[2,2]{0.0,0.0,0.0,0.0}  <-
  weight bias float32[4]{0.0,0.0,0.0,0.0}
  op Sum (x, w, bias, z, h) -> (y)
  output y float32[1,4]
```

A bias may be zero.

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight w float32[2,2]{1.0,0.0,0.0,0.0}
  weight bias float32[4]{0.0,0.0,0.0,0.0}
  op Sum (x, w, bias) -> (y)
  output y float32[1,4]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.model import Tensor, Unreadable

CHUNK = 1 << 22
"""Bytes looked at in one go; a multiple of every element's size."""

NUMPY = {"float16": "<f2", "float32": "<f4", "float64": "<f8"}


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
            wrong = _wrong(tensor)
            if wrong:
                yield Finding(
                    model.at_tensor(tensor), wrong, help="export a checkpoint from before training diverged, or load all weights first"
                )


def _wrong(tensor: Tensor) -> str:
    stored, code = tensor.stored, NUMPY.get(tensor.dtype)
    if stored is None or stored.problem or tensor.data is None or code is None or stored.nbytes != tensor.nbytes:
        return ""
    import numpy

    zero = len(tensor.shape or ()) > 1  # a vector may be a bias
    try:
        for offset in range(0, stored.nbytes, CHUNK):
            values = numpy.frombuffer(tensor.data(offset, min(CHUNK, stored.nbytes - offset)), code)
            if not numpy.isfinite(values).all():
                return "weights are infinite or no numbers: so are the results"
            zero = zero and not values.any()
    except Unreadable:
        return ""
    return "weights are all zero" if zero else ""
