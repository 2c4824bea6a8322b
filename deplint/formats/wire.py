"""The protobuf wire format, read where it lies.

A message is a stretch of bytes made of fields; a field is a tag (its number and how it is coded) and a value. `Message` notes where
each field's value is and decodes it when asked, so that reading costs what the structure costs and payloads are never touched. Which
number means what is the business of the format that reads: each keeps its numbers in one table.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import mmap
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from deplint.model import Stored, Unreadable
from deplint.project import File

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""How a field is coded: the low three bits of its tag. 3 and 4 (groups) are in no format read here."""

MAX_DEPTH = 100
"""Messages within messages; protobuf's own parsers refuse more, too."""

MAX_FIELDS, MESSAGE_FIELDS = 8_000_000, 270_000
"""Fields decoded of one file, and of one message. A graph of 100,000 operators with all shapes noted has about two million, of them
300,000 in one message."""

PART_COST = 16
"""Fields that an operator or a tensor counts for beside its own: it takes as much memory."""

CHUNK = 1 << 16
"""Bytes of packed numbers looked at in one go."""

REALS = "fd"
"""`struct` codes of numbers the wire stores as they are; all others are varints."""

DataReader = Callable[[int, int], bytes]

_LFS = b"version https://git-lfs.github.com/spec/"


class BreaksOff(Unreadable):
    """A field is longer than the message it is in."""


def varint(data: bytes | mmap.mmap, pos: int) -> tuple[int, int]:
    """The unsigned number at `pos`, and where it ends.

    Raises:
        Unreadable: it takes more than ten bytes.
        IndexError: `data` ends within it.
    """
    value = shift = 0
    while True:
        byte = data[pos]
        pos += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & 0xFFFFFFFFFFFFFFFF, pos
        shift += 7
        if shift > 63:
            raise Unreadable(f"a number of more than ten bytes at byte {pos:,}")


