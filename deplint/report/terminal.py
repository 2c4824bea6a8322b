"""The report on a terminal: grouped by file, the line with what is wrong underlined, the why, the remedy."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import groupby

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.text import Text

from deplint.engine import Report
from deplint.finding import Finding
from deplint.report import also, printable, summary, where

STYLES = {"error": "bold red", "warning": "bold yellow", "info": "bold blue"}
INDENT = 4


def render(report: Report) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=report.width, highlight=False, soft_wrap=False)
    for path, findings in groupby(report.findings, key=lambda f: f.path):
        console.print(Text(printable(path), "bold underline"))
        for finding in findings:
            console.print(Padding(Group(*_parts(finding, report)), (0, 0, 1, 2)))
    for path, reason in report.skipped:
        console.print(Text.assemble((printable(path), "bold"), ": not checked: ", printable(reason)))
    counts = report.counts
    worst = next((level for level, number in counts.items() if number), None)
    console.print(Text(summary(report), STYLES[worst] if worst else "bold green"))
    return "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())


def _parts(finding: Finding, report: Report) -> Iterator[RenderableType]:
    level = str(finding.severity)
    position = where(finding)[len(finding.path) + 1 :]
    head = Text.assemble((level, STYLES[level]), " ", (finding.rule, "bold"), " ", finding.name)
    if position:
        head.append(f"  {position}", "dim")
    yield head
    yield _Hanging("", finding.message)
    if finding.place.where:
        yield _Hanging("at ", finding.place.where + (f", {also(finding)}" if finding.count > 1 else ""), "dim")
    if report.project:
        yield from _source(finding, report.project.line(finding.place), report.width - 2 * INDENT)
    if finding.help:
        yield _Hanging("help: ", finding.help)
    if finding.fix:
        yield _Hanging("fix: ", f"{finding.fix.description} ({'--fix' if finding.fix.safe else '--fix --unsafe-fixes'})", "green")


def _source(finding: Finding, line: str, width: int) -> Iterator[RenderableType]:
    """The line of source, cut around the finding to fit, and a caret under what it is about."""
    span = finding.span
    if span is None or not line.strip():
        return
    number = f"{span.line} | "
    start = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    cut = len(line) - len(line.lstrip())
    room = max(20, width - len(number) - 1)
    if end - cut > room:
        cut = max(cut, min(start - room // 4, end - room))
        cut = min(cut, start)
    shown = "".join(letter if printable(letter) == letter else "\ufffd" for letter in line[cut : cut + room].expandtabs(1).rstrip())
    carets = max(1, min(end, cut + len(shown)) - start)
    source = Text.assemble((number, "dim"), shown, no_wrap=True)
    yield Padding(source, (0, 0, 0, INDENT))
    if start >= cut:
        # Wide characters take two columns: the caret goes under what is seen, not under what is counted.
        before = Text(shown[: start - cut]).cell_len
        under = Text(shown[start - cut : start - cut + carets]).cell_len or 1
        yield Padding(Text(" " * (len(number) + before) + "^" * under, STYLES[str(finding.severity)], no_wrap=True), (0, 0, 0, INDENT))


class _Hanging:
    """A paragraph whose further lines are indented like its first."""

    def __init__(self, label: str, text: str, style: str = "") -> None:
        self.label, self.text, self.style = label, text, style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        body = Text.assemble((self.label, self.style or "bold"), (printable(self.text), self.style))
        yield Padding(body, (0, 0, 0, INDENT))
