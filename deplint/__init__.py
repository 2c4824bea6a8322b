"""deplint: a linter for deploying deep-learning models.

What a rule author imports is here, and nothing more. Names are loaded when first used, so that `import deplint` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from deplint.declare import rule as rule
    from deplint.finding import Edit as Edit
    from deplint.finding import Finding as Finding
    from deplint.finding import Fix as Fix
    from deplint.finding import Place as Place
    from deplint.finding import Severity as Severity
    from deplint.finding import Span as Span
    from deplint.model import Model as Model
    from deplint.plugins import hookimpl as hookimpl
    from deplint.project import File as File
    from deplint.project import Project as Project
    from deplint.project import Reader as Reader

_HOME = {
    "Edit": "finding",
    "Finding": "finding",
    "Fix": "finding",
    "Place": "finding",
    "Severity": "finding",
    "Span": "finding",
    "Model": "model",
    "hookimpl": "plugins",
    "File": "project",
    "Project": "project",
    "Reader": "project",
    "rule": "declare",
}


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'deplint' has no attribute {name!r}")
    return getattr(import_module(f"deplint.{home}"), name)
