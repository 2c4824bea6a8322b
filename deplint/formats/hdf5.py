"""What an HDF5 file holds, told by h5py in a process of its own.

The HDF5 library trusts what it reads: about one file in a hundred with a few flipped bytes keeps it busy for ever (measured on files that
Keras wrote). So it runs in a worker (`deplint.worker`), and `listing` returns whatever happens to it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deplint.model import Unreadable
from deplint.project import File
from deplint.worker import Answer, Crashed, Endless, NoAnswer, Refused, Worker

SECONDS, BYTES_A_SECOND = 2, 100 << 20
"""Processor time the library gets for a file: a base, and a second more for each so many bytes of it."""

MEMORY = 256 << 20
"""Bytes the library gets."""

MEMBERS_LIMIT = 20_000
"""Groups and data sets beyond which a file is not read."""

DEPTH_LIMIT = 64
"""Groups within groups."""

WORKER = Worker("deplint.formats.hdf5:answering", MEMORY)


def listing(file: File, attributes: tuple[str, ...], member: str = "") -> dict[str, Any]:
    """The text of the file's `attributes` (under ``attributes``, those it has), and its data sets (under ``datasets``) in the order of
    their paths: ``[path, dtype, kind, big-endian?, shape, offset or None, bytes]``, kind being NumPy's letter.

    If the file is an archive, `member` is the HDF5 file in it, where offsets count from.

    Raises:
        Unreadable: the library cannot open the file, does not come to an end, or finds too much.
    """
    try:
        return dict(WORKER.ask([str(file.path), attributes, member], SECONDS + file.size / BYTES_A_SECOND))
    except Refused as error:
        raise Unreadable(f"not a readable HDF5 file: {error}") from None
    except Endless:
        raise Unreadable("the HDF5 library does not come to an end on it: the file is damaged") from None
    except Crashed as error:
        raise Unreadable(f"the HDF5 library crashes on it (signal {error}): the file is damaged") from None
    except NoAnswer as error:
        raise Unreadable(f"the process that reads HDF5 files failed: {error}") from None


def answering() -> Answer:
    """The worker's side: from a path and names of attributes to what `listing` returns."""
    import h5py

    def answer(question: Any) -> dict[str, Any]:
        path, attributes, member = question
        with _source(path, member) as source, h5py.File(source, "r") as h5:
            texts = {name: _text(h5.attrs[name]) for name in attributes if name in h5.attrs}
            return {"attributes": texts, "datasets": list(_datasets(h5, h5py))}

    return answer


@contextmanager
def _source(path: str, member: str) -> Iterator[Any]:
    """What the library reads: the file; the part of it that a member takes; what a compressed member holds, if it is not too large."""
    if not member:
        yield path
        return
    from deplint.formats.archive import open_zip, read_member
    from deplint.formats.members import Window, locate
    from deplint.formats.wire import RawData

    file = File(Path(path))
    with open_zip(file) as archive:
        stored, reader = locate(file, archive, archive.getinfo(member))
        if isinstance(reader, RawData):
            with Window(file.path, stored.offset, stored.nbytes) as window:
                yield window
        else:
            yield io.BytesIO(read_member(archive, member))


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _datasets(h5: Any, h5py: Any) -> Iterator[list[Any]]:
    """The data sets. Links are not followed, since they may lead to other files, and neither are virtual data sets, which are parts of
    other files: the library opens those to tell a shape. A group reached twice is read once.
    """
    stack, seen, found = [("", h5)], set(), 0
    while stack:
        path, group = stack.pop()
        address = h5py.h5o.get_info(group.id).addr
        if address in seen:
            continue
        seen.add(address)
        for name in group:
            found += 1
            if found > MEMBERS_LIMIT:
                raise Unreadable(f"it holds more than {MEMBERS_LIMIT:,} groups and data sets")
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                continue
            item = group[name]
            if isinstance(item, h5py.Group) and path.count("/") < DEPTH_LIMIT:
                stack.append((f"{path}{name}/", item))
            elif isinstance(item, h5py.Dataset) and not item.is_virtual:
                dtype = item.dtype
                shape = [int(size) for size in item.shape or ()]
                place = item.id.get_offset(), int(item.id.get_storage_size())
                yield [path + name, dtype.name, dtype.kind, dtype.byteorder == ">", shape, *place]
