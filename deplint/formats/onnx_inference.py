"""What the onnx library says of a model: its checker's complaints, and the dtypes and shapes it infers.

The library may crash on hostile files, so it is asked in a worker (`deplint.worker`); and it wants a whole model in memory, so it is given
an outline: the graph as it is, with inputs in place of large weights and of weights in other files.
"""

from __future__ import annotations

import mmap
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from deplint.formats.onnx import (
    ATTRIBUTE,
    DIMENSION,
    DTYPES,
    FUNCTION,
    GRAPH,
    MODEL,
    NODE,
    SHAPE,
    TENSOR,
    TENSOR_TYPE,
    TYPE,
    VALUE_INFO,
    opsets,
    type_of,
)
from deplint.formats.wire import BYTES, VARINT, Message, fields
from deplint.model import Shape, Unreadable
from deplint.project import File
from deplint.worker import Answer, NoAnswer, Worker

SMALL = 4096
"""Bytes up to which a weight stays: shapes, axes and scales, which decide what comes out of an operator."""

LARGE = 1 << 16
"""Bytes beyond which a node is looked into: a ``Constant`` that holds weights becomes an input, too."""

LIMIT = 64 << 20
"""Bytes beyond which an outline is not asked about."""

SECONDS, BYTES_A_SECOND = 5, 2 << 20
"""Processor time an answer may take: a base, and a second more for each so many bytes of the model, up to `LIMIT`."""

MEMORY = 1 << 30
"""Bytes the library gets: it holds several copies of an outline."""

WORKER = Worker("deplint.formats.onnx_inference:answering", MEMORY)

STRUCTURE, INFERENCE, UNCALLED = "structure", "inference", "uncalled"


@dataclass(frozen=True)
class Complaint:
    """What the checker says, in its own words: of a model's ``structure``, of functions that are ``uncalled``, or of the ``inference`` of
    its dtypes and shapes; of the operator of that index in the main graph (None where it names none)."""

    kind: str
    message: str
    op: int | None = None


def complaints(path: Path) -> list[Complaint]:
    """What `onnx.checker` says of a model with full check; empty if it gives no answer, or was made before the model's operator sets.

    The library stops at the first fault of the structure. Faults of inference come in the order of the operators; those that only follow
    from others are left out, and so is what any tool puts up with: no name of the graph, an input or output without a shape, an
    initializer that is no input in IR version 3. Shapes noted for tensors are only looked at if all is well without them.
    """
    return _complaints_of(*state) if (state := _state(path)) else []


def inferred(path: Path) -> Mapping[str, tuple[str, Shape]]:
    """dtype and shape of each tensor of the main graph (large weights among them) and of those nested in it, by name, as
    `onnx.shape_inference` finds them with data propagation; empty if it gives no answer. Dimensions that nothing is known of are None."""
    return _shapes_of(*state) if (state := _state(path)) else {}


