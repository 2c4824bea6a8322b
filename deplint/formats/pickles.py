"""Pickles, followed without being run: what one imports, what it calls, and the value it would build.

A pickle is a program for a small stack machine. This one keeps the stack, and where the real one would import a name or call it notes
that instead (`Global`, `Made`), so that nothing of a file is ever executed. Long payloads are not read but pointed at (`Raw`).

Sources: the opcodes and their arguments are `pickletools.opcodes`; what each does is told in the same table; how joblib puts arrays
into the stream is joblib's ``numpy_pickle.py``.
"""

from __future__ import annotations

import codecs
import mmap
import pickletools
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deplint.model import Unreadable

MEMORY_LIMIT = 192 << 20
"""Bytes that what one pickle builds may take here, estimated; a state dict of 45,000 tensors takes about as much."""

NESTED_LIMIT = 20
"""Pickles within pickles: joblib writes one for each array of objects."""

PAYLOAD = 4096
"""Bytes beyond which a text or number is pointed at and not read, as bytes always are."""

LINE_LIMIT = 1 << 16
"""Bytes of an argument that ends with its line."""

_OBJECT_COST, _MEMO_COST, _COST = 200, 64, 48
"""Bytes that a container, an entry of the memo, and any opcode are taken to need."""

Data = bytes | mmap.mmap


@dataclass(frozen=True)
class Global:
    """A name the pickle imports: ``Global("torch._utils", "_rebuild_tensor_v2")``. Both are "" if the pickle computes the name."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}" if self.name else "a name computed while loading"


@dataclass(frozen=True)
class Raw:
    """Bytes, or a long text or number, that were not read: where in the pickle's data they are."""

    start: int
    size: int


@dataclass(frozen=True, eq=False)
class Persistent:
    """An object kept outside the pickle, by what the pickle calls it."""

    id: Any


@dataclass(eq=False, slots=True)
class Made:
    """An object: `function` called with `args`; what `BUILD` gave it as `state`, and what was put into it since.

    A plain dictionary is made by ``builtins.dict``, a set by ``builtins.set``. `payload` is the array that joblib writes behind it.
    """

    function: Any
    args: Any = ()
    state: Any = None
    items: Sequence[tuple[Any, Any]] = ()
    elements: Sequence[Any] = ()
    payload: Raw | None = None

    def attributes(self) -> dict[str, Any]:
        """The attributes that its state sets: a dictionary, or the pair of dictionaries an object with slots has."""
        parts = self.state if isinstance(self.state, tuple) and len(self.state) == 2 else (self.state,)
        return {key: value for part in parts if isinstance(part, Made) for key, value in part.items if isinstance(key, str)}


DICT, SET = Global("builtins", "dict"), Global("builtins", "set")


@dataclass
class Pickle:
    """One pickle, from `start` to `end` in its data.

    `imports` are the names it imports, in order, with the byte each is first named at; `calls` all objects it makes by calling
    something; `persistent` the objects outside the pickle that it names; `problem` says why it could not be followed to its end, and then
    `value` is None.
    """

    start: int
    end: int
    protocol: int = 0
    value: Any = None
    imports: dict[Global, int] = field(default_factory=dict)
    calls: list[Made] = field(default_factory=list)
    persistent: list[Persistent] = field(default_factory=list)
    problem: str = ""
    cut: bool = False
    """True if it is longer than deplint follows, which says nothing against it."""

    def checked(self) -> Pickle:
        """Itself.

        Raises:
            Unreadable: it could not be followed to its end.
        """
        if self.problem:
            raise Unreadable(self.problem)
        return self


def follow(data: Data, start: int = 0, end: int | None = None) -> Pickle:
    """The pickle at `start`, as far as it can be followed. Nothing is raised: what it does before it breaks is done by then."""
    machine = _Machine(data, start, len(data) if end is None else min(end, len(data)))
    pickle = machine.pickle
    try:
        machine.run()
    except Unreadable as error:
        pickle.problem, pickle.cut = str(error), machine.budget[0] < 0
    except (IndexError, ValueError, TypeError, struct.error):
        pickle.problem = f"a pickle that breaks at byte {machine.at:,}"
    pickle.end = machine.pos
    return pickle


_FIXED: Mapping[str, struct.Struct] = {
    "uint1": struct.Struct("<B"), "uint2": struct.Struct("<H"), "int4": struct.Struct("<i"), "uint4": struct.Struct("<I"),
    "uint8": struct.Struct("<Q"), "float8": struct.Struct(">d"),
}  # fmt: skip

