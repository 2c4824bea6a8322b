"""Code in languages other than Python, as rules see it: expressions and calls with their names, values and origins.

The grammars differ; these few kinds of nodes do not. `deplint.code.source_tree` makes them from a syntax tree, and what a node means
(`name`, `value`, `origin`, ...) is worked out when asked by `deplint.code.source_meaning`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deplint.code.patterns import matcher
from deplint.finding import Place, Span

if TYPE_CHECKING:
    from deplint.code.source import SourceFile
    from deplint.code.source_scopes import Scope
    from deplint.code.source_tree import Syntax


class Unknown(enum.Enum):
    """The type of `UNKNOWN`. It is falsy and equal to nothing else."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown.UNKNOWN
"""What the value of an expression is when the code does not settle it."""


@dataclass(frozen=True)
class Text:
    """A string of which only some parts are known: each part is a string, or None where something unknown stands."""

    parts: tuple[str | None, ...]

    @property
    def prefix(self) -> str:
        """The known beginning, perhaps empty."""
        return self.parts[0] or ""

    @property
    def suffix(self) -> str:
        """The known end, perhaps empty."""
        return self.parts[-1] or ""


def span(syntax: Syntax) -> Span:
    extent = syntax.range()
    start, end = extent.start, extent.end
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


class Node:
    """A piece of code. `children` are the pieces in it, in the order they are written."""

    __slots__ = ("children", "file", "parent", "scope", "syntax")

    file: SourceFile
    scope: Scope

    def __init__(self, syntax: Syntax, children: Sequence[Node] = ()) -> None:
        self.syntax = syntax
        self.children = children
        self.parent: Node | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.text[:40]!r}>"

    @property
    def text(self) -> str:
        """The code as written."""
        return self.syntax.text()

    @property
    def span(self) -> Span:
        return span(self.syntax)

    @property
    def place(self) -> Place:
        return Place(self.file.path, self.span)

    @property
    def value(self) -> Any:
        """What this is at run time, where the file settles it: None, a bool, int, float or str, a list, a dict with str keys, a `Text`
        (a string with unknown parts); elements and entries may be `UNKNOWN`. Else `UNKNOWN`."""
        return self.file.meaning.value(self)

    @property
    def name(self) -> str:
        """Its dotted name, aliases and imports resolved: ``@tensorflow/tfjs.loadLayersModel``, ``org.tensorflow.lite.Interpreter().run``.

        What a call gave is named after the call, with ``()``, awaited or not. Empty for what has no name.
        """
        return self.file.meaning.name(self)[0]

    @property
    def resolved(self) -> bool:
        """Whether `name` begins with what an import, a `require` or a script tag of this file names."""
        return self.file.meaning.name(self)[1]

    @property
    def origin(self) -> Call | None:
        """The one call whose result this is, through variables, fields, `await`, `.then` and functions of the file; None if there is
        none, or one of several."""
        return self.file.meaning.origin(self)[0]

    @property
    def settled(self) -> bool | None:
        """JavaScript: False if this certainly is what `origin` returned as it is (a promise, if that returns one), True if it certainly
        was awaited, None if either."""
        return self.file.meaning.origin(self)[1]

    @property
    def type(self) -> str:
        """The declared type, resolved like a name, without nullability and type arguments; empty if there is none."""
        return self.file.meaning.type(self)

    @property
    def ancestors(self) -> Iterator[Node]:
        """The nodes around this one, innermost first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    @property
    def function(self) -> Function | None:
        """The innermost function, method, lambda or closure this is written in."""
        return next((n for n in self.ancestors if isinstance(n, Function)), None)

    @property
    def owner(self) -> str:
        """The name of the innermost class this is written in; empty outside classes and in nameless ones."""
        return next((n.id for n in self.ancestors if isinstance(n, Class)), "")

    @property
    def in_loop(self) -> bool:
        """Whether a loop of the same function repeats it."""
        for node in self.ancestors:
            if isinstance(node, Function):
                return False
            if isinstance(node, Loop):
                return True
        return False

    def enclosing(self, *patterns: str) -> Call | None:
        """The innermost call that this is an argument of, or in an argument of (callbacks included), whose name matches."""
        matches = matcher(*patterns or ("**",))
        inner: Node = self
        for node in self.ancestors:
            if isinstance(node, Call) and inner is not node.callee and matches(node.name):
                return node
            inner = node
        return None


class Other(Node):
    """Code of which only what is in it matters; `kind` is the grammar's name for it."""

    __slots__ = ("kind",)

    def __init__(self, syntax: Syntax, children: Sequence[Node], kind: str) -> None:
        super().__init__(syntax, children)
        self.kind = kind


class Literal(Node):
    """A constant."""

    __slots__ = ("constant",)

    def __init__(self, syntax: Syntax, constant: Any) -> None:
        super().__init__(syntax)
        self.constant = constant


class Template(Node):
    """A string with expressions in it; `parts` are strings and nodes."""

    __slots__ = ("parts",)

    def __init__(self, syntax: Syntax, parts: Sequence[str | Node]) -> None:
        super().__init__(syntax, [p for p in parts if isinstance(p, Node)])
        self.parts = parts


