"""C++ of microcontrollers: which operators an app registers with TensorFlow Lite Micro's ``MicroMutableOpResolver``, and for how many it
has room.

Read by patterns, comments removed; what the preprocessor may leave out marks a resolver as `conditional`.
Source: tensorflow/tflite-micro, ``micro_mutable_op_resolver.h``: ``AddConv2D`` registers ``CONV_2D``, and so on for all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from deplint.finding import Place
from deplint.project import File
from deplint.settings.text import Source, Word, small

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"", re.DOTALL)
_ALIAS = re.compile(r"\busing\s+(\w+)\s*=\s*(?:tflite::)?MicroMutableOpResolver\s*<\s*(\w+)\s*>")
_DECLARED = re.compile(r"(?<![\w=] )(?<!=)\b(?:(?:tflite::)?MicroMutableOpResolver\s*<\s*(\w+)\s*>|(\w+))\s*&?\s*(\w+)\s*[;(){,=]")
_ADD = re.compile(r"\b(\w+)\s*(?:\.|->)\s*Add([A-Z]\w*)\s*\(\s*(\"[^\"\n]*\")?")
_CONSTANT = r"\b(?:constexpr|const|#define|static)\b[^\n;]*\b{}\b\s*=?\s*(\d+)"


@dataclass
class Resolver:
    """A resolver by its variable; `room` is the number of operators it can hold, None if unknown; `added` what is registered, by the name
    after ``Add``, custom operators by the name they are given."""

    place: Place
    name: str
    room: int | None
    added: dict[str, Word] = field(default_factory=dict)
    conditional: bool = False


@dataclass
class MicroApp:
    """The resolvers of a file."""

    path: str
    resolvers: list[Resolver] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place(self.path)


def read(file: File) -> MicroApp:
    """The resolvers that a C++ file fills."""
    text = _COMMENT.sub(lambda m: m[0] if m[0][0] == '"' else re.sub(r"[^\n]", " ", m[0]), small(file, 1 << 19))
    source, found = Source(file.shown, text), MicroApp(file.shown)
    sizes = {alias[1]: alias[2] for alias in _ALIAS.finditer(text)}
    known: dict[str, Resolver] = {}
    for match in _DECLARED.finditer(text):
        size = match[1] or sizes.get(match[2] or "")
        if size is not None and match[3] not in known:
            known[match[3]] = Resolver(source.place(match.start(), match.end(3)), match[3], _number(size, text))
    for match in _ADD.finditer(text):
        resolver = known.get(match[1])
        if resolver is not None:
            name = (match[3] or "").strip('"') if match[2] == "Custom" else match[2]
            resolver.added.setdefault(name, Word(name, source.place(match.start(), match.end()), match[0]))
            before = text[: match.start()]
            opened = len(re.findall(r"(?m)^[ \t]*#[ \t]*if", before)) - len(re.findall(r"(?m)^[ \t]*#[ \t]*endif", before))
            resolver.conditional |= opened > (1 if re.search(r"(?m)^[ \t]*#[ \t]*ifndef[ \t]+\w+_H_?\b", before) else 0)
    found.resolvers = [resolver for resolver in known.values() if resolver.added]
    return found


def _number(text: str, code: str) -> int | None:
    if text.isdecimal():
        return int(text) if len(text) < 9 else None
    values = {int(match[1]) for match in re.finditer(_CONSTANT.format(re.escape(text)), code) if len(match[1]) < 9}
    return values.pop() if len(values) == 1 else None
