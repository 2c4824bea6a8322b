"""Members of a zip archive that are read where they lie: weights in PyTorch's and NumPy's archives.

Record layouts are those of the .ZIP specification (APPNOTE.TXT), section 4.3.7.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from deplint.formats.archive import DAMAGE, open_stream
from deplint.formats.wire import DataReader, RawData
from deplint.model import Stored, Unreadable
from deplint.project import File

DECOMPRESS_LIMIT = 256 << 20
"""Bytes of a compressed member beyond which nothing is read."""

_LOCAL = struct.Struct("<4s5H3L2H")


@dataclass(frozen=True)
class MemberData:
    """Reads the bytes of a tensor at `start` of a compressed member of `path`: what is before them is decompressed, too."""

    path: Path
    member: str
    start: int = 0

    def __call__(self, offset: int, size: int) -> bytes:
        """Raises Unreadable: the archive is gone, the member damaged or shorter than it says, or too much comes before the bytes."""
        offset += self.start
        if offset + size > DECOMPRESS_LIMIT:
            raise Unreadable(f"more than {DECOMPRESS_LIMIT:,} bytes of {self.member} would have to be decompressed")
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as stream:
                stream.seek(offset)
                found = stream.read(size)
        except DAMAGE as error:
            raise Unreadable(f"{self.member} in the archive is damaged ({error})") from error
        if len(found) < size:
            raise Unreadable(f"{self.member} in the archive ends before byte {offset + size:,}")
        return found


class Window(io.RawIOBase):
    """A part of a file as a stream of its own: an archive stored within another."""

    def __init__(self, path: Path, start: int, size: int) -> None:
        self._file = open(path, "rb")  # noqa: SIM115 - closed with the window
        self._start, self._size, self._at = start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, self._size - self._at)
        self._file.seek(self._start + self._at)
        found = self._file.read(left if size is None or size < 0 else min(size, left))
        self._at += len(found)
        return found

    def readinto(self, buffer: Any) -> int:
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def close(self) -> None:
        self._file.close()
        super().close()


@contextmanager
def open_inner(file: File, archive: zipfile.ZipFile, name: str) -> Iterator[tuple[zipfile.ZipFile, int]]:
    """The archive that a member is, and where in the file it begins.

    Raises:
        Unreadable: there is no such member, it is compressed, or no archive.
    """
    info = archive.NameToInfo.get(name)
    if info is None:
        raise Unreadable(f"the archive has no {name}")
    stored, reader = locate(file, archive, info)
    if not isinstance(reader, RawData):
        raise Unreadable(f"{name} in the archive cannot be read: {stored.problem or 'it is compressed'}")
    with Window(file.path, stored.offset, stored.nbytes) as window, open_stream(cast(IO[bytes], window), stored.nbytes) as inner:
        yield inner, stored.offset


def locate(file: File, archive: zipfile.ZipFile, info: zipfile.ZipInfo, base: int = 0) -> tuple[Stored, DataReader | None]:
    """Where a member's bytes are, none of them read. `archive` is open; it begins at `base` in the file."""
    stream = archive.fp
    assert stream is not None
    header = b""
    if 0 <= info.header_offset < file.size:
        stream.seek(info.header_offset)
        header = stream.read(_LOCAL.size)
    problem, start = "", 0
    if info.flag_bits & 1:
        problem = "it is encrypted"
    elif len(header) < _LOCAL.size or not header.startswith(b"PK\3\4"):
        problem = "it is not where the archive's directory says"
    else:
        start = base + info.header_offset + _LOCAL.size + sum(_LOCAL.unpack(header)[-2:])
        if start + info.compress_size > file.size:
            problem = f"file is too short: {file.size:,} bytes, the member ends at {start + info.compress_size:,}"
    stored = Stored(file.shown, start, info.file_size, problem=problem)
    if problem:
        return stored, None
    if info.compress_type == zipfile.ZIP_STORED:
        return stored, RawData(file.path, start)
    return stored, None if base else MemberData(file.path, info.filename)
