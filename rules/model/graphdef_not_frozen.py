"""A graph file that holds no weights.

`tf.io.write_graph` stores the graph and leaves its variables in the session: ``Attempting to use uninitialized value w``
(`FailedPreconditionError`), and converters have nothing to convert. Freezing puts the values in their place; where it
was done to a graph made for training, operators are left that update what is a constant now: ``Input 0 of node
bn/AssignMovingAvg was passed float from w:0 incompatible with expected float_ref``.

```graph bad path=graph.pb
model graphdef
graph main
  input x float32[?,4]
  op Placeholder x () -> (x float32[?,4])
  op VariableV2 w () -> (w float32[4,2])  <-
  op Identity w/read (w) -> (w/read float32[4,2])
  op MatMul y (x, w/read) -> (y float32[?,2])
  output y
```

```graph bad path=frozen.pb
model graphdef
graph main
  input x float32[4]
  op Placeholder x () -> (x float32[4])
  weight w float32[4]{1.0,2.0,3.0,4.0}
  op Const w () -> (w)
  op AssignSub bn/AssignMovingAvg (w, x) -> (bn/AssignMovingAvg float32[4])  <-
  output bn/AssignMovingAvg
```

```graph good path=frozen.pb
model graphdef
graph main
  input x float32[?,4]
  op Placeholder x () -> (x float32[?,4])
  weight w float32[4,2]
  op Const w () -> (w)
  op Identity w/read (w) -> (w/read float32[4,2])
  op MatMul y (x, w/read) -> (y float32[?,2])
  op VariableV2 step () -> (step int64[])
  output y
```

References: https://stackoverflow.com/questions/51803810, https://stackoverflow.com/questions/51084768; run with TensorFlow 2.21
(`tests/claims/test_tensorflow_graphs.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Model, rule

VARIABLES = ("VariableV2", "Variable", "VarHandleOp", "AutoReloadVariable")
UPDATES = ("Assign", "AssignAdd", "AssignSub", "RefSwitch", "RefEnter", "RefMerge", "ScatterUpdate", "ScatterAdd", "ScatterSub")
"""Operators whose first input is a reference to a variable."""


@rule("DPL533", severity="error", leaves=["M.2.3", "B.2.3"], see=["https://stackoverflow.com/questions/52287664"])
def graphdef_not_frozen(model: Model) -> Iterator[Finding]:
    if model.format != "graphdef":
        return
    makers = {op.name: op for op in model.graph.ops}
    variables = [(graph, op) for graph, op in model.used() if op.type in VARIABLES]
    if variables and not _to_freeze(model):
        graph, op = variables[0]
        more = f" (nor have {len(variables) - 1} more)" if len(variables) > 1 else ""
        yield Finding(
            model.at(graph, op),
            f"the variable {op.name} has no value in this file{more}: the graph is not frozen, and cannot be run or converted as it is",
            help="freeze it (convert_variables_to_constants_v2), or export a SavedModel",
        )
    for graph, op in model.used():
        maker = makers.get(op.inputs[0].partition(":")[0]) if op.type in UPDATES and op.inputs else None
        if maker is not None and maker.type == "Const":
            yield Finding(
                model.at(graph, op),
                f"{op.type} updates {maker.name}, which freezing made a constant: TensorFlow refuses to load the graph",
                help="freeze a graph that was built for inference",
            )


def _to_freeze(model: Model) -> bool:
    """Whether the values of the variables lie beside the graph: what training leaves for `freeze_graph`."""
    folder = Path(os.path.abspath(model.place.path)).parent
    return (folder / "checkpoint").is_file() or any(folder.glob("*.data-00000-of-*"))
