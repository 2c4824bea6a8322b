"""Strings and paths that are known, or known in part: formatting, joining, and methods of constants."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from deplint.code.library import STRING_LIMIT
from deplint.code.values import UNKNOWN, Const, Default, Raw, Ref, Text

if TYPE_CHECKING:
    from deplint.code.interpret.state import Arguments, State

_PURE: Mapping[type, frozenset[str]] = {
    str: frozenset(
        """format replace strip lstrip rstrip lower upper title split rsplit join startswith endswith removesuffix removeprefix encode
        zfill capitalize partition rpartition splitlines count find""".split()  # noqa: SIM905
    ),
    bytes: frozenset({"decode", "strip", "startswith", "endswith"}),
    PurePosixPath: frozenset({"with_suffix", "with_name", "with_stem", "joinpath", "as_posix", "__str__", "__fspath__"}),
    int: frozenset({"bit_length"}),
}
"""Methods of constants that are computed."""


_PATH_SAME = frozenset({"resolve", "absolute", "expanduser"})


def text_of(parts: Iterable[str | None]) -> Raw:
    """The string made of known parts and gaps (None)."""
    merged: list[str | None] = []
    for part in parts:
        if part == "":
            continue
        if part is not None and merged and merged[-1] is not None:
            merged[-1] += part
        elif part is not None or not merged or merged[-1] is not None:
            merged.append(part)
    if sum(len(p or "") for p in merged) > STRING_LIMIT:
        return UNKNOWN
    if len(merged) <= 1 and None not in merged:
        return Const(merged[0] if merged else "")
    return UNKNOWN if all(p is None for p in merged) else Text(merged)


def textual(raw: Raw) -> bool:
    return isinstance(raw, Text) or (isinstance(raw, Const) and isinstance(raw.value, (str, PurePosixPath)))


def parts_of(raw: Raw) -> Sequence[str | None]:
    """What a value adds to a string it is formatted into."""
    if isinstance(raw, Text):
        return raw.parts
    if isinstance(raw, Const) and isinstance(raw.value, (str, int, float, PurePosixPath)):
        return (str(raw.value),)
    return (None,)


def assembled(pieces: Iterable[Raw]) -> Raw:
    """The string that these make one behind the other. With a default among them it is one, too; what is around it is kept."""
    plain: list[str | None] = []
    kept: list[str | None] = []
    default = False
    for raw in pieces:
        if isinstance(raw, Default):
            default = True
            kept += parts_of(raw.kept)
            raw = raw.value
        else:
            kept += parts_of(raw)
        plain += parts_of(raw)
    text = text_of(plain)
    return Default(text, text_of(kept)) if default and text is not UNKNOWN else text


def format_percent(template: str, right: Raw, state: State) -> Raw:
    """``template % right``."""
    pieces = re.split(r"%[-+ #0-9.]*[sdfrixegG]", template)
    gaps = len(pieces) - 1
    values: Sequence[Raw] = [right]
    if isinstance(right, Ref) and right.name == "()":
        cell = state.cell(right)
        values = cell.items or () if cell.exact else ()
    if len(values) != gaps:
        values = [UNKNOWN] * gaps
    parts: list[Raw] = [Const(pieces[0].replace("%%", "%"))]
    for value, piece, spec in zip(values, pieces[1:], re.findall(r"%[-+ #0-9.]*[sdfrixegG]", template), strict=True):
        plain = spec == "%s" or (spec in ("%d", "%i") and isinstance(value, Const) and type(value.value) is int)
        parts += [value if plain else UNKNOWN, Const(piece.replace("%%", "%"))]
    return assembled(parts)


def format_braces(template: str, given: Arguments) -> Raw:
    """``template.format(...)``."""
    parts: list[Raw] = []
    count = itertools.count()
    position = 0
    for match in re.finditer(r"\{\{|\}\}|\{([^{}]*)\}", template):
        parts.append(Const(template[position : match.start()]))
        position = match.end()
        name = match.group(1)
        if name is None:
            parts.append(Const(match.group()[0]))
            continue
        raw: Raw | None = None
        if name == "" or name.isdigit():
            raw = given.get("", int(name) if name else next(count))
        elif name in given.kwargs:
            raw = given.kwargs[name][0]
        parts.append(raw if raw is not None else UNKNOWN)
    parts.append(Const(template[position:]))
    return assembled(parts)


def call_member(owner: Raw, method: str, given: Arguments) -> Raw:
    """A method of a constant, or of a string known in part."""
    plain = not given.kwargs and not given.open
    if isinstance(owner, Text) or owner is UNKNOWN:
        suffix = given.get("", 0)
        if method == "with_suffix" and isinstance(suffix, Const) and isinstance(suffix.value, str):
            return text_of([None, suffix.value])
        return owner if isinstance(owner, Text) and method in (*_PATH_SAME, "as_posix") else UNKNOWN
    assert isinstance(owner, Const)
    value = owner.value
    if isinstance(value, PurePosixPath) and method in _PATH_SAME:
        return owner
    if isinstance(value, str) and method == "format":
        return format_braces(value, given)
    allowed = next((names for kind, names in _PURE.items() if isinstance(value, kind)), frozenset[str]())
    args = [raw.value for raw, _ in given.args if isinstance(raw, Const)]
    if method in allowed and len(args) == len(given.args) and plain:
        try:
            result = getattr(value, method)(*args)
        except Exception:
            return UNKNOWN
        small = not isinstance(result, (str, bytes)) or len(result) <= STRING_LIMIT
        return Const(result) if small and isinstance(result, (str, bytes, bool, int, PurePosixPath)) else UNKNOWN
    if isinstance(value, PurePosixPath) and method == "joinpath":
        return text_of([value.as_posix(), *(p for raw, _ in given.args for p in ("/", *parts_of(raw)))])
    return UNKNOWN
