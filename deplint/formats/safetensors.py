"""safetensors files: a JSON header that says where each tensor is, then the tensors; and the index of weights in several files.

Sources: the "Format" section of the safetensors README (huggingface/safetensors); what its library refuses is refused here, in words. The
index is that of transformers: ``weight_map`` names the file of each tensor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deplint.formats.beside import beside
from deplint.formats.keras import JSON_LIMIT, parse_json
from deplint.formats.wire import RawData
from deplint.model import Graph, Model, Stored, Tensor, Unreadable
from deplint.project import File

HEADER_LIMIT = 12 << 20
"""Bytes of a header beyond which it is not read: 100,000 tensors or so. The library's own limit is 100 MB."""

DTYPES: Mapping[str, str] = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64", "I32": "int32", "I16": "int16", "I8": "int8",
    "U64": "uint64", "U32": "uint32", "U16": "uint16", "U8": "uint8", "BOOL": "bool", "C64": "complex64", "F8_E4M3": "float8e4m3fn",
    "F8_E5M2": "float8e5m2", "F8_E8M0": "float8e8m0", "F8_E4M3FNUZ": "float8e4m3fnuz", "F8_E5M2FNUZ": "float8e5m2fnuz", "F4": "float4e2m1",
    "F6_E2M3": "", "F6_E3M2": "",
}  # fmt: skip


def read(file: File) -> Model:
    """The model: a graph with tensors and no operators.

    Raises:
        Unreadable: the header is no header, or contradicts itself or the file.
    """
    length = int.from_bytes(file.head[:8], "little")
    if len(file.head) < 8 or length > file.size - 8:
        raise Unreadable(
            f"a header of {length:,} bytes announced in a file of {file.size:,} bytes: it was cut short or is no safetensors file"
        )
    if length > HEADER_LIMIT:
        raise Unreadable(f"a header of {length:,} bytes, more than the {HEADER_LIMIT:,} deplint reads")
    with open(file.path, "rb") as stream:
        stream.seek(8)
        header = parse_json(stream.read(length))
    if not isinstance(header, dict):
        raise Unreadable("a header that is no JSON object")
    notes = header.pop("__metadata__", None) or {}
    if not isinstance(notes, dict):
        raise Unreadable("__metadata__ that is no JSON object")
    start = 8 + length
    graph = Graph("main")
    for name, facts in header.items():
        graph.tensors[name] = _tensor(file, name, facts, start)
    end = start
    for tensor in sorted(graph.tensors.values(), key=lambda tensor: (_offset(tensor), tensor.stored.nbytes if tensor.stored else 0)):
        assert tensor.stored is not None
        if tensor.stored.offset != end:
            raise Unreadable(f"tensor {tensor.name!r} begins at byte {tensor.stored.offset:,}, and the one before it ends at {end:,}")
        end += tensor.stored.nbytes
    if end != file.size:
        raise Unreadable(
            f"tensors end at byte {end:,} of a file of {file.size:,} bytes: " + ("it was cut short" if end > file.size else "more follows")
        )
    metadata = {str(key): str(value) for key, value in notes.items()}
    return Model(file.shown, "safetensors", graphs=[graph], metadata=metadata, size=file.size)


def read_index(file: File) -> list[Model]:
    """The model that an index describes, tensors read from the headers of their files; nothing if the JSON is no index.

    Raises:
        Unreadable: the JSON is damaged or too large.
    """
    index = parse_json(file.raw(JSON_LIMIT))
    names = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        return []
    model = Model(file.shown, "safetensors" if ".safetensors." in file.name else "torch", graphs=[Graph("main")], size=file.size)
    model.metadata["kind"] = "index"
    shards: dict[str, tuple[Stored, Mapping[str, Tensor]]] = {name: _shard(file, name) for name in dict.fromkeys(names.values())}
    model.files = [stored.path for stored, _ in shards.values()]
    for name, shard in names.items():
        stored, tensors = shards[shard]
        found = tensors.get(name)
        if found is None and tensors:
            stored = Stored(stored.path, 0, 0, external=True, problem="the file does not hold the tensor")
        model.graph.tensors[name] = found or Tensor(name, stored=stored)
    return [model]


def _shard(file: File, name: str) -> tuple[Stored, Mapping[str, Tensor]]:
    """A file that an index names, and the tensors in it as far as they can be told."""
    found = beside(file, name)
    tensors: Mapping[str, Tensor] = {}
    problem = found.problem
    if found.path is not None and name.endswith(".safetensors"):
        try:
            tensors = read(File(found.path, found.shown)).graph.tensors
        except Unreadable as error:
            problem = str(error)
    return Stored(found.shown, 0, 0, external=True, problem=problem), tensors


def _offset(tensor: Tensor) -> int:
    assert tensor.stored is not None
    return tensor.stored.offset


def _tensor(file: File, name: str, facts: Any, start: int) -> Tensor:
    match facts:
        case {"dtype": str() as dtype, "shape": [*shape], "data_offsets": [int() as begin, int() as end]}:
            pass
        case _:
            raise Unreadable(f"tensor {name!r} without its dtype, shape and offsets")
    if dtype not in DTYPES:
        raise Unreadable(f"tensor {name!r} of unknown dtype {dtype!r}")
    if not all(type(size) is int and 0 <= size < 1 << 62 for size in shape):
        raise Unreadable(f"tensor {name!r} of a shape that is none")
    tensor = Tensor(name, DTYPES[dtype], tuple(shape))
    if not 0 <= begin <= end or (tensor.nbytes is not None and tensor.nbytes != end - begin):
        raise Unreadable(f"tensor {name!r} of {tensor.nbytes:,} bytes is stored at {begin:,} to {end:,}")
    tensor.stored = Stored(file.shown, start + begin, end - begin)
    tensor.data = RawData(file.path, start + begin)
    return tensor