def _state(path: Path) -> tuple[str, int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return str(path), state.st_size, state.st_mtime_ns


@lru_cache(maxsize=64)
def _complaints_of(path: str, size: int, changed: int) -> list[Complaint]:
    return [Complaint(*found) for found in _ask("check", path, size, changed) or ()]


@lru_cache(maxsize=8)
def _shapes_of(path: str, size: int, changed: int) -> Mapping[str, tuple[str, Shape]]:
    found = _ask("infer", path, size, changed) or {}
    return {name: (dtype, None if shape is None else tuple(shape)) for name, (dtype, shape) in found.items()}


def _ask(what: str, path: str, size: int, changed: int) -> Any:
    try:
        return WORKER.ask([what, path, changed], SECONDS + min(size, LIMIT) / BYTES_A_SECOND)
    except NoAnswer:
        return None


# An outline


@dataclass
class Outline:
    """A model without its large weights, as pieces of a ModelProto: the fields of the model but for its graph and functions, and those of
    the graph but for its inputs, outputs and notes of types."""

    model: bytearray
    functions: bytearray
    graph: bytearray
    inputs: list[bytes]
    outputs: list[bytes]
    notes: bytearray
    defaults: bool = False
    """Weights that are inputs, too, are no more than their defaults: from IR version 4 on nothing follows from their numbers."""

    def keep(self, where: bytearray, content: bytes) -> None:
        where += content
        if len(self.model) + len(self.graph) + len(self.notes) + len(self.functions) > LIMIT:
            raise Unreadable(f"more than {LIMIT:,} bytes without its weights")

    def called(self) -> Outline:
        """The same without the functions that nothing calls."""
        functions = {
            (function.text(FUNCTION.DOMAIN), function.text(FUNCTION.NAME)): function
            for function in _message(bytes(self.functions)).messages(MODEL.FUNCTIONS)
        }
        reached: dict[tuple[str, str], Message] = {}
        waiting = list(_message(bytes(self.graph)).messages(GRAPH.NODE))
        for node in waiting:  # which grows
            name = node.text(NODE.DOMAIN), node.text(NODE.OP_TYPE)
            if name in functions and name not in reached:
                reached[name] = functions[name]
                waiting += functions[name].messages(FUNCTION.NODE)
            for attribute in node.messages(NODE.ATTRIBUTE):
                for number in (ATTRIBUTE.G, ATTRIBUTE.GRAPHS):
                    waiting += [inner for graph in attribute.messages(number) for inner in graph.messages(GRAPH.NODE)]
        kept = (_field(MODEL.FUNCTIONS, bytes(function.data[function.start : function.end])) for function in reached.values())
        return replace(self, functions=bytearray(b"".join(kept)))

    def structure(self) -> bytes:
        """Every input has a shape and every output a type: no tool needs more."""
        return self._written(map(_shaped, self.inputs), map(_shaped, map(_typed, self.outputs)))

    def bare(self) -> bytes:
        """Nothing is said of types but those of inputs and weights."""
        return self._written(self.inputs, (_field(VALUE_INFO.NAME, _bytes(_message(info), VALUE_INFO.NAME)) for info in self.outputs))

    def whole(self) -> bytes:
        return self._written(self.inputs, self.outputs, bytes(self.notes))

    def _written(self, inputs: Iterable[bytes], outputs: Iterable[bytes], notes: bytes = b"") -> bytes:
        ends = [_field(GRAPH.INPUT, info) for info in inputs] + [_field(GRAPH.OUTPUT, info) for info in outputs]
        return bytes(self.model) + bytes(self.functions) + _field(MODEL.GRAPH, b"".join((self.graph, *ends, notes)))


def outline(data: bytes | mmap.mmap) -> Outline:
    """The outline of the model that `data` is. Its operators are called ``#0``, ``#1``, ... by their index.

    Raises:
        Unreadable: this is no protobuf message, or the outline is too large.
    """
    made = Outline(bytearray(), bytearray(), bytearray(), [], [], bytearray())
    at = 0
    for tag, a, b in fields(data, 0, len(data)):
        if tag == MODEL.GRAPH << 3 | BYTES:
            _graph(made, data, a, b)
        elif tag == MODEL.IR_VERSION << 3 | VARINT and a == 3:
            made.model += _number(MODEL.IR_VERSION, 4)  # the same, but for initializers that need not be inputs
        elif tag == MODEL.FUNCTIONS << 3 | BYTES:
            made.keep(made.functions, _cut(data, at, b))
        elif tag != MODEL.TRAINING_INFO << 3 | BYTES:
            made.defaults = made.defaults or (tag == MODEL.IR_VERSION << 3 | VARINT and a > 3)
            made.keep(made.model, _cut(data, at, b))
        at = b
    return made


def _graph(made: Outline, data: bytes | mmap.mmap, start: int, end: int) -> None:
    index, named = 0, False
    weights: dict[bytes, Message] = {}
    small: list[tuple[bytes, bytes]] = []
    for tag, a, b in fields(data, start, end):
        if tag & 7 != BYTES:
            continue  # no field of a graph is coded otherwise
        number = tag >> 3
        if number == GRAPH.INITIALIZER and (b - a > SMALL or data.find(b"location", a, b) >= 0):
            weight = Message(data, a, b)
            weights[_bytes(weight, TENSOR.NAME)] = weight
        elif number == GRAPH.NODE:
            name, value = _constant(data, a, b) if b - a > LARGE else (b"", None)
            if value is None:
                made.keep(made.graph, _field(number, _cut(data, a, b) + _field(NODE.NAME, b"#%d" % index)))
            else:
                weights[name] = value
            index += 1
        elif number in (GRAPH.INPUT, GRAPH.OUTPUT):
            (made.inputs if number == GRAPH.INPUT else made.outputs).append(_cut(data, a, b))
        else:
            named = named or (number == GRAPH.NAME and a < b)
            if number == GRAPH.INITIALIZER and made.defaults:
                small.append((_bytes(Message(data, a, b), TENSOR.NAME), _cut(data, a, b)))
                continue
            made.keep(made.notes if number == GRAPH.VALUE_INFO else made.graph, _field(number, _cut(data, a, b)))
    if not named:
        made.graph += _field(GRAPH.NAME, b"graph")
    known = {_bytes(_message(info), VALUE_INFO.NAME) for info in made.inputs}
    for name, kept in small:
        if name not in known:
            made.keep(made.graph, _field(GRAPH.INITIALIZER, kept))
    made.inputs += [_given(name, weight) for name, weight in weights.items() if name not in known]


def _cut(data: bytes | mmap.mmap, start: int, end: int) -> bytes:
    if end - start > LIMIT:
        raise Unreadable(f"a field of {end - start:,} bytes")
    return data[start:end]


def _constant(data: bytes | mmap.mmap, start: int, end: int) -> tuple[bytes, Message | None]:
    """The name and value of what a ``Constant`` gives, if that is a tensor."""
    node = Message(data, start, end)
    outputs = node.spans(NODE.OUTPUT)
    if node.text(NODE.OP_TYPE) != "Constant" or node.text(NODE.DOMAIN) not in ("", "ai.onnx") or not outputs:
        return b"", None
    a, b = outputs[0]
    return data[a:b], next((m.message(ATTRIBUTE.T) for m in node.messages(NODE.ATTRIBUTE) if m.text(ATTRIBUTE.NAME) == "value"), None)


def _given(name: bytes, weight: Message) -> bytes:
    """A weight as an input: its name, dtype and shape."""
    dims = b"".join(_field(SHAPE.DIM, _number(DIMENSION.DIM_VALUE, size)) for size in weight.integers(TENSOR.DIMS))
    kind = _number(TENSOR_TYPE.ELEM_TYPE, weight.integer(TENSOR.DATA_TYPE)) + _field(TENSOR_TYPE.SHAPE, dims)
    return _field(VALUE_INFO.NAME, name) + _field(VALUE_INFO.TYPE, _field(TYPE.TENSOR_TYPE, kind))


def _shaped(info: bytes) -> bytes:
    """An input or output that has a shape, whatever it is. Protobuf merges a message that is written twice."""
    kind = _message(info).message(VALUE_INFO.TYPE)
    for number in (TYPE.TENSOR_TYPE, TYPE.SPARSE_TENSOR_TYPE):
        tensor = kind.message(number) if kind is not None else None
        if tensor is not None and TENSOR_TYPE.SHAPE not in tensor:
            return info + _field(VALUE_INFO.TYPE, _field(number, _field(TENSOR_TYPE.SHAPE, b"")))
    return info


def _typed(info: bytes) -> bytes:
    """An output that has a type, whatever it is."""
    if VALUE_INFO.TYPE in _message(info):
        return info
    return info + _field(VALUE_INFO.TYPE, _field(TYPE.TENSOR_TYPE, _number(TENSOR_TYPE.ELEM_TYPE, 1)))


def _message(content: bytes) -> Message:
    return Message(content, 0, len(content))


def _bytes(message: Message, number: int) -> bytes:
    spans = message.spans(number)
    return message.data[spans[-1][0] : spans[-1][1]] if spans else b""


def _varint(value: int) -> bytes:
    value &= 0xFFFFFFFFFFFFFFFF
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | BYTES) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3 | VARINT) + _varint(value)


