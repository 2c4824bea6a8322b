"""ML Programs, the kind of Core ML model that is a program of operators (MIL).

A function is a graph. Constants are no operators here: numbers, strings and short lists are attributes of the operators they are given to,
all others are weights, whose bytes are in the model's file or in a file of weights beside it. An operator's inputs are in the order of its
definition, and its attribute ``args`` says which argument each is: ``args=[x,weight]``. What a state holds, such as a cache that lives from
call to call, is a tensor of dtype ``resource``.

Sources: ``mlmodel/format/MIL.proto`` and ``mlmodel/src/MILBlob/Blob/StorageFormat.hpp`` of https://github.com/apple/coremltools
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from deplint.data import load
from deplint.formats.beside import Beside, beside
from deplint.formats.wire import Message, RawData, stored_numbers
from deplint.model import BITS, Dim, Graph, Model, Op, Shape, Stored, Tensor
from deplint.project import File

PACKAGE = "@model_path/"
"""What the name of a file of weights begins with: the folder of the model itself."""

SMALL = 96
"""Bytes up to which a type or a constant is remembered by its bytes: programs say the same thing thousands of times."""

FEW = 64
"""Elements up to which a constant that is a list is an attribute."""

TEXT = 1 << 20
"""Bytes of a list of strings beyond which it is a weight."""

BLOCKS: Mapping[str, tuple[str, ...]] = {"cond": ("true", "false"), "while_loop": ("cond", "body")}
"""What the nested blocks of an operator are."""


class PROGRAM:
    VERSION, FUNCTIONS, ATTRIBUTES = 1, 2, 4


class ENTRY:
    KEY, VALUE = 1, 2


class FUNCTION:
    INPUTS, OPSET, BLOCK_SPECIALIZATIONS = 1, 2, 3


class BLOCK:
    INPUTS, OUTPUTS, OPERATIONS = 1, 2, 3


class OPERATION:
    TYPE, INPUTS, OUTPUTS, BLOCKS, ATTRIBUTES = 1, 2, 3, 4, 5


class ARGUMENT:
    ARGUMENTS = 1


class BINDING:
    NAME, VALUE = 1, 2


class NAMED:
    NAME, TYPE = 1, 2


class TYPE:
    TENSOR_TYPE, LIST_TYPE, TUPLE_TYPE, DICTIONARY_TYPE, STATE_TYPE = 1, 2, 3, 4, 5


class TENSOR_TYPE:
    DATA_TYPE, RANK, DIMENSIONS = 1, 2, 3


class STATE_TYPE:
    WRAPPED_TYPE = 1


class DIMENSION:
    CONSTANT, UNKNOWN = 1, 2


class CONSTANT:
    SIZE = 1


class UNKNOWN:
    VARIADIC = 1


class VALUE:
    TYPE, IMMEDIATE_VALUE, BLOB_FILE_VALUE = 2, 3, 5


class IMMEDIATE:
    TENSOR, TUPLE, LIST, DICTIONARY = 1, 2, 3, 4


class BLOB_FILE:
    FILE_NAME, OFFSET = 1, 2


class TENSOR:
    FLOATS, INTS, BOOLS, STRINGS, LONG_INTS, DOUBLES, BYTES = 1, 2, 3, 4, 5, 6, 7


class VALUES:
    VALUES = 1


DTYPES = {
    1: "bool", 2: "string", 10: "float16", 11: "float32", 12: "float64", 13: "bfloat16", 21: "int8", 22: "int16", 23: "int32",
    24: "int64", 25: "int4", 31: "uint8", 32: "uint16", 33: "uint32", 34: "uint64", 35: "uint4", 36: "uint2", 37: "uint1", 38: "uint6",
    39: "uint3", 40: "float8e4m3fn", 41: "float8e5m2",
}  # fmt: skip
"""``DataType`` -> dtype."""

BLOBS = {
    1: "float16", 2: "float32", 3: "uint8", 4: "int8", 5: "bfloat16", 6: "int16", 7: "uint16", 8: "int4", 9: "uint1", 10: "uint2",
    11: "uint4", 12: "uint3", 13: "uint6", 14: "int32", 15: "uint32", 16: "float8e4m3fn", 17: "float8e5m2",
}  # fmt: skip
"""``BlobDataType`` of a file of weights -> dtype."""

_NUMBERS = {TENSOR.FLOATS: "f", TENSOR.INTS: "i", TENSOR.BOOLS: "B", TENSOR.LONG_INTS: "q", TENSOR.DOUBLES: "d"}
"""The `struct` code of the numbers in a constant, by the field they are in."""

_RAW = {"float16": "e", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "uint32": "I", "uint64": "Q"}
"""The `struct` code of constants given as bytes, where their elements are whole bytes."""

_HEADER = struct.Struct("<II")
"""The file of weights begins with how many entries it has, and its version."""

_ENTRY = struct.Struct("<IIQQQ")
"""What precedes the data of a weight: a fixed word, the dtype, bytes, where in the file they begin, unused bits at their end."""

_SENTINEL, _VERSION, _ENTRY_SIZE = 0xDEADBEEF, 2, 64


@lru_cache(maxsize=1)
def arguments() -> Mapping[str, Mapping[str, int]]:
    """The place of each argument in an operator's definition."""
    return {name: {argument: i for i, argument in enumerate(names)} for name, names in load("coreml_schema")["arguments"].items()}


