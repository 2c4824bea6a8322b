"""OpenVINO IR: an ``.xml`` with the graph, and beside it a ``.bin`` of the same name with the constants.

Versions 10 and 11 are read in full. Before them (2 to 9) a layer's weights were part of it, and outputs were not marked: those are the
tensors that nothing reads. A layer ``Const`` is a stored tensor, ``Parameter`` and ``Result`` are the graph's inputs and outputs, any other
is an operator whose version is the number of its opset; a layer of another set than ``opset8`` has its name as domain. A tensor has the
first of its port's names, or else that of its layer.

The XML is read as a stream and may declare nothing: no document type, so no entities.

Source: https://docs.openvino.ai/2026/documentation/openvino-ir-format.html and what OpenVINO writes and reads (`tests/claims`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.parsers import expat

from deplint.formats.beside import Beside, beside
from deplint.formats.wire import RawData
from deplint.model import Dim, Graph, Model, Op, Shape, Stored, Tensor, Unreadable
from deplint.project import File

CURRENT = 10
"""The IR version from which on all is as it is today."""

LAYERS_LIMIT = 200_000
"""Layers beyond which a file was not written by an exporter: each takes about a kilobyte."""

XML_LIMIT = 1 << 28
"""Bytes of XML beyond which a file is not read. A graph of 100,000 layers has about 70 MB."""

CHUNK = 1 << 16

DIGITS = 20
"""Characters of a number: int64 has no more."""

MAX_DEPTH = 256
"""Elements within elements; a loop's body is four deeper than its layer."""

DTYPES = {
    "boolean": "bool", "bool": "bool", "u1": "uint1", "bin": "uint1", "u2": "uint2", "u3": "uint3", "u4": "uint4", "u6": "uint6",
    "u8": "uint8", "u16": "uint16", "u32": "uint32", "u64": "uint64", "i4": "int4", "i8": "int8", "i16": "int16", "i32": "int32",
    "i64": "int64", "f16": "float16", "fp16": "float16", "bf16": "bfloat16", "f32": "float32", "fp32": "float32", "f64": "float64",
    "fp64": "float64", "f4e2m1": "float4e2m1", "f8e4m3": "float8e4m3fn", "f8e5m2": "float8e5m2", "f8e8m0": "float8e8m0", "nf4": "nf4",
    "string": "string",
}  # fmt: skip
"""Element types as layers (``f32``) and ports (``FP32``, in any case) write them -> dtype. ``dynamic`` and the like are unknown."""

_PRODUCERS = ("OpenVINO Runtime", "Runtime_version", "MO_version")
"""Where a converter notes its version, newest first."""

_OPSET = re.compile(r"opset(\d{1,4})")
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_REAL = re.compile(r"-?(\d{1,40}(\.\d{0,40})?([eE][+-]?\d{1,4})?|inf|nan)")
_COMMA = re.compile(r"(?<!\\),")


@dataclass(slots=True)
class _Port:
    id: int
    dtype: str
    name: str = ""
    dims: list[Dim] = field(default_factory=list)


@dataclass(slots=True)
class _Layer:
    id: int
    name: str
    type: str
    version: str
    data: Mapping[str, str] = field(default_factory=dict)
    inputs: list[_Port] = field(default_factory=list)
    outputs: list[_Port] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    maps: dict[str, Any] = field(default_factory=dict)
    """How the inputs and outputs of its bodies are connected, as attributes of the operator."""
    bodies: dict[str, Graph] = field(default_factory=dict)
    blobs: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    """Weights of before version 10: what they are, and where."""


@dataclass(slots=True)
class _Net:
    name: str = ""
    layers: list[_Layer] = field(default_factory=list)
    edges: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    """The layer and port that a layer's port reads."""
    ports: list[_Port] = field(default_factory=list)
    """Those of the element that is open."""


def read(file: File) -> Model:
    """The model. Constants that cannot be read from the ``.bin`` say why (`Stored.problem`).

    Raises:
        Unreadable: the XML is damaged, too large or too deep, declares a document type, or its parts contradict each other.
    """
    if file.size > XML_LIMIT:
        raise Unreadable(f"{file.size:,} bytes of XML, more than the {XML_LIMIT:,} deplint reads of such a file")
    return _Reader(file).model


