"""TensorFlow's SavedModel (``saved_model.pb``), MetaGraph (``.meta``) and frozen GraphDef (``.pb``), read without their weights.

Operators refer to values as TensorFlow writes them: ``x`` is the first output of node x, ``x:1`` its second, ``^x`` an order without a
value; within a function ``x:y:0`` is number 0 of x's output argument y. `Graph.tensors` and `Op.outputs` use the same names, and so do
signatures (whose ``x:0`` becomes ``x``).

Source: tensorflow/core/framework/*.proto, tensorflow/core/protobuf/*.proto of https://github.com/tensorflow/tensorflow (the tests
compare every number below with the installed library).
"""

from __future__ import annotations

import mmap
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from deplint.formats.wire import BYTES, VARINT, Message, StringData, beginning, open_message, raw_data, stored_numbers
from deplint.model import Graph, Model, Op, Ref, Shape, Signature, Stored, Tensor, Unreadable
from deplint.project import File


class SAVED_MODEL:
    SAVED_MODEL_SCHEMA_VERSION, META_GRAPHS = 1, 2


class META_GRAPH:
    META_INFO_DEF, GRAPH_DEF, SAVER_DEF, COLLECTION_DEF, SIGNATURE_DEF, ASSET_FILE_DEF, OBJECT_GRAPH_DEF = 1, 2, 3, 4, 5, 6, 7


class META_INFO:
    META_GRAPH_VERSION, STRIPPED_OP_LIST, ANY_INFO, TAGS, TENSORFLOW_VERSION, TENSORFLOW_GIT_VERSION = 1, 2, 3, 4, 5, 6
    STRIPPED_DEFAULT_ATTRS, FUNCTION_ALIASES = 7, 8


class SAVER:
    FILENAME_TENSOR_NAME, RESTORE_OP_NAME, VERSION = 1, 3, 7


class ASSET_FILE:
    FILENAME = 2


class SIGNATURE:
    INPUTS, OUTPUTS, METHOD_NAME = 1, 2, 3


class TENSOR_INFO:
    NAME, DTYPE, TENSOR_SHAPE, COO_SPARSE, COMPOSITE_TENSOR = 1, 2, 3, 4, 5


class COO_SPARSE:
    VALUES_TENSOR_NAME, INDICES_TENSOR_NAME, DENSE_SHAPE_TENSOR_NAME = 1, 2, 3


_SPARSE_PARTS = (COO_SPARSE.VALUES_TENSOR_NAME, COO_SPARSE.INDICES_TENSOR_NAME, COO_SPARSE.DENSE_SHAPE_TENSOR_NAME)


class COMPOSITE_TENSOR:
    TYPE_SPEC, COMPONENTS = 1, 2


class ENTRY:
    KEY, VALUE = 1, 2


class GRAPH:
    NODE, LIBRARY, VERSION, VERSIONS, DEBUG_INFO = 1, 2, 3, 4, 5


class VERSIONS:
    PRODUCER = 1


class LIBRARY:
    FUNCTION = 1


class FUNCTION:
    SIGNATURE, NODE_DEF, RET, ARG_ATTR = 1, 3, 4, 7


class ARG_ATTRS:
    ATTR = 1


class NODE:
    NAME, OP, INPUT, DEVICE, ATTR = 1, 2, 3, 4, 5


class ATTR:
    LIST, S, I, F, B, TYPE, SHAPE, TENSOR, PLACEHOLDER, FUNC = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10  # noqa: E741


class LIST:
    S, I, F, B, TYPE, SHAPE, TENSOR, FUNC = 2, 3, 4, 5, 6, 7, 8, 9  # noqa: E741


class FUNC:
    NAME = 1


class OP_LIST:
    OP = 1


class OP_DEF:
    NAME, INPUT_ARG, OUTPUT_ARG, ATTR = 1, 2, 3, 4


class ARG_DEF:
    NAME, TYPE, TYPE_ATTR, NUMBER_ATTR, TYPE_LIST_ATTR = 1, 3, 4, 5, 6


class ATTR_DEF:
    NAME, DEFAULT_VALUE = 1, 3


class SHAPE:
    DIM, UNKNOWN_RANK = 2, 3


