"""What operators of TorchScript make of shapes and dtypes, as far as a judge needs it: the common ones; of others nothing is known.

The TorchScript exporter of torch.onnx forgets sizes that only a computation of ONNX's tells (``Pad`` and what comes of it) and with some
operators the rank: a size it forgot is `Lost`. What forgets, and what remembers again, was measured with the exporter of PyTorch 2.13.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any


class Size(int):
    """A whole number that was computed from sizes of tensors."""


class Lost(Size):
    """A size that the exporter does not know any more."""


Dims = tuple[int | None, ...]

UNKNOWN = type("Unknown", (), {"__repr__": lambda self: "UNKNOWN"})()
"""A value of which nothing is known."""


@dataclass(frozen=True)
class Shaped:
    """A tensor. `shape` and its sizes are None where nobody knows, `unranked` if the exporter has forgotten the rank; `number` is that of
    a constant of one element; `by` the operator that made it."""

    dtype: str = ""
    shape: Dims | None = None
    unranked: bool = False
    number: int | float | None = None
    by: str = ""

    @property
    def forgotten(self) -> bool:
        """Whether the exporter has forgotten its rank or any of its sizes."""
        return self.unranked or any(isinstance(size, Lost) for size in self.shape or ())


def sized(value: Any) -> int | None:
    """A size as a shape has it; None for what is no number, a constant's number for a constant."""
    if isinstance(value, Shaped):
        value = value.number
    if isinstance(value, Lost):
        return value
    return int(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 62 else None


def computed(found: int | None, *of: Any) -> int | None:
    """The size that was computed from others, forgotten if one of them was."""
    if found is None:
        return None
    return Lost(found) if any(isinstance(each, Lost) for each in of) else found


def _product(sizes: Sequence[int | None]) -> int | None:
    return None if None in sizes else computed(math.prod(size for size in sizes if size is not None), *sizes)


def _ints(value: Any, count: int = 0) -> list[int | None]:
    """The numbers of a list, or one number as often as is asked for."""
    if isinstance(value, list | tuple):
        found = [sized(each) for each in value]
        return found * count if len(found) == 1 and count else found
    return [sized(value)] * (count or 1)


def _whole(value: Any) -> int:
    found = sized(value)
    if found is None:
        raise ValueError
    return found


def _shape(value: Any) -> Dims:
    if not isinstance(value, Shaped) or value.shape is None:
        raise ValueError
    return value.shape


def _axis(value: Any, rank: int) -> int:
    axis = _whole(value)
    if not -rank <= axis < max(rank, 1):
        raise ValueError
    return axis % max(rank, 1)


def broadcast(*values: Any) -> Shaped:
    """The tensor that tensors and numbers together give, with the dtype of the tensor of most dimensions' kind."""
    tensors = [value for value in values if isinstance(value, Shaped)]
    if any(value is UNKNOWN for value in values) or any(tensor.shape is None for tensor in tensors):
        return Shaped(unranked=any(tensor.unranked for tensor in tensors))
    rank = max(len(_shape(tensor)) for tensor in tensors)
    sizes: list[int | None] = []
    for at in range(-rank, 0):
        column = [_shape(tensor)[at] for tensor in tensors if len(_shape(tensor)) >= -at]
        more = {size for size in column if size != 1}
        known = 1 if not more else next(iter(more)) if len(more) == 1 else None
        sizes.append(computed(known, *column))
    return Shaped(promoted(tensors, values), tuple(sizes), any(tensor.unranked for tensor in tensors))


RANKS = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64", "complex128")


def promoted(tensors: Sequence[Shaped], values: Sequence[Any]) -> str:
    """The dtype of a result: of tensors that have dimensions the widest, of a kind that numbers among `values` do not exceed; "" where
    that is not clear."""
    for group in ([t for t in tensors if t.shape], list(tensors)):
        names = {tensor.dtype for tensor in group}
        if names and names <= {*RANKS}:
            if names >= {"uint8", "int8"} or names >= {"float16", "bfloat16"}:
                return ""
            dtype = max(names, key=RANKS.index)
            lifts = [v.dtype for v in tensors if not v.shape] + ["float32" for v in values if isinstance(v, float)]
            floats = any(lift in RANKS[6:] for lift in lifts)
            return "float32" if floats and dtype in RANKS[:6] else dtype
        if names:
            return ""
    return ""


def _same(first: Any, *rest: Any) -> Any:
    return replace(first, number=None) if isinstance(first, Shaped) else UNKNOWN


def _elementwise(*args: Any) -> Any:
    return broadcast(*(arg for arg in args if isinstance(arg, Shaped | int | float) or arg is UNKNOWN))


def _binary(first: Any, second: Any, *rest: Any) -> Any:
    return broadcast(first, second)


def _divided(first: Any, second: Any, mode: Any = None, *rest: Any) -> Any:
    found = broadcast(first, second)
    return replace(found, dtype="float32") if mode is None and found.dtype in RANKS[:6] else found


def _compared(first: Any, second: Any, *rest: Any) -> Any:
    return replace(broadcast(first, second), dtype="bool")


def _chosen(condition: Any, first: Any = None, second: Any = None) -> Any:
    if first is None:
        return UNKNOWN
    branches = broadcast(first, second) if isinstance(first, Shaped) or isinstance(second, Shaped) else Shaped()
    return replace(broadcast(condition, branches), dtype=branches.dtype)


def _reduced(first: Any, dim: Any = None, keep: Any = False, *rest: Any) -> Any:
    shape = _shape(first)
    if isinstance(dim, bool):
        dim, keep = None, False
    axes = range(len(shape)) if dim is None or dim == [] else [_axis(each, len(shape)) for each in _ints(dim)]
    left = [1 if at in axes else size for at, size in enumerate(shape) if keep is True or at not in axes]
    return replace(first, shape=tuple(left), number=None)


def _summed(first: Any, dim: Any = None, keep: Any = False, *rest: Any) -> Any:
    found = _reduced(first, dim, keep)
    return replace(found, dtype="int64") if found.dtype in RANKS[:6] else found


def _truth(first: Any, *rest: Any) -> Any:
    return replace(_reduced(first, *rest), dtype="bool")


def _index_of(first: Any, dim: Any = None, keep: Any = False) -> Any:
    return replace(_reduced(first, dim, keep), dtype="int64")


def _extreme(first: Any, second: Any = None, keep: Any = False) -> Any:
    if isinstance(second, Shaped):
        return broadcast(first, second)
    found = _reduced(first, second, keep)
    return found if second is None else (found, replace(found, dtype="int64"))


def _viewed(first: Any, sizes: Any, *rest: Any) -> Any:
    """A view: one of numbers alone tells the exporter all sizes; of a tensor whose rank it forgot others tell nothing."""
    if not isinstance(sizes, list):
        return UNKNOWN
    wanted = [sized(size) for size in sizes]
    before = first.shape if isinstance(first, Shaped) else None
    if -1 in wanted:
        rest_of = _product([size for size in wanted if size != -1])
        whole = None if before is None else _product(before)
        left = computed(whole // rest_of, whole, rest_of) if whole is not None and rest_of else None
        wanted = [left if size == -1 else size for size in wanted]
    literal = all(type(size) is int and size != -1 for size in sizes)
    if isinstance(first, Shaped) and first.unranked and not literal:
        wanted = [None if size is None else Lost(size) for size in wanted]
    return Shaped(first.dtype if isinstance(first, Shaped) else "", tuple(wanted))


def _flattened(first: Any, start: Any = 0, end: Any = -1) -> Any:
    shape = _shape(first)
    if not shape:
        return replace(first, shape=(1,))
    low, high = _axis(start, len(shape)), _axis(end, len(shape))
    return replace(first, shape=(*shape[:low], _product(shape[low : high + 1]), *shape[high + 1 :]))


def _unflattened(first: Any, dim: Any, sizes: Any) -> Any:
    shape = _shape(first)
    at, wanted = _axis(dim, len(shape)), [sized(size) for size in sizes]
    if -1 in wanted:
        others, whole = _product([size for size in wanted if size != -1]), shape[at]
        left = computed(whole // others, whole, others) if whole is not None and others else None
        wanted = [left if size == -1 else size for size in wanted]
    return replace(first, shape=(*shape[:at], *wanted, *shape[at + 1 :]), unranked=True)


def _unsqueezed(first: Any, dim: Any) -> Any:
    shape = _shape(first)
    at = _axis(dim, len(shape) + 1)
    return replace(first, shape=(*shape[:at], 1, *shape[at:]))


def _squeezed(first: Any, dim: Any = None) -> Any:
    shape = _shape(first)
    axes = range(len(shape)) if dim is None else [_axis(each, len(shape)) for each in _ints(dim)]
    if any(shape[at] is None for at in axes):
        return Shaped(first.dtype)
    forgot = first.unranked or any(isinstance(shape[at], Lost) for at in axes)
    left = tuple(size for at, size in enumerate(shape) if at not in axes or size != 1)
    return replace(first, shape=left, unranked=forgot)


def _permuted(first: Any, dims: Any) -> Any:
    shape = _shape(first)
    axes = [_axis(each, len(shape)) for each in _ints(dims)]
    if sorted(axes) != list(range(len(shape))):
        raise ValueError
    return replace(first, shape=tuple(shape[at] for at in axes), unranked=False)


def _transposed(first: Any, one: Any, other: Any) -> Any:
    shape = list(_shape(first))
    a, b = _axis(one, len(shape)), _axis(other, len(shape))
    shape[a], shape[b] = shape[b], shape[a]
    return replace(first, shape=tuple(shape), unranked=False)


def _reversed(first: Any) -> Any:
    return replace(first, shape=_shape(first)[::-1])


def _expanded(first: Any, sizes: Any, *rest: Any) -> Any:
    shape, wanted = _shape(first), _ints(sizes)
    own = (1,) * (len(wanted) - len(shape)) + shape
    return replace(first, shape=tuple(computed(a if b == -1 else b, a, b) for a, b in zip(own, wanted, strict=True)))


def _like(first: Any, other: Any, *rest: Any) -> Any:
    return replace(first, shape=_shape(other), unranked=other.unranked)


def _repeated(first: Any, times: Any) -> Any:
    shape, counts = _shape(first), _ints(times)
    own = (1,) * (len(counts) - len(shape)) + shape
    return replace(first, shape=tuple(_product(pair) for pair in zip(own, counts, strict=True)))


def _tiled(first: Any, times: Any) -> Any:
    shape = _shape(first)
    return replace(_repeated(first, [1] * (len(shape) - len(times)) + times), unranked=True)


def _selected(first: Any, dim: Any, index: Any) -> Any:
    shape = _shape(first)
    at = _axis(dim, len(shape))
    return replace(first, shape=shape[:at] + shape[at + 1 :])


def _sliced(first: Any, dim: Any = 0, start: Any = None, end: Any = None, step: Any = 1) -> Any:
    shape = list(_shape(first))
    at, size = _axis(dim, len(shape)), None
    if isinstance(first, Shaped) and (size := shape[at]) is not None:
        low, high = (0 if start is None else sized(start)), (size if end is None else _bounded(end, size))
        parts = None if low is None or high is None else len(range(int(size))[int(low) : int(high) : _whole(step)])
        shape[at] = computed(parts, size, low, high)
    return replace(first, shape=tuple(shape))


def _bounded(end: Any, size: int) -> int | None:
    return size if isinstance(end, int) and end > 1 << 61 else sized(end)


def _narrowed(first: Any, dim: Any, start: Any, length: Any) -> Any:
    shape = list(_shape(first))
    shape[_axis(dim, len(shape))] = sized(length)
    return replace(first, shape=tuple(shape))


def _chunked(first: Any, chunks: Any, dim: Any = 0) -> Any:
    shape, count = _shape(first), _whole(chunks)
    at = _axis(dim, len(shape))
    whole = shape[at]
    if whole is None or not 0 < count <= 64:
        return UNKNOWN
    return _parts(first, at, -(-whole // count))


def _split(first: Any, sizes: Any, dim: Any = 0) -> Any:
    shape = _shape(first)
    at = _axis(dim, len(shape))
    if isinstance(sizes, list):
        return [replace(first, shape=(*shape[:at], sized(size), *shape[at + 1 :])) for size in sizes]
    return _parts(first, at, _whole(sizes))


def _parts(first: Shaped, at: int, size: int) -> Any:
    shape = _shape(first)
    whole = shape[at]
    if whole is None or size <= 0 or whole // size > 256:
        return UNKNOWN
    sizes = [min(size, whole - start) for start in range(0, whole, size)]
    return [replace(first, shape=(*shape[:at], computed(each, whole), *shape[at + 1 :])) for each in sizes]


def _unbound(first: Any, dim: Any = 0) -> Any:
    shape = _shape(first)
    at = _axis(dim, len(shape))
    count = shape[at]
    if count is None or count > 256:
        return UNKNOWN
    return [_selected(first, at, 0)] * count


def _joined(tensors: Any, dim: Any = 0) -> Any:
    shapes = [_shape(tensor) for tensor in tensors if _shape(tensor) != (0,)]
    at, ranks = _axis(dim, len(shapes[0])), {len(shape) for shape in shapes}
    if len(ranks) != 1:
        raise ValueError
    columns = list(zip(*shapes, strict=True))
    sizes = []
    for number, column in enumerate(columns):
        if number == at:
            total = None if None in column else sum(size for size in column if size is not None)
            sizes.append(computed(total, *column))
        else:  # any of them tells the size
            known = [size for size in column if size is not None]
            sizes.append(next((size for size in known if not isinstance(size, Lost)), known[0] if known else None))
    return Shaped(promoted(list(tensors), ()), tuple(sizes), all(tensor.unranked for tensor in tensors))


def _stacked(tensors: Any, dim: Any = 0) -> Any:
    return _joined([_unsqueezed(tensor, dim) for tensor in tensors], dim)


def _multiplied(first: Any, second: Any, *rest: Any) -> Any:
    one, other = _shape(first), _shape(second)
    if len(one) < 2 or len(other) < 2:
        ends: Dims = one[:-1] if len(other) == 1 else other[:-2] + other[-1:]
        return replace(first, shape=ends, number=None)
    batch = broadcast(replace(first, shape=one[:-2]), replace(second, shape=other[:-2]))
    return replace(batch, shape=(*_shape(batch), one[-2], other[-1]), dtype=first.dtype)


def _linear(first: Any, weight: Any, bias: Any = None) -> Any:
    return replace(first, shape=(*_shape(first)[:-1], _shape(weight)[0]))


def _convolved(first: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, *rest: Any) -> Any:
    shape, kernel = _shape(first), _shape(weight)
    n = len(kernel) - 2
    steps, gaps = _ints(stride, n), _ints(dilation, n)
    if isinstance(padding, str):
        pads: list[Any] = [None] * n if padding == "same" else [0] * n
        sizes = [
            shape[at - n] if padding == "same" else _window(shape[at - n], kernel[at - n], steps[at], 0, gaps[at], False) for at in range(n)
        ]
    else:
        pads = _ints(padding, n)
        sizes = [_window(shape[at - n], kernel[at - n], steps[at], pads[at], gaps[at], False) for at in range(n)]
    return replace(first, shape=(*shape[: -n - 1], kernel[0], *sizes))


def _window(size: Any, kernel: Any, step: Any, pad: Any, gap: Any, ceiled: bool) -> int | None:
    if None in (size, kernel, step, pad, gap) or step <= 0:
        return None
    span = size + 2 * pad - gap * (kernel - 1) - 1
    count = -(-span // step) + 1 if ceiled else span // step + 1
    if ceiled and (count - 1) * step >= size + pad:
        count -= 1
    return computed(count, size)


def _spread(first: Any, weight: Any, bias: Any, stride: Any, padding: Any, more: Any, groups: Any, dilation: Any) -> Any:
    shape, kernel = _shape(first), _shape(weight)
    n = len(kernel) - 2
    numbers: Any = zip(shape[-n:], kernel[2:], _ints(stride, n), _ints(padding, n), _ints(more, n), _ints(dilation, n), strict=True)
    sizes = [
        None if None in (size, k, step, pad, add, gap) else computed((size - 1) * step - 2 * pad + gap * (k - 1) + add + 1, size)
        for size, k, step, pad, add, gap in numbers
    ]
    outside = kernel[1]
    return replace(first, shape=(*shape[: -n - 1], None if outside is None else outside * _whole(groups), *sizes))


def _any_convolution(
    first: Any, weight: Any, bias: Any, stride: Any, pad: Any, gap: Any, turned: Any, more: Any, groups: Any, *rest: Any
) -> Any:
    if turned is True:
        return _spread(first, weight, bias, stride, pad, more, groups, gap)
    return _convolved(first, weight, bias, stride, pad, gap)


def _turned(first: Any, weight: Any, bias: Any = None, stride: Any = 1, pad: Any = 0, more: Any = 0, groups: Any = 1, gap: Any = 1) -> Any:
    return _spread(first, weight, bias, stride, pad, more, groups, gap)


def _pooled(n: int, dilated: bool) -> Callable[..., Any]:
    def pool(first: Any, kernel: Any, stride: Any = (), padding: Any = 0, *rest: Any) -> Any:
        shape = _shape(first)
        if len(shape) < n:
            raise ValueError
        kernels, pads = _ints(kernel, n), _ints(padding, n)
        steps = _ints(stride, n) if stride else kernels
        gaps, ceiled = (_ints(rest[0], n), rest[1:2] == (True,)) if dilated and rest else ([1] * n, rest[:1] == (True,) and not dilated)
        sizes = [_window(shape[at - n], kernels[at], steps[at], pads[at], gaps[at], ceiled) for at in range(n)]
        return replace(first, shape=(*shape[:-n], *sizes))

    return pool


def _adapted(first: Any, sizes: Any) -> Any:
    """An adaptive pool: to sizes of one it becomes a global pool, whose result ONNX knows."""
    shape, wanted = _shape(first), _ints(sizes)
    return replace(
        first,
        shape=(*shape[: -len(wanted)], *(own if size is None else size for own, size in zip(shape[-len(wanted) :], wanted, strict=True))),
    )


def _padded(first: Any, pads: Any, mode: Any = "constant", *rest: Any) -> Any:
    shape, amounts = list(_shape(first)), _ints(pads)
    for number, (low, high) in enumerate(zip(amounts[::2], amounts[1::2], strict=True)):
        size = shape[-1 - number]
        shape[-1 - number] = None if size is None or low is None or high is None else size + low + high
    if mode == "circular":
        return replace(first, shape=tuple(computed(size, own) for size, own in zip(shape, _shape(first), strict=True)))
    return replace(first, shape=tuple(None if size is None else Lost(size) for size in shape))


def _embedded(weight: Any, indices: Any, *rest: Any) -> Any:
    return replace(weight, shape=(*_shape(indices), *_shape(weight)[1:]), unranked=indices.unranked)


def _resized(n: int) -> Callable[..., Any]:
    def resize(first: Any, sizes: Any = None, *rest: Any) -> Any:
        shape = _shape(first)
        factors = rest[-1] if rest and isinstance(rest[-1], list) else None
        if isinstance(sizes, list):
            found = _ints(sizes)
        elif factors:
            found = [None if s is None else computed(math.floor(s * f), s) for s, f in zip(shape[-n:], factors, strict=True)]
        else:
            raise ValueError
        if first.forgotten:
            found = [None if size is None else Lost(size) for size in found]
        return replace(first, shape=(*shape[:-n], *found))

    return resize


def _shuffled(first: Any, factor: Any) -> Any:
    *batch, c, h, w = _shape(first)
    r = _whole(factor)
    sizes = [None if c is None else computed(c // (r * r), c), _product([h, r]), _product([w, r])]
    return replace(first, shape=(*batch, *sizes))


def _made(sizes: Any, *rest: Any, dtype: Any = None, **more: Any) -> Any:
    return Shaped(DTYPES.get(dtype, "float32" if dtype is None else "") if not isinstance(dtype, Shaped) else "", tuple(_ints(sizes)))


def _filled(sizes: Any, value: Any, *rest: Any, dtype: Any = None, **more: Any) -> Any:
    found = _made(sizes, dtype=dtype)
    return (
        replace(found, dtype="int64" if type(value) is int else "bool" if value is True or value is False else "float32")
        if dtype is None
        else found
    )


def _alike(first: Any, *rest: Any, dtype: Any = None, **more: Any) -> Any:
    given = dtype if dtype is not None else next((each for each in rest[:1] if type(each) is int and each in DTYPES), None)
    return replace(first, dtype=DTYPES.get(given, first.dtype), number=None)


def _anew(first: Any, sizes: Any, *rest: Any, dtype: Any = None, **more: Any) -> Any:
    return Shaped(DTYPES.get(dtype, first.dtype), tuple(_ints(sizes)))


def _ranged(*args: Any, dtype: Any = None, **more: Any) -> Any:
    bounds = [sized(arg) for arg in args[:3]] if all(isinstance(arg, int | Shaped) for arg in args[:2]) else [None]
    count = computed(len(range(*(int(b) for b in bounds if b is not None))), *bounds) if None not in bounds else None
    kind = "int64" if all(isinstance(arg, int) for arg in args) else ""
    return Shaped(DTYPES.get(dtype, kind if dtype is None else ""), (count,))


def _cast(first: Any, *rest: Any, **more: Any) -> Any:
    """``to(x, dtype, ...)``, ``to(x, device, dtype, ...)`` and ``to(x, other, ...)``."""
    for each in (*rest[:3], more.get("dtype")):
        if isinstance(each, Shaped):
            return replace(first, dtype=each.dtype)
        if type(each) is int and each in DTYPES:
            return replace(first, dtype=DTYPES[each])
        if each is UNKNOWN:
            return replace(first, dtype="")
    return first


def _attended(query: Any, key: Any, value: Any, *rest: Any) -> Any:
    return replace(query, shape=(*_shape(query)[:-1], _shape(value)[-1]))


def _recurrent(gates: bool) -> Callable[..., Any]:
    """``lstm(input, [h, c], ...)`` and ``gru(input, h, ...)``: the sequence, then the last states."""

    def run(first: Any, state: Any, weights: Any, biases: Any, layers: Any, dropout: Any, training: Any, two: Any, *rest: Any) -> Any:
        states = state if gates else [state]
        width = _shape(states[0])[-1]
        output = replace(first, shape=(*_shape(first)[:-1], None if width is None else width * (2 if two is True else 1)))
        return (output, *states)

    return run


def _sampled(first: Any, grid: Any, *rest: Any) -> Any:
    shape, points = _shape(first), _shape(grid)
    return replace(first, shape=(*shape[:2], *points[1:-1]))


def _gathered(first: Any, dim: Any, index: Any, *rest: Any) -> Any:
    return replace(first, shape=_shape(index), unranked=index.unranked)


def _picked(first: Any, dim: Any, index: Any) -> Any:
    shape, count = _shape(first), _shape(index)
    at = _axis(dim, len(shape))
    return replace(first, shape=(*shape[:at], count[0] if count else 1, *shape[at + 1 :]))


def _indexed(first: Any, indices: Any) -> Any:
    """``x[a, b]`` with tensors of whole numbers one after the other; None among them leaves a dimension as it is."""
    shape, given = _shape(first), [each for each in indices if each is not None]
    at = next(number for number, each in enumerate(indices) if each is not None)
    if any(not isinstance(each, Shaped) or not each.dtype.startswith("int") for each in given) or None in indices[at : at + len(given)]:
        raise ValueError
    together = broadcast(*given)
    return replace(first, shape=(*shape[:at], *_shape(together), *shape[at + len(given) :]))


def _topped(first: Any, k: Any, dim: Any = -1, *rest: Any) -> Any:
    shape = list(_shape(first))
    shape[_axis(dim, len(shape))] = sized(k)
    found = replace(first, shape=tuple(shape))
    return found, replace(found, dtype="int64")


def _sorted(first: Any, *rest: Any) -> Any:
    return first, replace(first, dtype="int64")


def _order(first: Any, *rest: Any) -> Any:
    return replace(first, dtype="int64")


def _tensor(value: Any, *rest: Any, dtype: Any = None, **more: Any) -> Any:
    number = value if isinstance(value, int | float) else None
    kind = "bool" if isinstance(value, bool) else "int64" if isinstance(value, int) else "float32" if isinstance(value, float) else ""
    return Shaped(DTYPES.get(dtype, kind), () if number is not None else None, number=number)


DTYPES: Mapping[Any, str] = {
    0: "uint8", 1: "int8", 2: "int16", 3: "int32", 4: "int64", 5: "float16", 6: "float32", 7: "float64", 9: "complex64",
    10: "complex128", 11: "bool", 15: "bfloat16",
}  # fmt: skip
"""Numbers of dtypes in TorchScript's code (c10/core/ScalarType.h)."""


def _counting(count: Callable[[Dims], int | None]) -> Callable[..., Any]:
    def function(first: Any, *rest: Any) -> Any:
        found = count(_shape(first))
        return UNKNOWN if found is None else Lost(found) if isinstance(found, Lost) else Size(found)

    return function


def _size(first: Any, dim: Any = None) -> Any:
    if isinstance(first, list | tuple):
        return len(first)
    shape = [UNKNOWN if size is None else size if isinstance(size, Lost) else Size(size) for size in _shape(first)]
    return shape if dim is None else shape[_axis(dim, len(shape))]


def _length(first: Any) -> Any:
    return len(first) if isinstance(first, list | tuple | str | dict) else _size(first, 0)


def _rank(first: Any) -> Any:
    return len(_shape(first))


def _floating(first: Any) -> Any:
    if not isinstance(first, Shaped) or first.dtype not in RANKS:
        return UNKNOWN
    return first.dtype in RANKS[6:10]


def _kind(first: Any) -> Any:
    return next((number for number, name in DTYPES.items() if isinstance(first, Shaped) and name == first.dtype), UNKNOWN)


def _item(first: Any, *rest: Any) -> Any:
    return first if isinstance(first, int | float) else first.number if isinstance(first, Shaped) and first.number is not None else UNKNOWN


def _getitem(first: Any, index: Any) -> Any:
    return first[_whole(index)] if isinstance(first, list | tuple) else first[index] if isinstance(first, dict) else UNKNOWN


def _is(first: Any, second: Any) -> Any:
    if first is UNKNOWN or second is UNKNOWN:
        return UNKNOWN
    return (first is None) == (second is None) if first is None or second is None else UNKNOWN


def _is_not(first: Any, second: Any) -> Any:
    found = _is(first, second)
    return UNKNOWN if found is UNKNOWN else not found


def _not(first: Any) -> Any:
    return not first if isinstance(first, bool) else UNKNOWN


def _contains(first: Any, second: Any) -> Any:
    return second in first if isinstance(first, list | tuple) and UNKNOWN not in first else UNKNOWN


_UNARY = """
    relu relu6 sigmoid tanh gelu silu mish hardswish hardsigmoid hardtanh elu selu celu leaky_relu prelu softplus softshrink hardshrink
    threshold log_sigmoid rrelu exp log log1p log2 log10 expm1 sqrt rsqrt sin cos tan asin acos atan sinh cosh asinh acosh atanh erf
    neg abs sign ceil floor round trunc frac reciprocal square clamp clamp_min clamp_max clip dropout feature_dropout alpha_dropout
    batch_norm instance_norm group_norm layer_norm rms_norm softmax log_softmax contiguous clone detach positive alias flip roll cumsum
    cumprod tril triu masked_fill masked_scatter fill zero normal uniform index_fill index_add index_copy index_put scatter scatter_add
    scatter_reduce copy channel_shuffle native_dropout lift_fresh requires_grad float_power nan_to_num logit sinc deg2rad renorm
    local_response_norm bernoulli feature_alpha_dropout lgamma digamma erfc i0 bitwise_not view_as_conj resolve_conj resolve_neg
    fake_quantize_per_tensor_affine
"""
"""Operators whose result has the dtype and shape of what they are given first."""

RESIZED = ("nearest1d", "linear1d", "nearest2d", "bilinear2d", "bicubic2d", "nearest3d", "trilinear3d")

TENSORS: Mapping[str, Callable[..., Any]] = {
    **dict.fromkeys(_UNARY.split(), _same),
    **dict.fromkeys(("add", "sub", "mul", "remainder", "fmod", "floor_divide", "rsub", "maximum", "minimum", "atan2"), _binary),
    **dict.fromkeys(("bitwise_and", "bitwise_or", "bitwise_xor", "__and__", "__or__"), _binary),
    **dict.fromkeys(("lerp", "addcmul", "addcdiv"), _elementwise),
    **dict.fromkeys(("div", "true_divide", "pow"), _divided),
    **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor", "isclose"), _compared),
    **dict.fromkeys(("isnan", "isinf", "isfinite", "logical_not"), lambda first, *rest: replace(first, dtype="bool")),
    **dict.fromkeys(("mean", "amax", "amin", "logsumexp", "prod"), _reduced),
    **dict.fromkeys(("any", "all"), _truth),
    **dict.fromkeys(("argmax", "argmin"), _index_of),
    **dict.fromkeys(("max", "min"), _extreme),
    **dict.fromkeys(("view", "reshape"), _viewed),
    **dict.fromkeys(("matmul", "bmm", "mm"), _multiplied),
    **dict.fromkeys(("conv1d", "conv2d", "conv3d", "_convolution_mode"), _convolved),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), _turned),
    **{f"max_pool{n}d": _pooled(n, True) for n in (1, 2, 3)},
    **{f"avg_pool{n}d": _pooled(n, False) for n in (1, 2, 3)},
    **{f"adaptive_avg_pool{n}d": _adapted for n in (1, 2, 3)},
    **{f"adaptive_max_pool{n}d": lambda first, sizes: _sorted(_adapted(first, sizes)) for n in (1, 2, 3)},
    **{f"upsample_{kind}": _resized(int(kind[-2])) for kind in RESIZED},
    **dict.fromkeys(("zeros", "ones", "empty", "rand", "randn"), _made),
    **dict.fromkeys(("zeros_like", "ones_like", "empty_like", "rand_like", "randn_like"), _alike),
    **dict.fromkeys(("new_zeros", "new_ones", "new_empty"), _anew),
    **dict.fromkeys(("view_as", "expand_as", "reshape_as"), _like),
    **dict.fromkeys(("unsafe_split", "split", "split_with_sizes"), _split),
    **dict.fromkeys(("chunk", "unsafe_chunk"), _chunked),
    **dict.fromkeys(("gru", "rnn_tanh", "rnn_relu"), _recurrent(False)),
    **dict.fromkeys(("cat", "concat"), _joined),
    "sum": _summed, "where": _chosen, "flatten": _flattened, "unflatten": _unflattened, "unsqueeze": _unsqueezed, "squeeze": _squeezed,
    "permute": _permuted, "transpose": _transposed, "swapaxes": _transposed, "t": _reversed, "numpy_T": _reversed, "expand": _expanded,
    "repeat": _repeated, "tile": _tiled, "select": _selected, "slice": _sliced, "narrow": _narrowed, "unbind": _unbound, "stack": _stacked,
    "linear": _linear, "_convolution": _any_convolution, "pad": _padded, "constant_pad_nd": lambda first, pads, *rest: _padded(first, pads),
    "embedding": _embedded, "pixel_shuffle": _shuffled, "full": _filled, "full_like": lambda first, value, **more: _alike(first, **more),
    "arange": _ranged, "to": _cast, "type_as": lambda first, other: replace(first, dtype=other.dtype), "lstm": _recurrent(True),
    "scaled_dot_product_attention": _attended, "grid_sampler": _sampled, "gather": _gathered, "index_select": _picked, "topk": _topped,
    "index": _indexed, "sort": _sorted, "argsort": _order, "tensor": _tensor, "scalar_tensor": _tensor,
    "baddbmm": lambda first, *factors: _multiplied(*factors[:2]), "addmm": lambda first, *factors: _multiplied(*factors[:2]),
}  # fmt: skip
"""What an operator gives for tensors; an underscore at the end of its name is left out."""

OTHERS: Mapping[str, Callable[..., Any]] = {
    "size": _size, "len": _length, "dim": _rank, "numel": _counting(_product), "is_floating_point": _floating, "dtype": _kind,
    "item": _item, "NumToTensor": lambda value: value, "Int": _item, "IntImplicit": _item, "ScalarImplicit": _item, "__getitem__": _getitem,
    "__is__": _is, "__isnot__": _is_not, "__not__": _not, "__contains__": _contains, "list": lambda value: list(value),
    "is_scripting": lambda: True, "is_tracing": lambda: False, "floordiv": lambda a, b: numbers("floordiv", a, b),
}  # fmt: skip
"""Operators that give no tensor."""

_NUMBERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "floordiv": operator.floordiv, "floor_divide": operator.floordiv,
    "div": operator.truediv, "remainder": operator.mod, "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le,
    "gt": operator.gt, "ge": operator.ge, "__and__": lambda a, b: a and b, "__or__": lambda a, b: a or b, "min": min, "max": max,
}  # fmt: skip


def numbers(name: str, first: Any, second: Any) -> Any:
    """What an operator gives for two numbers, or equally simple values."""
    a, b = _item(first) if isinstance(first, Shaped) else first, _item(second) if isinstance(second, Shaped) else second
    simple = (int, float) if name not in ("eq", "ne") else (int, float, str, type(None), list)
    if (
        not isinstance(a, simple)
        or not isinstance(b, simple)
        or (isinstance(a, list) and UNKNOWN in [*a, *(b if isinstance(b, list) else ())])
    ):
        return UNKNOWN
    found = _NUMBERS[name](a, b)
    if type(found) is int and (abs(found) >= 1 << 62):
        return UNKNOWN
    if isinstance(found, int) and not isinstance(found, bool) and (isinstance(a, Size) or isinstance(b, Size)):
        return Lost(found) if isinstance(a, Lost) or isinstance(b, Lost) else Size(found)
    return found


def result(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What an operator gives; `UNKNOWN` where that cannot be told."""
    short = name.removesuffix("_") if not name.endswith("__") else name
    try:
        tensors = any(isinstance(arg, Shaped) and arg.number is None for arg in args)
        if short in _NUMBERS and len(args) == 2 and not tensors and UNKNOWN not in args:
            return numbers(short, *args)
        if short in OTHERS:
            return OTHERS[short](*args)
        if short not in TENSORS:
            return UNKNOWN
        found: Any = TENSORS[short](*args, **{key: value for key, value in kwargs.items() if key in ("dtype",)} if short in _TYPED else {})
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, ArithmeticError):
        return UNKNOWN
    if isinstance(found, Shaped) and found.shape is not None and any(size is not None and size < 0 for size in found.shape):
        return UNKNOWN
    return (
        replace(found, by=short if short not in KEPT else args[0].by)
        if isinstance(found, Shaped) and isinstance(args[0], Shaped)
        else found
    )


_TYPED = {
    "zeros",
    "ones",
    "empty",
    "rand",
    "randn",
    "zeros_like",
    "ones_like",
    "empty_like",
    "new_zeros",
    "new_ones",
    "full",
    "full_like",
    "arange",
    "to",
    "tensor",
}

KEPT = (
    "unsqueeze",
    "expand",
    "slice",
    "select",
    "view",
    "reshape",
    "permute",
    "transpose",
    "clone",
    "squeeze",
    "flatten",
    "expand_as",
    "contiguous",
)
"""Operators that give their input's numbers in another form."""
