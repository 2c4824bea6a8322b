"""What can change about objects: a cell each, in a heap that branches copy and joins compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from deplint.code.values import UNKNOWN, Default, Either, Function, Method, Part, Raw, Ref, Truth, either

if TYPE_CHECKING:
    from deplint.code.interpret.state import Module


def handles(values: Iterable[Raw]) -> Iterator[Ref | Method | Function]:
    """The objects and functions that whoever holds these values can get at directly."""
    for value in values:
        kind = type(value)
        if kind is Ref or kind is Method or kind is Function:
            yield value  # type: ignore[misc]
        elif kind is Either:
            yield from handles(value.options)  # type: ignore[attr-defined]
        elif kind is Part:
            yield value.owner  # type: ignore[attr-defined]
        elif kind is Default:
            yield from handles((value.value,))  # type: ignore[attr-defined]


class Slot:
    """What is known of one attribute or one method of an object: the values it may hold (or the calls made, None for a call of a function
    of the project), where each was written, and whether it was certainly set (or called)."""

    __slots__ = ("_handles", "certain", "nodes", "values")

    def __init__(self, values: tuple[Any, ...], certain: bool, nodes: tuple[Any, ...] = ()) -> None:
        self.values = values
        self.certain = certain
        self.nodes = nodes or (None,) * len(values)
        self._handles: tuple[Ref | Method | Function, ...] | None = None

    @property
    def handles(self) -> tuple[Ref | Method | Function, ...]:
        """What whoever has the object can get at through an attribute."""
        if self._handles is None:
            self._handles = tuple(handles(self.values))
        return self._handles


SLOT_LIMIT = 8
"""Values of one attribute, or calls of one method, that are kept; of calls, the last."""


class Cell:
    """The state of one object at one point of the program. Never changed: `with_...` makes the next one.

    `items` are a list's elements, or a dictionary's values with `keys` beside them: exactly these if `exact`; else some of these, and
    others too if `open`. `items` is None for what is not a container.
    """

    __slots__ = ("_handles", "attrs", "called", "escaped", "exact", "items", "keys", "open")

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
        self._handles: tuple[Ref | Method | Function, ...] | None = None

    @property
    def handles(self) -> tuple[Ref | Method | Function, ...]:
        """The objects and functions that whoever has the object can get at through it, each once."""
        if self._handles is None:
            held = list(handles(self.items or ()))
            for slot in self.attrs.values():
                held += slot.handles
            self._handles = tuple(dict.fromkeys(held))
        return self._handles

    def _copy(self) -> Cell:
        new = Cell.__new__(Cell)
        new._handles = None
        new.attrs, new.called, new.escaped = self.attrs, self.called, self.escaped
        new.items, new.keys, new.exact, new.open = self.items, self.keys, self.exact, self.open
        return new

    def with_items(self, items: tuple[Raw, ...], keys: tuple[Raw, ...] | None = None, exact: bool = True, open: bool = False) -> Cell:
        """The cell of a container that now holds these. `exact` and `open` can only get worse."""
        new = self._copy()
        new.items, new.keys, new.exact, new.open = items, keys, self.exact and exact, self.open or open
        return new

    def vague(self, open: bool = True) -> Cell:
        """The cell of a container of which elements may be gone, and others be there if `open`."""
        new = self._copy()
        new.exact, new.open = False, self.open or open
        return new

    def shared(self) -> Cell:
        """The cell of an object that unseen code got hold of."""
        new = self.vague() if self.items is not None else self._copy()
        new.escaped = Truth.yes
        return new

    def with_attr(self, name: str, value: Raw, where: Any = None) -> Cell:
        """The cell after ``object.name = value``."""
        attrs = dict(self.attrs)
        prefix = name + "."
        for known in self.attrs:
            if known.startswith(prefix):
                del attrs[known]
        attrs[name] = Slot((value,), True, (where,))
        new = self._copy()
        new.attrs = attrs
        return new

    def with_slot(self, name: str, slot: Slot | None) -> Cell:
        """The cell with that known of the attribute; with nothing, for None."""
        attrs = {k: v for k, v in self.attrs.items() if k != name}
        if slot is not None:
            attrs[name] = slot
        new = self._copy()
        new.attrs = attrs
        return new

    def with_call(self, method: str, call: Any) -> Cell:
        called = dict(self.called)
        old = called.get(method)
        called[method] = Slot((*old.values[1 - SLOT_LIMIT :], call) if old else (call,), True)
        new = self._copy()
        new.called = called
        return new


EMPTY = Cell()


SHARED = EMPTY.shared()


_ABSENT = Cell()


def join_cells(a: Cell, b: Cell) -> Cell:
    """What is known of an object after either of two paths."""
    if a is b:
        return a
    new = a._copy()
    if a.escaped is not b.escaped:
        new.escaped = Truth.maybe
    new.exact, new.open = a.exact and b.exact, a.open or b.open
    if a.items is not b.items and (a.items != b.items or a.keys != b.keys):
        x, y = a.items or (), b.items or ()
        if a.keys == b.keys and len(x) == len(y):
            new.items = tuple(map(either, x, y))
        else:
            new.exact = False
            merged: dict[Any, None] = {}
            for cell in (a, b):
                for n, item in enumerate(cell.items or ()):
                    merged[(cell.keys[n] if cell.keys is not None else None, item)] = None
            new.items = tuple(item for _, item in merged)
            new.keys = tuple(key for key, _ in merged) if a.keys is not None and b.keys is not None else None
    new.attrs = _join_slots(a.attrs, b.attrs)
    new.called = _join_slots(a.called, b.called)
    return new


def _join_slots(a: Mapping[str, Slot], b: Mapping[str, Slot]) -> Mapping[str, Slot]:
    if a is b:
        return a
    joined: dict[str, Slot] = {}
    for name, x in a.items():
        y = b.get(name)
        if x is y:
            joined[name] = x
        elif y is None:
            joined[name] = Slot(x.values, False, x.nodes) if x.certain else x
        else:
            more = [(v, n) for v, n in zip(y.values, y.nodes, strict=True) if not _has(x, v, n)]
            if more:
                values, nodes = zip(*more, strict=True)
                if len(x.values) + len(values) > SLOT_LIMIT and isinstance(values[0], Raw):
                    joined[name] = Slot((UNKNOWN,), x.certain and y.certain, (x.nodes[0],))
                else:
                    joined[name] = Slot((*x.values, *values), x.certain and y.certain, (*x.nodes, *nodes))
            else:
                joined[name] = x if y.certain or not x.certain else Slot(x.values, False, x.nodes)
    for name, y in b.items():
        if name not in a:
            joined[name] = Slot(y.values, False, y.nodes) if y.certain else y
    return joined


def _has(slot: Slot, value: Any, node: Any) -> bool:
    return any((v is value or v == value) and (n is node or n == node) for v, n in zip(slot.values, slot.nodes, strict=True))


class Heap:
    """Cells by object number. A copy shares all it can, since every branch and every recorded call takes one.

    Cells lie in blocks of neighbouring numbers, and blocks in groups; a copy shares the groups, and the first write to a shared group or
    block copies that one. So what a branch changed is found without looking at the rest.
    """

    __slots__ = ("_groups", "_owned", "_snapshot", "modules")

    def __init__(self, groups: dict[int, dict[int, dict[int, Cell]]] | None = None, modules: frozenset[Module] = frozenset()) -> None:
        self._groups: dict[int, dict[int, dict[int, Cell]]] = groups if groups is not None else {}
        self.modules = modules
        """The modules whose objects it knows."""
        self._owned: set[int] = set()
        """Keys of the blocks, and (inverted) of the groups, that nobody shares."""
        self._snapshot: Heap | None = None

    def get(self, number: int, default: Cell = EMPTY) -> Cell:
        group = self._groups.get(number >> 10)
        if group is None:
            return default
        block = group.get(number >> 5)
        return default if block is None else block.get(number, default)

    def __contains__(self, number: int) -> bool:
        return self.get(number, _ABSENT) is not _ABSENT

    def __setitem__(self, number: int, cell: Cell) -> None:
        self._block(number >> 5)[number] = cell

    def _block(self, key: int) -> dict[int, Cell]:
        """The block of that key, to be written to."""
        self._snapshot = None
        owned = self._owned
        if key in owned:
            return self._groups[key >> 5][key]
        top = key >> 5
        if ~top not in owned:
            owned.add(~top)
            self._groups[top] = dict(self._groups.get(top, ()))
        group = self._groups[top]
        owned.add(key)
        block = group[key] = dict(group.get(key, ()))
        return block

    def copy(self) -> Heap:
        self._owned = set()
        return Heap(dict(self._groups), self.modules)

    def snapshot(self) -> Heap:
        """A copy that nobody writes to; the same one until the next change."""
        if self._snapshot is None:
            self._snapshot = self.copy()
        return self._snapshot

    def assign(self, other: Heap) -> None:
        """Become what `other` is."""
        if other is not self:
            other._owned = set()
            self._groups, self._owned, self._snapshot = dict(other._groups), set(), other._snapshot
            self.modules = other.modules

    def _differing(self, other: Heap) -> Iterator[tuple[int, dict[int, Cell]]]:
        """The blocks of `other` that are not this heap's, too."""
        for top, theirs in other._groups.items():
            mine = self._groups.get(top)
            if mine is not theirs:
                for key, block in theirs.items():
                    if mine is None or mine.get(key) is not block:
                        yield key, block

    def add(self, other: Heap) -> None:
        """Take over the cells of objects this heap does not know."""
        self.modules |= other.modules
        for key, theirs in self._differing(other):
            mine = self._block(key)
            for number, cell in theirs.items():
                mine.setdefault(number, cell)

    def changes(self, before: Heap) -> Iterator[tuple[int, Cell, Cell]]:
        """Number, old and new cell of the objects that were there `before` and are different now."""
        for _, block in self._differing(before):
            for number, old in block.items():
                new = self.get(number)
                if new is not old:
                    yield number, old, new

    def join(self, other: Heap) -> None:
        """Hold what is known after either path. An object that only one side knows was made on that side: nothing to join. Those of a
        module that only one side used are on the other as the module left them."""
        if self.modules is not other.modules:
            for module in self.modules - other.modules:
                other.add(module.heap)
            for module in other.modules - self.modules:
                self.add(module.heap)
            self.modules |= other.modules
        for key, theirs in self._differing(other):
            mine = self._block(key)
            for number, cell in theirs.items():
                known = mine.get(number)
                if known is None:
                    mine[number] = cell
                elif known is not cell:
                    mine[number] = join_cells(known, cell)


