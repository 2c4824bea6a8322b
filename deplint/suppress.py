"""What a project has decided to live with: comments, configured ignores with reason and date, the metadata of a model.

    converter.inference_input_type = tf.int8  # deplint: ignore[DPL203] calibrated in train.py
    // deplint: ignore-file[model-asset-compressed] the asset is decompressed at first start

A comment on a finding's line suppresses the rules it names there; alone on a line, on the next line of code; ``ignore-file`` in the whole
file. Suppressions that suppress nothing, or name no rule, are findings.
"""

from __future__ import annotations

import datetime
import fnmatch
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from deplint.config import Config, Waiver
from deplint.discover import Patterns
from deplint.engine import Report, Suppressed, identify
from deplint.finding import Edit, Finding, Fix, Place, Span
from deplint.model import Model, Unreadable
from deplint.names import Names, Unknown
from deplint.own import OWN, own
from deplint.project import File, Project, show

METADATA = "deplint.ignore"
"""The ONNX metadata key (``metadata_props``) that suppresses findings of that model: ``"DPL301 reason; other-rule reason"``."""

_MARK = "deplint:"
_COMMENT = re.compile(r"(?P<open>#|//|/\*|<!--|--|;)\s*deplint:\s*(?P<verb>ignore(?:-file)?)\b\s*(?:\[(?P<words>[^\]\n]*)\])?(?P<rest>.*)")
_CLOSERS = {"/*": "*/", "<!--": "-->"}


@dataclass
class Suppression:
    """One comment, or one entry of a model's metadata. `line` is the line it holds for; None means the whole file."""

    at: Place
    words: tuple[str, ...]
    reason: str
    line: int | None
    ids: dict[str, str] = field(default_factory=dict)
    """Known words -> rule ids."""
    used: set[str] = field(default_factory=set)

    def holds(self, finding: Finding) -> bool:
        if finding.path != self.at.path or finding.rule not in self.ids.values():
            return False
        if self.line is None:
            return True
        span = finding.span
        cell = self.at.span.cell if self.at.span else None
        return span is not None and span.cell == cell and self.line in (span.line, span.end_line)


def apply(report: Report, files: Iterable[File], config: Config, names: Names, *, whole: bool, today: datetime.date | None = None) -> None:
    """Set the configured severities, move suppressed findings to `report.suppressed`, and add what is wrong with the suppressions.

    `files` are those that were linted; `whole` says that they are all below the configuration's folder, so that a configured ignore
    without a finding is known to be unused.
    """
    today = today or datetime.date.today()
    assert report.project is not None
    suppressions = [s for file in files for s in _in_file(file, report.project)]
    wrong: list[Finding] = []
    for one in suppressions:
        for word in one.words:
            try:
                one.ids[word] = names.one(word)
            except Unknown as error:
                wrong.append(own("DPL004", one.at, str(error)))
        if not one.words:
            wrong.append(own("DPL004", one.at, "a suppression names the rules it means, as in `deplint: ignore[DPL201] reason`"))
    waivers = [w for w in config.waivers if not w.expired(today)]
    used = _settle(report, suppressions, waivers, config.root)
    place = Place(show(config.path) if config.path else ".")
    for waiver in config.waivers:
        if waiver.expired(today):
            wrong.append(own("DPL004", place, f"the ignore of {_describe(waiver)} held until {waiver.until}: {waiver.reason}"))
    ran = {rule.id for rule in report.rules} | set(OWN)
    for one in suppressions:
        unused = [word for word, id in one.ids.items() if id in ran and id not in one.used]
        if unused:
            wrong.append(own("DPL002", one.at, f"nothing to suppress for {', '.join(unused)}", fix=_removal(one, unused)))
    report.findings += identify(wrong, report.project)
    used |= _settle(report, [], waivers, config.root)
    if whole:
        idle = [w for w in waivers if w not in used and ran.issuperset(w.rules)]
        unused_ones = (own("DPL002", place, f"nothing to suppress for the ignore of {_describe(w)}: {w.reason}") for w in idle)
        report.findings += identify(unused_ones, report.project)
    ignored = {i for word in config.ignore for i in names.many(word)}
    report.findings = [
        replace(f, severity=config.severity.get(f.rule, f.severity)) for f in report.findings if f.rule == "DPL001" or f.rule not in ignored
    ]
    report.sort()


