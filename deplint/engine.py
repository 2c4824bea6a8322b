"""Runs rules over facts: files in, a `Report` out.

Whatever goes wrong becomes a finding of deplint's own (DPL0xx): a crashing rule or plugin, an artefact that cannot be read. The run
goes on, and a crash is remembered so that the exit code is not that of a clean run.
"""

from __future__ import annotations

import dataclasses
import gc
import hashlib
import os
import re
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from deplint.declare import Rule
from deplint.finding import Finding, Place, Severity
from deplint.model import Unreadable
from deplint.own import own
from deplint.project import File, Project, Trouble

LARGE_TREE = 600
"""Files beyond which facts let go of what they made of a file after its rules ran. Smaller trees keep it: it is asked for again."""

RELEASED_LINES = 200_000
"""Lines of code between two looks for garbage: what was let go of holds on to itself in circles."""

ALSO = 5
"""Locations a merged finding names."""

_INDEX = re.compile(r"(?<=\bop)\[\d+\]")


class Suppressed(NamedTuple):
    """A finding that is not reported, and why. `source` says where that was decided: ``comment``, ``config`` or ``baseline``."""

    finding: Finding
    reason: str
    source: str


@dataclass
class Report:
    """Everything a reporter needs. `findings` are sorted; `crashes` (tracebacks) mean exit 2."""

    findings: list[Finding] = field(default_factory=list)
    suppressed: list[Suppressed] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Paths that were not looked at, with the reason."""
    crashes: list[str] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    files: int = 0
    read: int = 0
    """Files of a kind deplint reads, out of all `files` seen."""
    fixed: int = 0
    """Findings whose fix was applied."""
    seconds: float = 0.0
    project: Project | None = None
    width: int = 0
    """Columns of the terminal the report is for; 0 where it goes to a file or a pipe."""

    @property
    def counts(self) -> dict[str, int]:
        """Findings by severity, the worst first."""
        counted = Counter(str(f.severity) for f in self.findings)
        return {str(level): counted[str(level)] for level in sorted(Severity, reverse=True)}

    def crash(self, at: Place, message: str, text: str) -> None:
        """Note that something of deplint or of a plugin failed; `text` is the traceback, or what there is of it."""
        self.crashes.append(f"{message}\n{text}")
        cause = text.strip().rsplit("\n", 1)[-1]
        self.findings.append(own("DPL001", at, message, help="" if cause in message else cause))

    def sort(self) -> None:
        self.findings.sort(key=lambda f: f.sort_key)


def check(
    project: Project,
    targets: Iterable[File],
    rules: Sequence[Rule],
    options: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Callable[[File], None] | None = None,
    broken: Iterable[tuple[str, str]] = (),
) -> Report:
    """Run `rules` over the facts of `targets`. Suppression and severity settings come after (`deplint.suppress`).

    For each file, rules that look at it alone run first, then those that look across files. `options` are by rule id;
    `broken` names the plugins that could not be loaded, with what happened.
    """
    started = time.perf_counter()
    report = Report(rules=list(rules), project=project)
    for name, problem in broken:
        report.crash(Place("."), f"plugin {name!r} could not be loaded", problem)
    targets = list(targets)
    found: list[Finding] = []
    large = len(targets) > LARGE_TREE
    released = 0
    by_subject = _by_subject(sorted(rules, key=lambda rule: rule.wants_project))
    for file in targets:
        if progress:
            progress(file)
        for facts in project.facts(file):
            for rule in by_subject(type(facts)):
                reported = list(_run(rule, facts, project, (options or {}).get(rule.id, {}), report))
                if reported and (not (rule.since or rule.until) or project.versions.holds(rule.since, rule.until, file)):
                    found.extend(reported)
        if large:
            released += sum(facts.release() for facts in project.facts(file) if hasattr(facts, "release"))
            if released > RELEASED_LINES:
                gc.collect()
                released = 0
    wanted = {file.path for file in targets}
    for trouble in project.troubles:
        if trouble.file.path in wanted:
            found.extend(_trouble(trouble, report))
    report.findings = list(_merge(identify([*report.findings, *found], project)))
    report.sort()
    report.files = len(targets)
    report.read = sum(1 for file in targets if project.claims(file))
    report.seconds = time.perf_counter() - started
    return report


def _by_subject(rules: Sequence[Rule]) -> Callable[[type], list[Rule]]:
    """Rules for a type of facts (or a base of it), looked up once per type."""
    known: dict[type, list[Rule]] = {}

    def of(kind: type) -> list[Rule]:
        if kind not in known:
            known[kind] = [r for r in rules if r.lints(kind)]
        return known[kind]

    return of


def _run(rule: Rule, facts: Any, project: Project, options: Mapping[str, Any], report: Report) -> Iterator[Finding]:
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
        message = f"rule {rule.id} ({rule.name}) crashed: {type(error).__name__}: {error}"
        report.crash(Place(facts.place.path), message, traceback.format_exc())


def _trouble(trouble: Trouble, report: Report) -> Iterator[Finding]:
    error = trouble.error
    if isinstance(error, Unreadable | OSError):
        seen = error.strerror if isinstance(error, OSError) and error.strerror else error
        rule = "DPL003" if trouble.reader.artifact else "DPL005"
        yield own(rule, trouble.place, f"cannot be read as {trouble.reader.name}: {seen}")
    else:
        message = f"reader {trouble.reader.name!r} crashed: {type(error).__name__}: {error}"
        report.crash(trouble.file.place, message, "".join(traceback.format_exception(error)))


def _merge(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Drop repetitions, and make one finding of those that say the same of several parts of one model."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        place = finding.place
        # Code that is entered from several callers is one place: the first of them speaks for all.
        message = finding.message if place.span is None else ""
        groups.setdefault((finding.rule, place.path, place.span, message), []).append(finding)
    for same in groups.values():
        first = same[0]
        where = list(dict.fromkeys(f.place.where for f in same if f.place.where))
        if len(where) > 1:
            first = dataclasses.replace(first, count=len(where), also=tuple(where[1:ALSO]))
        yield first


def identify(findings: Iterable[Finding], project: Project) -> Iterator[Finding]:
    """Give each finding its fingerprint: the rule, the file below the project's root, and the text or the part of the model it points
    at; no line numbers, no operator's position."""
    for finding in findings:
        place = finding.place
        path = os.path.relpath(place.path, project.root).replace(os.sep, "/")
        context = _INDEX.sub("", place.where) or project.line(place).strip()
        digest = hashlib.sha256("\0".join((finding.rule, path, context)).encode("utf-8", "replace")).hexdigest()
        yield dataclasses.replace(finding, fingerprint=digest[:16])
