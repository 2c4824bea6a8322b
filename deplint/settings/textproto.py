"""Protobuf's text format as a tree with places: no schema, every field repeated, both list syntaxes, nothing thrown away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from deplint.finding import Place
from deplint.settings.text import Misread, Source, Word, number

_DEEPEST = 64
_MOST_FIELDS = 50_000

_TOKEN = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*)
    |(?P<separator>[,;])
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<name>[A-Za-z_][\w.]*)
    |(?P<number>-?[\w.][\w.+-]*)
    |(?P<extension>\[[ \t]*[A-Za-z_][\w./%-]*[ \t]*\](?=\s*[:{<]))
    |(?P<sign>[:{}<>\[\]-])""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


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
    return _Parser(Source(path, text)).message()


class _Parser:
    """Recursive descent with a stack of its own."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tokens = self._tokens()
        self.kind, self.text, self.start, self.end = next(self.tokens)

    def _tokens(self) -> Iterator[tuple[str, str, int, int]]:
        text, at = self.source.text, 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise Misread(f"not protobuf text: {text[at : at + 20]!r}", self.source.place(at))
            if match.lastgroup != "skip":
                yield match.lastgroup or "", match.group(), match.start(), match.end()
            at = match.end()
        yield "end", "the end of the file", at, at

    def advance(self) -> None:
        if self.kind != "end":
            self.kind, self.text, self.start, self.end = next(self.tokens)

    def fail(self, expected: str) -> Misread:
        return Misread(f"not protobuf text: {expected} expected, found {self.text[:40]!r}", self.source.place(self.start))

    def message(self) -> Message:
        root = Message(Place(self.source.path))
        stack = [(root, "end", "")]
        fields = 0
        while True:
            message, closing, listed = stack[-1]
            if self.kind == "separator":
                self.advance()
                continue
            if listed:  # within [ ... ] of messages
                if self.text == "]":
                    self.advance()
                    stack[-1] = (message, closing, "")
                elif self.text in ("{", "<"):
                    self.open(stack, listed)
                else:
                    raise self.fail("a message or ]")
                continue
            if self.kind == "end" or (self.kind == "sign" and self.text == closing):
                if (self.kind == "end") != (closing == "end"):
                    raise self.fail(closing)
                self.advance()
                stack.pop()
                if not stack:
                    return root
                continue
            fields += 1
            if fields > _MOST_FIELDS:
                raise Misread(f"more than {_MOST_FIELDS:,} fields", self.source.place(self.start))
            self.field(stack)

    def open(self, stack: list[tuple[Message, str, str]], name: str) -> None:
        if len(stack) > _DEEPEST:
            raise Misread(f"messages nested more than {_DEEPEST} deep", self.source.place(self.start))
        nested = Message(self.source.place(self.start))
        stack[-1][0].fields.setdefault(name, []).append(nested)
        closing = "}" if self.text == "{" else ">"
        self.advance()
        stack.append((nested, closing, ""))

    def field(self, stack: list[tuple[Message, str, str]]) -> None:
        if self.kind not in ("name", "extension", "number"):
            raise self.fail("a field's name")
        name, at = self.text.strip("[] \t"), self.start
        self.advance()
        colon = self.kind == "sign" and self.text == ":"
        if colon:
            self.advance()
        message = stack[-1][0]
        if self.kind == "sign" and self.text in ("{", "<"):
            self.open(stack, name)
        elif self.kind == "sign" and self.text == "[":
            self.advance()
            if self.kind == "sign" and self.text in ("{", "<"):
                stack[-1] = (message, stack[-1][1], name)
                return
            values = message.fields.setdefault(name, [])
            while not (self.kind == "sign" and self.text == "]"):
                if self.kind != "separator":
                    values.append(self.scalar(None))
                else:
                    self.advance()
            self.advance()
        elif colon:
            message.fields.setdefault(name, []).append(self.scalar(at))
        else:
            raise self.fail(": or {")

    def scalar(self, start: int | None) -> Word:
        """A scalar; its place starts at `start` (that of its field), or where it stands. Strings that follow each other are one."""
        begin = self.start if start is None else start
        negative = self.kind == "sign" and self.text == "-"
        if negative:
            self.advance()
        parts, written, end = [], self.start, self.end
        if self.kind == "string" and not negative:
            while self.kind == "string":
                parts.append(_ESCAPE.sub(_unescaped, self.text[1:-1]))
                end = self.end
                self.advance()
        elif self.kind in ("name", "number"):
            parts.append(self.text)
            self.advance()
        else:
            raise self.fail("a value")
        return Word("-" * negative + "".join(parts), self.source.place(begin, end), self.source.text[written:end])


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] in "xuU" and len(code) > 1:
        value = int(code[1:], 16)
        return chr(value) if value < 0x110000 else "\ufffd"
    return chr(int(code, 8)) if code[0].isdigit() and code[0] in "01234567" else _ESCAPES.get(code, code)
