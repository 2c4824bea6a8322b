"""TensorFlow.js models: ``model.json`` of a graph model or a layers model, and the weight shards beside it.

A graph model is a TensorFlow graph in protobuf's JSON form; operators, values and signatures are named as `deplint.formats.tensorflow`
names them. The bytes of constants and variables are in the shards, one group's shards being one stretch of bytes.

Source: https://github.com/tensorflow/tfjs, tfjs-core/src/io/types.ts and tfjs-converter/python/tensorflowjs/write_weights.py
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from deplint.formats.beside import Beside, beside
from deplint.formats.keras import JSON_LIMIT, describe, parse_json
from deplint.formats.wire import RawData
from deplint.model import Graph, Model, Op, Quant, Ref, Shape, Signature, Stored, Tensor, Unreadable
from deplint.project import File

DTYPES = {
    "DT_FLOAT": "float32", "DT_DOUBLE": "float64", "DT_HALF": "float16", "DT_BFLOAT16": "bfloat16", "DT_INT8": "int8", "DT_INT16": "int16",
    "DT_INT32": "int32", "DT_INT64": "int64", "DT_UINT8": "uint8", "DT_UINT16": "uint16", "DT_UINT32": "uint32", "DT_UINT64": "uint64",
    "DT_BOOL": "bool", "DT_STRING": "string", "DT_COMPLEX64": "complex64", "DT_COMPLEX128": "complex128", "DT_RESOURCE": "resource",
    "DT_VARIANT": "variant",
}  # fmt: skip
"""TensorFlow's names of element types -> dtype."""

PLACEHOLDERS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")

STRINGS_LIMIT = 1 << 20
"""Bytes of a tensor of strings beyond which its size is not worked out."""

SHARDS_LIMIT = 10_000


def read(file: File) -> list[Model]:
    """The model; nothing if the JSON is not TensorFlow.js's. Weights that cannot be read say why (`Stored.problem`).

    Raises:
        Unreadable: the JSON is damaged or too large, or is no model where it says it is one.
    """
    top = parse_json(file.raw(JSON_LIMIT))
    if not isinstance(top, dict) or not ("modelTopology" in top or "weightsManifest" in top):
        return []
    topology = top.get("modelTopology")
    if not isinstance(topology, dict):
        raise Unreadable("a TensorFlow.js model without a topology")
    layered = top.get("format") == "layers-model" or "node" not in topology
    model = Model(file.shown, "tfjs-layers" if layered else "tfjs-graph", size=file.size)
    made = _string(top.get("convertedBy")) or _string(top.get("generatedBy"))
    model.producer, _, model.producer_version = made.partition(" v")
    model.metadata = {key: _string(top[key]) for key in ("generatedBy", "convertedBy") if _string(top.get(key))}
    weights = {tensor.name: tensor for group in _list(top.get("weightsManifest")) for tensor in _group(model, file, group)}
    model.files = list(dict.fromkeys(model.files))
    if layered:
        _layers(model, topology)
        for name, tensor in weights.items():
            model.graph.tensors.setdefault(name, tensor)
        return [model]
    _signature(model, top)
    model.graphs.append(_main(model, topology, weights))
    versions = _dict(topology.get("versions"))
    model.ir_version = versions.get("producer") if isinstance(versions.get("producer"), int) else None
    for function in _list(_dict(topology.get("library")).get("function")):
        model.graphs.append(_function(function, weights))
    if isinstance(top.get("modelInitializer"), dict):
        initializer = _graph("initializer", top["modelInitializer"].get("node"), weights, kind="function")
        model.graphs.append(initializer)
    return [model]


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _names(value: Any) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


# Layers models


def _layers(model: Model, topology: Mapping[str, Any]) -> None:
    """A Keras configuration, either as ``model_config`` or (saved by TensorFlow.js itself) the topology as a whole."""
    config = topology.get("model_config", topology)
    if not isinstance(config, dict) or "class_name" not in config:
        raise Unreadable("its modelTopology describes no model")
    describe(model, config)
    for key in ("keras_version", "backend"):
        if _string(topology.get(key)):
            model.metadata[key] = _string(topology[key])


# Weights


@dataclass(frozen=True)
class _Pieces:
    """Reads bytes that lie in several files one after the other: each is where its bytes begin, how many there are, and their reader."""

    pieces: tuple[tuple[int, int, RawData], ...]

    def __call__(self, offset: int, size: int) -> bytes:
        end = offset + size
        return b"".join(
            data(max(offset, at) - at, min(end, at + length) - max(offset, at))
            for at, length, data in self.pieces
            if at < end and offset < at + length
        )