_COUNTED: Mapping[str, tuple[struct.Struct, str]] = {
    "string1": (_FIXED["uint1"], "latin-1"), "string4": (_FIXED["int4"], "latin-1"),
    "bytes1": (_FIXED["uint1"], ""), "bytes4": (_FIXED["uint4"], ""), "bytes8": (_FIXED["uint8"], ""), "bytearray8": (_FIXED["uint8"], ""),
    "unicodestring1": (_FIXED["uint1"], "utf-8"), "unicodestring4": (_FIXED["uint4"], "utf-8"),
    "unicodestring8": (_FIXED["uint8"], "utf-8"), "long1": (_FIXED["uint1"], "long"), "long4": (_FIXED["int4"], "long"),
}  # fmt: skip
"""Arguments with their length before them: how the length is stored, what the bytes are."""


def _utf8(line: bytes) -> str:
    return line.decode("utf-8", "replace")


def _quoted(line: bytes) -> str:
    """A string of protocol 0: quoted, with Python's escapes."""
    return bytes(codecs.escape_decode(line.strip()[1:-1])[0]).decode("latin-1")


def _escaped(line: bytes) -> str:
    """A text of protocol 0. Half a surrogate pair, which nothing can print, becomes a question mark."""
    return line.decode("raw-unicode-escape").encode("utf-8", "replace").decode("utf-8")


_LINES: Mapping[str, Callable[[bytes], str]] = {"stringnl": _quoted, "unicodestringnl": _escaped}

_OPCODES = {ord(op.code): (op.name, op.arg.name if op.arg else "") for op in pickletools.opcodes}

_ARRAY_WRAPPER = Global("joblib.numpy_pickle", "NumpyArrayWrapper")


