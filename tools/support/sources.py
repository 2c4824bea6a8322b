"""Where each support table is from: one module a runtime in this package, found by the name of the table."""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

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


def source(table: str) -> Source:
    """The source of one table. Modules that name it are imported first, so that what is wrong with others does not matter.

    Raises:
        KeyError: no module has a source for a table of that name.
    """
    names = sorted(_modules(), key=lambda name: f'"{table}"' not in Path(_FOLDER, f"{name}.py").read_text("utf-8"))
    for name in names:
        found = _sources(name).get(table)
        if found is not None:
            return found
    raise KeyError(table)


def sources() -> dict[str, Source]:
    """All sources: what the modules of this package have as ``SOURCES``."""
    return {table: source for name in _modules() for table, source in _sources(name).items()}


_FOLDER = Path(__file__).parent


def _modules() -> list[str]:
    return [
        module.name for module in pkgutil.iter_modules([str(_FOLDER)]) if not module.ispkg and module.name not in ("sources", "__main__")
    ]


def _sources(name: str) -> dict[str, Source]:
    """The sources of a module; of one that cannot be imported none, and that is said."""
    try:
        module = import_module(f"tools.support.{name}")
    except Exception as error:
        print(f"tools.support.{name} is left out: {type(error).__name__}: {error}", file=sys.stderr)
        return {}
    return {source.name: source for source in getattr(module, "SOURCES", ())}
