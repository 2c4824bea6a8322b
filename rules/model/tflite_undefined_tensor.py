"""A TensorFlow Lite operator that reads what nothing has written yet.

The interpreter runs operators in the order they are stored in. One that reads a tensor which no operator before it
gives, and which is neither an input nor a weight, finds nothing there (``Input tensor 18 lacks data``) or what an
earlier run has left. Merged or cut graphs, and converters that do not sort, write such files.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x float32[1,4]
  op RELU@1 (h) -> (y float32[1,4])  <-
  op ADD@1 (x, x) -> (h float32[1,4])
  op MUL@1 (y, lost) -> (z float32[1,4])  <-
  output z
  output never  <-
```

Variable tensors keep their values from one run to the next; nothing has to write them first.

```graph good path=net.tflite
model tflite ir=3
graph main
  input x float32[1,4]
  weight w float32[8,4]
  weight v float32[8,5]
  tensor state float32[1,40] traits(variable=true)
  op SVDF@1 (x, w, v, "", state) -> (h float32[1,8])
  op custom.Mine (h, memory) -> (y float32[1,8])
  op RELU@1 (y) -> (z float32[1,8])
  output z
```

References: asked of ai-edge-litert 2.3 (`tests/claims/test_tflite_graphs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.model import Graph

HELP = "sort the operators, or convert the model again as a whole"


@rule("DPL491", severity="error", leaves=["M.4.3"], see=["https://ai.google.dev/edge/litert/inference"])
def tflite_undefined_tensor(model: Model) -> Iterator[Finding]:
    for graph in model.graphs if model.format == "tflite" else ():
        written = {*graph.inputs, "", *(t.name for t in graph.tensors.values() if t.stored or t.traits.get("variable"))}
        for op in graph.ops:
            late = [name for name in op.inputs if name not in written]
            if late and not op.domain:
                yield Finding(model.at(graph, op), f"{op.type} reads {late[0]!r}, {_when(graph, late[0])}", help=HELP)
            written.update(op.outputs)
        for name in graph.outputs:
            if name not in written:
                yield Finding(model.at_tensor(graph.tensor(name)), "an output of the model that nothing gives", help=HELP)


def _when(graph: Graph, name: str) -> str:
    return "which only a later operator gives" if name in graph.producers else "which nothing gives: the interpreter stops there"
