"""Protobuf's text format: what a text says in order (`events`), and as a tree with places (`parse`). No schema, every field repeated, both
list syntaxes, nothing thrown away.

Source: https://protobuf.dev/reference/protobuf/textformat-spec/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from deplint.finding import Place
from deplint.settings.text import Misread, Source, Word, number

_DEEPEST = 64
_MOST_FIELDS = 50_000

_TOKEN = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*)
    |(?P<separator>[,;][\s,;]*)
    |(?P<string>["'])
    |(?P<name>[A-Za-z_][\w.]*)
    |(?P<number>-?[\w.][\w.+-]*)
    |(?P<extension>\[[ \t]*[A-Za-z_][\w./%-]*[ \t]*\](?=\s*[:{<]))
    |(?P<sign>[:{}<>\[\]-])""",
    re.VERBOSE,
)
_STEP = re.compile(
    r"""[\s,;]*(?:(\})|([A-Za-z_]\w*)\s*(?::?\s*(\{)|:\s*(-?[A-Za-z0-9_.][\w.+-]*(?=[\s,;}])|
    "[^"\\\n]*"(?!\s*["'\#])|'[^'\\\n]*'(?!\s*["'\#]))))""",
    re.VERBOSE,
)
"""How nearly all of a text that a program wrote looks: ``}``, ``name {``, ``name: scalar``. Any other is taken token by token."""

