"""What rules ask of Python code: calls, values, what was done to an object, attributes that were set, names that were used.

    for call in file.calls("tensorflow.lite.TFLiteConverter.*().convert"):
        converter = call.receiver
        if converter.never("representative_dataset"):
            ...

Answers are three-valued (`Truth`): ``yes`` and ``no`` are certain on every path, ``maybe`` is everything else. The words of everyday use
(`certainly`, `never`, ...) return a plain bool that is True only when it is certain.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from deplint.code import values as v
from deplint.code.heap import EMPTY, Cell, Heap
from deplint.code.interpret.recorded import CallFact, Returned, Set, Use
from deplint.code.library import FRAMEWORKS, dotted_of, safe
from deplint.code.patterns import matcher
from deplint.code.values import Truth

if TYPE_CHECKING:
    from deplint.code.python import PythonFile
    from deplint.finding import Place


class _UnknownType:
    """The one value for what is not known."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        return False


UNKNOWN: Any = _UnknownType()

GIVEN_LIMIT = 200
"""Values that are looked at on the way back to what a function was given."""

_DISPLAYS = frozenset({"[]", "()", "{}", "set()", "<generator>"})
"""Names of objects that Python itself makes."""


def _opaque(raw: v.Raw) -> bool:
    """Is it a piece of what a call gave, or something of a module nobody knows, so that it can be any value?"""
    if isinstance(raw, v.Name):
        return raw.derived or not safe(raw.dotted)
    if isinstance(raw, v.Part):
        return raw.owner.name.partition(".")[0] not in FRAMEWORKS
    return isinstance(raw, v.Ref) and raw.cls is None and raw.name not in _DISPLAYS and not safe(raw.name)


def _present(raw: v.Raw | None) -> tuple[v.Raw, ...]:
    """What it may be; None only if it is nothing else, for nothing is done to None."""
    found = v.options(raw) if raw is not None else ()
    return tuple(o for o in found if o != v.NONE) or found


