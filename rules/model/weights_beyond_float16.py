"""Weights that float16 cannot hold.

Half precision ends at 65504: what is larger becomes infinite when a model is converted to float16 (by
`onnxconverter_common`, `--quantize_float16`, TensorRT's and Core ML's default precision), and the results are no
numbers. Off unless selected, because all weights have to be read.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,2]
  weight w float32[2,2]{1.0,70000.0,2.0,3.0}  <-
  op MatMul (x, w) -> (y)
  output y
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,2]
  weight w float32[2,2]{1.0,-65504.0,2.0,3.0}
  weight v float32[2,2]{1.0,inf,2.0,3.0}
  weight i int64[2]{70000,1}
  op MatMul (x, w) -> (y)
  output y
```

References: the limit is that of IEEE 754 binary16.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.model import Tensor, Unreadable

from .weights_not_finite import CHUNK

LARGEST = 65520.0
"""The least number that is rounded to infinity."""

NUMPY = {"float32": "<f4", "float64": "<f8"}


@rule("DPL543", severity="info", opt_in=True, leaves=["M.2.6", "S.2.5"], see=["https://docs.nvidia.com/deeplearning/tensorrt/latest/"])
def weights_beyond_float16(model: Model) -> Iterator[Finding]:
    for graph in model.graphs:
        for tensor in graph.weights:
            largest = _largest(tensor)
            if largest >= LARGEST:
                yield Finding(
                    model.at_tensor(tensor),
                    f"weights reach {largest:.6g}, which float16 cannot hold: converted to it they are infinite",
                    help="keep this operator in float32 or bfloat16 where the model is converted",
                )


def _largest(tensor: Tensor) -> float:
    """The largest finite magnitude; 0 for what is not stored as float32 or float64."""
    stored, code = tensor.stored, NUMPY.get(tensor.dtype)
    if stored is None or stored.problem or tensor.data is None or code is None or stored.nbytes != tensor.nbytes:
        return 0.0
    import numpy

    largest = 0.0
    try:
        for offset in range(0, stored.nbytes, CHUNK):
            values = numpy.frombuffer(tensor.data(offset, min(CHUNK, stored.nbytes - offset)), code)
            largest = max(largest, -float(values.min(initial=0)), float(values.max(initial=0)))
            if not numpy.isfinite(largest):
                return 0.0  # DPL446 says so
    except Unreadable:
        return 0.0
    return largest
