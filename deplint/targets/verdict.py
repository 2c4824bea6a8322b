"""What is said about a model on a target: a verdict, and the reasons for it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

LOCATIONS = 5
"""Places of one reason that are named; its `count` says how many there are."""


class Verdict(enum.IntEnum):
    """Whether a model works on a target; the worst of all reasons wins."""

    ok = 0
    degraded = 1
    """It runs, but slower, larger, or partly somewhere else than was asked for."""
    unknown = 2
    fails = 3

    def __str__(self) -> str:
        return self.name


CAUSES: Mapping[str, str] = {
    "file": "DPL550",
    "operator": "DPL551",
    "version": "DPL552",
    "dtype": "DPL553",
    "limit": "DPL554",
    "fallback": "DPL555",
}
"""Why a target does not do what is asked, and the rule that reports it: it refuses the file as a whole; has no such operator; has other
versions of it; does not take these dtypes; does not take this attribute, shape, rank or computed input; does it somewhere slower."""


@dataclass(frozen=True)
class Reason:
    """One thing that keeps a model from being ok on a target.

    `cause` is a key of `CAUSES`; `operator` the type with its domain where that is not the format's own (``com.microsoft.Attention``);
    `locations` are places as `Model.at` words them; `source` is where the knowledge is from (package and version, or a document).
    """

    cause: str
    verdict: Verdict
    message: str
    operator: str = ""
    count: int = 1
    locations: tuple[str, ...] = ()
    remedy: str = ""
    source: str = ""
    fault: str = ""
    """The rule that finds this fault of the model wherever it is deployed, if one does."""

    @property
    def rule(self) -> str:
        return self.fault or CAUSES[self.cause]


@dataclass(frozen=True)
class Judgement:
    """The verdict on one model at one target; `asked` repeats the version as it was asked for, "" for none."""

    target: str
    asked: str
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()


def merged(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons with equal ones counted together, the worst and the most frequent first."""
    found: dict[Reason, list[Reason]] = {}
    for reason in reasons:
        found.setdefault(replace(reason, count=1, locations=()), []).append(reason)
    together = []
    for same, each in found.items():
        locations = dict.fromkeys(place for reason in each for place in reason.locations)
        together.append(replace(same, count=sum(reason.count for reason in each), locations=tuple(locations)[:LOCATIONS]))
    return tuple(sorted(together, key=lambda reason: (-reason.verdict, -reason.count)))


def worst(reasons: Iterable[Reason]) -> Verdict:
    return max((reason.verdict for reason in reasons), default=Verdict.ok)
