"""Generated tables, each with its source and version. Written by `tools/`, never by hand."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from pathlib import Path
from typing import Any


@lru_cache
def load(name: str) -> Any:
    """The table of that name: ``{"meta": {...}, "rows": [...]}``."""
    folder = Path(__file__).parent
    plain = folder / f"{name}.json"
    if plain.is_file():
        return json.loads(plain.read_bytes())
    return json.loads(gzip.decompress((folder / f"{name}.json.gz").read_bytes()))
