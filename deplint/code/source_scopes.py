"""Scopes and variables of a file in a language other than Python: what declares a name, and all that is assigned to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from deplint.code.source_nodes import (
    Assign,
    Block,
    Call,
    Class,
    Declare,
    Function,
    Importing,
    Literal,
    Loop,
    Member,
    Name,
    Node,
    Object,
    Other,
    Path,
    Pattern,
    Return,
)
from deplint.finding import Place

if TYPE_CHECKING:
    from deplint.code.source import SourceFile


class Scope:
    """Names that hold in a stretch of code; for a class or an object, its members. `kind` is file, function, block or class."""

    __slots__ = ("kind", "names", "node", "parent")

    def __init__(self, kind: str, node: Node | None, parent: Scope | None) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.names: dict[str, Variable] = {}

    @property
    def derived(self) -> bool:
        return isinstance(self.node, Class) and self.node.derived


class Write(NamedTuple):
    """One assignment: the part at `path` of `source`, awaited if `settled`. A source of None is anything at all; `declares` means that
    the variable never had another value before."""

    source: Node | None
    path: Path = ()
    settled: bool = False
    declares: bool = False


class Variable:
    """A variable, constant, field, parameter, import or function, and all that the file assigns to it."""

    __slots__ = ("closed", "complete", "home", "imported", "name", "node", "open", "private", "type", "writes")

    def __init__(self, name: str, home: Scope | Variable, node: Node | None = None) -> None:
        self.name = name
        self.home = home
        """Where it belongs: the scope, or for an attribute the variable that holds it."""
        self.node = node
        self.type = ""
        """The declared type as written."""
        self.imported = ""
        self.writes: list[Write] = []
        self.open = False
        """Something unseen may assign it."""
        self.closed = True
        """Only this file can assign it."""
        self.private = True
        """Only this file can see it, as far as its declaration tells."""
        self.complete = False
        """The assignments that reach it through objects are among its writes."""

    def __repr__(self) -> str:
        return f"<Variable {self.name}>"

    @property
    def place(self) -> Place:
        """Where its name is declared."""
        assert self.node is not None
        return self.node.place

    @property
    def value(self) -> Any:
        """Its value if it is assigned once, where it is declared, and nothing outside the file can assign it; else `UNKNOWN`."""
        assert self.node is not None
        return self.node.file.meaning.variable_value(self)

    @property
    def owner(self) -> str:
        """The class it is a field of; empty for others."""
        home = self.home
        return home.node.id if isinstance(home, Scope) and isinstance(home.node, Class) else ""

    @property
    def function(self) -> Function | None:
        """The function it is local to."""
        return self.node.function if self.node is not None else None

    @property
    def sources(self) -> list[Write]:
        """The writes that are not null, which tells nothing of what is used."""
        return [w for w in self.writes if not (isinstance(w.source, Literal) and w.source.constant is None)]


Holder = Scope | Variable
"""What has attributes: a class or object display (its scope), or a variable of which no more is known."""


class Scopes:
    """Every node of a file in the order it is written, each in its scope, and every assignment at its variable.

    Assignments to attributes are kept by the attribute's name, as whose attribute it is takes more than scopes to tell.
    """

    def __init__(self, file: SourceFile, root: Node | None) -> None:
        self.file = file
        self.web = file.web
        self.top = Scope("file", root, None)
        self.nodes: list[Node] = []
        self.declared: dict[Variable, None] = {}
        self.attribute_writes: dict[str, list[tuple[Node, Write]]] = {}
        self._callbacks: dict[Function, tuple[Node, bool]] = {}
        enter: dict[type[Node], Callable[[Any, Scope], Scope]] = {
            Function: self._enter_function,
            Class: self._enter_class,
            Object: self._enter_object,
            Block: self._enter_block,
            Loop: self._enter_block,
            Declare: self._enter_declaration,
            Importing: self._enter_import,
            Return: self._enter_return,
            Call: self._enter_call,
        }
        stack: list[tuple[Node, Node | None, Scope]] = [(root, None, self.top)] if root is not None else []
        while stack:
            node, parent, scope = stack.pop()
            node.file, node.parent, node.scope = file, parent, scope
            self.nodes.append(node)
            handler = enter.get(type(node))
            if handler is not None:
                scope = handler(node, scope)
            for child in reversed(node.children):
                stack.append((child, node, scope))
        states: dict[Variable, Variable] = {}
        for node in self.nodes:
            if isinstance(node, Assign):
                self._assign(node)
            elif isinstance(node, Declare) and self.web:
                states.update(self._state(node))
        if states:
            for node in self.nodes:
                if isinstance(node, Name) and (setter := self.lookup(node)) in states and setter is not None and node is not setter.node:
                    self._set(states[setter], node)

    def _state(self, node: Declare) -> Iterator[tuple[Variable, Variable]]:
        """React: in ``const [x, setX] = useState(y)``, `x` begins as y and is all that `setX` is ever called with."""
        made, names = node.initial, [target for target, _ in targets(node.target)]
        if not isinstance(made, Call) or made.callee.text not in ("useState", "React.useState") or len(names) != 2:
            return
        state, setter = (self.lookup(name) if isinstance(name, Name) else None for name in names)
        if state is not None and setter is not None and len(state.writes) == 1:
            first = made.arguments[0].value if made.arguments else None
            state.writes = [Write(None if isinstance(first, Function) else first)] if first is not None else []
            yield setter, state

    def _set(self, state: Variable, name: Name) -> None:
        """Note what a use of a state's setter makes the state."""
        call = name.parent
        if not isinstance(call, Call):
            state.open = True
        elif call.callee is name:
            given = call.arguments[0].value if call.arguments else None
            if given is not None:
                state.writes.append(Write(None if isinstance(given, Function) else given))
        elif isinstance(call.callee, Member) and call.callee.attribute == "then" and call.arguments[0].value is name:
            state.writes.append(Write(call.callee.object, (), settled=True))
        else:
            state.open = True

    def _enter_function(self, node: Function, scope: Scope) -> Scope:
        if node.id and isinstance(node.parent, (Block, Class, Object, Other)):
            self._declare(node.id, scope, node).writes.append(Write(node, declares=True))
        return Scope("function", node, scope)

    def _enter_class(self, node: Class, scope: Scope) -> Scope:
        node.members = Scope("class", node, scope)
        known = scope.names.get(node.id)
        if known is not None and self.file.language in ("swift", "objc") and isinstance(known.writes[0].source, Class):
            node.members = known.writes[0].source.members  # an extension
        elif node.id:
            self._declare(node.id, scope, node).writes.append(Write(node, declares=True))
        return node.members

    def _enter_object(self, node: Object, scope: Scope) -> Scope:
        node.members = Scope("class", node, scope)
        for key, value in node.entries:
            if not isinstance(value, Function) or value.id != key:
                self._declare(key, node.members, value).writes.append(Write(value, declares=True))
        return node.members

    def _enter_block(self, node: Block, scope: Scope) -> Scope:
        return Scope("block", node, scope) if node.parent is not None else scope

    def _declare(self, name: str, scope: Scope, node: Node) -> Variable:
        variable = scope.names.get(name)
        if variable is None:
            variable = scope.names[name] = Variable(name, scope, node)
        return variable

    def _enter_declaration(self, node: Declare, scope: Scope) -> Scope:
        home = scope
        while node.kind == "var" and home.kind == "block" and home.parent is not None:
            home = home.parent
        source, settled = node.initial, False
        around = scope.node
        if isinstance(around, Function) and around in self._callbacks and around.parameters[:1] == [node]:
            source, settled = self._callbacks[around]
        for target, path in targets(node.target):
            if not isinstance(target, Name):
                continue
            variable = self._declare(target.id, home, target)
            local = home.kind not in ("class", "file")
            variable.closed = variable.closed and (node.closed or local)
            variable.private = variable.private and (node.private or local)
            if isinstance(node.target, Name):
                variable.type = variable.type or node.written_type
            if source is not None and path is not None and not (node.open and node.kind != "parameter"):
                variable.writes.append(Write(source, path, settled, node.kind != "parameter"))
            elif node.open or source is not None:
                variable.writes.append(Write(None))
            if node.kind != "parameter":
                self.declared[variable] = None
        return scope

    def _enter_import(self, node: Importing, scope: Scope) -> Scope:
        for imported, local in node.bound:
            tail = "" if imported in ("*", "default") else "." + imported
            self._declare(local, scope, node).imported = self.file.package(node.module)[0] + tail
        return scope

    def _enter_return(self, node: Return, scope: Scope) -> Scope:
        around: Scope | None = scope
        while around is not None and not isinstance(around.node, Function):
            around = around.parent
        if around is not None and isinstance(around.node, Function):
            around.node.results.extend(node.children[:1])
        return scope

    def _enter_call(self, node: Call, scope: Scope) -> Scope:
        """Note what the first parameter of a function given to this call will be."""
        if isinstance(node.callee, Member) and node.arguments:
            first, last = node.arguments[0].value, node.arguments[-1].value
            if self.web and node.callee.attribute == "then" and isinstance(first, Function):
                self._callbacks[first] = (node.callee.object, True)
            if self.file.language == "kotlin" and node.callee.attribute in ("let", "also", "use") and isinstance(last, Function):
                self._callbacks[last] = (node.callee.object, False)
        return scope

    def _assign(self, node: Assign) -> None:
        for target, path in targets(node.target):
            write = Write(node.assigned, path) if path is not None and node.assigned is not None else Write(None)
            if isinstance(target, Name):
                variable = self.lookup(target)
                if variable is None:
                    variable = self._declare(target.id, self.top, target)
                    variable.open = not self.web  # inherited from a class elsewhere
                variable.writes.append(write)
            elif isinstance(target, Member):
                self.attribute_writes.setdefault(target.attribute, []).append((target.object, write))

    def lookup(self, node: Name) -> Variable | None:
        """The variable a name means; None for one that the file does not declare. JavaScript's members are not in scope, and keys of
        displays never are."""
        scope: Scope | None = node.scope
        while scope is not None:
            variable = scope.names.get(node.id)
            if variable is not None and not (scope.kind == "class" and (self.web or isinstance(scope.node, Object))):
                return variable
            scope = scope.parent
        return None


def targets(node: Node) -> Iterator[tuple[Node, Path | None]]:
    """What is assigned, each with its path in the value."""
    if isinstance(node, Pattern):
        yield from node.bindings
    else:
        yield node, ()
