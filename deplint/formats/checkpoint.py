"""TensorFlow checkpoints: the index of a TensorBundle (``x.index`` beside ``x.data-00000-of-00001``), the single file of TensorFlow before
0.12, and the text file ``checkpoint`` that names the latest.

Index and old checkpoint are tables as LevelDB has them: sorted keys with values in blocks, an index of blocks, a footer. Of a table only
what the index needs is looked at, never the shards with the values.

Sources: ``tensorflow/core/protobuf/tensor_bundle.proto`` and ``core/util/saved_tensor_slice.proto`` (the tests compare the numbers with the
installed library), ``core/util/tensor_bundle/tensor_bundle.cc``, ``core/lib/strings/ordered_code.cc``, ``doc/table_format.md`` of LevelDB.
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from deplint.finding import Place
from deplint.formats.beside import Beside, beside
from deplint.formats.snappy import decompress
from deplint.formats.tensorflow import DIM, DTYPES, SHAPE, VERSIONS
from deplint.formats.wire import Message, RawData, is_lfs_pointer, varint
from deplint.model import Graph, Model, Stored, Tensor, Unreadable
from deplint.project import File
from deplint.settings.text import Word, small
from deplint.settings.textproto import parse

MAGIC = 0xDB4775248B80FB57
"""The last eight bytes of a table, little-endian."""

FOOTER = 48

KEY_LIMIT = 4096
"""Bytes of a key beyond which a table is not read."""

KEYS_LIMIT = 64 << 20
"""Bytes of all keys and of all that was compressed, together: each may cost next to nothing in the file."""

SNAPPY = 1
"""How a compressed block is marked. TensorFlow's own packages write none, its authors' builds do."""

OBJECTS_LIMIT = 4 << 20
"""Bytes of an object graph beyond which it is not read."""

OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
"""The key of the string that says which Python objects the variables belonged to."""

_PART = b"\0"
"""How the key of a part of a variable begins; no name does."""

_ANY_SIZE = ("string", "variant", "resource", "")
"""dtypes whose stored bytes do not follow from the shape."""


Data = mmap.mmap | bytes


class HEADER:
    NUM_SHARDS, ENDIANNESS, VERSION = 1, 2, 3


class BUNDLE_ENTRY:
    DTYPE, SHAPE, SHARD_ID, OFFSET, SIZE, SLICES = 1, 2, 3, 4, 5, 7


class SAVED_SLICES:
    META = 1


class SLICES_META:
    TENSOR, VERSIONS = 1, 2


class SLICE_META:
    NAME, SHAPE, TYPE = 1, 2, 3


class OBJECT_GRAPH_DEF:
    NODES = 1


class OBJECT:
    CHILDREN, ATTRIBUTES = 1, 2


class CHILD:
    LOCAL_NAME = 2


def kind(file: File) -> str:
    """``tf-index`` or ``tf-checkpoint`` for a table that TensorFlow wrote, ``table`` for any other file that ends as one: TensorFlow has an
    empty key, and a value of its own with it."""
    kinds = {HEADER.NUM_SHARDS << 3: "tf-index", SAVED_SLICES.META << 3 | 2: "tf-checkpoint"}
    try:
        for key, data, start, end in Table(file):
            return kinds.get(data[start], "table") if not key and start < end else "table"
    except Unreadable:
        pass
    return "table"


class Table:
    """The keys of a LevelDB table in their order, each with where its value is.

    Blocks follow each other in the file, so that none is read twice whatever the index says.
    """

    def __init__(self, file: File) -> None:
        """Raises Unreadable: the file cannot be opened or ends in no footer of a table."""
        try:
            if is_lfs_pointer(file.head):
                raise Unreadable("a Git LFS pointer, not the file itself (git lfs pull fetches it)")
            self.data: Data = file.map()
        except (OSError, ValueError) as error:
            raise Unreadable(f"cannot be opened: {getattr(error, 'strerror', None) or error}") from None
        end = len(self.data) - FOOTER
        if end < 0 or int.from_bytes(self.data[-8:], "little") != MAGIC:
            raise Unreadable("no footer of a table at its end: it was cut short or is no checkpoint")
        self.left = KEYS_LIMIT
        try:
            _, at = self._handle(end, self.data)
            self.index, _ = self._handle(at, self.data)
        except IndexError:
            raise Unreadable("a damaged footer") from None

    def __iter__(self) -> Iterator[tuple[bytes, Data, int, int]]:
        """Key, and where its value begins and ends in what. Raises Unreadable: blocks or entries contradict the file."""
        last = 0
        try:
            for _, data, at, _ in self._entries(*self.index):
                (start, end), _ = self._handle(at, data)
                if start < last:
                    raise Unreadable(f"blocks of a table that do not follow each other at byte {start:,}")
                last = end
                yield from self._entries(start, end)
        except IndexError:
            raise Unreadable("a table that ends in the middle of an entry") from None

    def _handle(self, at: int, data: Data) -> tuple[tuple[int, int], int]:
        """Where a block begins and ends, as noted at `at` of `data`; and where the note ends."""
        start, at = varint(data, at)
        size, at = varint(data, at)
        return (start, start + size), at

    def _block(self, start: int, end: int) -> tuple[Data, int, int]:
        """The content of a block: in what, and where. A byte after it says how it is compressed, four are a checksum."""
        if end + 5 > len(self.data):
            raise Unreadable(f"a block of {end - start:,} bytes at byte {start:,} of a table of {len(self.data):,}")
        if self.data[end] == SNAPPY:
            content = decompress(self.data[start:end])
            self.left -= len(content)
            return content, 0, len(content)
        if self.data[end]:
            raise Unreadable(f"a block of unknown compression {self.data[end]} at byte {start:,}")
        return self.data, start, end

    def _entries(self, start: int, end: int) -> Iterator[tuple[bytes, Data, int, int]]:
        """Keys and values of a block: entries, then where keys are written in full, then the number of those places."""
        data, start, end = self._block(start, end)
        if end - start < 4:
            raise Unreadable(f"a block of {end - start:,} bytes at byte {start:,}")
        (restarts,) = struct.unpack("<I", data[end - 4 : end])
        stop = end - 4 - 4 * restarts
        if stop < start:
            raise Unreadable(f"a block of {end - start:,} bytes with {restarts:,} restarts")
        key, at = b"", start
        while at < stop:
            shared, at = varint(data, at)
            own, at = varint(data, at)
            size, at = varint(data, at)
            self.left -= shared + own
            if shared > len(key) or shared + own > KEY_LIMIT or self.left < 0 or at + own + size > stop:
                raise Unreadable(f"a key of {shared + own:,} bytes with a value of {size:,} at byte {at:,}")
            key = key[:shared] + data[at : at + own]
            at += own
            yield key, data, at, at + size
            at += size


def read(file: File) -> Model:
    """The checkpoint whose index is `file`: a graph ``variables`` with its tensors by key, and no operators.

    Raises:
        Unreadable: the index is damaged.
    """
    bundle = Bundle(file)
    model = Model(file.shown, "tf-checkpoint", "tensorflow", ir_version=bundle.producer, size=file.size)
    model.metadata["shards"] = str(bundle.shards)
    model.metadata |= bundle.objects()
    model.graphs.append(Graph("variables", tensors=dict(bundle.tensors)))
    model.files = bundle.files
    return model


def read_index(file: File) -> list[Model]:
    """As `read`; nothing for the index of a SavedModel, which is read with it."""
    folder = file.path.parent
    if folder.name == "variables" and any((folder.parent / name).exists() for name in ("saved_model.pb", "saved_model.pbtxt")):
        return []
    return [read(file)]


class Bundle:
    """What an index says: `tensors` by key, where they are in the shards beside it."""

    def __init__(self, file: File) -> None:
        """Raises Unreadable: the index is damaged."""
        self.file = file
        self.prefix = file.name.removesuffix(".index")
        self.tensors: dict[str, Tensor] = {}
        self.shards, self.producer, self.swapped = 0, None, False  # type: int, int | None, bool
        self._found: dict[int, Beside] = {}
        parts: dict[str, list[Stored]] = {}
        sliced: list[str] = []
        for number, (key, data, start, end) in enumerate(Table(file)):
            message = Message(data, start, end)
            if number == 0:
                self._header(key, message)
            elif key.startswith(_PART):
                stored, _ = self._stored(self._tensor("", message), message)
                parts.setdefault(_sliced_name(key), []).append(stored)
            else:
                name = key.decode("utf-8", "replace")
                tensor = self._tensor(name, message)
                if message.spans(BUNDLE_ENTRY.SLICES):
                    sliced.append(name)
                else:
                    tensor.stored, tensor.data = self._stored(tensor, message)
                self.tensors[name] = tensor
        if not self.shards:
            raise Unreadable("a table without the header of a checkpoint")
        for name in sliced:
            pieces = parts.get(name, [])
            worst = next((piece for piece in pieces if piece.problem), pieces[0] if pieces else None)
            if worst is None:
                worst = Stored(file.shown, 0, 0, external=True, problem="the parts it is stored in are not in the index")
            self.tensors[name].stored = replace(worst, nbytes=sum(piece.nbytes for piece in pieces))

    @cached_property
    def files(self) -> list[str]:
        """The shards that are there and hold something."""
        return sorted(shard.shown for shard in self._found.values() if shard.path)

    def _header(self, key: bytes, message: Message) -> None:
        self.shards = message.integer(HEADER.NUM_SHARDS)
        if key or not 0 < self.shards < 1 << 31:
            raise Unreadable("a table without the header of a checkpoint")
        self.swapped = bool(message.integer(HEADER.ENDIANNESS))
        version = message.message(HEADER.VERSION)
        self.producer = version.integer(VERSIONS.PRODUCER) if version is not None else None

    def _tensor(self, name: str, message: Message) -> Tensor:
        return Tensor(name, DTYPES.get(message.integer(BUNDLE_ENTRY.DTYPE), ""), _shape(message.message(BUNDLE_ENTRY.SHAPE)))

    def _stored(self, tensor: Tensor, message: Message) -> tuple[Stored, RawData | None]:
        """Where the bytes of an entry are, and what reads them if they are there in the usual byte order."""
        number, offset = message.integer(BUNDLE_ENTRY.SHARD_ID), message.integer(BUNDLE_ENTRY.OFFSET)
        size = message.integer(BUNDLE_ENTRY.SIZE)
        if not 0 <= number < self.shards or offset < 0 or size < 0:
            raise Unreadable(f"{tensor.name!r} is at byte {offset:,} of shard {number} of {self.shards}, {size:,} bytes long")
        shard = self._shard(number)
        problem = shard.problem
        if not problem and offset + size > shard.size:
            problem = f"file is too short: {shard.size:,} bytes, the tensor ends at {offset + size:,}"
        elif not problem and tensor.dtype not in _ANY_SIZE and tensor.nbytes is not None and tensor.nbytes != size:
            problem = f"{size:,} bytes where its shape needs {tensor.nbytes:,}"
        stored = Stored(shard.shown, offset, size, external=True, problem=problem)
        return stored, RawData(shard.path, offset) if shard.path and not problem and not self.swapped else None

    def _shard(self, number: int) -> Beside:
        if number not in self._found:
            self._found[number] = beside(self.file, f"{self.prefix}.data-{number:05d}-of-{self.shards:05d}")
        return self._found[number]

    def objects(self) -> dict[str, str]:
        """``objects``: how many Python objects the checkpoint was made of; ``root``: what the outermost one calls its own. Nothing for a
        checkpoint without that knowledge."""
        tensor = self.tensors.get(OBJECT_GRAPH)
        if tensor is None or tensor.stored is None or tensor.data is None or tensor.shape != () or tensor.stored.nbytes > OBJECTS_LIMIT:
            return {}
        try:
            raw = tensor.data(0, tensor.stored.nbytes)
            size, start = varint(raw, 0)  # the length, its checksum, the string
            graph = Message(raw, start + 4, start + 4 + size) if start + 4 + size == len(raw) else None
            nodes = graph.spans(OBJECT_GRAPH_DEF.NODES) if graph else []
            if graph is None or not nodes:
                return {}
            names = [child.text(CHILD.LOCAL_NAME) for child in graph.within(*nodes[0]).messages(OBJECT.CHILDREN)]
        except (Unreadable, IndexError):
            return {}
        return {"objects": str(len(nodes)), "root": ", ".join(dict.fromkeys(names))}


def read_v1(file: File) -> Model:
    """The checkpoint of one file that TensorFlow before 0.12 wrote. Its tensors are listed; where their values are is not looked for.

    Raises:
        Unreadable: the file is damaged.
    """
    key, data, start, end = next(iter(Table(file)), (b"", b"", 0, 0))
    meta = Message(data, start, end).message(SAVED_SLICES.META) if not key else None
    if meta is None:
        raise Unreadable("a table without the header of a checkpoint")
    version = meta.message(SLICES_META.VERSIONS)
    producer = version.integer(VERSIONS.PRODUCER) if version is not None else None
    model = Model(file.shown, "tf-checkpoint", "tensorflow", ir_version=producer, size=file.size)
    model.metadata["kind"] = "V1"
    graph = Graph("variables")
    for message in meta.messages(SLICES_META.TENSOR):
        name = message.text(SLICE_META.NAME)
        dtype = DTYPES.get(message.integer(SLICE_META.TYPE), "")
        tensor = graph.tensors[name] = Tensor(name, dtype, _shape(message.message(SLICE_META.SHAPE)))
        tensor.stored = Stored(file.shown, 0, tensor.nbytes or 0)
    model.graphs.append(graph)
    return model


def _shape(message: Message | None) -> tuple[int | None, ...] | None:
    """None if even the rank is unknown; no message at all is a scalar's."""
    if message is None:
        return ()
    if message.integer(SHAPE.UNKNOWN_RANK):
        return None
    return tuple(size if size >= 0 else None for size in (dim.integer(DIM.SIZE) for dim in message.messages(SHAPE.DIM)))


