"""NumPy's files: one array (``.npy``), or a zip archive of them (``.npz``).

Source: ``numpy/lib/format.py``, "Format Version 1.0" and after.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from deplint.formats.archive import DAMAGE, open_zip
from deplint.formats.members import locate
from deplint.formats.pickled import Shifted, numpy_dtype
from deplint.formats.wire import DataReader, RawData
from deplint.model import Graph, Model, Stored, Tensor, Unreadable
from deplint.project import File

HEADER_LIMIT = 10_000
"""Bytes of a header beyond which NumPy does not read it either."""

MAGIC = b"\x93NUMPY"

_DESCR = re.compile(r"'descr'\s*:\s*(?:'([^']*)'|[\[(])")
_ORDER = re.compile(r"'fortran_order'\s*:\s*(True|False)")
_OBJECTS = re.compile(r"'[|<>=]?O\d*'")
_SHAPE = re.compile(r"'shape'\s*:\s*\(([\d\s,L]*)\)")


@dataclass(frozen=True)
class Header:
    """What the header of an array says: its type string ("" for records), its shape, and how long the header is.

    `ordered` is False if elements are not as their indices, the last one fastest; `pickled` is True if they, or a field of them, are
    Python objects: what follows is a pickle then.
    """

    descr: str
    shape: tuple[int, ...]
    ordered: bool
    pickled: bool
    length: int


def header(take: Callable[[int], bytes]) -> Header:
    """The header of the array that `take` gives the bytes of, one stretch after the other.

    Raises:
        Unreadable: it is none.
    """
    start = take(8)
    if not start.startswith(MAGIC) or len(start) < 8:
        raise Unreadable("no NumPy array")
    wide = start[6] > 1
    size = int.from_bytes(take(4 if wide else 2), "little")
    if start[6] not in (1, 2, 3) or size > HEADER_LIMIT:
        raise Unreadable(f"a NumPy array of version {start[6]} with a header of {size:,} bytes")
    text = take(size).decode("utf-8", "replace")
    descr, order, shape = _DESCR.search(text), _ORDER.search(text), _SHAPE.search(text)
    if descr is None or order is None or shape is None or len(text) < size:
        raise Unreadable("a NumPy array without its dtype, order and shape")
    digits = re.findall(r"\d+", shape[1])
    if any(len(size) > 18 for size in digits):
        raise Unreadable("a NumPy array with a size that is none")
    sizes = tuple(map(int, digits))
    pickled = _OBJECTS.search(text) is not None
    return Header(descr[1] or "", sizes, order[1] == "False" or len(sizes) < 2, pickled, 8 + (4 if wide else 2) + size)


def read(file: File) -> Model:
    """The array, or the arrays.

    Raises:
        Unreadable: it is neither, or an array is longer than what holds it.
    """
    model = Model(file.shown, "npz", graphs=[Graph("main")], size=file.size)
    if file.head.startswith(MAGIC):
        model.format = "npy"
        with open(file.path, "rb") as stream:
            _add(model, "array", header(stream.read), Stored(file.shown, 0, file.size), RawData(file.path, 0))
        return model
    with open_zip(file) as archive:
        for info in archive.infolist():
            if info.filename.endswith(".npy"):
                stored, reader = locate(file, archive, info)
                _add(model, info.filename.removesuffix(".npy"), _member(archive, info), stored, reader)
    return model


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Header:
    try:
        with archive.open(info) as stream:
            return header(stream.read)
    except DAMAGE as error:
        raise Unreadable(f"{info.filename} in the archive is damaged ({error})") from error


def _add(model: Model, name: str, facts: Header, whole: Stored, reader: DataReader | None) -> None:
    """An array that with its header is `whole`."""
    dtype, big = numpy_dtype(facts.descr)
    tensor = Tensor(name, dtype, facts.shape)
    room = whole.nbytes - facts.length
    if not whole.problem and (room < 0 or (tensor.nbytes is not None and tensor.nbytes > room)):
        raise Unreadable(f"array {name!r} of {tensor.nbytes or 0:,} bytes, where {max(room, 0):,} are left: it was cut short")
    nbytes = room if tensor.nbytes is None else tensor.nbytes
    tensor.stored = Stored(whole.path, whole.offset + facts.length, nbytes, problem=whole.problem)
    if reader and facts.ordered and not big and not facts.pickled:
        tensor.data = Shifted(reader, facts.length)
    if facts.pickled:
        model.metadata["pickled"] = ", ".join(filter(None, [model.metadata.get("pickled"), name]))
    model.graph.tensors[name] = tensor
