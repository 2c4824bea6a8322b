"""Numbers: what source and converted model compute from the same inputs, random ones from a fixed seed and those that a user supplies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy

Run = Callable[[Mapping[str, Any]], Sequence[Any]]
"""From inputs by name to outputs in order."""

Specs = Mapping[str, tuple[str, Sequence[Any]]]
"""The dtype and the shape of each input; what is no size is taken for one."""

TOLERANCES = {"float64": 1e-6, "float32": 1e-4, "float16": 1e-2, "bfloat16": 5e-2, "complex64": 1e-4, "complex128": 1e-6}
"""How far outputs of a dtype may be apart, relative to the largest number; other dtypes must be equal."""

supplied = ""
"""An ``.npz`` file with an array for each input, if the user named one."""


def compared(specs: Specs, source: Run, converted: Run, tolerance: float | None = None) -> dict[str, Any]:
    """What an oracle answers of numbers: ``difference`` and ``tolerance`` of the output that is furthest off, and ``numbers``, which says
    of which, or why nothing was compared. `tolerance` stands in for that of the dtype."""
    worst: dict[str, Any] = {}
    try:
        for kind, inputs in _inputs(specs):
            first, second = list(source(inputs)), list(converted(inputs))
            if len(first) != len(second):
                raise ValueError(f"the source gives {len(first)} outputs, the converted model {len(second)}")
            for number, (expected, found) in enumerate(zip(first, second, strict=True)):
                expected, found = numpy.asarray(expected), numpy.asarray(found)
                allowed = TOLERANCES.get(expected.dtype.name, 0.0) if tolerance is None else tolerance
                off = difference(expected, found)
                if not worst or off - allowed > worst["difference"] - worst["tolerance"]:
                    worst = {"difference": off, "tolerance": allowed, "numbers": f"output {number}, {expected.dtype.name}, {kind} inputs"}
    except Exception as error:
        return {"numbers": f"not compared: {type(error).__name__}: {error}"[:500]}
    return worst or {"numbers": "not compared: the model has no outputs"}


def difference(first: Any, second: Any) -> float:
    """The largest difference of two arrays, relative to the largest number of the first; infinite where shapes, text or the places of
    NaN and infinity differ."""
    first, second = numpy.asarray(first), numpy.asarray(second)
    if first.shape != second.shape:
        return float("inf")
    if first.dtype.kind in "OSU":
        return 0.0 if _text(first) == _text(second) else float("inf")
    wide = "complex128" if first.dtype.kind == "c" else "float64"
    first, second = first.astype(wide), second.astype(wide)
    odd = ~numpy.isfinite(first) | ~numpy.isfinite(second)
    if not numpy.array_equal(first[odd], second[odd], equal_nan=True):
        return float("inf")
    scale = float(numpy.max(numpy.abs(first[~odd]), initial=0.0)) or 1.0
    return float(numpy.max(numpy.abs(first[~odd] - second[~odd]), initial=0.0)) / scale


def _text(array: Any) -> list[str]:
    return [each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in array.ravel().tolist()]


def _inputs(specs: Specs) -> Iterator[tuple[str, dict[str, Any]]]:
    generator = numpy.random.default_rng(0)
    yield "random", {name: example(generator, dtype, shape) for name, (dtype, shape) in specs.items()}
    if supplied:
        with numpy.load(supplied, allow_pickle=False) as stored:
            missing = [name for name in specs if name not in stored]
            if missing:
                raise ValueError(f"{supplied} has no array for {', '.join(missing)}, only for {', '.join(stored)}")
            yield "supplied", {name: stored[name] for name in specs}


def example(generator: Any, dtype: str, shape: Sequence[Any]) -> Any:
    """Random numbers from 0 to 1, for whole numbers 0 and 1, which any index and count allows; text is one letter."""
    sizes = [size if isinstance(size, int) and size >= 0 else 1 for size in shape]
    if dtype in ("string", "object"):
        return numpy.full(sizes, "a", object)
    if dtype == "bool" or "int" in dtype:
        return generator.integers(0, 2, sizes).astype(dtype)
    return generator.random(sizes).astype(dtype)