def _settle(report: Report, suppressions: Sequence[Suppression], waivers: Sequence[Waiver], root: Path) -> set[Waiver]:
    """Move what is suppressed out of the findings, and say which waivers did some of it. A crash cannot be suppressed."""
    patterns = {waiver: Patterns(root, waiver.paths) for waiver in waivers}
    used: set[Waiver] = set()
    left: list[Finding] = []
    for finding in report.findings:
        reasons: list[tuple[str, str]] = []
        if finding.rule != "DPL001":
            for one in suppressions:
                if one.holds(finding):
                    one.used.add(finding.rule)
                    reasons.append((one.reason, "comment"))
            for waiver in waivers:
                meant = not waiver.rules or finding.rule in waiver.rules
                if meant and (not waiver.paths or patterns[waiver].match(os.path.abspath(finding.path))):
                    used.add(waiver)
                    reasons.append((waiver.reason, "config"))
        if reasons:
            report.suppressed.append(Suppressed(finding, *reasons[0]))
        else:
            left.append(finding)
    report.findings = left
    return used


def _describe(waiver: Waiver) -> str:
    return f"{', '.join(waiver.rules) or 'every rule'} in {', '.join(waiver.paths) or 'every file'}"


def _removal(one: Suppression, unused: Sequence[str]) -> Fix | None:
    """Remove a comment none of whose names are needed, with the blanks before it."""
    if one.at.span is None or set(unused) != set(one.words):
        return None
    return Fix("remove the comment", (Edit(one.at.path, one.at.span, ""),))


def _in_file(file: File, project: Project) -> Iterator[Suppression]:
    readers = project.claims(file)
    if any(reader.artifact for reader in readers):
        for facts in project.facts(file):
            if isinstance(facts, Model) and METADATA in facts.metadata:
                yield from _in_metadata(facts)
        return
    if not readers:
        return
    try:
        if file.suffix == ".ipynb":
            for number, cell in enumerate(file.notebook.cells, 1):
                yield from _in_lines(file.shown, cell.lines if _MARK in cell.text else (), number)
        elif _MARK not in file.text:
            return
        elif fnmatch.fnmatch(file.suffix, ".py*"):
            yield from _in_python(file)
        else:
            yield from _in_lines(file.shown, file.lines)
    except (Unreadable, OSError):
        return


def _in_metadata(model: Model) -> Iterator[Suppression]:
    for entry in re.split(r"[;\n]", model.metadata[METADATA]):
        word, _, reason = entry.strip().partition(" ")
        if word:
            yield Suppression(Place(model.path, where=f'metadata "{METADATA}"'), (word,), reason.strip(), None)


def _in_python(file: File) -> Iterator[Suppression]:
    """Comments as the tokenizer sees them: a string that looks like one is none. In a broken file, those before the break."""
    import tokenize

    comments: list[tuple[int, int, str]] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(file.text).readline):
            if token.type == tokenize.COMMENT and _MARK in token.string:
                comments.append((*token.start, token.string))
    except (tokenize.TokenError, SyntaxError):
        pass
    for line, column, text in comments:
        found = _COMMENT.match(text)
        if found:
            yield _suppression(file.shown, file.lines, line, column, found)


def _in_lines(path: str, lines: Sequence[str], cell: int | None = None) -> Iterator[Suppression]:
    for number, line in enumerate(lines, 1):
        found = _COMMENT.search(line) if _MARK in line else None
        if found:
            yield _suppression(path, lines, number, found.start(), found, cell)


def _suppression(path: str, lines: Sequence[str], number: int, column: int, found: re.Match[str], cell: int | None = None) -> Suppression:
    line = lines[number - 1]
    closer = _CLOSERS.get(found["open"])
    reason, _, after = found["rest"].partition(closer) if closer else (found["rest"], "", "")
    alone = not line[:column].strip() and not after.strip()
    start = len(line[:column].rstrip())
    end = len(line) - len(after)
    span = Span(number, start + 1 if not after.strip() else column + 1, number, end + 1, cell)
    if alone:  # the whole line goes, if the comment does
        span = Span(number, 1, number + 1, 1, cell) if number < len(lines) else Span(number, 1, number, len(line) + 1, cell)
    words = tuple(w for w in (w.strip() for w in (found["words"] or "").split(",")) if w)
    holds = None if found["verb"] == "ignore-file" else _next_code(lines, number) if alone else number
    return Suppression(Place(path, span), words, reason.strip(), holds)


def _next_code(lines: Sequence[str], number: int) -> int:
    """The first line after `number` that is neither blank nor a comment."""
    while number < len(lines):
        number += 1
        text = lines[number - 1].lstrip()
        if text and not text.startswith(("#", "//", "/*", "*", "<!--", "--")):
            break
    return number


def covers(paths: Iterable[Path], root: Path) -> bool:
    """Whether linting `paths` looks at everything below `root`."""
    return any(root.is_relative_to(os.path.abspath(path)) for path in paths)