class DIM:
    SIZE = 1


class TENSOR:
    DTYPE, TENSOR_SHAPE, TENSOR_CONTENT, FLOAT_VAL, DOUBLE_VAL, INT_VAL, STRING_VAL, SCOMPLEX_VAL = 1, 2, 4, 5, 6, 7, 8, 9
    INT64_VAL, BOOL_VAL, DCOMPLEX_VAL, HALF_VAL, UINT32_VAL, UINT64_VAL, FLOAT8_VAL = 10, 11, 12, 13, 16, 17, 18


DTYPES = {
    1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string", 8: "complex64", 9: "int64", 10: "bool",
    14: "bfloat16", 17: "uint16", 18: "complex128", 19: "float16", 20: "resource", 21: "variant", 22: "uint32", 23: "uint64",
    24: "float8e5m2", 25: "float8e4m3fn", 26: "float8e4m3fnuz", 28: "float8e5m2fnuz", 29: "int4", 30: "uint4", 31: "int2",
    32: "uint2", 33: "float4e2m1",
}  # fmt: skip
"""``DataType`` -> dtype. The quantized types of TensorFlow 1 (qint8, ...) have no name here and become ""."""

REFERENCE = 100
"""Added to a ``DataType`` for a reference to a variable of TensorFlow 1."""

NUMBERS = {
    "float32": (TENSOR.FLOAT_VAL, "f"), "float64": (TENSOR.DOUBLE_VAL, "d"), "complex64": (TENSOR.SCOMPLEX_VAL, "f"),
    "complex128": (TENSOR.DCOMPLEX_VAL, "d"), "int64": (TENSOR.INT64_VAL, "q"), "bool": (TENSOR.BOOL_VAL, "B"),
    "float16": (TENSOR.HALF_VAL, "H"), "bfloat16": (TENSOR.HALF_VAL, "H"), "uint32": (TENSOR.UINT32_VAL, "I"),
    "uint64": (TENSOR.UINT64_VAL, "Q"), "int32": (TENSOR.INT_VAL, "i"), "int16": (TENSOR.INT_VAL, "h"),
    "uint16": (TENSOR.INT_VAL, "H"), "int8": (TENSOR.INT_VAL, "b"), "uint8": (TENSOR.INT_VAL, "B"), "int4": (TENSOR.INT_VAL, "b"),
    "uint4": (TENSOR.INT_VAL, "B"), "int2": (TENSOR.INT_VAL, "b"), "uint2": (TENSOR.INT_VAL, "B"),
}  # fmt: skip
"""Where the values of a constant that are not in tensor_content are, and the `struct` code of one."""

PLACEHOLDERS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")

SPLAT = 1 << 16
"""Bytes up to which a constant that stores its last value once for all the rest is given in full."""

LONG = 1 << 20
"""Bytes beyond which a string attribute is given as a `Tensor`."""

SMALL = 128
"""Bytes up to which an attribute is remembered by its bytes: graphs say the same thing thousands of times."""

MANY, MOST = 16, 256
"""Outputs of one operator that are described whether or not anything reads them; those that are described at all."""

_NOT_OUTPUTS = {"NoOp", "Assert", "Const", *PLACEHOLDERS}
"""Operators that are no output of a frozen graph although nothing reads them."""

_META_GRAPH_TAGS = {number << 3 | BYTES for name, number in vars(META_GRAPH).items() if name.isupper()}
_META_INFO_TAGS = {
    number << 3 | (VARINT if number == META_INFO.STRIPPED_DEFAULT_ATTRS else BYTES)
    for name, number in vars(META_INFO).items()
    if name.isupper()
}
_GRAPH_TAGS = {number << 3 | (VARINT if number == GRAPH.VERSION else BYTES) for name, number in vars(GRAPH).items() if name.isupper()}
_NODE_NAME = re.compile(rb"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")
_OP_NAME = re.compile(rb"[A-Za-z_][A-Za-z0-9_>.]*")