def _sliced_name(key: bytes) -> str:
    """The variable that the key of a part names: after `_PART`, up to an end mark, NUL and 255 escaped."""
    name, _, _ = key.removeprefix(_PART).partition(b"\0\1")
    return name.replace(b"\0\xff", b"\0").replace(b"\xff\0", b"\xff").decode("utf-8", "replace")


@dataclass(frozen=True)
class CheckpointState:
    """The text file ``checkpoint``: the checkpoint that was written last, and all that are kept. `there` is True if the latest lies where
    the file says, in its folder; `written` are the checkpoints that lie beside the file, by their names without ``.index``."""

    place: Place
    latest: Word
    kept: tuple[Word, ...] = ()
    there: bool = True
    written: frozenset[str] = frozenset()

    @property
    def absolute(self) -> bool:
        """The latest is named by an absolute path, of whatever system."""
        return re.match(r"[/\\]|[A-Za-z]:[/\\]|[a-z]\w+://", self.latest.text or "") is not None


def read_state(file: File) -> list[CheckpointState]:
    """What the file says; nothing if it names no checkpoint. Paths that are not absolute begin in its folder; nothing outside of that is
    looked at.

    Raises:
        Unreadable: it is no text of protobuf.
    """
    message = parse(file.shown, small(file))
    latest = message.word("model_checkpoint_path")
    if latest is None or not latest.text:
        return []
    name = latest.text.removeprefix(f"{file.path.parent.as_posix()}/")
    there = any(beside(file, name + suffix).path for suffix in (".index", ""))
    written = frozenset(path.name.removesuffix(".index") for path in file.path.parent.glob("*.index"))
    return [CheckpointState(latest.place, latest, tuple(message.words("all_model_checkpoint_paths")), there, written)]