class _Machine:
    def __init__(self, data: Data, start: int, end: int, depth: int = 0, budget: list[int] | None = None) -> None:
        self.data, self.pos, self.end, self.at = data, start, end, start
        self.pickle = Pickle(start, start)
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []
        """The stacks under each mark."""
        self.memo: dict[int, Any] = {}
        self.depth = depth
        self.done = False
        self.budget = [MEMORY_LIMIT] if budget is None else budget

    def run(self) -> None:
        """Follow the pickle to its end, which leaves its value."""
        data, end, budget = self.data, self.end, self.budget
        handlers: list[tuple[Callable[[Any], None], str] | None] = [None] * 256
        for code, (name, kind) in _OPCODES.items():
            handlers[code] = getattr(self, f"_{name.lower()}", self._push), kind
        while not self.done:
            self.at = pos = self.pos
            if pos >= end:
                raise Unreadable(f"a pickle that ends in the middle, at byte {pos:,}")
            known = handlers[data[pos]]
            if known is None:
                raise Unreadable(f"a pickle with an unknown opcode {data[pos]} at byte {pos:,}")
            budget[0] -= _COST
            if budget[0] < 0:
                self._spend(0)
            self.pos = pos + 1
            known[0](self._argument(known[1]) if known[1] else None)

    def _push(self, argument: Any) -> None:
        self.stack.append(argument)

    def _spend(self, cost: int) -> None:
        self.budget[0] -= cost
        if self.budget[0] < 0:
            raise Unreadable(f"a pickle that builds more than deplint follows, at byte {self.at:,}")

    # Arguments

    def _take(self, size: int) -> int:
        """Where the next `size` bytes begin."""
        start = self.pos
        if size < 0 or size > self.end - start:
            raise Unreadable(f"a pickle with {size:,} bytes announced at byte {self.at:,}, where {self.end - start:,} are left")
        self.pos = start + size
        return start

    def _number(self, form: struct.Struct) -> Any:
        return form.unpack_from(self.data, self._take(form.size))[0]

    def _argument(self, kind: str) -> Any:
        fixed = _FIXED.get(kind)
        if fixed is not None:
            return self._number(fixed)
        counted = _COUNTED.get(kind)
        if counted is not None:
            form, coding = counted
            size = self._number(form)
            start = self._take(size)
            if not coding or size > PAYLOAD:
                return Raw(start, size)
            self._spend(size)
            found = self.data[start : start + size]
            return int.from_bytes(found, "little", signed=True) if coding == "long" else found.decode(coding, "replace")
        if kind == "stringnl_noescape_pair":
            return _utf8(self._line()), _utf8(self._line())
        if kind in _LINES:
            return _LINES[kind](self._line())
        line = _utf8(self._line())
        if kind == "decimalnl_short":
            return {"00": False, "01": True}[line] if line in ("00", "01") else int(line)
        if kind == "decimalnl_long":
            return int(line.removesuffix("L"))
        return float(line) if kind == "floatnl" else line

    def _line(self) -> bytes:
        stop = self.data.find(b"\n", self.pos, min(self.end, self.pos + LINE_LIMIT))
        if stop < 0:
            raise Unreadable(f"a pickle with a line that does not end, at byte {self.pos:,}")
        start, self.pos = self.pos, stop + 1
        self._spend(stop - start)
        return self.data[start:stop]

    # Opcodes, each by its name; those that are not here push their argument

    def _none(self, _: None) -> None:
        self.stack.append(None)

    def _newtrue(self, _: None) -> None:
        self.stack.append(True)

    def _newfalse(self, _: None) -> None:
        self.stack.append(False)

    def _stop(self, _: None) -> None:
        self.pickle.value = self.stack.pop()
        self.done = True

    def _frame(self, _: Any) -> None:
        """Neither this nor a read-only buffer changes anything."""

    _readonly_buffer = _frame

    def _proto(self, version: int) -> None:
        self.pickle.protocol = version

    def _mark(self, _: None) -> None:
        self.below.append(self.stack)
        self._spend(_OBJECT_COST)
        self.stack = []

    def _marked(self) -> list[Any]:
        """What was put on the stack since the last mark."""
        items, self.stack = self.stack, self.below.pop()
        return items

    def _pop(self, _: None) -> None:
        if self.stack:
            self.stack.pop()
        else:
            self._marked()

    def _pop_mark(self, _: None) -> None:
        self._marked()

    def _dup(self, _: None) -> None:
        self.stack.append(self.stack[-1])

    def _binget(self, index: int) -> None:
        try:
            self.stack.append(self.memo[index])
        except KeyError:
            raise Unreadable(f"a pickle that uses what it has not made, at byte {self.at:,}") from None

    _long_binget = _binget

    def _get(self, index: str) -> None:
        self._binget(int(index))

    def _binput(self, index: int) -> None:
        self._spend(_MEMO_COST)
        self.memo[index] = self.stack[-1]

    _long_binput = _binput

    def _put(self, index: str) -> None:
        self._binput(int(index))

    def _memoize(self, _: None) -> None:
        self._binput(len(self.memo))

    def _tuple_of(self, count: int) -> None:
        self._spend(_OBJECT_COST)
        if len(self.stack) < count:
            raise IndexError
        split = len(self.stack) - count
        self.stack[split:] = [tuple(self.stack[split:])]

    def _empty_tuple(self, _: None) -> None:
        self.stack.append(())

    def _tuple1(self, _: None) -> None:
        self._tuple_of(1)

    def _tuple2(self, _: None) -> None:
        self._tuple_of(2)

    def _tuple3(self, _: None) -> None:
        self._tuple_of(3)

    def _tuple(self, _: None) -> None:
        items = tuple(self._marked())
        self._spend(_OBJECT_COST)
        self.stack.append(items)

    def _list(self, _: None) -> None:
        items = self._marked()
        self._spend(_OBJECT_COST)
        self.stack.append(items)

    def _empty_list(self, _: None) -> None:
        self._spend(_OBJECT_COST)
        self.stack.append([])

    def _container(self, function: Global) -> Made:
        self._spend(_OBJECT_COST)
        made = Made(function)
        self.stack.append(made)
        return made

    def _empty_dict(self, _: None) -> None:
        self._container(DICT)

    def _empty_set(self, _: None) -> None:
        self._container(SET)

    def _dict(self, _: None) -> None:
        items = self._marked()
        self._container(DICT).items = list(zip(items[::2], items[1::2], strict=True))

    def _frozenset(self, _: None) -> None:
        items = self._marked()
        self._container(SET).elements = items

    def _append(self, _: None) -> None:
        item = self.stack.pop()
        self._elements().append(item)

    def _appends(self, _: None) -> None:
        items = self._marked()
        elements = self._elements()
        elements += items

    _additems = _appends

    def _elements(self) -> list[Any]:
        """What the list or set on the top of the stack holds."""
        holder = self.stack[-1]
        if isinstance(holder, list):
            return holder
        if isinstance(holder, Made):
            if not isinstance(holder.elements, list):
                holder.elements = []
            return holder.elements
        raise Unreadable(f"a pickle that adds to what holds nothing, at byte {self.at:,}")

    def _setitem(self, _: None) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._set([key, value])

    def _setitems(self, _: None) -> None:
        self._set(self._marked())

    def _set(self, items: list[Any]) -> None:
        holder = self.stack[-1]
        self._spend(len(items) * _COST)
        if isinstance(holder, Made):
            if not isinstance(holder.items, list):
                holder.items = []
            holder.items.extend(zip(items[::2], items[1::2], strict=True))

    def _import(self, module: Any, name: Any) -> Global:
        known = isinstance(module, str) and isinstance(name, str)
        found = Global(module, name) if known else Global("", "")
        self._spend(_OBJECT_COST)
        self.pickle.imports.setdefault(found, self.at)
        return found

    def _global(self, names: tuple[str, str]) -> None:
        self.stack.append(self._import(*names))

    def _stack_global(self, _: None) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.stack.append(self._import(module, name))

    def _ext1(self, code: int) -> None:
        """A name by its number in the registry of the process that loads, which the file does not tell."""
        self.stack.append(self._import("", code))

    _ext2 = _ext4 = _ext1

    def _call(self, function: Any, args: Any) -> None:
        self._spend(2 * _OBJECT_COST)
        made = Made(function, args)
        self.pickle.calls.append(made)
        self.stack.append(made)

    def _reduce(self, _: None) -> None:
        args, function = self.stack.pop(), self.stack.pop()
        self._call(function, args)

    _newobj = _reduce

    def _newobj_ex(self, _: None) -> None:
        named, args, function = self.stack.pop(), self.stack.pop(), self.stack.pop()
        self._call(function, args)
        self.stack[-1].state = named

    def _inst(self, names: tuple[str, str]) -> None:
        args = tuple(self._marked())
        self._call(self._import(*names), args)

    def _obj(self, _: None) -> None:
        function, *args = self._marked()
        self._call(function, tuple(args))

    def _build(self, _: None) -> None:
        state = self.stack.pop()
        holder = self.stack[-1]
        if isinstance(holder, Made):
            holder.state = state
            if holder.function == _ARRAY_WRAPPER:
                self._array(holder)

    def _persid(self, name: str) -> None:
        self._outside(name)

    def _binpersid(self, _: None) -> None:
        self._outside(self.stack.pop())

    def _outside(self, key: Any) -> None:
        outside = Persistent(key)
        self._spend(_OBJECT_COST)
        self.pickle.persistent.append(outside)
        self.stack.append(outside)

    def _next_buffer(self, _: None) -> None:
        self.stack.append(Raw(0, 0))

    def _array(self, wrapper: Made) -> None:
        """Step over the array that joblib writes behind its wrapper: padding with its length first, then the elements.

        An array of objects is a pickle of its own.
        """
        facts = wrapper.attributes()
        dtype, shape = facts.get("dtype"), facts.get("shape")
        size = item_size(dtype)
        if size is None:
            if self.depth >= NESTED_LIMIT:
                raise Unreadable(f"pickles nested deeper than {NESTED_LIMIT}")
            inner = _Machine(self.data, self.pos, self.end, self.depth + 1, self.budget)
            inner.pickle.imports, inner.pickle.calls = self.pickle.imports, self.pickle.calls
            try:
                inner.run()
            finally:
                self.pos = inner.pos
            return
        if not isinstance(shape, tuple):
            raise ValueError
        for length in shape:
            size *= length
            if not 0 <= size <= self.end:
                raise Unreadable(f"an array of {size:,} bytes in a pickle of {self.end:,}")
        if facts.get("numpy_array_alignment_bytes"):
            self._take(self._number(_FIXED["uint1"]))
        wrapper.payload = Raw(self._take(size), size)


_DTYPE = re.compile(r"[<>|=]?([a-zA-Z?])(\d*)")


def item_size(dtype: Any) -> int | None:
    """Bytes of an element of a pickled NumPy dtype; None for Python objects.

    Raises:
        ValueError: it is no dtype this knows.
    """
    name = dtype.args[0] if isinstance(dtype, Made) and isinstance(dtype.args, tuple) and dtype.args else None
    match = _DTYPE.fullmatch(name) if isinstance(name, str) else None
    if match is None or not (match[2] or match[1] in "O?"):
        raise ValueError("not a dtype")
    if match[1] == "O":
        return None
    return (4 if match[1] == "U" else 1) * int(match[2] or 1)
