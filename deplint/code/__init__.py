"""Facts about code: Python in depth, other languages in breadth."""

from __future__ import annotations

from deplint.code.source import READERS as _SOURCES
from deplint.project import Reader

READERS: tuple[Reader, ...] = (
    Reader("python", ("*.py", "*.pyw"), "deplint.code.python:read"),
    Reader("notebook", ("*.ipynb",), "deplint.code.notebook:read"),
    *_SOURCES,
)
