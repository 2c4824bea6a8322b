"""What the interpreter knows of a value, and the three-valued answers rules get.

Raw values are small and immutable; what can change about an object (attributes set, methods called, elements of a list) is in its
`Cell` in a heap, so that a branch copies the heap and a join compares cells. Rules never see any of this: they ask a
`deplint.code.facts.Value`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast

    from deplint.code.interpret import Module
    from deplint.code.python import PythonFile


class Truth(enum.Enum):
    """An answer: `maybe` where the code does not settle it."""

    no = 0
    maybe = 1
    yes = 2

    def __bool__(self) -> bool:
        raise TypeError("a three-valued answer is compared (`is Truth.no`), not used as a condition")


class Raw:
    """A value as the interpreter handles it."""

    __slots__ = ()


class Unknown(Raw):
    """Nothing is known."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


class Const(Raw):
    """A Python constant, or a `PurePosixPath` for what `pathlib` made of one."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Const) and type(self.value) is type(other.value) and bool(self.value == other.value)

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))

    def __repr__(self) -> str:
        return f"Const({self.value!r})"


class Default(Raw):
    """What a value is unless someone outside says otherwise: a command-line default, a parameter's default."""

    __slots__ = ("value",)

    def __init__(self, value: Raw) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Default) and self.value == other.value

    def __hash__(self) -> int:
        return hash(("default", self.value))


class Text(Raw):
    """A string with gaps: parts are strings, and None where something unknown stands."""

    __slots__ = ("parts",)

    def __init__(self, parts: Iterable[str | None]) -> None:
        self.parts = tuple(parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(self.parts)


class Name(Raw):
    """Something of a library, by its dotted name: a module, class, function or enum member; or a piece of what a call gave
    (``onnx.load().graph``, ``f()[]``)."""

    __slots__ = ("dotted",)

    def __init__(self, dotted: str) -> None:
        self.dotted = dotted

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Name) and self.dotted == other.dotted

    def __hash__(self) -> int:
        return hash(self.dotted)

    def __repr__(self) -> str:
        return f"Name({self.dotted})"


class Ref(Raw):
    """An object in the heap. `name` is the dotted name of the call that made it, with ``()``; ``[]`` and ``{}`` for displays.

    `cls` is set for an instance of a class of the project, `call` is the call that made it.
    """

    __slots__ = ("call", "cls", "name", "number")

    def __init__(self, number: int, name: str, cls: Class | None = None, call: Any = None) -> None:
        self.number = number
        self.name = name
        self.cls = cls
        self.call = call

    def __repr__(self) -> str:
        return f"Ref({self.number}, {self.name})"


class Part(Raw):
    """An attribute of an object that was never seen being set: ``converter.target_spec``."""

    __slots__ = ("owner", "path")

    def __init__(self, owner: Ref, path: str) -> None:
        self.owner = owner
        self.path = path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and self.owner is other.owner and self.path == other.path

    def __hash__(self) -> int:
        return hash((id(self.owner), self.path))

    @property
    def dotted(self) -> str:
        return f"{self.owner.name}.{self.path}"


class Function(Raw):
    """A function or lambda of the project. `scope` holds the variables of the functions around it when it was defined."""

    __slots__ = ("decorators", "defaults", "module", "node", "owner", "scope")

    def __init__(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        module: Module,
        scope: dict[str, Raw] | None,
        defaults: Mapping[str, Raw],
        owner: Class | None = None,
        decorators: tuple[str, ...] = (),
    ) -> None:
        self.node = node
        self.module = module
        self.scope = scope
        self.defaults = defaults
        self.owner = owner
        self.decorators = decorators

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self.node is other.node

    def __hash__(self) -> int:
        return id(self.node)


class Method(Raw):
    """A function bound to the object it is called on."""

    __slots__ = ("function", "receiver")

    def __init__(self, function: Function, receiver: Raw) -> None:
        self.function = function
        self.receiver = receiver

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Method) and self.function == other.function and self.receiver == other.receiver

    def __hash__(self) -> int:
        return hash(self.function)