class _Reader:
    def __init__(self, file: File) -> None:
        self.file = file
        self.model = Model(file.shown, "openvino", size=file.size)
        self.weights = beside(file, Path(file.name).stem + ".bin")
        self.path: list[str] = []
        """The elements that are open, by tag; of the net's ``rt_info``, by what they are called."""
        self.noting = False
        """Whether the net's ``rt_info`` is open."""
        self.nets: list[_Net] = []
        self.layers = 0
        self.text = ""
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self.refuse
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        final = False
        try:
            with open(file.path, "rb") as stream:
                while chunk := stream.read(CHUNK):
                    parser.Parse(chunk)
            final = True
            parser.Parse(b"", True)
        except OSError as error:
            raise Unreadable(f"cannot be opened: {error.strerror}") from None
        except expat.ExpatError as error:
            what = "the file breaks off" if final else expat.ErrorString(error.code)
            raise Unreadable(f"no well-formed XML: {what} (line {error.lineno})") from None
        for key in _PRODUCERS:
            if key in self.model.metadata:
                self.model.producer, self.model.producer_version = "openvino", self.model.metadata[key].partition("-")[0]
                break
        versions = [op.version for _, op in self.model.ops() if op.version is not None and not op.domain]
        self.model.opsets = {"": max(versions)} if versions else {}

    def refuse(self, *_: Any) -> None:
        raise Unreadable("it declares a document type (DTD), which a network has no use for")

    def characters(self, text: str) -> None:
        self.text += text

    def start(self, tag: str, given: dict[str, str]) -> None:
        path = self.path
        if not path:
            self.root(tag, given)
        elif len(path) >= MAX_DEPTH:
            raise Unreadable(f"elements nested deeper than {MAX_DEPTH}")
        elif self.noting:
            tag = given.get("name", tag)
            if "value" in given:
                self.model.metadata[".".join([*path[2:], tag])] = given["value"]
        elif len(path) == 1:
            self.noting = tag in ("rt_info", "meta_data")
        else:
            self.part(path[-1], tag, given)
        path.append(tag)

    def root(self, tag: str, given: Mapping[str, str]) -> None:
        version = given.get("version", "")
        if tag != "net" or not _INTEGER.fullmatch(version):
            raise Unreadable(f"XML whose root is <{tag}>, not <net> with a version")
        self.model.ir_version = int(version)
        self.nets.append(_Net(given.get("name", "")))

    def part(self, parent: str, tag: str, given: Mapping[str, str]) -> None:
        net = self.nets[-1]
        if tag == "dim":
            if net.layers and net.ports is net.layers[-1].outputs:  # what a port reads has its size where it is put out
                self.text = ""
                self.parser.CharacterDataHandler = self.characters
            return
        if parent == "layers":
            if tag == "layer":
                layer = _Layer(_integer(given, "id"), given.get("name", ""), given.get("type", ""), given.get("version", ""))
                net.layers.append(layer)
                self.layers += 1
                if self.layers > LAYERS_LIMIT:
                    raise Unreadable(f"more than {LAYERS_LIMIT:,} layers")
            return
        if parent == "edges":
            source = _integer(given, "from-layer"), _integer(given, "from-port")
            net.edges[_integer(given, "to-layer"), _integer(given, "to-port")] = source
            return
        if not net.layers:
            if parent == "layer":
                raise Unreadable("a layer that is not among <layers>")
            return
        layer = net.layers[-1]
        if tag == "port" and parent in ("input", "output"):
            name = _COMMA.split(given.get("names", ""), maxsplit=1)[0].replace("\\,", ",")
            net.ports.append(_Port(_integer(given, "id"), _dtype(given.get("precision", "")), name))
        elif parent == "layer":
            if tag == "data":
                layer.data = given
            elif tag in ("input", "output"):
                net.ports = layer.inputs if tag == "input" else layer.outputs
            elif tag.endswith("body"):
                self.nets.append(_Net())
            elif "offset" in given and "size" in given:
                layer.blobs.append((tag, given))
        elif parent == "blobs":
            layer.blobs.append((tag, given))
        elif parent.endswith(("port_map", "back_edges")):
            layer.maps.setdefault(parent, []).append({"kind": tag} | {key: _value(key, value) for key, value in given.items()})
        elif parent == "rt_info" and "name" in given:
            layer.notes[given["name"]] = ",".join(value for key, value in given.items() if key not in ("name", "version"))

    def end(self, _: str) -> None:
        tag = self.path.pop()
        if tag == "dim" and self.parser.CharacterDataHandler is not None:
            self.parser.CharacterDataHandler = None
            size = _integer({tag: self.text.strip()}, tag)
            if self.nets[-1].ports:
                self.nets[-1].ports[-1].dims.append(size if size >= 0 else None)
        elif len(self.path) == 1:
            self.noting = False
        elif not self.path:
            self.model.graphs.append(self.graph(self.nets.pop()))
        elif tag.endswith("body") and self.path[-1] == "layer" and not self.noting:
            graph = self.graph(self.nets.pop())
            self.nets[-1].layers[-1].bodies[tag] = graph

    def graph(self, net: _Net) -> Graph:
        graph = Graph(net.name)
        names = self.tensors(graph, net.layers)
        read: set[str] = set()
        for layer in net.layers:
            inputs = [self.source(net, names, layer, port) for port in layer.inputs]
            read.update(inputs)
            outputs = [names[layer.id, port.id] for port in layer.outputs]
            if layer.type in ("Parameter", "Input"):
                graph.inputs += outputs
                if "layout" in layer.notes:
                    self.model.metadata |= {f"layout.{name}": layer.notes["layout"] for name in outputs}
            elif layer.type == "Result":
                graph.outputs += inputs
            elif layer.type != "Const":
                weights = [self.blob(graph, layer, kind, blob) for kind, blob in layer.blobs]
                graph.ops.append(_op(layer, [*inputs, *weights], outputs, len(graph.ops)))
        if net.edges:
            target, port = next(iter(net.edges))
            raise Unreadable(f"an edge to port {port} of layer {target}, which is not there")
        if (self.model.ir_version or 0) < CURRENT:
            graph.outputs += [name for op in graph.ops for name in op.outputs if name not in read]
        return graph

    def tensors(self, graph: Graph, layers: Sequence[_Layer]) -> Mapping[tuple[int, int], str]:
        """Give `graph` what its layers put out; the names of these by layer and port."""
        if len({layer.id for layer in layers}) < len(layers):
            raise Unreadable("two layers have the same id")
        named = {port.name for layer in layers for port in layer.outputs}
        names: dict[tuple[int, int], str] = {}
        for layer in layers:
            for index, port in enumerate(layer.outputs):
                name = port.name
                if not name or name in graph.tensors:
                    name = layer.name if len(layer.outputs) == 1 else f"{layer.name}.{index}"
                    while not name or name in graph.tensors or name in named:
                        name += f"#{layer.id}"
                if (layer.id, port.id) in names:
                    raise Unreadable(f"layer {layer.id} has two ports {port.id}")
                names[layer.id, port.id] = name
                graph.tensors[name] = self.tensor(name, layer, port)
        return names

    def tensor(self, name: str, layer: _Layer, port: _Port) -> Tensor:
        # A port without sizes may be a scalar, or of unknown rank.
        tensor = Tensor(name, port.dtype, tuple(port.dims) or None)
        if layer.type in ("Parameter", "Const") and "shape" in layer.data:
            tensor.shape = _shape(layer.data["shape"])
            tensor.dtype = _dtype(layer.data.get("element_type", "")) or tensor.dtype
        if layer.type == "Const":
            for given in (layer.data, *(blob for _, blob in layer.blobs)):
                if "offset" in given:
                    self.store(tensor, given)
        return tensor

    def source(self, net: _Net, names: Mapping[tuple[int, int], str], layer: _Layer, port: _Port) -> str:
        """The name of what a port reads; empty where no edge leads to it."""
        source = net.edges.pop((layer.id, port.id), None)
        if source is None:
            return ""
        if source not in names:
            raise Unreadable(f"an edge from port {source[1]} of layer {source[0]}, which is not there")
        return names[source]

    def blob(self, graph: Graph, layer: _Layer, kind: str, given: Mapping[str, str]) -> str:
        """Weights of before version 10, as a tensor."""
        name = f"{layer.name}.{kind}"
        while name in graph.tensors:
            name += f"#{len(graph.tensors)}"
        tensor = graph.tensors[name] = Tensor(name, _dtype(given.get("precision", "")))
        self.store(tensor, given)
        return name

    def store(self, tensor: Tensor, given: Mapping[str, str]) -> None:
        offset, size = _integer(given, "offset"), _integer(given, "size")
        if offset < 0 or size < 0:
            raise Unreadable(f"a constant of {size:,} bytes at byte {offset:,}")
        held: Beside = self.weights
        short = f"file is too short: {held.size:,} bytes, the tensor ends at {offset + size:,}" if offset + size > held.size else ""
        problem = held.problem or short
        tensor.stored = Stored(held.shown, offset, size, external=True, problem=problem)
        if held.path and not problem:
            tensor.data = RawData(held.path, offset)
        if held.inside:
            self.model.files = [held.shown]


