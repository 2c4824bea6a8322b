"""Gradle scripts, Groovy or Kotlin, as nested statements: tokens with places, brackets matched, nothing evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from deplint.finding import Place
from deplint.settings.text import Misread, Source

_DEEPEST = 64
_MOST_TOKENS = 100_000

_TOKEN = re.compile(
    r"""(?P<skip>[ \t\f]+|\\\n|//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z))
    |(?P<end>\n|;)
    |(?P<long>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*''')
    |(?P<string>"(?:[^"\\\n$]|\\.|\$(?!\{)|\$\{[^{}\n]*\})*"|'(?:[^'\\\n]|\\.)*')
    |(?P<name>[A-Za-z_][\w$]*|`[^`\n]+`)
    |(?P<number>[0-9][\w.]*)
    |(?P<sign>\+=|->|\?\.|\?:|::|[=!<>]=|&&|\|\||.)""",
    re.VERBOSE,
)
_CONTINUING = {",", "=", "+=", "+", ".", "?.", ":", "?", "?:", "&&", "||", "->"}
_CLOSES = {")": "(", "]": "[", "}": "{"}


@dataclass
class Token:
    """`kind` is ``string`` (`text` without quotes, escapes left alone), ``name``, ``number`` or ``sign``. `template` says that variables
    in a string are replaced (double quotes)."""

    kind: str
    text: str
    place: Place
    template: bool = False


@dataclass
class Group:
    """What brackets hold: `items` of ``(`` and ``[`` (commas included), `statements` of ``{``."""

    bracket: str
    place: Place
    items: list[Item] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)


Item = Token | Group


@dataclass
class Statement:
    """One statement: ``implementation 'a:b:1'``, ``minSdk = 21``, ``android { ... }``."""

    items: list[Item] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return self.items[0].place

    @property
    def _head(self) -> int:
        """How many items the leading dotted name takes."""
        items = self.items
        if not isinstance(items[0], Token) or items[0].kind not in ("name", "string"):
            return 0
        n = 1
        while n + 1 < len(items) and sign(items[n]) in (".", "?.") and isinstance(items[n + 1], Token):
            n += 2
        return n

    @property
    def name(self) -> str:
        """The leading name with its dots; empty if the statement does not begin with one."""
        return "".join(item.text for item in self.items[: self._head] if isinstance(item, Token))

    @property
    def operator(self) -> str:
        """``=`` or ``+=`` after the name, else empty."""
        rest = self.items[self._head :]
        text = sign(rest[0]) if rest else ""
        return text if text in ("=", "+=") else ""

    @property
    def block(self) -> list[Statement] | None:
        """The statements in the braces at the end."""
        last = self.items[-1]
        return last.statements if isinstance(last, Group) and last.bracket == "{" else None

    @property
    def arguments(self) -> list[list[Item]]:
        """What is given: in parentheses after the name, or bare, or after the operator; each a list of items."""
        rest = self.items[self._head :]
        if rest and isinstance(rest[-1], Group) and rest[-1].bracket == "{":
            rest = rest[:-1]
        if self.operator:
            rest = rest[1:]
        elif len(rest) == 1 and isinstance(rest[0], Group) and rest[0].bracket == "(":
            rest = rest[0].items
        return split(rest)


def sign(item: Item) -> str:
    """The text of a sign; empty for anything else."""
    return item.text if isinstance(item, Token) and item.kind == "sign" else ""


def split(items: list[Item]) -> list[list[Item]]:
    """Items between commas."""
    parts: list[list[Item]] = [[]]
    for item in items:
        if sign(item) == ",":
            parts.append([])
        else:
            parts[-1].append(item)
    return [part for part in parts if part]


def find(statements: list[Statement], path: tuple[str, ...]) -> Iterator[Statement]:
    """The statements with these names within each other's blocks."""
    for statement in statements:
        if statement.name == path[0]:
            if len(path) == 1:
                yield statement
            else:
                yield from find(statement.block or [], path[1:])


def parse(path: str, text: str) -> list[Statement]:
    """The statements of a script. Brackets that do not match are passed over.

    Raises:
        Misread: it is nested too deep or has too many tokens.
    """
    source = Source(path, text)
    root = Group("{", Place(path))
    stack, current = [root], Statement()
    waiting: list[Statement] = []  # the statements that the groups in `stack` interrupt
    for count, match in enumerate(_TOKEN.finditer(text)):
        if count > _MOST_TOKENS:
            raise Misread(f"more than {_MOST_TOKENS:,} tokens", source.place(match.start()))
        kind, content = match.lastgroup, match.group()
        top = stack[-1]
        if kind == "skip":
            continue
        if kind == "end":
            if top.bracket == "{" and current.items and not (content == "\n" and sign(current.items[-1]) in _CONTINUING):
                top.statements.append(current)
                current = Statement()
            continue
        place = source.place(match.start(), match.end())
        if content in ("(", "[", "{"):
            if len(stack) > _DEEPEST:
                raise Misread(f"brackets nested more than {_DEEPEST} deep", place)
            if content == "{" and top.bracket == "{" and not current.items and top.statements and top.statements[-1].block is None:
                current = top.statements.pop()  # the brace of a block on the next line
            group = Group(content, place)
            (current.items if top.bracket == "{" else top.items).append(group)
            stack.append(group)
            waiting.append(current)
            if content == "{":
                current = Statement()
        elif content in _CLOSES:
            if any(group.bracket == _CLOSES[content] for group in stack[1:]):
                while True:
                    closed = stack.pop()
                    if closed.bracket == "{" and current.items:
                        closed.statements.append(current)
                    current = waiting.pop()
                    if closed.bracket == _CLOSES[content]:
                        break
        else:
            token = _token(kind or "", content, place)
            (current.items if top.bracket == "{" else top.items).append(token)
    while len(stack) > 1:
        closed = stack.pop()
        if closed.bracket == "{" and current.items:
            closed.statements.append(current)
        current = waiting.pop()
    if current.items:
        root.statements.append(current)
    return root.statements


def _token(kind: str, content: str, place: Place) -> Token:
    if kind in ("long", "string"):
        return Token("string", content[3:-3] if kind == "long" else content[1:-1], place, content[0] == '"')
    return Token(kind, content.strip("`") if kind == "name" else content, place)
