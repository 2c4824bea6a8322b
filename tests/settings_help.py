"""What the tests of settings readers share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deplint.finding import Place
from deplint.project import File, Project
from deplint.settings import READERS


def project(root: Path, files: Mapping[str, str], versions: Mapping[str, str] | None = None) -> Project:
    """A project of these files below `root`, all of them known from the start."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    found = [File(Path(folder) / name) for folder, _, names in os.walk(root) for name in sorted(names)]
    return Project(root, sorted(found, key=lambda file: file.path), READERS, versions)


def read(root: Path, name: str, text: str) -> list[Any]:
    """All facts that the settings readers find in one file."""
    made = project(root, {name: text})
    facts = made.facts(made.by_path[root / name])
    assert not made.troubles, [str(trouble.error) for trouble in made.troubles]
    return facts


def one(root: Path, name: str, text: str, kind: type) -> Any:
    """The only fact of a kind in one file."""
    found = [facts for facts in read(root, name, text) if isinstance(facts, kind)]
    assert len(found) == 1, found
    return found[0]


def shown(place: Place, text: str) -> str:
    """The text that a place covers."""
    span = place.span
    assert span is not None
    lines = text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)
