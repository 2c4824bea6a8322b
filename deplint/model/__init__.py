"""The one representation every model format is read into.

    Model -> Graph -> Op, Tensor -> Quant

Readers fill it in time proportional to the graph, never to the weights: a stored tensor knows where its bytes are and reads
them when a rule asks. `deplint.model.text` prints it and reads it back.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from deplint.finding import Place

Dim = int | str | None
"""A size; a symbolic name (``"batch"``); or None where the model says nothing."""

Shape = tuple[Dim, ...] | None
"""None where even the rank is unknown."""

BITS: Mapping[str, int] = {
    "bool": 8, "int8": 8, "uint8": 8, "int16": 16, "uint16": 16, "int32": 32, "uint32": 32, "int64": 64, "uint64": 64,
    "float16": 16, "bfloat16": 16, "float32": 32, "float64": 64, "complex64": 64, "complex128": 128,
    "int2": 2, "uint2": 2, "int4": 4, "uint4": 4, "float4e2m1": 4, "float6e2m3": 6, "float6e3m2": 6,
    "float8e4m3fn": 8, "float8e4m3fnuz": 8, "float8e5m2": 8, "float8e5m2fnuz": 8, "float8e8m0": 8,
    "uint1": 1, "uint3": 3, "uint5": 5, "uint6": 6, "uint7": 7,
}  # fmt: skip
"""Bits an element takes, by dtype. These are the dtype names every reader uses, with ``string``, ``resource``, ``variant``,
``sequence``, ``map``, ``optional``, ``image`` (Core ML; its shape is height and width) and ``""`` (unknown)."""


CHUNK = 1 << 20
"""Bytes of weights looked at in one go, as many as a processor's cache holds; 32 times as many where all that lies before has to be decoded
again. A multiple of every element's size."""

_FLOATS: Mapping[str, str] = {"float16": "<u2", "bfloat16": "<u2", "float32": "<f4", "float64": "<f8"}
"""NumPy's codes. Of 16 bits the patterns are looked at, which without their sign are ordered as the numbers are."""


class Ref(str):
    """An attribute value that only the caller of a function gives: the name of the function's own attribute."""


class Unreadable(Exception):
    """A file is not what its reader reads: truncated, hostile, or something else. The message says what was seen, in words for people."""


@dataclass(frozen=True)
class Quant:
    """Quantization of a tensor: real = scale * (stored - zero_point), per tensor (axis None) or per slice along `axis`."""

    scale: tuple[float, ...]
    zero_point: tuple[int, ...] = ()
    axis: int | None = None
    scheme: str = "affine"


@dataclass(frozen=True)
class Stored:
    """Where a tensor's bytes are. `path` is the file as reports print it; `offset` and `nbytes` count bytes within it.

    `nbytes` is what the file reserves, which hostile or broken files may contradict with the tensor's shape; where numbers are
    stored one by one (varints), it counts them decoded, as `Tensor.bytes` gives them.
    """

    path: str
    offset: int
    nbytes: int
    external: bool = False
    problem: str = ""
    """Why the bytes cannot be read ("file is missing", "leaves the model's folder"), or empty."""


@dataclass
class Tensor:
    """A value in a graph. `stored` is set for weights and constants; `data` reads their bytes on demand, `data(offset, size)`.

    A `sparse` tensor stores fewer values than its shape has. `traits` are what a model promises or asks of a tensor besides: colours of
    an image, other shapes an input takes, class labels, how a sparse weight is stored.
    """

    name: str
    dtype: str = ""
    shape: Shape = None
    quant: Quant | None = None
    stored: Stored | None = None
    data: Callable[[int, int], bytes] | None = field(default=None, repr=False, compare=False)
    sparse: bool = field(default=False, compare=False)
    traits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def static(self) -> bool:
        """True if every dimension is a known, non-negative size."""
        return self.shape is not None and all(isinstance(d, int) and d >= 0 for d in self.shape)

    @property
    def elements(self) -> int | None:
        if self.shape is None or not self.static:
            return None
        product = 1
        for d in self.shape:
            assert isinstance(d, int)
            product *= d
        return product

    @property
    def nbytes(self) -> int | None:
        """Bytes of the whole tensor as its shape and dtype say; None where either is unknown."""
        if self.elements is None or self.dtype not in BITS:
            return None
        return (self.elements * BITS[self.dtype] + 7) // 8

    def bytes(self, limit: int = 1 << 20) -> bytes:
        """The first `limit` stored bytes, little-endian; empty if the tensor stores none.

        Raises:
            Unreadable: the bytes are not where the model says they are.
        """
        if self.stored is None or self.data is None:
            return b""
        return self.data(0, min(limit, self.stored.nbytes))

    @cached_property
    def largest(self) -> float | None:
        """The largest magnitude among the stored values: nan if one is no number; None if they are no floating-point numbers, or are not
        as many as the shape says. All of them are read, in chunks."""
        stored, code = self.stored, _FLOATS.get(self.dtype)
        if stored is None or stored.problem or self.data is None or code is None or not 0 < stored.nbytes == self.nbytes:
            return None
        import numpy

        chunk = CHUNK if getattr(self.data, "direct", False) else CHUNK << 5
        reach: Any = 0
        try:
            for offset in range(0, stored.nbytes, chunk):
                values: Any = numpy.frombuffer(self.data(offset, min(chunk, stored.nbytes - offset)), code)
                if code == "<u2":
                    reach = max(reach, int((values & 0x7FFF).max()))
                else:
                    reach = numpy.maximum(reach, numpy.maximum(-values.min(), values.max()))  # nan stays nan
        except Unreadable:
            return None
        if code == "<u2":
            kind, bits = ("<e", reach) if self.dtype == "float16" else ("<f", reach << 16)
            return float(struct.unpack(kind, bits.to_bytes(struct.calcsize(kind), "little"))[0])
        return float(reach)


