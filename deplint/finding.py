"""What a rule says: a `Finding` at a `Place`, perhaps with a `Fix`.

This module knows nothing of rules, files or reports, so that all of them can speak of findings.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


class Severity(enum.IntEnum):
    """How much a finding matters; the order is that of `fail-on`."""

    info = 1
    warning = 2
    error = 3

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of text. Lines and columns count characters from 1; the end column is exclusive.

    `cell` is the 1-based number of the notebook cell that lines count in, or None outside notebooks.
    """

    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    cell: int | None = None

    def __post_init__(self) -> None:
        if not self.end_line:
            object.__setattr__(self, "end_line", self.line)
            object.__setattr__(self, "end_column", self.end_column or self.column)


@dataclass(frozen=True)
class Place:
    """Where a finding points: a file, perhaps a stretch of its text, perhaps a part of a model.

    `path` is the path as reports print it (relative to the working folder, forward slashes); `where` names an operator or a
    tensor in words, for example ``main:op[3](Conv, "c1")``.
    """

    path: str
    span: Span | None = None
    where: str = ""


@runtime_checkable
class Placed(Protocol):
    """Every fact says where it was read."""

    @property
    def place(self) -> Place: ...


@dataclass(frozen=True)
class Edit:
    """Replace the text of `span` in `path` by `text`. An insertion has an empty span."""

    path: str
    span: Span
    text: str


@dataclass(frozen=True)
class Fix:
    """A remedy deplint can apply. `safe` means: certain not to change what already worked."""

    description: str
    edits: tuple[Edit, ...]
    safe: bool = True


@dataclass(frozen=True)
class Finding:
    """One thing that will break, degrade or silently change.

    A rule gives `at` (any fact, or a `Place`), `message` and what helps; the engine fills in the rest. A finding about many
    places of one model carries their number in `count` and the first few in `also`.
    """

    at: Placed | Place
    message: str
    fix: Fix | None = None
    help: str = ""
    count: int = 1
    also: Sequence[str] = ()
    # Filled in by the engine.
    rule: str = ""
    name: str = ""
    category: str = ""
    severity: Severity = Severity.warning
    leaves: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def place(self) -> Place:
        return self.at if isinstance(self.at, Place) else self.at.place

    @property
    def path(self) -> str:
        return self.place.path

    @property
    def span(self) -> Span | None:
        return self.place.span

    @property
    def sort_key(self) -> tuple[object, ...]:
        span = self.place.span or Span(0)
        return (self.path, span.cell or 0, span.line, span.column, self.rule, self.place.where, self.message)
