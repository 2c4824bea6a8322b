"""What a project deploys its models on: the targets it names, and those that follow from what it pins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from deplint.model import Model
from deplint.project import Project
from deplint.targets import Asked, asked
from deplint.targets.known import TARGETS
from deplint.targets.subject import Subject
from deplint.targets.verdict import Judgement

GPU = ("gpu", "directml", "openvino", "training", "qnn")
"""Words in the names of packages with other execution providers than the target's."""


@dataclass(frozen=True)
class Deployed:
    """A target of a project and why it is one, in words that end a sentence; `named` if the user said so."""

    asked: Asked
    words: str
    named: bool


def targets(model: Model, project: Project) -> Iterator[Deployed]:
    """Where the model is deployed, as far as the project says."""
    named = [asked(text) for text in project.targets]
    for target in named:
        if model.format in target.target.takes:
            yield Deployed(target, f"on {target}", True)
    known = {target.target.name for target in named}
    for known_target in TARGETS.values():
        if known_target.name in known or model.format not in known_target.assumed:
            continue
        for package in known_target.packages:
            pin = project.versions.of(package, model)
            if pin is not None and pin.range is not None and not any(word in pin.written.lower() for word in GPU):
                yield Deployed(Asked(known_target, pinned=pin.range), f"on {package}, which {pin.place.path} pins", False)
                break


_JUDGED: WeakKeyDictionary[Project, dict[str, list[tuple[Deployed, Judgement]]]] = WeakKeyDictionary()


def judgements(model: Model, project: Project) -> list[tuple[Deployed, Judgement]]:
    """What is said of the model at each of its targets: found once, for all the rules that report it. Faults that the model has wherever it
    is deployed are not among the reasons: rules report them."""
    known = _JUDGED.setdefault(project, {})
    if model.path not in known:
        subject = Subject(Path(model.path), model.path, model.format, model)
        known[model.path] = [(deployed, deployed.asked.judge(subject)) for deployed in targets(model, project)]
    return known[model.path]