class Value:
    """A value as it stood at one point of the program.

    `place` is where it was written, or where it was used if it is `written` nowhere by itself. An argument that was not given is
    `missing`; one of which nothing is known is `unknown`.
    """

    __slots__ = ("_file", "_heap", "_node", "_own", "_raw")

    def __init__(self, raw: v.Raw | None, heap: Heap, file: PythonFile, node: ast.AST, own: bool = True) -> None:
        self._raw = raw
        self._heap = heap
        self._file = file
        self._node = node
        self._own = own

    def __repr__(self) -> str:
        return f"Value({self._raw!r})"

    def _as(self, raw: v.Raw, own: bool = False) -> Value:
        return Value(raw, self._heap, self._file, self._node, own and self._own)

    def _cell(self, ref: v.Ref) -> Cell:
        return self._heap.get(ref.number)

    @property
    def place(self) -> Place:
        return self._file.place_of(self._node)

    @property
    def node(self) -> ast.AST:
        return self._node

    @property
    def file(self) -> PythonFile:
        """The file that `node` is of."""
        return self._file

    @property
    def written(self) -> bool:
        """`node` is the expression that gives this value here, so that a fix may change it."""
        node = self._node
        return (
            self._own
            and isinstance(node, ast.expr)
            and not isinstance(getattr(node, "ctx", None), ast.Store)
            and not isinstance(node, ast.Starred)
        )

    @property
    def missing(self) -> bool:
        """The argument is certainly not given."""
        return self._raw is None

    @property
    def unknown(self) -> bool:
        return isinstance(self._raw, v.Unknown) or (isinstance(self._raw, v.Name) and self._raw.dotted.startswith(v.PARAMETER.dotted))

    @property
    def given(self) -> bool:
        """It certainly comes of what the caller of a function gives that `inside` or `body` looks into: a parameter, a part of one, what
        arithmetic or a call made of it."""
        return self._raw is not None and self._given(self._raw, {})

    def _given(self, raw: v.Raw, known: dict[int, bool]) -> bool:
        """`known` are the answers so far, by identity; what is being asked counts as not given."""
        if id(raw) in known or len(known) > GIVEN_LIMIT:
            return known.get(id(raw), False)
        known[id(raw)] = False
        parts: tuple[v.Raw | None, ...] = ()
        if isinstance(raw, v.Either):
            known[id(raw)] = all(self._given(option, known) for option in raw.options)
        elif isinstance(raw, (v.Name, v.Ref)) and dotted_of(raw).startswith(v.PARAMETER.dotted):
            known[id(raw)] = True
        elif isinstance(raw, (v.Part, v.Item)):
            parts = (raw.owner,)
        elif isinstance(raw, v.Operation):
            parts = (raw.left, raw.right)
        elif isinstance(raw, v.Ref):
            call = raw.call
            parts = (
                (call.receiver, *(a for a, _ in call.args), *(a for a, _ in call.kwargs.values())) if call else self._cell(raw).items or ()
            )
        known[id(raw)] = known[id(raw)] or any(self._given(part, known) for part in parts if part is not None)
        return known[id(raw)]

    @property
    def options(self) -> list[Value]:
        """The alternatives: one value for each path that led here. A default is the alternative it is (see `certain`)."""
        if self._raw is None:
            return []
        found = v.options(self._raw)
        return [self._as(option, own=len(found) == 1) for option in found]

    @property
    def certain(self) -> bool:
        """Neither a default someone may override nor one of several alternatives nor unknown, nor a piece of something loaded."""
        return self._raw is not None and not isinstance(self._raw, (v.Unknown, v.Default, v.Either)) and not _opaque(self._raw)

    # -- constants

    def python(self, default: bool = False) -> Any:
        """The value as Python data if all of it is known, else `UNKNOWN`. Enum-like and library names are their dotted names.

        With `default`, a default counts as known.
        """
        return self._python(self._raw, default, 0)

    def _python(self, raw: v.Raw | None, default: bool, depth: int) -> Any:
        if isinstance(raw, v.Const):
            return str(raw.value) if isinstance(raw.value, PurePosixPath) else raw.value
        if isinstance(raw, v.Default) and default:
            return self._python(raw.value, default, depth)
        if isinstance(raw, v.Name) and not _opaque(raw):
            return raw.dotted
        if isinstance(raw, v.Ref) and depth < 6:
            cell = self._cell(raw)
            if cell.items is None or not cell.exact:
                return UNKNOWN
            items = [self._python(item, default, depth + 1) for item in cell.items]
            if any(i is UNKNOWN for i in items):
                return UNKNOWN
            if cell.keys is None:
                return tuple(items) if raw.name == "()" else items
            keys = [self._python(key, default, depth + 1) for key in cell.keys]
            try:
                return UNKNOWN if any(k is UNKNOWN for k in keys) else dict(zip(keys, items, strict=True))
            except TypeError:
                return UNKNOWN
        return UNKNOWN

    @property
    def text(self) -> str | None:
        """The string or path, if it is certain."""
        known = self.python()
        return known if isinstance(known, str) and isinstance(self._raw, v.Const) else None

    @property
    def texts(self) -> list[str]:
        """Every string or path it may be, defaults included."""
        found = [self._as(o).python(default=True) for o in v.options(self._raw)] if self._raw is not None else []
        return [t for t in found if isinstance(t, str)]

    @property
    def pieces(self) -> tuple[str | None, ...]:
        """The parts of a string that is known in part (None stands for a gap); empty for what is no string."""
        raw = self._raw.value if isinstance(self._raw, v.Default) else self._raw
        if isinstance(raw, v.Text):
            return raw.parts
        text = self._as(raw).text if raw is not None else None
        return (text,) if text is not None else ()

    @property
    def fixed(self) -> tuple[str | None, ...]:
        """The `pieces` that stay whatever is given in place of a default; empty where it may be any of several strings."""
        if isinstance(self._raw, v.Default):
            return self._as(self._raw.kept).pieces
        return self.pieces if self.certain else ()

    def ends(self, *suffixes: str) -> Truth:
        """Does this string or path end in one of `suffixes` (in any case)? A string known in part is judged by its last part."""
        answers = set()
        for option in self.options:
            last = option.pieces[-1] if option.pieces else None
            if last is None or (len(option.pieces) > 1 and not any(last.lower().endswith(s) for s in suffixes) and "." not in last):
                answers.add(Truth.maybe)
            else:
                hit = last.lower().endswith(suffixes)
                answers.add((Truth.yes if hit else Truth.no) if option.certain or not hit else Truth.maybe)
        return answers.pop() if len(answers) == 1 else Truth.maybe

    # -- names and objects

    @property
    def names(self) -> list[str]:
        """Dotted names it may have: of a library's thing, or of the call that made the object, with ``()``."""
        found = []
        for raw in v.options(self._raw) if self._raw is not None else ():
            inner = raw.value if isinstance(raw, v.Default) else raw
            if isinstance(inner, (v.Name, v.Part)):
                found.append(inner.dotted)
            elif isinstance(inner, v.Ref):
                found.append(inner.name)
        return found

    @property
    def name(self) -> str:
        """The dotted name if there is only one."""
        names = self.names
        return names[0] if len(names) == 1 and len(self.options) == 1 else ""

    def is_(self, *patterns: str) -> Truth:
        """Is it the thing of that dotted name, or made by that call (``torch.load()``)? An instance of a class of the project is also what
        its base classes' calls make (``torch.nn.Module()``). What a call gave may be any thing: that is `no` only for other calls."""
        match = matcher(*patterns)
        things = not all(p.endswith("()") for p in patterns)
        answers = {self._is(raw, match, things) for raw in (v.options(self._raw) if self._raw is not None else ())}
        return answers.pop() if len(answers) == 1 else Truth.maybe if answers else Truth.no

    def _is(self, raw: v.Raw, match: Callable[[str], bool], things: bool) -> Truth:
        if isinstance(raw, (v.Unknown, v.Default)):
            return Truth.maybe
        if isinstance(raw, v.Ref) and raw.cls is not None:
            if any(match(name + "()") for name in raw.cls.libraries):
                return Truth.yes
            foreign = any(name.partition(".")[0] in FRAMEWORKS for name in raw.cls.libraries)
            return Truth.maybe if foreign or not raw.cls.whole else Truth.no
        name = dotted_of(raw)
        if name and match(name):
            return Truth.yes
        if isinstance(raw, v.Part) or (isinstance(raw, v.Name) and _opaque(raw)):
            return Truth.maybe
        made = isinstance(raw, v.Ref) and raw.name not in _DISPLAYS
        return Truth.maybe if made and (things or not safe(name)) else Truth.no

    @property
    def function(self) -> v.Function | None:
        """The project's function it is."""
        raw = self._raw.value if isinstance(self._raw, v.Default) else self._raw
        if isinstance(raw, v.Method):
            raw = raw.function
        return raw if isinstance(raw, v.Function) else None

    @property
    def project_class(self) -> ast.ClassDef | None:
        """The project's class it is an instance of."""
        return self._raw.cls.node if isinstance(self._raw, v.Ref) and self._raw.cls is not None else None

    @property
    def origin(self) -> Call | None:
        """The call that made the object."""
        if isinstance(self._raw, v.Ref) and isinstance(self._raw.call, CallFact):
            return Call(self._raw.call)
        return None

    @property
    def holder(self) -> Value | None:
        """The object that it is an attribute of, which was never seen being set."""
        return self._as(self._raw.owner) if isinstance(self._raw, v.Part) else None

    @property
    def identity(self) -> int | None:
        """Equal for two values that are certainly the same object."""
        return self._raw.number if isinstance(self._raw, v.Ref) else None

    @property
    def operation(self) -> tuple[str, Value, Value] | None:
        """Operator and operands of arithmetic on what is not constant; ``[]`` for an element of what is no known container."""
        if isinstance(self._raw, v.Operation):
            return self._raw.operator, self._as(self._raw.left), self._as(self._raw.right)
        if isinstance(self._raw, v.Item):
            return "[]", self._as(self._raw.owner), self._as(self._raw.key)
        return None

    @property
    def augmented(self) -> bool:
        """The `operation` was written ``image /= 255.0``: an array on the left keeps its dtype."""
        return isinstance(self._raw, v.Operation) and self._raw.augmented

    # -- containers

    @property
    def items(self) -> list[Value] | None:
        """The elements of a list, tuple or set (values of a dictionary), as far as known; None for what is no container."""
        if isinstance(self._raw, v.Ref) and (items := self._cell(self._raw).items) is not None:
            node = self._node
            nodes = node.values if isinstance(node, ast.Dict) else node.elts if isinstance(node, (ast.List, ast.Tuple, ast.Set)) else []
            return self._elements(items, nodes if not isinstance(node, ast.Dict) or None not in node.keys else [])
        return None

    @property
    def entries(self) -> list[tuple[Value, Value]] | None:
        """Keys and values of a dictionary, as far as known; None for what is no dictionary."""
        if isinstance(self._raw, v.Ref):
            cell = self._cell(self._raw)
            if cell.keys is not None:
                keys = self._elements(cell.keys, self._node.keys if isinstance(self._node, ast.Dict) else [])
                return list(zip(keys, self.items or [], strict=False))
        return None

    def _elements(self, raws: Sequence[v.Raw], nodes: Sequence[ast.expr | None]) -> list[Value]:
        """What a container holds; each element where the display at `node` writes it, if it does."""
        if not self.written or len(nodes) != len(raws) or any(n is None or isinstance(n, ast.Starred) for n in nodes):
            return [self._as(raw) for raw in raws]
        return [Value(raw, self._heap, self._file, node or self._node) for raw, node in zip(raws, nodes, strict=True)]

    @property
    def exact(self) -> bool:
        """`items` are certainly all there is, and certainly there."""
        return isinstance(self._raw, v.Ref) and (cell := self._cell(self._raw)).items is not None and cell.exact

    def contains(self, *patterns: str) -> Truth:
        """Does the list (or tuple, set) hold the constant string or the library's thing of that name?"""
        match = matcher(*patterns)
        answers: set[Truth] = set()
        for raw in v.options(self._raw) if self._raw is not None else ():
            cell = self._cell(raw) if isinstance(raw, v.Ref) else EMPTY
            found = {self._matches(item, match) for item in cell.items or ()}
            if cell.items is None or Truth.maybe in found or (Truth.yes not in found and cell.open):
                answers.add(Truth.yes if Truth.yes in found and cell.exact else Truth.maybe)
            elif Truth.yes in found:
                answers.add(Truth.yes if cell.exact else Truth.maybe)
            else:
                answers.add(Truth.no)
        return answers.pop() if len(answers) == 1 else Truth.maybe

    def _matches(self, raw: v.Raw, match: Callable[[str], bool]) -> Truth:
        """Is it the constant string, or the thing, of that name?"""
        if isinstance(raw, v.Either):
            answers = {self._matches(option, match) for option in raw.options}
            return answers.pop() if len(answers) == 1 else Truth.maybe
        if isinstance(raw, v.Const):
            return Truth.yes if isinstance(raw.value, str) and match(raw.value) else Truth.no
        if isinstance(raw, (v.Unknown, v.Default, v.Text)):
            return Truth.maybe
        return self._is(raw, match, things=True)

    # -- what was done to an object

    def set(self, path: str) -> Truth:
        """Was the attribute (dotted path) set? Either directly, or on the object that an attribute on the way holds, or by the argument of
        that name to the call that made that object."""
        answers = {self._set(raw, path) for raw in _present(self._raw)}
        return answers.pop() if len(answers) == 1 else Truth.maybe

    def _set(self, raw: v.Raw, path: str) -> Truth:
        if not isinstance(raw, v.Ref):
            return Truth.maybe
        cell = self._cell(raw)
        slot = cell.attrs.get(path)
        answer = Truth.no if slot is None else Truth.yes if slot.certain else Truth.maybe
        head, _, rest = path.partition(".")
        holder = cell.attrs.get(head) if rest else None
        if answer is not Truth.yes and holder is not None:
            inner = {self._set_inside(value, rest) for value in holder.values}
            found = inner.pop() if len(inner) == 1 else Truth.maybe
            answer = found if holder.certain and answer is Truth.no else Truth.maybe if found is not Truth.no else answer
        if answer is not Truth.yes and cell.escaped is not Truth.no:
            return Truth.maybe
        return answer

    def _set_inside(self, raw: v.Raw, path: str) -> Truth:
        answer = self._set(raw, path) if isinstance(raw, v.Ref) else Truth.maybe
        if answer is not Truth.yes and (made := self._as(raw).origin) is not None:
            given = made.argument(path)
            return answer if given.missing else Truth.yes if given.certain else Truth.maybe
        return answer

    def values(self, path: str) -> list[Value]:
        """The values an attribute may hold because the code set it. Empty if it never did."""
        found: list[Value] = []
        for raw in _present(self._raw):
            if not isinstance(raw, v.Ref):
                continue
            cell = self._cell(raw)
            slot = cell.attrs.get(path)
            if slot is not None:
                nodes = slot.nodes if len(slot.nodes) == len(slot.values) else (None,) * len(slot.values)
                for value, where in zip(slot.values, nodes, strict=True):
                    file, node = where or (self._file, self._node)
                    found += Value(value, self._heap, file, node, where is not None).options
            head, _, rest = path.partition(".")
            holder = cell.attrs.get(head) if rest else None
            for held in holder.values if holder is not None else ():
                inner = self._as(held)
                found += inner.values(rest)
                made = inner.origin if inner.set(rest) is not Truth.yes or not inner.values(rest) else None
                if made is not None and not (given := made.argument(rest)).missing:
                    found += given.options
        return found

    def value(self, path: str) -> Value:
        """What reading the attribute gives: `missing` if the code certainly never set it."""
        found = self.values(path)
        answer = self.set(path)
        if not found:
            return self._as(v.UNKNOWN) if answer is not Truth.no else Value(None, self._heap, self._file, self._node)
        raws = [f._raw for f in found if f._raw is not None]
        if answer is not Truth.yes or self.escaped is not Truth.no:
            raws.append(v.UNKNOWN)
        joined = v.either(*raws)
        return Value(joined, self._heap, found[0]._file, found[0]._node, found[0]._own and len(found) == 1)

    def certainly(self, path: str) -> bool:
        """The attribute was set on every path."""
        return self.set(path) is Truth.yes

    def never(self, path: str) -> bool:
        """The attribute was set on no path, and no unseen code can have set it."""
        return self.set(path) is Truth.no

    def attributes(self) -> dict[str, Truth]:
        """Every attribute the code may have set."""
        names = [n for raw in v.options(self._raw) if isinstance(raw, v.Ref) for n in self._cell(raw).attrs] if self._raw else []
        return {n: self.set(n) for n in names if not n.startswith(("@", "["))}

    def called(self, method: str) -> Truth:
        """Was the method called on the object before this point?"""
        answers = set()
        for raw in _present(self._raw):
            if not isinstance(raw, v.Ref):
                answers.add(Truth.maybe)
                continue
            cell = self._cell(raw)
            slot = cell.called.get(method)
            answer = Truth.no if slot is None else Truth.yes if slot.certain else Truth.maybe
            answers.add(Truth.maybe if answer is not Truth.yes and cell.escaped is not Truth.no else answer)
        return answers.pop() if len(answers) == 1 else Truth.maybe

    def certainly_called(self, method: str) -> bool:
        return self.called(method) is Truth.yes

    def never_called(self, method: str) -> bool:
        return self.called(method) is Truth.no

    def calls_of(self, method: str) -> list[Call]:
        """The calls of the method before this point, in order, as far as they were library calls."""
        found: list[Call] = []
        for raw in _present(self._raw):
            slot = self._cell(raw).called.get(method) if isinstance(raw, v.Ref) else None
            found += [Call(c) for c in (slot.values if slot else ()) if isinstance(c, CallFact)]
        return found

    @property
    def escaped(self) -> Truth:
        """Did unseen code get hold of the object?"""
        answers = {self._cell(raw).escaped if isinstance(raw, v.Ref) else Truth.maybe for raw in _present(self._raw)}
        return answers.pop() if len(answers) == 1 else Truth.maybe

    def inside(self, method: str) -> list[Call]:
        """The calls made when `method` of this object of the project runs, functions it calls included: what a model's ``forward`` does."""
        return [Call(c) for c in self._file.invoke(self._raw, method, self._heap)[0]] if self._raw is not None else []

    def body(self) -> list[Call]:
        """The calls made when this function of the project runs on unknown arguments, functions it calls included. What the caller gives
        is ``<parameter>``. Empty for anything that is not certainly one function."""
        if self._raw is None or len(v.options(self._raw)) > 1:
            return []
        return [Call(c) for c in self._file.invoke(self._raw, None, self._heap)[0]]

    def returned(self, method: str | None = None) -> Value:
        """What this function of the project, or `method` of this object, gives when it runs on unknown arguments; of a generator the values
        that it yields are the `items`. Unknown for anything that is not certainly one function."""
        if self._raw is None or len(v.options(self._raw)) > 1:
            return self._as(v.UNKNOWN)
        _, value, heap = self._file.invoke(self._raw, method, self._heap)
        return Value(value, heap, self._file, self._node, own=False)


