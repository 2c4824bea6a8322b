"""Operators that undo each other.

Layout conversions leave pairs of transposes that do nothing together, and reshapes of which only the last counts.
Runtimes for servers remove some of them while loading; on microcontrollers, delegates and accelerators each one moves
the whole tensor.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,3,8,8]
  weight n int64[2]{1,-1}
  weight m int64[2]{3,-1}
  op Transpose (x) -> (a) perm=[0,2,3,1]
  op Transpose (a) -> (b) perm=[0,3,1,2]  <-
  op Reshape (b, n) -> (c)
  op Reshape (c, m) -> (y)  <-
  output y float32[3,64]
```

What lies between may be anything to which the order of the axes is the same.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,3,8,8]
  op Transpose (x) -> (a) perm=[0,2,3,1]
  op Relu (a) -> (b)
  weight two float32[]{2.0}
  op Mul (b, two) -> (c)
  op Transpose (c) -> (y) perm=[0,3,1,2]  <-
  op Transpose (x) -> (d)
  op Transpose (d) -> (z)  <-
  output y float32[1,3,8,8]
  output z float32[1,3,8,8]
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,3,8,8]
  weight n int64[2]{1,-1}
  weight m int64[2]{0,-1}
  op Transpose (x) -> (a) perm=[0,2,3,1]
  op Transpose (a) -> (b) perm=[0,2,3,1]
  op Transpose (a) -> (z) perm=[0,3,1,2]
  op Reshape (b, n) -> (c)
  op Reshape (c, m) -> (y)
  output y
  output z
```

What is multiplied with numbers for each channel has to have them last; what others read has to stay as it is.

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,3,8,8]
  weight k float32[3]
  op Transpose (x) -> (a) perm=[0,2,3,1]
  op Mul (a, k) -> (b)
  op Transpose (b) -> (y) perm=[0,3,1,2]
  op Transpose (x) -> (c) perm=[0,2,3,1]
  op Relu (c) -> (d)
  op Transpose (d) -> (z) perm=[0,3,1,2]
  output y
  output z
  output d
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deplint import Finding, Model, rule
from deplint.model import Graph, Op

from . import Scope, given, numbers, scopes

TRANSPOSES, RESHAPES = ("Transpose", "TRANSPOSE"), ("Reshape", "RESHAPE")


ELEMENTWISE = (
    *("Relu", "LeakyRelu", "Sigmoid", "Tanh", "Elu", "Exp", "Sqrt", "Neg", "Abs", "Identity", "Cast", "HardSigmoid", "HardSwish", "Erf"),
    *("RELU", "RELU6", "LEAKY_RELU", "LOGISTIC", "TANH", "ELU", "EXP", "SQRT", "NEG", "ABS", "HARD_SWISH"),
)
"""Operators for which the order of axes makes no difference."""

WITH_NUMBER = ("Add", "Sub", "Mul", "Div", "Pow", "ADD", "SUB", "MUL", "DIV", "POW")
"""Those that are so where one of two inputs is a single number."""


@rule(
    "DPL437",
    severity="info",
    leaves=["M.7", "B.7"],
    see=["https://onnxruntime.ai/docs/performance/model-optimizations/graph-optimizations.html"],
)
def cancelling_operators(model: Model) -> Iterator[Finding]:
    if model.format not in ("onnx", "tflite"):
        return
    for scope in scopes(model):
        graph = scope.graph
        for op in graph.ops:
            if op.domain or op.type not in (*TRANSPOSES, *RESHAPES):
                continue
            name = given(op, 0)
            before = graph.producers.get(name)
            alone = _alone(graph, name)
            while op.type in TRANSPOSES and alone and before is not None and (through := _through(scope, before)):
                name = through
                before, alone = graph.producers.get(name), _alone(graph, name)
            if before is None or before.type != op.type or before.domain or not alone:
                continue
            if op.type in TRANSPOSES and _undone(*_orders(scope, before, op)):
                yield Finding(model.at(graph, op), "two transposes undo each other", help="remove both")
            elif op.type in RESHAPES and all(numbers(scope.constant(given(op, 1))) or (0,)):  # 0 keeps a size of the first's result
                yield Finding(model.at(graph, op), "of two reshapes in a row only the second counts", help="remove the first")


def _through(scope: Scope, op: Op) -> str:
    """The tensor that an operator changes element by element, whatever the order of its axes; "" if it does something else."""
    if op.domain or len(op.inputs) > 2 or op.type not in (*ELEMENTWISE, *WITH_NUMBER):
        return ""
    data = [name for name in op.inputs if len(numbers(scope.constant(name))) != 1]
    return data[0] if len(data) == 1 and (op.type in WITH_NUMBER) == (len(op.inputs) == 2) else ""


def _orders(scope: Scope, *ops: Op) -> list[Sequence[float]]:
    """The permutations of two transposes. Of one that names none, the axes are reversed."""
    found = [_order(scope, op) for op in ops]
    rank = max(map(len, found)) or 4  # of two that name none, any will do
    return [
        order or (range(rank)[::-1] if op.type == "Transpose" and len(op.inputs) == 1 else ()) for order, op in zip(found, ops, strict=True)
    ]


def _alone(graph: Graph, name: str) -> bool:
    return len(graph.consumers.get(name, ())) == 1 and name not in graph.outputs


def _order(scope: Scope, op: Op) -> Sequence[float]:
    """A transpose's permutation; empty where it is not known."""
    perm = op.attributes.get("perm")
    return perm if isinstance(perm, list) else numbers(scope.constant(given(op, 1)))


def _undone(first: Sequence[float], second: Sequence[float]) -> bool:
    if not first or sorted(first) != list(range(len(first))) or len(second) != len(first):
        return False
    return [first[int(axis)] if 0 <= axis < len(first) else -1 for axis in second] == list(range(len(first)))
