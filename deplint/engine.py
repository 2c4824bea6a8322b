"""Runs rules over facts: files in, a `Report` out.

Whatever goes wrong becomes a finding of deplint's own (DPL0xx): a crashing rule or plugin, an artefact that cannot be read. The run
goes on, and a crash is remembered so that the exit code is not that of a clean run.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from deplint.finding import Finding, Place, Severity
from deplint.model import Unreadable
from deplint.project import File, Project, Trouble
from deplint.rule import Rule

OWN = {
    "DPL001": ("rule-crashed", Severity.error, "A rule or plugin failed; the file was not fully checked."),
    "DPL002": ("unused-suppression", Severity.warning, "A suppression that suppresses nothing."),
    "DPL003": ("unreadable-model", Severity.error, "A model that cannot be read as what it claims to be."),
    "DPL005": ("unreadable-source", Severity.warning, "A code or settings file that cannot be read; nothing in it was checked."),
    "DPL004": ("bad-suppression", Severity.warning, "A suppression that names no known rule, or whose date has passed."),
}
"""deplint's own findings: id -> name, severity, what it means."""

ALSO = 5
"""Locations a merged finding names."""


@dataclass
class Report:
    """Everything a reporter needs. `findings` are sorted; suppressed ones are in `suppressed`; `crashed` means exit 2."""

    findings: list[Finding] = field(default_factory=list)
    suppressed: list[Finding] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    files: int = 0
    read: int = 0
    """Files of a kind deplint reads, out of all `files` seen."""
    seconds: float = 0.0
    project: Project | None = None

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(str(f.severity) for f in self.findings)
        return {str(level): counted[str(level)] for level in sorted(Severity, reverse=True)}


def own(rule: str, at: Place, message: str, **more: Any) -> Finding:
    """A finding of deplint itself."""
    name, severity, _ = OWN[rule]
    return Finding(at, message, rule=rule, name=name, category="deplint", severity=severity, **more)


def check(
    project: Project,
    targets: Iterable[File],
    rules: Sequence[Rule],
    options: dict[str, dict[str, Any]] | None = None,
    progress: Callable[[File], None] | None = None,
) -> Report:
    """Run `rules` over the facts of `targets`. Suppression and severity settings come after (`deplint.suppress`)."""
    started = time.perf_counter()
    report = Report(rules=list(rules), project=project)
    pure = [r for r in rules if not r.wants_project]
    across = [r for r in rules if r.wants_project]
    targets = list(targets)
    found: list[Finding] = []
    for batch in (pure, across):
        by_subject = _by_subject(batch)
        for file in targets:
            if progress and batch is pure:
                progress(file)
            for facts in project.facts(file):
                for rule in by_subject(type(facts)):
                    if project.versions.holds(rule.since, rule.until, file):
                        found.extend(_run(rule, facts, project, (options or {}).get(rule.id, {}), report))
    wanted = {file.path for file in targets}
    found.extend(_trouble(t, report) for t in project.troubles if t.file.path in wanted)
    report.findings = sorted(_merge(_identify(found, project)), key=lambda f: f.sort_key)
    report.files = len(targets)
    report.read = sum(1 for file in targets if project.facts(file))
    report.seconds = time.perf_counter() - started
    return report


def _by_subject(rules: Sequence[Rule]) -> Callable[[type], list[Rule]]:
    """Rules for a type of facts (or a base of it), looked up once per type."""
    known: dict[type, list[Rule]] = {}

    def of(kind: type) -> list[Rule]:
        if kind not in known:
            known[kind] = [r for r in rules if issubclass(kind, r.subject)]
        return known[kind]

    return of


def _run(rule: Rule, facts: Any, project: Project, options: dict[str, Any], report: Report) -> Iterator[Finding]:
    try:
        arguments = (facts, project) if rule.wants_project else (facts,)
        for finding in rule(*arguments, **options) or ():
            yield dataclasses.replace(
                finding,
                rule=rule.id,
                name=rule.name,
                category=rule.category,
                severity=rule.severity,
                leaves=rule.leaves,
                references=rule.see,
            )
    except Exception as error:
        report.crashes.append(f"{rule.id} {rule.name} on {facts.place.path}\n{traceback.format_exc()}")
        yield own("DPL001", Place(facts.place.path), f"rule {rule.id} ({rule.name}) crashed: {type(error).__name__}: {error}")


def _trouble(trouble: Trouble, report: Report) -> Finding:
    if isinstance(trouble.error, Unreadable):
        return own(
            "DPL003" if trouble.reader.artifact else "DPL005", trouble.place, f"cannot be read as {trouble.reader.name}: {trouble.error}"
        )
    text = "".join(traceback.format_exception(trouble.error))
    report.crashes.append(f"reader {trouble.reader.name} on {trouble.file.shown}\n{text}")
    message = f"reader {trouble.reader.name!r} crashed: {type(trouble.error).__name__}: {trouble.error}"
    return own("DPL001", trouble.file.place, message)


def _merge(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Drop repetitions, and make one finding of those that say the same of several parts of one model."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        place = finding.place
        groups.setdefault((finding.rule, place.path, place.span, finding.message), []).append(finding)
    for same in groups.values():
        first = same[0]
        where = list(dict.fromkeys(f.place.where for f in same if f.place.where))
        if len(where) > 1:
            first = dataclasses.replace(first, count=len(where), also=tuple(where[1:ALSO]))
        yield first


def _identify(findings: Iterable[Finding], project: Project) -> Iterator[Finding]:
    """Give each finding its fingerprint: the rule, the file, and the text it points at, but no line numbers."""
    for finding in findings:
        place = finding.place
        context = place.where
        if place.span is not None and not context:
            context = _line(project, place)
        digest = hashlib.sha256("\0".join((finding.rule, place.path, context)).encode("utf-8", "replace")).hexdigest()
        yield dataclasses.replace(finding, fingerprint=digest[:16])


def _line(project: Project, place: Place) -> str:
    """The text a place points at, without surrounding blanks; empty if it cannot be had."""
    from pathlib import Path

    file = project.file(Path(place.path).absolute())
    if file is None or place.span is None or place.span.cell is not None:
        return f"{place.span.cell}" if place.span and place.span.cell else ""
    try:
        return file.lines[place.span.line - 1].strip()
    except (IndexError, Unreadable, OSError):
        return ""
