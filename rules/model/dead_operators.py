"""Operators whose results no output needs.

They are left behind when outputs are removed or graphs are cut. ONNX Runtime drops them while loading; the TensorFlow
Lite interpreter runs every operator that is stored.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x float32[1,4]
  op EXP@1 (x) -> (dead float32[1,4])  <-
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

An operator with an effect is not dead, and neither is one of a function.

```graph good path=net.tflite
model tflite ir=3
graph main
  input x float32[1,4]
  op VAR_HANDLE@1 () -> (v resource[])
  op ASSIGN_VARIABLE@1 (v, x)
  op SPLIT@2 (x) -> (a float32[1,2], b float32[1,2])
  op RELU@1 (a) -> (y float32[1,2])
  output y
```
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule


@rule(
    "DPL438",
    severity="info",
    leaves=["M.7", "B.7"],
    see=["https://onnxruntime.ai/docs/performance/model-optimizations/graph-optimizations.html"],
)
def dead_operators(model: Model) -> Iterator[Finding]:
    graph = model.graph
    if model.format not in ("onnx", "tflite") or not all(name in graph.producers for name in graph.outputs):
        return
    effects = {"resource", "variant", ""} if model.format == "tflite" else set()
    for op in graph.ops:
        if op.index in model.needed:
            continue
        touched = {graph.tensor(name).dtype for name in (*op.inputs, *op.outputs)} if effects else set()
        if op.outputs and op.type != "Constant" and not op.domain and not touched & effects:
            yield Finding(
                model.at(graph, op), "no output of the model needs what it computes", help="remove it, or name its result as an output"
            )
