"""Many models held against many targets: what `deplint matrix` prints."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deplint import plugins
from deplint.discover import discover
from deplint.formats.archive import unchecked
from deplint.formats.artifact import Artifact
from deplint.model import Model
from deplint.project import File, Project, show
from deplint.targets import Asked
from deplint.targets.subject import Subject
from deplint.targets.verdict import Judgement

SCHEMA = "deplint/matrix/1"

MAIN_FILES = ("saved_model.pb", "saved_model.pbtxt", "Manifest.json", "model.json")
"""Files that stand for the folder they are in, when the folder is named as a model."""


@dataclass(frozen=True)
class Judged:
    """A model and what is said of it, one judgement for each target that was asked for, in that order."""

    subject: Subject
    judgements: tuple[Judgement, ...]


def subjects(paths: Iterable[Path]) -> Iterator[Subject]:
    """The models that `paths` name. A file is one whatever it holds; so is a folder with a model's main file; any other folder gives
    the models found in it, and nothing else."""
    readers = plugins.load().readers
    for path in paths:
        main = next((path / name for name in MAIN_FILES if (path / name).is_file()), path)
        if main.is_dir():
            project = Project(Path(os.path.abspath(path)), discover([path]).files, readers)
            for model_file in project.files:
                if project.facts(model_file, Model):
                    yield _subject(project, model_file, model_file.shown)
        else:
            file = File(Path(os.path.abspath(main)))
            yield _subject(Project(file.path.parent, [file], readers), file, show(path))


def judge(found: Iterable[Subject], targets: Sequence[Asked]) -> Iterator[Judged]:
    """Every model at every target, model after model, so that what targets share is found once and then let go."""
    for subject in found:
        yield Judged(subject, tuple(target.judge(subject) for target in targets))


def plain(judged: Iterable[Judged]) -> dict[str, Any]:
    """The matrix as what JSON has; its schema is `docs/matrix.schema.json`."""
    return {
        "schema": SCHEMA,
        "models": [
            {"path": each.subject.shown, "format": each.subject.format, "targets": [_target(j) for j in each.judgements]} for each in judged
        ],
    }


def _target(judgement: Judgement) -> dict[str, Any]:
    return {
        "target": judgement.target,
        "version": judgement.asked,
        "verdict": str(judgement.verdict),
        "reasons": [
            {
                "rule": reason.rule,
                "operator": reason.operator,
                "count": reason.count,
                "locations": list(reason.locations),
                "message": reason.message,
                "remedy": reason.remedy,
                "source": reason.source,
            }
            for reason in judgement.reasons
        ],
    }


def _subject(project: Project, file: File, shown: str) -> Subject:
    """The model in a file. What is no model, or cannot be read, is told by what it holds. An archive that PyTorch reads whatever its
    checksums say is read so too, and its trouble kept."""
    subject = _read(project, file, shown)
    if not subject.changed:
        return subject
    with unchecked():
        again = _read(Project(project.root, [file], project.readers), file, shown)
    return again if again.model is None else replace(again, trouble=subject.trouble)


def _read(project: Project, file: File, shown: str) -> Subject:
    models = project.facts(file, Model)
    if models:
        return Subject(file.path, shown, models[0].format, models[0], project=project)
    artifact = next(iter(project.facts(file, Artifact)), None)
    trouble = next((str(trouble.error) for trouble in project.troubles if trouble.file is file), "")
    if not file.path.exists():
        trouble = "there is no such file"
    elif not trouble:
        trouble = f"it holds {artifact.holds}" if artifact else "it is no model of a format deplint knows"
    return Subject(file.path, shown, artifact.claimed if artifact else "", None, trouble)
