"""Protobuf messages written as text, turned into the wire format that readers read.

A schema says which number and coding each field has; what it does not name is left out, so that a text of a newer release reads, too.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from deplint.formats.wire import BYTES, FIXED32, VARINT, EncodedFile
from deplint.model import Unreadable
from deplint.project import File
from deplint.settings.text import Misread, Source
from deplint.settings.textproto import Event, events, unescape

TEXT_LIMIT = 32 << 20
"""Bytes of a text beyond which it is not read."""

MAX_FIELDS = 2_000_000
"""Fields of a text. A graph of 100,000 operators has about 1.4 million."""

TEXT, INT, FLOAT, INTS, FLOATS, DOUBLES = "string", "integer", "float", "integers", "floats", "doubles"
"""How a field is coded: strings and bytes; an integer, bool or enumeration; a float; and these repeated. Any other word is the name of a
message in the schema."""

_CODES = {FLOAT: "<f", FLOATS: "<f", DOUBLES: "<d"}
_PACKED = frozenset({INTS, FLOATS, DOUBLES})
_BOOLS = {"true": 1, "True": 1, "t": 1, "false": 0, "False": 0, "f": 0}

Schema = Mapping[str, Mapping[str, tuple[int, str]]]
"""Messages by name: their fields by name, each with its number and how it is coded."""


def encoded(file: File, root: str, schema: Schema, names: Mapping[str, int]) -> EncodedFile:
    """The message `root` of the schema that the file is, as text; `names` are values of enumerations.

    Raises:
        Unreadable: it is too long, no text of protobuf, or says what the schema contradicts.
    """
    text = file.raw(TEXT_LIMIT).removeprefix(b"\xef\xbb\xbf").decode("latin-1")  # each byte a character
    return EncodedFile(file, encode(Source(file.shown, text), root, schema, names))


@dataclass
class _Open:
    """A message that is being encoded; one that the schema does not know has no `fields`, and its content is left out."""

    fields: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    number: int = 0
    content: bytearray = field(default_factory=bytearray)
    packed: dict[int, bytearray] = field(default_factory=dict)


def encode(source: Source, root: str, schema: Schema, names: Mapping[str, int]) -> bytes:
    """As `encoded`, of a text in which a character stands for a byte."""
    stack = [_Open(schema[root])]
    for event in events(source, MAX_FIELDS):
        top = stack[-1]
        if event.what == "}":
            done = stack.pop()
            if done.number:
                _append(stack[-1].content, done.number, _close(done))
            continue
        number, coding = top.fields.get(event.name, (0, ""))
        if event.what == "{":
            if number and coding not in schema:
                raise _misread(source, event, "a scalar expected, found a message")
            stack.append(_Open(schema[coding], number) if number else _Open())
        elif number and event.value:
            try:
                _scalar(top, number, coding, event.value, names)
            except (ValueError, OverflowError, struct.error):
                raise _misread(source, event, f"a {coding.rstrip('s')} expected, found {' '.join(event.value)[:40]}") from None
    return _close(stack[0])


def _misread(source: Source, event: Event, what: str) -> Unreadable:
    return Misread(f"{event.name}: {what}", source.place(event.begin, event.end))


def _scalar(top: _Open, number: int, coding: str, value: tuple[str, ...], names: Mapping[str, int]) -> None:
    """Raises ValueError, OverflowError or struct.error: it is no value of that coding."""
    if coding == TEXT:
        if value[0][0] not in "\"'":
            raise ValueError
        _append(top.content, number, b"".join(unescape(part.encode("latin-1")) for part in value))
    elif coding in _CODES:
        one = struct.pack(_CODES[coding], _bounded(coding, float(value[0].rstrip("fF") if value[0][-2:].lower() != "nf" else value[0])))
        if coding in _PACKED:
            top.packed.setdefault(number, bytearray()).extend(one)
        else:
            top.content += _varint(number << 3 | FIXED32) + one
    elif coding in (INT, INTS):
        one = _varint(_integer(value[0], names))
        if coding in _PACKED:
            top.packed.setdefault(number, bytearray()).extend(one)
        else:
            top.content += _varint(number << 3 | VARINT) + one
    else:
        raise ValueError


def _bounded(coding: str, value: float) -> float:
    """What a float takes instead of a number beyond its range."""
    return value if coding == DOUBLES or abs(value) <= 3.4028235677973362e38 else value * float("inf")


def _integer(word: str, names: Mapping[str, int]) -> int:
    """The 64 bits of a number, of true and false, or of an enumeration's value."""
    value = _BOOLS.get(word, names.get(word))
    if value is None:
        octal = len(word.lstrip("-")) > 1 and word.lstrip("-").isdecimal() and word.lstrip("-")[0] == "0"
        value = int(word, 8 if octal else 0)
    if not -(1 << 63) <= value < 1 << 64:
        raise OverflowError
    return value & 0xFFFFFFFFFFFFFFFF


def _close(done: _Open) -> bytes:
    for number, packed in done.packed.items():
        _append(done.content, number, packed)
    return bytes(done.content)


def _append(content: bytearray, number: int, value: bytes | bytearray) -> None:
    content += _varint(number << 3 | BYTES)
    content += _varint(len(value))
    content += value


def _varint(value: int) -> bytes:
    if value < 128:
        return bytes((value,))
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
