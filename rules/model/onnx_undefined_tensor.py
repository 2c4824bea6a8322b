"""An ONNX graph in which an operator, or the graph itself, asks for a tensor that nothing gives.

Editing a graph by hand, merging graphs or cutting a part out of one leaves such loose ends, and so does a cycle: two
operators that wait for each other. ONNX Runtime refuses the model when it is loaded: ``Node input 'h' is not a graph
input, initializer, or output of a previous node``, ``Graph output (y) does not exist in the graph``, ``the graph is
not acyclic``.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op Add (x, h) -> (y)  <-
  output y float32[1,4]
```

So is an output that no operator gives.

```graph bad path=net.onnx line=1
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op Relu (x) -> (z)
  output y float32[1,4]
```

And operators that wait for each other.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op Add (x, b) -> (a)  <-
  op Relu (a) -> (b)
  op Relu (b) -> (y)
  output y float32[1,4]
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  input flag bool[]
  weight w float32[4]
  op Add (x, w) -> (h)
  op If (flag) -> (y)
    then_branch: graph
      op Relu (h) -> (a)
      output a
    else_branch: graph
      op Clip (h, "", w) -> (b)
      output b
  output y float32[1,4]
```

References: asked of onnxruntime 1.32 and onnx 1.23 (`tests/test_seeded_models.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

from . import Scope, cycle, scopes


@rule("DPL420", severity="error", leaves=["S.4.2", "M.4.3", "B.4.1"], see=["https://github.com/onnx/onnx/blob/main/docs/IR.md#nodes"])
def onnx_undefined_tensor(model: Model) -> Iterator[Finding]:
    if model.format != "onnx":
        return
    for scope in scopes(model):
        graph, made = scope.graph, scope.graph.producers
        for op in graph.ops:
            for name in op.inputs:
                if name and name not in made and not _known(scope, name):
                    yield Finding(
                        model.at(graph, op),
                        f"nothing gives the tensor {name!r} that operators read: ONNX Runtime refuses the model",
                        help="give it as an input or a weight, or put back the operator that made it",
                    )
        for name in graph.outputs:
            if not _known(Scope(graph), name):
                yield Finding(
                    model,
                    f"nothing in the graph gives its output {name!r}: ONNX Runtime refuses the model",
                    help="name as outputs what operators of the same graph give; a branch passes an outer value on with Identity",
                )
        waiting = cycle(graph)
        if waiting:
            yield Finding(
                model.at(graph, waiting[0]),
                f"operators wait for each other ({' -> '.join(op.type for op in waiting[:6])}): ONNX Runtime refuses the model",
                help="a loop is written with the operators Loop or Scan",
            )


def _known(scope: Scope | None, name: str) -> bool:
    while scope is not None:
        graph = scope.graph
        tensor = graph.tensors.get(name)
        if name in graph.producers or name in graph.inputs or (tensor is not None and tensor.stored is not None):
            return True
        scope = scope.outer
    return False
