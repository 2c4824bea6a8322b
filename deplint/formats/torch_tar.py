"""PyTorch checkpoints from before 0.2: a tar archive of the object's pickle and of its tensors and storages, runs of pickles and bytes.

Nothing has written them since 2017, but ``torch.load`` still reads them. Members are ``sys_info``, ``pickle``, ``storages``, ``tensors``.

Sources: ``legacy_load`` in ``torch/serialization.py``; the header of a member is POSIX's (ustar), its fields as ``tarfile`` names them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from deplint.formats.pickled import STORAGES, Contents
from deplint.formats.pickles import Data, Global, Made, Persistent, Pickle, follow
from deplint.formats.torch import Places, describe, in_file
from deplint.formats.wire import DataReader, RawData
from deplint.model import BITS, Model, Stored, Unreadable
from deplint.project import File

MEMBERS = ("sys_info", "pickle", "storages", "tensors")

BLOCK = 512
"""Bytes of a header, and what a member's content is filled up to."""

MEMBERS_LIMIT = 32
"""Members that are looked at; PyTorch wrote four."""

DIMENSIONS_LIMIT = 64


def members(file: File) -> Mapping[str, tuple[int, int]]:
    """Where the first members of a tar archive begin and end, by name; what is no header ends the archive."""
    data, at = file.map(), 0
    found: dict[str, tuple[int, int]] = {}
    for _ in range(MEMBERS_LIMIT):
        header = data[at : at + BLOCK]
        size = header[124:136].strip(b" \0")
        if header[257:262] != b"ustar" or not size.isdigit() or size.strip(b"01234567"):
            break
        start, end = at + BLOCK, at + BLOCK + int(size, 8)
        if header[156:157] in (b"0", b"\0"):
            found.setdefault(header[:100].split(b"\0")[0].decode("utf-8", "replace"), (start, end))
        at = end + -end % BLOCK
    return found


def sniff(file: File) -> bool:
    """True for a tar archive that holds a checkpoint."""
    return members(file).keys() >= set(MEMBERS)


def read(file: File) -> Model:
    """The checkpoint.

    Raises:
        Unreadable: a member is missing or was cut short, or a pickle in it is damaged.
    """
    return _read(file, [])


def pickles(file: File) -> Iterator[tuple[str, Pickle]]:
    """Every pickle that loading the file would run, as far as it can be read, with the member it is in."""
    seen: list[tuple[str, Pickle]] = []
    with suppress(Unreadable):
        _read(file, seen)
    yield from seen


def _read(file: File, seen: list[tuple[str, Pickle]]) -> Model:
    runs = {name: _Run(file.map(), name, place, seen) for name, place in members(file).items()}
    if missing := [name for name in MEMBERS if name not in runs]:
        raise Unreadable(f"a tar archive without {', '.join(missing)}")
    kinds, places = _storages(file, runs["storages"])
    kept = _tensors(kinds, runs["tensors"])
    value = runs["pickle"].pickle()
    contents = Contents(lambda key: places.get(key[2]), lambda raw: in_file(file, raw), kept=kept)
    contents.visit(value)
    model = describe(file, value, contents)
    model.metadata["archive_version"] = "tar"
    return model


class _Run:
    """A member: pickles and numbers one after the other, the next at `at`. Pickles are noted in `seen`."""

    def __init__(self, data: Data, name: str, place: tuple[int, int], seen: list[tuple[str, Pickle]]) -> None:
        self.data, self.name, self.seen = data, name, seen
        self.at, self.end = place
        if self.end > len(data):
            raise Unreadable(f"{name} ends at byte {self.end:,} of a file of {len(data):,} bytes: it was cut short")

    def pickle(self) -> Any:
        pickle = follow(self.data, self.at, self.end)
        self.seen.append((self.name, pickle))
        self.at = pickle.end
        return pickle.checked().value

    def count(self) -> int:
        """The number of what follows; each is a few bytes at least."""
        count = self.pickle()
        if not isinstance(count, int) or not 0 <= count <= self.end - self.at:
            raise Unreadable(f"{count!r} entries in {self.end - self.at:,} bytes")
        return count

    def numbers(self, code: str) -> tuple[Any, ...]:
        size = struct.calcsize(code)
        if size > self.end - self.at:
            raise Unreadable(f"{size:,} bytes where {self.end - self.at:,} are left")
        self.at += size
        return struct.unpack_from(code, self.data, self.at - size)


def _storages(file: File, run: _Run) -> tuple[Mapping[str, Global], Places]:
    """The class of each storage and where its bytes are, by its key; views of storages have keys of their own."""
    kinds: dict[str, Global] = {}
    places: dict[str, tuple[Stored, DataReader | None]] = {}

    def put(key: Any, kind: Global, start: int, nbytes: int) -> None:
        kinds[str(key)], places[str(key)] = kind, (Stored(file.shown, start, nbytes), RawData(file.path, start))

    for _ in range(run.count()):
        match run.pickle():
            case ((int() | str()) as key, _, Global() as kind):
                (elements,) = run.numbers("<q")
                nbytes = elements * _bits(kind) // 8
                if not 0 <= nbytes <= run.end - run.at:
                    raise Unreadable(f"a storage of {nbytes:,} bytes where {run.end - run.at:,} are left")
                put(key, kind, run.at, nbytes)
                run.at += nbytes
            case _:
                raise Unreadable("a storage without its key and type")
    views = run.pickle()
    for view in views if isinstance(views, list) else ():
        match view:
            case ((int() | str()) as key, (int() | str()) as root, int() as offset, int() as elements) if str(root) in places:
                whole, width = places[str(root)][0], _bits(kinds[str(root)])
                if not 0 <= offset * width // 8 + elements * width // 8 <= whole.nbytes or min(offset, elements) < 0:
                    raise Unreadable("a view that leaves its storage")
                put(key, kinds[str(root)], whole.offset + offset * width // 8, elements * width // 8)
            case _:
                raise Unreadable("a view without its storage")
    return kinds, places


def _tensors(kinds: Mapping[str, Global], run: _Run) -> Mapping[str, Made]:
    """Every tensor by its key, as ``torch._utils._rebuild_tensor`` would be called for it."""
    found: dict[str, Made] = {}
    for _ in range(run.count()):
        match run.pickle():
            case ((int() | str()) as key, (int() | str()) as storage, _) if str(storage) in kinds:
                dimensions, _ = run.numbers("<ii")
                if not 0 <= dimensions <= DIMENSIONS_LIMIT:
                    raise Unreadable(f"a tensor of {dimensions:,} dimensions")
                sizes, strides = run.numbers(f"<{dimensions}q"), run.numbers(f"<{dimensions}q")
                held = Persistent(("storage", kinds[str(storage)], str(storage), "cpu", 0))
                found[str(key)] = Made(Global("torch._utils", "_rebuild_tensor"), (held, *run.numbers("<q"), sizes, strides))
            case _:
                raise Unreadable("a tensor without its storage")
    return found


def _bits(kind: Global) -> int:
    return BITS.get(STORAGES.get(kind.name.removesuffix("Storage"), ""), 8)
