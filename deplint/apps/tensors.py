"""The tensors that JavaScript makes with TensorFlow.js and ONNX Runtime: their shape, type of elements, and what pixels became in them.

    made = tensor(call.argument(None, 0))
    if made.dtype == "int32" ...

What is said is certain; everything else is unknown. The types are those that TensorFlow.js 4.22 gives (its CPU backend was asked).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from deplint.apps.follow import follow, source, spread, value
from deplint.code.pictures import Picture
from deplint.code.source_nodes import Array, Call, Function, Index, Member, Name, Node, Object, Operation, Other
from deplint.model import Dim

DEPTH = 40
"""Steps in which a tensor was made, beyond which it is not followed."""

Dims = tuple[Dim, ...] | None


@dataclass(frozen=True)
class Tensor:
    """`shape` is None where even the rank is unknown, `dtype` empty where that is; `pixels` says what became of a picture's pixels."""

    shape: Dims = None
    dtype: str = ""
    pixels: Picture | None = None


NOTHING = Tensor()
"""A tensor, or no tensor, of which nothing is known."""

TYPED = {
    "Float32Array": "float32", "Float64Array": "float64", "Float16Array": "float16", "Int8Array": "int8", "Uint8Array": "uint8",
    "Uint8ClampedArray": "uint8", "Int16Array": "int16", "Uint16Array": "uint16", "Int32Array": "int32", "Uint32Array": "uint32",
    "BigInt64Array": "int64", "BigUint64Array": "uint64",
}  # fmt: skip
"""Typed arrays and the dtype of ONNX Runtime's tensors made of them."""

_KEPT = frozenset({"clone", "keep", "neg", "abs", "square", "clipByValue", "relu", "variable"})
_FLOATED = frozenset({"sqrt", "sigmoid", "exp", "log", "tanh", "softmax", "rsqrt", "reciprocal"})
_CASTS = {"toFloat": "float32", "toInt": "int32", "toBool": "bool"}
_ARITHMETIC = frozenset({"add", "sub", "mul", "div", "divNoNan", "pow", "mod", "minimum", "maximum"})
_FILLED = frozenset({"zeros", "ones", "fill", "randomNormal", "randomUniform", "truncatedNormal"})
_RESIZES = frozenset({"resizeBilinear", "resizeNearestNeighbor"})
_AS = {"as1D": 1, "as2D": 2, "as3D": 3, "as4D": 4, "as5D": 5}
_TFJS = re.compile(r"@tensorflow/tfjs[\w-]*\.(.+)")
_CONSTANT = re.compile(r"@tensorflow/tfjs[\w-]*\.(?:scalar|tensor|tensor1d|tensor3d|tensor4d)")
_ORT_TENSOR = re.compile(r"onnxruntime-(?:web|node|react-native|common)\.Tensor(?:\.(\w+))?")


def tensor(node: Node | None, depth: int = 0) -> Tensor:
    """What is known of the tensor that an expression is."""
    call = source(node)
    if call is None or depth > DEPTH:
        return NOTHING
    given = [argument.value for argument in call.arguments]
    if any(isinstance(value, Other) and value.kind == "spread" for value in given):
        return NOTHING
    name = call.name
    if match := _ORT_TENSOR.fullmatch(name):
        return _ort(call, match[1] or "")
    if call.new:
        return NOTHING
    match = _TFJS.fullmatch(name)
    if match and "(" not in match[1]:
        made = _made(match[1], given, depth + 1)
        if made is not None:
            return made
    if match and match[1].endswith("data.webcam().capture"):
        return _captured(call)
    if match is None or "(" in match[1]:
        receiver = call.receiver
        operation, of, given = call.method, tensor(receiver, depth + 1), given
    else:
        operation = match[1].rpartition(".")[2]
        of, given = tensor(given[0], depth + 1) if given else NOTHING, given[1:]
    return _applied(operation, of, given) if of is not NOTHING else NOTHING


def shape(node: Node | None) -> Dims:
    """The shape of the tensor that an expression certainly is; unknown sizes are None."""
    return tensor(node).shape


# What makes a tensor