class Class(Raw):
    """A class of the project: its own names, and its bases as values."""

    __slots__ = ("bases", "decorators", "members", "module", "node")

    def __init__(self, node: ast.ClassDef, module: Module, bases: tuple[Raw, ...]) -> None:
        self.node = node
        self.module = module
        self.bases = bases
        self.members: dict[str, Raw] = {}
        self.decorators: tuple[str, ...] = ()

    def lookup(self, name: str, depth: int = 0) -> Raw | None:
        found = self.members.get(name)
        if found is None and depth < 8:
            for base in self.bases:
                if isinstance(base, Class) and (found := base.lookup(name, depth + 1)) is not None:
                    return found
        return found

    def libraries(self, depth: int = 0) -> tuple[list[str], bool]:
        """Dotted names of the library classes it derives from, and whether every base is known."""
        names: list[str] = []
        known = True
        for base in self.bases:
            if isinstance(base, Class) and depth < 8:
                more, all_known = base.libraries(depth + 1)
                names += more
                known = known and all_known
            elif isinstance(base, Name):
                names.append(base.dotted)
            else:
                known = False
        return names, known


class Imported(Raw):
    """A module of the project."""

    __slots__ = ("file",)

    def __init__(self, file: PythonFile) -> None:
        self.file = file

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Imported) and self.file is other.file

    def __hash__(self) -> int:
        return id(self.file)