def sniff_saved_model(file: File) -> bool:
    """True if the first bytes are those of a SavedModel: schema version 1, which TensorFlow Hub leaves out, then a graph with its
    description."""
    head = file.head
    try:
        for index, (tag, a, b) in enumerate(beginning(head)):
            if tag == SAVED_MODEL.META_GRAPHS << 3 | BYTES:
                return _is_meta_graph(head, a, b)
            if index or tag != SAVED_MODEL.SAVED_MODEL_SCHEMA_VERSION << 3 | VARINT or a != 1:
                return False
    except Unreadable:
        pass
    return False


def sniff_meta_graph(file: File) -> bool:
    """True if the first bytes are those of a MetaGraphDef, its description, and not those of a GraphDef, which are like them."""
    try:
        return _is_meta_graph(file.head, 0, sys.maxsize) and not _is_graph(file.head, 0, file.size)
    except Unreadable:
        return False


def _is_meta_graph(head: bytes, start: int, end: int) -> bool:
    described = False
    for tag, a, b in beginning(head, start, end):
        if tag not in _META_GRAPH_TAGS:
            return False
        if tag == META_GRAPH.META_INFO_DEF << 3 | BYTES:
            if any(inner not in _META_INFO_TAGS for inner, _, _ in beginning(head, a, b)):
                return False
            described = True
        elif tag == META_GRAPH.GRAPH_DEF << 3 | BYTES:
            return described or _is_graph(head, a, b)
    return described


def sniff_graph_def(file: File) -> bool:
    """True if the first bytes are those of a GraphDef: a node with the name and the operator that nodes must have."""
    try:
        return _is_graph(file.head, 0, file.size)
    except Unreadable:
        return False


def _is_graph(head: bytes, start: int, end: int) -> bool:
    for tag, a, b in beginning(head, start, end):
        if tag not in _GRAPH_TAGS:
            return False
        if tag == GRAPH.NODE << 3 | BYTES:
            names = [(inner, x, y) for inner, x, y in beginning(head, a, b)][:2]
            return (
                [inner for inner, _, _ in names] == [NODE.NAME << 3 | BYTES, NODE.OP << 3 | BYTES]
                and _NODE_NAME.fullmatch(head, *names[0][1:]) is not None
                and _OP_NAME.fullmatch(head, *names[1][1:]) is not None
            )
    return False


def read_saved_model(file: File) -> Model:
    """The model whose ``saved_model.pb`` is `file`: the graph tagged ``serve``, or else the first; the tags of all, and where a graph has
    several, the sets of them in ``metadata["tag_sets"]``.

    The graph's inputs and outputs are those of its signatures. The signature that only initializes the model is left out.

    Raises:
        Unreadable: the file is no SavedModel.
    """
    from deplint.formats import savedmodel

    message = open_message(file)
    graphs = list(message.messages(SAVED_MODEL.META_GRAPHS))
    if not graphs:
        raise Unreadable("no graph in it: not a SavedModel")
    tags = [[tag for info in graph.messages(META_GRAPH.META_INFO_DEF) for tag in info.texts(META_INFO.TAGS)] for graph in graphs]
    served = next((graph for graph, names in zip(graphs, tags, strict=True) if "serve" in names), graphs[0])
    model = Model(file.shown, "savedmodel", producer="tensorflow", size=file.size)
    _read_meta_graph(model, served, file)
    model.tags = list(dict.fromkeys(tag for names in tags for tag in names))
    if any(len(names) > 1 for names in tags):
        model.metadata["tag_sets"] = "; ".join(" ".join(sorted(names)) for names in tags)
    savedmodel.complete(model, file, served)
    return model


def read_meta_graph(file: File) -> Model:
    """The graph that a ``.meta`` file describes, as it was saved with a checkpoint. Its inputs are its placeholders, if no signature says
    otherwise, and its outputs those of its signatures.

    Raises:
        Unreadable: the file is no MetaGraphDef.
    """
    from deplint.formats import savedmodel

    message = open_message(file)
    if META_GRAPH.GRAPH_DEF not in message:
        raise Unreadable("no graph in it: not a MetaGraph")
    model = Model(file.shown, "metagraph", producer="tensorflow", size=file.size)
    _read_meta_graph(model, message, file)
    savedmodel.join_checkpoint(model, file, message)
    return model


