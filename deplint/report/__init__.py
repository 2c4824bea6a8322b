"""One reporter a format: a function from a `Report` to the text to print.

What they share is here: how a place and a sum are said.
"""

from __future__ import annotations

import re

from deplint.engine import Report
from deplint.finding import Finding

SHOWN_ALSO = 3
"""Further places of a merged finding that a report for people names."""

_STEERING = re.compile("[\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]")


def printable(text: str) -> str:
    """The text with an escape (``\\x1b``) for what would steer a terminal, or show letters in another order than they are in: names in
    files are anyone's."""
    return _STEERING.sub(lambda match: ascii(match[0])[1:-1], text)


def where(finding: Finding) -> str:
    """``src/export.py:12:5``, ``train.ipynb:cell 3:2:1``, ``model.onnx``."""
    span = finding.span
    if span is None:
        return finding.path
    cell = f"cell {span.cell}:" if span.cell else ""
    return f"{finding.path}:{cell}{span.line}:{span.column}"


def count(number: int, thing: str) -> str:
    """``1 error``, ``3 errors``."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def also(finding: Finding) -> str:
    """``and at 835 more: a, b, c``, or nothing."""
    if finding.count < 2:
        return ""
    named = ", ".join(finding.also[:SHOWN_ALSO])
    return f"and {finding.count - 1:,} more: {named}" + (", ..." if finding.count - 1 > len(finding.also[:SHOWN_ALSO]) else "")


def summary(report: Report) -> str:
    """One line: what was found, in how much, and what was not looked at."""
    found = ", ".join(count(n, level) if level != "info" else f"{n:,} info" for level, n in report.counts.items() if n)
    parts = [f"{found or 'no findings'} in {count(report.read, 'file')}"]
    if report.fixed:
        parts.append(f"{report.fixed} fixed")
    known = sum(1 for s in report.suppressed if s.source == "baseline")
    if len(report.suppressed) > known:
        parts.append(f"{len(report.suppressed) - known} suppressed")
    if known:
        parts.append(f"{known} in the baseline")
    if report.skipped:
        parts.append(f"{len(report.skipped)} not checked")
    fixable = sum(1 for f in report.findings if f.fix)
    if fixable:
        parts.append(f"{fixable} with a fix")
    line = "; ".join(parts)
    return line[0].upper() + line[1:] + "."