def _made(name: str, given: Sequence[Node], depth: int) -> Tensor | None:
    """The tensor a function of TensorFlow.js makes of what is no tensor; None for other functions."""
    operation = name.rpartition(".")[2]
    first = given[0] if given else None
    if operation in _FILLED:
        dtype = {"zeros": 1, "ones": 1, "fill": 2, "randomUniform": 3, "randomNormal": 3, "truncatedNormal": 3}[operation]
        return Tensor(listed(first), _dtype(given, dtype, "float32" if operation != "fill" else ""))
    if operation in ("fromPixels", "fromPixelsAsync"):
        channels = value(given[1]) if len(given) > 1 else 3
        known = channels if type(channels) is int else None
        return Tensor((None, None, known), "int32", Picture(order={3: "RGB", 1: "L"}.get(known or 0, "")))
    if operation in ("decodeImage", "decodeJpeg", "decodePng", "decodeBmp"):
        channels = value(given[1]) if len(given) > 1 else 0
        known = channels if channels in (1, 3, 4) else 3 if operation == "decodeJpeg" and "node" not in name else None
        return Tensor((None, None, known), _dtype(given, 2, "int32") if operation == "decodeImage" else "int32", Picture())
    if operation == "tidy":
        body = given[-1] if given else None
        return tensor(body.results[0], depth) if isinstance(body, Function) and len(body.results) == 1 else NOTHING
    if operation == "scalar":
        return Tensor((), _dtype(given, 1, _inferred(first)))
    if operation == "oneHot":
        indices = tensor(first, depth).shape
        size = value(given[1]) if len(given) > 1 else None
        return Tensor((*indices, _dim(size)) if indices is not None else None, "int32")
    match = re.fullmatch(r"tensor([1-6])d|tensor", operation)
    if match is None or "." in name:
        return None
    one = match[1] == "1"
    at = 1 if one else 2
    dims = _lengths(first) if one or len(given) < 2 or value(given[1]) is None else listed(given[1])
    if match[1] and (dims is None or len(dims) != int(match[1])):  # a shape of another rank throws, which DPL843 says
        dims = (None,) * int(match[1])
    return Tensor(dims, _dtype(given, at, _inferred(first)))


def _captured(call: Call) -> Tensor:
    """A frame of `tf.data.webcam`, which is cut to the size asked for."""
    receiver = call.receiver
    camera = receiver.origin if receiver is not None else None
    options = camera.argument(None, 1) if camera is not None else None
    size = options.value if options is not None else {}
    if camera is None or not isinstance(size, dict):
        return Tensor((None, None, 3), "", Picture(order="RGB"))
    dims = (_dim(size.get("resizeHeight")), _dim(size.get("resizeWidth")), 3)
    return Tensor(dims, "" if size else "int32", Picture(order="RGB"))


def _ort(call: Call, method: str) -> Tensor:
    """``new ort.Tensor(type, data, dims)``, ``new ort.Tensor(data, dims)``."""
    if method or not call.new:
        return NOTHING
    first = call.argument(None, 0)
    named = value(first)
    data, sizes = (call.argument(None, 1), call.argument(None, 2)) if isinstance(named, str) else (first, call.argument(None, 1))
    dims = listed(sizes) if sizes is not None else (length(data),)
    return Tensor(dims, named if isinstance(named, str) else TYPED.get(array(data), ""))


def array(node: Node | None) -> str:
    """The typed array an expression certainly is."""
    made = source(node)
    match = re.fullmatch(r"(\w+Array)(?:\.from|\.of)?", made.name) if made is not None else None
    return match[1] if match is not None and match[1] in TYPED and made is not None and (made.new or "." in made.name) else ""


def length(node: Node | None) -> int | None:
    """The number of elements of an array, where it is written out or made with that size."""
    node = follow(node)
    if isinstance(node, Array):
        return len(node.children) if node.exact else None
    if (pixels := _pixels(node)) is not None:
        return pixels
    made = source(node)
    if made is None or not array(node) or not made.arguments:
        return None
    first = made.arguments[0].value
    size = value(first)
    if made.new and isinstance(size, int):
        return size if len(made.arguments) == 1 else None
    if made.method == "of":
        return len(made.arguments)
    return length(first) if isinstance(follow(first), Array) or _pixels(follow(first)) is not None else None


def _pixels(node: Node | None) -> int | None:
    """The numbers in the `data` of `getImageData`: four for each pixel."""
    of: Node | None = node.object if isinstance(node, Member) and node.attribute == "data" else None
    if isinstance(node, Name):
        variable = node.file.meaning.lookup(node)
        writes = variable.writes if variable is not None else []
        of = writes[0].source if len(writes) == 1 and writes[0].path == ("data",) else None
    made = source(of)
    if made is None or made.method != "getImageData":
        return None
    width, height = value(made.argument(None, 2)), value(made.argument(None, 3))
    return width * height * 4 if isinstance(width, int) and isinstance(height, int) else None