def _read_meta_graph(model: Model, message: Message, file: File) -> None:
    """Puts the graph, signatures, tags and version of a MetaGraphDef into `model`."""
    reader = _Reader(file)
    for info in message.messages(META_GRAPH.META_INFO_DEF):
        model.tags = info.texts(META_INFO.TAGS)
        model.producer_version = info.text(META_INFO.TENSORFLOW_VERSION)
        for op_list in info.messages(META_INFO.STRIPPED_OP_LIST):
            reader.declare(op_list.messages(OP_LIST.OP))
    for entry in message.messages(META_GRAPH.SIGNATURE_DEF):
        signature = reader.signature(entry)
        if signature.name != "__saved_model_init_op":
            model.signatures[signature.name] = signature
    for graph in message.messages(META_GRAPH.GRAPH_DEF):
        reader.graphs(model, graph)


def read_graph_def(file: File) -> Model:
    """The frozen graph in `file`. Its inputs are its placeholders, its outputs the operators nothing reads.

    Raises:
        Unreadable: the file is no GraphDef.
    """
    message = open_message(file)
    if not message.spans(GRAPH.NODE):
        raise Unreadable("no operator in it: not a GraphDef")
    model = Model(file.shown, "graphdef", producer="tensorflow", size=file.size)
    _Reader(file).graphs(model, message)
    return model


def node_attributes(file: File, data: bytes | mmap.mmap, start: int, end: int) -> dict[str, Any]:
    """The attributes of a NodeDef that lies in `data`, the content of a file of another format.

    Raises:
        Unreadable: it is no such message.
    """
    return _Reader(file).attributes(Message(data, start, end), NODE.ATTR)


@dataclass(frozen=True)
class _Output:
    """An output argument of an operator as its definition says: `dtype`, or the attribute that gives it; how many, or which types."""

    name: str
    dtype: str
    type_attribute: str
    number_attribute: str
    list_attribute: str


@dataclass(frozen=True)
class _Definition:
    outputs: tuple[_Output, ...]
    defaults: Mapping[str, Any]


