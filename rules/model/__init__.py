"""Models: what the stored graph itself shows, whatever it is deployed on."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deplint import Model, Place
from deplint.model import Graph, Op, Tensor, Unreadable

CODES = {
    "bool": "?", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q",
    "float16": "e", "float32": "f", "float64": "d",
}  # fmt: skip
"""dtype -> `struct` code."""

MANY = 1 << 14
"""Elements beyond which a tensor holds weights, and no parameters to look at."""

LONG = 1 << 16
"""Characters of a text that are looked at."""

NOTED = 1000
"""Operators whose notes are looked at: exporters write the same of all."""


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def stored_at(tensor: Tensor) -> object:
    """What is equal for tensors that share their bytes. A model in its text form has no offsets."""
    return tensor.stored and (tensor.stored.path, tensor.stored.offset or tensor.name)


def numbers(tensor: Tensor | None) -> tuple[float, ...]:
    """The values of a small stored tensor; empty for any other, or if its bytes are not there."""
    if tensor is None or tensor.stored is None or tensor.stored.problem or not 0 < (tensor.elements or 0) <= MANY:
        return ()
    code = CODES.get(tensor.dtype)
    try:
        return struct.unpack(f"<{tensor.elements}{code}", tensor.bytes(tensor.nbytes or 0)) if code else ()
    except (struct.error, Unreadable):
        return ()


@dataclass(frozen=True)
class Scope:
    """A graph within those around it, whose tensors it may read."""

    graph: Graph
    outer: Scope | None = None

    def constant(self, name: str) -> Tensor | None:
        """The stored tensor of that name: a weight, or what a ``Constant`` gives. None for anything computed or fed."""
        tensor = self.graph.tensors.get(name)
        if tensor is not None and tensor.stored is not None:
            return tensor
        maker = self.graph.producers.get(name)
        if maker is not None:
            value = maker.attributes.get("value") if maker.type == "Constant" else None
            return value if isinstance(value, Tensor) else None
        return self.outer.constant(name) if self.outer is not None and name not in self.graph.inputs else None

    def tensor(self, name: str) -> Tensor:
        """What is known of a tensor, wherever it is."""
        if name not in self.graph.tensors and self.outer is not None:
            return self.outer.tensor(name)
        return self.constant(name) or self.graph.tensor(name)


def scopes(model: Model) -> Iterator[Scope]:
    """The main graph and those nested in it. Functions are left out: what they read depends on who calls them."""
    found = [Scope(model.graph)]
    for scope in found:  # which grows
        yield scope
        found += [Scope(nested, scope) for op in scope.graph.nesting for nested in op.graphs.values()]


def quantizers(model: Model) -> Iterator[tuple[Scope, Op, int, int, int]]:
    """Operators of an ONNX model that hold quantization parameters: the numbers of the inputs that are the tensor, its scale and its zero
    point."""
    places = {
        "QuantizeLinear": ((0, 1, 2),),
        "DequantizeLinear": ((0, 1, 2),),
        "QLinearConv": ((0, 1, 2), (3, 4, 5), (-1, 6, 7)),
        "QLinearMatMul": ((0, 1, 2), (3, 4, 5), (-1, 6, 7)),
        "MatMulInteger": ((0, -1, 2), (1, -1, 3)),
        "ConvInteger": ((0, -1, 2), (1, -1, 3)),
    }
    for scope in scopes(model):
        for op in scope.graph.ops:
            if op.type in places and op.domain in ("", "com.microsoft"):
                for place in places[op.type]:
                    yield scope, op, *place


def given(op: Op, number: int) -> str:
    """The name of an input; "" if it is omitted."""
    return op.inputs[number] if 0 <= number < len(op.inputs) else ""


def texts(model: Model) -> Iterator[tuple[Place, str]]:
    """What people or exporters wrote into the model (metadata, notes, documentation, attributes that are text): each text once, where."""
    seen: set[str] = set()

    def new(place: Place, value: Any) -> Iterator[tuple[Place, str]]:
        stack = [value]
        while stack:
            value = stack.pop()
            if isinstance(value, str) and len(value) > 7 and value not in seen:
                seen.add(value)
                yield place, value[:LONG]
            elif isinstance(value, Mapping):
                stack.extend(reversed(list(value.values())))
            elif isinstance(value, list | tuple) and value and isinstance(value[0], str | list | Mapping):
                stack.extend(reversed(value))

    for key, text in model.metadata.items():
        yield from new(Place(model.path, where=f'metadata "{key}"'), text)
    for layer in model.layers:
        yield from new(Place(model.path, where=f'layer "{layer.name}"'), layer.config)
    for graph in model.graphs:
        yield from new(Place(model.path, where=graph.name), graph.notes)
    for number, (graph, op) in enumerate(model.ops()):
        if number < NOTED and op.notes:
            yield from new(model.at(graph, op), op.notes)
        for value in op.attributes.values():
            if isinstance(value, Tensor) and value.dtype == "string" and value.stored and value.stored.nbytes <= LONG:
                value = _text(value)
            if isinstance(value, str | list | Mapping):
                yield from new(model.at(graph, op), value)


def _text(tensor: Tensor) -> str:
    """The strings of a constant, one after the other; "" if they are not there."""
    try:
        return tensor.bytes(LONG).decode("utf-8", "replace")
    except Unreadable:
        return ""


def in_order(graph: Graph) -> bool:
    """Every operator stands behind those whose results it reads."""
    made = graph.producers
    return all(name not in made or made[name].index < op.index for op in graph.ops for name in op.reads)


def cycle(graph: Graph) -> list[Op]:
    """Operators that wait for each other, the first in stored order in front; empty if there are none."""
    if in_order(graph):
        return []
    waits = {op.index: {p.index for p in _makers(graph, op)} for op in graph.ops}
    waiting = {index: len(makers) for index, makers in waits.items()}
    ready = [index for index, count in waiting.items() if not count]
    for index in ready:  # which grows
        done = (
            op.index for name in graph.ops[index].outputs if graph.producers[name].index == index for op in graph.consumers.get(name, ())
        )
        for later in set(done):
            waiting[later] -= 1
            if not waiting[later]:
                ready.append(later)
    stuck = waiting.keys() - set(ready)
    if not stuck:
        return []
    path: list[int] = []
    index = min(stuck)
    while index not in path:
        path.append(index)
        index = min(waits[index] & stuck)
    path = path[path.index(index) :][::-1]
    first = path.index(min(path))
    return [graph.ops[i] for i in (*path[first:], *path[:first])]


def _makers(graph: Graph, op: Op) -> Iterable[Op]:
    return (graph.producers[name] for name in op.reads if name in graph.producers)
