"""What JavaScript makes of a picture's pixels before a model sees them, and what the model itself does with them first."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

from deplint.apps.follow import source
from deplint.apps.web import Fed
from deplint.code.pictures import Picture
from deplint.code.source_nodes import Assign, Call, Index, Name, Node, Operation
from deplint.code.source_order import latest
from deplint.model import Model, Op, Unreadable
from deplint.model import Tensor as Value

STEPS = 12
"""Operators behind an input that are looked at."""

_LEAVES = {"-": 1, "+": -1}


def given(fed: Fed) -> Picture | None:
    """What became of the pixels in the tensor a model is given; None where it holds none, or that is not known."""
    if fed.onnx:
        return _written(fed)
    found = fed.tensor.pixels
    return found if found is not None and found.scaled else None


def _written(fed: Fed) -> Picture | None:
    """Pixels of a canvas that a loop writes into the array of a tensor of ONNX Runtime, one way for all or one for each channel."""
    tensor = source(fed.node)
    home = tensor.function if tensor is not None else None
    if tensor is None or home is None:
        return None
    scales: list[tuple[float, float]] = []
    for node in fed.call.file.meaning.nodes:
        if node.function is not home and home not in node.ancestors:
            continue
        written: list[Node] = []
        if isinstance(node, Assign) and isinstance(node.target, Index) and node.assigned is not None:
            written = [node.assigned]
        elif isinstance(node, Call) and node.method == "push":
            written = [argument.value for argument in node.arguments]
        for value in written:
            if any(_pixel(inner) for inner in _all(value)):
                scale = _scale(value)
                if scale is None:
                    return None
                scales.append(scale)
    if len(scales) == 3:
        return Picture(mean=_one([mean for mean, _ in scales]), std=_one([std for _, std in scales]))
    return Picture(mean=scales[0][:1], std=scales[0][1:]) if scales and len(set(scales)) == 1 else None


def _one(values: list[float]) -> tuple[float, ...]:
    return tuple(values[:1]) if len(set(values)) == 1 else tuple(values)


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _pixel(node: Node) -> bool:
    """Whether a node is one number of what `getImageData` gave."""
    if not isinstance(node, Index):
        return False
    name = node.children[0].name
    return name.endswith(".getImageData().data")


def _scale(node: Node) -> tuple[float, float] | None:
    """(mean, std) of ``(p - mean) / std`` for an expression in one pixel; None if it is something else."""
    if isinstance(node, Name):
        node = latest(node) or node
    if _pixel(node):
        return 0.0, 1.0
    if not isinstance(node, Operation) or len(node.children) != 2:
        return None
    left, right = node.children
    of, by = _scale(left), right.value
    if of is None or not isinstance(by, (int, float)) or isinstance(by, bool) or not by:
        return None
    mean, std = of
    if node.operator in _LEAVES:
        return mean + _LEAVES[node.operator] * by * std, std
    return (mean, std * by) if node.operator == "/" else (mean, std / by) if node.operator == "*" else None


# What the model does


def inside(model: Model, name: str) -> Picture | None:
    """What the model itself makes of an input's numbers before the first operator that is no arithmetic; None where that is unknown."""
    graph, at, seen = model.graph, name, Picture()
    for _ in range(STEPS):
        users = [op for op in graph.ops if at in op.inputs]
        if len(users) != 1:
            break
        op = users[0]
        if op.type in ("Cast", "Identity", "Placeholder", "InputLayer", "ResizeBilinear", "ExpandDims") and op.outputs:
            at = op.outputs[0]
        elif op.type == "Rescaling" and op.outputs:
            scale, offset = op.attributes.get("scale"), op.attributes.get("offset", 0.0)
            if not isinstance(scale, (int, float)) or not isinstance(offset, (int, float)) or not scale:
                return None
            seen, at = replace(seen, std=(1 / scale,), mean=(-offset / scale,)), op.outputs[0]
        elif op.type in _ARITHMETIC and len(op.inputs) == 2 and op.outputs:
            step = _step(op, at, graph.tensors)
            if step is None or seen.mean is None or seen.std is None:
                break
            mean, std = seen.mean[0], seen.std[0]
            operator, number = step
            if operator in _LEAVES:
                mean += _LEAVES[operator] * number * std
            else:
                std = std * number if operator == "/" else std / number
            seen, at = replace(seen, mean=(mean,), std=(std,)), op.outputs[0]
        else:
            break
    return seen


_ARITHMETIC = {"Mul": "*", "RealDiv": "/", "Div": "/", "Sub": "-", "AddV2": "+", "Add": "+"}


def _step(op: Op, at: str, tensors: dict[str, Value]) -> tuple[str, float] | None:
    """The operator and the one number of a step of arithmetic."""
    other = op.inputs[1] if op.inputs[0] == at else op.inputs[0]
    tensor = tensors.get(other)
    operator = _ARITHMETIC[op.type]
    if tensor is None or tensor.elements != 1 or (op.inputs[0] != at and operator in "/-"):
        return None
    try:
        stored = tensor.bytes(8)
    except Unreadable:
        return None
    if tensor.dtype != "float32" or len(stored) != 4:
        return None
    (number,) = struct.unpack("<f", stored)
    return (operator, number) if number or operator in _LEAVES else None
