"""From text to nodes: parses with tree-sitter (through ast-grep) and turns the syntax tree into `deplint.code.source_nodes`.

Each language is a `Grammar`: a table from the kinds of its syntax tree to functions that build a node. Trees are walked without
recursion, to a bounded depth and number of nodes; what lies beyond is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

from deplint.code.source_nodes import (
    SPREAD,
    STATEMENT,
    UNKNOWN,
    Array,
    Assign,
    Await,
    Binding,
    Block,
    Choice,
    Literal,
    Loop,
    Member,
    Name,
    Node,
    Operation,
    Other,
    Path,
    Pattern,
    Return,
    Template,
    This,
)

DEPTH = 600
"""Levels of a syntax tree that are looked at."""

LENGTH = 1 << 20
"""Characters of code beyond which it is not understood at all."""

NODES = 100_000
"""Nodes of a syntax tree beyond which it is not, either."""


class Position(Protocol):
    """Counted from 0, in characters."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def index(self) -> int: ...


class Extent(Protocol):
    @property
    def start(self) -> Position: ...
    @property
    def end(self) -> Position: ...


class Syntax(Protocol):
    """A node of the parser's tree."""

    def kind(self) -> str: ...
    def is_named(self) -> bool: ...
    def text(self) -> str: ...
    def range(self) -> Extent: ...
    def children(self) -> Sequence[Syntax]: ...
    def named_children(self) -> Sequence[Syntax]: ...


class Rewritten(Protocol):
    """A text in another language than it was written in."""

    @property
    def text(self) -> str: ...

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that characters `start` to `end` stand for."""

    def written(self, start: int, end: int) -> str:
        """The original from `start` to `end`."""

    def position(self, index: int) -> tuple[int, int]:
        """The line and column of a character of the original, counted from 0."""


@dataclass(frozen=True, slots=True)
class At:
    line: int
    column: int
    index: int


@dataclass(frozen=True, slots=True)
class Between:
    start: At
    end: At


class Moved:
    """A node of the tree of a rewritten text, at its place in the original. The text of names and constants is what they were made;
    that of others is the original's."""

    __slots__ = ("inner", "source")

    def __init__(self, inner: Syntax, source: Rewritten) -> None:
        self.inner = inner
        self.source = source

    def kind(self) -> str:
        return self.inner.kind()

    def is_named(self) -> bool:
        return self.inner.is_named()

    def children(self) -> Sequence[Syntax]:
        return [Moved(child, self.source) for child in self.inner.children()]

    def named_children(self) -> Sequence[Syntax]:
        return [Moved(child, self.source) for child in self.inner.named_children()]

    def text(self) -> str:
        if not self.inner.named_children():
            return self.inner.text()
        return self.source.written(*self._stretch())

    def range(self) -> Extent:
        first, last = self._stretch()
        return Between(At(*self.source.position(first), first), At(*self.source.position(last), last))

    def _stretch(self) -> tuple[int, int]:
        extent = self.inner.range()
        return self.source.original(extent.start.index, extent.end.index)


class Raw:
    """A node of the parser's tree with what was made of it. `kids` are its named children without comments."""

    __slots__ = ("depth", "kids", "kind", "node", "syntax")

    def __init__(self, syntax: Syntax, kind: str, depth: int) -> None:
        self.syntax = syntax
        self.kind = kind
        self.depth = depth
        self.kids: list[Raw] = []
        self.node: Node | None = None

    @property
    def text(self) -> str:
        return self.syntax.text()

    @property
    def nodes(self) -> list[Node]:
        return [kid.node for kid in self.kids if kid.node is not None]

    @property
    def tokens(self) -> list[str]:
        """The kinds of all children, keywords and punctuation included."""
        return [child.kind() for child in self.syntax.children()]

    def kid(self, *kinds: str) -> Raw | None:
        return next((kid for kid in self.kids if kid.kind in kinds), None)

    def some(self) -> Node:
        """The node, or one that stands for code nothing was made of."""
        if self.node is None:
            self.node = Other(self.syntax, (), self.kind)
        return self.node


Build = Callable[[Raw], Node | None]


