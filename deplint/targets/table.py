"""The support table of a target: which operators it has, from which release on, for which versions, dtypes, ranks and attributes.

A table of `deplint/data/support` is ``{"meta", "dtypes", "rows"}``:

    {"op": "Conv", "domain": "", "versions": [11, 21], "releases": [0, 7], "status": "supported",
     "types": {"T": 3}, "limits": [{"what": "rank", "of": 0, "in": [3, 4, 5], "text": "..."}]}

`versions` are the operator's versions that the row is about, null for an open end; `releases` likewise the first and the last of
``meta["releases"]`` by their number. `types` says for each type parameter which of the lists in ``dtypes`` it may be. `status` is one
of ``supported fallback unsupported unknown``; a row that leaves a key out says: any version, all releases, any type, supported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from deplint.data import load
from deplint.model import Shape

OPEN = 1 << 30
"""The end of a range of versions that has none."""


@dataclass(frozen=True)
class Operand:
    """An input as it is known where the model is judged. `constant` is None where nobody can say; `value` the few numbers of a small
    constant."""

    dtype: str = ""
    shape: Shape = None
    constant: bool | None = None
    value: tuple[Any, ...] | None = None

    @property
    def rank(self) -> int | None:
        return None if self.shape is None else len(self.shape)

    @property
    def static(self) -> bool | None:
        """Whether every dimension is a known size; None where the shape is not known."""
        return None if self.shape is None else all(isinstance(d, int) and d >= 0 for d in self.shape)


ABSENT = Operand(constant=True)
"""An optional input that is not given."""


@dataclass(frozen=True)
class Limit:
    """A condition an operator must meet: `what` is true of the input `of` (its number), of several inputs (their numbers) or of the
    attribute `of` (its name), compared with `among`; `text` says it to people, `status` what becomes of an operator that does not meet
    it. Of no numbers it is true of all inputs."""

    what: str
    of: int | str | tuple[int, ...]
    among: tuple[Any, ...] = ()
    text: str = ""
    status: str = "unsupported"

    def met(self, attributes: Mapping[str, Any], inputs: Sequence[Operand]) -> bool | None:
        """Whether it is met; None where that cannot be known."""
        if isinstance(self.of, str):
            return _ATTRIBUTE[self.what](attributes.get(self.of), self.among)
        if isinstance(self.of, tuple):
            operands = [inputs[number] if number < len(inputs) else ABSENT for number in self.of] if self.of else inputs
            return _SEVERAL[self.what](operands, self.among)
        operand = inputs[self.of] if 0 <= self.of < len(inputs) else ABSENT
        return True if operand is ABSENT else _INPUT[self.what](operand, self.among)


def _equal(value: Any) -> Any:
    """A value with its lists as tuples, so that tables, which are JSON, compare."""
    return tuple(map(_equal, value)) if isinstance(value, list | tuple) else value


_ATTRIBUTE: Mapping[str, Callable[[Any, tuple[Any, ...]], bool | None]] = {
    "in": lambda value, among: True if value is None else _equal(value) in among,
    "not-in": lambda value, among: _equal(value) not in among,
    "present": lambda value, among: value is not None,
    "absent": lambda value, among: value is None,
    "at-most": lambda value, among: None if not isinstance(value, int | float) else value <= among[0],
    "at-least": lambda value, among: None if not isinstance(value, int | float) else value >= among[0],
    "all-equal": lambda value, among: True if value is None else all(_equal(each) == among[0] for each in value),
}
"""What can be asked of an attribute's value, None for one that is not given."""

_INPUT: Mapping[str, Callable[[Operand, tuple[Any, ...]], bool | None]] = {
    "dtype": lambda operand, among: operand.dtype in among if operand.dtype else None,
    "not-dtype": lambda operand, among: operand.dtype not in among if operand.dtype else None,
    "rank": lambda operand, among: operand.rank in among if operand.rank is not None else None,
    "rank-at-most": lambda operand, among: operand.rank <= among[0] if operand.rank is not None else None,
    "rank-at-least": lambda operand, among: operand.rank >= among[0] if operand.rank is not None else None,
    "shape": lambda operand, among: operand.shape in among if operand.static else None,
    "static": lambda operand, among: operand.static,
    "constant": lambda operand, among: operand.constant,
    "computed": lambda operand, among: None if operand.constant is None else not operand.constant,
    "absent": lambda operand, among: False,
    "value": lambda operand, among: operand.value in among if operand.value is not None else None,
}
"""What can be asked of an input that is given."""


def _one_dtype(operands: Sequence[Operand], among: tuple[Any, ...]) -> bool | None:
    return len({operand.dtype for operand in operands if operand.dtype}) < 2


def _broadcast(operands: Sequence[Operand], among: tuple[Any, ...]) -> bool | None:
    """Whether the sizes that are known may be broadcast to one shape, as NumPy does it."""
    sizes: dict[int, int] = {}
    for operand in operands:
        for at, size in enumerate(reversed(operand.shape or ())):
            if isinstance(size, int) and size != 1 and sizes.setdefault(at, size) != size:
                return False
    return True


_SEVERAL: Mapping[str, Callable[[Sequence[Operand], tuple[Any, ...]], bool | None]] = {
    "given": lambda operands, among: all(operand is not ABSENT for operand in operands),
    "count": lambda operands, among: len(operands) in among,
    "one-dtype": _one_dtype,
    "broadcast": _broadcast,
}
"""What can be asked of several inputs, ``count`` how many an operator names, be they given or left out."""


@dataclass(frozen=True)
class Row:
    """What a target does with an operator between two of its versions. `types` is empty where any dtype does."""

    op: str
    domain: str = ""
    since: int = 0
    until: int = OPEN
    status: str = "supported"
    types: Mapping[str, frozenset[str]] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    source: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What only this target's judge understands."""


Rows = Mapping[tuple[str, str], Sequence[Row]]


@lru_cache(maxsize=32)
def rows(table: str, release: str) -> Rows:
    """The rows of a table that hold for a release, by domain and operator."""
    stored = load(f"support/{table}")
    number = stored["meta"]["releases"].index(release)
    sets = [frozenset(names) for names in stored.get("dtypes", ())]
    found: dict[tuple[str, str], list[Row]] = {}
    for row in stored["rows"]:
        first, last = row.get("releases", (0, None))
        if first <= number and (last is None or number <= last):
            found.setdefault((row.get("domain", ""), row["op"]), []).append(_row(row, sets))
    return found


def _row(row: Mapping[str, Any], sets: Sequence[frozenset[str]]) -> Row:
    since, until = row.get("versions", (0, None))
    return Row(
        row["op"],
        row.get("domain", ""),
        since,
        OPEN if until is None else until,
        row.get("status", "supported"),
        {name: sets[index] for name, index in row.get("types", {}).items()},
        tuple(_limits(row.get("limits", ()))),
        row.get("source", ""),
        {key: value for key, value in row.items() if key not in _KEYS},
    )


_KEYS = frozenset({"op", "domain", "versions", "releases", "status", "types", "limits", "source"})


def _limits(stored: Iterable[Mapping[str, Any]]) -> Iterable[Limit]:
    for limit in stored:
        among = tuple(_equal(each) for each in limit.get("in", ()))
        yield Limit(limit["what"], _equal(limit["of"]), among, limit.get("text", ""), limit.get("status", "unsupported"))
