"""Apache MXNet: the graph (``-symbol.json``) and its arrays (``.params``).

In the graph a node whose operator is ``null`` is an input or a parameter: it is an input of the model unless a ``.params`` beside it, which
is named like it but for the epoch, holds an array of its name.

Source: 3rdparty/tvm/nnvm/src/pass/saveload_json.cc and src/ndarray/ndarray.cc of github.com/apache/mxnet
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from deplint.formats.beside import beside
from deplint.formats.keras import JSON_LIMIT, parse_json
from deplint.formats.wire import RawData
from deplint.model import BITS, Graph, Model, Op, Stored, Tensor, Unreadable
from deplint.project import File

DTYPES = ("float32", "float64", "float16", "uint8", "int32", "int8", "int64", "bool", "int16", "uint16", "uint32", "uint64", "bfloat16")
"""Element types by number."""

V1, V2, V3 = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
"""How an array begins; before them all, it began with its number of dimensions."""

_ARRAYS_LIMIT = 1_000_000


def read(file: File) -> list[Model]:
    """The graph; nothing if the JSON is not MXNet's, for TVM's looks alike.

    Raises:
        Unreadable: the JSON is damaged or too large, or its nodes contradict each other.
    """
    top = parse_json(file.raw(JSON_LIMIT))
    nodes = top.get("nodes") if isinstance(top, dict) else None
    if not isinstance(nodes, list) or not isinstance(top.get("heads"), list) or not all(isinstance(node, dict) for node in nodes):
        return []
    if any(node.get("op") == "tvm_op" for node in nodes):
        return []
    model = Model(file.shown, "mxnet", "mxnet", size=file.size)
    version = _dict(top.get("attrs")).get("mxnet_version")
    if isinstance(version, list) and version[1:] and isinstance(version[1], int):
        model.producer_version = f"{version[1] // 10000}.{version[1] // 100 % 100}.{version[1] % 100}"
    weights = _beside(model, file)
    graph = Graph()
    names: list[str] = []
    for node in nodes:
        names.append(str(node.get("name", "")))
        if node.get("op") == "null":
            tensor = graph.tensors[names[-1]] = weights.get(names[-1]) or Tensor(names[-1])
            if tensor.stored is None:
                graph.inputs.append(tensor.name)
            continue
        attributes = {key: _value(value) for key, value in _dict(node.get("attrs") or node.get("attr") or node.get("param")).items()}
        reads = [_output(names, each) for each in node.get("inputs") or ()]
        graph.ops.append(Op(str(node.get("op", "")), names[-1], "", reads, [], attributes, len(graph.ops)))
    graph.outputs = [_output(names, head) for head in top["heads"]]
    _results(graph)
    model.graphs.append(graph)
    return [model]


def _results(graph: Graph) -> None:
    """Operators do not say how many results they have: those that are read, and the first of all."""
    seen: dict[str, None] = dict.fromkeys([*(name for op in graph.ops for name in op.inputs), *graph.outputs])
    by_maker: dict[str, list[str]] = {}
    for name in seen:
        by_maker.setdefault(re.sub(r":\d+$", "", name), []).append(name)
    for op in graph.ops:
        op.outputs = sorted({op.name, *by_maker.get(op.name, ())}, key=lambda name: (len(name), name))
        for name in op.outputs:
            graph.tensors.setdefault(name, Tensor(name))


def _output(names: Sequence[str], entry: Any) -> str:
    """The name of ``[node, result, version]``; a node's second result is ``name:1``."""
    try:
        node, index = int(entry[0]), int(entry[1]) if len(entry) > 1 else 0
        if node < 0:
            raise IndexError
        return names[node] + (f":{index}" if index else "")
    except (TypeError, ValueError, LookupError):
        raise Unreadable(f"{str(entry)[:40]} is no result of a node before it") from None


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _value(text: Any) -> Any:
    """MXNet writes attributes as Python would print them: ``(3, 3)``, ``4``, ``True``."""
    if not isinstance(text, str):
        return text
    if match := re.fullmatch(r"[(\[](-?\d{1,18}(?:, ?-?\d{1,18})*),?[)\]]", text):
        return [int(part) for part in match[1].split(",")]
    if re.fullmatch(r"-?\d{1,18}", text):
        return int(text)
    return {"True": True, "False": False, "None": None}.get(text, text)


