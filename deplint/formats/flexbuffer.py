"""FlexBuffers, which need no schema: how custom operators of TensorFlow Lite store their options.

A value is where its bytes are, how wide they are and of what type; the root is told by the last two bytes. Every offset points backwards
and is checked against the buffer; what parts share is counted each time it is read.

Source: https://flatbuffers.dev/internals/ (FlexBuffers).
"""

from __future__ import annotations

import struct
from typing import Any

from deplint.model import Unreadable

VALUES_LIMIT = 10_000
"""Values of one buffer."""

DEPTH_LIMIT = 32

NULL, INT, UINT, FLOAT, KEY, STRING, INDIRECT_INT, INDIRECT_UINT, INDIRECT_FLOAT, MAP, VECTOR, VECTOR_INT = range(12)
VECTOR_STRING, VECTOR_INT_2, VECTOR_FLOAT_4, BLOB, BOOL, VECTOR_BOOL = 15, 16, 24, 25, 26, 36

_CODES = {
    INT: {1: "<b", 2: "<h", 4: "<i", 8: "<q"},
    UINT: {1: "<B", 2: "<H", 4: "<I", 8: "<Q"},
    FLOAT: {2: "<e", 4: "<f", 8: "<d"},
}


def read(data: bytes) -> Any:
    """What the buffer holds: numbers, texts, bytes, lists, dictionaries, None.

    Raises:
        Unreadable: an offset or a length contradicts the buffer, a type is unknown, or it is nested too deeply.
    """
    if len(data) < 3:
        raise Unreadable("a FlexBuffer of less than three bytes")
    width = data[-1]
    if width not in (1, 2, 4, 8) or width + 2 > len(data):
        raise Unreadable(f"a FlexBuffer whose root is {width} bytes wide")
    return _Reader(data).value(len(data) - 2 - width, width, data[-2])


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.left = VALUES_LIMIT

    def number(self, kind: int, at: int, width: int) -> Any:
        code = _CODES[kind].get(width)
        if code is None or not 0 <= at <= len(self.data) - width:
            raise Unreadable(f"a number of {width} bytes at byte {at:,} of a FlexBuffer of {len(self.data):,}")
        return struct.unpack_from(code, self.data, at)[0]

    def part(self, at: int, size: int) -> bytes:
        if not 0 <= at <= at + size <= len(self.data):
            raise Unreadable(f"{size:,} bytes at byte {at:,} of a FlexBuffer of {len(self.data):,}")
        return self.data[at : at + size]

    def value(self, at: int, parent: int, packed: int, depth: int = 0) -> Any:
        """The value at `at` of a type and width that are `packed` into a byte; `parent` is how wide it is if it is stored right there."""
        self.left -= 1
        if self.left < 0 or depth > DEPTH_LIMIT:
            raise Unreadable("a FlexBuffer of more values, or nested more deeply, than options are")
        kind, width = packed >> 2, 1 << (packed & 3)
        if kind == NULL:
            return None
        if kind in (INT, UINT, FLOAT):
            return self.number(kind, at, parent)
        if kind == BOOL:
            return bool(self.number(UINT, at, parent))
        at -= self.number(UINT, at, parent)
        if kind == KEY:
            end = self.data.find(b"\0", max(at, 0))
            return self.part(at, end - at).decode("utf-8", "replace")
        if kind in (INDIRECT_INT, INDIRECT_UINT, INDIRECT_FLOAT):
            return self.number(kind - INDIRECT_INT + INT, at, width)
        if VECTOR_INT_2 <= kind <= VECTOR_FLOAT_4:  # two, three or four numbers, their count left out
            several, of = divmod(kind - VECTOR_INT_2, 3)
            return [self.number(of + INT, at + i * width, width) for i in range(several + 2)]
        count = self.number(UINT, at - width, width)
        if kind in (STRING, BLOB):
            content = self.part(at, count)
            return content.decode("utf-8", "replace") if kind == STRING else content
        self.part(at, count * width)
        if VECTOR_INT <= kind <= VECTOR_STRING or kind == VECTOR_BOOL:
            of = (BOOL if kind == VECTOR_BOOL else kind - VECTOR_INT + INT) << 2
            return [self.value(at + i * width, width, of, depth + 1) for i in range(count)]
        if kind not in (VECTOR, MAP):
            raise Unreadable(f"a FlexBuffer's type {kind}")
        kinds = self.part(at + count * width, count)
        items = [self.value(at + i * width, width, each, depth + 1) for i, each in enumerate(kinds)]
        if kind == VECTOR:
            return items
        names, step = at - 3 * width, self.number(UINT, at - 2 * width, width)
        names -= self.number(UINT, names, width)
        return {self.value(names + i * step, step, KEY << 2, depth + 1): item for i, item in enumerate(items)}
