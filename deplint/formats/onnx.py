"""ONNX models (``ModelProto``), read without their weights.

Tensors' bytes stay where they are, in the model's file or in the files of external data next to it. Such a file is looked at (never
into) only if it lies in the model's folder: a location is part of the model, and so untrusted.

Source: onnx/onnx.proto of https://github.com/onnx/onnx (the tests compare every number below with the installed library).
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Iterator, Mapping, ValuesView
from dataclasses import replace
from typing import Any

from deplint.formats.beside import Beside, beside
from deplint.formats.wire import (
    BYTES,
    CHUNK,
    VARINT,
    Message,
    RawData,
    StringData,
    beginning,
    fields,
    open_message,
    stored_numbers,
)
from deplint.model import BITS, Graph, Model, Op, Quant, Ref, Shape, Stored, Tensor, Unreadable
from deplint.project import File


class MODEL:
    IR_VERSION, PRODUCER_NAME, PRODUCER_VERSION, DOMAIN, MODEL_VERSION, DOC_STRING, GRAPH = 1, 2, 3, 4, 5, 6, 7
    OPSET_IMPORT, METADATA_PROPS, TRAINING_INFO, FUNCTIONS, CONFIGURATION = 8, 14, 20, 25, 26


class OPSET:
    DOMAIN, VERSION = 1, 2


class ENTRY:
    KEY, VALUE = 1, 2


class GRAPH:
    NODE, NAME, INITIALIZER, DOC_STRING, INPUT, OUTPUT, VALUE_INFO = 1, 2, 5, 10, 11, 12, 13
    QUANTIZATION_ANNOTATION, SPARSE_INITIALIZER, METADATA_PROPS = 14, 15, 16


class TRAINING:
    INITIALIZATION, ALGORITHM, INITIALIZATION_BINDING, UPDATE_BINDING = 1, 2, 3, 4


class DEVICES:
    NAME, NUM_DEVICES, DEVICE = 1, 2, 3


class FUNCTION:
    NAME, INPUT, OUTPUT, NODE, DOC_STRING, OPSET_IMPORT, DOMAIN, VALUE_INFO, OVERLOAD, METADATA_PROPS = 1, 4, 5, 7, 8, 9, 10, 12, 13, 14


class NODE:
    INPUT, OUTPUT, NAME, OP_TYPE, ATTRIBUTE, DOC_STRING, DOMAIN, OVERLOAD, METADATA_PROPS = 1, 2, 3, 4, 5, 6, 7, 8, 9
    DEVICE_CONFIGURATIONS = 10


class NODE_DEVICES:
    CONFIGURATION_ID = 1


class ATTRIBUTE:
    NAME, F, I, S, T, G, FLOATS, INTS, STRINGS, TENSORS, GRAPHS = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11  # noqa: E741
    TP, TYPE_PROTOS, TYPE, REF_ATTR_NAME, SPARSE_TENSOR, SPARSE_TENSORS = 14, 15, 20, 21, 22, 23


class VALUE_INFO:
    NAME, TYPE = 1, 2


class TYPE:
    TENSOR_TYPE, SEQUENCE_TYPE, MAP_TYPE, SPARSE_TENSOR_TYPE, OPTIONAL_TYPE = 1, 4, 5, 8, 9


class TENSOR_TYPE:
    ELEM_TYPE, SHAPE = 1, 2


class SHAPE:
    DIM = 1


class DIMENSION:
    DIM_VALUE, DIM_PARAM = 1, 2


class TENSOR:
    DIMS, DATA_TYPE, SEGMENT, FLOAT_DATA, INT32_DATA, STRING_DATA, INT64_DATA, NAME, RAW_DATA = 1, 2, 3, 4, 5, 6, 7, 8, 9
    DOUBLE_DATA, UINT64_DATA, EXTERNAL_DATA, DATA_LOCATION = 10, 11, 13, 14


class SPARSE_TENSOR:
    VALUES, DIMS = 1, 3


class ANNOTATION:
    TENSOR_NAME, QUANT_PARAMETER_TENSOR_NAMES = 1, 2


DTYPES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string", 9: "bool", 10: "float16",
    11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16", 17: "float8e4m3fn",
    18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4", 23: "float4e2m1", 24: "float8e8m0",
    25: "uint2", 26: "int2", 27: "float6e2m3", 28: "float6e3m2",
}  # fmt: skip
"""``TensorProto.DataType`` -> dtype."""

NUMBERS = {
    "float32": (TENSOR.FLOAT_DATA, "f"), "complex64": (TENSOR.FLOAT_DATA, "f"), "float64": (TENSOR.DOUBLE_DATA, "d"),
    "complex128": (TENSOR.DOUBLE_DATA, "d"), "int64": (TENSOR.INT64_DATA, "q"), "uint32": (TENSOR.UINT64_DATA, "I"),
    "uint64": (TENSOR.UINT64_DATA, "Q"), "int32": (TENSOR.INT32_DATA, "i"), "int16": (TENSOR.INT32_DATA, "h"),
    "uint16": (TENSOR.INT32_DATA, "H"), "float16": (TENSOR.INT32_DATA, "H"), "bfloat16": (TENSOR.INT32_DATA, "H"),
}  # fmt: skip
"""Where values not in raw_data are, and the `struct` code of one; all other dtypes have one byte an INT32_DATA."""

LONG = 1 << 20
"""Bytes of an attribute beyond which a list or string is given as a `Tensor`: such a list is a table of weights in disguise."""

SMALL = 128
"""Bytes up to which an attribute or a type is remembered by its bytes: graphs say the same thing thousands of times."""

_F, _I, _S, _T, _G, _FLOATS, _INTS, _STRINGS, _TENSORS, _GRAPHS, _SPARSE, _SPARSES, _TP, _TPS = range(1, 15)
"""``AttributeProto.AttributeType``."""

_KINDS = {
    ATTRIBUTE.F: _F, ATTRIBUTE.I: _I, ATTRIBUTE.S: _S, ATTRIBUTE.T: _T, ATTRIBUTE.G: _G, ATTRIBUTE.FLOATS: _FLOATS,
    ATTRIBUTE.INTS: _INTS, ATTRIBUTE.STRINGS: _STRINGS, ATTRIBUTE.TENSORS: _TENSORS, ATTRIBUTE.GRAPHS: _GRAPHS,
    ATTRIBUTE.SPARSE_TENSOR: _SPARSE, ATTRIBUTE.SPARSE_TENSORS: _SPARSES, ATTRIBUTE.TP: _TP, ATTRIBUTE.TYPE_PROTOS: _TPS,
}  # fmt: skip
"""Field -> type, for files of before 2017-10-30, whose attributes have no type."""

_LONG_KINDS = {ATTRIBUTE.S: "string", ATTRIBUTE.FLOATS: "float32", ATTRIBUTE.INTS: "int64", ATTRIBUTE.STRINGS: "string"}

_MODEL_TAGS = {
    number << 3 | (VARINT if number in (MODEL.IR_VERSION, MODEL.MODEL_VERSION) else BYTES)
    for name, number in vars(MODEL).items()
    if name.isupper()
}
_GRAPH_TAGS = {number << 3 | BYTES for name, number in vars(GRAPH).items() if name.isupper()}
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1f]")


def sniff(file: File) -> bool:
    """True if the first bytes are those of a ModelProto: a small IR version, printable names, then a graph."""
    head = file.head
    version = -1
    try:
        for tag, a, b in beginning(head):
            number = tag >> 3
            if tag not in _MODEL_TAGS:
                return False
            if number == MODEL.IR_VERSION:
                version = a
            elif number in (MODEL.PRODUCER_NAME, MODEL.PRODUCER_VERSION, MODEL.DOMAIN):
                if _CONTROL.search(head, a, b):
                    return False
            elif number in (MODEL.GRAPH, MODEL.FUNCTIONS):
                inner = beginning(head, a, b) if number == MODEL.GRAPH else ()
                return 0 <= version < 1000 and all(tag in _GRAPH_TAGS for tag, _, _ in inner)
        return 0 <= version < 1000 and file.size > len(head)
    except Unreadable:
        return False


def read(file: File) -> Model:
    """The model in `file`.

    A function's graph is named ``domain.name`` (``domain.name:overload``), as the operators that call it are written.

    Raises:
        Unreadable: the file is no ONNX model.
    """
    return _Reader(file).model(open_message(file))


class _Reader:
    def __init__(self, file: File) -> None:
        self.file = file
        self.externals: dict[str, Beside] = {}
        self.attributes: dict[bytes, tuple[str, Any]] = {}
        self.types: dict[bytes, tuple[str, Shape]] = {}

    def model(self, message: Message) -> Model:
        graph = message.message(MODEL.GRAPH)
        if graph is None and not message.spans(MODEL.FUNCTIONS):
            raise Unreadable("no graph in it: not an ONNX model")
        model = Model(
            self.file.shown,
            "onnx",
            producer=message.text(MODEL.PRODUCER_NAME),
            producer_version=message.text(MODEL.PRODUCER_VERSION),
            ir_version=message.integer(MODEL.IR_VERSION),
            opsets=opsets(message, MODEL.OPSET_IMPORT),
            metadata=_entries(message, MODEL.METADATA_PROPS),
            size=self.file.size,
            source=self.file.path,
        )
        text = message.text(MODEL.DOC_STRING)
        if text:
            model.metadata.setdefault("doc_string", text)
        for devices in message.messages(MODEL.CONFIGURATION):
            told = ", ".join([str(devices.integer(DEVICES.NUM_DEVICES)), *devices.texts(DEVICES.DEVICE)])
            model.metadata[f"devices.{devices.text(DEVICES.NAME)}"] = told
        if graph is not None:
            model.graphs.append(self.graph(graph))
            model.metadata |= {f"graph.{key}": value for key, value in model.graph.notes.items() if value}
        for function in message.messages(MODEL.FUNCTIONS):
            model.graphs.append(self.function(function))
            model.opsets = opsets(function, FUNCTION.OPSET_IMPORT) | model.opsets
        for number, training in enumerate(message.messages(MODEL.TRAINING_INFO)):
            self.training(model, f"training{number or ''}", training)
        model.files = sorted({e.shown for e in self.externals.values() if e.inside})
        return model

    def graph(self, message: Message) -> Graph:
        graph = Graph(message.text(GRAPH.NAME), notes=_notes(message, GRAPH.DOC_STRING, GRAPH.METADATA_PROPS))
        for number in (GRAPH.INPUT, GRAPH.OUTPUT, GRAPH.VALUE_INFO, GRAPH.INITIALIZER):
            message.spend(0, parts=len(message.spans(number)))
        for number, names in ((GRAPH.INPUT, graph.inputs), (GRAPH.OUTPUT, graph.outputs), (GRAPH.VALUE_INFO, None)):
            for info in message.messages(number):
                tensor = self.value_info(info)
                if names is not None:
                    names.append(tensor.name)
                known = graph.tensors.get(tensor.name)
                says_less = names is None and tensor.shape is None and known is not None and known.shape is not None
                if known is None or (tensor.dtype and not says_less):
                    graph.tensors[tensor.name] = tensor
        weights = {t.name: t for t in map(self.tensor, message.messages(GRAPH.INITIALIZER)) if t.name}
        weights |= {t.name: t for t in map(self.sparse, message.messages(GRAPH.SPARSE_INITIALIZER))}
        graph.tensors |= weights
        graph.inputs = [name for name in graph.inputs if name not in weights]
        graph.ops = self.ops(message, GRAPH.NODE)
        for annotation in message.messages(GRAPH.QUANTIZATION_ANNOTATION):
            name = annotation.text(ANNOTATION.TENSOR_NAME)
            quant = _annotated(_entries(annotation, ANNOTATION.QUANT_PARAMETER_TENSOR_NAMES), weights)
            if quant:
                graph.tensors.setdefault(name, Tensor(name)).quant = quant
        return graph

    def training(self, model: Model, name: str, message: Message) -> None:
        """Add how the model is to be trained: what gives weights their first values, and a step, each a graph; the metadata says which
        weight takes which result of them."""
        for number, what in ((TRAINING.INITIALIZATION, "initialization"), (TRAINING.ALGORITHM, "algorithm")):
            found = message.message(number)
            if found is not None:
                graph = self.graph(found)
                graph.name, graph.kind = f"{name}.{what}", "training"
                model.graphs.append(graph)
        for number, what in ((TRAINING.INITIALIZATION_BINDING, "initialization"), (TRAINING.UPDATE_BINDING, "update")):
            model.metadata |= {f"{name}.{what}.{key}": value for key, value in _entries(message, number).items()}

    def function(self, message: Message) -> Graph:
        name = ".".join(filter(None, (message.text(FUNCTION.DOMAIN), message.text(FUNCTION.NAME))))
        overload = message.text(FUNCTION.OVERLOAD)
        tensors = [self.value_info(info) for info in message.messages(FUNCTION.VALUE_INFO)]
        return Graph(
            f"{name}:{overload}" if overload else name,
            self.ops(message, FUNCTION.NODE),
            {tensor.name: tensor for tensor in tensors},
            message.texts(FUNCTION.INPUT),
            message.texts(FUNCTION.OUTPUT),
            kind="function",
            notes=_notes(message, FUNCTION.DOC_STRING, FUNCTION.METADATA_PROPS),
        )

    def ops(self, message: Message, number: int) -> list[Op]:
        """The nodes in a field of `message`. There are many, so each is gone through once, without a `Message` of its own."""
        data = message.data
        message.spend(0, parts=len(message.spans(number)))
        ops: list[Op] = []
        try:
            for index, (start, end) in enumerate(message.spans(number)):
                op = Op("", index=index, inputs=(inputs := []), outputs=(outputs := []))
                attributes: dict[str, Any] = {}
                overload = ""
                count = 0
                for tag, a, b in fields(data, start, end):
                    count += 1
                    if count > CHUNK:
                        message.spend(count)
                        count = 0
                    if tag == _INPUT:
                        inputs.append(str(data[a:b], "utf-8", "replace"))
                    elif tag == _OUTPUT:
                        outputs.append(str(data[a:b], "utf-8", "replace"))
                    elif tag == _OP_TYPE:
                        op.type = str(data[a:b], "utf-8", "replace")
                    elif tag == _NAME:
                        op.name = str(data[a:b], "utf-8", "replace")
                    elif tag == _ATTRIBUTE:
                        name, value = self.attribute(message, a, b)
                        attributes[name] = value
                    elif tag == _DOMAIN:
                        op.domain = _domain(str(data[a:b], "utf-8", "replace"))
                    elif tag == _OVERLOAD:
                        overload = str(data[a:b], "utf-8", "replace")
                    elif tag in _NOTES:
                        op.notes = _Notes(data, start, end)
                message.spend(count)
                if not op.type:
                    raise Unreadable(f"node {index} has no operator: not an ONNX graph")
                if overload:
                    op.type += f":{overload}"
                if attributes:
                    op.attributes, op.graphs = _without_graphs(attributes)
                ops.append(op)
        except IndexError:
            raise Unreadable("the file ends in the middle of a field") from None
        return ops

    def attribute(self, node: Message, start: int, end: int) -> tuple[str, Any]:
        """Name and value of the attribute at `start` to `end`."""
        if end - start > LONG:
            long = self.long_attribute(node, start, end)
            if long:
                return long
        raw = node.data[start:end] if end - start <= SMALL else None
        known = self.attributes.get(raw) if raw is not None else None
        if known is None:
            message = node.within(start, end)
            known = message.text(ATTRIBUTE.NAME), self.value(message)
            first = known[1][0] if known[1] and isinstance(known[1], list) else known[1]
            if raw is not None and not isinstance(first, (Tensor, Graph)):  # those know where they lie
                self.attributes[raw] = known
        name, value = known
        return name, value[:] if isinstance(value, list) else value

    def long_attribute(self, node: Message, start: int, end: int) -> tuple[str, Tensor] | None:
        """An attribute of more than a megabyte as a tensor without values, if it is a list of numbers or strings, or a string."""
        name = ""
        for tag, a, b in fields(node.data, start, end):
            number = tag >> 3
            if tag == ATTRIBUTE.NAME << 3 | BYTES:
                name = str(node.data[a:b], "utf-8", "replace")
            elif number in _LONG_KINDS:
                shape = () if number == ATTRIBUTE.S else (None,)
                return name, Tensor(name, _LONG_KINDS[number], shape, stored=Stored(self.file.shown, start, end - start))
            elif number in _KINDS:
                break
        return None

    def value(self, message: Message) -> Any:
        reference = message.text(ATTRIBUTE.REF_ATTR_NAME)
        if reference:
            return Ref(reference)
        kind = message.integer(ATTRIBUTE.TYPE) or next((k for number, k in _KINDS.items() if number in message), 0)
        if kind == _INTS:
            return list(message.integers(ATTRIBUTE.INTS))
        if kind == _I:
            return message.integer(ATTRIBUTE.I)
        if kind == _F:
            return message.real(ATTRIBUTE.F)
        if kind == _FLOATS:
            return list(message.reals(ATTRIBUTE.FLOATS))
        if kind == _S:
            return next((_string(message, *span) for span in message.spans(ATTRIBUTE.S)), "")
        if kind == _STRINGS:
            return [_string(message, *span) for span in message.spans(ATTRIBUTE.STRINGS)]
        read, number, many = {
            _T: (self.tensor, ATTRIBUTE.T, False),
            _TENSORS: (self.tensor, ATTRIBUTE.TENSORS, True),
            _G: (self.graph, ATTRIBUTE.G, False),
            _GRAPHS: (self.graph, ATTRIBUTE.GRAPHS, True),
            _SPARSE: (self.sparse, ATTRIBUTE.SPARSE_TENSOR, False),
            _SPARSES: (self.sparse, ATTRIBUTE.SPARSE_TENSORS, True),
            _TP: (self.type_tensor, ATTRIBUTE.TP, False),
            _TPS: (self.type_tensor, ATTRIBUTE.TYPE_PROTOS, True),
        }.get(kind, (None, 0, False))
        values = [read(m) for m in message.messages(number)] if read else []
        return values if many else values[-1] if values else None

    def value_info(self, message: Message) -> Tensor:
        name = message.text(VALUE_INFO.NAME)
        dtype, shape = "", None
        for a, b in message.spans(VALUE_INFO.TYPE):
            # One byte more than is remembered: what is too long never looks like something remembered.
            raw = message.data[a : min(b, a + SMALL + 1)]
            if raw not in self.types or b - a > SMALL:
                self.types[raw] = type_of(message.within(a, b))
            dtype, shape = self.types[raw]
        return Tensor(name, dtype, shape)

    def type_tensor(self, message: Message) -> Tensor:
        return Tensor("", *type_of(message))

    def tensor(self, message: Message) -> Tensor:
        dtype = DTYPES.get(message.integer(TENSOR.DATA_TYPE), "")
        tensor = Tensor(message.text(TENSOR.NAME), dtype, tuple(message.integers(TENSOR.DIMS)))
        raw = message.spans(TENSOR.RAW_DATA)
        if message.integer(TENSOR.DATA_LOCATION) == 1:
            self.external(tensor, _entries(message, TENSOR.EXTERNAL_DATA))
        elif raw:
            start, end = raw[-1]
            tensor.stored, tensor.data = Stored(self.file.shown, start, end - start), RawData(self.file.path, start)
        elif dtype == "string":
            strings = message.spans(TENSOR.STRING_DATA)
            start = strings[0][0] if strings else message.start
            tensor.stored = Stored(self.file.shown, start, sum(b - a for a, b in strings))
            tensor.data = StringData(self.file, message.start, message.end, TENSOR.STRING_DATA)
        else:
            number, code = NUMBERS.get(dtype, (TENSOR.INT32_DATA, "B"))
            tensor.stored, tensor.data = stored_numbers(self.file, message, number, code)
            if BITS.get(dtype) == 6:  # which only raw data packs
                packed = tensor.nbytes if tensor.stored.nbytes == tensor.elements else 0
                tensor.stored, tensor.data = replace(tensor.stored, nbytes=packed or 0), None
        if TENSOR.SEGMENT in message and tensor.stored is not None:
            tensor.stored, tensor.data = replace(tensor.stored, problem="it is a part of a tensor"), None
        return tensor

    def sparse(self, message: Message) -> Tensor:
        """A sparse tensor: its own shape; what is stored, and read, are the values that are not zero."""
        values = message.message(SPARSE_TENSOR.VALUES)
        tensor = self.tensor(values) if values is not None else Tensor("")
        tensor.sparse = True
        tensor.shape = tuple(message.integers(SPARSE_TENSOR.DIMS))
        return tensor

    def external(self, tensor: Tensor, entries: Mapping[str, str]) -> None:
        """Set where an external tensor's bytes are, or why they cannot be read."""
        location = entries.get("location", "")
        place = self.externals.get(location)
        if place is None:
            place = self.externals[location] = beside(self.file, location)
        problem = place.problem
        offset = size = 0
        try:
            offset = int(entries.get("offset", "0"))
            size = int(entries.get("length", "-1"))
        except ValueError:
            problem = problem or "its offset or length is no number"
        if size < 0:  # the rest of the file
            size = max(0, place.size - offset) if not problem else tensor.nbytes or 0
        if not problem and (offset < 0 or offset + size > place.size):
            problem = f"file is too short: {place.size:,} bytes, the tensor ends at {offset + size:,}"
        tensor.stored = Stored(place.shown, offset, size, external=True, problem=problem)
        if not problem and place.path is not None:
            tensor.data = RawData(place.path, offset)


