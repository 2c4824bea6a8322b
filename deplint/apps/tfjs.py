"""Which release of TensorFlow.js has which name (`deplint/data/tfjs_names.json`, made by ``tools/tfjs_names.js``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from deplint.data import load


@dataclass(frozen=True)
class Span:
    """Releases that have a name, of those that were looked at: from `first` to `last`. `before` is the latest without it before them,
    `after` the first without it after them; both are empty where there is none."""

    before: str
    first: str
    last: str
    after: str


@lru_cache
def spans(kind: str = "names") -> Mapping[str, Span]:
    """The names of a kind: ``names`` (exports, namespaces joined by dots), or members of ``Tensor``, ``LayersModel`` or ``GraphModel``."""
    table = load("tfjs_names")
    releases, found = table["meta"]["releases"], {}
    for written, names in table["rows"][kind].items():
        first, last = written.split()
        start, end = releases.index(first), releases.index(last)
        span = Span(releases[start - 1] if start else "", first, last, releases[end + 1] if end + 1 < len(releases) else "")
        found.update(dict.fromkeys(names.split(), span))
    return found


@lru_cache
def namespaces() -> frozenset[str]:
    """The exports that hold names of their own."""
    return frozenset(name.partition(".")[0] for name in spans() if "." in name)
