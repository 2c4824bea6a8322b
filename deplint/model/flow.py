"""Which operators of a graph work on its inputs, and which only on weights and constants."""

from __future__ import annotations

from collections.abc import Iterator

from deplint.model import Graph, Model, Op

FUNCTIONS = 2000
"""Functions of one model that are looked into, each once for every set of arguments that carry inputs."""


def worked(model: Model) -> Iterator[Op]:
    """The operators of a TensorFlow graph, functions it calls included, that make its outputs of its inputs. What only weights and
    constants go into is left out: it is computed when the graph is frozen."""
    functions = {graph.name: graph for graph in model.graphs if graph.kind == "function"}
    waiting = [(model.graph, frozenset(model.graph.inputs))]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting and len(seen) < FUNCTIONS:
        graph, given = waiting.pop()
        if (graph.name, given) in seen:
            continue
        seen.add((graph.name, given))
        needed = {op.index for op in _backward(graph)}
        moving = set(given)
        for op in _forward(graph, moving):
            if op.index in needed:
                yield op
            for name in {op.type, *(value for value in op.attributes.values() if isinstance(value, str))} & set(functions):
                called = functions[name]
                if op.type.endswith("PartitionedCall") or op.type == name:
                    passed = [own for own, outer in zip(called.inputs, op.inputs, strict=False) if outer in moving]
                else:  # a condition or a loop
                    passed = [own for own in called.inputs if called.tensor(own).dtype not in ("resource", "variant")]
                waiting.append((called, frozenset(passed)))


def _forward(graph: Graph, moving: set[str]) -> list[Op]:
    """The operators that the tensors `moving` reach, in no order; their outputs are added to `moving`."""
    readers: dict[str, list[Op]] = {}
    for op in graph.ops:
        for name in op.inputs:
            readers.setdefault(name, []).append(op)
    reached: dict[int, Op] = {}
    new = list(moving)
    while new:
        for op in readers.get(new.pop(), ()):
            if op.index not in reached:
                reached[op.index] = op
                new += op.outputs
                moving.update(op.outputs)
    return list(reached.values())


def _backward(graph: Graph) -> list[Op]:
    """The operators whose values go into the outputs, in no order."""
    makers = {name: op for op in graph.ops for name in op.outputs}
    reached: dict[int, Op] = {}
    new = list(graph.outputs)
    while new:
        op = makers.get(new.pop())
        if op is not None and op.index not in reached:
            reached[op.index] = op
            new += op.inputs
    return list(reached.values())