_INPUT, _OUTPUT, _NAME, _OP_TYPE, _ATTRIBUTE, _DOMAIN, _OVERLOAD = (
    number << 3 | BYTES for number in (NODE.INPUT, NODE.OUTPUT, NODE.NAME, NODE.OP_TYPE, NODE.ATTRIBUTE, NODE.DOMAIN, NODE.OVERLOAD)
)
_NOTES = tuple(number << 3 | BYTES for number in (NODE.DOC_STRING, NODE.METADATA_PROPS, NODE.DEVICE_CONFIGURATIONS))


def _without_graphs(attributes: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Graph]]:
    """The attributes that are no graphs, and those that are."""
    graphs: dict[str, Graph] = {}
    for name, value in attributes.items():
        if isinstance(value, Graph):
            graphs[name] = value
        elif isinstance(value, list) and value and isinstance(value[0], Graph):
            graphs |= {f"{name}[{i}]": graph for i, graph in enumerate(value)}
    if not graphs:
        return attributes, graphs
    return {name: value for name, value in attributes.items() if name not in graphs and f"{name}[0]" not in graphs}, graphs


class _Notes(Mapping[str, str]):
    """A node's ``doc_string`` and metadata, read when asked for: exporters write more of it than of the graph itself."""

    __slots__ = ("data", "end", "start")

    def __init__(self, data: bytes | mmap.mmap, start: int, end: int) -> None:
        self.data, self.start, self.end = data, start, end

    def _read(self) -> dict[str, str]:
        node = Message(self.data, self.start, self.end)
        devices = ", ".join(each.text(NODE_DEVICES.CONFIGURATION_ID) for each in node.messages(NODE.DEVICE_CONFIGURATIONS))
        return _notes(node, NODE.DOC_STRING, NODE.METADATA_PROPS) | ({"devices": devices} if devices else {})

    def __getitem__(self, key: str) -> str:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def values(self) -> ValuesView[str]:
        return self._read().values()


