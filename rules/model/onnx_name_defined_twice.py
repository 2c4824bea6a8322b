"""An ONNX graph with two things of one name.

Within a graph each tensor is given once: by an input, a weight or one operator; a nested graph must not give a name
its surroundings already have. Merged graphs, and graphs edited by hand, break that. ONNX Runtime refuses the model:
``Duplicate definition of name (y)``, ``Duplicate definition-site for (x)``; of operators with the same name, ``two
nodes with same node name (conv)``.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op Relu (x) -> (y)
  op Neg (x) -> (y)  <-
  output y float32[1,4]
```

Operators have names of their own as well.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op Relu act (x) -> (a)
  op Relu act (a) -> (y)  <-
  output y float32[1,4]
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  input flag bool[]
  op Constant c () -> (c1) value=float32[]{1.0}
  op Constant c () -> (c2) value=float32[]{2.0}
  op Neg (x) -> (h)
  op If (flag) -> (y)
    then_branch: graph
      op Relu act (h) -> (a)
      output a
    else_branch: graph
      op Neg act (h) -> (a)
      output a
  output y float32[1,4]
```

References: asked of onnxruntime 1.32 and onnx 1.23 (`tests/test_seeded_models.py`).
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator

from deplint import Finding, Model, Place, rule
from deplint.model import Graph


@rule(
    "DPL421",
    severity="error",
    leaves=["S.4.2", "M.4.3", "B.4.1"],
    see=["https://github.com/onnx/onnx/blob/main/docs/IR.md#names-within-a-graph"],
)
def onnx_name_defined_twice(model: Model) -> Iterator[Finding]:
    if model.format == "onnx":
        yield from _graph(model, model.graph, ChainMap())


def _graph(model: Model, graph: Graph, known: ChainMap[str, None]) -> Iterator[Finding]:
    """`known` holds the names given before: those of this graph and, behind them, of the graphs around it."""
    for name in graph.inputs:
        if name in known.maps[0]:
            place = Place(model.path, where=f'input "{name}"')
            yield Finding(place, "two inputs of the graph have the same name: ONNX Runtime refuses the model", help="rename one")
        known[name] = None
    known.update((tensor.name, None) for tensor in graph.weights)
    names: set[str] = set()
    for op in graph.ops:
        constant = op.type == "Constant"  # which ONNX Runtime turns into a weight before it looks at names
        if op.name and op.name in names and not constant:
            yield Finding(
                model.at(graph, op),
                "another operator of the graph has the same name: ONNX Runtime refuses the model",
                help="give each operator a name of its own, or none",
            )
        names.add("" if constant else op.name)
        for nested in op.graphs.values():
            yield from _graph(model, nested, known.new_child())
        for name in op.outputs:
            if name and name in known and not constant:
                yield Finding(
                    model.at(graph, op),
                    f"it gives the tensor {name!r}, which something else gives already: ONNX Runtime refuses the model",
                    help="give each result a name of its own",
                )
            known[name] = None
