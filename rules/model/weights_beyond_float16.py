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
from math import isfinite

from deplint import Finding, Model, rule

LARGEST = 65520
"""The least number that is rounded to infinity."""


@rule("DPL543", severity="info", opt_in=True, leaves=["M.2.6", "S.2.5"], see=["https://docs.nvidia.com/deeplearning/tensorrt/latest/"])
def weights_beyond_float16(model: Model) -> Iterator[Finding]:
    for graph in model.graphs:
        for tensor in graph.weights:
            reach = tensor.largest
            if reach is not None and reach >= LARGEST and isfinite(reach):  # what is not finite is DPL446's
                yield Finding(
                    model.at_tensor(tensor),
                    f"weights reach {reach:.6g}, which float16 cannot hold: converted to it they are infinite",
                    help="keep this operator in float32 or bfloat16 where the model is converted",
                )
