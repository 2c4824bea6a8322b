"""``deplint/report/1``: the report for programs. `docs/report.schema.json` is its JSON Schema; keys are only ever added."""

from __future__ import annotations

import json
from typing import Any

from deplint import __version__
from deplint.engine import Report
from deplint.finding import Edit, Finding, Fix, Span

SCHEMA = "deplint/report/1"


def render(report: Report) -> str:
    return json.dumps(as_dict(report), indent=2) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "version": __version__,
        "findings": [finding(f) for f in report.findings],
        "summary": {
            **report.counts,
            "files": report.files,
            "checked": report.read,
            "rules": len(report.rules),
            "seconds": round(report.seconds, 3),
            "suppressed": sum(1 for s in report.suppressed if s.source != "baseline"),
            "baselined": sum(1 for s in report.suppressed if s.source == "baseline"),
            "fixed": report.fixed,
            "skipped": [{"path": path, "reason": reason} for path, reason in report.skipped],
        },
    }


def finding(given: Finding) -> dict[str, Any]:
    """One finding; where there is no line, the keys of lines are absent, and so are `location`, `help`, `also` where they say nothing."""
    data: dict[str, Any] = {
        "rule": given.rule,
        "name": given.name,
        "category": given.category,
        "severity": str(given.severity),
        "message": given.message,
        "path": given.path,
    }
    if given.span:
        data |= span(given.span)
    if given.place.where:
        data["location"] = given.place.where
    if given.count > 1:
        data |= {"count": given.count, "also": list(given.also)}
    if given.help:
        data["help"] = given.help
    return data | {
        "fix": fix(given.fix) if given.fix else None,
        "leaves": list(given.leaves),
        "references": list(given.references),
        "fingerprint": given.fingerprint,
    }


def span(given: Span) -> dict[str, int]:
    """Lines and columns from 1, the end column exclusive; `cell` is the notebook's cell that lines count in."""
    lines = {"line": given.line, "column": given.column, "end_line": given.end_line, "end_column": given.end_column}
    return lines if given.cell is None else lines | {"cell": given.cell}


def fix(given: Fix) -> dict[str, Any]:
    return {"description": given.description, "safe": given.safe, "edits": [edit(e) for e in given.edits]}


def edit(given: Edit) -> dict[str, Any]:
    return {"path": given.path, **span(given.span), "text": given.text}
