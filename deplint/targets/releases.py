"""Which known releases of a runtime a question is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deplint.settings.ranges import Range


@dataclass(frozen=True)
class Chosen:
    """The known `releases` that a specifier admits, the oldest first; empty if none is known.

    `beyond` is True where the version asked for is newer than any that is known: what the newest known one lacks, it may have.
    """

    releases: tuple[str, ...]
    beyond: bool = False

    @property
    def ends(self) -> tuple[str, ...]:
        """The oldest and the newest: what both do, those between do."""
        return self.releases[:: max(len(self.releases) - 1, 1)]


def choose(known: Sequence[str], specifier: str) -> Chosen:
    """The releases of `known` (the oldest first) that are meant: the newest where nothing is said, the one with the same first two
    numbers for an exact version (``==1.17.1`` where 1.17.3 was asked), all admitted ones for a range."""
    if not known:
        return Chosen(())
    if not specifier:
        return Chosen((known[-1],))
    from deplint.settings.ranges import parse, version

    exact = re.fullmatch(r"\s*={2,3}\s*v?([0-9][^,\s*]*?)(\.\*)?\s*", specifier)
    if exact is None:
        admitted = parse(specifier)
        return among(known, admitted) if admitted is not None else Chosen(())
    wanted = version(exact[1])
    if wanted is None:
        return Chosen(())
    same = [release for release in known if release == exact[1]] or [r for r in known if _series(r) == _series(exact[1])]
    if same:
        return Chosen((same[-1],))
    numbers = [(version(release), release) for release in known]
    older = [release for number, release in numbers if number is not None and number < wanted]
    return Chosen((older[-1],), beyond=older[-1] == known[-1]) if older else Chosen(())


def among(known: Sequence[str], admitted: Range) -> Chosen:
    """The releases that a range admits; of a range beyond all of them the newest."""
    from deplint.settings.ranges import parse

    if admitted.exact is not None:
        return choose(known, f"=={admitted.exact}")
    found = tuple(release for release in known if (one := parse(f"=={release}")) and one <= admitted)
    newest = parse(f">{known[-1]}")
    return Chosen(found) if found or newest is None or not admitted <= newest else Chosen((known[-1],), beyond=True)


def _series(release: str) -> tuple[str, ...]:
    return (*release.split("."), "0")[:2]
