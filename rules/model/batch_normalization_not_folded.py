"""A batch normalization that could be part of the convolution before it.

In inference it multiplies and adds the same numbers each time, which the weights of the convolution can do. ONNX
Runtime folds them while it loads a model; microcontrollers, many NPU compilers and quantization tools take the graph as
it is: quantized one by one, the two lose accuracy and cost a pass over memory.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,3,8,8]
  weight w float32[4,3,3,3]
  weight n float32[4]
  op Conv (x, w) -> (c)
  op BatchNormalization (c, n, n, n, n) -> (y)  <-
  output y
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,3,8,8]
  weight w float32[4,3,3,3]
  weight n float32[4]
  op Conv (x, w) -> (c)
  op Relu (c) -> (r)
  op BatchNormalization (r, n, n, n, n) -> (y)
  op Conv (x, w) -> (d)
  op BatchNormalization (d, n, n, n, n) -> (z)
  op Add (z, d) -> (v)
  output y
  output v
```

References: onnxruntime's ConvBatchNormFusion; run with onnxruntime 1.32 (`tests/test_seeded_models.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

from . import given, scopes


@rule(
    "DPL539",
    severity="info",
    leaves=["M.7", "M.2.6"],
    see=["https://onnxruntime.ai/docs/performance/model-optimizations/graph-optimizations.html"],
)
def batch_normalization_not_folded(model: Model) -> Iterator[Finding]:
    for scope in scopes(model) if model.format == "onnx" else ():
        graph = scope.graph
        for op in graph.ops:
            name = given(op, 0)
            before = graph.producers.get(name)
            if op.type != "BatchNormalization" or op.domain or before is None or before.type not in ("Conv", "ConvTranspose"):
                continue
            constant = all(scope.constant(given(op, number)) for number in range(1, 5)) and scope.constant(given(before, 1))
            alone = len(graph.consumers.get(name, ())) == 1 and name not in graph.outputs
            if constant and alone and len(op.outputs) == 1 and not op.attributes.get("training_mode"):
                yield Finding(
                    model.at(graph, op),
                    "the batch normalization is not folded into the convolution before it",
                    help="export in evaluation mode with constant folding, or fold it with onnxruntime.quantization.preprocess or onnxslim",
                )
