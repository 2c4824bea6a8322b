"""An ONNX `If` or `Loop` whose nested graphs do not give what it gives.

Both branches of an `If` have as many outputs as the operator itself; the body of a `Loop` takes the iteration number,
the condition and each carried value, and gives the condition, each carried value and each scanned output. Otherwise
ONNX Runtime refuses the model: ``then_branch and else_branch produce different number of outputs. 1 != 2``, ``Graph
attribute inferencing returned type information for 1 outputs. Expected 2``.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  input flag bool[]
  op If (flag) -> (y)  <-
    then_branch: graph
      op Relu (x) -> (a)
      output a
    else_branch: graph
      op Relu (x) -> (b)
      op Neg (x) -> (c)
      output b
      output c
  output y float32[1,4]
```

A loop's body gives the condition first.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight n int64[]{3}
  op Loop (n, "", x) -> (y)  <-
    body: graph
      input i int64[]
      input more bool[]
      input h float32[1,4]
      op Relu (h) -> (r)
      output r
  output y float32[1,4]
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight n int64[]{3}
  op Loop (n, "", x) -> (y, each)
    body: graph
      input i int64[]
      input more bool[]
      input h float32[1,4]
      op Identity (more) -> (again)
      op Relu (h) -> (r)
      op Neg (h) -> (s)
      output again
      output r
      output s
  output y float32[1,4]
```

References: asked of onnxruntime 1.32 and onnx 1.23 (`tests/test_seeded_models.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.model import Op

from . import scopes


@rule(
    "DPL428",
    severity="error",
    leaves=["S.4.2", "M.4.3"],
    see=["https://onnx.ai/onnx/operators/onnx__If.html", "https://onnx.ai/onnx/operators/onnx__Loop.html"],
)
def onnx_subgraph_interface(model: Model) -> Iterator[Finding]:
    if model.format != "onnx":
        return
    for scope in scopes(model):
        for op in scope.graph.ops:
            wrong = _wrong(op) if op.graphs and not op.domain else ""
            if wrong:
                yield Finding(
                    model.at(scope.graph, op), f"{wrong}: ONNX Runtime refuses the model", help="give the nested graph those outputs"
                )


def _wrong(op: Op) -> str:
    body = op.graphs.get("body")
    if op.type == "If":
        counts = {len(graph.outputs) for graph in op.graphs.values()} | {len(op.outputs)}
        return "the branches of an If and the If itself differ in how many outputs they have" if len(counts) > 1 else ""
    if op.type != "Loop" or body is None:
        return ""
    carried = max(0, len(op.inputs) - 2)
    if len(body.outputs) < 1 + max(carried, len(op.outputs)):
        return "a loop's body gives fewer outputs than the condition, the carried values and the scanned outputs"
    if len(body.inputs) != 2 + carried and not any(body.weights):
        return "a loop's body does not take the iteration number, the condition and each carried value"
    return ""