_ESCAPE = re.compile(rb"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_OCTAL = {b"%03o" % value: bytes([value]) for value in range(256)}
"""What programs write most, at hand."""


class Event(NamedTuple):
    """A step through a text. `what` is ``{`` where the message of a field begins, ``}`` where one ends, ``=`` for a scalar.

    `name` is the field's. `begin` is where the field is written (within a list: the value), `start` to `end` where its value is. `value`
    is a scalar's: its strings as they are written, with quotes, or one bare word, with its sign.
    """

    what: str
    name: str
    begin: int
    start: int
    end: int
    value: tuple[str, ...] = ()


@dataclass
class Message:
    """A message: its fields by name, each with all its values in order. A value is a `Word` (strings without quotes, numbers and
    enumerators as written) or a `Message`."""

    place: Place
    fields: dict[str, list[Word | Message]] = field(default_factory=dict)

    def all(self, name: str) -> list[Message]:
        """The messages of a repeated field."""
        return [value for value in self.fields.get(name, ()) if isinstance(value, Message)]

    def words(self, name: str) -> list[Word]:
        """The scalars of a repeated field."""
        return [value for value in self.fields.get(name, ()) if isinstance(value, Word)]

    def get(self, name: str) -> Message | None:
        """The message of a singular field (the last one written)."""
        return next(reversed(self.all(name)), None)

    def word(self, name: str) -> Word | None:
        """The scalar of a singular field (the last one written)."""
        return next(reversed(self.words(name)), None)

    def text(self, name: str) -> str:
        """The text of a singular scalar field; empty where it is not written."""
        word = self.word(name)
        return (word.text or "") if word else ""

    def integer(self, name: str) -> int | None:
        return number(self.text(name))

    def integers(self, name: str) -> list[int]:
        return [value for value in (word.number for word in self.words(name)) if value is not None]


def parse(path: str, text: str) -> Message:
    """The message that `text` is.

    Raises:
        Misread: it is not text format, nested too deep, or has too many fields.
    """
    source = Source(path, text)
    root = Message(Place(path))
    stack = [root]
    for event in events(source):
        if event.what == "}":
            stack.pop()
        elif event.what == "{":
            nested = Message(source.place(event.start))
            stack[-1].fields.setdefault(event.name, []).append(nested)
            stack.append(nested)
        else:
            values = stack[-1].fields.setdefault(event.name, [])
            if event.value:
                meant = b"".join(unescape(part.encode("utf-8", "surrogatepass")) for part in event.value)
                values.append(Word(_text(meant), source.place(event.begin, event.end), text[event.start : event.end]))
    return root


def _text(meant: bytes) -> str:
    try:
        return meant.decode()
    except UnicodeDecodeError:  # a field of bytes
        return meant.decode("latin-1")


def events(source: Source, most: int = _MOST_FIELDS) -> Iterator[Event]:
    """What the text says, in order. An empty list is a scalar without a value.

    Raises:
        Misread: it is not text format, nested too deep, or has more than `most` fields.
    """
    return _Parser(source, most).events()


def unescape(written: bytes) -> bytes:
    """What a string in quotes stands for; a bare word is itself."""
    if written[:1] not in (b'"', b"'"):
        return written
    if b"\\" not in written:
        return written[1:-1]
    return _ESCAPE.sub(lambda match: _OCTAL.get(match[1]) or _unescaped(match), written[1:-1])


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if code[:1] in b"uU" and len(code) > 1:
        value = int(code[1:], 16)
        return chr(value).encode("utf-8", "replace") if value < 0x110000 else "\ufffd".encode()
    if code[:1] == b"x" and len(code) > 1:
        return bytes([int(code[1:], 16)])
    return bytes([int(code, 8) & 255]) if code.isdigit() and code[:1] in b"01234567" else _ESCAPES.get(code, code)


class _Parser:
    """Recursive descent with a stack of its own: what closes each open message, and the field whose list of messages is being read.

    `at` is how far the text has been taken; `kind`, `text`, `start` and `end` are the token that begins there, once looked at.
    """

    def __init__(self, source: Source, most: int) -> None:
        self.source, self.most = source, most
        self.at = self.start = self.end = 0
        self.kind = self.text = ""
        self.stack: list[tuple[str, str]] = [("end", "")]

    def look(self) -> None:
        """Look at the token that begins where the text has been taken to."""
        text, at = self.source.text, self.at
        while at < len(text):
            match = _TOKEN.match(text, at)
            end = match.end() if match else at
            if match and match.lastgroup == "string":
                end = _string_end(text, at)
            if end == at or match is None:
                raise Misread(f"not protobuf text: {text[at : at + 20]!r}", self.source.place(at))
            if match.lastgroup != "skip":
                self.kind, self.text, self.start, self.end = match.lastgroup or "", text[at:end], at, end
                return
            at = end
        self.kind, self.text, self.start, self.end = "end", "the end of the file", at, at

    def advance(self) -> None:
        self.at = self.end
        self.look()

    def fail(self, expected: str) -> Misread:
        return Misread(f"not protobuf text: {expected} expected, found {self.text[:40]!r}", self.source.place(self.start))

    def sign(self, *signs: str) -> bool:
        return self.kind == "sign" and self.text in signs

    def events(self) -> Iterator[Event]:
        stack, text, step, fields = self.stack, self.source.text, _STEP.match, 0
        while True:
            closing, listed = stack[-1]
            quick = None if listed else step(text, self.at)
            if quick is not None:
                closes, name, _, value = quick.groups()
                if not closes:
                    fields += 1
                    if fields > self.most:
                        raise Misread(f"more than {self.most:,} fields", self.source.place(quick.start(2)))
                    if value:
                        self.at = quick.end()
                        yield Event("=", name, quick.start(2), quick.start(4), self.at, (value,))
                        continue
                    if len(stack) <= _DEEPEST:
                        self.at = quick.end()
                        stack.append(("}", ""))
                        yield Event("{", name, quick.start(2), quick.start(3), self.at)
                        continue
                elif closing == "}":
                    self.at = quick.end()
                    stack.pop()
                    yield Event("}", "", self.at - 1, self.at - 1, self.at)
                    continue
            self.look()
            if self.kind == "separator":
                self.at = self.end
            elif listed:  # within [ ... ] of messages
                if self.sign("]"):
                    self.at = self.end
                    stack[-1] = (closing, "")
                elif self.sign("{", "<"):
                    yield self.open(listed, self.start)
                else:
                    raise self.fail("a message or ]")
            elif self.kind == "end" or self.sign(closing):
                if (self.kind == "end") != (closing == "end"):
                    raise self.fail(closing)
                stack.pop()
                if not stack:
                    return
                self.at = self.end
                yield Event("}", "", self.start, self.start, self.end)
            else:
                fields += 1
                if fields > self.most:
                    raise Misread(f"more than {self.most:,} fields", self.source.place(self.start))
                yield from self.field()

    def open(self, name: str, begin: int) -> Event:
        if len(self.stack) > _DEEPEST:
            raise Misread(f"messages nested more than {_DEEPEST} deep", self.source.place(self.start))
        event = Event("{", name, begin, self.start, self.end)
        self.stack.append(("}" if self.text == "{" else ">", ""))
        self.at = self.end
        return event

    def field(self) -> Iterator[Event]:
        if self.kind not in ("name", "extension", "number"):
            raise self.fail("a field's name")
        name, at = self.text.strip("[] \t"), self.start
        self.advance()
        colon = self.sign(":")
        if colon:
            self.advance()
        if self.sign("{", "<"):
            yield self.open(name, at)
        elif self.sign("["):
            self.advance()
            if self.sign("{", "<"):
                self.stack[-1] = (self.stack[-1][0], name)
                self.at = self.start
                return
            empty = True
            while not self.sign("]"):
                if self.kind != "separator":
                    yield self.scalar(name, None)
                    empty = False
                else:
                    self.advance()
            if empty:
                yield Event("=", name, at, self.start, self.start)
            self.at = self.end
        elif colon:
            yield self.scalar(name, at)
            self.at = self.start
        else:
            raise self.fail(": or {")

    def scalar(self, name: str, begin: int | None) -> Event:
        """A scalar. Strings that follow each other are one."""
        first = self.start
        negative = self.sign("-")
        if negative:
            self.advance()
        parts, start, end = [], self.start, self.end
        if self.kind == "string" and not negative:
            while self.kind == "string":
                parts.append(self.text)
                end = self.end
                self.advance()
        elif self.kind in ("name", "number"):
            parts.append("-" * negative + self.text)
            self.advance()
        else:
            raise self.fail("a value")
        return Event("=", name, first if begin is None else begin, start, end, tuple(parts))


def _string_end(text: str, at: int) -> int:
    """Where the string ends whose quote is at `at`; `at` itself if its line ends first. (A pattern would take memory for each escape.)"""
    end = at
    while (end := text.find(text[at], end + 1)) >= 0:
        last = end - 1
        while text[last] == "\\":
            last -= 1
        if (end - last) % 2:
            return at if text.find("\n", at, end) >= 0 else end + 1
    return at
