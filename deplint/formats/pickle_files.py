"""Files that are loaded by unpickling: which names their pickles import, and, for a plain pickle, what it holds.

Loading such a file runs what its pickles call. Here they are only followed (`deplint.formats.pickles`); the facts are a `PickleFile`,
for a security rule, and a `Model` for what scikit-learn and others write with pickle or joblib.

Sources: joblib's ``numpy_pickle.py`` and ``compressor.py``; ``numpy/lib/npyio.py`` for arrays of objects.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deplint.finding import Place
from deplint.formats.archive import DAMAGE, open_zip, read_member
from deplint.formats.artifact import detect
from deplint.formats.members import open_inner
from deplint.formats.numpy_files import header
from deplint.formats.pickled import VERSION, Contents, class_of
from deplint.formats.pickles import Data, Made, Pickle, follow
from deplint.formats.torch import in_file, outside, root_of
from deplint.model import Graph, Model, Unreadable
from deplint.project import File

LEGACY_PICKLES = 5
"""Pickles at the beginning of a PyTorch checkpoint from before 1.6."""

DECOMPRESSED_LIMIT = 48 << 20
"""Bytes of a compressed pickle beyond which nothing is looked at."""

LZMA_LIMIT = 128 << 20
"""Bytes of memory that decompressing may take; the highest preset needs half of that."""

_COMPRESSED: Mapping[str, Callable[[], Any]] = {
    "zlib": zlib.decompressobj,
    "gzip": lambda: zlib.decompressobj(31),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(memlimit=LZMA_LIMIT),
    "lzma": lambda: lzma.LZMADecompressor(memlimit=LZMA_LIMIT),
}


@dataclass
class PickleFile:
    """A file that is loaded by unpickling: its pickles, each with the member of an archive it is in ("" for the file itself).

    A pickle that breaks is among them as far as it goes: what it does before it breaks has been done when it breaks.
    """

    place: Place
    pickles: list[tuple[str, Pickle]] = field(default_factory=list)


def holds_pickle(file: File) -> bool:
    """True for a plain pickle, compressed as joblib does or not."""
    kind = detect(file)
    if kind in ("text", "unknown"):
        return _is_old(file.head, file.size)
    return kind == "pickle" or (kind in _COMPRESSED and _begins(file, kind))


def holds_pickles(file: File) -> bool:
    """True for every file that its loader unpickles, or parts of it."""
    return detect(file) in _READERS or holds_pickle(file)


def _begins(file: File, kind: str) -> bool:
    """True if what is compressed begins as a pickle does."""
    try:
        begin = _COMPRESSED[kind]().decompress(file.head, 64)
    except (zlib.error, lzma.LZMAError, OSError, ValueError):
        return False
    return re.match(rb"\x80[\x02-\x05]", begin) is not None


def _is_old(head: bytes, size: int) -> bool:
    """True for a pickle of protocol 0 or 1, which begins with nothing of its own: it can be followed to its end, or calls something."""
    if head[:1] not in (b"c", b"(", b"]", b"}", b"i"):
        return False
    pickle = follow(head)
    return not pickle.problem or bool(pickle.calls) or (size > len(head) and pickle.end > len(head) // 2)


def read(file: File) -> PickleFile:
    """The pickles of a file."""
    found = PickleFile(file.place)
    for where, pickle in _READERS.get(detect(file), _plain)(file):
        found.pickles.append((where, pickle))
    return found


def _plain(file: File) -> Iterator[tuple[str, Pickle]]:
    yield "", follow(content(file)[0])


def content(file: File) -> tuple[Data, bool]:
    """The pickle's own bytes, decompressed as far as the limit goes, and whether they were compressed."""
    kind = detect(file)
    if kind not in _COMPRESSED:
        return file.map(), False
    inflate, parts, left = _COMPRESSED[kind](), [], DECOMPRESSED_LIMIT
    try:
        with open(file.path, "rb") as stream:
            while left > 0 and not inflate.eof:
                waiting = getattr(inflate, "unconsumed_tail", b"")
                given = waiting or (stream.read(1 << 16) if getattr(inflate, "needs_input", True) else b"")
                part = inflate.decompress(given, min(left, 1 << 20))
                if not given and not part:
                    break
                parts.append(part)
                left -= len(part)
    except (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError) as error:
        if not parts:
            raise Unreadable(f"{kind} data that cannot be decompressed ({error})") from error
    return b"".join(parts), True


def _legacy(file: File) -> Iterator[tuple[str, Pickle]]:
    data, at = file.map(), 0
    for _ in range(LEGACY_PICKLES):
        pickle = follow(data, at)
        yield "", pickle
        if pickle.problem:
            return
        at = pickle.end


def _tar(file: File) -> Iterator[tuple[str, Pickle]]:
    from deplint.formats.torch_tar import pickles

    return pickles(file)


def _torch(file: File) -> Iterator[tuple[str, Pickle]]:
    with open_zip(file) as archive:
        name = f"{root_of(archive)}data.pkl"
        yield name, follow(read_member(archive, name))


def _exported(file: File) -> Iterator[tuple[str, Pickle]]:
    """States and sample inputs, which are archives of ``torch.save`` within."""
    with open_zip(file) as archive:
        for name in archive.namelist():
            if name.endswith(".pt") and archive.NameToInfo[name].file_size:
                with open_inner(file, archive, name) as (inner, _):
                    member = f"{root_of(inner)}data.pkl"
                    yield f"{name}:{member}", follow(read_member(inner, member))


def _array(file: File) -> Iterator[tuple[str, Pickle]]:
    data = file.map()
    with open(file.path, "rb") as stream:
        facts = header(stream.read)
    if facts.pickled:
        yield "", follow(data, facts.length)


def _arrays(file: File) -> Iterator[tuple[str, Pickle]]:
    with open_zip(file) as archive:
        for info in archive.infolist():
            if not info.filename.endswith(".npy"):
                continue
            try:
                with archive.open(info) as stream:
                    facts = header(stream.read)
            except (*DAMAGE, Unreadable):
                continue  # `numpy_files` says so
            if facts.pickled:
                yield info.filename, follow(read_member(archive, info.filename), facts.length)


_READERS: Mapping[str, Callable[[File], Iterator[tuple[str, Pickle]]]] = {
    "torch-zip": _torch,
    "torch-legacy": _legacy,
    "torch-tar": _tar,
    "torch-export": _exported,
    "npy": _array,
    "npz": _arrays,
}


def read_model(file: File) -> list[Model]:
    """What a plain pickle holds; nothing if that is more than deplint follows, as a data set may be.

    Raises:
        Unreadable: the pickle is damaged.
    """
    data, compressed = content(file)
    pickle = follow(data)
    if pickle.cut or (compressed and len(data) >= DECOMPRESSED_LIMIT):
        return []
    value = pickle.checked().value
    contents = Contents(lambda key: None, outside if compressed else lambda raw: in_file(file, raw), objects=True)
    try:
        contents.visit(value)
    except Unreadable:
        return []
    kind = class_of(value) if isinstance(value, Made) else None
    model = Model(file.shown, "pickle", graphs=[Graph("main", tensors=contents.tensors)], layers=contents.layers, size=file.size)
    model.metadata["class"] = str(kind) if kind else type(value).__name__
    versions = {version for layer in contents.layers if isinstance(version := layer.config.get(VERSION), str)}
    if versions:
        model.format, model.producer, model.producer_version = "sklearn", "scikit-learn", min(versions)
        model.metadata["sklearn_versions"] = ", ".join(sorted(versions))
    return [model]