class Operation(Raw):
    """Arithmetic on values that are not constants: ``image / 255.0``."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, operator: str, left: Raw, right: Raw) -> None:
        self.operator = operator
        self.left = left
        self.right = right


class Either(Raw):
    """One of several values, depending on the path taken."""

    __slots__ = ("options",)

    def __init__(self, options: tuple[Raw, ...]) -> None:
        self.options = options

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Either) and self.options == other.options

    def __hash__(self) -> int:
        return hash(self.options)

    def __repr__(self) -> str:
        return f"Either{self.options!r}"


UNKNOWN = Unknown()
NONE = Const(None)

OPTIONS_LIMIT = 6
"""Alternatives kept apart; more are unknown."""


def options(raw: Raw) -> tuple[Raw, ...]:
    return raw.options if isinstance(raw, Either) else (raw,)


def either(*values: Raw) -> Raw:
    """The value that is one of `values`."""
    first = values[0]
    if all(v is first for v in values):
        return first
    kept: list[Raw] = []
    for value in values:
        for option in options(value):
            if not any(option is k or option == k for k in kept):
                kept.append(option)
    if len(kept) == 1:
        return kept[0]
    if len(kept) > OPTIONS_LIMIT:
        return UNKNOWN
    return Either(tuple(kept))


class Slot:
    """What is known of one attribute or one method of an object: the values it may hold (or the calls made), whether it was certainly
    set (or called), and the nodes that did it."""

    __slots__ = ("certain", "nodes", "values")

    def __init__(self, values: tuple[Any, ...], certain: bool, nodes: tuple[Any, ...] = ()) -> None:
        self.values = values
        self.certain = certain
        self.nodes = nodes


class Cell:
    """The state of one object at one point of the program. Never changed: `with_` makes the next one.

    `items` are a list's elements, or a dictionary's values with `keys` beside them: exactly these if `exact`; else some of these, and
    others too if `open`. `items` is None for what is not a container.
    """

    __slots__ = ("attrs", "called", "escaped", "exact", "items", "keys", "open")

    def __init__(
        self,
        attrs: Mapping[str, Slot] | None = None,
        called: Mapping[str, Slot] | None = None,
        escaped: Truth = Truth.no,
        items: tuple[Raw, ...] | None = None,
        keys: tuple[Raw, ...] | None = None,
        exact: bool = True,
        open: bool = False,
    ) -> None:
        self.attrs: Mapping[str, Slot] = attrs if attrs is not None else {}
        self.called: Mapping[str, Slot] = called if called is not None else {}
        self.escaped = escaped
        self.items = items
        self.keys = keys
        self.exact = exact
        self.open = open

    def with_(self, **changes: Any) -> Cell:
        fields = {name: getattr(self, name) for name in Cell.__slots__}
        fields.update(changes)
        return Cell(**fields)

    def with_attr(self, name: str, value: Raw, node: Any, certain: bool = True) -> Cell:
        """The cell after ``object.name = value``."""
        attrs = {k: v for k, v in self.attrs.items() if not k.startswith(name + ".")} if certain else dict(self.attrs)
        old = attrs.get(name)
        if certain or old is None:
            attrs[name] = Slot((value,), certain, (node,) if node is not None else ())
        else:
            attrs[name] = Slot((*old.values, value), old.certain, (*old.nodes, node))
        return self.with_(attrs=attrs)

    def with_call(self, method: str, call: Any) -> Cell:
        called = dict(self.called)
        old = called.get(method)
        called[method] = Slot((*old.values, call)[-8:] if old else (call,), True)
        return self.with_(called=called)


EMPTY = Cell()


def join_cells(a: Cell, b: Cell) -> Cell:
    """What is known of an object after either of two paths."""
    if a is b:
        return a
    escaped = a.escaped if a.escaped is b.escaped else Truth.maybe
    items, keys, exact, open = a.items, a.keys, a.exact and b.exact, a.open or b.open
    if a.items is not b.items and (a.items != b.items or a.keys != b.keys):
        exact = False
        merged: dict[Any, tuple[Raw | None, Raw]] = {}
        for cell in (a, b):
            for n, item in enumerate(cell.items or ()):
                key = cell.keys[n] if cell.keys is not None and n < len(cell.keys) else None
                merged.setdefault((key, item), (key, item))
        items = tuple(v for _, v in merged.values())
        keys = tuple(k or UNKNOWN for k, _ in merged.values()) if a.keys is not None or b.keys is not None else None
    return Cell(_join_slots(a.attrs, b.attrs), _join_slots(a.called, b.called), escaped, items, keys, exact, open)


def _join_slots(a: Mapping[str, Slot], b: Mapping[str, Slot]) -> Mapping[str, Slot]:
    if a is b:
        return a
    joined: dict[str, Slot] = {}
    for name in (*a, *(n for n in b if n not in a)):
        x, y = a.get(name), b.get(name)
        if x is y:
            assert x is not None
            joined[name] = x
        elif x is None or y is None:
            only = x or y
            assert only is not None
            joined[name] = Slot(only.values, False, only.nodes)
        else:
            values = list(x.values)
            values += [v for v in y.values if not any(v is w or v == w for w in values)]
            nodes = (*x.nodes, *(n for n in y.nodes if n not in x.nodes))
            joined[name] = Slot(tuple(values), x.certain and y.certain, nodes)
    return joined


class Heap:
    """Cells by object number. A copy shares all it can, since every branch and every recorded call takes one.

    Cells lie in blocks of neighbouring numbers; a copy shares the blocks, and the first write to a shared block copies that block.
    """

    __slots__ = ("_blocks", "_owned", "_snapshot")

    def __init__(self, blocks: dict[int, dict[int, Cell]] | None = None) -> None:
        self._blocks: dict[int, dict[int, Cell]] = blocks if blocks is not None else {}
        self._owned: set[int] = set()
        self._snapshot: Heap | None = None

    def get(self, number: int, default: Cell = EMPTY) -> Cell:
        block = self._blocks.get(number >> 5)
        return default if block is None else block.get(number, default)

    def __setitem__(self, number: int, cell: Cell) -> None:
        self._block(number >> 5)[number] = cell

    def _block(self, key: int) -> dict[int, Cell]:
        """The block of that key, to be written to."""
        self._snapshot = None
        if key not in self._owned:
            self._owned.add(key)
            self._blocks[key] = dict(self._blocks.get(key, ()))
        return self._blocks[key]

    def copy(self) -> Heap:
        self._owned = set()
        return Heap(dict(self._blocks))

    def snapshot(self) -> Heap:
        """A copy that nobody writes to; the same one until the next change."""
        if self._snapshot is None:
            self._snapshot = self.copy()
        return self._snapshot

    def assign(self, other: Heap) -> None:
        """Become what `other` is."""
        if other is not self:
            other._owned = set()
            self._blocks, self._owned, self._snapshot = dict(other._blocks), set(), other._snapshot

    def add(self, other: Heap) -> None:
        """Take over the cells of objects this heap does not know."""
        for key, theirs in other._blocks.items():
            if self._blocks.get(key) is not theirs:
                mine = self._block(key)
                for number, cell in theirs.items():
                    mine.setdefault(number, cell)

    def join(self, other: Heap) -> None:
        """Hold what is known after either path. An object that only one side knows was made on that side: nothing to join."""
        for key, theirs in other._blocks.items():
            if self._blocks.get(key) is theirs:
                continue
            mine = self._block(key)
            for number, cell in theirs.items():
                known = mine.get(number)
                if known is None:
                    mine[number] = cell
                elif known is not cell:
                    mine[number] = join_cells(known, cell)
