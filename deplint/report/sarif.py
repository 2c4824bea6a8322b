"""SARIF 2.1.0, for code scanning services.

Crashes are notifications of the run and not results; what was suppressed is a result with a suppression and its justification. The
region of a finding in a notebook is that of the JSON, which is what code scanning shows; cell and line in it are a logical location.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deplint import __version__
from deplint.engine import Report, Suppressed
from deplint.finding import Finding, Fix, Severity, Span
from deplint.own import OWN
from deplint.project import Project
from deplint.report import also
from deplint.report.page import own_page, page

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.error: "error", Severity.warning: "warning", Severity.info: "note"}
BASE = "%SRCROOT%"


def render(report: Report) -> str:
    shown = [(f, None) for f in report.findings if f.rule != "DPL001"]
    hidden = [(s.finding, s) for s in sorted(report.suppressed, key=lambda s: s.finding.sort_key)]
    results: list[tuple[Finding, Suppressed | None]] = [*shown, *hidden]
    ids = sorted({finding.rule for finding, _ in results})
    run = {
        "tool": {"driver": {"name": "deplint", "version": __version__, "semanticVersion": __version__, "rules": _rules(ids, report)}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {BASE: {"description": {"text": "The working folder of the run."}}},
        "invocations": [_invocation(report)],
        "results": [_result(finding, ids, why, report.project) for finding, why in results],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rules(ids: Iterable[str], report: Report) -> list[dict[str, Any]]:
    known = {rule.id: rule for rule in report.rules}
    described = []
    for id in ids:
        rule = known.get(id)
        about = rule or OWN[id]
        category, leaves = (rule.category, rule.leaves) if rule else ("deplint", ())
        described.append(
            {
                "id": id,
                "name": about.name,
                "shortDescription": {"text": about.summary},
                "help": {"text": about.doc, "markdown": page(rule) if rule else own_page(id)},
                "defaultConfiguration": {"level": LEVELS[about.severity]},
                "properties": {"tags": [category, *leaves]},
            }
        )
    return described


def _result(finding: Finding, ids: list[str], why: Suppressed | None, project: Project | None) -> dict[str, Any]:
    text = [finding.message, also(finding), finding.help]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": ids.index(finding.rule),
        "level": LEVELS[finding.severity],
        "message": {"text": "\n".join(line for line in text if line)},
        "locations": [_location(finding, project)],
        "partialFingerprints": {"deplint/v1": finding.fingerprint},
    }
    if finding.fix and all(edit.span.cell is None for edit in finding.fix.edits):
        result["fixes"] = [_fix(finding.fix)]
    if why:
        kind = "inSource" if why.source == "comment" else "external"
        result["suppressions"] = [{"kind": kind, "status": "accepted"} | ({"justification": why.reason} if why.reason else {})]
    return result


def _location(finding: Finding, project: Project | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(finding.path)}
    logical = [finding.place.where, *finding.also] if finding.place.where else []
    region = project.region(finding.place) if project else None
    if region:
        physical["region"] = _region(region)
    if finding.span and finding.span.cell:
        logical.append(f"cell {finding.span.cell}, line {finding.span.line}")
    location: dict[str, Any] = {"physicalLocation": physical}
    if logical:
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "element"} for name in logical]
    return location


def _region(span: Span) -> dict[str, int]:
    return {"startLine": span.line, "startColumn": span.column, "endLine": span.end_line, "endColumn": span.end_column}


def _artifact(path: str) -> dict[str, str]:
    if Path(path).is_absolute():
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(os.fsencode(path)), "uriBaseId": BASE}


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        changes.setdefault(edit.path, []).append({"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}})
    return {
        "description": {"text": fix.description},
        "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": made} for path, made in changes.items()],
    }


def _invocation(report: Report) -> dict[str, Any]:
    crashes = [
        {
            "level": "error",
            "descriptor": {"id": "DPL001"},
            "message": {"text": f"{finding.message}. {finding.help}".rstrip(". ")},
            "locations": [_location(finding, report.project)],
        }
        for finding in report.findings
        if finding.rule == "DPL001"
    ]
    skipped = [
        {
            "level": "note",
            "message": {"text": f"not checked: {reason}"},
            "locations": [{"physicalLocation": {"artifactLocation": _artifact(path)}}],
        }
        for path, reason in report.skipped
    ]
    return {"executionSuccessful": not report.crashes, "toolExecutionNotifications": crashes + skipped}
