"""Which of a project's Core ML models a Swift file is about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Model, Project
from deplint.code.source import SourceFile
from deplint.finding import Place, Span

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_NAMED = re.compile(r"([^/]+)\.(?:mlpackage/.*|mlmodel)$")


def class_name(model: Model) -> str:
    """The name by which code knows a model: that of the class Xcode makes for it. Empty if it has none."""
    match = _NAMED.search(model.path)
    return re.sub(r"\W", "_", match[1]) if match else ""


def models_of(file: SourceFile, project: Project) -> list[Model]:
    """The Core ML models that the code of a Swift file names."""
    here, words = project.area(file), set(re.findall(r"\w+", _COMMENT.sub("", file.text)))
    models = (model for model in project.all(Model) if model.format == "coreml" and class_name(model) in words)
    return [model for model in models if project.area(model) == here]


def places(file: SourceFile, pattern: str) -> Iterator[Place]:
    """Where a pattern is found in the code of a file, comments aside."""
    for number, line in enumerate(file.lines, 1):
        match = re.search(pattern, line.partition("//")[0])
        if match:
            yield Place(file.path, Span(number, match.start() + 1, number, match.end() + 1))
