"""A TensorFlow graph with loose ends.

An operator that reads a node the graph does not have, two nodes of one name, a call of a function that is not there:
edited graphs, merged ones, and graphs that were cut have them. TensorFlow refuses them when they are loaded: ``Node 'y':
Unknown input node 'lost'``, ``Node 'y' is not unique``, ``Op type not registered``, and TensorFlow.js while it runs them.

```graph bad path=frozen.pb
model graphdef
graph main
  input x float32[?,4]
  op Placeholder x () -> (x float32[?,4])
  op Relu y (lost) -> (y float32[?,4])  <-
  op Relu z (x) -> (z float32[?,4])
  op Neg z (x) -> (z float32[?,4])  <-
  op PartitionedCall w (x) -> (w float32[?,4]) f=__inference_gone_12  <-
  output y
```

```graph good path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?]) -> (y=call:1 float32[?])
graph main
  input x float32[?]
  op Placeholder x () -> (x float32[?])
  op NoOp init ()
  op PartitionedCall call (x, ^init) -> (call float32[?], call:1 float32[?]) f=__inference_f_12
  output call:1
function __inference_f_12
  input a float32[?]
  op Relu r (a) -> (r:activations:0 float32[?])
  op Neg n (r:activations:0) -> (n:y:0 float32[?])
  output n:y:0
```

References: run with TensorFlow 2.21 (`tests/claims/test_tensorflow_graphs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

CALLS = ("PartitionedCall", "StatefulPartitionedCall")


@rule(
    "DPL534", severity="error", leaves=["S.4.2", "M.2.3"], see=["https://www.tensorflow.org/api_docs/python/tf/graph_util/import_graph_def"]
)
def tf_graph_broken(model: Model) -> Iterator[Finding]:
    if model.format not in ("savedmodel", "graphdef", "tfjs-graph"):
        return
    for graph in model.graphs:
        names = {op.name for op in graph.ops} | set(graph.inputs)
        seen: set[str] = set()
        for op in graph.ops:
            lost = [name for name in op.inputs if _node(name) not in names]
            called = op.attributes.get("f") if op.type in CALLS else None
            wrong = (
                f"it reads {lost[0]!r}, and there is no such node"
                if lost
                else f"two nodes are called {op.name!r}"
                if op.name in seen
                else f"it calls the function {called}, which the model does not have"
                if isinstance(called, str) and called and called not in model.functions
                else ""
            )
            seen.add(op.name)
            if wrong:
                yield Finding(model.at(graph, op), f"{wrong}: the graph cannot be loaded", help="export the model again")


def _node(name: str) -> str:
    """The node whose result `name` is: ``x``, ``x:1``, ``^x``, and within a function ``x:y:0``."""
    return name.lstrip("^").partition(":")[0]