class _Reader:
    def __init__(self, file: File) -> None:
        self.file = file
        self.definitions: dict[str, _Definition] = {}
        self.known: dict[bytes, tuple[str, Any]] = {}
        self.known_shapes: dict[bytes, Shape] = {}
        self.parts: dict[tuple[str, int, str], list[str]] = {}
        """Of a signature's arguments (signature, `SIGNATURE.INPUTS` or `OUTPUTS`, key) that are no dense tensors, those they consist of."""

    def declare(self, definitions: Iterable[Message]) -> None:
        """Learn from operator definitions which outputs there are."""
        for message in definitions:
            outputs = tuple(
                _Output(
                    arg.text(ARG_DEF.NAME),
                    _dtype(arg.integer(ARG_DEF.TYPE)),
                    arg.text(ARG_DEF.TYPE_ATTR),
                    arg.text(ARG_DEF.NUMBER_ATTR),
                    arg.text(ARG_DEF.TYPE_LIST_ATTR),
                )
                for arg in message.messages(OP_DEF.OUTPUT_ARG)
            )
            defaults = {
                attribute.text(ATTR_DEF.NAME): self.value(value)
                for attribute in message.messages(OP_DEF.ATTR)
                for value in attribute.messages(ATTR_DEF.DEFAULT_VALUE)
            }
            self.definitions[message.text(OP_DEF.NAME)] = _Definition(outputs, defaults)

    def signature(self, entry: Message) -> Signature:
        signature = Signature(entry.text(ENTRY.KEY))
        for message in entry.messages(ENTRY.VALUE):
            signature.method = message.text(SIGNATURE.METHOD_NAME)
            for number, arguments in ((SIGNATURE.INPUTS, signature.inputs), (SIGNATURE.OUTPUTS, signature.outputs)):
                for argument in message.messages(number):
                    for info in argument.messages(ENTRY.VALUE):
                        arguments[argument.text(ENTRY.KEY)] = tensor = Tensor(
                            info.text(TENSOR_INFO.NAME).removesuffix(":0"),
                            _dtype(info.integer(TENSOR_INFO.DTYPE)),
                            self.shape(info, TENSOR_INFO.TENSOR_SHAPE),
                        )
                        if not tensor.name:
                            self.parts[signature.name, number, argument.text(ENTRY.KEY)] = _parts(info)
        return signature

    def interface(self, model: Model, number: int) -> list[Tensor]:
        """The tensors that the signatures take or give. A sparse or ragged argument, whose tensor has no name, is several."""
        found: list[Tensor] = []
        for signature in model.signatures.values():
            for key, tensor in (signature.inputs if number == SIGNATURE.INPUTS else signature.outputs).items():
                found += [tensor] if tensor.name else [Tensor(name) for name in self.parts.get((signature.name, number, key), ())]
        return found

    def graphs(self, model: Model, message: Message) -> None:
        """Read the main graph and its functions into `model`."""
        functions = [f for library in message.messages(GRAPH.LIBRARY) for f in library.messages(LIBRARY.FUNCTION)]
        signatures = [f.message(FUNCTION.SIGNATURE) for f in functions]
        if self.definitions:
            self.declare(filter(None, signatures))
        versions = message.message(GRAPH.VERSIONS)
        model.ir_version = versions.integer(VERSIONS.PRODUCER) if versions is not None else None
        graph = Graph("main", self.ops(message, GRAPH.NODE))
        placeholders = [op.name for op in graph.ops if op.type in PLACEHOLDERS]
        if model.format != "graphdef":
            graph.inputs = list(dict.fromkeys(t.name for t in self.interface(model, SIGNATURE.INPUTS)))
            if model.format == "metagraph" and not model.signatures:
                graph.inputs = placeholders
            results = self.interface(model, SIGNATURE.OUTPUTS)
            graph.outputs = list(dict.fromkeys(t.name for t in results))
        else:
            results = []
            graph.inputs = placeholders
            read = {name.lstrip("^").partition(":")[0] for op in graph.ops for name in op.inputs}
            graph.outputs = [op.name for op in graph.ops if op.name not in read and op.type not in _NOT_OUTPUTS]
        self.values(graph)
        for tensor in results:
            if tensor.dtype and not graph.tensor(tensor.name).dtype:
                graph.tensors[tensor.name] = tensor
        model.graphs.append(graph)
        for function, signature in zip(functions, signatures, strict=True):
            if signature is not None:
                model.graphs.append(self.function(function, signature))

    def function(self, message: Message, signature: Message) -> Graph:
        graph = Graph(signature.text(OP_DEF.NAME), self.ops(message, FUNCTION.NODE_DEF), kind="function")
        attributes = {m.integer(ENTRY.KEY): m.message(ENTRY.VALUE) for m in message.messages(FUNCTION.ARG_ATTR)}
        for index, arg in enumerate(signature.messages(OP_DEF.INPUT_ARG)):
            name = arg.text(ARG_DEF.NAME)
            graph.inputs.append(name)
            given = attributes.get(index)
            shapes = _shapes(self.attributes(given, ARG_ATTRS.ATTR)) if given is not None else []
            graph.tensors[name] = Tensor(name, _dtype(arg.integer(ARG_DEF.TYPE)), shapes[0] if shapes else None)
        results = {m.text(ENTRY.KEY): m.text(ENTRY.VALUE) for m in message.messages(FUNCTION.RET)}
        names = [arg.text(ARG_DEF.NAME) for arg in signature.messages(OP_DEF.OUTPUT_ARG)]
        graph.outputs = [results.get(name, name) for name in names]
        self.values(graph)
        return graph

    def ops(self, message: Message, number: int) -> list[Op]:
        message.spend(0, parts=len(message.spans(number)))
        ops = []
        for index, node in enumerate(message.messages(number)):
            op = Op(node.text(NODE.OP), node.text(NODE.NAME), inputs=node.texts(NODE.INPUT), index=index)
            if not op.type:
                raise Unreadable(f"node {index} has no operator: not a TensorFlow graph")
            op.attributes = self.attributes(node, NODE.ATTR)
            device = node.text(NODE.DEVICE)
            if device:
                op.notes = {"device": device}
            ops.append(op)
        return ops

    def values(self, graph: Graph) -> None:
        """Name the operators' outputs, and note the tensors they are.

        Definitions stored with a model say what an operator gives. Where there is none (in a frozen graph, and in the branches of some
        SavedModels), what others read is all that is known.
        """
        within = graph.kind == "function"
        read: dict[str, dict[str, None]] = {}
        for name in (*(name for op in graph.ops for name in op.inputs), *graph.outputs):
            if not name.startswith("^"):
                read.setdefault(name.partition(":")[0], {})[name] = None
        for op in graph.ops:
            wanted = read.get(op.name, {})
            shapes = _shapes(op.attributes)
            known: dict[str, Tensor] = {}
            definition = self.definitions.get(op.type)
            if definition is not None:
                for index, (argument, number, dtype) in enumerate(_outputs(definition, op.attributes)):
                    name = f"{op.name}:{argument}:{number}" if within else f"{op.name}:{index}" if index else op.name
                    if index < MANY or name in wanted:
                        known[name] = Tensor(name, dtype, shapes[index] if index < len(shapes) else None)
            elif op.type in ("Const", *PLACEHOLDERS) or (wanted and len(shapes) == len(wanted) == 1):
                stated = op.attributes.get("dtype") if op.type in PLACEHOLDERS else ""
                first = min(wanted, key=_position) if wanted else f"{op.name}:output:0" if within else op.name
                known[first] = Tensor(first, stated if isinstance(stated, str) else "", shapes[0] if shapes else None)
            op.outputs = list(dict.fromkeys([*known, *sorted(wanted, key=_position)]))
            graph.tensors |= known
            value, shape = op.attributes.get("value"), op.attributes.get("shape")
            if op.type == "Const" and op.outputs and isinstance(value, Tensor):
                graph.tensors[op.outputs[0]] = replace(value, name=op.outputs[0])
            elif op.type in PLACEHOLDERS and op.outputs and isinstance(shape, tuple):
                tensor = graph.tensors[op.outputs[0]]
                tensor.shape = tensor.shape or shape

    def attributes(self, message: Message, number: int) -> dict[str, Any]:
        attributes: dict[str, Any] = {}
        for start, end in message.spans(number):
            raw = message.data[start:end] if end - start <= SMALL else None
            known = self.known.get(raw) if raw is not None else None
            if known is None:
                entry = message.within(start, end)
                value = entry.message(ENTRY.VALUE)
                known = entry.text(ENTRY.KEY), self.value(value) if value is not None else None
                if raw is not None and not _holds_tensor(known[1]):
                    self.known[raw] = known
            name, found = known
            attributes[name] = found[:] if isinstance(found, list) else found
        return attributes

    def value(self, message: Message) -> Any:
        """The Python value of an AttrValue; None if it holds nothing, or a shape of unknown rank."""
        if ATTR.TYPE in message:
            return _dtype(message.integer(ATTR.TYPE))
        for span in message.spans(ATTR.S)[-1:]:
            return self.string(message, *span)
        if ATTR.B in message:
            return bool(message.integer(ATTR.B))
        if ATTR.I in message:
            return message.integer(ATTR.I)
        if ATTR.F in message:
            return message.real(ATTR.F)
        if ATTR.PLACEHOLDER in message:
            return Ref(message.text(ATTR.PLACEHOLDER))
        if ATTR.SHAPE in message:
            return self.shape(message, ATTR.SHAPE)
        for m in message.messages(ATTR.LIST):
            return self.items(m)
        for m in message.messages(ATTR.FUNC):
            return m.text(FUNC.NAME)
        for m in message.messages(ATTR.TENSOR):
            return self.tensor(m)
        return None

    def items(self, message: Message) -> list[Any]:
        """Only one of the kinds of values is ever there."""
        return [
            *(self.string(message, *span) for span in message.spans(LIST.S)),
            *message.integers(LIST.I),
            *message.reals(LIST.F),
            *map(bool, message.integers(LIST.B)),
            *map(_dtype, message.integers(LIST.TYPE)),
            *self.shapes(message, LIST.SHAPE),
            *map(self.tensor, message.messages(LIST.TENSOR)),
            *(m.text(FUNC.NAME) for m in message.messages(LIST.FUNC)),
        ]

    def shape(self, message: Message, number: int) -> Shape:
        """A shape; None if absent."""
        return next(reversed(self.shapes(message, number)), None)

    def shapes(self, message: Message, number: int) -> list[Shape]:
        """Shapes; one of unknown rank is None, and so is a dimension of unknown size."""
        shapes: list[Shape] = []
        for start, end in message.spans(number):
            # One byte more than is remembered: what is too long never looks like something remembered.
            raw = message.data[start : min(end, start + SMALL + 1)]
            if raw not in self.known_shapes or end - start > SMALL:
                inner = message.within(start, end)
                sizes = (m.integer(DIM.SIZE) for m in inner.messages(SHAPE.DIM))
                shape = None if inner.integer(SHAPE.UNKNOWN_RANK) else tuple(size if size >= 0 else None for size in sizes)
                self.known_shapes[raw] = shape
            shapes.append(self.known_shapes[raw])
        return shapes

    def string(self, message: Message, start: int, end: int) -> str | bytes | Tensor:
        if end - start > LONG:
            return Tensor("", "string", (), stored=Stored(self.file.shown, start, end - start))
        raw = message.data[start:end]
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return raw

    def tensor(self, message: Message) -> Tensor:
        tensor = Tensor("", _dtype(message.integer(TENSOR.DTYPE)), self.shape(message, TENSOR.TENSOR_SHAPE))
        content = message.spans(TENSOR.TENSOR_CONTENT)
        if content and content[-1][0] < content[-1][1]:
            start, end = content[-1]
            tensor.stored, tensor.data = Stored(self.file.shown, start, end - start), raw_data(self.file, start)
        elif tensor.dtype in NUMBERS:
            number, code = NUMBERS[tensor.dtype]
            elements = tensor.elements if (tensor.nbytes or SPLAT + 1) <= SPLAT else None
            tensor.stored, tensor.data = stored_numbers(self.file, message, number, code, elements or 0)
        else:
            strings = message.spans(TENSOR.STRING_VAL)
            start = strings[0][0] if strings else message.start
            tensor.stored = Stored(self.file.shown, start, sum(b - a for a, b in strings))
            tensor.data = StringData(self.file, message.start, message.end, TENSOR.STRING_VAL)
        return tensor


