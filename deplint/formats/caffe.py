"""Caffe: a network as text (``.prototxt``) and as what was trained (``.caffemodel``, the same message with its weights).

Layers are operators, blobs are tensors. A layer that writes the blob it reads works in place, so that a blob may be written more than once.

Source: src/caffe/proto/caffe.proto of github.com/BVLC/caffe
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deplint.formats.beside import beside
from deplint.formats.wire import BYTES, VARINT, Message, beginning, open_message, stored_numbers
from deplint.model import Graph, Model, Op, Tensor, Unreadable
from deplint.project import File
from deplint.settings import textproto
from deplint.settings.text import Misread, Word

_V1 = (
    "NONE", "Accuracy", "BNLL", "Concat", "Convolution", "Data", "Dropout", "EuclideanLoss", "Flatten", "HDF5Data", "HDF5Output", "Im2col",
    "ImageData", "InfogainLoss", "InnerProduct", "LRN", "MultinomialLogisticLoss", "Pooling", "ReLU", "Sigmoid", "Softmax",
    "SoftmaxWithLoss", "Split", "TanH", "WindowData", "Eltwise", "Power", "SigmoidCrossEntropyLoss", "HingeLoss", "MemoryData",
    "ArgMax", "Threshold", "DummyData", "Slice", "MVN", "AbsVal", "Silence", "ContrastiveLoss", "Exp", "Deconvolution",
)  # fmt: skip
"""V1LayerParameter.LayerType by number, in the spelling of today."""

_NET = {1 << 3 | BYTES, 2 << 3 | BYTES, 3 << 3 | BYTES, 4 << 3 | VARINT, 4 << 3 | BYTES, 5 << 3 | VARINT, 6 << 3 | BYTES, 7 << 3 | VARINT,
        8 << 3 | BYTES, 100 << 3 | BYTES}  # fmt: skip
_LAYERS = {2 << 3 | BYTES: (4, 2, 3, 5, 6), 100 << 3 | BYTES: (1, 3, 4, 2, 7)}
"""The tags of layers of 2014 and of today -> the numbers of name, bottom, top, type and blobs."""

_LIST_LIMIT = 16


def sniff(file: File) -> bool:
    """True if the first bytes are those of a NetParameter: a name, inputs, then a layer with a name or a blob that it reads."""
    head = file.head
    try:
        for tag, a, b in beginning(head):
            if tag not in _NET:
                return False
            if tag in _LAYERS:
                first = next(beginning(head, a, b), None)
                return first is not None and first[0] >> 3 in (1, 2, 3, 4) and first[0] & 7 == BYTES and _word(head[first[1] : first[2]])
            if tag in (10, 26) and not _word(head[a:b]):
                return False
    except Unreadable:
        pass
    return False


def _word(text: bytes) -> bool:
    return re.fullmatch(rb"[\x20-\x7e\x80-\xff]+", text) is not None


def read(file: File) -> Model:
    """A trained network.

    Raises:
        Unreadable: the file is no protobuf, or cut short.
    """
    root = open_message(file)
    graph = Graph(root.text(1))
    inputs, shapes = root.texts(3), [tuple(message.integers(1)) for message in root.messages(8)]
    _inputs(graph, inputs, shapes, list(root.integers(4)))
    for tag, (name, bottom, top, kind, blobs) in _LAYERS.items():
        for layer in root.messages(tag >> 3):
            number = layer.integer(kind)
            what = layer.text(kind) or (_V1[number] if 0 <= number < len(_V1) else str(number))
            op = _layer(graph, what, layer.text(name), layer.texts(bottom), layer.texts(top), {})
            op.inputs = [*op.inputs, *_blobs(graph, file, op, layer.messages(blobs))]
    _finish(graph)
    return Model(file.shown, "caffe", "caffe", graphs=[graph], size=file.size)


def _blobs(graph: Graph, file: File, op: Op, blobs: Iterator[Message]) -> Iterator[str]:
    """The weights of a layer, which have no names: they are called by their layer and their place."""
    for index, blob in enumerate(blobs):
        shape = blob.message(7)
        sizes = tuple(shape.integers(1)) if shape else tuple(blob.integer(number) for number in (1, 2, 3, 4))
        name = f"{op.name}.{index}"
        while name in graph.tensors:
            name += f"#{len(graph.tensors)}"
        number, code, dtype = (8, "d", "float64") if blob.count(8, "d") else (5, "f", "float32")
        tensor = graph.tensors[name] = Tensor(name, dtype, sizes)
        tensor.stored, tensor.data = stored_numbers(file, blob, number, code)
        yield name


def is_text(file: File) -> bool:
    """True if the first bytes of a text have a layer in them."""
    return re.search(rb"^[ \t]*layers?[ \t]*:?[ \t]*\{", file.head, re.MULTILINE) is not None


def read_text(file: File) -> Model:
    """A network as text. `files` has the trained one if it lies beside it under the same name.

    Raises:
        Unreadable: the text is not of this form.
    """
    try:
        root = textproto.parse(file.shown, file.text)
    except Misread as error:
        raise Unreadable(f"{error} (line {error.place.span.line})" if error.place and error.place.span else str(error)) from None
    graph = Graph(root.text("name"))
    _inputs(graph, _texts(root, "input"), [tuple(each.integers("dim")) for each in root.all("input_shape")], root.integers("input_dim"))
    for layer in [*root.all("layers"), *root.all("layer")]:
        kind = layer.text("type")
        kind = next((name for name in _V1 if name.upper() == kind.replace("_", "")), kind) if kind.isupper() else kind
        bottoms, tops = _texts(layer, "bottom"), _texts(layer, "top")
        op = _layer(graph, kind, layer.text("name"), bottoms, tops, _attributes(layer))
        for each in layer.all("input_param"):
            _inputs(graph, op.outputs, [tuple(shape.integers("dim")) for shape in each.all("shape")], [])
    _finish(graph)
    trained = beside(file, file.path.stem + ".caffemodel")
    return Model(file.shown, "caffe", "caffe", graphs=[graph], files=[] if trained.problem else [trained.shown], size=file.size)


def _texts(message: textproto.Message, name: str) -> list[str]:
    return [word.text or "" for word in message.words(name)]


def _attributes(layer: textproto.Message) -> dict[str, Any]:
    """The scalars of a layer's parameters: ``convolution_param { num_output: 4 }`` is the attribute num_output."""
    found: dict[str, Any] = {}
    for name in layer.fields:
        if name.endswith("_param") and name != "input_param":
            for key, values in layer.all(name)[-1].fields.items() if layer.all(name) else ():
                words = [word.text if word.number is None else word.number for word in values if isinstance(word, Word)][:_LIST_LIMIT]
                if words:
                    found[key] = words if len(words) > 1 else words[0]
    return found


