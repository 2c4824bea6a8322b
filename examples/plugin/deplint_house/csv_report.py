"""The report as CSV, one line a finding."""

from __future__ import annotations

import csv
import io

from deplint.engine import Report


def render(report: Report) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["path", "line", "severity", "rule", "message"])
    for finding in report.findings:
        line = finding.span.line if finding.span else ""
        writer.writerow([finding.path, line, finding.severity, finding.rule, finding.message])
    return out.getvalue()
