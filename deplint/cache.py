"""Where deplint keeps what it would otherwise work out again: nothing is lost if it is deleted."""

from __future__ import annotations

import os
from pathlib import Path


def folder() -> Path:
    """deplint's own folder among the user's caches. It may not exist yet.

    Raises:
        RuntimeError: the user has no home.
    """
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "deplint"
