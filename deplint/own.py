"""What deplint says about itself: DPL0xx, findings that come from no rule."""

from __future__ import annotations

from typing import Any, NamedTuple

from deplint.finding import Finding, Place, Severity


class Own(NamedTuple):
    """One of deplint's own findings: its page is `doc`, whose first line is the summary."""

    name: str
    severity: Severity
    doc: str

    @property
    def summary(self) -> str:
        return self.doc.split("\n", 1)[0].rstrip(".")


CATEGORY = "deplint"

OWN: dict[str, Own] = {
    "DPL001": Own(
        "rule-crashed",
        Severity.error,
        "A rule, a reader or a plugin failed.\n\n"
        "The file was not fully checked, so the run ends with exit code 2 whatever else it found. `--verbose` prints the traceback; "
        "please report it with the file that caused it.",
    ),
    "DPL002": Own(
        "unused-suppression",
        Severity.warning,
        "A suppression that suppresses nothing.\n\n"
        "The problem it was written for is gone, or the comment stands on the wrong line. Remove it, or move it to the line that the "
        "finding names (or to a line of its own just above). A suppression of a rule that did not run is not reported.",
    ),
    "DPL003": Own(
        "unreadable-model",
        Severity.error,
        "A model that cannot be read as what its name claims.\n\n"
        "It is truncated, empty, a Git LFS pointer, or a different format under a wrong suffix; the message says what was seen. A runtime "
        "will refuse it as well.",
    ),
    "DPL004": Own(
        "bad-suppression",
        Severity.warning,
        "A suppression that names no known rule, or whose date has passed.\n\n"
        "A suppression whose `until` date has passed no longer holds: its findings are reported again. A comment must name the rules it "
        "means, as in `# deplint: ignore[DPL201] reason`.",
    ),
    "DPL005": Own(
        "unreadable-source",
        Severity.warning,
        "A code or settings file that cannot be read.\n\n"
        "Nothing in it was checked. Python 2 code, broken syntax, binary content and files of a size no person writes end here.",
    ),
}


def own(rule: str, at: Place, message: str, **more: Any) -> Finding:
    """A finding of deplint itself."""
    return Finding(at, message, rule=rule, name=OWN[rule].name, category=CATEGORY, severity=OWN[rule].severity, **more)
