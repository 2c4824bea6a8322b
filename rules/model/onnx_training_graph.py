"""An ONNX model that carries how to train it.

`training_info` holds graphs that give weights their first values and make a training step. Runtimes for inference do
not read them; the file is larger, and shows how the model was trained.

```graph bad path=net.onnx
model onnx ir=10 opset=20
graph main
  input x float32[1,4]
  weight w float32[4]
  op Mul (x, w) -> (y)
  output y float32[1,4]
training training.algorithm
  weight rate float32[]{0.1}
  op Mul (w, rate) -> (step)  <-
  op Sub (w, step) -> (w_new)
  output w_new
```

```graph good path=net.onnx
model onnx ir=10 opset=20
graph main
  input x float32[1,4]
  weight w float32[4]
  op Mul (x, w) -> (y)
  output y float32[1,4]
```

References: onnxruntime 1.32 loads and runs such a model as if it had no `training_info` (`tests/test_seeded_models.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule


@rule(
    "DPL486",
    severity="info",
    leaves=["B.4.6", "S.4.2"],
    see=["https://github.com/onnx/onnx/blob/main/docs/IR.md#training-related-information"],
)
def onnx_training_graph(model: Model) -> Iterator[Finding]:
    training = [graph for graph in model.graphs if graph.kind == "training"]
    if any(graph.ops for graph in training):
        graph = next(graph for graph in training if graph.ops)
        yield Finding(
            model.at(graph, graph.ops[0]),
            f"the model carries {sum(len(graph.ops) for graph in training)} operators of its training, which nothing that infers reads",
            help='clear it before shipping: model.ClearField("training_info")',
        )
