"""Flatbuffers, read where they lie: a table knows its fields by name from a schema and decodes one when asked.

A schema maps a table's name to its fields, and a field to ``[vtable offset, type, default, enumeration?]``. A type is that of a number,
``string``, ``union``, the name of a table or structure, or one of them in brackets for a vector (`tools/tflite_schema.py` writes such
schemas).

Every offset is checked against the file. Offsets only point forward, so there are no cycles; what tables share is counted each time it
is read, against a budget in proportion to the file, so that a small file cannot pretend to be a large one.

Source: https://flatbuffers.dev/internals/
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deplint.model import Unreadable

Field = Sequence[Any]

NUMBERS: Mapping[str, struct.Struct] = {
    name: struct.Struct("<" + code)
    for name, code in {
        "bool": "?", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q",
        "float": "f", "double": "d",
    }.items()
}  # fmt: skip

_OFFSET = NUMBERS["uint32"]

BUDGET_FLOOR, BUDGET_FACTOR, BUDGET_LIMIT = 1 << 18, 4, 1 << 27
"""Bytes read of a file of n bytes: at most FLOOR + FACTOR * n, and never more than LIMIT. Payloads are not read and do not count."""

TABLE_COST = 20
"""Bytes a table in a vector counts for: about the least a real one takes."""

TABLES_LIMIT, VECTOR_LIMIT = 800_000, 350_000
"""Tables and strings in all vectors of a file, and in one. A graph of 100,000 operators has about 500,000, and 200,000 tensors."""


class FlatBuffer:
    """A flatbuffer and its schema. `enums` maps an enumeration to its names by value, `structs` a structure to how it is packed."""

    def __init__(
        self,
        data: bytes | mmap.mmap,
        tables: Mapping[str, Mapping[str, Field]],
        enums: Mapping[str, Mapping[int, str]] | None = None,
        structs: Mapping[str, struct.Struct] | None = None,
    ) -> None:
        self.data = data
        self.size = len(data)
        self.tables = tables
        self.enums = enums or {}
        self.structs = structs or {}
        self._budget = min(BUDGET_FLOOR + BUDGET_FACTOR * self.size, BUDGET_LIMIT)
        self._tables = TABLES_LIMIT
        self._vtables: dict[int, tuple[int, ...]] = {}

    def root(self, table: str) -> Table:
        """The table the whole buffer is.

        Raises:
            Unreadable: the buffer is too short for one, or points outside itself.
        """
        return Table(self, table, self.number(_OFFSET, 0))

    def number(self, code: struct.Struct, at: int) -> Any:
        return self.unpack(code, at)[0]

    def unpack(self, code: struct.Struct, at: int) -> tuple[Any, ...]:
        if not 0 <= at <= self.size - code.size:
            raise Unreadable(f"points to byte {at:,} of a file of {self.size:,} bytes: cut short, or damaged")
        return code.unpack_from(self.data, at)

    def follow(self, at: int) -> int:
        """Where the offset at `at` points."""
        return at + int(self.number(_OFFSET, at))

    def vector(self, at: int, width: int) -> tuple[int, int]:
        """Where the elements of a vector begin, and how many there are of `width` bytes each."""
        start = self.follow(at)
        count = int(self.number(_OFFSET, start))
        if count * width > self.size - start - 4:
            raise Unreadable(f"{count:,} elements of {width} bytes at byte {start:,} of a file of {self.size:,} bytes")
        return start + 4, count

    def spend(self, size: int) -> None:
        self._budget -= size
        if self._budget < 0:
            raise Unreadable("its tables hold more than the file does: parts are shared over and over")

    def spend_tables(self, count: int) -> None:
        self.spend(count * TABLE_COST)
        self._tables -= count
        if self._tables < 0 or count > VECTOR_LIMIT:
            raise Unreadable(f"more than {VECTOR_LIMIT:,} parts of a kind, or {TABLES_LIMIT:,} of all kinds")

    def vtable(self, at: int) -> tuple[int, ...]:
        """The offsets of a table's fields; the first two entries are the sizes of the vtable and of the table."""
        known = self._vtables.get(at)
        if known is None:
            size = int(self.number(NUMBERS["uint16"], at))
            if size < 4 or size % 2 or at + size > self.size:
                raise Unreadable(f"a table layout of {size:,} bytes at byte {at:,}")
            self.spend(size)
            known = self._vtables[at] = struct.unpack_from(f"<{size // 2}H", self.data, at)
        return known


class Table:
    """One table. ``table["shape"]`` is the field's value: a number, an enumeration's name (or number if it has none), a string, a tuple
    of numbers, bytes for a vector of bytes, a `Table`, a list of tables or strings; a structure is a tuple of numbers. Absent is the
    default, ``""``, ``()``, None or ``[]``.
    """

    __slots__ = ("_at", "_buffer", "_fields", "_layout")

    def __init__(self, buffer: FlatBuffer, name: str, at: int) -> None:
        self._buffer = buffer
        self._fields = buffer.tables[name]
        self._at = at
        self._layout = buffer.vtable(at - int(buffer.number(NUMBERS["int32"], at)))

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def _where(self, field: Field) -> int:
        """Where a field is in the file; 0 if it is absent."""
        index = field[0] >> 1
        offset = self._layout[index] if index < len(self._layout) else 0
        return self._at + offset if offset else 0

    def __getitem__(self, name: str) -> Any:
        """Raises Unreadable: the value lies outside the file."""
        field = self._fields[name]
        kind = field[1]
        at = self._where(field)
        if code := NUMBERS.get(kind):
            value = self._buffer.number(code, at) if at else field[2]
            return self._buffer.enums[field[3]].get(value, value) if len(field) > 3 else value
        if kind[0] == "[":
            return self._vector(kind[1:-1], at)
        if kind == "string":
            return str(self._bytes(at), "utf-8", "replace") if at else ""
        if kind == "union":
            kind = self[f"{name}_type"]
        if at and kind in self._buffer.structs:
            return self._buffer.unpack(self._buffer.structs[kind], self._buffer.follow(at))
        return Table(self._buffer, kind, self._buffer.follow(at)) if at and kind in self._buffer.tables else None

    def _vector(self, kind: str, at: int) -> Any:
        buffer = self._buffer
        if kind == "uint8":
            return self._bytes(at) if at else b""
        if code := NUMBERS.get(kind):
            if not at:
                return ()
            start, count = buffer.vector(at, code.size)
            buffer.spend(count * code.size)
            return struct.unpack_from(f"<{count}{code.format[1:]}", buffer.data, start)
        if not at:
            return []
        if packed := buffer.structs.get(kind):
            start, count = buffer.vector(at, packed.size)
            buffer.spend(count * packed.size)
            return [*packed.iter_unpack(buffer.data[start : start + count * packed.size])]
        start, count = buffer.vector(at, 4)
        buffer.spend_tables(count)
        places = range(start, start + 4 * count, 4)
        if kind == "string":
            return [str(self._bytes(place), "utf-8", "replace") for place in places]
        return [Table(buffer, kind, buffer.follow(place)) for place in places]

    def _bytes(self, at: int) -> bytes:
        start, count = self._buffer.vector(at, 1)
        self._buffer.spend(count)
        return self._buffer.data[start : start + count]

    def span(self, name: str) -> tuple[int, int]:
        """Where the bytes of a vector of bytes begin and how many there are, unread; (0, 0) if it is absent."""
        at = self._where(self._fields[name])
        return self._buffer.vector(at, 1) if at else (0, 0)