def _annotated(parameters: Mapping[str, str], weights: Mapping[str, Tensor]) -> Quant | None:
    """The quantization that an annotation's scale and zero point stand for, where both are stored in the graph."""
    scale = weights.get(parameters.get("SCALE_TENSOR", ""))
    zero = weights.get(parameters.get("ZERO_POINT_TENSOR", ""))
    if scale is None or scale.dtype != "float32" or scale.elements != 1:
        return None
    try:
        (value,) = struct.unpack("<f", scale.bytes())
        points = (int.from_bytes(zero.bytes(), "little", signed=zero.dtype.startswith("int")),) if zero else ()
    except (struct.error, Unreadable):
        return None
    return Quant((value,), points)


def opsets(message: Message, number: int) -> dict[str, int]:
    """The version of each operator domain that a field of `message` imports."""
    return {_domain(m.text(OPSET.DOMAIN)): m.integer(OPSET.VERSION) for m in message.messages(number)}


def _domain(domain: str) -> str:
    return "" if domain == "ai.onnx" else domain


def _notes(message: Message, text: int, entries: int) -> dict[str, str]:
    """What is said to people and tools: a ``doc_string`` and pairs of metadata."""
    told = message.text(text)
    return ({"doc_string": told} if told else {}) | _entries(message, entries)