def _group(model: Model, file: File, group: Mapping[str, Any]) -> Iterator[Tensor]:
    """The weights of one group of shards."""
    paths = _names(group.get("paths"))
    if len(paths) > SHARDS_LIMIT:
        raise Unreadable(f"{len(paths):,} weight shards")
    shards = [beside(file, path) for path in paths]
    model.files.extend(shard.shown for shard in shards if shard.inside)
    at: int | None = 0
    for entry in _list(group.get("weights")):
        quantization = _dict(entry.get("quantization"))
        dtype = _string(quantization.get("dtype")) or _string(entry.get("dtype"))
        tensor = Tensor(_string(entry.get("name")), dtype, _sizes(entry.get("shape")), _quant(quantization))
        size = tensor.nbytes
        if dtype == "string" and at is not None:
            size = _strings_size(tensor, shards, at)
        if at is None or size is None:
            tensor.stored = Stored("", 0, 0, external=True, problem="its place or size is unknown")
            at = None
        else:
            _store(tensor, shards, at, size)
            at += size
        yield tensor


def _sizes(value: Any) -> Shape:
    sizes = isinstance(value, list) and all(type(size) is int and size >= 0 for size in value)
    return tuple(value) if sizes else None


def _quant(entry: Mapping[str, Any]) -> Quant | None:
    """TensorFlow.js stores real = scale * stored + min, min being a whole multiple of scale except where all values are the same."""
    scale, least = entry.get("scale"), entry.get("min")
    if not isinstance(scale, (int, float)) or not isinstance(least, (int, float)) or not scale:
        return None
    zero = -least / scale
    return Quant((float(scale),), (round(zero),) if abs(zero) < 1 << 31 and abs(zero - round(zero)) < 1e-3 else ())


def _store(tensor: Tensor, shards: Sequence[Beside], at: int, size: int) -> None:
    """Notes where in the shards the `size` bytes from `at` on are."""
    pieces: list[tuple[int, int, RawData]] = []
    start, end, first = 0, at + size, Stored("", 0, size, external=True, problem="it names no file")
    for shard in shards:
        if shard.path is None:  # where later shards begin cannot be known
            first, pieces = Stored(shard.shown, 0, size, external=True, problem=shard.problem), []
            break
        if not pieces:
            first = Stored(shard.shown, at - start, size, external=True)
        if start + shard.size > at:
            pieces.append((start - at, shard.size, RawData(shard.path, 0)))
        start += shard.size
        if start >= end and pieces:
            break
    if not first.problem and start < end:
        first = replace(first, offset=0, problem=f"file is too short: its group has {start:,} bytes, the tensor ends at {end:,}")
    tensor.stored, tensor.data = first, None if first.problem else _Pieces(tuple(pieces))


def _strings_size(tensor: Tensor, shards: Sequence[Beside], at: int) -> int | None:
    """Bytes that a tensor of strings takes: each is its length in four bytes, then that many bytes. None if that cannot be read."""
    readable = list(takewhile(lambda shard: shard.path, shards))
    room = min(STRINGS_LIMIT, sum(shard.size for shard in readable) - at)
    if room <= 0 or tensor.elements is None:
        return None
    probe = Tensor("")
    _store(probe, readable, at, room)
    content, size = probe.bytes(room), 0
    for _ in range(tensor.elements):
        size += 4 + int.from_bytes(content[size : size + 4], "little")
        if size > len(content):
            return None
    return size


# Graph models


def _signature(model: Model, top: Mapping[str, Any]) -> None:
    """The one signature, which is stored without its name; before version 3 it was part of the user's metadata."""
    stored = _dict(top.get("signature") or _dict(top.get("userDefinedMetadata")).get("signature"))
    if not stored:
        return
    signature = Signature("default", method=_string(stored.get("methodName")))
    for side, arguments in (("inputs", signature.inputs), ("outputs", signature.outputs)):
        for name, info in _dict(stored.get(side)).items():
            if isinstance(info, dict):
                value = _string(info.get("name")).removesuffix(":0")
                arguments[name] = Tensor(value, _dtype(info.get("dtype")), _shape(info.get("tensorShape")))
    model.signatures[signature.name] = signature


def _main(model: Model, topology: Mapping[str, Any], weights: Mapping[str, Tensor]) -> Graph:
    """The main graph. Without a signature its inputs are its placeholders, its outputs what nothing reads."""
    signature = model.signatures.get("default")
    outputs = list(dict.fromkeys(t.name for t in signature.outputs.values())) if signature else []
    graph = _graph("main", topology.get("node"), weights, outputs)
    if signature:
        graph.inputs = list(dict.fromkeys(t.name for t in signature.inputs.values()))
        for tensor in (*signature.inputs.values(), *signature.outputs.values()):
            graph.tensors.setdefault(tensor.name, tensor)
    else:
        read = {name.lstrip("^").partition(":")[0] for op in graph.ops for name in op.inputs}
        graph.inputs = [op.name for op in graph.ops if op.type in PLACEHOLDERS]
        results = [op for op in graph.ops if op.name not in read and op.type not in ("NoOp", "Const", *PLACEHOLDERS)]
        graph.outputs = [op.name for op in results]
        for op in results:
            op.outputs = [op.name]
    return graph


