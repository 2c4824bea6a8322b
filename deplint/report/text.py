"""The report for people: with colour and source on a terminal, one plain and stable line a finding elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from deplint.engine import Report
from deplint.report import also, printable, summary, where


def render(report: Report) -> str:
    if report.width:
        from deplint.report.terminal import render as on_terminal

        return on_terminal(report)
    return "".join(printable(line).replace("\n", "\n    ") + "\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    for finding in report.findings:
        yield f"{where(finding)}: {finding.severity} {finding.rule} {finding.name}: {finding.message}"
        if finding.place.where:
            yield f"    at: {finding.place.where}" + (f", {also(finding)}" if finding.count > 1 else "")
        if finding.help:
            yield f"    help: {finding.help}"
        if finding.fix:
            yield f"    fix: {finding.fix.description} ({'--fix' if finding.fix.safe else '--fix --unsafe-fixes'})"
    for path, reason in report.skipped:
        yield f"{path}: not checked: {reason}"
    yield summary(report)