def _entries(message: Message, number: int) -> dict[str, str]:
    return {m.text(ENTRY.KEY): m.text(ENTRY.VALUE) for m in message.messages(number)}


def _string(message: Message, start: int, end: int) -> str | bytes:
    """An attribute's string, or its bytes where they are not UTF-8."""
    raw = message.data[start:end]
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def type_of(message: Message) -> tuple[str, Shape]:
    """dtype and shape that a TypeProto stands for."""
    for number, dtype in ((TYPE.SEQUENCE_TYPE, "sequence"), (TYPE.MAP_TYPE, "map"), (TYPE.OPTIONAL_TYPE, "optional")):
        if number in message:
            return dtype, None
    tensor = message.message(TYPE.TENSOR_TYPE) or message.message(TYPE.SPARSE_TENSOR_TYPE)
    if tensor is None:
        return "", None
    shape = tensor.message(TENSOR_TYPE.SHAPE)
    dims = tuple(map(_dim, shape.messages(SHAPE.DIM))) if shape is not None else None
    return DTYPES.get(tensor.integer(TENSOR_TYPE.ELEM_TYPE), ""), dims


def _dim(message: Message) -> int | str | None:
    if DIMENSION.DIM_VALUE in message:
        return message.integer(DIMENSION.DIM_VALUE)
    return message.text(DIMENSION.DIM_PARAM) or None
