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

from collections.abc import Iterable, Iterator

from deplint import Finding, Model, rule
from deplint.model import Graph, Op

from . import Scope, scopes


@rule("DPL420", severity="error", leaves=["S.4.2", "M.4.3", "B.4.1"], see=["https://github.com/onnx/onnx/blob/main/docs/IR.md#nodes"])
def onnx_undefined_tensor(model: Model) -> Iterator[Finding]:
    if model.format != "onnx":
        return
    for scope in scopes(model):
        graph = scope.graph
        for op in graph.ops:
            for name in op.inputs:
                if name and not _known(scope, name):
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
        cycle = _cycle(graph)
        if cycle:
            yield Finding(
                model.at(graph, cycle[0]),
                f"operators wait for each other ({' -> '.join(op.type for op in cycle[:6])}): ONNX Runtime refuses the model",
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


def _cycle(graph: Graph) -> list[Op]:
    """Operators that wait for each other, the first in stored order in front; empty if there are none."""
    waits = {op.index: {p.index for p in _makers(graph, op)} for op in graph.ops}
    if all(made < index for index, makers in waits.items() for made in makers):
        return []
    waiting = {index: len(makers) for index, makers in waits.items()}
    ready = [index for index, count in waiting.items() if not count]
    for index in ready:  # which grows
        done = (
            op.index for name in graph.ops[index].outputs if graph.producers[name].index == index for op in graph.consumers.get(name, ())
        )
        for later in set(done):
            waiting[later] -= 1
            if not waiting[later]:
                ready.append(later)
    stuck = waiting.keys() - set(ready)
    if not stuck:
        return []
    path: list[int] = []
    index = min(stuck)
    while index not in path:
        path.append(index)
        index = min(waits[index] & stuck)
    path = path[path.index(index) :][::-1]
    first = path.index(min(path))
    return [graph.ops[i] for i in (*path[first:], *path[:first])]


def _makers(graph: Graph, op: Op) -> Iterable[Op]:
    return (graph.producers[name] for name in op.reads if name in graph.producers)
