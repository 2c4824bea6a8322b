"""Which versions a requirement admits, whatever the ecosystem: a union of intervals.

Imported only where versions are compared, because `packaging` is. A range may be too wide (exclusions such as ``!=2.5`` and the
pre-release rules of the ecosystems are ignored) and is never too narrow: so "admits nothing of these" and "admits only these" stay
true. Two bounds are read the way release notes mean them: ``since 2.16`` includes 2.16.0rc1, and ``<2.16`` excludes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

Point = tuple[Version, int]
"""A cut between versions: just before the version (0), or just after it (1)."""

LOWEST: Point = (Version("0.dev0"), 0)
HIGHEST: Point = (Version("999999999!0"), 0)

_LONGEST = 300
"""Characters beyond which a requirement is not understood."""


@dataclass(frozen=True)
class Range:
    """The versions between the two cuts of any of `parts`."""

    parts: tuple[tuple[Point, Point], ...]

    def __and__(self, other: Range) -> Range:
        cuts = [(max(a, c), min(b, d)) for a, b in self.parts for c, d in other.parts]
        return Range(tuple(cut for cut in cuts if cut[0] < cut[1]))

    def __or__(self, other: Range) -> Range:
        return Range(tuple(dict.fromkeys(self.parts + other.parts)))

    def __le__(self, other: Range) -> bool:
        """True if every version in this range is in one part of the other."""
        return all(any(c <= a and b <= d for c, d in other.parts) for a, b in self.parts)

    @property
    def exact(self) -> str | None:
        """The version, if the range holds only one."""
        if len(self.parts) != 1:
            return None
        (low, before), (high, after) = self.parts[0]
        return str(low) if low == high and (before, after) == (0, 1) else None

    @property
    def tightness(self) -> int:
        """How much the range says: 3 one version, 2 bounded on both sides, 1 on one side, 0 not at all (or nothing is admitted)."""
        if self.exact is not None:
            return 3
        return max(((low > LOWEST) + (high < HIGHEST) for low, high in self.parts), default=0)


ANY = Range(((LOWEST, HIGHEST),))


def between(since: str | None, until: str | None) -> Range | None:
    """The versions from `since` (included, with its pre-releases) up to `until` (excluded, with its pre-releases)."""
    low = version(since) if since is not None else LOWEST[0]
    high = version(until) if until is not None else HIGHEST[0]
    if low is None or high is None:
        return None
    return Range((((_opening(low) if since is not None else low, 0), (_opening(high) if until is not None else high, 0)),))


def version(text: str) -> Version | None:
    """`text` as a version; of a version of no known scheme (``2.14.0-SNAPSHOT``) the numbers, as a pre-release."""
    low = _bounds(text)
    return low[0] if low else None


def _bounds(text: str) -> tuple[Version, Version] | None:
    """`text` as a version, twice; for a version of no known scheme the lowest and the highest it can mean."""
    text = text.strip()
    if len(text) > 64:
        return None
    try:
        known = Version(text)
        return None if known.epoch else (known, known)
    except InvalidVersion:
        match = re.match(r"v?([0-9]+(?:\.[0-9]+)*)", text)
        return (Version(match.group(1) + ".dev0"), Version(match.group(1))) if match else None


def _opening(low: Version) -> Version:
    """The first pre-release of a release; a pre-release is itself."""
    return low if low.is_prerelease else Version(f"{low.public}.dev0")


def _only(bounds: tuple[Version, Version]) -> Range:
    low, high = (Version(bound.public) for bound in bounds)
    return Range((((low, 0), (high, 1)),))


def _series(release: tuple[int, ...], size: int) -> Version:
    """The opening of the series after the one that the first `size` numbers name: (2, 13, 1), 2 -> 2.14.dev0."""
    head = (*release, 0, 0, 0)[: max(size, 1)]
    return Version(".".join(map(str, (*head[:-1], head[-1] + 1))) + ".dev0")


def _prefix(release: tuple[int, ...]) -> tuple[Point, Point]:
    return (Version(".".join(map(str, release)) + ".dev0"), 0), (_series(release, len(release)), 0)


_CLAUSE = re.compile(r"[,\s]*(===|==|~=|~>|!=|<>|<=|>=|<|>|=|\^|~)?\s*(?:v?([0-9][\w.+!-]*?)(\.[*xX])*|[*xX](?:\.[*xX])*)(?=[,\s<>=~]|$)")


def parse(specifier: str, ecosystem: str = "pypi") -> Range | None:
    """The versions `specifier` admits, in the notation of `ecosystem` (that of `deplint.settings.pins.Pin`); None if not understood."""
    text = specifier.strip()
    if len(text) > _LONGEST:
        return None
    if not text or (text == "any" and ecosystem == "pub"):
        return ANY
    if ecosystem == "maven":
        return _maven(text)
    union = Range(())
    for alternative in re.split(r"\|\|?", text):
        part = _conjunction(re.sub(r"([\w.]+)\s+-\s+([\w.]+)", r">=\1 <=\2", alternative).strip(), ecosystem)
        if part is None:
            return None
        union |= part
    return union if union.parts else None


def _conjunction(text: str, ecosystem: str) -> Range | None:
    if not text:
        return None
    admitted, at = ANY, 0
    while at < len(text):
        match = _CLAUSE.match(text, at)
        if match is None or match.end() == at:
            return None
        operator, number, star = match.groups()
        clause = _clause(operator or "", number, bool(star), ecosystem)
        if clause is None:
            return None
        admitted &= clause
        at = match.end()
    return admitted


def _clause(operator: str, number: str | None, star: bool, ecosystem: str) -> Range | None:
    if number is None:  # a lone star
        return ANY
    bounds = _bounds(number)
    if bounds is None:
        return None
    this, top = bounds
    release, size = this.release, len(this.release)
    before: Point = (this, 0)
    fuzzy = star or (ecosystem == "npm" and size < 3)
    if operator in ("", "=", "==", "==="):
        if fuzzy or (operator == "=" and ecosystem == "conda"):
            return Range((_prefix(release),))
        return _only(bounds)
    if operator in ("!=", "<>"):
        return ANY
    if operator == ">=":
        return Range(((before, HIGHEST),))
    if operator == ">":
        return Range((((this, 1), HIGHEST),))
    if operator == "<":
        return Range(((LOWEST, (_opening(this), 0) if this == top else (top, 1)),))
    if operator == "<=":
        return Range(((LOWEST, (_series(release, size), 0) if fuzzy else (top, 1)),))
    if operator in ("~=", "~>"):  # the last number given may grow
        return Range(((before, (_series(release, size - 1), 0)),))
    if operator == "~":
        return Range(((before, (_series(release, min(size, 2)), 0)),))
    leading = next((i for i, part in enumerate(release) if part), size - 1)  # ^: the first number that is not 0 stays
    return Range(((before, (_series(release, leading + 1), 0)),))


def _maven(text: str) -> Range | None:
    if text == "+":
        return ANY
    if text.endswith(".+"):
        this = version(text[:-2])
        return Range((_prefix(this.release),)) if this else None
    if text[0] not in "[(":
        bounds = _bounds(text.rstrip("!"))
        return _only(bounds) if bounds else None
    union = Range(())
    for opened, inside, closed in re.findall(r"([\[(])([^\[\]()]*)([\])])", text):
        low, comma, high = (piece.strip() for piece in inside.partition(","))
        lowest, highest = _bounds(low), _bounds(high if comma else low)
        if (low and lowest is None) or (high and highest is None):
            return None
        start: Point = (lowest[0], int(opened == "(")) if lowest else LOWEST
        end: Point = (highest[1], int(closed == "]")) if highest else HIGHEST
        if start < end:
            union |= Range(((start, end),))
    return union if union.parts else None