# The worker's side


def answering() -> Answer:
    native = _native()
    known: dict[
        tuple[str, int], bytes
    ] = {}  # the model that was asked about last, with all dtypes and shapes: who asks one thing asks both

    def answer(question: Any) -> Any:
        what, path, changed = question
        if (path, changed) not in known:
            known.clear()
        if what == "infer" and (path, changed) in known:
            return _shapes(known[path, changed])
        made = outline(File(Path(path)).map())
        if what == "infer":
            return _shapes(native.shape_inference.infer_shapes(made.whole(), False, False, True))
        with suppress(Exception):  # it is asked again what is wrong
            known[path, changed] = native.shape_inference.infer_shapes(made.whole(), True, True, True)
        return list(_complaints(native, made, sound=bool(known)))

    return answer


def _native() -> Any:
    """The library's compiled half. The package around it takes a fifth of a second to import, for NumPy and protobuf."""
    from importlib.machinery import PathFinder
    from importlib.util import find_spec, module_from_spec

    name = "onnx.onnx_cpp2py_export"
    if name in sys.modules:
        return sys.modules[name]
    package = find_spec("onnx")
    spec = PathFinder.find_spec(name, package.submodule_search_locations) if package else None
    if spec is None or spec.loader is None:
        raise ImportError("the package onnx is not installed")
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _complaints(native: Any, made: Outline, sound: bool) -> Iterator[tuple[str, str, int | None]]:
    """What the checker says; of the structure alone if inference is known to find nothing."""
    newest = native.defs.schema_version_map()
    imported = opsets(_message(bytes(made.model)), MODEL.OPSET_IMPORT)
    if any(version > newest[domain][1] for domain, version in imported.items() if domain in newest):
        return
    said = _said(native.checker.check_model, made.structure(), False, False, False)
    if _NEWER.search(said):
        return
    if said and made.functions and not _WHOEVER_CALLS.search(said):
        of_called = _said(native.checker.check_model, made.called().structure(), False, False, False)
        if of_called != said:
            yield UNCALLED, _words(said), None
            said = of_called
    if said and not _ELSEWHERE.search(said):
        number = _NUMBERED.search(said)
        yield STRUCTURE, _words(said), int(number[1]) if number else None
    found = [] if sound else list(_faults(native, made.whole()))
    yield from (found and list(_faults(native, made.bare()))) or found
    if not sound and not found and not said:
        yield from _faults(native, made.whole(), True)