def nested(node: Node | None) -> int | None:
    """How deep an array that is written out is nested; None where that is not known."""
    node = follow(node)
    depth = 0
    if _collected(node):
        return 1
    while isinstance(node, Array) and node.exact and node.children:
        depth += 1
        node = node.children[0]
    known = depth and node is not None and isinstance(node.value, (int, float, str))
    return depth if known else None


def _collected(node: Node | None) -> bool:
    """Whether an array begins empty and only numbers are put into it."""
    variable = node.file.meaning.lookup(node) if isinstance(node, Name) else None
    made = variable.writes[0].source if variable is not None and len(variable.writes) == 1 and variable.writes[0].path == () else None
    if variable is None or not isinstance(node, Name) or not isinstance(made, Array) or made.children or not made.exact:
        return False
    pushed = False
    for each in node.file.meaning.nodes:
        if not isinstance(each, Name) or each.id != node.id or node.file.meaning.lookup(each) is not variable:
            continue
        around = each.parent
        call = around.parent if isinstance(around, Member) else None
        if isinstance(around, Member) and isinstance(call, Call) and call.callee is around and around.attribute in ("push", "unshift"):
            if not call.arguments or not all(_is_number(argument.value) for argument in call.arguments):
                return False
            pushed = True
        elif isinstance(around, Index) or (isinstance(around, Member) and around.attribute in ("splice", "fill", "concat")):
            return False
    return pushed


def numeric(node: Node | None) -> bool:
    """Whether an array certainly is one of numbers: written out, collected, or mapped to numbers."""
    found = follow(node)
    if isinstance(found, Array):
        return bool(found.children) and found.exact and all(_is_number(child) for child in found.children)
    if isinstance(found, Call) and found.method == "map" and found.arguments:
        made = found.file.meaning.local(found.arguments[0].value)
        return made is not None and bool(made.results) and all(_is_number(result) for result in made.results)
    return _collected(found)


def _is_number(node: Node) -> bool:
    """Whether an expression certainly is a number."""
    if isinstance(node, Call):
        return bool(re.fullmatch(r"Math\.\w+|parseFloat|parseInt|Number", node.name)) and not node.new
    if isinstance(node, Operation):
        return node.operator in ("-", "*", "/", "%", "**")
    found = follow(node)
    return type(node.value) in (int, float) and not (found is not None and re.fullmatch(r"-?[\d_]+n", found.text))  # a BigInt


def _lengths(node: Node | None) -> Dims:
    """The shape of values that are written out, as nested arrays."""
    found: list[Dim] = []
    node = follow(node)
    while isinstance(node, Array) and node.exact and len(found) < 8:
        found.append(len(node.children))
        node = node.children[0] if node.children else None
    if found and (node is None or isinstance(node.value, (int, float, str))):
        return tuple(found)
    return None


def _inferred(node: Node | None) -> str:
    """The dtype TensorFlow.js gives to values."""
    kind = array(node)
    if kind:
        return {"Float32Array": "float32", "Int32Array": "int32", "Uint8Array": "int32", "Uint8ClampedArray": "int32"}.get(kind, "")
    node = follow(node)
    while isinstance(node, Array) and node.children:
        node = node.children[0]
    first = value(node) if node is not None else None
    if isinstance(first, bool):
        return "bool"
    return "float32" if isinstance(first, (int, float)) else "string" if isinstance(first, str) else ""


def _dtype(given: Sequence[Node], position: int, default: str) -> str:
    """The dtype that an argument says."""
    if len(given) <= position:
        return default
    named = value(given[position])
    return named if isinstance(named, str) else default if named is None else ""


# What becomes of it