class Name(Node):
    """An identifier, read or written."""

    __slots__ = ("id",)

    def __init__(self, syntax: Syntax, id: str) -> None:
        super().__init__(syntax)
        self.id = id


class This(Node):
    """The object a method was called on."""

    __slots__ = ()


class Module(Node):
    """``require("x")`` or ``import("x")``; `kind` is ``require`` or ``dynamic``."""

    __slots__ = ("kind", "module")

    def __init__(self, syntax: Syntax, children: Sequence[Node], module: str, kind: str) -> None:
        super().__init__(syntax, children)
        self.module = module
        self.kind = kind


class Importing(Node):
    """An import declaration. `bound` are (imported name, local name); the imported name is ``*`` for all of the module, ``default``
    for its default export. `kind` is ``import`` or ``export``, the latter for what is passed on to other modules."""

    __slots__ = ("bound", "kind", "module")

    def __init__(self, syntax: Syntax, module: str, bound: Sequence[tuple[str, str]] = (), kind: str = "import") -> None:
        super().__init__(syntax)
        self.module = module
        self.bound = bound
        self.kind = kind


def _expects(call: Call) -> bool:
    if call.method.startswith(("assertThrows", "assertFails", "XCTAssertThrows")):
        return True
    said = call.parent.attribute if call.method == "expect" and isinstance(call.parent, Member) else ""
    return said.startswith("toThrow") or said == "rejects"


class Member(Node):
    """``object.attribute``, also written ``object?.attribute`` or ``object["attribute"]``."""

    __slots__ = ("attribute", "object")

    def __init__(self, syntax: Syntax, object: Node, attribute: str) -> None:
        super().__init__(syntax, [object])
        self.object = object
        self.attribute = attribute


class Index(Node):
    """``object[index]``; the first child is the object."""

    __slots__ = ()


class Await(Node):
    """``await operand``."""

    __slots__ = ("operand",)

    def __init__(self, syntax: Syntax, operand: Node) -> None:
        super().__init__(syntax, [operand])
        self.operand = operand


class Operation(Node):
    """An operator and its one or two operands, the children."""

    __slots__ = ("operator",)

    def __init__(self, syntax: Syntax, operator: str, operands: Sequence[Node]) -> None:
        super().__init__(syntax, operands)
        self.operator = operator


class Convert(Node):
    """A number made another type of number: ``(float) x``. `to` is ``int`` or ``float``."""

    __slots__ = ("operand", "to")

    def __init__(self, syntax: Syntax, to: str, operand: Node) -> None:
        super().__init__(syntax, [operand])
        self.to = to
        self.operand = operand


class Choice(Node):
    """One of several: ``c ? a : b``, ``a || b``, ``a ?? b``, an ``if`` that is a value."""

    __slots__ = ("options",)

    def __init__(self, syntax: Syntax, children: Sequence[Node], options: Sequence[Node]) -> None:
        super().__init__(syntax, children)
        self.options = options


class Array(Node):
    """An array or tuple display. Its elements are the children; `exact` is False if some are spread from elsewhere."""

    __slots__ = ("exact",)

    def __init__(self, syntax: Syntax, items: Sequence[Node], exact: bool = True) -> None:
        super().__init__(syntax, items)
        self.exact = exact