class Again(Heap):
    """What is known at a point inside loops: what was seen there when each loop's body ran once, or what an earlier iteration left.

    Each loop gives the cells of the objects its body changed, as they were before it and at its end. An attribute that the body had not
    touched yet at this point may still be as the end of the body leaves it.
    """

    __slots__ = ("_loops", "_seen")

    def __init__(self, seen: Heap, loops: tuple[Mapping[int, tuple[Cell, Cell]], ...]) -> None:
        super().__init__(seen._groups, seen.modules)
        self._seen = seen
        self._loops = loops

    @staticmethod
    def inside(loop: Mapping[int, tuple[Cell, Cell]], seen: Heap) -> Again:
        return Again(seen._seen, (*seen._loops, loop)) if isinstance(seen, Again) else Again(seen, (loop,))

    def get(self, number: int, default: Cell = EMPTY) -> Cell:
        cell = seen = super().get(number, default)
        for loop in self._loops:
            if number in loop:
                before, end = loop[number]
                left = end._copy()
                left.attrs = _left(seen.attrs, before.attrs, end.attrs)
                left.called = _left(seen.called, before.called, end.called)
                if seen.items is not before.items:
                    left.items, left.keys, left.exact, left.open = seen.items, seen.keys, seen.exact, seen.open
                cell = join_cells(cell, left)
        return cell

    def copy(self) -> Heap:
        return Heap(dict(self._groups), self.modules)


def _left(seen: Mapping[str, Slot], before: Mapping[str, Slot], end: Mapping[str, Slot]) -> Mapping[str, Slot]:
    """What an iteration that ended so leaves in the next one, where that has seen `seen`."""
    found = {name: slot for name, slot in seen.items() if before.get(name) is not slot}
    for name, slot in end.items():
        if seen.get(name) is before.get(name):
            found[name] = slot
    return found
