"""Targets: the runtimes and converters a model is deployed with, and whether it works there.

    Target  --asked for at versions-->  Asked  --judged with a Subject (a model)-->  Judgement: a Verdict and its Reasons

A target's knowledge is a table of `deplint/data/support`, generated from the released package or a pinned document by
`python -m tools.support`; its judge is a function that holds a model against that table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from deplint.data import load
from deplint.model import Graph, Op
from deplint.targets.releases import Chosen, among, choose
from deplint.targets.subject import Subject
from deplint.targets.verdict import Judgement, Reason, Verdict, merged, worst

if TYPE_CHECKING:
    from deplint.settings.ranges import Range

Judge = Callable[[Subject, "At"], Iterator[Reason]]


@dataclass(frozen=True)
class Target:
    """A runtime or a converter. `takes` are the formats (`Model.format`) it loads or converts; `table` its support table.

    `packages` are those whose versions are the target's, as a project pins them (`deplint.settings.pins`); a project that pins one of
    them deploys its models of the formats in `assumed` there. `judge` is ``module:function`` within this package.
    """

    name: str
    title: str
    takes: tuple[str, ...]
    judge: str
    table: str
    packages: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    perhaps: str = ""
    """What a file may hold that deplint cannot read, and the target loads all the same for what is known (`Artifact.holds`)."""

    @property
    def meta(self) -> Mapping[str, Any]:
        """Source, versions and date of what is known: ``{"source", "releases", "date", "licence", ...}``."""
        meta: Mapping[str, Any] = load(f"support/{self.table}")["meta"]
        return meta

    @property
    def releases(self) -> tuple[str, ...]:
        """The releases that are known, the oldest first."""
        return tuple(self.meta["releases"])

    @cached_property
    def _judge(self) -> Judge:
        module, _, function = self.judge.partition(":")
        judge: Judge = getattr(import_module(f"deplint.targets.{module}"), function)
        return judge

    def __call__(self, subject: Subject, at: At) -> Iterator[Reason]:
        return self._judge(subject, at)


@dataclass(frozen=True)
class At:
    """A target at one known release, as its judge sees it; `subject` is the model that is judged."""

    target: Target
    release: str
    beyond: bool = False

    def reason(
        self,
        cause: str,
        message: str,
        subject: Subject,
        graph: Graph | None = None,
        op: Op | None = None,
        *,
        remedy: str = "",
        verdict: Verdict = Verdict.fails,
        source: str = "",
    ) -> Reason:
        """A reason about an operator, or about the whole model. What a newer release than the known ones may have, is unknown."""
        if self.beyond and cause in ("operator", "version", "dtype") and verdict is Verdict.fails:
            verdict = Verdict.unknown
        locations = (subject.where(graph, op),) if graph is not None and op is not None else ()
        operator = f"{op.domain}.{op.type}" if op is not None and op.domain not in ("", "custom") else op.type if op is not None else ""
        return Reason(cause, verdict, message, operator, 1, locations, remedy, source or str(self.target.meta.get("source", "")))


class UnknownTarget(Exception):
    """There is no target of that name; the message suggests one."""


@dataclass(frozen=True)
class Asked:
    """A target as a user names it: ``onnxruntime-cpu``, ``onnxruntime-cpu==1.17``, ``tflite>=2.14,<2.17``."""

    target: Target
    specifier: str = ""
    pinned: Range | None = None
    """The releases that a project's own files admit, where no user named the target."""

    @property
    def version(self) -> str:
        """The version as it was asked for: ``1.17`` for ``==1.17``, ``>=2.14`` for a range."""
        return self.specifier.removeprefix("==")

    def __str__(self) -> str:
        return self.target.name + self.specifier

    @cached_property
    def chosen(self) -> Chosen:
        if self.pinned is not None:
            return among(self.target.releases, self.pinned)
        return choose(self.target.releases, self.specifier)

    def judge(self, subject: Subject) -> Judgement:
        """Whether the model works: at the oldest and the newest release that is meant, the worse of both."""
        reasons = merged(self._of_changed(subject) if subject.changed else self._reasons(subject))
        return Judgement(self.target.name, self.version, worst(reasons), reasons)

    def _of_changed(self, subject: Subject) -> Iterator[Reason]:
        """The reasons of an archive that PyTorch reads as it is; where none is certain, it may yet stumble over what nobody here reads."""
        from deplint.formats.archive import unchecked

        with unchecked():
            reasons = list(self._reasons(subject))
        yield from reasons
        if subject.model is not None and worst(reasons) is not Verdict.fails:
            yield Reason("file", Verdict.unknown, subject.trouble)

    def _reasons(self, subject: Subject) -> Iterator[Reason]:
        if subject.model is None:
            perhaps = bool(self.target.perhaps) and self.target.perhaps in subject.trouble and subject.format in self.target.takes
            yield Reason("file", Verdict.unknown if subject.changed or perhaps else Verdict.fails, subject.trouble)
        elif subject.format == "torch" and "torchscript" in self.target.takes and subject.model.metadata.get("kind") == "state_dict":
            remedy = "load them into the module, and save that with torch.export.save or torch.jit.save"
            yield Reason("file", Verdict.fails, "it holds weights, and no program that could be converted", "", 1, (), remedy)
        elif subject.format not in self.target.takes:
            yield Reason("file", Verdict.unknown, f"{self.target.title} does not load this format ({subject.format}): convert it first")
        elif not self.chosen.releases:
            known = self.target.releases
            yield Reason("file", Verdict.unknown, f"nothing is known of this version; {known[0]} to {known[-1]} are" if known else "")
        else:
            found = {release: list(self.target(subject, At(self.target, release, self.chosen.beyond))) for release in self.chosen.ends}
            everywhere = set.intersection(*(set(reasons) for reasons in found.values()))
            for release, reasons in found.items():
                for reason in reasons:
                    if reason not in everywhere and self.pinned is None:  # what only some admitted releases lack is no fault of a project
                        yield replace(reason, message=f"{reason.message} (at {release})")
                    elif reason in everywhere and release == self.chosen.releases[-1]:
                        yield reason


def asked(text: str) -> Asked:
    """What ``NAME``, ``NAME==VERSION`` or ``NAME>=VERSION`` asks for.

    Raises:
        UnknownTarget: no target has that name.
    """
    from deplint.names import did_you_mean
    from deplint.targets.known import TARGETS

    match = re.fullmatch(r"\s*([A-Za-z0-9-]+)\s*((?:[<>=!~].*)?)", text)
    name = match[1].lower() if match else text.strip()
    if match is None or name not in TARGETS:
        raise UnknownTarget(f"no target is called {name!r}{did_you_mean(name, TARGETS)}")
    return Asked(TARGETS[name], match[2].replace(" ", ""))


def split(texts: Iterable[str]) -> list[str]:
    """Targets that are named several at a time. Within one a comma stands before a comparison: ``tflite>=2.14,<2.17``."""
    return [text.strip() for several in texts for text in re.split(r",(?=\s*[A-Za-z])", several) if text.strip()]
