"""An ONNX operator that is a function of the model, and is not called as the function is written.

A function lists its inputs and outputs. A call with more of them, or a function that lists an output which nothing in
it gives, makes ONNX Runtime refuse the model: ``input.size() <= ...`` of ``function_utils.cc``, ``ONNX Schema F: failed
validating the check``. The ONNX checker does not compare calls with functions.

```graph bad path=net.onnx
model onnx ir=10 opset={"": 20, local: 1}
graph main
  input x float32[1,4]
  op local.Act (x, x) -> (y)  <-
  output y float32[1,4]
function local.Act
  input v
  op Relu (v) -> (w)
  output w
```

Or a function without its result.

```graph bad path=net.onnx
model onnx ir=10 opset={"": 20, local: 1}
graph main
  input x float32[1,4]
  op local.Act (x) -> (y)
  output y float32[1,4]
function local.Act  <-
  input v
  op Relu (v) -> (w)
  output z
```

What a function does not need may be left out.

```graph good path=net.onnx
model onnx ir=10 opset={"": 20, local: 1}
graph main
  input x float32[1,4]
  op local.Act (x) -> (y)
  output y float32[1,4]
function local.Act
  input v
  input bound
  op Clip (v, bound) -> (w)
  op Relu (v) -> (z)
  output w
  output z
```

References: asked of onnxruntime 1.32 (`tests/seeded.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Place, rule
from deplint.formats.onnx_schemas import called


@rule(
    "DPL487",
    severity="error",
    leaves=["S.4.2", "M.4.3"],
    see=["https://github.com/onnx/onnx/blob/main/docs/IR.md#functions"],
)
def onnx_function_misused(model: Model) -> Iterator[Finding]:
    if model.format != "onnx" or not model.functions:
        return
    for graph, op in model.ops():
        function = called(model, op)
        if function is None:
            continue
        for what, given, wanted in (("inputs", op.inputs, function.inputs), ("outputs", op.outputs, function.outputs)):
            if len(given) > len(wanted):
                yield Finding(
                    model.at(graph, op),
                    f"{op.type} is called with {len(given)} {what}, and the function has {len(wanted)}: ONNX Runtime refuses the model",
                    help="call the function as it is written, or export the model again",
                )
    for function in model.functions.values():
        for name in function.outputs:
            if name not in function.producers and name not in function.inputs:
                yield Finding(
                    Place(model.path, where=f"function {function.name}"),
                    f"nothing in the function gives its output {name!r}: ONNX Runtime refuses the model",
                    help="name as outputs what operators of the function give",
                )
