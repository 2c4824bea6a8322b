"""Known findings: a file that lets a project start clean today and pay off yesterday's findings later.

It counts fingerprints, which hold no line numbers: code may move, but a second finding of the same kind is new.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deplint.engine import Report, Suppressed
from deplint.finding import Finding
from deplint.model import Unreadable
from deplint.project import File

SCHEMA = "deplint/baseline/1"

LIMIT = 64 << 20
"""Bytes of a baseline beyond which it is not read: 200,000 findings or so."""


class BaselineError(Exception):
    """The file is not a baseline; the message says what it is instead."""


def write(findings: Iterable[Finding], path: Path) -> int:
    """Write the findings for `apply`, sorted, one entry a fingerprint, and return how many there were."""
    counted: Counter[str] = Counter()
    first: dict[str, Finding] = {}
    for finding in findings:
        counted[finding.fingerprint] += 1
        first.setdefault(finding.fingerprint, finding)
    entries = [
        {
            "rule": f.rule,
            "name": f.name,
            "path": f.path,
            "message": f.message,
            "fingerprint": f.fingerprint,
            "count": counted[f.fingerprint],
        }
        for f in sorted(first.values(), key=lambda f: f.sort_key)
    ]
    path.write_text(json.dumps({"schema": SCHEMA, "findings": entries}, indent=2, ensure_ascii=False) + "\n", "utf-8", "backslashreplace")
    return counted.total()


def read(path: Path) -> Counter[str]:
    """How often each fingerprint is known.

    Raises:
        BaselineError: the file cannot be read, or is none that `write` wrote.
    """
    try:
        data: Any = json.loads(File(path).raw(LIMIT))
        if data["schema"] != SCHEMA:
            raise BaselineError(f"{path}: schema {data['schema']!r}, where {SCHEMA!r} is wanted")
        return Counter({entry["fingerprint"]: int(entry["count"]) for entry in data["findings"]})
    except OSError as error:
        raise BaselineError(f"{path}: {error.strerror}") from None
    except Unreadable as error:
        raise BaselineError(f"{path}: {error}") from None
    except (ValueError, LookupError, TypeError, RecursionError):
        raise BaselineError(f"{path}: not a baseline that deplint wrote") from None


def apply(report: Report, known: Counter[str]) -> None:
    """Move findings that are known, as often as they are known, to the suppressed ones."""
    left = Counter(known)
    new: list[Finding] = []
    for finding in report.findings:
        if left[finding.fingerprint] > 0 and finding.rule != "DPL001":
            left[finding.fingerprint] -= 1
            report.suppressed.append(Suppressed(finding, "known", "baseline"))
        else:
            new.append(finding)
    report.findings = new