def _faults(native: Any, content: bytes, propagated: bool = False) -> Iterator[tuple[str, str, int | None]]:
    """What inference says, but for what follows from other faults; with what it computes of sizes, if they are `propagated`."""
    said = _said(native.shape_inference.infer_shapes, content, True, True, propagated)
    rest, *parts = _OPERATOR.split(said)
    for number, text in zip([None, *parts[::2]], [rest, *parts[1::2]], strict=True):
        words = next((w for w in map(_words, text.split("\n")) if w and not _FOLLOWS.search(w)), "")
        if words:
            yield INFERENCE, words, None if number is None else int(number)


def _said(ask: Callable[..., object], *arguments: object) -> str:
    try:
        ask(*arguments)
    except MemoryError:
        raise
    except Exception as error:  # ValidationError, InferenceError, RuntimeError and others
        return str(error)
    return ""


_NUMBERED = re.compile(r"(?:[Nn]ame: |Node\(|')#(\d+)\b")
_OPERATOR = re.compile(r"\(op_type:[^,()]*, node name: #(\d+)\): ")
_NEWER = re.compile(r"is higher than the checker's")
_ELSEWHERE = re.compile(r"external|should be stored in .* but it")
"""Of data in other files, whose names an outline keeps within constants and nested graphs: they are looked for in the wrong folder."""
_WHOEVER_CALLS = re.compile(r"Cycle detected|multiple functions|No Opset registered|No opset import for domain|has (?:in|out)put size")
"""Faults of functions that matter though nothing calls them: ONNX Runtime makes a schema of every function when it loads a model."""
_FOLLOWS = re.compile(r"expected to have type but instead is null|unsupported type: sparse_tensor|Data for input \d+ already exists")
"""Said of operators whose inputs are of unknown type, for the fault of another; of sparse weights, which may stand for dense ones; and of
names that both branches of an If have, where sizes are computed."""
_CLEANED: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\s*==> Context: .*", ""),
    (r"\[\w+Error\] |Inference error\(s\): ", ""),
    (r"\(op_type:([^,()]*)(?:, node name: [^()]*)?\): ", r"\1: "),
    (r"of node:\s+[Nn]ame: \S* ?OpType: (\w+)\s+is (not|neither)", r"of \1 is \2"),
    (r"\b[Nn]ame: #\d+,? |\(#\d+\)|#\d+ : | in node \w* ?\(?#?\d*\)?(?=\.)| for node name #\d+(?=\.)", ""),
    (r"(?<=in function op )(\w+)is not", r"\1 is not"),
    (r"\s+", " "),
    (r"(elem type: )\((\d+)\) vs \((\d+)\)", lambda found: f"{found[1]}{_dtype(found[2])} and {_dtype(found[3])}"),
)


