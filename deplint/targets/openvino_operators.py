"""What OpenVINO's translators of ONNX check of an operator and no single condition of a support table can say: how sizes of its inputs,
attributes and constants go together.

Each check takes the operator and what is known of its inputs, and gives what is wrong in words, or "". What is not known may be anything,
so that nothing is said of it (openvino, src/frontends/onnx/frontend/src/op and src/core/shape_inference).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from deplint.formats.onnx import DTYPES
from deplint.model import Dim, Op, Tensor
from deplint.targets.table import ABSENT, OPEN, Limit, Operand

Check = Callable[[Op, Sequence[Operand]], str]

ELEMENTWISE = {"Add", "Sub", "Mul", "Div", "Max", "Min", "Mean", "Sum"}


def _mod(op: Op, inputs: Sequence[Operand]) -> str:
    real = bool(inputs) and inputs[0].dtype.startswith(("float", "bfloat"))
    return "wants fmod=1 for floating-point numbers" if real and not op.attributes.get("fmod") else ""


def _shape(number: int) -> Check:
    """Of a shape that is computed, the length must be known: the CPU plugin compiles nothing of unknown rank."""

    def unknown(op: Op, inputs: Sequence[Operand]) -> str:
        shape = inputs[number] if number < len(inputs) else ABSENT
        computed = shape.constant is False and not (shape.rank == 1 and shape.static)
        return "does not compile what has no known rank (dynamic rank)" if computed else ""

    return unknown


def _reshape(op: Op, inputs: Sequence[Operand]) -> str:
    unknown = _shape(1)(op, inputs)
    if unknown or len(inputs) < 2 or not inputs[0].static or inputs[1].value is None:
        return unknown
    sizes, wanted = extents(inputs[0]), list(inputs[1].value)
    if not op.attributes.get("allowzero"):
        wanted = [sizes[at] if size == 0 and at < len(sizes) else size for at, size in enumerate(wanted)]
    have, want = prod(sizes), prod(size for size in wanted if size != -1)
    fits = want > 0 and have % want == 0 if -1 in wanted else have == want
    return "" if fits or not have else f"does not make {'x'.join(map(str, wanted))} of {'x'.join(map(str, sizes))}"


def _dequantize(op: Op, inputs: Sequence[Operand]) -> str:
    blocks = any((each.rank or 0) > 1 for each in inputs[1:3]) and not op.attributes.get("block_size")
    return "wants a block_size for scales of more than one dimension" if blocks else ""


def _reduced(op: Op, inputs: Sequence[Operand]) -> str:
    axes = inputs[1] if len(inputs) > 1 else ABSENT
    computed = axes.constant is False and axes.rank == 1 and axes.shape != (1,) and op.attributes.get("keepdims") == 0
    return "does not compile what has no known rank (dynamic rank)" if computed else ""


def _along(op: Op, inputs: Sequence[Operand]) -> str:
    """Axes that the model is given leave it to the reference implementation, which has fewer dtypes; what is computed it has as float32."""
    axes = inputs[1] if len(inputs) > 1 else ABSENT
    lacks = ("int32", "int64", "uint32", "uint64") if op.type == "ReduceL2" else ("bfloat16",)
    if axes.constant is False and inputs[0].constant is False and inputs[0].dtype in lacks:
        return f"reduces {inputs[0].dtype} along axes that are stored only (Second tensor is not constant)"
    return _reduced(op, inputs) if op.type in ("ReduceSum", "ReduceLogSum") else ""


def _two(op: Op, inputs: Sequence[Operand]) -> str:
    longer = any(each.rank == 1 and each.static and each.shape != (2,) for each in inputs[1:3])
    return "folds images of two dimensions only" if longer else ""


def _pool(op: Op, inputs: Sequence[Operand]) -> str:
    kernel, rank = op.attributes.get("kernel_shape"), inputs[0].rank if inputs else None
    if not isinstance(kernel, list | tuple) or rank is None or rank != len(kernel) + 2:
        return "wants a kernel of two dimensions less than the input" if isinstance(kernel, list | tuple) and rank is not None else ""
    sizes = inputs[0].shape or ()
    if sizes[1] == 0:
        return "pools no input without channels (Channel count is zero)"
    if wrong := _windows(op, inputs):
        return wrong
    count = len(kernel)
    pads, dilations = op.attributes.get("pads", [0] * 2 * count), op.attributes.get("dilations", [1] * count)
    if op.attributes.get("auto_pad", "NOTSET") != "NOTSET" or len(pads) != 2 * count or len(dilations) != count:
        return ""
    for size, length, step, before, after in zip(sizes[2:], kernel, dilations, pads[:count], pads[count:], strict=True):
        if isinstance(size, int) and (length - 1) * step + 1 > size + before + after:
            return f"pools with no kernel of {length} over {size} (Kernel after dilation has size larger than the data shape)"
        if op.type == "AveragePool" and not op.attributes.get("count_include_pad") and length <= max(before, after):
            return f"averages no kernel of {length} over padding of {max(before, after)} (entirely in the padding area)"
    return ""


def _compatible(*pairs: tuple[Any, Any]) -> bool:
    """Whether sizes may be the same: those that are not known may be any."""
    return all(not isinstance(one, int) or not isinstance(other, int) or one == other for one, other in pairs)


GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def _recurrent(op: Op, inputs: Sequence[Operand]) -> str:
    """Weights are ``[directions, gates x hidden, input]``, and the recurrent ones ``[directions, gates x hidden, hidden]``."""
    given, weights, recurrent = inputs[:3] if len(inputs) > 2 else (ABSENT,) * 3
    if weights.shape is None or recurrent.shape is None:
        return ""
    if weights.rank != 3 or recurrent.rank != 3:
        return "wants weights of three dimensions"
    hidden, directions = recurrent.shape[2], 2 if op.attributes.get("direction") == "bidirectional" else 1
    rows = hidden * GATES[op.type] if isinstance(hidden, int) else None
    pairs = [(rows, weights.shape[1]), (rows, recurrent.shape[1]), (directions, weights.shape[0]), (directions, recurrent.shape[0])]
    read = given.shape[2] if given.rank == 3 and given.shape is not None else None
    fits = _compatible(*pairs, (read, weights.shape[2]))
    return "" if fits else f"wants weights of {directions} x {rows} x {read if read is not None else 'the input'}"


def _attention(op: Op, inputs: Sequence[Operand]) -> str:
    """Keys are as long as values and as wide as queries; what was there before has the same heads."""
    heads = (op.attributes.get("q_num_heads"), op.attributes.get("kv_num_heads"), op.attributes.get("kv_num_heads"))
    shapes = [_by_head(operand, number) for operand, number in zip(inputs, heads, strict=False)]
    if len(shapes) < 3:
        return ""
    query, key, value = shapes
    if not _compatible((query[3], key[3])):
        return f"wants keys of {query[3]} numbers as queries are, and they are of {key[3]}"
    if not _compatible((key[0], value[0]), (key[1], value[1]), (key[2], value[2])):
        return "wants as many keys as values (Value input shape not compatible with other inputs)"
    mask = inputs[3] if len(inputs) == 4 else ABSENT
    if mask.shape is not None and len(mask.shape) > 1:
        fits = all(_compatible(pair) or pair[0] == 1 for pair in ((mask.shape[-1], key[2]), (mask.shape[-2], query[2])))
        if not fits:
            return "wants a mask of queries x keys (Attention mask input shape not compatible with other inputs)"
    for number, now in ((4, key), (5, value)):
        past = inputs[number] if number < len(inputs) else ABSENT
        if past.rank == 4 and past.shape is not None and not _compatible(*((past.shape[at], now[at]) for at in (0, 1, 3))):
            return "joins no keys and values of before that have other heads or widths"
    return ""


def _by_head(operand: Operand, heads: Any) -> tuple[Dim, ...]:
    """``[batch, heads, length, width]``."""
    shape = operand.shape
    if shape is not None and len(shape) == 4:
        return shape
    if shape is None or len(shape) != 3 or not isinstance(heads, int) or heads < 1:
        return (None,) * 4
    return shape[0], heads, shape[1], shape[2] // heads if isinstance(shape[2], int) else None


def _gather_elements(op: Op, inputs: Sequence[Operand]) -> str:
    data, indices = inputs[:2] if len(inputs) > 1 else (ABSENT, ABSENT)
    if data.shape is None or indices.shape is None:
        return ""
    axis = op.attributes.get("axis", 0)
    axis = axis + len(data.shape) if isinstance(axis, int) and axis < 0 else axis
    pairs = [pair for at, pair in enumerate(zip(data.shape, indices.shape, strict=False)) if at != axis]
    return "" if data.rank == indices.rank and _compatible(*pairs) else "wants indices of the sizes of the data but for the axis"


def _scatter_elements(op: Op, inputs: Sequence[Operand]) -> str:
    ranks = {each.rank for each in inputs[:3] if each.rank is not None}
    if len(ranks) > 1:
        return "wants data, indices and updates of as many dimensions"
    indices, updates = inputs[1:3] if len(inputs) > 2 else (ABSENT, ABSENT)
    known = indices.shape is not None and updates.shape is not None
    fits = not known or _compatible(*zip(indices.shape or (), updates.shape or (), strict=True))
    return "" if fits else "wants as many updates as indices"


def _scatter(op: Op, inputs: Sequence[Operand]) -> str:
    data, indices, updates = inputs[:3] if len(inputs) > 2 else (ABSENT,) * 3
    if data.rank is None or not indices.shape or updates.rank is None or not isinstance(last := indices.shape[-1], int):
        return ""
    if last > data.rank:
        return f"wants indices of at most {data.rank} numbers"
    wanted = data.rank + len(indices.shape) - last - 1
    return "" if updates.rank == wanted else f"wants updates of {wanted} dimensions"


def _constant(op: Op, inputs: Sequence[Operand]) -> str:
    if "value" in op.attributes and not isinstance(op.attributes["value"], Tensor):
        return "wants a tensor as value"
    known = {"value", "value_int", "value_ints", "value_float", "value_floats", "sparse_value"}
    return "" if known & op.attributes.keys() else "wants a value that is no text"


def _constant_of_tensor(op: Op, inputs: Sequence[Operand]) -> str:
    return "" if "value" in op.attributes or "sparse_value" in op.attributes else "reads only the value of a Constant before opset 13"


def _axis(op: Op, inputs: Sequence[Operand]) -> str:
    axis = inputs[1] if len(inputs) > 1 else ABSENT
    return "wants one axis" if axis.static and prod(extents(axis)) != 1 else ""


def extents(operand: Operand) -> tuple[int, ...]:
    return tuple(size for size in operand.shape or () if isinstance(size, int))


def _layer_normalization(op: Op, inputs: Sequence[Operand]) -> str:
    if len(inputs) < 2 or not (inputs[0].static and inputs[1].static):
        return ""
    axis = op.attributes.get("axis", -1)
    wanted = prod(extents(inputs[0])[axis:]) if isinstance(axis, int) else 0
    return "" if not wanted or prod(extents(inputs[1])) in (1, wanted) else f"wants a scale of {wanted} numbers"


def _root_normalization(op: Op, inputs: Sequence[Operand]) -> str:
    if len(inputs) < 2 or not (inputs[0].static and inputs[1].static):
        return ""
    pairs = zip(reversed(extents(inputs[0])), reversed(extents(inputs[1])), strict=False)
    return "" if all(a == b or 1 in (a, b) for a, b in pairs) else "does not broadcast the scale to the input"


def _carried(op: Op, inputs: Sequence[Operand]) -> str:
    """What a loop carries has the dtype of what it begins with, whatever its body says."""
    body = op.graphs.get("body")
    states = len(inputs) - (op.attributes.get("num_scan_inputs") or 0) if op.type == "Scan" else len(inputs)
    if body is None or len(inputs) != len(body.inputs) or not isinstance(states, int):
        return ""
    given = {name: each.dtype for name, each in zip(body.inputs[:states], inputs, strict=False) if each.dtype}
    known = {tensor.name: tensor.dtype for tensor in (*body.input_tensors, *body.weights) if tensor.dtype} | given
    for inner in body.ops:
        dtypes = dict.fromkeys(known[name] for name in inner.inputs if name in known)
        if inner.type in ELEMENTWISE and len(dtypes) > 1 and any(name in given for name in inner.inputs):
            return f"carries {' and '.join(dtypes)} where {inner.type} wants one dtype"
    return ""


def _scan(op: Op, inputs: Sequence[Operand]) -> str:
    body = op.graphs.get("body")
    if body is None or (words := _carried(op, inputs)):
        return words if body is not None else ""
    own = {"", *body.inputs, *body.producers, *(tensor.name for tensor in body.weights)}
    outer = next((name for inner in body.ops for name in inner.inputs if name not in own), None)
    return f"wants every tensor a Scan reads as one of its inputs, and its body reads {outer!r}" if outer else ""


def _if(op: Op, inputs: Sequence[Operand]) -> str:
    given = min((len(branch.outputs) for branch in op.graphs.values()), default=0)
    return f"wants {len(op.outputs)} outputs of each branch, and one gives {given}" if given < len(op.outputs) else ""


def _split(op: Op, inputs: Sequence[Operand]) -> str:
    """Without lengths all parts but the last are of one size, and the last is what is left of them."""
    axis, parts, lengths = op.attributes.get("axis", 0), len(op.outputs), op.attributes.get("split")
    if isinstance(lengths, list | tuple) and len(lengths) < parts:
        return f"makes {len(lengths)} parts, and {parts} are named"
    if len(inputs) != 1 or "split" in op.attributes or inputs[0].shape is None or not isinstance(axis, int) or not parts:
        return ""
    size = inputs[0].shape[axis] if -len(inputs[0].shape) <= axis < len(inputs[0].shape) else None
    fits = not isinstance(size, int) or size % parts == 0 or size > (parts - 1) * -(-size // parts)
    return "" if fits else f"makes no {parts} parts of {size} (The split number is invalid)"


def _transposed(op: Op, inputs: Sequence[Operand]) -> str:
    order, rank = op.attributes.get("perm"), inputs[0].rank if inputs else None
    wrong = isinstance(order, list | tuple) and rank is not None and len(order) != rank
    return f"wants an order of {rank} axes" if wrong else ""


def _labels(op: Op, inputs: Sequence[Operand]) -> str:
    """Labels have the shape of scores but for the classes, which are the second axis."""
    scores, labels = inputs[:2] if len(inputs) > 1 else (ABSENT, ABSENT)
    if scores.shape is None or labels.shape is None:
        return ""
    wanted = (*scores.shape[:1], *scores.shape[2:])
    fits = len(wanted) == len(labels.shape) and _compatible(*zip(wanted, labels.shape, strict=True))
    return "" if fits else "wants a label for each vector of scores"


def _transposed_convolution(op: Op, inputs: Sequence[Operand]) -> str:
    data, weights = inputs[:2] if len(inputs) > 1 else (ABSENT, ABSENT)
    if data.shape is None or weights.shape is None or len(data.shape) < 2 or len(weights.shape) != len(data.shape):
        return ""
    return "" if _compatible((data.shape[1], weights.shape[0])) else f"wants weights of {data.shape[1]} channels, as the input has"


def _clip(op: Op, inputs: Sequence[Operand]) -> str:
    """Bounds are broadcast with the input."""
    sizes = [tuple(reversed(each.shape)) for each in inputs[:3] if each.shape is not None]
    fits = all(_compatible((one, other)) or 1 in (one, other) for a in sizes for b in sizes for one, other in zip(a, b, strict=False))
    return "" if fits else "broadcasts no bounds of those sizes to the input"


def _on_axis(*default: int, name: str = "axis", scalars: bool = False) -> Check:
    """The axes that the attribute `name` says, or the defaults of it, are ones of the input; `scalars` are taken as they are."""

    def outside(op: Op, inputs: Sequence[Operand]) -> str:
        axes, rank = op.attributes.get(name, default), inputs[0].rank if inputs else None
        if scalars and rank == 0:
            return ""
        axes = axes if isinstance(axes, list | tuple) else [axes]
        wrong = next((axis for axis in axes if isinstance(axis, int) and rank is not None and not -rank <= axis < rank), None)
        return "" if wrong is None else f"has no axis {wrong} in an input of {rank} dimensions (out of tensor range)"

    return outside


def _matrices(first: Operand, second: Operand, turned: bool = False, other: bool = False) -> str:
    """What is wrong with a product of matrices; vectors are rows of the first, columns of the second, and are not transposed."""
    if first.shape is None or second.shape is None:
        return ""
    if not first.shape or not second.shape:
        return "multiplies no scalars (Scalars are not supported as MatMul inputs)"
    left = first.shape if len(first.shape) > 1 else (1, *first.shape)
    right = second.shape if len(second.shape) > 1 else (*second.shape, 1)
    columns = left[-2 if turned and len(first.shape) > 1 else -1]
    height = right[-1 if other and len(second.shape) > 1 else -2]
    if not _compatible((columns, height)):
        return f"multiplies no matrices of {columns} columns and {height} rows (Incompatible MatMul matrix dimension)"
    return _broadcasts(Operand(shape=left[:-2]), Operand(shape=right[:-2]))


def _broadcasts(*operands: Operand) -> str:
    return "" if BROADCAST.met({}, operands) is not False else "broadcasts no sizes that differ (Argument shapes are inconsistent)"


BROADCAST = Limit("broadcast", ())


def _product(first: int, second: int, *turns: str) -> Check:
    """The product of two inputs; `turns` are the attributes that say of each whether it is transposed."""

    def check(op: Op, inputs: Sequence[Operand]) -> str:
        if len(inputs) <= max(first, second):
            return ""
        return _matrices(inputs[first], inputs[second], *(bool(op.attributes.get(name)) for name in turns))

    return check


def _dequantized(op: Op, inputs: Sequence[Operand]) -> str:
    """A scale of several numbers goes along an axis, the second if none is named, and is as long as it."""
    blocks = _dequantize(op, inputs)
    return blocks or _along_axis(op, inputs)


def _along_axis(op: Op, inputs: Sequence[Operand]) -> str:
    data, scale = inputs[:2] if len(inputs) > 1 else (ABSENT, ABSENT)
    axis, count = op.attributes.get("axis", 1), prod(extents(scale))
    if not scale.rank or not scale.static or count == 1 or data.shape is None or not isinstance(axis, int):
        return ""
    rank = len(data.shape)
    if not -rank <= axis < rank:
        return f"has no axis {axis} in an input of {rank} dimensions for a scale of {count} numbers (out of tensor range)"
    fits = scale.rank > 1 or _compatible((count, data.shape[axis]))
    return "" if fits else f"wants a scale of {data.shape[axis]} numbers, as the axis has"


def _quantize(op: Op, inputs: Sequence[Operand]) -> str:
    several = len(inputs) > 1 and (inputs[1].rank or 0) > 1 and not op.attributes.get("block_size")
    return _along_axis(op, inputs) or (_broadcasts(*inputs[:2]) if several else "")


def _unblocked(op: Op, inputs: Sequence[Operand]) -> str:
    """Before opset 21 nobody reads `block_size`: several scales have to broadcast."""
    return _broadcasts(*inputs[:2]) if len(inputs) > 1 and (inputs[1].rank or 0) > 1 else ""


def _quantized_product(op: Op, inputs: Sequence[Operand]) -> str:
    scales = [inputs[number] for number in (1, 2, 4, 5, 6, 7) if number < len(inputs)]
    several = any(each.static and prod(extents(each)) != 1 for each in scales)
    return "wants scales and zero points of one number (Scalar value can't be derived)" if several else _product(0, 3)(op, inputs)


def _windows(op: Op, inputs: Sequence[Operand]) -> str:
    """Attributes of a convolution or a pool have one number a dimension of the image, pads also two."""
    rank = inputs[0].rank if inputs else None
    if rank is None:
        return ""
    if op.type in ("Conv", "FusedConv", "ConvTranspose"):
        other = inputs[1].rank if len(inputs) > 1 else None
        if not 3 <= rank <= 5:
            return "convolves inputs of three, four or five dimensions only"
        if other is not None and other != rank:
            return f"wants weights of {rank} dimensions, as the input has, and they have {other}"
    lengths = {"strides": (rank - 2,), "pads": (rank - 2, 2 * rank - 4), "dilations": (rank - 2,)}
    for name, wanted in lengths.items():
        value = op.attributes.get(name)
        if not isinstance(value, list | tuple) or (name == "dilations" and op.type in ("AveragePool", "LpPool")):
            continue
        if name == "pads" and op.type == "ConvTranspose" and op.attributes.get("auto_pad", "NOTSET") != "NOTSET":
            continue
        if len(value) not in wanted:
            return f"wants {wanted[-1]} {name} for an image of {rank - 2} dimensions, and {len(value)} are given"
        if name != "pads" and any(isinstance(each, int) and each < 1 for each in value):
            return f"wants {name} above zero"
    return ""


def _convolution(op: Op, inputs: Sequence[Operand]) -> str:
    wrong = _windows(op, inputs)
    data, weights = inputs[:2] if len(inputs) > 1 else (ABSENT, ABSENT)
    if wrong or data.shape is None or weights.shape is None:
        return wrong
    group = op.attributes.get("group", 1)
    channels, wanted = data.shape[1], weights.shape[1]
    if isinstance(channels, int) and isinstance(wanted, int) and isinstance(group, int) and group > 0 and channels != wanted * group:
        return f"wants weights of {channels // group} channels, and they have {wanted}"
    return ""


def _fused_convolution(op: Op, inputs: Sequence[Operand]) -> str:
    params, kind = op.attributes.get("activation_params"), op.attributes.get("activation")
    wanted = {"Clip": 2, "HardSigmoid": 2, "LeakyRelu": 1}.get(kind) if isinstance(kind, str) else None
    if wanted is not None and len(params if isinstance(params, list | tuple) else ()) != wanted:
        return f"wants {wanted} activation_params for {kind}"
    return _convolution(op, inputs)


def _random(op: Op, inputs: Sequence[Operand]) -> str:
    low, high = op.attributes.get("low", 0.0), op.attributes.get("high", 1.0)
    if isinstance(low, int | float) and isinstance(high, int | float) and low >= high:
        return f"draws no numbers from {low} up to {high} (Min value must be less than max value)"
    return ""


def _drawn(*dtypes: str) -> Check:
    """What is drawn has the dtype that the attribute says, or that of the input."""

    def check(op: Op, inputs: Sequence[Operand]) -> str:
        said = op.attributes.get("dtype")
        dtype = DTYPES.get(said, "") if isinstance(said, int) else inputs[0].dtype if inputs else ""
        if dtype and dtype not in dtypes:
            return f"draws no numbers of {dtype}, but of {', '.join(dtypes)}"
        return _random(op, inputs) if op.type.startswith("RandomUniform") else ""

    return check


def _same(op: Op, inputs: Sequence[Operand]) -> str:
    """Before opset 8 operators of many inputs did not broadcast."""
    shapes = [each.shape for each in inputs if each.shape is not None]
    fits = all(len(shape) == len(shapes[0]) and _compatible(*zip(shape, shapes[0], strict=True)) for shape in shapes)
    return "" if fits else "broadcasts no inputs in this opset (Argument shapes are inconsistent)"


def _slopes(op: Op, inputs: Sequence[Operand]) -> str:
    data, slope = inputs[:2] if len(inputs) > 1 else (ABSENT, ABSENT)
    if data.shape is None or slope.shape is None:
        return ""
    of_channels = slope.rank == 1 and len(data.shape) > 1 and _compatible((slope.shape[0], data.shape[1]))
    return "" if of_channels else _broadcasts(data, slope)


def _blocks(op: Op, inputs: Sequence[Operand]) -> str:
    size, shape = op.attributes.get("blocksize"), inputs[0].shape if inputs else None
    if shape is None or not isinstance(size, int) or size < 1:
        return ""
    if len(shape) < 3 or (op.type == "DepthToSpace" and len(shape) != 4):
        return f"wants an image, and the input has {len(shape)} dimensions"
    parts = [(shape[1], size ** (len(shape) - 2))] if op.type == "DepthToSpace" else [(each, size) for each in shape[2:]]
    wrong = next(((each, by) for each, by in parts if isinstance(each, int) and each % by), None)
    return f"makes no blocks of {wrong[1]} of {wrong[0]}" if wrong else ""


def _transformed(op: Op, inputs: Sequence[Operand]) -> str:
    shape = inputs[0].shape if inputs else None
    last = shape[-1] if shape else None
    return f"transforms real or complex numbers, whose last dimension is 1 or 2, not {last}" if isinstance(last, int) and last > 2 else ""


def _lengths(op: Op, inputs: Sequence[Operand]) -> str:
    data, lengths = inputs[:2] if len(inputs) > 1 else (ABSENT, ABSENT)
    axis = op.attributes.get("batch_axis", 1)
    if data.shape is None or not lengths.shape or not isinstance(axis, int) or not -len(data.shape) <= axis < len(data.shape):
        return ""
    return "" if _compatible((data.shape[axis], lengths.shape[0])) else f"wants {data.shape[axis]} lengths of sequences"


def _slices(op: Op, inputs: Sequence[Operand]) -> str:
    counts = {extents(each) for each in inputs[1:] if each is not ABSENT and each.rank == 1 and each.static}
    if len(counts) > 1:
        return "wants as many starts as ends, axes and steps (Slice inputs must have compatible shapes)"
    rank = inputs[0].rank if inputs else None
    return f"slices no more than {rank} dimensions" if rank is not None and any(count > (rank,) for count in counts) else ""


def _normalization(op: Op, inputs: Sequence[Operand]) -> str:
    """Statistics and scales are one number a channel."""
    data = inputs[0] if inputs else ABSENT
    if data.rank is not None and data.rank < 2:
        return "normalizes inputs of two or more dimensions only"
    if any(each.rank not in (None, 1) for each in inputs[1:5]):
        return "wants scale, bias, mean and variance of one dimension"
    counts = [each.shape[0] for each in inputs[1:5] if each.shape]
    fits = data.shape is None or _compatible(*((data.shape[1], count) for count in counts))
    return "" if fits and _compatible(*((counts[0], count) for count in counts)) else "wants one number of each a channel"


def _group_normalization(op: Op, inputs: Sequence[Operand]) -> str:
    if inputs and op.attributes.get("channels_last", 1) and inputs[0].rank not in (None, 4):
        return "wants an image of four dimensions where channels are last"
    flat = all(each.shape is None or len(each.shape) == 1 or sum(size != 1 for size in each.shape) == 1 for each in inputs[1:3])
    return "" if flat else "wants scale and bias of one dimension"


def _scaled(op: Op, inputs: Sequence[Operand]) -> str:
    bias, shape = op.attributes.get("bias"), inputs[0].shape if inputs else None
    if not isinstance(bias, list | tuple):
        return "wants a bias"
    if shape is None:
        return ""
    fits = len(shape) == 4 and _compatible((shape[1], len(bias)))
    return "" if fits else f"scales images of four dimensions and {len(bias)} channels"


def _crop(op: Op, inputs: Sequence[Operand]) -> str:
    border, rank = op.attributes.get("border"), inputs[0].rank if inputs else None
    if not isinstance(border, list | tuple) or ("scale" not in op.attributes and len(border) != 4):
        return "wants a border of four numbers"
    return "crops images of four dimensions only" if rank not in (None, 4) else ""


def _upsample(op: Op, inputs: Sequence[Operand]) -> str:
    rank = inputs[0].rank if inputs else None
    scales = op.attributes.get("scales")
    if rank is not None and rank != 4 and ("height_scale" in op.attributes or "width_scale" in op.attributes):
        return "resizes images of four dimensions only (Input tensor is required to be 4D)"
    if isinstance(scales, list | tuple) and len(inputs) == 1 and rank is not None and len(scales) != rank:
        return f"wants {rank} scales"
    return "wants scales in one dimension" if len(inputs) > 1 and inputs[1].rank not in (None, 1) else ""


def _resize(op: Op, inputs: Sequence[Operand]) -> str:
    """Sizes or scales are as many as there are dimensions, or axes."""
    axes, rank = op.attributes.get("axes"), inputs[0].rank if inputs else None
    given = [each for each in inputs[2:4] if each is not ABSENT]
    if not given:
        return "wants sizes or scales"
    wanted = len(axes) if isinstance(axes, list | tuple) else rank
    few = len(given) == 1 and wanted is not None and given[0].constant and given[0].rank == 1 and 0 < extents(given[0])[0] < wanted
    return f"wants {wanted} sizes or scales" if few else ""


def _padded(op: Op, inputs: Sequence[Operand]) -> str:
    """Amounts before and after for each dimension, or each axis that is named."""
    rank = inputs[0].rank if inputs else None
    amounts, axes = inputs[1] if len(inputs) > 1 else ABSENT, inputs[3] if len(inputs) > 3 else ABSENT
    if axes is ABSENT and not amounts.constant:  # which are looked at when the model runs
        return ""
    if amounts is ABSENT:
        pads = op.attributes.get("pads")
        wrong = isinstance(pads, list | tuple) and rank is not None and len(pads) != 2 * rank
        return f"wants {2 * (rank or 0)} amounts" if wrong else ""
    if amounts.rank != 1 or not amounts.static:
        return ""
    if axes is not ABSENT and (axes.rank != 1 or not axes.static):
        return ""
    wanted = rank if axes is ABSENT else extents(axes)[0]
    return "" if wanted is None or extents(amounts)[0] == 2 * wanted else f"wants {2 * wanted} amounts for {wanted} dimensions"


def _padded_wholly(op: Op, inputs: Sequence[Operand]) -> str:
    """Releases that read no axes."""
    return _padded(op, inputs[:3])


def _embedded(op: Op, inputs: Sequence[Operand]) -> str:
    if len(inputs) > 4 and inputs[1] is not ABSENT and inputs[4] is ABSENT:
        return "wants embeddings of segments with the numbers of segments"
    ids, words, places = (inputs[number] if number < len(inputs) else ABSENT for number in (0, 2, 3))
    if ids.shape is None or not words.shape or not places.shape or (len(inputs) > 8 and inputs[8] is not ABSENT):
        return ""
    if len(ids.shape) < 2:
        return "wants numbers of words in two dimensions"
    length, first = ids.shape[1], places.shape[0]
    taken = min(length, first) if isinstance(length, int) and isinstance(first, int) else None
    return _broadcasts(Operand(shape=(*ids.shape, *words.shape[1:])), Operand(shape=(taken, *places.shape[1:])))


def _heads(op: Op, inputs: Sequence[Operand]) -> str:
    """Attention of contributed operators: queries, keys and values are of three dimensions, or packed in one input."""
    query, key, value, *rest = [*inputs, *[ABSENT] * 10][:10]
    number = op.attributes.get("num_heads")
    if not isinstance(number, int):
        return "wants num_heads"
    if number < 1:
        return "wants num_heads above zero"
    if (rest[3] is ABSENT) != (rest[4] is ABSENT):
        return "wants both keys and values of before, or neither"
    if rest[5] is not ABSENT and rest[3] is ABSENT:
        return "wants keys and values of before where their length is given (buffer_sharing)"
    packed = [each for each in ((query, key) if value is ABSENT else ()) if each is not ABSENT][-1:]
    if any(each.rank is not None and each.rank < 4 for each in packed):
        return "wants what is packed in five dimensions"
    if value is not ABSENT and key is not ABSENT and None not in (key.rank, value.rank) and (key.rank, value.rank) not in ((3, 3), (4, 4)):
        return "wants keys and values of three dimensions, or of four"
    apart = [query, *((key, value) if key.rank == value.rank == 3 else ())] if key is not ABSENT else []
    for each in apart:
        width = each.shape[2] if each.shape is not None and len(each.shape) > 2 else None
        if (each.rank is not None and each.rank < 3) or (each.rank == 3 and isinstance(width, int) and width % number):
            return f"makes no {number} heads of it (Non-'-1' output dimensions do not evenly divide)"
    return ""


def _packed_heads(op: Op, inputs: Sequence[Operand]) -> str:
    sizes, number = op.attributes.get("qkv_hidden_sizes"), op.attributes.get("num_heads")
    if number == 0:
        return "wants num_heads above zero (integer division by zero)"
    if isinstance(sizes, list | tuple) and sizes and (len(sizes) != 3 or sizes[0] != sizes[1]):
        return "wants three qkv_hidden_sizes, the first two the same"
    return _product(0, 1)(op, inputs)


def _converted(op: Op, inputs: Sequence[Operand]) -> str:
    """A product with weights that are dequantized first."""
    first, second = Operand(shape=_joined(inputs, (0, 2, 4))), Operand(shape=_joined(inputs, (1, 3, 5)))
    together = _together((0, 2, 4), (1, 3, 5))(op, inputs)
    return together or _matrices(first, second)


def _weighed(op: Op, inputs: Sequence[Operand]) -> str:
    together = _together((1, 2, 3))(op, inputs)
    return together or _matrices(inputs[0] if inputs else ABSENT, Operand(shape=_joined(inputs, (1, 2, 3))))


def _joined(inputs: Sequence[Operand], numbers: Sequence[int]) -> tuple[Dim, ...] | None:
    """The shape that inputs are broadcast to, where all are known."""
    shapes = [inputs[number].shape for number in numbers if number < len(inputs) and inputs[number] is not ABSENT]
    joined: list[Dim] = []
    for shape in shapes:
        if shape is None:
            return None
        joined = [*[1] * (len(shape) - len(joined)), *joined]
        for at in range(1, len(shape) + 1):
            joined[-at] = shape[-at] if joined[-at] == 1 else joined[-at]
    return tuple(joined)


def _together(*groups: Sequence[int]) -> Check:
    def check(op: Op, inputs: Sequence[Operand]) -> str:
        found = ([inputs[number] for number in numbers if number < len(inputs)] for numbers in groups)
        return next((words for each in found if (words := _broadcasts(*each))), "")

    return check


def _queries(op: Op, inputs: Sequence[Operand]) -> str:
    given = [number < len(inputs) and inputs[number] is not ABSENT for number in range(9)]
    if given[1] and not given[2]:
        return "wants values with the keys (Expecting V not null)"
    rotates = op.attributes.get("do_rotary") == 1 and not (given[7] and given[8])
    return "wants cos_cache and sin_cache where do_rotary is set" if rotates else ""


def _unscaled(op: Op, inputs: Sequence[Operand]) -> str:
    """Releases that had one zero point along the axis if none was given."""
    data, scale = inputs[:2] if len(inputs) > 1 else (ABSENT, ABSENT)
    axis = op.attributes.get("axis", 1)
    given = len(inputs) > 2 and inputs[2] is not ABSENT
    if given or not scale.static or scale.shape in ((), (1,)) or data.shape is None or not isinstance(axis, int):
        return ""
    fits = -len(data.shape) <= axis < len(data.shape) and _compatible((data.shape[axis], 1))
    return "" if fits else "wants a zero point where there are several scales"


def _vectors(op: Op, inputs: Sequence[Operand]) -> str:
    """Releases that took one number in a list, and a zero point that is not given, for numbers along an axis."""
    data, axis = inputs[0] if inputs else ABSENT, op.attributes.get("axis", 1)
    listed = [each for each in inputs[1:3] if each.shape == (1,)] or len(inputs) < 3 or inputs[2] is ABSENT
    if not listed or not data.shape or not isinstance(axis, int):
        return ""
    rank = len(data.shape)
    fits = -rank <= axis < rank and _compatible((data.shape[axis], 1))
    return "" if fits else "wants scale and zero point as scalars, or one for each number of the axis"


def _quantized_convolution(op: Op, inputs: Sequence[Operand]) -> str:
    """Scales of weights go along their second axis, as those of the input do."""
    return next((words for pair in (inputs[:2], inputs[3:5]) if (words := _along_axis(Op("DequantizeLinear"), pair))), "")


def _grouped(channels: bool) -> Check:
    """Scales of a group normalization are one a channel or one a group."""

    def check(op: Op, inputs: Sequence[Operand]) -> str:
        data, groups = inputs[0] if inputs else ABSENT, op.attributes.get("num_groups")
        wanted = (data.shape[1] if data.shape is not None and len(data.shape) > 1 else None) if channels else groups
        counts = [each.shape[0] for each in inputs[1:3] if each.shape]
        return (
            ""
            if _compatible(*((wanted, count) for count in counts))
            else f"wants {wanted} scales, one a {'channel' if channels else 'group'}"
        )

    return check


def _concatenated(op: Op, inputs: Sequence[Operand]) -> str:
    return _on_axis(0)(op, inputs[2:3]) or _together(*(range(at, at + 3) for at in range(2, len(inputs), 3)))(op, inputs)


def _alone(op: Op, inputs: Sequence[Operand]) -> str:
    return "gives one output, and no statistics beside it" if len(op.outputs) > 1 else ""


def _evenly(op: Op, inputs: Sequence[Operand]) -> str:
    """Releases that made parts of one size only."""
    axis, parts, shape = op.attributes.get("axis", 0), len(op.outputs), inputs[0].shape if inputs else None
    if shape is None or len(inputs) != 1 or "split" in op.attributes or not isinstance(axis, int) or not -len(shape) <= axis < len(shape):
        return ""
    size = shape[axis]
    return f"makes no {parts} parts of {size} that are of one size" if isinstance(size, int) and parts and size % parts else ""


def _small(op: Op, inputs: Sequence[Operand]) -> str:
    """Releases whose reductions had no small integers."""
    dtype = inputs[0].dtype if inputs else ""
    small = dtype in ("int4", "int8", "int16") and op.attributes.get("reduction", "mean") != "none"
    return f"reduces no {dtype} (Unsupported input type)" if small else ""


def _deep(op: Op, inputs: Sequence[Operand]) -> str:
    return "wants scales of two dimensions at most" if len(inputs) > 1 and (inputs[1].rank or 0) > 2 else ""


def _turned(op: Op, inputs: Sequence[Operand]) -> str:
    """A product of batches, whose batches may be turned as well: the second axis goes before the last."""
    turned = [
        Operand(shape=(*each.shape[:1], *each.shape[2:-1], each.shape[1], *each.shape[-1:]))
        if op.attributes.get(name) and each.shape is not None and len(each.shape) > 2
        else each
        for each, name in zip(inputs, ("transBatchA", "transBatchB"), strict=False)
    ]
    return _product(0, 1, "transA", "transB")(op, turned)


def _shaped(op: Op, inputs: Sequence[Operand]) -> str:
    return "" if len(inputs) > 1 or "shape" in op.attributes else "wants a shape"


def _early(op: Op, inputs: Sequence[Operand]) -> str:
    """Before opset 7 the second input was laid along an axis; without one it is broadcast as today."""
    return "" if "axis" in op.attributes else _broadcasts(*inputs[:2])


def _rotated(op: Op, inputs: Sequence[Operand]) -> str:
    size = op.attributes.get("rotary_embedding_dim")
    return f"rotates an even number of dimensions, not {size}" if isinstance(size, int) and size % 2 else ""


@dataclass(frozen=True)
class Held:
    """A check, and the opsets and years of releases that it holds for, the last ones included."""

    check: Check
    since: int = 0
    until: int = OPEN
    first: int = 0
    last: int = OPEN


def wrong(op: Op, inputs: Sequence[Operand], version: int, year: int) -> str:
    """What an operator of opset `version` is refused for by releases of `year`, in words; "" if nothing is seen."""
    for held in CHECKS.get(f"{op.domain}.{op.type}" if op.domain else op.type, ()):
        if held.since <= version <= held.until and held.first <= year <= held.last and (words := held.check(op, inputs)):
            return words
    return ""


MICROSOFT = "com.microsoft"

CHECKS: Mapping[str, Sequence[Held]] = {
    "Mod": [Held(_mod)],
    "Reshape": [Held(_reshape), Held(_shaped, until=4)],
    "Gemm": [Held(_product(0, 1, "transA", "transB"))],
    "DequantizeLinear": [Held(_dequantized), Held(_deep, last=2024)],
    f"{MICROSOFT}.DequantizeLinear": [Held(_dequantized)],
    "QuantizeLinear": [
        Held(_quantize),
        Held(_unblocked, until=20),
        Held(_unscaled, since=13, last=2025),
        Held(_vectors, since=13, last=2024),
    ],
    f"{MICROSOFT}.QuantizeLinear": [Held(_quantize), Held(_unscaled, last=2025), Held(_vectors, last=2024)],
    "QLinearConv": [Held(_quantized_convolution)],
    "QLinearMatMul": [Held(_quantized_product)],
    "Expand": [Held(_shape(1))],
    "ConstantOfShape": [Held(_shape(0))],
    "Tile": [Held(_shape(1))],
    "Col2Im": [Held(_two)],
    "Scan": [Held(_scan)],
    **{f"Reduce{kind}": [Held(_along)] for kind in ("Sum", "LogSum", "LogSumExp", "SumSquare", "Mean", "Prod", "Max", "Min", "L2")},
    "If": [Held(_if)],
    "Clip": [Held(_clip)],
    "Transpose": [Held(_transposed)],
    "Conv": [Held(_convolution)],
    "ConvTranspose": [Held(_transposed_convolution), Held(_windows)],
    f"{MICROSOFT}.FusedConv": [Held(_fused_convolution)],
    "NegativeLogLikelihoodLoss": [Held(_labels), Held(_small, last=2024)],
    "SoftmaxCrossEntropyLoss": [Held(_labels), Held(_small, last=2024)],
    "Split": [Held(_split), Held(_evenly, last=2024)],
    "Loop": [Held(_carried)],
    "Attention": [Held(_attention)],
    "GatherElements": [Held(_gather_elements)],
    "ScatterElements": [Held(_scatter_elements)],
    "Scatter": [Held(_scatter_elements)],
    "ScatterND": [Held(_scatter)],
    **{key: [Held(_recurrent)] for key in GATES},
    **{key: [Held(_pool)] for key in ("LpPool", "AveragePool", "MaxPool", f"{MICROSOFT}.QLinearAveragePool")},
    "Constant": [Held(_constant), Held(_constant_of_tensor, until=12)],
    "CumSum": [Held(_axis)],
    "LayerNormalization": [Held(_layer_normalization, first=2026), Held(_root_normalization, last=2025), Held(_alone, last=2025)],
    "RMSNormalization": [Held(_root_normalization)],
    "BatchNormalization": [Held(_normalization), Held(_alone, last=2025)],
    "GroupNormalization": [Held(_grouped(False), until=20), Held(_grouped(False), last=2025), Held(_grouped(True), since=21, first=2026)],
    f"{MICROSOFT}.GroupNorm": [Held(_group_normalization)],
    "MeanVarianceNormalization": [Held(_on_axis(0, 2, 3, name="axes"), since=9)],
    "Hardmax": [Held(_on_axis(1), until=12), Held(_on_axis(-1), since=13)],
    "Softmax": [
        Held(_on_axis(1, scalars=True), since=11, until=12),
        Held(_on_axis(-1), since=13, last=2025),
        Held(_on_axis(-1, scalars=True), since=13, first=2026),
    ],
    "LogSoftmax": [
        Held(_on_axis(1, scalars=True), until=12),
        Held(_on_axis(-1), since=13, last=2025),
        Held(_on_axis(-1, scalars=True), since=13, first=2026),
    ],
    "LpNormalization": [Held(_on_axis(-1))],
    "Squeeze": [Held(_on_axis(name="axes"), until=12)],
    "RandomUniform": [Held(_drawn("float32", ""))],
    "RandomUniformLike": [Held(_drawn("float32"))],
    "RandomNormalLike": [Held(_drawn("bfloat16", "float16", "float32", "float64", "int32", "int64"))],
    **{key: [Held(_same, until=7)] for key in ("Sum", "Max", "Min")},
    **{key: [Held(_early, until=6)] for key in ("Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less")},
    "Mean": [Held(lambda op, inputs: _broadcasts(*inputs))],
    "PRelu": [Held(_slopes)],
    "DepthToSpace": [Held(_blocks)],
    "SpaceToDepth": [Held(_blocks)],
    "DFT": [Held(_transformed)],
    "ReverseSequence": [Held(_lengths)],
    "Slice": [Held(_slices, since=10)],
    "ImageScaler": [Held(_scaled)],
    "Crop": [Held(_crop)],
    "Upsample": [Held(_upsample)],
    "Resize": [Held(_resize, since=11)],
    "Pad": [Held(_padded, first=2026), Held(_padded_wholly, last=2025)],
    f"{MICROSOFT}.Pad": [Held(_padded)],
    "RotaryEmbedding": [Held(_rotated)],
    f"{MICROSOFT}.FusedGemm": [Held(_product(0, 1, "transA", "transB"))],
    f"{MICROSOFT}.FusedMatMul": [Held(_turned)],
    f"{MICROSOFT}.QLinearConcat": [Held(_concatenated)],
    f"{MICROSOFT}.Attention": [Held(_packed_heads)],
    f"{MICROSOFT}.MultiHeadAttention": [Held(_heads)],
    f"{MICROSOFT}.GroupQueryAttention": [Held(_queries)],
    f"{MICROSOFT}.EmbedLayerNormalization": [Held(_embedded)],
    f"{MICROSOFT}.MatMulIntegerToFloat": [Held(_converted)],
    f"{MICROSOFT}.DynamicQuantizeMatMul": [Held(_weighed)],
}
"""What is checked of an operator, by its name with the domain before it."""
