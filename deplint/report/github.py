"""Annotations of GitHub Actions: workflow commands on standard output.

GitHub shows ten errors and ten warnings a step, and fifty annotations a job; the others are in the log only. For all of them as
alerts, upload SARIF.
"""

from __future__ import annotations

from deplint.engine import Report
from deplint.finding import Finding, Severity
from deplint.project import Project
from deplint.report import also, printable, summary

COMMANDS = {Severity.error: "error", Severity.warning: "warning", Severity.info: "notice"}


def render(report: Report) -> str:
    lines = [_annotation(finding, report.project) for finding in report.findings]
    lines += [f"::notice file={_property(path)}::{_data(f'not checked: {reason}')}" for path, reason in report.skipped]
    return "\n".join(map(printable, [*lines, summary(report)])) + "\n"


def _annotation(finding: Finding, project: Project | None) -> str:
    properties = {"file": finding.path}
    where = finding.place.where
    if finding.span and finding.span.cell:
        where = f"cell {finding.span.cell}, line {finding.span.line}"
    region = project.region(finding.place) if project else None
    if region:
        properties |= {"line": str(region.line), "endLine": str(region.end_line)}
        if region.line == region.end_line:  # GitHub takes columns for a single line only
            properties |= {"col": str(region.column), "endColumn": str(region.end_column)}
    properties["title"] = f"{finding.rule} {finding.name}"
    text = [finding.message, f"at {where}" if where else "", also(finding), finding.help]
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{COMMANDS[finding.severity]} {given}::{_data(chr(10).join(line for line in text if line))}"


def _data(text: str) -> str:
    """A message as workflow commands want it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