def _applied(operation: str, of: Tensor, given: Sequence[Node]) -> Tensor:
    """What an operation makes of a tensor."""
    first = given[0] if given else None
    if operation in _KEPT:
        return replace(of, pixels=of.pixels if operation in ("clone", "keep", "variable") else None)
    if operation in _FLOATED:
        return Tensor(of.shape, "float32")
    if operation in _CASTS:
        return replace(of, dtype=_CASTS[operation])
    if operation in ("cast", "asType"):
        return replace(of, dtype=_dtype(given, 0, ""))
    if operation in _ARITHMETIC:
        return _computed(operation, of, first)
    if operation in _RESIZES:
        size = listed(first)
        dims = None
        if of.shape is not None and len(of.shape) in (3, 4):
            dims = (*of.shape[:-3], *(size if size and len(size) == 2 else (None, None)), of.shape[-1])
        wanted = (size[0], size[1]) if size and len(size) == 2 else (None, None)
        pixels = replace(of.pixels, size=_numbers(wanted)) if of.pixels else None
        return Tensor(dims, "float32" if operation == "resizeBilinear" else of.dtype, pixels)
    move = _MOVES.get(operation)
    if move is not None:
        return replace(of, shape=move(of.shape, given) if of.shape is not None or operation in _FREE else None)
    if operation == "reverse":
        return replace(of, pixels=_reversed(of, first))
    if operation == "mean":
        return Tensor(
            _reduced(of.shape, given), "float32", replace(of.pixels, order="L") if of.pixels and of.pixels.order == "RGB" else None
        )
    if operation == "cropAndResize":
        size = listed(given[2]) if len(given) > 2 else None
        known = of.shape is not None and size is not None and len(size) == 2
        return Tensor((None, *size, of.shape[-1]) if known and of.shape and size else None, "float32")
    if operation == "rgbToGrayscale" and of.shape is not None:
        return Tensor((*of.shape[:-1], 1), of.dtype)
    return NOTHING


def _reversed(of: Tensor, axis: Node | None) -> Picture | None:
    """Red and blue change places where the last axis is reversed; other axes only turn the picture."""
    at = _axis(axis, of.shape)
    if of.pixels is None or of.shape is None or at is None:
        return None
    if at != len(of.shape) - 1:
        return of.pixels
    order = {"RGB": "BGR", "BGR": "RGB"}.get(of.pixels.order, "")
    mean, std = of.pixels.mean, of.pixels.std
    return replace(of.pixels, order=order, mean=mean[::-1] if mean else None, std=std[::-1] if std else None)


def _numbers(size: tuple[Dim, Dim]) -> tuple[int | None, int | None]:
    return (size[0] if isinstance(size[0], int) else None, size[1] if isinstance(size[1], int) else None)


def _computed(operation: str, of: Tensor, by: Node | None) -> Tensor:
    """Arithmetic. A number makes it float32, whatever it was; the shape stays if what it is done with is no larger."""
    numbers = constants(by)
    if numbers is None:
        return Tensor(None, of.dtype if of.dtype == "float32" else "")
    whole = numbers and by is not None and _integer(by)
    dtype = "float32" if of.dtype == "float32" or not whole else ""
    dims = of.shape
    if len(numbers) > 1 and (dims is None or not dims or dims[-1] != len(numbers)):
        dims = None
    return Tensor(dims, dtype, _scaled(operation, of.pixels, numbers))


def _integer(by: Node) -> bool:
    """Whether a tensor of another type than float32 may be meant."""
    call = source(by)
    return call is not None and len(call.arguments) > 1


def constants(node: Node | None) -> tuple[float, ...] | None:
    """The number or numbers that arithmetic is done with: written as such, as an array, or as a tensor of them."""
    call = source(node)
    if call is not None and call.arguments and _CONSTANT.fullmatch(call.name):
        node = call.arguments[0].value
    number = _numbers_of(follow(node))
    while isinstance(number, list) and len(number) == 1:
        number = number[0]
    if isinstance(number, (int, float)) and not isinstance(number, bool):
        return (float(number),)
    if isinstance(number, list) and number and all(map(_numeric, number)):
        return tuple(map(float, number))
    return None


def _numbers_of(node: Node | None) -> object:
    """Numbers that are written out, in arrays or not."""
    if isinstance(node, Array):
        return [_numbers_of(follow(child)) for child in node.children] if node.exact and len(node.children) < 10 else None
    return value(node)