def fields(data: bytes | mmap.mmap, pos: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The fields of the message that lies at `pos` to `end`: tag (number << 3 | coding), and the value.

    A VARINT gives the number itself and where it ends; the other codings give where the value's bytes begin and end.

    Raises:
        Unreadable: this is no protobuf message, or a field is longer than the message.
        IndexError: `data` ends before `end` (only the beginning of a file was passed).
    """
    while pos < end:
        start = pos
        tag = data[pos]
        pos += 1
        if tag > 127:
            tag, pos = varint(data, start)
        if tag < 8:
            raise Unreadable(f"a field without a number at byte {start:,}")
        coding = tag & 7
        if coding == BYTES:
            size = data[pos]
            pos += 1
            if size > 127:
                size, pos = varint(data, pos - 1)
            stop = pos + size
            if stop > end:
                raise BreaksOff(f"a field of {size:,} bytes at byte {start:,}, where {max(0, end - pos):,} are left")
            yield tag, pos, stop
            pos = stop
        elif coding == VARINT:
            value = data[pos]
            pos += 1
            if value > 127:
                value, pos = varint(data, pos - 1)
            yield tag, value, pos
        elif coding == FIXED32:
            pos += 4
            yield tag, pos - 4, pos
        elif coding == FIXED64:
            pos += 8
            yield tag, pos - 8, pos
        else:
            raise Unreadable(f"a field of unknown coding {coding} at byte {start:,}")
    if pos > end:
        raise Unreadable(f"a field at byte {start:,} ends outside its message")


def beginning(head: bytes, pos: int = 0, end: int = sys.maxsize) -> Iterator[tuple[int, int, int]]:
    """The fields of a message of which only the beginning may be in `head`: as `fields`, stopping where `head` ends.

    A file that breaks off begins as the whole one does: to tell what it was, leave out `end`.
    """
    with suppress(IndexError):
        yield from fields(head, pos, end)


def signed(value: int) -> int:
    """The int64 that an unsigned varint stands for."""
    return value - (1 << 64) if value >> 63 else value


class Message:
    """One message: its fields by number, decoded when asked for.

    A field of another coding than the one asked for counts as absent, as in protobuf itself; of a single field written twice the
    last counts.
    """

    __slots__ = ("_budget", "_depth", "_found", "data", "end", "start")

    def __init__(self, data: bytes | mmap.mmap, start: int, end: int, depth: int = 0, budget: list[int] | None = None) -> None:
        """Note the fields between `start` and `end`.

        Raises:
            Unreadable: the bytes are no message, too deep, or the file holds too many fields.
        """
        self.data, self.start, self.end = data, start, end
        self._depth = depth
        self._budget = budget if budget is not None else [MAX_FIELDS]
        if depth > MAX_DEPTH:
            raise Unreadable(f"messages nested deeper than {MAX_DEPTH}")
        left = self._budget[0]
        least = max(0, left - MESSAGE_FIELDS)
        found: dict[int, list[tuple[int, int]]] = {}
        try:
            for tag, a, b in fields(data, start, end):
                left -= 1
                if left < least:
                    raise Unreadable(f"more than {MESSAGE_FIELDS:,} fields in a message, or {MAX_FIELDS:,} in the file")
                if tag in found:
                    found[tag].append((a, b))
                else:
                    found[tag] = [(a, b)]
        except IndexError:
            raise Unreadable("the file ends in the middle of a field") from None
        self._budget[0] = left
        self._found = found

    def __contains__(self, number: int) -> bool:
        found, tag = self._found, number << 3
        return tag | BYTES in found or tag in found or tag | FIXED32 in found or tag | FIXED64 in found

    @property
    def numbers(self) -> Iterator[int]:
        """The numbers of the fields it has, each as often as it is coded differently."""
        return (tag >> 3 for tag in self._found)

    def spans(self, number: int) -> list[tuple[int, int]]:
        """Where the strings, bytes or messages of a field begin and end."""
        return self._found.get(number << 3 | BYTES, [])

    def text(self, number: int) -> str:
        """A string; "" if absent. Bytes that are not UTF-8 become U+FFFD."""
        spans = self._found.get(number << 3 | BYTES)
        return str(self.data[spans[-1][0] : spans[-1][1]], "utf-8", "replace") if spans else ""

    def texts(self, number: int) -> list[str]:
        data = self.data
        return [str(data[a:b], "utf-8", "replace") for a, b in self.spans(number)]

    def integer(self, number: int) -> int:
        """An int64, bool or enumeration; 0 if absent."""
        values = self._found.get(number << 3)
        return signed(values[-1][0]) if values else 0

    def integers(self, number: int) -> Iterator[int]:
        """Repeated int64, bool or enumeration, packed or not."""
        for value, _ in self._found.get(number << 3, ()):
            yield signed(value)
        for pos, end in self.spans(number):
            try:
                while pos < end:
                    value, pos = varint(self.data, pos)
                    yield signed(value)
            except IndexError:
                pos = end + 1
            if pos > end:
                raise Unreadable(f"packed numbers end outside their field at byte {end:,}")

    def real(self, number: int) -> float:
        """A float; 0.0 if absent."""
        return next(self._reals(self._found.get(number << 3 | FIXED32, ())[-1:], "f"), 0.0)

    def reals(self, number: int, code: str = "f") -> Iterator[float]:
        """Repeated float (`code` f) or double (d), packed or not."""
        coding = FIXED32 if code == "f" else FIXED64
        yield from self._reals(self._found.get(number << 3 | coding, ()), code)
        yield from self._reals(self.spans(number), code)

    def _reals(self, spans: Sequence[tuple[int, int]], code: str) -> Iterator[float]:
        size = struct.calcsize(code)
        for a, b in spans:
            if (b - a) % size:
                raise Unreadable(f"packed numbers of {size} bytes in {b - a:,} bytes at byte {a:,}")
            for pos in range(a, b, CHUNK):
                for (value,) in struct.iter_unpack("<" + code, self.data[pos : min(b, pos + CHUNK)]):
                    yield value

    def count(self, number: int, code: str) -> int:
        """How many numbers a repeated field holds (`code` f, d, or anything else for varints), without decoding them."""
        if code in REALS:
            coding, size = (FIXED32, 4) if code == "f" else (FIXED64, 8)
            return len(self._found.get(number << 3 | coding, ())) + sum((b - a) // size for a, b in self.spans(number))
        total = len(self._found.get(number << 3, ()))
        for a, b in self.spans(number):
            for pos in range(a, b, CHUNK):
                total += len(self.data[pos : min(b, pos + CHUNK)].translate(None, _CONTINUED))  # one byte below 128 ends a number
        return total

    def spend(self, count: int, parts: int = 0) -> None:
        """Count fields that were gone through without a `Message`, and operators and tensors that are made of this message.

        Raises:
            Unreadable: the file holds too many.
        """
        self._budget[0] -= count + parts * PART_COST
        if self._budget[0] < 0:
            raise Unreadable(f"more than {MAX_FIELDS:,} fields, an operator counted as {PART_COST}")

    def within(self, start: int, end: int) -> Message:
        """The message that one of this message's fields holds at `start` to `end`."""
        return Message(self.data, start, end, self._depth + 1, self._budget)

    def message(self, number: int) -> Message | None:
        """A message within this one; None if absent."""
        spans = self._found.get(number << 3 | BYTES)
        return self.within(*spans[-1]) if spans else None

    def messages(self, number: int) -> Iterator[Message]:
        for start, end in self.spans(number):
            yield self.within(start, end)


_CONTINUED = bytes(range(128, 256))


def open_message(file: File) -> Message:
    """The message a whole file is, mapped: only what is touched is read.

    Raises:
        Unreadable: the file cannot be opened, is empty, is a Git LFS pointer, or is no protobuf message.
    """
    try:
        if not file.size:
            raise Unreadable("an empty file")
        if is_lfs_pointer(file.head):
            raise Unreadable("a Git LFS pointer, not the file itself (git lfs pull fetches it)")
        data = file.map()
    except (OSError, ValueError) as error:
        raise Unreadable(f"cannot be opened: {getattr(error, 'strerror', None) or error}") from None
    try:
        return Message(data, 0, len(data))
    except BreaksOff as error:
        raise Unreadable(f"the file breaks off: {error}") from None


def is_lfs_pointer(head: bytes) -> bool:
    return head.startswith(_LFS)


class EncodedFile(File):
    """A file that holds a message in another form: its content is the same message in the wire format.

    `path` and `shown` are the file's; offsets in what is read from it count bytes of the wire format.
    """

    def __init__(self, file: File, content: bytes) -> None:
        super().__init__(file.path, file.shown)
        self.content = content
        self.size = len(content)
        self.head = content[:64]

    def map(self) -> bytes:
        return self.content


def raw_data(file: File, start: int) -> DataReader:
    """Reads the bytes of a tensor that lie as they are at `start` of the file."""
    return HeldData(file.content, start) if isinstance(file, EncodedFile) else RawData(file.path, start)


@dataclass(frozen=True)
class HeldData:
    """Reads the bytes of a tensor that lie as they are at `start` of what was decoded: ``data(offset, size)``."""

    content: bytes = field(repr=False)
    start: int

    def __call__(self, offset: int, size: int) -> bytes:
        start = self.start + offset
        return self.content[start : start + size]


@dataclass(frozen=True)
class RawData:
    """Reads the bytes of a tensor that lie as they are at `start` of `path`: ``data(offset, size)``."""

    path: Path
    start: int
    direct: ClassVar[bool] = True

    def __call__(self, offset: int, size: int) -> bytes:
        """Raises Unreadable: the file is gone or shorter than when the model was read."""
        try:
            with open(self.path, "rb") as stream:
                stream.seek(self.start + offset)
                found = stream.read(size)
        except OSError as error:
            raise Unreadable(f"cannot be opened: {error.strerror}") from None
        if len(found) < size:
            raise Unreadable(f"the file ends before byte {self.start + offset + size:,}")
        return found


@dataclass(frozen=True)
class StringData:
    """Reads the bytes of a tensor whose values are strings, one after the other, in a field of the message at `start` to `end` of the
    file."""

    file: File
    start: int
    end: int
    number: int

    def strings(self) -> list[bytes]:
        """Raises Unreadable: the file has changed since the model was read."""
        message = Message(self.file.map(), self.start, self.end)
        return [message.data[a:b] for a, b in message.spans(self.number)]

    def __call__(self, offset: int, size: int) -> bytes:
        """Raises Unreadable: the file has changed since the model was read."""
        return b"".join(self.strings())[offset : offset + size]


@dataclass(frozen=True)
class NumberData:
    """Reads the bytes of a tensor whose values are numbers in a field of the message at `start` to `end` of `file`.

    `code` is the `struct` code of an element. If `elements` is more than the numbers stored, the last one is repeated.
    """

    file: File
    start: int
    end: int
    number: int
    code: str
    elements: int

    def __call__(self, offset: int, size: int) -> bytes:
        """Raises Unreadable: the file has changed since the model was read."""
        try:
            message = Message(self.file.map(), self.start, self.end)
        except OSError as error:
            raise Unreadable(f"cannot be opened: {error.strerror}") from None
        width = struct.calcsize(self.code)
        first, stop = offset // width, min(self.elements, -(-(offset + size) // width))
        stored: Iterator[float] = message.reals(self.number, self.code) if self.code in REALS else message.integers(self.number)
        found = bytearray()
        last: float = 0
        for index in range(stop):
            last = next(stored, last)
            if index >= first:
                found += self._pack(last, width)
        return bytes(found[offset - first * width :][:size])

    def _pack(self, value: float, width: int) -> bytes:
        if isinstance(value, int):  # whatever does not fit is cut, as a cast would
            return (value & (1 << 8 * width) - 1).to_bytes(width, "little")
        return struct.pack("<" + self.code, value)


def stored_numbers(file: File, message: Message, number: int, code: str, elements: int = 0) -> tuple[Stored, DataReader]:
    """Where the numbers of a repeated field are, as the tensor they stand for: `elements` of them if the last one is to be repeated."""
    width = struct.calcsize(code)
    count = message.count(number, code)
    spans = message.spans(number)
    if code in REALS and len(spans) == 1 and elements <= count:
        start, end = spans[0]
        return Stored(file.shown, start, end - start), raw_data(file, start)
    count = max(count, elements)
    start = spans[0][0] if spans else message.start
    return Stored(file.shown, start, count * width), NumberData(file, message.start, message.end, number, code, count)
