"""The model that is judged, and what several judges want to know of it, found once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from deplint.model import Graph, Model, Op

if TYPE_CHECKING:
    from deplint.project import Project

Fact = TypeVar("Fact")

UNCHECKED = (".pt", ".pt2", ".pth", ".ptl")
"""Archives whose checksums PyTorch does not compare (MINIZ_DISABLE_ZIP_READER_CRC32_CHECKS)."""


@dataclass
class Subject:
    """A file (or the folder of a SavedModel) as it was named, and the model read from it.

    `model` is None for what cannot be read; `trouble` then says why, in words for people. It also says what is wrong with a model that was
    read in spite of it.
    """

    path: Path
    shown: str
    format: str
    model: Model | None = None
    trouble: str = ""
    project: Project | None = None
    """The file, and nothing else: for rules that find faults of a model alone."""
    _known: dict[Callable[..., Any], Any] = field(default_factory=dict, repr=False)

    @property
    def changed(self) -> bool:
        """Whether an archive was changed since it was written, which PyTorch does not notice: what changed may not matter."""
        return self.path.suffix in UNCHECKED and "(Bad CRC-32" in self.trouble

    def once(self, find: Callable[[Subject], Fact]) -> Fact:
        """What `find` finds out about this subject; it is called once, however many targets ask."""
        if find not in self._known:
            self._known[find] = find(self)
        found: Fact = self._known[find]
        return found

    def where(self, graph: Graph, op: Op) -> str:
        """The place of an operator within the model: ``main:op[3](Conv, "c1")``."""
        assert self.model is not None
        return self.model.at(graph, op).where