def _beside(model: Model, file: File) -> Mapping[str, Tensor]:
    """The arrays of the first epoch that lies beside the graph."""
    stem = file.name.removesuffix("-symbol.json")
    try:
        found = sorted(path.name for path in file.path.parent.glob("*-[0-9][0-9][0-9][0-9].params") if path.name[:-12] == stem)
    except OSError:
        return {}
    held = beside(file, found[-1]) if found and stem != file.name else None
    if held is None or held.path is None:
        return {}
    model.files = [held.shown]
    try:
        arrays = _arrays(File(held.path, held.shown))
    except Unreadable:  # said of that file itself
        return {}
    for tensor in arrays:
        tensor.name = tensor.name.partition(":")[2] or tensor.name
        assert tensor.stored
        tensor.stored = Stored(held.shown, tensor.stored.offset, tensor.stored.nbytes, external=True)
    return {tensor.name: tensor for tensor in arrays}


def read_params(file: File) -> Model:
    """The arrays, named ``arg:conv_weight`` (a parameter) or ``aux:bn_moving_mean`` (a state).

    Raises:
        Unreadable: the file is cut short, or has sparse arrays or others that this does not know.
    """
    graph = Graph()
    for tensor in _arrays(file):
        if tensor.name in graph.tensors:
            raise Unreadable(f"two arrays are called {tensor.name[:60]!r}")
        graph.tensors[tensor.name] = tensor
    return Model(file.shown, "mxnet-params", "mxnet", graphs=[graph], metadata={"kind": "weights"}, size=file.size)


def _arrays(file: File) -> list[Tensor]:
    data = file.map()
    try:
        (count,) = struct.unpack_from("<Q", data, 16)
        at, found = 24, []
        if count > min(_ARRAYS_LIMIT, file.size):
            raise Unreadable(f"{count:,} arrays in a file of {file.size:,} bytes")
        for _ in range(count):
            tensor, at = _array(file, data, at)
            found.append(tensor)
        (named,) = struct.unpack_from("<Q", data, at)
        at += 8
        for index in range(min(named, count)):
            (length,) = struct.unpack_from("<Q", data, at)
            if length > file.size - at - 8:
                raise Unreadable("the file breaks off within the name of an array")
            found[index].name = data[at + 8 : at + 8 + length].decode("utf-8", "replace")
            at += 8 + length
        return found
    except struct.error:
        raise Unreadable("the file breaks off within an array") from None


def _array(file: File, data: Any, at: int) -> tuple[Tensor, int]:
    """The array at `at`, and where it ends."""
    (magic,) = struct.unpack_from("<I", data, at)
    at += 4
    code = "q"
    if magic in (V2, V3):
        (storage,) = struct.unpack_from("<i", data, at)
        if storage != 0:
            raise Unreadable(f"a sparse array at byte {at - 4:,}")
        at += 4
    if magic in (V1, V2, V3):
        (rank,) = struct.unpack_from("<i", data, at)
        at += 4
    else:
        rank, code = magic, "I"
    if not 0 <= rank <= 64:
        raise Unreadable(f"an array of {rank:,} dimensions at byte {at:,}")
    shape = struct.unpack_from(f"<{rank}{code}", data, at)
    at += struct.calcsize(f"<{rank}{code}")
    _, _, kind = struct.unpack_from("<3i", data, at)
    dtype = DTYPES[kind] if 0 <= kind < len(DTYPES) else ""
    tensor = Tensor("", dtype, shape)
    size = tensor.nbytes if dtype in BITS else None
    at += 12
    if size is None:
        raise Unreadable(f"an array of element type {kind} and shape {shape} at byte {at:,}")
    if size > file.size - at:
        raise Unreadable(f"the file breaks off: {file.size:,} bytes, an array ends at {at + size:,}")
    tensor.stored = Stored(file.shown, at, size)
    tensor.data = RawData(file.path, at)
    return tensor, at + size
