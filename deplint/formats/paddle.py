"""PaddlePaddle: programs (``.pdmodel``, ``__model__``: protobuf; ``.json`` of Paddle 3: PIR) and their parameters (``.pdiparams``).

The parameters of a program are one after the other in one file, sorted by name, each as it describes itself. The feeds and fetches of a
program are its inputs and outputs. What `paddle.save` writes (``.pdparams``, ``.pdopt``) is a pickle.

Source: paddle/fluid/framework/framework.proto, lod_tensor.cc and paddle/fluid/pir/serialize_deserialize of github.com/PaddlePaddle/Paddle
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from deplint.formats.beside import beside
from deplint.formats.keras import JSON_LIMIT, parse_json
from deplint.formats.wire import BYTES, VARINT, Message, RawData, beginning, open_message
from deplint.model import Graph, Model, Op, Stored, Tensor, Unreadable
from deplint.project import File

DTYPES = {
    0: "bool", 1: "int16", 2: "int32", 3: "int64", 4: "float16", 5: "float32", 6: "float64", 20: "uint8", 21: "int8", 22: "bfloat16",
    23: "complex64", 24: "complex128", 32: "float8e4m3fn", 33: "float8e5m2",
}  # fmt: skip
"""VarType.Type -> dtype."""

_PIR_DTYPES = {
    "bool": "bool", "f16": "float16", "bf16": "bfloat16", "f32": "float32", "f64": "float64", "i8": "int8", "ui8": "uint8", "i16": "int16",
    "i32": "int32", "i64": "int64", "c64": "complex64", "c128": "complex128", "f8e4m3fn": "float8e4m3fn", "f8e5m2": "float8e5m2",
}  # fmt: skip

_INTEGER, _REAL, _TEXT, _BOOL = 0, 1, 2, 6
_ATTRIBUTES = {
    0: (3, _INTEGER), 1: (4, _REAL), 2: (5, _TEXT), 3: (6, _INTEGER), 4: (7, _REAL), 5: (8, _TEXT), 6: (10, _BOOL), 7: (11, _BOOL),
    8: (12, _INTEGER), 9: (13, _INTEGER), 10: (14, _INTEGER), 11: (15, _INTEGER),
}  # fmt: skip
"""AttrType -> the field that has the value, and what it is."""
_LISTS = {3, 4, 5, 7, 10, 11}
"""The AttrTypes that are lists."""

_NOTES = ("op_callstack", "op_device", "op_namescope", "op_role", "op_role_var")
"""Attributes that say where an operator comes from."""

_TENSOR_LIMIT = 1_000_000
MAX_DEPTH = 50
"""Regions within operators of PIR."""


def sniff(file: File) -> bool:
    """True if the first bytes are those of a program: a block with its number, that of the block around it, then variables or operators."""
    try:
        for tag, a, b in beginning(file.head):
            tags = [inner for inner, _, _ in beginning(file.head, a, b)] if tag == 1 << 3 | BYTES else []
            return len(tags) > 2 and tags[:2] == [1 << 3 | VARINT, 2 << 3 | VARINT] and set(tags[2:]) <= {26, 34, 40}
    except Unreadable:
        pass
    return False


def read(file: File) -> Model:
    """A program as protobuf; the main block is ``graphs[0]``, and an operator's attribute that is a block is its number.

    Raises:
        Unreadable: the file is no protobuf, cut short, or blocks and variables are more than it holds.
    """
    root = open_message(file)
    model = Model(file.shown, "paddle", "paddle", size=file.size)
    if version := root.message(4):
        number = version.integer(1)
        model.producer_version = f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"
    weights: list[Tensor] = []
    for block in root.messages(1):
        graph = Graph("" if not model.graphs else f"block{len(model.graphs)}", kind="function" if model.graphs else "graph")
        for var in block.messages(3):
            _variable(graph, var, weights)
        for desc in block.messages(4):
            _operator(graph, desc)
        model.graphs.append(graph)
    _place(model, file, weights)
    return model


def _variable(graph: Graph, var: Message, weights: list[Tensor]) -> None:
    kind = var.message(2)
    held = kind.message(3) or kind.message(4) if kind else None
    described = held.message(1) if held else None
    name = var.text(1)
    if described is None:  # a list of feeds or fetches, a scope
        return
    tensor = graph.tensors[name] = _described(name, described)
    if var.integer(3):
        weights.append(tensor)


def _described(name: str, message: Message) -> Tensor:
    shape = tuple(size if size >= 0 else None for size in message.integers(2))
    return Tensor(name, DTYPES.get(message.integer(1), ""), shape)


def _operator(graph: Graph, desc: Message) -> None:
    inputs, outputs = ([name for var in desc.messages(side) for name in var.texts(2)] for side in (1, 2))
    kind = desc.text(3)
    if kind == "feed":
        graph.inputs += outputs
    elif kind == "fetch":
        graph.outputs += inputs
    else:
        attributes = {attr.text(1): _attribute(attr) for attr in desc.messages(4)}
        notes = {key: _lines(attributes.pop(key)) for key in _NOTES if key in attributes}
        graph.ops.append(Op(kind, "", "", inputs, outputs, attributes, len(graph.ops), notes={k: v for k, v in notes.items() if v}))


def _lines(value: Any) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _attribute(attr: Message) -> Any:
    kind = attr.integer(2)
    number, what = _ATTRIBUTES.get(kind, (0, _INTEGER))
    values: list[Any]
    if what == _REAL:
        values = list(attr.reals(number))
    elif what == _TEXT:
        values = attr.texts(number)
    else:
        values = [bool(value) if what == _BOOL else value for value in attr.integers(number)]
    return values if kind in _LISTS else values[-1] if values else None


# Parameters


class _Parameter(NamedTuple):
    """A parameter as it describes itself, and where its values are."""

    tensor: Tensor
    offset: int


def parameters(file: File) -> Iterator[_Parameter]:
    """The parameters of a ``.pdiparams``, in order, without names.

    Raises:
        Unreadable: the file is cut short, or is none.
    """
    data, at, count = file.map(), 0, 0
    while at < file.size:
        count += 1
        try:
            version, levels = struct.unpack_from("<IQ", data, at)
            at += 12
            if version or levels > 16:
                raise Unreadable(f"no parameters of Paddle at byte {at - 12:,}")
            for _ in range(levels):
                at = min(at + 8 + struct.unpack_from("<Q", data, at)[0], file.size)
            version, size = struct.unpack_from("<Ii", data, at)
        except struct.error:
            raise Unreadable("the file breaks off within the head of a parameter") from None
        at += 8
        if version or not 0 < size <= file.size - at or count > _TENSOR_LIMIT:
            raise Unreadable(f"no parameters of Paddle at byte {at:,}")
        tensor = _described(str(count - 1), Message(data, at, at + size))
        if tensor.nbytes is None:
            raise Unreadable(f"a parameter of unknown size at byte {at:,}")
        yield _Parameter(tensor, at + size)
        at += size + tensor.nbytes
    if at > file.size:
        raise Unreadable(f"the file breaks off: {file.size:,} bytes, its last parameter ends at {at:,}")


def read_parameters(file: File) -> Model:
    """The parameters of a program, by their place: names are in the program.

    Raises:
        Unreadable: the file is cut short, or is none.
    """
    graph = Graph()
    for tensor, offset in parameters(file):
        graph.tensors[tensor.name] = _stored(tensor, file, offset)
    return Model(file.shown, "paddle-params", "paddle", graphs=[graph], metadata={"kind": "weights"}, size=file.size)


def _stored(tensor: Tensor, file: File, offset: int, external: bool = False) -> Tensor:
    tensor.stored = Stored(file.shown, offset, tensor.nbytes or 0, external)
    tensor.data = RawData(file.path, offset)
    return tensor


def _place(model: Model, file: File, weights: list[Tensor]) -> None:
    """Say where the weights of a program are, if its parameters lie beside it and are those that the program describes."""
    held = beside(file, file.path.stem + ".pdiparams")
    if held.path is None:
        return
    model.files = [held.shown]
    target = File(held.path, held.shown)
    try:
        found = list(parameters(target))
    except Unreadable:  # said of that file itself
        return
    weights = sorted(weights, key=lambda tensor: tensor.name)
    if [(t.dtype, t.shape) for t in weights] == [(t.dtype, t.shape) for t, _ in found]:
        for tensor, (_, offset) in zip(weights, found, strict=True):
            _stored(tensor, target, offset, external=True)


# PIR


def read_pir(file: File) -> Model:
    """A program as Paddle 3 writes it: JSON whose keys are abbreviated and whose dialects are numbers (0 is builtin, 1 is pd_op).

    Raises:
        Unreadable: the JSON is damaged, too large or too deep, or is no program.
    """
    top = parse_json(file.raw(JSON_LIMIT))
    regions = _list(_dict(top.get("program") if isinstance(top, dict) else None).get("regions"))
    if not regions:
        raise Unreadable("JSON of Paddle without a program")
    model = Model(file.shown, "paddle", "paddle", size=file.size)
    version = _dict(top.get("base_code")).get("version")
    model.ir_version = version if isinstance(version, int) else None
    program = _Program()
    model.graphs.append(program.region(regions[0], 0))
    _place(model, file, program.weights)
    return model


class _Program:
    """What the regions of one program have in common: the names of values by number, and the parameters."""

    def __init__(self) -> None:
        self.names: dict[Any, str] = {}
        self.weights: list[Tensor] = []

    def region(self, region: Mapping[str, Any], depth: int) -> Graph:
        if depth > MAX_DEPTH:
            raise Unreadable(f"regions nested deeper than {MAX_DEPTH}")
        graph = Graph()
        for block in _list(region.get("blocks")):
            graph.inputs += [self.value(graph, value) for value in _list(block.get("args"))]
            for stored in _list(block.get("ops")):
                self.operator(graph, stored, depth)
        return graph

    def operator(self, graph: Graph, stored: Mapping[str, Any], depth: int) -> None:
        kind, results, given = str(stored.get("#", "")), stored.get("O"), stored.get("A")
        if kind == "p":  # a parameter: three flags and its name
            name = given[3] if isinstance(given, list) and len(given) > 3 and isinstance(given[3], str) else ""
            self.weights.append(graph.tensors[self.value(graph, _dict(results), name)])
            return
        attributes = {str(each.get("N", "")): _plain(each.get("AT"), 0) for each in _list(given)}
        inputs = [self.names.get(value.get("%"), "") for value in _list(stored.get("I"))]
        named = attributes.get("name") if kind in ("1.data", "1.feed") else None
        outputs = [self.value(graph, value, named if isinstance(named, str) else "") for value in _list(results)]
        if named is not None:
            graph.inputs += outputs
        elif kind == "1.fetch":
            graph.outputs += inputs
        else:
            dialect, _, short = kind.partition(".")
            op = Op(short or kind, "", _DIALECTS.get(dialect, dialect if short else ""), inputs, outputs, attributes, len(graph.ops))
            op.graphs = {f"region{i}": self.region(each, depth + 1) for i, each in enumerate(_list(stored.get("regions")))}
            graph.ops.append(op)

    def value(self, graph: Graph, value: Mapping[str, Any], name: str = "") -> str:
        """The name of a result, now that it is known to the graph with its type."""
        number = value.get("%")
        name = name or str(number)
        if isinstance(number, int):
            self.names[number] = name
        described = _dict(value.get("TT")).get("D")
        tensor = graph.tensors[name] = Tensor(name)
        if isinstance(described, list) and len(described) > 1 and isinstance(described[1], list):
            tensor.dtype = _PIR_DTYPES.get(str(_dict(described[0]).get("#", "")).rpartition("t_")[2], "")
            tensor.shape = tuple(size if isinstance(size, int) and size >= 0 else None for size in described[1])
        return name


_DIALECTS = {"0": "builtin", "1": ""}


def _plain(attribute: Any, depth: int) -> Any:
    """An attribute's value: ``{"#": type, "D": value}``, where a list's values are attributes again."""
    value = _dict(attribute).get("D")
    if isinstance(value, list):
        return [_plain(each, depth + 1) if isinstance(each, dict) and depth < MAX_DEPTH else each for each in value]
    return value


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
