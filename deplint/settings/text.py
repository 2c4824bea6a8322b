"""What the readers of settings files share: words with a place, a text that turns offsets into places, errors with a place.

Two conventions hold in all of `deplint.settings`. A value that is **unknown** before something runs (a variable without a default,
a reference into an unseen file) is None; a value that is **not written** is the empty string, an empty list or 0. A default counts as
known: ``${TAG:-2.13}`` means what runs if nobody says otherwise.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from deplint.finding import Place, Span
from deplint.model import Unreadable
from deplint.project import File

LIMIT = 1 << 20
"""Bytes of a settings file beyond which it is not read: no person wrote it. Lock files are allowed `deplint.project.TEXT_LIMIT`."""


def small(file: File, limit: int = LIMIT) -> str:
    """The text of a settings file.

    Raises:
        Unreadable: it has more than `limit` characters, or is binary.
    """
    text = file.text
    if len(text) > limit:
        raise Unreadable(f"{len(text):,} characters, more than the {limit:,} deplint reads of such a file")
    return text


HOLE = "\0"
_VARIABLE = re.compile(r"\$\{[^}]*\}|\$\([^)]*\)|\$\w+|\{\{.*?\}\}|[$`].*")
_SMALL_INTEGER = re.compile(r"-?[0-9]{1,18}")


_MANY = re.compile(r"(?<!\\)[*+]|(?<!\\)\{\d*,?\d*\}")
_MAYBE = re.compile(r"(?<![\\(*+?}])\?")
_REPEATED = re.compile(r"(?<!\\)\)(?:[*+]|\{)")
LONGEST_PATH = 128
"""Characters of a path that expressions of a settings file are held against."""


def expression(pattern: str, ignore_case: bool = False) -> re.Pattern[str] | None:
    """The regular expression of a settings file; None if it is none in Python, or may take its time on `LONGEST_PATH` characters."""
    many, maybe = len(_MANY.findall(pattern)), len(_MAYBE.findall(pattern))
    if len(pattern) > 500 or many > 3 or maybe > 8 or (_REPEATED.search(pattern) and (many > 1 or maybe or "|" in pattern)):
        return None
    try:
        return re.compile(pattern, re.IGNORECASE if ignore_case else 0)
    except (re.error, RecursionError, OverflowError):
        return None


class Misread(Unreadable):
    """A file that cannot be read as what it claims to be, and the place where that shows."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class Word:
    """A string in a settings file. `text` is what it means, None where a part of it is unknown; `written` is how the file has it."""

    text: str | None
    place: Place
    written: str = ""

    def __str__(self) -> str:
        return self.written or self.text or ""

    @property
    def number(self) -> int | None:
        return number(self.text)

    @property
    def masked(self) -> str:
        """The text; where it is unknown, what is written without quotes and with `HOLE` for each unknown part."""
        return self.text if self.text is not None else _VARIABLE.sub(HOLE, self.written.strip("\"'"))


def known(masked: str) -> str | None:
    """A part of a masked text; None if a hole is in it."""
    return None if HOLE in masked else masked


def number(text: str | None) -> int | None:
    """`text` as an integer of at most 18 digits, or None."""
    return int(text) if text is not None and _SMALL_INTEGER.fullmatch(text.strip()) else None


class Source:
    """A text and the path it was read from."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def offset(self, line: int, column: int = 1) -> int:
        """The offset of a line and column, both counted from 1."""
        return min(self._starts[min(line, len(self._starts)) - 1] + column - 1, len(self.text))

    def place(self, start: int, end: int | None = None) -> Place:
        """The stretch from offset `start` up to `end` (or to the end of its line)."""
        line = bisect_right(self._starts, start)
        if end is None:
            end = self.text.find("\n", start)
            end = len(self.text) if end < 0 else end
        last = bisect_right(self._starts, max(end - 1, start))
        span = Span(line, start - self._starts[line - 1] + 1, last, max(end, start) - self._starts[last - 1] + 1)
        return Place(self.path, span)


class Finder:
    """Finds where a value parsed by a reader without positions (TOML, JSON, ini) stands; asked in the order of the file, it is quick."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._cursor = 0
        self._keys: dict[str, list[int]] = {}
        for match in re.finditer(r"(?m)(?:^|[{,])[ \t]*([\"']?)([\w.@/-]+)\1[ \t]*[=:]", source.text):
            self._keys.setdefault(match[2], []).append(match.start(1))

    def string(self, value: str, start: int = 0) -> Place:
        """The next place of `value` in quotes, at or after `start`; the whole file if it is written in some other way."""
        for begin in (max(self._cursor, start), start):
            for quote in "\"'":
                at = self._source.text.find(f"{quote}{value}{quote}", begin)
                if at >= 0:
                    self._cursor = at + len(value) + 2
                    return self._source.place(at, self._cursor)
        return Place(self._source.path)

    def key(self, name: str, start: int = 0) -> Place:
        """The first ``name =`` or ``name:`` at or after `start`, the name perhaps in quotes, up to the end of its line."""
        for at in self._keys.get(name, ()):
            if at >= start:
                return self._source.place(at)
        return Place(self._source.path)

    def section(self, pattern: str) -> int:
        """The offset at which the first line that begins with `pattern` does so; 0 if none does."""
        match = re.compile(rf"(?m)^{pattern}").search(self._source.text)
        return match.end() if match else 0
