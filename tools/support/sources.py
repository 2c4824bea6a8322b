"""Where each support table is from: one module a runtime in this package, found by the name of the table."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

import tools.support
from tools.support.store import Row


@dataclass(frozen=True)
class Source:
    """A table `name`, the `releases` it should hold, and `rows`, which gives those of one release.

    `facts` are stored with the table: ``source`` (a package, or a repository at a commit), ``licence``, and what its judge wants to know.
    `release_facts`, if given, says more of each release; it is stored as ``meta["of"][release]``.
    """

    name: str
    releases: Sequence[str]
    rows: Callable[[str], Sequence[Row]]
    facts: Mapping[str, object]
    release_facts: Callable[[str], Mapping[str, object]] | None = None


def sources() -> dict[str, Source]:
    """All sources: the modules of this package that have ``SOURCES``."""
    found: dict[str, Source] = {}
    for module in pkgutil.iter_modules(tools.support.__path__):
        if not module.ispkg and module.name not in ("sources", "__main__"):
            for source in getattr(import_module(f"tools.support.{module.name}"), "SOURCES", ()):
                found[source.name] = source
    return found
