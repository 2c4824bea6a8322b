"""Zip archives that may be hostile: the directory is read with a limit, and members are.

Record layouts are those of the .ZIP specification (APPNOTE.TXT), sections 4.3.14 to 4.3.16.
"""

from __future__ import annotations

import copy
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import IO

from deplint.model import Unreadable
from deplint.project import File

DIRECTORY_LIMIT = 4 << 20
"""Bytes of a directory beyond which it is not read: 60,000 members or so."""

MEMBER_LIMIT = 32 << 20
"""Bytes of a member beyond which it is not read."""

DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ValueError, LookupError, NotImplementedError, EOFError, RuntimeError,
    OSError,
)  # fmt: skip
"""What `zipfile` raises for members that are not what they should be."""

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")


@contextmanager
def open_zip(file: File) -> Iterator[zipfile.ZipFile]:
    """The archive, its directory read.

    Raises:
        Unreadable: it has no directory (it was cut short), a damaged one, or one of more than `DIRECTORY_LIMIT` bytes.
    """
    with open(file.path, "rb") as stream, open_stream(stream, file.size) as archive:
        yield archive


@contextmanager
def open_stream(stream: IO[bytes], size: int) -> Iterator[zipfile.ZipFile]:
    """The archive that a stream of `size` bytes is, as `open_zip`."""
    length = _directory_length(stream, size)
    if length > DIRECTORY_LIMIT:
        raise Unreadable(f"a zip archive with a directory of {length:,} bytes, more than the {DIRECTORY_LIMIT:,} deplint reads")
    try:
        archive = zipfile.ZipFile(stream)
    except DAMAGE as error:
        raise Unreadable(f"a zip archive with a damaged directory ({error})") from error
    with archive:
        yield archive


def _directory_length(stream: IO[bytes], size: int) -> int:
    """Bytes of the archive's directory, as its end record says; `size` is that of the file."""
    stream.seek(max(0, size - 0xFFFF - _END.size))  # a comment of at most 65,535 bytes follows the record
    tail = stream.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or at + _END.size > len(tail):
        raise Unreadable("a zip archive without a directory at its end: it was cut short")
    locator = tail[max(0, at - _LOCATOR_64.size) : at]
    if not locator.startswith(b"PK\6\7"):
        return int(_END.unpack_from(tail, at)[5])
    stream.seek(min(_LOCATOR_64.unpack(locator)[2], size))
    record = stream.read(_END_64.size)
    if len(record) < _END_64.size or not record.startswith(b"PK\6\6"):
        raise Unreadable("a zip archive whose directory is not where its end says")
    return int(_END_64.unpack(record)[8])


_compared: ContextVar[bool] = ContextVar("compared", default=True)


@contextmanager
def unchecked() -> Iterator[None]:
    """Within it, members are read whatever their checksums say: as PyTorch reads them, which compares none."""
    before = _compared.set(False)
    try:
        yield
    finally:
        _compared.reset(before)


def read_member(archive: zipfile.ZipFile, name: str, limit: int = MEMBER_LIMIT) -> bytes:
    """The content of one member.

    Raises:
        Unreadable: there is none of that name, it is encrypted, damaged, or larger than `limit` whatever its header says.
    """
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise Unreadable(f"the archive has no {name}") from None
    if info.flag_bits & 1:
        raise Unreadable(f"{name} in the archive is encrypted")
    if not _compared.get():
        info = copy.copy(info)
        del info.CRC  # then there is nothing to compare with
    try:
        with archive.open(info) as stream:
            content = stream.read(limit + 1)
    except DAMAGE as error:
        raise Unreadable(f"{name} in the archive is damaged ({error})") from error
    if len(content) > limit:
        raise Unreadable(f"{name} in the archive is larger than the {limit:,} bytes deplint reads")
    return content