def read_program(model: Model, file: File, message: Message, default: str) -> tuple[list[Graph], Any]:
    """The functions of a program, the `default` one first, and its class labels; opsets and files of weights are noted in `model`.

    Of a function that is there in several opsets, those that are not used are functions named ``main:CoreML6``.
    """
    program = _Program(model, file)
    graphs = [graph for entry in message.messages(PROGRAM.FUNCTIONS) for graph in program.function(entry)]
    graphs.sort(key=lambda graph: (graph.kind == "function", graph.name != default))
    model.files = sorted({*model.files, *(weights.place.shown for weights in program.files.values() if weights.place.inside)})
    classify = (op for graph in graphs for _, op in graph.walk() if op.type == "classify")
    return graphs, next((op.attributes["classes"] for op in classify if "classes" in op.attributes), None)


@dataclass(frozen=True)
class _Weights:
    """A file of weights, and whether it can be read at all."""

    place: Beside
    problem: str = ""


@dataclass(frozen=True)
class _Constant:
    """A constant of a program: where its Value is, and the same as a Python value if it is small, else None."""

    message: Message
    span: tuple[int, int]
    value: Any


class _Program:
    def __init__(self, model: Model, file: File) -> None:
        self.model, self.file = model, file
        self.files: dict[str, _Weights] = {}
        self.types: dict[bytes, tuple[str, Shape]] = {}
        self.known: dict[bytes, Any] = {}
        self.orders = arguments()

    def function(self, entry: Message) -> Iterator[Graph]:
        name = entry.text(ENTRY.KEY)
        for message in entry.messages(ENTRY.VALUE):
            opset = message.text(FUNCTION.OPSET)
            self.opset(opset)
            for specialization in message.messages(FUNCTION.BLOCK_SPECIALIZATIONS):
                key = specialization.text(ENTRY.KEY)
                for block in specialization.messages(ENTRY.VALUE):
                    graph = Graph(name) if key == opset else Graph(f"{name}:{key}", kind="function")
                    self.inputs(graph, message, FUNCTION.INPUTS)
                    self.block(graph, block, {})
                    yield graph

    def opset(self, name: str) -> None:
        """``CoreML7`` is version 7 of the domain CoreML."""
        match = re.fullmatch(r"(.*?)(\d{1,9})", name)
        if match:
            known = self.model.opsets
            known[match[1]] = max(known.get(match[1], 0), int(match[2]))

    def inputs(self, graph: Graph, message: Message, number: int) -> None:
        for named in message.messages(number):
            name = named.text(NAMED.NAME)
            graph.inputs.append(name)
            graph.tensors[name] = Tensor(name, *self.type(named, NAMED.TYPE))

    def block(self, graph: Graph, message: Message, outer: Mapping[str, _Constant]) -> None:
        """Read a block into `graph`. `outer` are the constants of the blocks around it."""
        self.inputs(graph, message, BLOCK.INPUTS)
        known = dict(outer)
        for operation in message.messages(BLOCK.OPERATIONS):
            kind = operation.text(OPERATION.TYPE)
            attributes = {
                entry.text(ENTRY.KEY): (entry, span)
                for entry in operation.messages(OPERATION.ATTRIBUTES)
                for span in entry.spans(ENTRY.VALUE)
            }
            if kind == "const" and "val" in attributes:
                for named in operation.messages(OPERATION.OUTPUTS):
                    name = named.text(NAMED.NAME)
                    constant = self.constant(*attributes["val"])
                    known[name] = constant
                    if constant.value is None:
                        self.weight(graph, name, constant)
                continue
            graph.ops.append(self.operation(graph, kind, operation, attributes, known))
        graph.outputs = message.texts(BLOCK.OUTPUTS)
        for name in graph.outputs:
            if name in known and name not in graph.tensors:
                self.weight(graph, name, known[name])

    def operation(
        self,
        graph: Graph,
        kind: str,
        message: Message,
        attributes: Mapping[str, tuple[Message, tuple[int, int]]],
        known: Mapping[str, _Constant],
    ) -> Op:
        op = Op(kind, index=len(graph.ops))
        noted = {key: self.constant(*place).value for key, place in attributes.items()}
        op.name = str(noted.pop("name", ""))
        op.outputs = []
        for named in message.messages(OPERATION.OUTPUTS):
            name = named.text(NAMED.NAME)
            op.outputs.append(name)
            graph.tensors[name] = Tensor(name, *self.type(named, NAMED.TYPE))
        given = [
            (entry.text(ENTRY.KEY), argument) for entry in message.messages(OPERATION.INPUTS) for argument in entry.messages(ENTRY.VALUE)
        ]
        if len(given) > 1:
            order = self.orders.get(kind, {})
            given.sort(key=lambda each: (order.get(each[0], len(order)), each[0]))
        inputs: list[str] = []
        args: list[str] = []
        for key, argument in given:
            for name, value in self.bindings(graph, op, key, argument, known):
                if name:
                    inputs.append(name)
                    args.append(key)
                else:
                    noted[key] = value
        op.inputs = inputs
        op.attributes = {"args": args, **noted} if args else noted
        names = BLOCKS.get(kind, ())
        nested = {}
        for index, block in enumerate(message.messages(OPERATION.BLOCKS)):
            inner = nested[names[index] if index < len(names) else f"block{index}"] = Graph()
            self.block(inner, block, known)
        op.graphs = nested
        return op

    def bindings(self, graph: Graph, op: Op, key: str, argument: Message, known: Mapping[str, _Constant]) -> Iterator[tuple[str, Any]]:
        """What an argument is given: the names of tensors, or the value of a constant. Of several values each is a tensor."""
        found = list(argument.messages(ARGUMENT.ARGUMENTS))
        for number, binding in enumerate(found):
            name = binding.text(BINDING.NAME)
            constant = known.get(name)
            for span in binding.spans(BINDING.VALUE):
                constant = self.constant(binding, span)
                name = f"{(list(op.outputs) or [op.type])[0]}.{key}" + (f"[{number}]" if len(found) > 1 else "")
            if constant is not None and constant.value is not None and len(found) == 1:
                yield "", constant.value
                continue
            if constant is not None and name not in graph.tensors and (constant.value is not None or name not in known):
                self.weight(graph, name, constant)
            yield name, None

    # Types and values

    def type(self, message: Message, number: int) -> tuple[str, Shape]:
        """dtype and shape of a ValueType."""
        for start, end in message.spans(number)[-1:]:
            if end - start > SMALL:
                return self.describe(message.within(start, end))
            raw = bytes(message.data[start:end])
            if raw not in self.types:
                self.types[raw] = self.describe(message.within(start, end))
            return self.types[raw]
        return "", None

    def describe(self, message: Message) -> tuple[str, Shape]:
        tensor = message.message(TYPE.TENSOR_TYPE)
        if tensor is not None:
            dims = [_dim(dimension) for dimension in tensor.messages(TENSOR_TYPE.DIMENSIONS)]
            unknown = tensor.integer(TENSOR_TYPE.RANK) < 0 or "*" in dims
            return DTYPES.get(tensor.integer(TENSOR_TYPE.DATA_TYPE), ""), None if unknown else tuple(dims)
        state = message.message(TYPE.STATE_TYPE)
        if state is not None:
            return "resource", self.type(state, STATE_TYPE.WRAPPED_TYPE)[1]
        return "sequence" if TYPE.LIST_TYPE in message else "map" if TYPE.DICTIONARY_TYPE in message else "", None

    def constant(self, message: Message, span: tuple[int, int]) -> _Constant:
        start, end = span
        if end - start > SMALL:
            return _Constant(message, span, self.value(message.within(start, end)))
        raw = bytes(message.data[start:end])
        if raw not in self.known:
            self.known[raw] = self.value(message.within(start, end))
        value = self.known[raw]
        return _Constant(message, span, value[:] if isinstance(value, list) else value)

    def value(self, message: Message) -> Any:
        """The Python value of a Value, or None if it is better a weight."""
        immediate = message.message(VALUE.IMMEDIATE_VALUE)
        if immediate is None:
            return None
        tensor = immediate.message(IMMEDIATE.TENSOR)
        if tensor is not None:
            dtype, shape = self.type(message, VALUE.TYPE)
            found = _elements(tensor, dtype) if shape is not None and len(shape) < 2 else None
            return found if found is None or shape else found[0] if found else None
        for number in (IMMEDIATE.TUPLE, IMMEDIATE.LIST):
            for inner in immediate.messages(number):
                found = [self.value(each) for each in inner.messages(VALUES.VALUES)]
                return tuple(found) if number == IMMEDIATE.TUPLE else found
        pairs = immediate.message(IMMEDIATE.DICTIONARY)
        if pairs is not None:
            entries = ([self.value(each) for n in (ENTRY.KEY, ENTRY.VALUE) for each in pair.messages(n)] for pair in pairs.messages(1))
            return {str(entry[0]): entry[1] for entry in entries if len(entry) == 2}
        return None

    def weight(self, graph: Graph, name: str, constant: _Constant) -> None:
        """Add the tensor that a constant is."""
        message = constant.message.within(*constant.span)
        tensor = graph.tensors[name] = Tensor(name, *self.type(message, VALUE.TYPE))
        blob = message.message(VALUE.BLOB_FILE_VALUE)
        immediate = message.message(VALUE.IMMEDIATE_VALUE)
        inner = immediate.message(IMMEDIATE.TENSOR) if immediate is not None else None
        if blob is not None:
            self.blob(tensor, blob.text(BLOB_FILE.FILE_NAME), blob.integer(BLOB_FILE.OFFSET))
            return
        start, end = constant.span
        tensor.stored = Stored(self.file.shown, start, end - start)
        for number in inner.numbers if inner is not None else ():
            values = inner.message(number) if inner is not None else None
            if values is None:
                continue
            if number in _NUMBERS:
                tensor.stored, tensor.data = stored_numbers(self.file, values, VALUES.VALUES, _NUMBERS[number])
            for start, end in values.spans(VALUES.VALUES)[-1:] if number == TENSOR.BYTES else ():
                tensor.stored, tensor.data = Stored(self.file.shown, start, end - start), RawData(self.file.path, start)

    def blob(self, tensor: Tensor, name: str, offset: int) -> None:
        """Set where the bytes of a weight in a file are, or why they cannot be read."""
        weights = self.files.get(name)
        if weights is None:
            weights = self.files[name] = _open(self.file, name)
        place, problem = weights.place, weights.problem
        start, size, kind = 0, tensor.nbytes or 0, 0
        if not problem:
            if not 0 <= offset <= place.size - _ENTRY_SIZE:
                problem = f"file is too short: {place.size:,} bytes, the entry is at {offset:,}"
            else:
                assert place.path is not None
                sentinel, kind, size, start, _ = _ENTRY.unpack(RawData(place.path, offset)(0, _ENTRY.size))
                if sentinel != _SENTINEL:
                    problem = f"no entry of a weight at byte {offset:,}"
                elif start + size > place.size:
                    problem = f"file is too short: {place.size:,} bytes, the tensor ends at {start + size:,}"
                elif BLOBS.get(kind, tensor.dtype) != tensor.dtype:
                    problem = f"the file holds {BLOBS[kind]}, the model says {tensor.dtype}"
            if problem:
                start, size = 0, tensor.nbytes or 0
        tensor.stored = Stored(place.shown, start, size, external=True, problem=problem)
        if not problem and place.path is not None:
            tensor.data = RawData(place.path, start)