def _inputs(graph: Graph, names: Sequence[str], shapes: Sequence[tuple[int, ...]], flat: Sequence[int]) -> None:
    """Inputs with their shapes, of which older networks write four sizes for each in one list."""
    shapes = shapes or [tuple(flat[index : index + 4]) for index in range(0, len(flat), 4)]
    for index, name in enumerate(names):
        graph.inputs.append(name)
        shape = shapes[index] if index < len(shapes) else shapes[0] if len(shapes) == 1 else None
        graph.tensors[name] = Tensor(name, "float32", shape or None)


def _layer(graph: Graph, kind: str, name: str, inputs: list[str], outputs: list[str], attributes: Mapping[str, Any]) -> Op:
    op = Op(kind, name, "", inputs, outputs, attributes, len(graph.ops))
    for each in outputs:
        graph.tensors.setdefault(each, Tensor(each))
    if kind == "Input":
        graph.inputs += [each for each in outputs if each not in graph.inputs]
    else:
        graph.ops.append(op)
    return op


def _finish(graph: Graph) -> None:
    """The outputs are the blobs that no layer reads."""
    read = {name for op in graph.ops for name in op.inputs}
    graph.inputs = list(dict.fromkeys(graph.inputs))
    graph.outputs = list(dict.fromkeys(name for op in graph.ops for name in op.outputs if name not in read))