def _function(function: Mapping[str, Any], weights: Mapping[str, Tensor]) -> Graph:
    """A body that control flow calls."""
    signature = _dict(function.get("signature"))
    results = _dict(function.get("ret"))
    outputs = [_string(results.get(name)) or name for name in (_string(arg.get("name")) for arg in _list(signature.get("outputArg")))]
    graph = _graph(_string(signature.get("name")), function.get("nodeDef"), weights, outputs, "function")
    described = _dict(function.get("argAttr"))
    for index, arg in enumerate(_list(signature.get("inputArg"))):
        name = _string(arg.get("name"))
        attributes = _attributes(_dict(_dict(described.get(str(index))).get("attr")))
        shapes = attributes.get("_output_shapes")
        shape = shapes[0] if isinstance(shapes, list) and shapes and isinstance(shapes[0], tuple) else None
        graph.inputs.append(name)
        graph.tensors[name] = Tensor(name, _dtype(arg.get("type")), shape)
    return graph


def _graph(name: str, nodes: Any, weights: Mapping[str, Tensor], outputs: Sequence[str] = (), kind: str = "graph") -> Graph:
    """Operators, with outputs as far as something reads them, and the tensors that are known."""
    graph = Graph(name, outputs=list(outputs), kind=kind)
    for index, node in enumerate(_list(nodes)):
        attributes = _attributes(_dict(node.get("attr")))
        if isinstance(attributes.get("value"), Tensor):
            attributes["value"] = weights.get(_string(node.get("name")), attributes["value"])
        op = Op(_string(node.get("op")), _string(node.get("name")), "", _names(node.get("input")), (), attributes, index)
        if not op.type:
            raise Unreadable(f"node {index} of graph {name} has no operator")
        graph.ops.append(op)
    read: dict[str, dict[str, None]] = {}
    for value in (*(value for op in graph.ops for value in op.inputs), *outputs):
        if not value.startswith("^"):
            read.setdefault(value.partition(":")[0], {})[value] = None
    for op in graph.ops:
        names = sorted(read.get(op.name, ()), key=_position)
        if not names and op.type in ("Const", *PLACEHOLDERS):
            names = [op.name if kind == "graph" else f"{op.name}:output:0"]
        op.outputs = names
        if names and op.type in PLACEHOLDERS:
            shape = op.attributes.get("shape")
            graph.tensors[names[0]] = Tensor(names[0], _string(op.attributes.get("dtype")), shape if isinstance(shape, tuple) else None)
        content = op.attributes.get("value")
        if names and isinstance(content, Tensor):
            graph.tensors[names[0]] = replace(content, name=names[0])
    return graph


def _position(name: str) -> tuple[int, str]:
    """Sorts ``x``, ``x:1``, ``x:2``, ``x:10``."""
    number = re.search(r":(\d{1,9})$", name)
    return int(number[1]) if number else 0, name


def _attributes(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in stored.items() if isinstance(value, dict)}


def _value(value: Mapping[str, Any]) -> Any:
    """The Python value of an AttrValue in JSON; None if it holds nothing, or a shape of unknown rank."""
    for kind, stored in value.items():
        if kind == "list":
            return [_one(inner, entry) for inner, entries in _dict(stored).items() if isinstance(entries, list) for entry in entries]
        return _one(kind, stored)
    return None


def _one(kind: str, stored: Any) -> Any:
    """protobuf's JSON form writes an int64 as text, bytes in base64, and a float that is no number by its name."""
    if kind == "type":
        return _dtype(stored)
    if kind == "s":
        return _decoded(_string(stored))
    if kind == "shape":
        return _shape(stored)
    if kind == "func":
        return _string(_dict(stored).get("name"))
    if kind == "tensor":
        return Tensor("", _dtype(_dict(stored).get("dtype")), _shape(_dict(stored).get("tensorShape")))
    if kind == "placeholder":
        return Ref(_string(stored))
    if kind == "i":
        return _integer(stored)
    if kind == "f" and stored in ("NaN", "Infinity", "-Infinity"):
        return float(stored)
    return stored if isinstance(stored, (bool, int, float, str)) else None


def _integer(stored: Any) -> int | None:
    if isinstance(stored, str) and re.fullmatch(r"-?\d{1,20}", stored):
        return int(stored)
    return stored if type(stored) is int else None


def _decoded(stored: str) -> str | bytes:
    try:
        raw = base64.b64decode(stored, validate=True)
    except ValueError:
        return stored
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _dtype(stored: Any) -> str:
    return DTYPES.get(_string(stored).removesuffix("_REF"), "")


def _shape(stored: Any) -> Shape:
    """A shape; None where it is absent or of unknown rank, and so is a dimension of unknown size."""
    if not isinstance(stored, dict) or stored.get("unknownRank"):
        return None
    sizes = [_integer(dim.get("size", 0)) for dim in _list(stored.get("dim"))]
    return tuple(size if size is not None and size >= 0 else None for size in sizes)
