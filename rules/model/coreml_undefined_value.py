"""A Core ML model that reads what nothing gives.

Layers and operators refer to values by name, and so do the models of a pipeline. After features were renamed, layers
removed or models chained by hand, a name may be left that nothing gives; compiling the model then stops with ``consumes an
input named 'x' which is not present in this network`` or ``does not present in pipeline input or previous model``.

```graph bad path=net.mlmodel
model coreml ir=4 tags=[neuralNetwork]
signature main (x float32[4]) -> (y float32[4])
graph main
  input x float32[4]
  op activation relu (renamed) -> (y)  <-
  output y
```

The same holds for the outputs that the model promises.

```graph bad path=net.mlmodel line=1
model coreml ir=4 tags=[neuralNetwork]
signature main (x float32[4]) -> (probability float32[4])
graph main
  input x float32[4]
  op activation relu (x) -> (y)
  output y
```

A classifier makes its label and its dictionary itself, and what a branch gives is there for the layers after it.

```graph good path=net.mlmodel
model coreml ir=4 tags=[neuralNetworkClassifier]
signature main (x float32[4]) -> (label string[] traits(predicted=true), odds map traits(probabilities=true))
graph main
  input x float32[4]
  op branch choose (x)
    ifBranch: graph
      op activation one (x) -> (chosen)
    elseBranch: graph
      op unary two (x) -> (chosen)
  op softmax soft (chosen) -> (odds)
  output odds
```

References: `NeuralNetworkValidator.cpp` and `PipelineValidator.cpp` of coremltools; coremltools 9 cannot load such a program
(`tests/claims/test_coreml.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.model import Graph, Op

HELP = "convert the model again; where it was edited, rename a value everywhere it is used"


@rule("DPL463", severity="error", leaves=["M.2.5"], see=["https://github.com/apple/coremltools/tree/main/mlmodel/src/Validation"])
def coreml_undefined_value(model: Model) -> Iterator[Finding]:
    if model.format != "coreml":
        return
    for top in model.graphs:
        for graph, op, name in _missing(top, set()):
            yield Finding(
                model.at(graph, op), f"{name!r} is given by no input, weight or operator before: the model cannot be compiled", help=HELP
            )
            return
    if model.tags[:1] == ["neuralNetwork"]:
        given = {name for _, op in model.ops() for name in op.outputs} | set(model.graph.inputs)
        for name in model.signatures["main"].outputs if "main" in model.signatures else ():
            if name not in given:
                yield Finding(model, f"no layer gives the output {name!r}: the model cannot be compiled", help=HELP)


def _missing(graph: Graph, known: set[str]) -> Iterator[tuple[Graph, Op, str]]:
    """Operators with a name they read that is not known before them. What nested networks give is known after them."""
    known |= {*graph.inputs, *(tensor.name for tensor in graph.weights)}
    for op in graph.ops:
        yield from ((graph, op, name) for name in op.inputs if name not in known)
        for nested in op.graphs.values():
            inner = {*known} if op.type not in ("branch", "loop") else known
            yield from _missing(nested, inner if nested.name != "main" else set())
        known.update(op.outputs)
