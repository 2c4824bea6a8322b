"""ProGuard and R8 rules: which classes a shrinker has to keep.

Source: the ProGuard manual, "Keep options". A rule that names no class by its name (by annotation, by what it extends) is kept as written.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field

from deplint.finding import Place
from deplint.project import File
from deplint.settings.text import Source, small

_RULE = re.compile(r"(?m)^[ \t]*-([a-z]+)\b([^\n{]*)(\{[^}]*\})?")
_CLASS = re.compile(r"\b(?:class|interface|enum|@interface)\s+([^\s{]+)")
_OFF = ("dontobfuscate", "dontshrink")
_KEEPING = ("keep", "keepnames")


@dataclass(frozen=True)
class KeepRule:
    """One rule: `option` is ``keep``, ``keepclassmembers``, ``dontwarn``, ...; `pattern` the class it names (``org.tensorflow.**``)."""

    place: Place
    option: str
    pattern: str


@dataclass
class ProguardRules:
    """The rules of a file."""

    path: str
    rules: list[KeepRule] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place(self.path)

    def keeps(self, name: str) -> bool:
        """Whether a class with that full name keeps its name and members, or shrinking is off altogether."""
        for rule in self.rules:
            if rule.option in _OFF:
                return True
            if rule.option in _KEEPING and any(
                fnmatch.fnmatchcase(name, part) for part in rule.pattern.replace("**", "*").split(",") if part
            ):
                return True
        return False


def read(file: File) -> ProguardRules:
    """The rules of a ProGuard file."""
    text = re.sub(r"#[^\n]*", lambda match: " " * len(match[0]), small(file))
    source, found = Source(file.shown, text), ProguardRules(file.shown)
    for match in _RULE.finditer(text):
        named = _CLASS.search(match[2])
        pattern = named[1] if named else match[2].strip()
        found.rules.append(KeepRule(source.place(match.start(1) - 1, match.end(2)), match[1], pattern))
    return found