@dataclass(frozen=True)
class Grammar:
    """How one language's syntax becomes nodes.

    `build` makes nodes of some kinds; of the others, those in `through` are what the last node in them is (parentheses and the like),
    and the rest become `Other`. Kinds in `skip` are not looked into (types and the like).
    """

    name: str
    build: Mapping[str, Build]
    through: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    nested: str = ""
    """A token whose nesting overflows the parser's own memory when there are many hundreds."""
    rewrite: Callable[[str], Rewritten | None] | None = None
    """Makes of the language the one that the parser knows as `name`, or None of what is too much."""


@dataclass
class Tree:
    """`root` is None for text that could not be made sense of, for the reason in `problem`."""

    root: Node | None = None
    comments: list[Syntax] = field(default_factory=list)
    problem: str = ""


def parse(text: str, grammar: Grammar) -> Tree:
    """The nodes of `text`."""
    if len(text) > LENGTH:
        return Tree(problem=f"more than {LENGTH:,} characters of code")
    if grammar.nested and text.count(grammar.nested) > 400:
        return Tree(problem="more nested strings than the parser can take")
    parser: Any = import_module("ast_grep_py")
    if grammar.rewrite is None:
        syntax: Syntax = parser.SgRoot(text, grammar.name).root()
    else:
        source = grammar.rewrite(text)
        if source is None:
            return Tree(problem="longer or more deeply nested than a person writes")
        syntax = Moved(parser.SgRoot(source.text, grammar.name).root(), source)
    tree = Tree()
    order = _walk(syntax, grammar, tree)
    if order is None:
        return tree
    for raw in reversed(order):
        build = grammar.build.get(raw.kind)
        if build:
            try:
                raw.node = build(raw)
            except IndexError:  # parts are missing where the text is broken or the tree was cut
                raw.node = other(raw)
        elif raw.kind in grammar.through:
            raw.node = last(raw)
        else:
            raw.node = other(raw)
    tree.root = order[0].some()
    return tree


def _walk(syntax: Syntax, grammar: Grammar, tree: Tree) -> list[Raw] | None:
    """The tree in the order it is written, or None (and `tree.problem`) if it is too large or mostly errors."""
    order: list[Raw] = []
    stack = [Raw(syntax, syntax.kind(), 0)]
    while stack:
        raw = stack.pop()
        order.append(raw)
        if raw.kind in grammar.skip or raw.depth > DEPTH:
            continue
        for child in raw.syntax.named_children():
            kind = child.kind()
            if kind.endswith("comment"):
                tree.comments.append(child)
            else:
                raw.kids.append(Raw(child, kind, raw.depth + 1))
        stack.extend(reversed(raw.kids))
        if len(order) > NODES:
            tree.problem = f"more than {NODES:,} syntax nodes"
            return None
    leaves = sum(not raw.kids for raw in order)
    lost = sum(sum(not kid.kids for kid in raw.kids) or not raw.kids for raw in order if raw.kind == "ERROR")
    if lost * 2 > leaves:
        tree.problem = "mostly syntax errors"
        return None
    return order


# What the grammars have in common.


def other(raw: Raw) -> Node | None:
    nodes = raw.nodes
    return Other(raw.syntax, nodes, raw.kind) if nodes else None


def last(raw: Raw) -> Node | None:
    nodes = raw.nodes
    return nodes[-1] if nodes else None


def nothing(raw: Raw) -> None:
    return None


def statement(raw: Raw) -> Node | None:
    return Other(raw.syntax, raw.nodes, STATEMENT)


def spread(raw: Raw) -> Node | None:
    return Other(raw.syntax, raw.nodes, SPREAD)


def block(raw: Raw) -> Node:
    return Block(raw.syntax, raw.nodes)


def loop(raw: Raw) -> Node:
    return Loop(raw.syntax, raw.nodes)


def returned(raw: Raw) -> Node:
    return Return(raw.syntax, raw.nodes)


def awaited(raw: Raw) -> Node | None:
    operand = last(raw)
    return Await(raw.syntax, operand) if operand else None


def name(raw: Raw) -> Node:
    return Name(raw.syntax, raw.text)


def this(raw: Raw) -> Node:
    return This(raw.syntax)


def null(raw: Raw) -> Node:
    return Literal(raw.syntax, None)


def boolean(raw: Raw) -> Node:
    return Literal(raw.syntax, raw.text == "true")


