"""An ONNX model that ONNX Runtime puts up with and the standard does not.

ONNX Runtime sorts operators itself and guesses the version of a domain that is not imported. `onnx.checker`, and with
it most converters and other runtimes, refuse the same file: ``Nodes in a graph must be topologically sorted``, ``No
opset import for domain 'com.microsoft'``.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op Relu (h) -> (y)  <-
  op Neg (x) -> (h)
  output y float32[1,4]
```

A domain that is not imported.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op com.microsoft.FastGelu (x) -> (y)  <-
  output y float32[1,4]
```

```graph good path=net.onnx
model onnx ir=8 opset={"": 17, com.microsoft: 1}
graph main
  input x float32[1,4]
  op Neg (x) -> (h)
  op com.microsoft.FastGelu (h) -> (y)
  output y float32[1,4]
```

References: asked of onnxruntime 1.32 and onnx 1.23 (`tests/test_seeded_models.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

from . import cycle, in_order, scopes

IMPORTS_SINCE = 3
"""The first IR version whose models import operator sets."""


@rule("DPL422", severity="warning", leaves=["M.2.5", "B.2.5", "S.4.2"], see=["https://github.com/onnx/onnx/blob/main/docs/IR.md#graphs"])
def onnx_not_standard(model: Model) -> Iterator[Finding]:
    if model.format != "onnx":
        return
    imports = (model.ir_version or 0) >= IMPORTS_SINCE
    for scope in scopes(model):
        graph = scope.graph
        unsorted = not in_order(graph) and not cycle(graph)
        for op in graph.ops:
            if imports and op.domain not in model.opsets and op.domain:
                yield Finding(
                    model.at(graph, op),
                    f"the model uses operators of the domain {op.domain} and does not import it: "
                    "ONNX Runtime guesses its version, onnx.checker refuses the model",
                    help=f"add onnx.helper.make_opsetid({op.domain!r}, 1) to the model's opset_import",
                )
            if unsorted and any(name in graph.producers and graph.producers[name].index > op.index for name in op.reads):
                yield Finding(
                    model.at(graph, op),
                    "operators stand before those whose results they read: ONNX Runtime sorts them, onnx.checker refuses the model",
                    help="sort the graph's nodes, for instance with onnx_graphsurgeon's toposort() or onnxscript's TopologicalSortPass",
                )
