"""Notebooks: the text of their cells, and where in the file it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from deplint.finding import Span
from deplint.model import Unreadable

LIMIT = 64 << 20
"""Bytes beyond which a notebook is not read. Most of a large one are pictures that its cells gave."""


class Cell(NamedTuple):
    code: bool
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")


class Notebook(NamedTuple):
    """The cells in order, text and code. `python` is the language the file names, or that it names none."""

    python: bool
    cells: list[Cell]

    def lines(self, cell: int) -> list[str]:
        """The lines of a cell, counted from 1; empty if there is no such cell."""
        return self.cells[cell - 1].lines if 0 < cell <= len(self.cells) else []


def parse(raw: bytes) -> Notebook:
    """Read a notebook of any version of the format.

    Raises:
        Unreadable: it is not a notebook's JSON.
    """
    try:
        data = json.loads(raw)
        found = data["cells"] if "cells" in data else [cell for sheet in data["worksheets"] for cell in sheet["cells"]]
        return Notebook(_is_python(data), [Cell(cell.get("cell_type") == "code", _text(cell)) for cell in found])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable(f"not a notebook: {error}") from None


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    return "".join(source) if isinstance(source, list) else str(source)


def _is_python(notebook: dict[str, Any]) -> bool:
    about = notebook.get("metadata")
    about = about if isinstance(about, dict) else {}
    for part, key in (("language_info", "name"), ("kernelspec", "language")):
        said = about[part].get(key) if isinstance(about.get(part), dict) else None
        if isinstance(said, str) and said:
            return "python" in said.lower()
    return True


_SPACE = re.compile(r"[ \t\r\n]*")
_CHARACTER = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|[^\\\"]", re.S)
"""One character as a JSON string writes it."""


def region(text: str, span: Span) -> Span | None:
    """Where a stretch of a cell stands in `text`, the whole file as text: its lines are those of JSON. None if there is no such place."""
    try:
        begin, end = _offset(text, span.cell or 1, span.line, span.column), _offset(text, span.cell or 1, span.end_line, span.end_column)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return Span(*_position(text, begin), *_position(text, end))


def _offset(text: str, cell: int, line: int, column: int) -> int:
    """The offset in the file of a place in a cell.

    Raises:
        ValueError, LookupError, TypeError, AttributeError: there is none, or `text` is no notebook.
    """
    cells = dict(_members(text, _skip(text, 0)))["cells"]
    source = dict(_members(text, [at for _, at in _members(text, cells)][cell - 1]))["source"]
    starts = [at for _, at in _members(text, source)] if text[source] == "[" else [source]
    strings = [_value(text, at)[0] for at in starts]
    rest = sum(len(each) + 1 for each in "".join(strings).split("\n")[: line - 1]) + column - 1
    while strings[1:] and rest >= len(strings[0]):
        rest -= len(strings.pop(0))
        del starts[0]
    at = starts[0] + 1
    for _ in range(rest):
        at = _CHARACTER.match(text, at).end()  # type: ignore[union-attr]
    return at


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    """The members of the JSON object, or the elements of the array, that begins at offset `at`: keys (empty for elements) and where values
    begin."""
    named = text[at] == "{"
    at = _skip(text, at + 1)
    while text[at] not in "]}":
        key = ""
        if named:
            key, at = _value(text, at)
            at = _skip(text, _skip(text, at) + 1)
        yield key, at
        at = _skip(text, _value(text, at)[1])
        if text[at] == ",":
            at = _skip(text, at + 1)


def _value(text: str, at: int) -> tuple[Any, int]:
    return json.JSONDecoder().raw_decode(text, at)


def _skip(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]


def _position(text: str, at: int) -> tuple[int, int]:
    """Line and column of an offset, from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