def _dtype(number: str) -> str:
    return DTYPES.get(int(number), number)


def _words(said: str) -> str:
    """What the library says, without what is about its own workings or the outline's names."""
    for pattern, instead in _CLEANED:
        said = re.sub(pattern, instead, said, flags=re.DOTALL)
    return said.strip().rstrip(".")


def _shapes(content: bytes) -> dict[str, tuple[str, Shape]]:
    """The dtypes and shapes that a model notes."""
    found: dict[str, tuple[str, Shape]] = {}
    types: dict[bytes, tuple[str, Shape]] = {}  # a graph has few
    waiting = _message(content).spans(MODEL.GRAPH)
    for start, end in waiting:  # which grows
        for tag, a, b in fields(content, start, end):
            number = tag >> 3
            if number in (GRAPH.INPUT, GRAPH.OUTPUT, GRAPH.VALUE_INFO):
                info = Message(content, a, b)
                kind = _bytes(info, VALUE_INFO.TYPE)
                if kind not in types:
                    types[kind] = _plain(type_of(_message(kind)))
                found.setdefault(info.text(VALUE_INFO.NAME), types[kind])
            elif number == GRAPH.NODE and content.find(_NESTED, a, b) >= 0:
                for attribute in Message(content, a, b).messages(NODE.ATTRIBUTE):
                    waiting += [*attribute.spans(ATTRIBUTE.G), *attribute.spans(ATTRIBUTE.GRAPHS)]
    return found


def _plain(kind: tuple[str, Shape]) -> tuple[str, Shape]:
    """Names that inference makes up for sizes say nothing."""
    dtype, shape = kind
    return dtype, shape and tuple(None if isinstance(dim, str) and dim.startswith("unk__") else dim for dim in shape)


_NESTED = _number(ATTRIBUTE.TYPE, 5)[:-1]
"""What an attribute's type is written with; one node in many has a graph among its attributes."""
