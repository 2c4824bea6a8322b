"""What code in other languages means, as far as one file tells: scopes, names, constant values, and where a value comes from.

Nothing is run and order is not followed: a variable is all that is ever assigned to it, so one that is assigned once is known and one
that is assigned differing things is not. Questions recurse through variables, fields and functions of the file within fixed limits;
beyond them the answer is "unknown". All names are worked out at once, in the order of the file, so that answers do not depend on who
asks first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from deplint.code.source_nodes import (
    STATEMENT,
    UNKNOWN,
    Array,
    Assign,
    Await,
    Call,
    Choice,
    Class,
    Convert,
    Declare,
    Function,
    Index,
    Literal,
    Member,
    Module,
    Name,
    Node,
    Object,
    Operation,
    Other,
    Path,
    Return,
    Template,
    This,
)
from deplint.code.source_packages import GLOBALS
from deplint.code.source_scopes import Holder, Scope, Scopes, Variable, Write
from deplint.code.source_values import bounded, convert, operate, text

if TYPE_CHECKING:
    from deplint.code.source import SourceFile

T = TypeVar("T")

Flow = tuple[tuple[Call | None, bool | None], ...]
"""The calls a value may come from, each with whether it was awaited; None for anything else."""

_ANYTHING: Flow = ((None, None),)

DEPTH = 60
"""Questions that may be open inside one another. Each takes up to six Python frames."""

STEPS = 2_000
"""Questions asked to answer one."""

ALL_STEPS = 300_000
"""Questions asked of one file."""

_SELF = frozenset({"window", "globalThis", "self", "global"})
_COMBINED = frozenset({"all", "allSettled", "any", "race", "resolve"})
_CHAINED = frozenset({"then", "catch", "finally"})
_BINDS = frozenset({"bind", "call", "apply"})
_SAME = frozenset({"apply", "also"})
_RESULT = frozenset({"let", "run", "use", "with"})
_LISTS = frozenset({"arrayOf", "listOf", "intArrayOf", "longArrayOf", "floatArrayOf", "doubleArrayOf", "mutableListOf", "arrayListOf"})
_NUMBERS = {"toInt": int, "toLong": int, "toFloat": float, "toDouble": float, "Int": int, "Float": float, "Double": float, "CGFloat": float}


class AttributeWrites:
    """The assignments to attributes of one name: those by what holds the attribute, and whether any are to unknown objects (`stray`)
    or to classes that extend others (`derived`), whose attributes may be those of classes they extend."""

    def __init__(self, writes: list[tuple[Holder | None, Write]]) -> None:
        self.known: dict[Holder, list[Write]] = {}
        for holder, write in writes:
            if holder is not None:
                self.known.setdefault(holder, []).append(write)
        self.stray = any(holder is None for holder, _ in writes)
        self.scopes = sum(isinstance(holder, Scope) for holder in self.known)
        self.derived = any(isinstance(holder, Scope) and holder.derived for holder in self.known)

    def others(self, home: Scope) -> bool:
        """Whether classes other than `home` have such an attribute assigned."""
        return self.scopes > (home in self.known)


class Meaning(Scopes):
    """The answers for one file; built on the first question."""

    def __init__(self, file: SourceFile, root: Node | None) -> None:
        super().__init__(file, root)
        self.free = Scope("class", None, None)
        """The members of `this` where no class is around it."""
        self._attributes: dict[tuple[Holder, str], Variable] = {}
        self._assigned: dict[str, AttributeWrites | None] = {}
        self._passed: dict[Variable, bool] = {}
        self._known: dict[tuple[str, Node], Any] = {}
        self._open: set[tuple[str, Node]] = set()
        self._depth = self._steps = self._cuts = 0
        self._left = ALL_STEPS
        for node in reversed(self.nodes):  # the inner calls of a chain come later
            if isinstance(node, Member):
                self.variable(node)
            elif isinstance(node, Call):
                self.called(node)

    # Questions.

    def _ask(self, question: str, node: Node, answer: Callable[[Node], T], unknown: T) -> T:
        """The answer, remembered; `unknown` beyond the limits and for what depends on itself."""
        key = (question, node)
        if key in self._known:
            known: T = self._known[key]
            return known
        if self._depth == 0:
            self._steps = STEPS
        if key in self._open or self._depth >= DEPTH or self._steps <= 0 or self._left <= 0:
            self._cuts += 1
            return unknown
        cuts = self._cuts
        self._open.add(key)
        self._depth += 1
        self._steps -= 1
        self._left -= 1
        result = answer(node)
        self._depth -= 1
        self._open.discard(key)
        if cuts == self._cuts or self._depth == 0:
            self._known[key] = result
        return result

    # Fields and what holds them.

    def holder(self, node: Node) -> Holder | None:
        """What the attributes of `node` are attributes of: a class (for any of its instances), an object display, or a variable of
        which nothing more is known. None if that is not known either."""
        return self._ask("holder", node, self._holder, None)

    def _holder(self, node: Node) -> Holder | None:
        if isinstance(node, This):
            return self._this(node)
        if isinstance(node, (Object, Class)):
            return node.members
        if isinstance(node, Call):
            made = self._class(node.callee)
            return made.members if made is not None and (node.new or not self.web) else None
        variable = self.variable(node)
        if variable is None:
            return None
        if variable.imported:
            return variable
        sources = variable.sources
        if len(sources) == 1 and not variable.open and sources[0].path == ():
            source = sources[0].source
            if isinstance(source, (This, Object, Class)) or (isinstance(source, (Call, Name, Member)) and self.holder(source)):
                assert source is not None
                return self.holder(source)
        typed = self._typed(variable, node.scope)
        if typed is not None:
            return typed.members
        return None if variable.open or any(w.source is None for w in variable.writes) else variable

    def _this(self, node: Node) -> Scope | None:
        if not self.web:
            scope: Scope | None = node.scope
            while scope is not None and not isinstance(scope.node, Class):
                scope = scope.parent
            return scope
        inside = False
        for around in node.ancestors:
            if isinstance(around, Function) and around.plain and not inside:
                if around.scope.kind == "class":
                    return _outermost(around.scope)
                inside = True
            elif isinstance(around, (Class, Object)):
                if inside:
                    return None  # a function in a method has a `this` of its own
                if isinstance(around, Class):
                    return around.members
        return self.free

    def _class(self, node: Node) -> Class | None:
        """The class of this file that a name means."""
        variable = self.lookup(node) if isinstance(node, Name) else None
        if variable is None:
            return None
        home = variable.home.node if isinstance(variable.home, Scope) else None
        if isinstance(home, Class) and home.id == variable.name and all(isinstance(w.source, Function) for w in variable.writes):
            return home  # Java's constructors are called like their class
        source = variable.writes[0].source if len(variable.writes) == 1 else None
        return source if isinstance(source, Class) else None

    def _typed(self, variable: Variable, scope: Scope) -> Class | None:
        match = re.match(r"\w+", variable.type)
        while match and scope is not None:
            found = scope.names.get(match[0])
            if found is not None:
                source = found.writes[0].source if len(found.writes) == 1 else None
                return source if isinstance(source, Class) else None
            if scope.parent is None:
                break
            scope = scope.parent
        return None

    def variable(self, node: Node) -> Variable | None:
        """The variable or field that `node` reads or writes."""
        if isinstance(node, Name):
            found = self.lookup(node)
            if found is not None:
                self._complete(found)
            return found
        if isinstance(node, Member):
            holder = self.holder(node.object)
            return self.attribute(holder, node.attribute) if holder is not None else None
        return None

    def attribute(self, holder: Holder, id: str) -> Variable:
        """The field `id` of what `holder` stands for."""
        found = holder.names.get(id) if isinstance(holder, Scope) else None
        if found is None:
            found = self._attributes.get((holder, id))
        if found is None:
            found = self._attributes[holder, id] = Variable(id, holder)
            found.open = isinstance(holder, Variable) and self._passed_on(holder)
            if self.file.language == "objc":  # what is declared in a header, others may set
                found.private = found.closed = False
        self._complete(found)
        return found

    def _complete(self, variable: Variable) -> None:
        """Add the assignments that reach a field through an object."""
        home = variable.home
        if variable.complete or home is None or (isinstance(home, Scope) and home.kind != "class"):
            return
        variable.complete = True
        writes = self._writes_to(variable.name)
        if writes is None:
            variable.open = True
            return
        variable.writes += writes.known.get(home, ())
        related = isinstance(home, Scope) and (writes.others(home) if home.derived else writes.derived)
        variable.open = variable.open or writes.stray or related
        if home in self._handed_on:
            variable.open = True
        if isinstance(home, Scope) and isinstance(home.node, Object):
            named = home.node.parent
            target = named.target if isinstance(named, (Declare, Assign)) else None
            held = self.lookup(target) if isinstance(target, Name) else None
            variable.open = variable.open or (held is not None and self._passed_on(held))

    def _writes_to(self, attribute: str) -> AttributeWrites | None:
        """The assignments to attributes of that name; None while that is being worked out."""
        if attribute not in self._assigned:
            self._assigned[attribute] = None
            self._assigned[attribute] = AttributeWrites(
                [(self.holder(object), write) for object, write in self.attribute_writes.get(attribute, ())]
            )
        return self._assigned[attribute]

    @cached_property
    def _handed_on(self) -> set[Holder | None]:
        """JavaScript's classes whose methods give other code their `this`, which may set attributes: ``Object.assign(this, x)``."""
        found: set[Holder | None] = set()
        for node in self.nodes if self.web else ():
            parent = node.parent
            if isinstance(node, This) and isinstance(parent, Call) and parent.callee is not node and parent.method not in _BINDS:
                found.add(self.holder(node))
        return found

    def _passed_on(self, variable: Variable) -> bool:
        """Whether a variable is used other than for its attributes, or exported, so that unseen code may set those."""
        if variable not in self._passed:
            self._passed[variable] = self._gets_away(variable)
        return self._passed[variable]

    def _gets_away(self, variable: Variable) -> bool:
        for name in self._written.get(variable, ()):
            parent = name.parent
            if isinstance(parent, (Assign, Declare)) and parent.target is name:
                if _exported(parent):
                    return True
            elif not isinstance(parent, Member) and not (isinstance(parent, Other) and parent.kind == STATEMENT):
                return True
        return False

    @cached_property
    def _written(self) -> dict[Variable, list[Name]]:
        """Where each variable is named."""
        found: dict[Variable, list[Name]] = {}
        for node in self.nodes:
            variable = self.lookup(node) if isinstance(node, Name) else None
            if variable is not None and isinstance(node, Name):
                found.setdefault(variable, []).append(node)
        return found

    # Where values come from.

    def origin(self, node: Node) -> tuple[Call | None, bool | None]:
        flow = self.flow(node)
        calls = {call for call, _ in flow}
        if len(calls) != 1:
            return None, None
        settled = {awaited for _, awaited in flow}
        call = calls.pop()
        return call, settled.pop() if call is not None and len(settled) == 1 else None

    def flow(self, node: Node) -> Flow:
        return self._ask("flow", node, self._flow, _ANYTHING)

    def _flow(self, node: Node) -> Flow:
        if isinstance(node, Call):
            return self._flow_call(node)
        if isinstance(node, Await):
            inner = self.flow(node.operand)
            return _settle(inner) if self.web else inner
        if isinstance(node, Literal) and node.constant is None:
            return ()
        if isinstance(node, Choice):
            return self._join(node.options)
        if isinstance(node, Assign) and node.assigned is not None:
            return self.flow(node.assigned)
        variable = self.variable(node)
        if variable is None or variable.imported or not variable.writes:
            return _ANYTHING
        found: dict[tuple[Call | None, bool | None], None] = {}
        if variable.open:
            found[None, None] = None
        for write in variable.writes:
            if not self._again(write, variable):
                found.update(dict.fromkeys(self._flow_write(write)))
        if self.web and any(isinstance(w.source, Await) and self._again(w, variable) for w in variable.writes):
            found.update(dict.fromkeys(_settle(tuple(found))))
        return tuple(found)

    def _again(self, write: Write, variable: Variable) -> bool:
        """Whether a variable is assigned itself, perhaps awaited."""
        source = write.source.operand if isinstance(write.source, Await) else write.source
        return isinstance(source, (Name, Member)) and write.path == () and self.variable(source) is variable

    def _join(self, nodes: list[Node] | Any) -> Flow:
        found: dict[tuple[Call | None, bool | None], None] = {}
        for node in nodes:
            found.update(dict.fromkeys(self.flow(node)))
        return tuple(found)

    def _flow_write(self, write: Write) -> Flow:
        if write.source is None:
            return _ANYTHING
        part = self._part(write.source, write.path, write.settled)
        if part is None:
            return _ANYTHING
        node, settled = part
        return _settle(self.flow(node)) if settled else self.flow(node)

    def _part(self, node: Node, path: Path, settled: bool) -> tuple[Node, bool] | None:
        """The expression at `path` of `node`, and whether it is awaited there, where both are written out."""
        for step in path:
            while isinstance(node, Await):
                node, settled = node.operand, True
            if settled and isinstance(node, Call) and _combines(node) and node.arguments:
                node = node.arguments[0].value
                if not isinstance(node, Array):
                    return None
            elif settled or not isinstance(node, (Array, Object)):
                return None
            if isinstance(node, Array) and isinstance(step, int) and node.exact and step < len(node.children):
                node = node.children[step]
            elif isinstance(node, Object) and node.exact and step in dict(node.entries):
                node = dict(node.entries)[str(step)]
            else:
                return None
        return node, settled

    def _flow_call(self, call: Call) -> Flow:
        own: Flow = ((call, False),)
        callee = call.callee
        if isinstance(callee, Member):
            if self.web and callee.attribute in ("catch", "finally"):
                return self.flow(callee.object)
            if self.web and callee.attribute == "then":
                first = call.arguments[0].value if call.arguments else None
                made = self._results(first) if isinstance(first, Function) else None
                return _promise(made) if made else own
            if self.web and callee.attribute == "resolve" and _combines(call) and call.arguments:
                return _promise(self.flow(call.arguments[0].value))
            if self.file.language == "kotlin" and callee.attribute in _SAME | _RESULT and call.arguments:
                last = call.arguments[-1].value
                if isinstance(last, Function):
                    return self.flow(callee.object) if callee.attribute in _SAME else self._results(last) or own
        function = self.local(callee)
        if function is None or call.new or function.generator:
            return own
        made = self._results(function)
        if made is None:
            return own
        return _promise(made) if function.asynchronous else made

    def _results(self, function: Function) -> Flow | None:
        """Where what a function returns comes from, if that is known of all it may return."""
        if not function.results:
            return None
        flow = self._join(function.results)
        return None if not flow or any(call is None for call, _ in flow) else flow

    def local(self, callee: Node) -> Function | None:
        """The function of this file that is called."""
        if isinstance(callee, Function):
            return callee
        variable = self.variable(callee)
        if variable is None or variable.open or len(variable.writes) != 1 or variable.writes[0].path != ():
            return None
        source = variable.writes[0].source
        return source if isinstance(source, Function) else None

    # Names.

    def called(self, call: Call) -> tuple[str, bool]:
        """The name of what is called."""
        return self._ask("called", call, self._called, ("", False))

    def _called(self, node: Node) -> tuple[str, bool]:
        assert isinstance(node, Call)
        implied = self.implicit_receiver(node)
        if implied is not None and isinstance(node.callee, Name):
            return _attribute(self.name(implied), node.callee.id)
        if isinstance(node.callee, Name):
            variable = self.lookup(node.callee)
            if variable is not None and not variable.imported and self.local(node.callee) is not None:
                return node.callee.id, False
        return self.name(node.callee)

    def name(self, node: Node) -> tuple[str, bool]:
        return self._ask("name", node, self._name, ("", False))

    def _name(self, node: Node) -> tuple[str, bool]:
        if isinstance(node, Call):
            return _result(self.called(self.origin(node)[0] or node))
        if isinstance(node, Module):
            return self.file.package(node.module)[0], True
        if isinstance(node, Await):
            return self.name(node.operand)
        if isinstance(node, Assign) and node.assigned is not None:
            return self.name(node.assigned)
        if isinstance(node, This):
            return "this", False
        if isinstance(node, Index) and node.children:
            name, resolved = self.name(node.children[0])
            return (name + "[]" if name else ""), resolved
        if isinstance(node, Choice):
            chosen = self.origin(node)[0]
            return _result(self.called(chosen)) if chosen else ("", False)
        if not isinstance(node, (Name, Member)):
            return "", False
        if (
            isinstance(node, Member)
            and isinstance(node.object, Name)
            and node.object.id in _SELF
            and self.web
            and not self.lookup(node.object)
        ):
            return self._global(node.attribute)
        variable = self.variable(node)
        if variable is not None:
            origin = self.origin(node)[0]
            known = _result(self.called(origin)) if origin is not None else self._variable_name(variable, node.scope)
            if known is not None and known[0]:
                return known
        if isinstance(node, Member):
            return _attribute(self.name(node.object), node.attribute)
        return self._global(node.id) if variable is None else (node.id, False)

    def _global(self, id: str) -> tuple[str, bool]:
        known = GLOBALS.get(id) if self.web else None
        return (known, id in self.file.globals) if known else (id, False)

    def _variable_name(self, variable: Variable, scope: Scope) -> tuple[str, bool] | None:
        """What a variable stands for, rather than what it is called; None if that is not known."""
        if variable.imported:
            return variable.imported, True
        names: dict[tuple[str, bool], None] = {}
        for write in variable.sources:
            if write.source is None or isinstance(write.source, (Function, Class)):
                names[variable.name, False] = None
            elif not self._again(write, variable):
                name, resolved = self.name(write.source)
                for step in write.path:
                    name += f".{step}" if isinstance(step, str) else "[]"
                names[(name, resolved) if name and not name.startswith("this.") else (variable.name, False)] = None
        found = [n for n in names if n[1]] or [n for n in names if n[0] != variable.name]
        if len(names) == 1 and found:
            return found[0]
        if found and all(isinstance(w.source, (Module, Name, Member)) for w in variable.sources):
            return found[0]  # the same thing under several names: the first package that is there
        if variable.type:
            kind, resolved = self._type_name(variable.type, scope)
            if resolved or kind[:1].isupper():
                return kind + "()", resolved
        return None

    def target(self, node: Node) -> tuple[str, bool]:
        """The name of a place that is assigned, rather than of what it holds."""
        if isinstance(node, Member):
            return _attribute(self.name(node.object), node.attribute)
        return (node.id, False) if isinstance(node, Name) else self.name(node)

    def type(self, node: Node) -> str:
        variable = self.variable(node)
        if variable is not None and variable.type:
            return self._type_name(variable.type, node.scope)[0]
        return self.called(node)[0] if isinstance(node, Call) and node.new else ""

    def _type_name(self, written: str, scope: Scope) -> tuple[str, bool]:
        words = [w.strip() for w in re.sub(r"<.*>|[?!\n]", "", written).split("|")]
        kind = next((w for w in words if w not in ("null", "undefined", "")), "")
        first, _, rest = kind.partition(".")
        around: Scope | None = scope
        while around is not None:
            variable = around.names.get(first)
            if variable is not None and variable.imported:
                return variable.imported + ("." + rest if rest else ""), True
            around = around.parent
        return kind, False

    def implicit_receiver(self, call: Call) -> Node | None:
        """Kotlin: in ``x.apply { f() }`` an unknown `f` is called on x."""
        if self.file.language != "kotlin" or not isinstance(call.callee, Name) or self.lookup(call.callee) is not None:
            return None
        function = call.function
        around = function.parent if function is not None and not function.plain else None
        if not isinstance(around, Call) or not around.arguments or around.arguments[-1].value is not function:
            return None
        if isinstance(around.callee, Member) and around.callee.attribute in ("apply", "run"):
            return around.callee.object
        if isinstance(around.callee, Name) and around.callee.id == "with" and len(around.arguments) == 2:
            return around.arguments[0].value
        return None

    # Values.

    def value(self, node: Node) -> Any:
        return self._ask("value", node, self._value, UNKNOWN)

    def _value(self, node: Node) -> Any:
        if isinstance(node, Literal):
            return node.constant
        if isinstance(node, (Name, Member)):
            variable = self.variable(node)
            return self.variable_value(variable) if variable is not None else UNKNOWN
        if isinstance(node, Operation):
            return operate(node.operator, [self.value(child) for child in node.children], self.file.language)
        if isinstance(node, Template):
            return text([part if isinstance(part, str) else self.value(part) for part in node.parts])
        if isinstance(node, Convert):
            return convert(self.value(node.operand), int if node.to == "int" else float)
        if isinstance(node, Array):
            return bounded([self.value(child) for child in node.children]) if node.exact else UNKNOWN
        if isinstance(node, Object):
            return bounded({key: self.value(entry) for key, entry in node.entries}) if node.exact else UNKNOWN
        if isinstance(node, Call) and not self.web:
            return self._made(node)
        return UNKNOWN

    def _made(self, call: Call) -> Any:
        """The value of calls that only convert or collect."""
        method = call.method
        if isinstance(call.callee, Name) and method in _LISTS and self.lookup(call.callee) is None:
            return bounded([self.value(a.value) for a in call.arguments])
        if isinstance(call.callee, Member) and method in _NUMBERS and method[0] == "t" and not call.arguments:
            return convert(self.value(call.callee.object), _NUMBERS[method])
        if isinstance(call.callee, Name) and method in _NUMBERS and len(call.arguments) == 1 and not call.arguments[0].label:
            return convert(self.value(call.arguments[0].value), _NUMBERS[method])
        return UNKNOWN

    def variable_value(self, variable: Variable) -> Any:
        self._complete(variable)
        if variable.open or not variable.closed or len(variable.writes) != 1:
            return UNKNOWN
        write = variable.writes[0]
        field = not isinstance(variable.home, Scope) or variable.home.kind == "class"
        if write.source is None or write.settled or not (write.declares or field):
            return UNKNOWN
        value = self.value(write.source)
        for step in write.path:
            listed = isinstance(value, list) and isinstance(step, int) and step < len(value)
            if not listed and not (isinstance(value, dict) and step in value):
                return UNKNOWN
            value = value[step]
        return value

    # How results are used.

    def awaited(self, call: Call) -> bool:
        node: Node = call
        for parent in call.ancestors:
            if isinstance(parent, (Await, Return)) or (isinstance(parent, Other) and parent.kind == "yield_expression"):
                return True
            if node in self._returned:
                return True
            if isinstance(parent, Member):
                return parent.attribute in _CHAINED and isinstance(parent.parent, Call) and parent.parent.callee is parent
            if isinstance(parent, Call):
                return _combines(parent)
            if not (isinstance(parent, (Array, Assign)) or (isinstance(parent, Choice) and node in parent.options)):
                return False
            node = parent
        return False

    @cached_property
    def _returned(self) -> frozenset[Node]:
        """What functions return, also without saying so."""
        return frozenset(result for node in self.nodes if isinstance(node, Function) for result in node.results)

    @cached_property
    def uses(self) -> dict[Call, list[Call]]:
        found: dict[Call, list[Call]] = {}
        for call in (node for node in self.nodes if isinstance(node, Call)):
            receiver = call.receiver
            origin = self.origin(receiver)[0] if receiver is not None else None
            if origin is not None:
                found.setdefault(origin, []).append(call)
        for calls in found.values():
            calls.sort(key=lambda c: (c.callee.span.end_line, c.callee.span.end_column))
        return found

    @cached_property
    def settings(self) -> dict[Call, list[Assign]]:
        found: dict[Call, list[Assign]] = {}
        for node in self.nodes:
            if isinstance(node, Assign) and isinstance(node.target, Member):
                origin = self.origin(node.target.object)[0]
                if origin is not None:
                    found.setdefault(origin, []).append(node)
        return found

    @cached_property
    def _leaked(self) -> set[Call]:
        """The calls whose results get to where they are not followed."""
        found: set[Call] = set()
        for node in self.nodes:
            if isinstance(node, (Name, Member, Call)) and self._leaks(node):
                found.update(call for call, _ in self.flow(node) if call is not None)
        return found

    def escapes(self, call: Call) -> bool:
        return call in self._leaked

    def _leaks(self, node: Node) -> bool:
        parent = node.parent
        while isinstance(parent, Await) or (isinstance(parent, Choice) and node in parent.options):
            node, parent = parent, parent.parent
        if isinstance(parent, Call):
            return parent.callee is not node
        if isinstance(parent, (Assign, Declare)):
            if parent.target is node:
                return False
            variable = self.variable(parent.target)
            return variable is None or not variable.private or variable.open or _exported(parent)
        if isinstance(parent, Other) and node not in self._returned:
            return parent.kind not in _HARMLESS
        if isinstance(parent, Index):
            return parent.children[0] is not node
        return node in self._returned or isinstance(parent, (Return, Array, Object))