Recorded = TypeVar("Recorded", bound=CallFact | Returned | Set | Use)


class Fact(Generic[Recorded]):
    """Something that was seen at one place of the code."""

    __slots__ = ("_fact",)

    def __init__(self, fact: Recorded) -> None:
        self._fact = fact

    @property
    def node(self) -> ast.AST:
        return self._fact.node

    @property
    def file(self) -> PythonFile:
        """The file it stands in: not always the one that is linted, for a function of another module is entered."""
        return self._fact.file

    @property
    def place(self) -> Place:
        return self._fact.file.place_of(self._fact.node)

    @property
    def guarded(self) -> bool:
        """It runs only if a version test, `hasattr` or an import says so, or its failure is caught."""
        return self._fact.guarded


class Call(Fact[CallFact]):
    """A call of something known by name. `name` is the dotted name of what is called, ``f().g`` for a method of what ``f()`` gave."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Call({self.name})"

    @property
    def name(self) -> str:
        return self._fact.name

    @property
    def node(self) -> ast.Call:
        return self._fact.node

    @property
    def head(self) -> Place:
        """The place of the callee alone: the name without the arguments."""
        return self._fact.file.place_of(self._fact.node.func)

    @property
    def receiver(self) -> Value:
        """The object whose method is called, as it stood before the call, or the element of a library's thing that is called itself;
        unknown for a plain function."""
        func = self._fact.node.func
        own = isinstance(func, ast.Attribute)
        return Value(
            self._fact.receiver or v.UNKNOWN, self._fact.heap, self._fact.file, func.value if isinstance(func, ast.Attribute) else func, own
        )

    @property
    def result(self) -> Value:
        return Value(self._fact.result, self._fact.heap, self._fact.file, self._fact.node)

    @property
    def certain(self) -> bool:
        """It runs whenever the module (or the function nobody calls, or the one that `Value.inside` looks into) runs to its end."""
        return self._fact.certain

    @property
    def chosen(self) -> bool:
        """What is called may be another thing as well; this is the call if it is the `receiver`."""
        return self._fact.chosen

    @property
    def contexts(self) -> tuple[str, ...]:
        """Dotted names of the context managers and decorators it runs in: ``torch.no_grad()``."""
        return self._fact.contexts

    @property
    def functions(self) -> tuple[v.Function, ...]:
        """The functions it runs in, outermost first."""
        return self._fact.stack

    def argument(self, name: str, position: int | None = None) -> Value:
        """The argument of that name or position (from 0): `missing` if it is certainly not given, unknown if ``*args`` or ``**kwargs`` may
        hold it."""
        fact = self._fact
        found = fact.kwargs.get(name)
        if found is None and position is not None and position < len(fact.args):
            found = fact.args[position]
        if found is not None:
            return Value(found[0], fact.heap, fact.file, found[1])
        hidden = fact.open_kwargs or (fact.open_args and position is not None)
        return Value(v.UNKNOWN if hidden else None, fact.heap, fact.file, fact.node)

    @property
    def arguments(self) -> Sequence[Value]:
        """The positional arguments, as far as known."""
        return [Value(raw, self._fact.heap, self._fact.file, node) for raw, node in self._fact.args]

    @property
    def keywords(self) -> dict[str, Value]:
        return {k: Value(raw, self._fact.heap, self._fact.file, node) for k, (raw, node) in self._fact.kwargs.items()}

    @property
    def open(self) -> bool:
        """There may be more arguments than can be seen."""
        return self._fact.open_args or self._fact.open_kwargs


class Assignment(Fact[Set]):
    """An attribute set on an object: ``converter.optimizations = [...]``. `target` is the object just after."""

    __slots__ = ()

    @property
    def path(self) -> str:
        return self._fact.path

    @property
    def target(self) -> Value:
        node = self._fact.node
        own = isinstance(node, ast.Attribute)
        return Value(self._fact.owner, self._fact.heap, self._fact.file, node.value if isinstance(node, ast.Attribute) else node, own)

    @property
    def value(self) -> Value:
        return Value(self._fact.value, self._fact.heap, self._fact.file, self._fact.source)


class Return(Fact[Returned]):
    """What a function of the file returned when it ran, once for each ``return`` and each time it was entered."""

    __slots__ = ()

    @property
    def value(self) -> Value:
        node = self._fact.node
        return Value(
            self._fact.value, self._fact.heap, self._fact.file, node.value if isinstance(node, ast.Return) and node.value else node
        )

    @property
    def functions(self) -> tuple[v.Function, ...]:
        """The functions it runs in, outermost first; the last one returns."""
        return self._fact.stack


class Name(Fact[Use]):
    """A library's dotted name where the code uses it: the longest one, ``tensorflow.contrib.lite.TocoConverter``, imports included."""

    __slots__ = ()

    @property
    def dotted(self) -> str:
        return self._fact.dotted


def unique(facts: Iterator[Any]) -> list[Any]:
    """Facts of which one node made several (a function entered twice), one for each node."""
    return list({id(f.node): f for f in facts}.values())