@dataclass
class Op:
    """One operator. `inputs` and `outputs` are tensor names ("" for an omitted optional one).

    `type` is the format's own name (``Conv``, ``CONV_2D``, ``Conv2D``); a TFLite custom operator has domain ``custom`` and its custom
    code as type. `attributes` values are plain Python values (a dtype is its name, a shape a tuple, a tensor or a list of more than 1 MB
    a `Tensor`, what only a function's caller knows a `Ref`) and not to be changed; `graphs` holds nested graphs by attribute name; `notes`
    what the exporter says of it to people and tools (``doc_string``, ``pkg.torch.onnx.stack_trace``, ``device``).
    """

    type: str
    name: str = ""
    domain: str = ""
    inputs: Sequence[str] = ()
    outputs: Sequence[str] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    index: int = 0
    version: int | None = None
    graphs: Mapping[str, Graph] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def reads(self) -> Sequence[str]:
        """The names of all it reads: its inputs, and what its nested graphs read of what is around them."""
        if not self.graphs:
            return self.inputs
        found = list(self.inputs)
        for nested in self.graphs.values():
            own = {*nested.inputs, *nested.producers, *(tensor.name for tensor in nested.weights)}
            found += [name for op in nested.ops for name in op.reads if name not in own]
            found += [name for name in nested.outputs if name not in own]
        return found


@dataclass
class Graph:
    """Operators in stored order and the tensors they read and write, by name."""

    name: str = ""
    ops: list[Op] = field(default_factory=list)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    kind: str = "graph"
    """``graph``; ``function`` for a body that other graphs call; ``training`` for what only training runs."""
    notes: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """What the exporter says of it to people and tools, as of an operator."""

    def tensor(self, name: str) -> Tensor:
        return self.tensors.get(name) or Tensor(name)

    @cached_property
    def producers(self) -> Mapping[str, Op]:
        """The operator that gives a tensor, by the tensor's name; of two that give it the first."""
        found: dict[str, Op] = {}
        for op in self.ops:
            for name in op.outputs:
                found.setdefault(name, op)
        return found

    @cached_property
    def consumers(self) -> Mapping[str, Sequence[Op]]:
        """The operators that read a tensor, by the tensor's name, in stored order, each once. An operator with nested graphs reads what
        they read."""
        found: dict[str, list[Op]] = {}
        for op in self.ops:
            names = op.reads
            for name in dict.fromkeys(names) if len(names) > 1 else names:
                if name in found:
                    found[name].append(op)
                else:
                    found[name] = [op]
        return found

    @cached_property
    def nesting(self) -> Sequence[Op]:
        """The operators that hold graphs of their own."""
        return [op for op in self.ops if op.graphs]

    @property
    def input_tensors(self) -> list[Tensor]:
        return [self.tensor(n) for n in self.inputs]

    @property
    def output_tensors(self) -> list[Tensor]:
        return [self.tensor(n) for n in self.outputs]

    @property
    def weights(self) -> Iterator[Tensor]:
        return (t for t in self.tensors.values() if t.stored is not None)

    def walk(self, ops: Iterable[Op] | None = None) -> Iterator[tuple[Graph, Op]]:
        """Every operator (or those of `ops`, which are this graph's) with the graph it is in, nested graphs included."""
        for op in self.ops if ops is None else ops:
            yield self, op
            for nested in op.graphs.values():
                yield from nested.walk()