def _numeric(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _scaled(operation: str, pixels: Picture | None, by: tuple[float, ...]) -> Picture | None:
    """(p - mean) / std after one more step."""
    if pixels is None or pixels.mean is None or pixels.std is None or operation not in ("add", "sub", "mul", "div") or 0.0 in by:
        return (
            replace(pixels, mean=None, std=None)
            if pixels is not None and 0.0 not in by
            else pixels
            if operation in ("add", "sub")
            else None
        )
    count = max(len(pixels.mean), len(pixels.std), len(by))
    if any(len(values) not in (1, count) for values in (pixels.mean, pixels.std, by)):
        return replace(pixels, mean=None, std=None)
    mean, std, given = (values * count if len(values) == 1 else values for values in (pixels.mean, pixels.std, by))
    if operation in ("add", "sub"):
        sign = 1 if operation == "sub" else -1
        mean = tuple(m + sign * b * s for m, b, s in zip(mean, given, std, strict=True))
    else:
        std = tuple(s * b if operation == "div" else s / b for s, b in zip(std, given, strict=True))
    return replace(pixels, mean=_one(mean), std=_one(std), floating=True)


def _one(values: tuple[float, ...]) -> tuple[float, ...]:
    return values[:1] if len(set(values)) == 1 else values


# Shapes


def _expanded(of: Dims, given: Sequence[Node]) -> Dims:
    axis = _axis(given[0] if given else None, (*(of or ()), 1), 0)
    return (*of[:axis], 1, *of[axis:]) if of is not None and axis is not None and axis <= len(of) else None


def _squeezed(of: Dims, given: Sequence[Node]) -> Dims:
    axes = given[0].value if given else None
    if of is None or not isinstance(axes, list) or not all(type(axis) is int and 0 <= axis < len(of) for axis in axes):
        return None
    return tuple(dim for axis, dim in enumerate(of) if axis not in axes)


def _transposed(of: Dims, given: Sequence[Node]) -> Dims:
    order = given[0].value if given else None
    if of is None or not isinstance(order, list) or any(type(axis) is not int for axis in order):
        return None
    return tuple(of[axis] for axis in order) if sorted(order) == list(range(len(of))) else None


def _reduced(of: Dims, given: Sequence[Node]) -> Dims:
    axis = _axis(given[0] if given else None, of)
    if of is None or axis is None or axis >= len(of):
        return None
    keep = len(given) > 1 and given[1].value is True
    return (*of[:axis], *((1,) if keep else ()), *of[axis + 1 :])


def _sliced(of: Dims, given: Sequence[Node]) -> Dims:
    return (None,) * len(of) if of is not None else None


def _reshaped(of: Dims, given: Sequence[Node]) -> Dims:
    return listed(given[0] if given else None)


def _as(of: Dims, given: Sequence[Node]) -> Dims:
    return tuple(_dim(value(size)) for size in given)


_MOVES: dict[str, Callable[[Dims, Sequence[Node]], Dims]] = {
    "expandDims": _expanded, "squeeze": _squeezed, "transpose": _transposed, "reshape": _reshaped, "broadcastTo": _reshaped,
    "pad": _sliced, "slice": _sliced, **dict.fromkeys(_AS, _as),
}  # fmt: skip
_FREE = frozenset({"reshape", "broadcastTo", *_AS})
"""Operations whose shape does not depend on what they are given."""


def _axis(node: Node | None, dims: Dims, default: int | None = None) -> int | None:
    """An axis, counted from the front."""
    axis = node.value if node is not None else default
    while isinstance(axis, list) and len(axis) == 1:
        axis = axis[0]
    if type(axis) is not int or dims is None:
        return None
    return axis if 0 <= axis <= len(dims) else axis + len(dims) if -len(dims) <= axis < 0 else None


def listed(node: Node | None) -> Dims:
    """A shape that is written out."""
    node = follow(node)
    return tuple(_dim(value(child)) for child in node.children) if isinstance(node, Array) and node.exact else None


def _dim(size: object) -> Dim:
    return size if type(size) is int and size >= 0 else None


def written(dims: Sequence[Dim]) -> str:
    """A shape as TensorFlow.js writes it; what is not known is a question mark."""
    return "[" + ",".join("?" if dim is None else str(dim) for dim in dims) + "]"


def made_by(node: Node | None, wanted: Callable[[Call], bool]) -> Call | None:
    """The last of the calls an expression's value went through that is wanted."""
    waiting, seen = [node], set()
    while waiting:
        call = source(waiting.pop(0))
        if call is None or call in seen:
            continue
        if wanted(call):
            return call
        seen.add(call)
        body = call.arguments[-1].value if call.arguments else None
        inner = body.results if isinstance(body, Function) and call.method == "tidy" else ()
        waiting += [call.receiver, *(argument.value for argument in call.arguments), *inner]
    return None


def resizes(call: Call) -> bool:
    return call.method in _RESIZES


def entries(node: Node | None) -> dict[str, Node] | None:
    """The entries of an object that is written out; None where there may be others."""
    node = follow(node)
    return spread(node) if isinstance(node, Object) else None