def number(raw: Raw) -> Node:
    return Literal(raw.syntax, numeral(raw.text))


def numeral(text: str) -> Any:
    """The number a numeral stands for in any of the languages, or `UNKNOWN`."""
    digits = text.replace("_", "").lower()
    if len(digits) > 40:
        return UNKNOWN
    try:
        if digits[:2] in ("0x", "0b", "0o"):
            return int(digits.rstrip("lun"), 0)
        digits = digits.rstrip("lun")
        return int(digits) if re.fullmatch("0|[1-9][0-9]*", digits) else float(digits.rstrip("fd"))
    except ValueError:
        return UNKNOWN


def operator(raw: Raw) -> str:
    """The sign between two operands, or before the only one."""
    named = {kid.kind for kid in raw.kids}
    return next((token for token in raw.tokens if token not in named and token not in "()"), "")


def binary(raw: Raw) -> Node | None:
    """An operation; a choice for the operators that give one of their operands."""
    if len(raw.kids) != 2:
        return other(raw)
    sign = operator(raw)
    operands = [kid.some() for kid in raw.kids]
    if sign in ("||", "??", "?:"):
        return Choice(raw.syntax, operands, operands)
    if sign == "&&":
        return Choice(raw.syntax, operands, operands[1:])
    return Operation(raw.syntax, sign, operands)


def unary(raw: Raw) -> Node | None:
    nodes = raw.nodes
    return Operation(raw.syntax, operator(raw), nodes[-1:]) if nodes else None


def ternary(raw: Raw) -> Node | None:
    if len(raw.kids) != 3:
        return other(raw)
    nodes = [kid.some() for kid in raw.kids]
    return Choice(raw.syntax, nodes, nodes[1:])


def array(raw: Raw) -> Node:
    items = [kid.some() for kid in raw.kids]
    return Array(raw.syntax, items, not any(isinstance(i, Other) and i.kind == SPREAD for i in items))


def update(raw: Raw) -> Node | None:
    """``x++``."""
    target = last(raw)
    return Assign(raw.syntax, target, None, [target]) if target else None


_ASSIGNING = frozenset({"=", "??=", "||=", "&&="})


def assignment(raw: Raw) -> Node | None:
    """``x = y``, or where x is nothing yet ``x ??= y``; ``x += y`` assigns something unknown."""
    if not raw.kids or raw.kids[0].node is None:
        return other(raw)
    target = raw.kids[0].node
    plain = not _ASSIGNING.isdisjoint(raw.tokens)
    assigned = raw.kids[-1].some() if len(raw.kids) > 1 else None
    return Assign(raw.syntax, target, assigned if plain else None, [target, *([assigned] if assigned else [])])


def pattern(raw: Raw, children: Sequence[Node], parts: Sequence[tuple[Node, Path | None]]) -> Node:
    """A pattern of targets, which may be patterns themselves, and where in the value each is."""
    bindings: list[Binding] = []
    for target, path in parts:
        if isinstance(target, Pattern):
            for inner, rest in target.bindings:
                bindings.append((inner, None if path is None or rest is None else path + rest))
        elif isinstance(target, (Name, Member)):
            bindings.append((target, path))
    return Pattern(raw.syntax, children, bindings)


def dotted(raw: Raw, text: str) -> Node:
    """A name with dots, as nodes: ``Interpreter.Options``."""
    first, *rest = re.sub(r"<.*>|\s", "", text).split(".")
    node: Node = Name(raw.syntax, first)
    for attribute in rest:
        node = Member(raw.syntax, node, attribute)
    return node


def string(raw: Raw, parts: Sequence[str | Node]) -> Node:
    """A string from its pieces: a literal if all are known."""
    if any(isinstance(p, Node) for p in parts):
        return Template(raw.syntax, parts)
    return Literal(raw.syntax, _whole("".join(p for p in parts if isinstance(p, str))))


_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\n|.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "s": " ", "\n": ""}


def unescape(text: str) -> str:
    """`text` with backslash sequences replaced, those of all the languages alike."""

    def replace(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code is None:
            return _ESCAPED.get(match[4], match[4])
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else ""

    return _ESCAPE.sub(replace, text) if "\\" in text else text


def _whole(text: str) -> str:
    """`text` with surrogates, which escapes may have made, joined or replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
