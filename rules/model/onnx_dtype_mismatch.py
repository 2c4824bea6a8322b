"""An ONNX operator between tensors whose dtypes it does not take.

ONNX converts nothing on its own: both sides of an `Add` have the same dtype, a bias has that of its weights, a zero
point that of the quantized tensor. One weight left in float64, or a graph converted to float16 by half, and ONNX
Runtime refuses the model: ``Type parameter (T) of Optype (Add) bound to different types (tensor(float) and
tensor(double)``, ``Type 'tensor(float)' of input parameter (x) of operator (Not) in node () is invalid``.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight w float64[4]
  op Relu (x) -> (h)
  op Add (h, w) -> (y)  <-
  output y float32[1,4]
```

A zero point has the dtype of what it belongs to.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight s float32[]{0.5}
  weight a int8[]{0}
  weight b uint8[]{0}
  op QuantizeLinear (x, s, a) -> (q)
  op DequantizeLinear (q, s, b) -> (y)  <-
  output y float32[1,4]
```

Some operators take few dtypes at all.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op Not (x) -> (y)  <-
  output y
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight w float64[4]
  weight n int64[1]{4}
  op Cast (x) -> (h) to=11
  op Add (h, w) -> (z)
  op Reshape (z, n) -> (r)
  op Gather (r, n) -> (y)
  output y float64[1]
```

References: every operator of every version was asked of onnxruntime 1.32 (`tools/onnx_operators.py`).
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping

from deplint import Finding, Model, rule
from deplint.formats.onnx import DTYPES
from deplint.model import Graph, Op, Tensor

from . import Schema, schema

NOT_TENSORS = ("", "sequence", "map", "optional")


@rule("DPL426", severity="error", leaves=["S.4.2", "M.4.3", "B.4.1"], see=["https://onnx.ai/onnx/operators/"])
def onnx_dtype_mismatch(model: Model) -> Iterator[Finding]:
    if model.format == "onnx":
        yield from _graph(model, model.graph, ChainMap())


def _graph(model: Model, graph: Graph, known: ChainMap[str, str]) -> Iterator[Finding]:
    """`known` holds the dtypes of this graph's tensors and, behind them, of the graphs around it."""
    known.update((tensor.name, tensor.dtype) for tensor in (*graph.input_tensors, *graph.weights))
    for op in graph.ops:
        for nested in op.graphs.values():
            yield from _graph(model, nested, known.new_child())
        wanted = schema(model, op)
        if wanted is None:
            continue
        bound: dict[str, str] = {}
        wrong = _bind(op, wanted, known, bound)
        if wrong:
            yield Finding(
                model.at(graph, op),
                f"{op.type} {wrong}: ONNX Runtime refuses the model",
                help="put a Cast in between, or store the weight in the dtype of what it meets",
            )
            continue
        given = _given(op, wanted, bound)
        known.update((name, dtype) for name, dtype in given.items() if name)
        for name, dtype in given.items():
            stated = graph.tensors[name].dtype if name in graph.tensors else ""
            if dtype not in NOT_TENSORS and stated not in (*NOT_TENSORS, dtype):
                yield Finding(
                    model.at(graph, op),
                    f"{op.type} gives {dtype} where the graph says {stated}: ONNX Runtime refuses the model",
                    help="correct the graph's note of that tensor (value_info or output), or put a Cast in between",
                )


def _bind(op: Op, wanted: Schema, known: Mapping[str, str], bound: dict[str, str]) -> str:
    """Note which dtype each name of a type stands for; what is wrong, in words, if something is."""
    types = wanted.types or {}
    for number, name in enumerate(op.inputs):
        kind, option = wanted.inputs[min(number, len(wanted.inputs) - 1)] if wanted.inputs else ("", "**")
        dtype = known.get(name, "") if name else ""
        if dtype in NOT_TENSORS or option == "**":
            continue
        allowed = types.get(kind, {kind})
        if dtype not in allowed:
            return f"takes no {dtype} as its input {number}"
        if bound.setdefault(kind, dtype) != dtype:
            return f"wants one dtype for several inputs and gets {bound[kind]} and {dtype}"
    return ""


def _given(op: Op, wanted: Schema, bound: Mapping[str, str]) -> dict[str, str]:
    """The dtypes of an operator's outputs, where they are certain."""
    types = wanted.types or {}
    found: dict[str, str] = {}
    for number, name in enumerate(op.outputs):
        kind, option = wanted.outputs[min(number, len(wanted.outputs) - 1)] if wanted.outputs else ("", "**")
        allowed = types.get(kind, {kind})
        if option == "**":
            continue
        dtype = bound.get(kind) or (next(iter(allowed)) if len(allowed) == 1 else "")
        found[name] = dtype or _by_attribute(op)
    return found


def _by_attribute(op: Op) -> str:
    """The dtype that an attribute names."""
    if op.type == "Cast" and isinstance(to := op.attributes.get("to"), int):
        return DTYPES.get(to, "")
    value = op.attributes.get("value")
    if op.type == "Constant" and isinstance(value, Tensor):
        return value.dtype
    return ""
