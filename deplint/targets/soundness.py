"""Faults of a model that no runtime can live with: what rules find in it, as reasons of a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deplint import plugins
from deplint.finding import Finding
from deplint.targets.subject import Subject
from deplint.targets.verdict import Reason, Verdict


def faults(subject: Subject, rules: Sequence[str]) -> Iterator[Reason]:
    """What the rules with these ids say of the model."""
    for id, finding in subject.once(_findings):
        if id in rules:
            locations = (finding.place.where,) if finding.place.where else ()
            yield Reason("file", Verdict.fails, finding.message, "", finding.count, locations, finding.help, f"deplint explain {id}", id)


def _findings(subject: Subject) -> list[tuple[str, Finding]]:
    """What every rule for models says of this one. A rule that crashes says nothing: `deplint lint` reports the crash."""
    found = []
    for rule in plugins.load().rules if subject.project is not None else ():
        if rule.id in WHEREVER and rule.lints(type(subject.model)):
            try:
                found += [
                    (rule.id, finding) for finding in (rule(subject.model, subject.project) if rule.wants_project else rule(subject.model))
                ]
            except Exception:
                continue
    return found


ONNX = ("DPL405", "DPL420", "DPL421", "DPL423", "DPL424", "DPL426", "DPL427", "DPL428", "DPL484")
"""Rules about what ONNX itself forbids: no runtime loads such a model."""

TFLITE = ("DPL427", "DPL431", "DPL491")
"""Rules about what every interpreter of TensorFlow Lite models refuses."""

TFJS = ("DPL410", "DPL535")
"""Rules about what TensorFlow.js does not load: shards that are not there, weights of another size."""

SAVEDMODEL = ("DPL476",)
"""Rules about what keeps TensorFlow from loading a SavedModel."""

WHEREVER = frozenset({*ONNX, *TFLITE, *TFJS, *SAVEDMODEL})
