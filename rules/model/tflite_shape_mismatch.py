"""A TensorFlow Lite operator whose tensors do not fit together.

Kernels check shapes when the interpreter is prepared, and it fails there: ``input_channel % filter_input_channel != 0``,
``num_input_elements != num_output_elements (32 != 40)``, ``Given shapes, [1,4,4,2] and [3], are not broadcastable``,
``Invalid axis index``. Weights of another version of a model, an axis of the other layout, a reshape with the batch
size of training are what lies behind it.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x float32[1,4,4,2]
  weight w float32[8,3,3,3]
  weight b float32[8]
  weight shape int32[2]{5,8}
  weight axes int32[2]{1,7}
  weight perm int32[4]{0,3,1,4}
  weight other float32[3]
  weight dense float32[10,7]
  op CONV_2D@1 (x, w, b) -> (a float32[1,4,4,8]) padding=SAME stride_w=1 stride_h=1  <-
  op RESHAPE@1 (x, shape) -> (c float32[5,8])  <-
  op MEAN@1 (x, axes) -> (d float32[1,2])  <-
  op TRANSPOSE@1 (x, perm) -> (e float32[1,2,4,4])  <-
  op ADD@1 (x, other) -> (f float32[1,4,4,2])  <-
  op CONCATENATION@1 (x, x) -> (g float32[1,4,4,4]) axis=4  <-
  op FULLY_CONNECTED@1 (x, dense, "") -> (h float32[1,10])  <-
  output a
```

```graph good path=net.tflite
model tflite ir=3
graph main
  input x float32[?,4,4,2]
  input n float32
  weight w float32[8,3,3,2]
  weight grouped float32[8,3,3,1]
  weight b float32[8]
  weight shape int32[2]{-1,32}
  weight axes int32[2]{-1,2}
  weight perm int32[4]{0,3,1,2}
  weight one float32[1,1,2]
  weight dense float32[10,32]
  op CONV_2D@1 (x, w, b) -> (a float32[?,4,4,8])
  op CONV_2D@1 (x, grouped, b) -> (a2 float32[?,4,4,8])
  op RESHAPE@1 (x, shape) -> (c float32[?,32])
  op MEAN@1 (x, axes) -> (d float32[?,4])
  op TRANSPOSE@1 (x, perm) -> (e float32[?,2,4,4])
  op ADD@1 (x, one) -> (f float32[?,4,4,2])
  op ADD@1 (x, n) -> (f2 float32[?,4,4,2])
  op CONCATENATION@1 (x, x) -> (g float32[?,4,4,4]) axis=-1
  op FULLY_CONNECTED@1 (c, dense, "") -> (h float32[?,10])
  output a
```

References: asked of ai-edge-litert 2.3 (`tests/claims/test_tflite_graphs.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod

from deplint import Finding, Model, rule
from deplint.model import Graph, Op

from . import given, numbers

Sizes = Sequence[int | None]
"""The sizes of a tensor, None for those the model leaves open."""


def _sizes(graph: Graph, name: str) -> Sizes | None:
    shape = graph.tensor(name).shape if name else None
    return None if shape is None else [size if isinstance(size, int) and size >= 0 else None for size in shape]


def _stored(graph: Graph, op: Op, number: int) -> list[int]:
    return [int(value) for value in numbers(graph.tensor(given(op, number)))]


def _convolution(graph: Graph, op: Op) -> str:
    data, kernel, bias = (_sizes(graph, given(op, number)) for number in range(3))
    if not data or not kernel or len(data) != 4 or len(kernel) != 4:
        return ""
    if data[3] and kernel[3] and (kernel[3] % data[3] if op.type == "DEPTHWISE_CONV_2D" else data[3] % kernel[3]):
        return f"its weights are for {kernel[3]} channels and its input has {data[3]}"
    wanted = kernel[3 if op.type == "DEPTHWISE_CONV_2D" else 0]
    if bias is not None and None not in bias and prod(size or 0 for size in bias) != wanted:
        return f"its bias has another size than its {wanted} output channels"
    return ""


def _matrix(graph: Graph, op: Op) -> str:
    data, weights = _sizes(graph, given(op, 0)), _sizes(graph, given(op, 1))
    if not data or not weights or None in data or len(weights) != 2 or not weights[1]:
        return ""
    wrong = prod(size or 0 for size in data) % weights[1]
    return f"its weights are for {weights[1]} values and its input has the shape {_shown(data)}" if wrong else ""


def _broadcast(graph: Graph, op: Op) -> str:
    first, second = _sizes(graph, given(op, 0)), _sizes(graph, given(op, 1))
    if first is None or second is None:
        return ""
    pairs = zip(reversed(first), reversed(second), strict=False)
    wrong = any(a != b and a != 1 and b != 1 for a, b in pairs if a is not None and b is not None)
    return f"{_shown(first)} and {_shown(second)} cannot be broadcast" if wrong else ""


def _reshape(graph: Graph, op: Op) -> str:
    data, wanted = _sizes(graph, given(op, 0)), _stored(graph, op, 1)
    if data is None or None in data or not wanted or wanted.count(-1) > 1:
        return ""
    have, product = prod(size or 0 for size in data), prod(size for size in wanted if size != -1)
    wrong = have % product if -1 in wanted and product else have != product
    return f"{have} values cannot take the shape {_shown(wanted)}" if wrong else ""


def _axes(number: int) -> Callable[[Graph, Op], str]:
    def check(graph: Graph, op: Op) -> str:
        data = _sizes(graph, given(op, 1 - number if op.type == "SPLIT" else 0))
        return "" if data is None else _beyond(_stored(graph, op, number), len(data))

    return check


def _transpose(graph: Graph, op: Op) -> str:
    data, order = _sizes(graph, given(op, 0)), _stored(graph, op, 1)
    if data is None or not order:
        return ""
    if len(order) != len(data):
        return f"it orders {len(order)} axes of a tensor that has {len(data)}"
    return _beyond(order, len(data)) or ("it names an axis twice" if len({axis % len(data) for axis in order}) < len(data) else "")


def _concatenation(graph: Graph, op: Op) -> str:
    parts, axis = [_sizes(graph, name) for name in op.inputs], op.attributes.get("axis")
    first = parts[0] if parts else None
    if not first or not isinstance(axis, int):
        return ""
    if wrong := _beyond([axis], len(first)):
        return wrong
    for part in parts:
        if part is not None and len(part) != len(first):
            return "its inputs have different numbers of axes"
        for index, (a, b) in enumerate(zip(first, part or first, strict=True)):
            if a is not None and b is not None and a != b and index != axis % len(first):
                return f"its inputs {_shown(first)} and {_shown(part or first)} differ beside axis {axis}"
    return ""


def _gather(graph: Graph, op: Op) -> str:
    data, axis = _sizes(graph, given(op, 0)), op.attributes.get("axis")
    return _beyond([axis], len(data)) if data and isinstance(axis, int) else ""


def _pad(graph: Graph, op: Op) -> str:
    data, amounts = _sizes(graph, given(op, 0)), _sizes(graph, given(op, 1))
    wrong = data is not None and amounts and len(amounts) == 2 and amounts[0] not in (None, len(data))
    return "it pads another number of axes than its input has" if wrong else ""


def _beyond(axes: Sequence[int], rank: int) -> str:
    wrong = [axis for axis in axes if not -rank <= axis < rank]
    return f"it names axis {wrong[0]} of a tensor that has {rank}" if wrong else ""


def _shown(sizes: Sequence[int | None]) -> str:
    return f"[{','.join('?' if size is None else str(size) for size in sizes)}]"


CHECKS: dict[str, Callable[[Graph, Op], str]] = {
    **dict.fromkeys(("CONV_2D", "DEPTHWISE_CONV_2D"), _convolution),
    "FULLY_CONNECTED": _matrix,
    **dict.fromkeys(("ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE"), _broadcast),
    "RESHAPE": _reshape,
    **dict.fromkeys(("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD"), _axes(1)),
    "SPLIT": _axes(0),
    "TRANSPOSE": _transpose,
    "CONCATENATION": _concatenation,
    "GATHER": _gather,
    **dict.fromkeys(("PAD", "PADV2", "MIRROR_PAD"), _pad),
}


@rule("DPL493", severity="error", leaves=["M.4.3", "M.2.4"], see=["https://ai.google.dev/edge/litert/models/ops_compatibility"])
def tflite_shape_mismatch(model: Model) -> Iterator[Finding]:
    for graph in model.graphs if model.format == "tflite" else ():
        for op in graph.ops:
            wrong = CHECKS[op.type](graph, op) if op.type in CHECKS and not op.domain else ""
            if wrong:
                yield Finding(
                    model.at(graph, op),
                    f"{op.type}: {wrong}: the interpreter refuses the model",
                    help="convert the model again; if it was edited, the weights or parameters are those of another shape",
                )
