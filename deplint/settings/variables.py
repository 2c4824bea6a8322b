"""The variables of the environment that a project sets for its containers, wherever it does so.

for variable in told(deployment, project):
    print(variable.name, variable.word.text)
if switched_on("TF_USE_LEGACY_KERAS", project, file): ...
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from deplint.finding import Place, Placed, Span
from deplint.model import Unreadable
from deplint.project import Project
from deplint.settings.containers import Container, Deployment
from deplint.settings.serving import said
from deplint.settings.text import Word

_LINE = re.compile(r"\s*(?:export\s+)?(\w+)\s*=\s*(?:\"([^\"$]*)\"|'([^']*)'|([^\s\"'$#]*))\s*(?:#.*)?")


@dataclass(frozen=True)
class Variable:
    """`container` is the one it is set for; None where a ConfigMap or ``.env`` says it, for whoever takes it from there."""

    name: str
    word: Word
    container: Container | None = None


def told(deployment: Deployment, project: Project) -> Iterator[Variable]:
    """What one file says: its containers' variables, ConfigMaps, and for compose the ``.env`` beside it."""
    for container in deployment.containers:
        yield from (Variable(name, word, container) for name, word in container.env.items())
    for document in deployment.documents:
        data = document.get("data") if document.string("kind") == "ConfigMap" else None
        for name, node in data.entries.items() if data is not None else ():
            if node.text is not None and re.fullmatch(r"\w+", name):
                yield Variable(name, Word(node.text, node.place, node.text))
    if deployment.kind == "compose":
        file = project.file(Path(os.path.abspath(deployment.path)).parent / ".env")
        try:
            lines = file.lines if file is not None else []
        except (Unreadable, OSError):
            lines = []
        for number, line in enumerate(lines, 1):
            match = _LINE.fullmatch(line)
            if file is not None and match is not None:
                text = next((group for group in match.groups()[1:] if group is not None), "")
                yield Variable(match[1], Word(text, Place(file.shown, Span(number, 1, number, len(line) + 1)), text))


def switched_on(name: str, project: Project, near: Placed) -> bool:
    """Something in what belongs together with a file (`Project.area`) may give the variable of that name a value other than no: an
    image's ENV, compose, Kubernetes, ``.env``, a script, a unit of systemd, `os.environ`, a README that says how the program is started.
    What it is set to by a computation counts."""
    return _switched_on(name, project, project.area(near))


@lru_cache(maxsize=64)
def _switched_on(name: str, project: Project, area: Path) -> bool:
    given = re.compile(rb"(?<!\w)" + name.encode() + rb"(?!\w)" + _GIVEN)
    texts = (said(file) for file in project.files if file.path.is_relative_to(area))
    return any(match[1].lower() not in _NO for text in texts for match in given.finditer(text))


# ENV X=1, ENV X 1, X: "1", os.environ["X"] = "1", setdefault("X", "1"), {"name": "X", "value": "1"}, the latter two also over two lines.
_GIVEN = rb"""["'\]\\]*[\s,=:]*(?:["']?value\\?["']?[\s=:]*)?[\\"']*([^\s"'\\,;})#]*)"""
_NO = {b"0", b"false", b"no", b"off"}