def _outputs(definition: _Definition, attributes: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    """The outputs an operator with these attributes has: argument, number within it, dtype ("" where unknown)."""
    given = {**definition.defaults, **attributes}
    for output in definition.outputs:
        types = given.get(output.list_attribute)
        if not output.list_attribute:
            count = given.get(output.number_attribute, 1)
            types = [given.get(output.type_attribute) or output.dtype] * (min(count, MOST) if isinstance(count, int) else 1)
        for number, dtype in enumerate(types[:MOST] if isinstance(types, list) else ()):
            yield output.name, number, dtype if isinstance(dtype, str) and not isinstance(dtype, Ref) else ""


def _position(name: str) -> tuple[str, int]:
    """Sorts ``x``, ``x:1``, ``x:2``, ``x:10``."""
    head, _, number = name.rpartition(":")
    return (head, int(number)) if head and number.isdecimal() and len(number) < 10 else (name, 0)


def _shapes(attributes: Mapping[str, Any]) -> list[Shape]:
    """The shapes of an operator's outputs that TensorFlow noted with it, if it did."""
    given = attributes.get("_output_shapes")
    return [shape if isinstance(shape, tuple) else None for shape in given] if isinstance(given, list) else []


def _holds_tensor(value: Any) -> bool:
    return isinstance(value, Tensor) or (isinstance(value, list) and any(isinstance(v, Tensor) for v in value))


def _parts(info: Message) -> list[str]:
    """The tensors that a sparse argument of a signature consists of, or one of another composite type, a ragged one."""
    names = [name for sparse in info.messages(TENSOR_INFO.COO_SPARSE) for number in _SPARSE_PARTS for name in sparse.texts(number)]
    for composite in info.messages(TENSOR_INFO.COMPOSITE_TENSOR):
        names += [name for part in composite.messages(COMPOSITE_TENSOR.COMPONENTS) for name in part.texts(TENSOR_INFO.NAME)]
    return [name.removesuffix(":0") for name in names]


def _dtype(number: int) -> str:
    return DTYPES.get(number - REFERENCE if number > REFERENCE else number, "")