def _open(file: File, name: str) -> _Weights:
    """The file of weights that a model calls `name`."""
    place = beside(file, name.removeprefix(PACKAGE))
    if place.problem or place.path is None:
        return _Weights(place, place.problem)
    if place.size < _ENTRY_SIZE:
        return _Weights(place, f"file is too short: {place.size:,} bytes")
    _, version = _HEADER.unpack(RawData(place.path, 0)(0, _HEADER.size))
    return _Weights(place, "" if version == _VERSION else f"not a file of weights of version {_VERSION}")


def _dim(message: Message) -> Dim:
    """A size; None for an unknown one, ``*`` for any number of them."""
    constant = message.message(DIMENSION.CONSTANT)
    if constant is not None:
        return constant.integer(CONSTANT.SIZE)
    unknown = message.message(DIMENSION.UNKNOWN)
    return "*" if unknown is not None and unknown.integer(UNKNOWN.VARIADIC) else None


def _elements(message: Message, dtype: str) -> list[Any] | None:
    """The elements of a TensorValue; None if there are many."""
    for number in message.numbers:
        values = message.message(number)
        if values is None:
            continue
        spans = values.spans(VALUES.VALUES)
        size = sum(b - a for a, b in spans)
        if number == TENSOR.STRINGS:
            return values.texts(VALUES.VALUES) if size <= TEXT else None
        if number == TENSOR.BYTES:
            code = _RAW.get(dtype)
            if code is None or size > FEW * BITS[dtype] // 8 or size % (BITS[dtype] // 8):
                return None
            return [value for a, b in spans[-1:] for (value,) in struct.iter_unpack("<" + code, values.data[a:b])]
        code = _NUMBERS.get(number, "")
        if not code or size > FEW * 10 or values.count(VALUES.VALUES, code) > FEW:
            return None
        if code in "fd":
            return list(values.reals(VALUES.VALUES, code))
        found = list(values.integers(VALUES.VALUES))
        return [bool(value) for value in found] if code == "B" else found
    return []
