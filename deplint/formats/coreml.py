"""Core ML models (``.mlmodel``, also within an ``.mlpackage``): a `Model` message, read without its weights.

The model's interface is a signature for each of its functions (``main`` where it has no others): features with their types; what a type
says beyond dtype and shape is among `Tensor.traits` (``color``, the ``sizes`` or the ``range`` of a flexible shape, ``optional``,
``classes``, the ``scaler`` that a network applies to an image). `Model.tags` begin with what kind of model it is (``neuralNetwork``).
Layers of a network are operators; their weights come after their inputs, named ``layer.parameter``. A custom layer or model has the domain
``custom`` and its class as type. Models of a pipeline are operators, too, with their own graph nested where they have one; a tree ensemble
and the like is an operator of its own, whose nodes or vectors are counted and not read.

Messages are decoded by `deplint/data/coreml_schema.json`; meanings are those of the comments in ``mlmodel/format/*.proto`` of
https://github.com/apple/coremltools.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from deplint.data import load
from deplint.formats.coreml_features import feature, signature_of
from deplint.formats.coreml_program import read_program
from deplint.formats.wire import BYTES, VARINT, Message, RawData, beginning, fields, open_message, stored_numbers
from deplint.model import Graph, Model, Op, Quant, Signature, Stored, Tensor, Unreadable
from deplint.project import File

MAX_VERSION = 100
"""Specification versions that a file of this kind may have; the newest is 10."""

LONG = 1 << 14
"""Bytes of a field of numbers beyond which it is given as a `Tensor`."""

CODES = {"float": "f", "double": "d", "int": "q", "bool": "B"}
"""The `struct` code of a number, by kind."""

_DECODED = {"float": "float32", "double": "float64", "int": "int64", "bool": "bool"}

_COUNTED = frozenset(
    {"list SparseVector", "list DenseVector", "list FloatVector", "list ItemSimilarityRecommender.SimilarItems"}
)  # fmt: skip
"""Messages of which a model may have any number: its data, not its structure."""

_NETWORKS = ("neuralNetwork", "neuralNetworkClassifier", "neuralNetworkRegressor")
_PIPELINES = ("pipeline", "pipelineClassifier", "pipelineRegressor")
_NESTED = (*_NETWORKS, *_PIPELINES, "mlProgram")
_LABELS = ("stringClassLabels", "int64ClassLabels")

_SHAPES: Mapping[str, tuple[str, ...]] = {
    "convolution.weights": ("outputChannels", "kernelChannels", "kernelSize"),
    "convolution.bias": ("outputChannels",),
    "innerProduct.weights": ("outputChannels", "inputChannels"),
    "innerProduct.bias": ("outputChannels",),
    "embedding.weights": ("outputChannels", "inputDim"),
    "embedding.bias": ("outputChannels",),
    "embeddingND.weights": ("embeddingSize", "vocabSize"),
    "embeddingND.bias": ("embeddingSize",),
    "batchnorm.gamma": ("channels",),
    "batchnorm.beta": ("channels",),
    "batchnorm.mean": ("channels",),
    "batchnorm.variance": ("channels",),
    "loadConstant.data": ("shape",),
    "loadConstantND.data": ("shape",),
    "scale.scale": ("shapeScale",),
    "scale.bias": ("shapeBias",),
    "bias.bias": ("shape",),
    "layerNormalization.gamma": ("normalizedShape",),
    "layerNormalization.beta": ("normalizedShape",),
}
"""Which parameters of a layer give the shape of a weight; of others only the number of elements is known."""


class MODEL:
    SPECIFICATION_VERSION, DESCRIPTION, IS_UPDATABLE = 1, 2, 10


class NETWORK:
    LAYERS, PREPROCESSING, STRING_CLASS_LABELS, INT64_CLASS_LABELS, LABEL_PROBABILITY_LAYER_NAME = 1, 2, 100, 101, 200


class LAYER:
    NAME, INPUT, OUTPUT, INPUT_TENSOR, OUTPUT_TENSOR, IS_UPDATABLE = 1, 2, 3, 4, 5, 10


class BLOB:
    RANK, DIM_VALUE = 1, 2


class PIPELINE:
    MODELS, NAMES = 1, 2


class WEIGHT:
    FLOAT_VALUE, FLOAT16_VALUE, RAW_VALUE, INT8_RAW_VALUE, QUANTIZATION, IS_UPDATABLE = 1, 2, 30, 31, 40, 50


class TREES:
    NODES, NUM_PREDICTION_DIMENSIONS, BASE_PREDICTION_VALUE = 1, 2, 3


@lru_cache(maxsize=1)
def schema() -> tuple[Mapping[str, Mapping[int, tuple[str, str]]], Mapping[str, Mapping[int, str]]]:
    """The messages by field number (a field's name and kind), and the enumerations by value."""
    data = load("coreml_schema")
    messages = {name: {int(number): tuple(field) for number, field in known.items()} for name, known in data["messages"].items()}
    return messages, {name: {value: member for member, value in known.items()} for name, known in data["enums"].items()}


def sniff(file: File) -> bool:
    """True if the first bytes are those of a Core ML model: a small version, then a description."""
    messages, _ = schema()
    known = {number << 3 | (VARINT if kind == "bool" else BYTES) for number, (_, kind) in messages["ModelDescription"].items()}
    head = file.head
    try:
        found = list(beginning(head))[:2]
        if [tag for tag, _, _ in found] != [MODEL.SPECIFICATION_VERSION << 3 | VARINT, MODEL.DESCRIPTION << 3 | BYTES]:
            return False
        inner = [tag for tag, _, _ in beginning(head, *found[1][1:])]
        return 0 < found[0][1] < MAX_VERSION and bool(inner) and known.issuperset(inner)
    except Unreadable:
        return False


def read(file: File) -> Model:
    """The model in `file`.

    Raises:
        Unreadable: the file is no Core ML model.
    """
    message = open_message(file)
    if MODEL.DESCRIPTION not in message:
        raise Unreadable("no description in it: not a Core ML model")
    return _Reader(file).model(message)


class _Taken:
    """Stands for a weight that was taken out of a layer's parameters."""


_TAKEN = _Taken()


class _Reader:
    def __init__(self, file: File) -> None:
        self.file = file
        self.messages, self.enums = schema()
        self.weights: list[tuple[str, Tensor]] = []
        """The weights of the layer that is being read, by their place among its parameters."""

    def model(self, message: Message) -> Model:
        model = Model(self.file.shown, "coreml", ir_version=message.integer(MODEL.SPECIFICATION_VERSION), size=self.file.size)
        description = self.description(message)
        _about(model, description.get("metadata", {}))
        for function in description.get("functions") or [description]:
            signature = signature_of(function)
            model.signatures[signature.name] = signature
        if description.get("trainingInput"):
            model.signatures["update"] = Signature("update", dict(map(feature, description["trainingInput"])))
        _, kind, _ = self.kind(message)
        model.tags = [kind] if kind else []
        if message.integer(MODEL.IS_UPDATABLE):
            model.tags.append("updatable")
        first = next(iter(model.signatures.values()))
        model.graphs, labels = self.body(model, message, first, description.get("defaultFunctionName") or first.name)
        for signature in model.signatures.values():
            for tensor in signature.outputs.values():
                if labels and tensor.traits.get("predicted"):
                    tensor.traits = {**tensor.traits, "classes": labels}
        return model

    def kind(self, message: Message) -> tuple[int, str, str]:
        """What kind of model a message is: the field that holds it, its name, and the type of the message in it."""
        known = self.messages["Model"]
        for number in message.numbers:
            if number in known and number > MODEL.IS_UPDATABLE:
                return number, *known[number]
        return 0, "", ""

    def description(self, message: Message) -> dict[str, Any]:
        return dict(self.record(message, "Model", {MODEL.DESCRIPTION}).get("description", {}))

    # Messages by the schema

    def record(self, message: Message, kind: str, wanted: set[int] | None = None, path: str = "") -> dict[str, Any]:
        """The fields of a message by name; only the `wanted`, if any are said. Weights go to `self.weights` under their `path`."""
        known, found = self.messages[kind], {}
        for number in dict.fromkeys(message.numbers):
            if number in known and (wanted is None or number in wanted):
                name, of = known[number]
                value = self.value(message, number, of, f"{path}.{name}" if path else name)
                if value is not _TAKEN:
                    found[name] = value
        return found

    def value(self, message: Message, number: int, kind: str, path: str) -> Any:
        many, _, kind = kind.rpartition(" ")
        spans = message.spans(number)
        if f"{many} {kind}" in _COUNTED:
            return len(spans)
        if many == "map":
            entries = (self.record(entry, kind) for entry in message.messages(number))
            return {entry.get("key", ""): entry.get("value", "") for entry in entries}
        if kind in CODES:
            return self.numbers(message, number, kind, bool(many))
        if kind == "string":
            return message.texts(number) if many else message.text(number)
        if kind == "bytes":
            start, end = spans[-1] if spans else (0, 0)
            return bytes(message.data[start:end]) if end - start <= LONG else self.stored("", "uint8", start, end)
        if kind in self.enums:
            return self.enums[kind].get(message.integer(number), message.integer(number))
        places = [f"{path}[{i}]" for i in range(len(spans))] if many else [path]
        values = [self.inner(message, span, kind, place) for span, place in zip(spans if many else spans[-1:], places, strict=False)]
        values = [value for value in values if value is not _TAKEN]
        return (values or _TAKEN) if many else values[0] if values else _TAKEN

    def inner(self, message: Message, span: tuple[int, int], kind: str, path: str) -> Any:
        """The message at `span`. One that is but a list or a map is given as that."""
        if kind == "TreeEnsembleParameters":
            return self.trees(message, span)
        inner = message.within(*span)
        if kind == "WeightParams":
            return self.weight(inner, path)
        if kind == "NeuralNetwork":
            return self.network(inner)
        known = self.messages[kind]
        found = self.record(inner, kind, path=path)
        alone = next(iter(known.values())) if len(known) == 1 else ("", "")
        if alone[1].startswith(("list ", "map ")):
            return found.get(alone[0], [] if alone[1].startswith("list ") else {})
        return found

    def numbers(self, message: Message, number: int, kind: str, many: bool) -> Any:
        if many and sum(b - a for a, b in message.spans(number)) > LONG:
            tensor = Tensor("", _DECODED[kind])
            tensor.stored, tensor.data = stored_numbers(self.file, message, number, CODES[kind])
            tensor.shape = (message.count(number, CODES[kind]),)
            return tensor
        if kind in ("float", "double"):
            reals = list(message.reals(number, CODES[kind]))
            return reals if many else reals[-1] if reals else 0.0
        if kind == "bool":
            return [bool(value) for value in message.integers(number)] if many else bool(message.integer(number))
        return list(message.integers(number)) if many else message.integer(number)

    def stored(self, name: str, dtype: str, start: int, end: int) -> Tensor:
        return Tensor(name, dtype, (end - start,), stored=Stored(self.file.shown, start, end - start), data=RawData(self.file.path, start))

    def trees(self, message: Message, span: tuple[int, int]) -> dict[str, Any]:
        """How many nodes there are, none of them noted: forests have millions."""
        found: dict[str, Any] = {"nodes": 0}
        try:
            for tag, a, b in fields(message.data, *span):
                number = tag >> 3
                if number == TREES.NODES:
                    found["nodes"] += 1
                elif number == TREES.NUM_PREDICTION_DIMENSIONS:
                    found["numPredictionDimensions"] = a
                elif number == TREES.BASE_PREDICTION_VALUE and (b - a) % 8 == 0 and b - a <= LONG:
                    found.setdefault("basePredictionValue", []).extend(struct.unpack(f"<{(b - a) // 8}d", message.data[a:b]))
        except (IndexError, struct.error):
            raise Unreadable("the file ends in the middle of a field") from None
        return found

    def weight(self, message: Message, path: str) -> Any:
        """Note the weight in `message`. What is left is how it is quantized, if it is."""
        facts = self.record(message, "WeightParams", {WEIGHT.QUANTIZATION, WEIGHT.IS_UPDATABLE})
        quantization = facts.get("quantization", {})
        bits = quantization.get("numberOfBits", 0)
        if not 0 < bits <= 8:
            bits = 8
        tensor = None
        for number, dtype in (
            (WEIGHT.FLOAT16_VALUE, "float16"),
            (WEIGHT.RAW_VALUE, f"uint{bits}"),
            (WEIGHT.INT8_RAW_VALUE, "int8"),
        ):
            for start, end in message.spans(number)[-1:]:
                tensor = self.stored("", dtype, start, end)
                tensor.shape = ((end - start) * 8 // (16 if dtype == "float16" else bits if dtype != "int8" else 8),)
        if tensor is None and WEIGHT.FLOAT_VALUE in message:
            tensor = Tensor("", "float32", (message.count(WEIGHT.FLOAT_VALUE, "f"),))
            tensor.stored, tensor.data = stored_numbers(self.file, message, WEIGHT.FLOAT_VALUE, "f")
        if tensor is None:
            return facts or _TAKEN
        tensor.quant = _quant(quantization)
        self.weights.append((path, tensor))
        return facts or _TAKEN

    # Kinds of models

    def body(self, model: Model, message: Message, signature: Signature, default: str = "main") -> tuple[list[Graph], Any]:
        """The graphs of the model that a message is, and its class labels."""
        number, name, kind = self.kind(message)
        inner = message.message(number)
        if inner is None:
            return [], None
        if name == "mlProgram":
            return read_program(model, self.file, inner, default)
        if name in _NETWORKS:
            labels = self.record(inner, kind, {NETWORK.STRING_CLASS_LABELS, NETWORK.INT64_CLASS_LABELS})
            return [self.network(inner, signature)], next(iter(labels.values()), None)
        graph = Graph("main", inputs=list(signature.inputs), outputs=list(signature.outputs))
        graph.tensors = signature.inputs | signature.outputs
        if name in _PIPELINES:
            pipeline = inner if name == "pipeline" else inner.message(1)
            return [graph], self.pipeline(model, graph, pipeline) if pipeline is not None else None
        op = Op(name, inputs=list(graph.inputs), outputs=list(graph.outputs), attributes=self.record(inner, kind))
        if name == "customModel":
            _custom(op)
        graph.ops = [op]
        return [graph], next((op.attributes[key] for key in _LABELS if key in op.attributes), None)

    def pipeline(self, model: Model, graph: Graph, message: Message) -> Any:
        """Read the models of a pipeline into its graph; the class labels of the last."""
        names = message.texts(PIPELINE.NAMES)
        labels = None
        for index, inner in enumerate(message.messages(PIPELINE.MODELS)):
            own = signature_of(self.description(inner))
            _, kind, _ = self.kind(inner)
            bodies, labels = self.body(model, inner, own)
            op = Op(kind or "unknown", graphs={"model" if i == 0 else body.name: body for i, body in enumerate(bodies)})
            if kind not in _NESTED and bodies:
                op = bodies[0].ops[0]
            op.name = names[index] if index < len(names) else f"model{index}"
            op.inputs, op.outputs, op.index = list(own.inputs), list(own.outputs), index
            for tensor in (*own.inputs.values(), *own.outputs.values()):
                graph.tensors.setdefault(tensor.name, tensor)
            graph.ops.append(op)
        return labels

    def network(self, message: Message, signature: Signature | None = None) -> Graph:
        """A network; without a signature, one that a branch or a loop runs."""
        graph = Graph("main" if signature else "")
        if signature is not None:
            graph.inputs = list(signature.inputs)
            graph.tensors = dict(signature.inputs)
            for preprocessing in message.messages(NETWORK.PREPROCESSING):
                self.preprocessing(preprocessing, signature)
        spans = message.spans(NETWORK.LAYERS)
        layers = (message.within(*span) for span in spans)
        graph.ops = [self.layer(graph, layer, index) for index, layer in enumerate(layers)]
        if signature is not None:
            given = {name for op in graph.ops for name in op.outputs}
            probabilities = message.text(NETWORK.LABEL_PROBABILITY_LAYER_NAME)
            results = [name for name in dict.fromkeys((*signature.outputs, probabilities)) if name in given]
            graph.outputs = results or [name for op in graph.ops[-1:] for name in op.outputs]
            for name, tensor in signature.outputs.items():
                if name in given and tensor.dtype != "map":
                    known = graph.tensor(name)
                    graph.tensors[name] = tensor if tensor.shape is not None else replace(tensor, shape=known.shape)
        return graph

    def preprocessing(self, message: Message, signature: Signature) -> None:
        """Note what a network does to an input before its first layer."""
        facts = self.record(message, "NeuralNetworkPreprocessing")
        name = facts.pop("featureName", "")
        if name in signature.inputs:
            tensor = signature.inputs[name]
            tensor.traits = {**tensor.traits, **facts}

    def layer(self, graph: Graph, message: Message, index: int) -> Op:
        number = next((n for n in message.numbers if n > LAYER.IS_UPDATABLE), 0)
        name, kind = self.messages["NeuralNetworkLayer"].get(number, (f"layer{number}", ""))
        op = Op(name, message.text(LAYER.NAME), index=index)
        inputs, op.outputs = message.texts(LAYER.INPUT), message.texts(LAYER.OUTPUT)
        outer, self.weights = self.weights, []
        parameters = message.message(number) if kind else None
        facts = self.record(parameters, kind) if parameters is not None else {}
        found, self.weights = self.weights, outer
        if message.integer(LAYER.IS_UPDATABLE):
            facts["isUpdatable"] = True
        op.graphs = {key: value for key, value in facts.items() if isinstance(value, Graph)}
        op.attributes = {key: value for key, value in facts.items() if not isinstance(value, Graph)}
        for numbers, names in ((LAYER.INPUT_TENSOR, inputs), (LAYER.OUTPUT_TENSOR, op.outputs)):
            for blob, each in zip(message.messages(numbers), names, strict=False):
                self.blob(graph, each, blob)
        taken = {*graph.tensors, *inputs, *op.outputs}
        for path, tensor in found:
            tensor.name = f"{op.name or f'layer{index}'}.{path}"
            while tensor.name in taken:
                tensor.name += f"#{index}"
            taken.add(tensor.name)
            tensor.shape = _shape(f"{op.type}.{path}", facts) or tensor.shape
            graph.tensors[tensor.name] = tensor
            inputs.append(tensor.name)
        op.inputs = inputs
        if name == "custom":
            _custom(op)
        return op

    def blob(self, graph: Graph, name: str, message: Message) -> None:
        """Note the shape that a layer says a value has."""
        sizes = tuple(size if size >= 0 else None for size in message.integers(BLOB.DIM_VALUE))
        rank = message.integer(BLOB.RANK)
        if name not in graph.tensors and (sizes or 0 < rank < 100):
            graph.tensors[name] = Tensor(name, shape=sizes or (None,) * rank)


def _custom(op: Op) -> None:
    """Name a custom layer or model by its class."""
    attributes = dict(op.attributes)
    op.type, op.domain = str(attributes.pop("className", "") or op.type), "custom"
    op.attributes = attributes


def _about(model: Model, metadata: Mapping[str, Any]) -> None:
    """Who made the model, and what they say of it."""
    noted = {str(key): str(value) for key, value in metadata.get("userDefined", {}).items()}
    model.metadata = {key: value for key, value in metadata.items() if isinstance(value, str) and value} | noted
    version = noted.get("com.github.apple.coremltools.version")
    if version is not None:
        model.producer, model.producer_version = "coremltools", version


def _quant(facts: Mapping[str, Any]) -> Quant | None:
    """How a weight of a network is quantized: ``linear`` (scale * stored + bias) or by a ``table`` (whose index is stored)."""
    if "lookupTableQuantization" in facts:
        return Quant((), scheme="table")
    scale = facts.get("linearQuantization", {}).get("scale")
    if not isinstance(scale, list):
        return None
    return Quant(tuple(scale), axis=0 if len(scale) > 1 else None, scheme="linear")


def _shape(weight: str, facts: Mapping[str, Any]) -> tuple[int, ...] | None:
    """The shape of a layer's weight as its parameters say; None where they do not."""
    keys: Sequence[str] = _SHAPES.get(weight, ())
    sizes = list(_sizes(keys, facts))
    if facts.get("isDeconvolution") and weight == "convolution.weights" and len(sizes) == 4:
        sizes[:2] = facts.get("kernelChannels", 0), facts.get("outputChannels", 0) // (facts.get("nGroups", 0) or 1)
    known = len(sizes) >= len(keys) > 0 and all(0 < size < 1 << 48 for size in sizes)
    return tuple(sizes) if known and math.prod(sizes) < 1 << 62 else None


def _sizes(keys: Sequence[str], facts: Mapping[str, Any]) -> Iterator[int]:
    for key in keys:
        value = facts.get(key, 0)
        if key == "kernelSize" and not value:
            value = [3, 3]
        yield from value if isinstance(value, list) else [value] if isinstance(value, int) else []