_HARMLESS = frozenset(
    {STATEMENT, "statements", "if_statement", "guard_statement", "switch_statement", "switch_expression", "lexical_declaration",
     "variable_declaration", "local_variable_declaration", "field_declaration", "property_declaration", "check_expression",
     "instanceof_expression", "class_body", "else_clause", "comparison_expression", "equality_expression", "parenthesized_expression"}
)  # fmt: skip
"""Kinds of `Other` in which a value goes nowhere."""


def _outermost(scope: Scope) -> Scope:
    """The members of the outermost of nested object displays: a component's `methods` share the component's `this`."""
    while isinstance(scope.node, Object) and scope.parent is not None and isinstance(scope.parent.node, Object):
        scope = scope.parent
    return scope


def _exported(node: Node) -> bool:
    parent = node.parent
    if isinstance(parent, Other) and parent.kind == "lexical_declaration":
        parent = parent.parent
    return isinstance(parent, Other) and parent.kind == "export_statement"


def _combines(call: Call) -> bool:
    """``Promise.all(...)`` and its like."""
    callee = call.callee
    return (
        isinstance(callee, Member) and callee.attribute in _COMBINED and isinstance(callee.object, Name) and callee.object.id == "Promise"
    )


def _settle(flow: Flow) -> Flow:
    return tuple(dict.fromkeys((call, True if call is not None else None) for call, _ in flow))


def _promise(flow: Flow) -> Flow:
    """The flow of a promise of what has `flow`."""
    return tuple(dict.fromkeys((call, False if call is not None else None) for call, _ in flow))


def _result(called: tuple[str, bool]) -> tuple[str, bool]:
    name, resolved = called
    return (name + "()" if name else "", resolved)


def _attribute(of: tuple[str, bool], attribute: str) -> tuple[str, bool]:
    name, resolved = of
    return (f"{name}.{attribute}" if name and len(name) < 500 else "", resolved)
