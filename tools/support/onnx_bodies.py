"""The bodies of ONNX's own operators that are functions of others."""

from __future__ import annotations

from collections.abc import Sequence

from tools.support.environment import installed
from tools.support.sources import Source
from tools.support.store import Row


def rows(release: str) -> Sequence[Row]:
    with installed(f"onnx=={release}") as environment:
        found: Sequence[Row] = environment.ask("onnx_bodies")
        return found


SOURCES = (Source("onnx-bodies", ["1.23.2"], rows, {"source": "pypi:onnx, the function bodies of its schemas", "licence": "Apache-2.0"}),)