def _callable(op: Op) -> Iterator[str]:
    """Names under which `op` may call functions: its own, and its attributes' values."""
    yield f"{op.domain}.{op.type}" if op.domain else op.type
    for value in op.attributes.values():
        yield from (v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str))


@dataclass
class Signature:
    """A named way to call the model: argument name -> tensor (with dtype and shape; its name is the graph's)."""

    name: str
    inputs: dict[str, Tensor] = field(default_factory=dict)
    outputs: dict[str, Tensor] = field(default_factory=dict)
    method: str = ""


@dataclass
class Layer:
    """A layer of a Keras-like model: `class_name` as stored, `module` (``keras.layers``), its `config`."""

    name: str
    class_name: str
    module: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Model:
    """One exported model.

    `path` is as reports print it; `format` is one of ``onnx tflite savedmodel graphdef graphdef-text metagraph tf-checkpoint keras keras-h5
    tfjs-graph tfjs-layers torch torchscript torch-export safetensors gguf npy npz ort executorch sklearn pickle`` (more as readers come);
    `producer` and `version` are those of the exporter where stored; `opsets` maps an operator domain to its version ("" is ai.onnx);
    `files` are further files that belong to it (weights, shards, external data), as printed paths.
    """

    path: str
    format: str
    producer: str = ""
    producer_version: str = ""
    ir_version: int | None = None
    opsets: dict[str, int] = field(default_factory=dict)
    graphs: list[Graph] = field(default_factory=list)
    signatures: dict[str, Signature] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    size: int = 0
    """Bytes of the model's own file."""
    source: Path | None = field(default=None, repr=False, compare=False)
    """The file it was read from, for libraries that are asked about it; None for a model in its text form."""

    @property
    def place(self) -> Place:
        return Place(self.path)

    @cached_property
    def graph(self) -> Graph:
        """The main graph (empty for a model that stores none)."""
        return self.graphs[0] if self.graphs else Graph()

    @cached_property
    def functions(self) -> Mapping[str, Graph]:
        """The bodies that operators may call, by name."""
        return {graph.name: graph for graph in self.graphs if graph.kind == "function"}

    @property
    def inputs(self) -> list[Tensor]:
        return self.graph.input_tensors

    @property
    def outputs(self) -> list[Tensor]:
        return self.graph.output_tensors

    def ops(self) -> Iterator[tuple[Graph, Op]]:
        """Every operator of every graph and function, nested graphs included."""
        for graph in self.graphs:
            yield from graph.walk()

    @cached_property
    def needed(self) -> Set[int]:
        """The indices of the operators of the main graph that its outputs need; all if it names no outputs."""
        graph = self.graph
        if not graph.outputs:
            return {op.index for op in graph.ops}
        makers = {name: op for op in graph.ops for name in op.outputs}
        named = {op.name: op for op in graph.ops}
        found: set[int] = set()
        wanted = list(graph.outputs)
        while wanted:
            name = wanted.pop()
            op = makers.get(name) or (named.get(name[1:]) if name.startswith("^") else None)  # TensorFlow: an order without a value
            if op is not None and op.index not in found:
                found.add(op.index)
                wanted += op.reads
        return found

    def used(self) -> Iterator[tuple[Graph, Op]]:
        """The operators of the main graph that its outputs need, then those of every function they call.

        Besides these, a SavedModel holds what saves and restores its variables, which no converter sees. A model that names no outputs
        uses everything.
        """
        if not self.graph.outputs:
            yield from self.ops()
            return
        functions = dict(self.functions)
        bodies = [list(self.graph.walk(op for op in self.graph.ops if op.index in self.needed))]
        bodies += [list(graph.walk()) for graph in self.graphs[1:] if graph.kind == "graph"]
        for body in bodies:  # which grows as calls are found
            for _, op in body:
                for name in _callable(op):
                    if name in functions:
                        bodies.append(list(functions.pop(name).walk()))
            yield from body

    def at(self, graph: Graph, op: Op) -> Place:
        """The place of an operator: ``main:op[3](Conv, "c1")``."""
        name = f', "{op.name}"' if op.name else ""
        domain = f"{op.domain}." if op.domain and op.domain != "custom" else ""
        return Place(self.path, where=f"{graph.name or 'graph'}:op[{op.index}]({domain}{op.type}{name})")

    def at_tensor(self, tensor: Tensor) -> Place:
        """The place of a tensor: ``tensor "images"``."""
        return Place(self.path, where=f'tensor "{tensor.name}"')
