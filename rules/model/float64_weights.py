"""Weights in float64.

NumPy's default becomes a model's dtype when nobody casts. The file is twice as large, and few runtimes for phones,
browsers and accelerators compute in double precision at all; ONNX Runtime's processor kernels of convolutions do not
either: ``Could not find an implementation for Conv(11)``.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float64[1,100]
  weight w float64[100,10]  <-
  op MatMul (x, w) -> (y)
  output y float64[1,10]
```

Small ones matter where something is multiplied with them as a matrix: it is computed in float64, whatever comes before.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,8]
  weight w float64[8,2]  <-
  op Cast (x) -> (d) to=float64
  op MatMul (d, w) -> (m)
  op Cast (m) -> (y) to=float32
  output y float32[1,2]
```

A few constants in float64 weigh nothing.

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,100]
  weight w float32[100,10]
  weight k float64[3]
  op MatMul (x, w) -> (m)
  op Cast (m) -> (d) to=11
  op Mul (d, k) -> (y)
  output y float64[1,3]
```

References: ONNX Runtime 1.32 was asked (`tests/test_seeded_models.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.model import Graph, Tensor

from .weights_not_finite import MULTIPLYING

FORMATS = ("onnx", "tflite", "graphdef", "tfjs-graph", "tfjs-layers", "keras-h5", "torch", "torchscript")
FEWEST = 256
"""Elements of a tensor below which its dtype costs nothing."""


@rule("DPL439", severity="warning", leaves=["M.2.6", "B.2.5"], see=["https://onnxruntime.ai/docs/reference/operators/"])
def float64_weights(model: Model) -> Iterator[Finding]:
    if model.format not in FORMATS:
        return
    for graph in model.graphs:
        for tensor in graph.weights:
            if tensor.dtype == "float64" and ((tensor.elements or 0) >= FEWEST or _multiplied(graph, tensor)):
                yield Finding(
                    model.at_tensor(tensor),
                    "weights are float64: twice the size, and most runtimes beside a server's processor cannot compute with them",
                    help="cast the model to float32 before exporting it (model.float(), keras.config.set_floatx('float32'))",
                )


def _multiplied(graph: Graph, tensor: Tensor) -> bool:
    return len(tensor.shape or ()) > 1 and any(op.type in MULTIPLYING for op in graph.consumers.get(tensor.name, ()))
