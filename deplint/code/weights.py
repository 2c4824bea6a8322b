"""Which module of the code the weights in a file are of: who saved them, and who loads them.

path, key = loaded(call.argument("state_dict", 0))
for module in saved(project, area).get((name, key), ()):
    print(module.name)
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from deplint.code.facts import Value
from deplint.code.pipelines import files_with

if TYPE_CHECKING:
    from deplint.project import Project

_SAVES = re.compile(r"torch\.save\(")


def loaded(weights: Value) -> tuple[str, str]:
    """The path that weights are loaded from, and their key in what is there; both empty if not known."""
    operation = weights.operation
    key = ""
    if operation is not None and operation[0] == "[]":
        weights, key = operation[1], operation[2].text or "?"
    made = weights.origin
    path = made.argument("f", 0).text if made is not None and made.name == "torch.load" else None
    return (path, key) if path else ("", "")


@lru_cache(maxsize=4)
def saved(project: Project, area: Path) -> dict[tuple[str, str], list[Value | None]]:
    """The files of weights that code certainly writes, by name and key, with the modules whose weights they are; None for one that is not
    known."""
    found: dict[tuple[str, str], list[Value | None]] = {}
    for file in files_with(project, _SAVES, area):
        for call in file.calls("torch.save"):
            given, path = call.argument("obj", 0), call.argument("f", 1).text
            for key, value in [("", given), *((k.text or "?", v) for k, v in given.entries or ())] if path else ():
                made = value.origin
                weights = made is not None and made.name.endswith(".state_dict")
                if not weights and (key or given.entries is not None):
                    continue
                module = made.receiver if made is not None and weights else None
                found.setdefault((posixpath.basename(path or ""), key), []).append(module)
    return found