def _op(layer: _Layer, inputs: list[str], outputs: list[str], index: int) -> Op:
    match = _OPSET.fullmatch(layer.version)
    attributes = {key: _value(key, value) for key, value in layer.data.items()} | layer.maps
    domain = "" if match else layer.version
    version = int(match[1]) if match else None
    return Op(layer.type, layer.name, domain, inputs, outputs, attributes, index, version, layer.bodies, layer.notes)


def _integer(given: Mapping[str, str], key: str) -> int:
    text = given.get(key, "")
    with suppress(ValueError):
        if len(text) <= DIGITS:
            return int(text)
    raise Unreadable(f"{key} is {text[:40]!r}, no whole number" if text else f"an element without its {key}")


def _dtype(text: str) -> str:
    return DTYPES.get(text.lower(), "")


def _shape(text: str) -> Shape:
    """The shape that a layer states: ``?,3,1..8``, with ``...`` for an unknown rank. A range is an unknown size."""
    if "..." in text:
        return None
    sizes = [size.strip() for size in text.split(",")] if text.strip() else []
    return tuple(int(size) if _INTEGER.fullmatch(size) and int(size) >= 0 else None for size in sizes)


@lru_cache(maxsize=1024)
def _value(key: str, text: str) -> Any:
    """An attribute: a number, a list of them, a truth value, the name of a dtype, or text."""
    if key.endswith("_type") and text in DTYPES:
        return DTYPES[text]
    parts = [_number(part.strip()) for part in text.split(",")]
    if None in parts:
        return {"true": True, "false": False}.get(text, text)
    return parts if len(parts) > 1 else parts[0]


def _number(text: str) -> int | float | None:
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _REAL.fullmatch(text) else None