class Object(Node):
    """An object or dictionary display. `entries` are (key, value) in order; `exact` is False if there are computed keys or spreads."""

    __slots__ = ("entries", "exact", "members")

    members: Scope

    def __init__(self, syntax: Syntax, children: Sequence[Node], entries: Sequence[tuple[str, Node]], exact: bool) -> None:
        super().__init__(syntax, children)
        self.entries = entries
        self.exact = exact


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call; `label` is its name where the call names it."""

    label: str
    value: Node


class Call(Node):
    """A call, or the creation of an object (`new`)."""

    __slots__ = ("arguments", "callee", "new")

    def __init__(self, syntax: Syntax, callee: Node, arguments: Sequence[Argument], new: bool = False) -> None:
        super().__init__(syntax, [callee, *(a.value for a in arguments)])
        self.callee = callee
        self.arguments = arguments
        self.new = new

    @property
    def name(self) -> str:
        """The dotted name of what is called, aliases and imports resolved."""
        return self.file.meaning.called(self)[0]

    @property
    def resolved(self) -> bool:
        return self.file.meaning.called(self)[1]

    @property
    def method(self) -> str:
        """The last part of the callee as written: ``predict``."""
        return self.callee.attribute if isinstance(self.callee, Member) else self.callee.id if isinstance(self.callee, Name) else ""

    @property
    def receiver(self) -> Node | None:
        """What the method is called on; None for a plain function."""
        if isinstance(self.callee, Member) and not self.new:
            return self.callee.object
        return self.file.meaning.implicit_receiver(self)

    @property
    def fails_as_expected(self) -> bool:
        """A test wants it to raise: ``assertThrows(E, () -> ...)``, ``assertFailsWith<E> { ... }``, ``XCTAssertThrowsError(try ...)``,
        ``expect(() => ...).toThrow()``."""
        return any(isinstance(around, Call) and _expects(around) for around in self.ancestors)

    def argument(self, name: str | None = None, position: int | None = None) -> Node | None:
        """The argument named `name` (where the language names arguments), else the one at `position`, counted from 0.

        None if it is not given; also if arguments are spread before it.
        """
        for argument in self.arguments:
            if argument.label and argument.label == name:
                return argument.value
        if position is None or position >= len(self.arguments):
            return None
        before = self.arguments[: position + 1]
        if before[-1].label or any(isinstance(a.value, Other) and a.value.kind == SPREAD for a in before):
            return None
        return before[-1].value

    @property
    def awaited(self) -> bool:
        """Whether the result is awaited, returned or chained right where it is made: ``await f()``, ``return f()``, ``f().then(...)``,
        ``Promise.all([f()])``, ``() => f()``. A result kept in a variable and awaited later is not; see `settled`."""
        return self.file.meaning.awaited(self)

    @property
    def discarded(self) -> bool:
        """Whether the call is a statement of its own, its result not used."""
        return isinstance(self.parent, Other) and self.parent.kind == STATEMENT

    @property
    def uses(self) -> list[Call]:
        """The calls of methods on the result of this call, in the order they are written."""
        return self.file.meaning.uses.get(self, [])

    @property
    def settings(self) -> list[Assign]:
        """The assignments to attributes of the result of this call: ``options.threadCount = 2``."""
        return self.file.meaning.settings.get(self, [])

    @property
    def escapes(self) -> bool:
        """Whether code that `uses` and `settings` do not show may get at the result: it is passed on, returned, or stored where other
        files reach it."""
        return self.file.meaning.escapes(self)


class Assign(Node):
    """An assignment to a name, an attribute or a pattern of them; `assigned` is None for ``x++`` and ``x += 1``."""

    __slots__ = ("assigned", "target")

    def __init__(self, syntax: Syntax, target: Node, assigned: Node | None, children: Sequence[Node]) -> None:
        super().__init__(syntax, children)
        self.target = target
        self.assigned = assigned

    @property
    def name(self) -> str:
        """The dotted name of what is assigned: ``onnxruntime-web.env.wasm.numThreads``."""
        return self.file.meaning.target(self.target)[0]

    @property
    def resolved(self) -> bool:
        return self.file.meaning.target(self.target)[1]


class Pattern(Node):
    """Names bound to parts of a value: ``{a, b: [c]}``. `bindings` are (target, path); the path is None where a default may stand in."""

    __slots__ = ("bindings",)

    def __init__(self, syntax: Syntax, children: Sequence[Node], bindings: Sequence[Binding]) -> None:
        super().__init__(syntax, children)
        self.bindings = bindings


Path = tuple[str | int, ...]
Binding = tuple[Node, Path | None]


class Declare(Node):
    """The declaration of a variable, field or parameter.

    `initial` is what it begins as, None if nothing; a parameter's default and a computed property's body are not that, and make it
    `open`: anything may be in it. `closed` means that only this file can assign it, `private` that only this file can see it.
    """

    __slots__ = ("closed", "initial", "kind", "open", "private", "target", "written_type")

    def __init__(self, syntax: Syntax, target: Node, initial: Node | None, children: Sequence[Node], kind: str = "local") -> None:
        super().__init__(syntax, children)
        self.target = target
        self.initial = initial
        self.kind = kind
        """``local``, ``var`` (hoisted), ``field`` or ``parameter``."""
        self.open = kind == "parameter"
        self.closed = True
        self.private = True
        self.written_type = ""


class Block(Node):
    """Statements with names of their own."""

    __slots__ = ()


class Loop(Block):
    """Code that repeats."""

    __slots__ = ()


class Return(Node):
    """``return`` with the value as its child, if there is one."""

    __slots__ = ()


class Function(Node):
    """A function, method, lambda or closure. `id` is its name, or empty.

    `plain` functions (methods, JavaScript's ``function``) have a `this` of their own; arrows, lambdas and closures do not. `results`
    are the expressions it may return; `generator` ones and getters are not called as written.
    """

    __slots__ = ("asynchronous", "generator", "id", "parameters", "plain", "results")

    def __init__(
        self, syntax: Syntax, id: str, parameters: Sequence[Declare], body: Sequence[Node], *, plain: bool, asynchronous: bool = False
    ) -> None:
        super().__init__(syntax, [*parameters, *body])
        self.id = id
        self.parameters = parameters
        self.plain = plain
        self.asynchronous = asynchronous
        self.generator = False
        self.results: list[Node] = []


class Class(Node):
    """A class, interface, struct, enumeration or named object. `derived` means that it extends or implements something."""

    __slots__ = ("derived", "id", "members")

    members: Scope

    def __init__(self, syntax: Syntax, id: str, body: Sequence[Node], derived: bool) -> None:
        super().__init__(syntax, body)
        self.id = id
        self.derived = derived


STATEMENT = "statement"
"""The kind of an `Other` that is one expression for its effect."""

SPREAD = "spread"
"""The kind of an `Other` that stands for several elements."""
