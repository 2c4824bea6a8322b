"""What a converter sees of a TensorFlow model: the operators one signature needs, its functions written out, its variables frozen."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from deplint.model import Graph, Model, Op, Signature, Tensor, Unreadable
from deplint.targets.subject import Subject
from deplint.targets.table import Operand

CALLS = {"PartitionedCall", "StatefulPartitionedCall", "RemoteCall"}
"""Operators that stand for the body of the function they name in `f`."""

DEEPEST = 64
"""Calls within calls that are followed."""

MOST = 1 << 20
"""Operators, functions written out, beyond which a model is not looked at further."""

FEW = 16
"""Numbers of a constant that are looked at."""

FED = {"Placeholder", "PlaceholderV2", "PlaceholderWithDefault"}
VARIABLES = {"VarHandleOp", "VariableV2", "Variable"}
READS = {"ReadVariableOp", "Identity", "IdentityN"}

_RANDOM = ("Random", "Multinomial", "StatelessMultinomial", "StatelessRandom", "StatelessTruncated", "Truncated")


@dataclass(frozen=True)
class Node:
    """An operator as it is used. `inputs` are what reaches it (control inputs left out); `folded` is True if all of it is known before
    the model runs, so that a converter computes it. `within` are the operators whose functions it is in, the outermost first."""

    graph: Graph
    op: Op
    inputs: tuple[Operand, ...]
    outputs: tuple[Operand, ...] = ()
    folded: bool = False
    within: tuple[tuple[Graph, Op], ...] = ()
    loop: bool = False
    """It is in the body or the condition of a loop, or in a branch."""


def signature(model: Model) -> Signature | None:
    """The signature a converter takes when none is named."""
    named = model.signatures.get("serving_default")
    return named or next((found for name, found in model.signatures.items() if not name.startswith("__")), None)


def nodes(subject: Subject) -> Sequence[Node]:
    """The operators the default signature needs, each after those it reads; of a model without signatures those of its main graph."""
    model = subject.model
    assert model is not None
    asked = signature(model)
    wanted = [tensor.name for tensor in asked.outputs.values()] if asked is not None else list(model.graph.outputs)
    walk = _Walk(model)
    return [node for node, _ in zip(walk.graph(model.graph, {}, wanted, (), False), range(MOST), strict=False)]


@dataclass(frozen=True)
class _Walk:
    model: Model

    def graph(
        self, graph: Graph, known: dict[str, Operand], wanted: Sequence[str], within: tuple[tuple[Graph, Op], ...], loop: bool
    ) -> Iterator[Node]:
        """The operators of a graph that `wanted` needs (all, where nothing is wanted); `known` takes what each tensor is."""
        for op in _needed(graph, wanted):
            inputs = tuple(known.get(name) or _plain(graph.tensor(name)) for name in op.inputs if not name.startswith("^"))
            body = self.model.functions.get(str(op.attributes.get("f", ""))) if op.type in CALLS else None
            if body is not None and len(within) < DEEPEST:
                inner = dict(zip(body.inputs, inputs, strict=False))
                yield from self.graph(body, inner, body.outputs, (*within, (graph, op)), loop)
                for name, formal in zip(op.outputs, body.outputs, strict=False):
                    known[name] = inner.get(formal) or _plain(graph.tensor(name))
                continue
            folded = _constant(op, inputs)
            outputs = tuple(_made(graph.tensor(name), op, inputs, folded) for name in op.outputs)
            known.update(zip(op.outputs, outputs, strict=True))
            yield Node(graph, op, inputs, outputs, folded, within, loop)
            if len(within) < DEEPEST:
                for name in _bodies(op):
                    nested = self.model.functions.get(name)
                    if nested is not None:
                        # What a loop carries changes: only its resources stay what they were.
                        carried = (
                            i if i.dtype in ("resource", "variant") else Operand(i.dtype, i.shape, False) for i in _passed(op, inputs)
                        )
                        yield from self.graph(
                            nested, dict(zip(nested.inputs, carried, strict=False)), nested.outputs, (*within, (graph, op)), True
                        )


def _needed(graph: Graph, wanted: Sequence[str]) -> list[Op]:
    """The operators that the wanted tensors need, each after those it reads."""
    makers = {f"^{op.name}": op for op in graph.ops}
    makers |= {name: op for op in graph.ops for name in op.outputs}
    ordered: list[Op] = []
    state: dict[int, int] = {}  # 1: waits for what it reads, 2: done
    stack = [makers[name] for name in reversed(wanted) if name in makers] if wanted else list(reversed(graph.ops))
    while stack:
        op = stack[-1]
        if state.get(op.index):
            if stack.pop() and state[op.index] == 1:
                state[op.index] = 2
                ordered.append(op)
            continue
        state[op.index] = 1
        stack += [made for name in op.inputs if (made := makers.get(name)) is not None and not state.get(made.index)]
    return ordered


def _bodies(op: Op) -> Iterator[str]:
    """The functions a loop or a branch runs."""
    for key in ("cond", "body", "then_branch", "else_branch", "branches"):
        value = op.attributes.get(key)
        yield from (str(v) for v in (value if isinstance(value, list) else [value]) if v)


def _passed(op: Op, inputs: tuple[Operand, ...]) -> tuple[Operand, ...]:
    """What the functions of the operator are given: a branch not what chose it."""
    return inputs if "While" in op.type else inputs[1:]


def _constant(op: Op, inputs: tuple[Operand, ...]) -> bool:
    """Whether what the operator gives is known before the model runs."""
    if op.type == "Const" or op.type in VARIABLES:
        return True
    if op.type in FED or not inputs or op.type.startswith(_RANDOM) or "Hash" in op.type or op.type.startswith("Lookup"):
        return False
    return all(operand.constant for operand in inputs)


def _plain(tensor: Tensor) -> Operand:
    return Operand(tensor.dtype, tensor.shape, tensor.stored is not None)


def _made(tensor: Tensor, op: Op, inputs: Sequence[Operand], folded: bool) -> Operand:
    value = op.attributes.get("value") if op.type == "Const" else None
    known = value if isinstance(value, Tensor) else tensor
    numbers = _few(known) if op.type == "Const" else None
    if folded and op.type in ("Cast", "Identity") and inputs and known.dtype in ("int32", "int64"):
        numbers = inputs[0].value
    return Operand(known.dtype or tensor.dtype, known.shape if known.shape is not None else tensor.shape, folded, numbers)


def _few(tensor: Tensor) -> tuple[int, ...] | None:
    """The numbers of a small constant of integers."""
    code, count = {"int32": "i", "int64": "q"}.get(tensor.dtype), tensor.elements
    if code is None or count is None or count > FEW:
        return None
    try:
        data = tensor.bytes()
    except Unreadable:
        return None
    return struct.unpack(f"<{count}{code}", data) if len(data) == struct.calcsize(f"<{count}{code}") else None


_NODE = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")


def unloadable(subject: Subject) -> Sequence[tuple[Graph, Op, str]]:
    """What keeps TensorFlow from importing the graph: names it does not allow, and inputs that nothing gives."""
    assert subject.model is not None
    found = []
    for graph in subject.model.graphs:
        named = {*graph.inputs, *(op.name for op in graph.ops)}
        for op in graph.ops:
            if not _NODE.fullmatch(op.name):
                found.append((graph, op, f"TensorFlow does not import the graph: node name {op.name!r} contains invalid characters"))
            missing = next((name for name in op.inputs if name.lstrip("^").partition(":")[0] not in named), None)
            if missing is not None:
                found.append((graph, op, f"TensorFlow does not import the graph: {op.name} reads {missing}, which nothing gives"))
    return found


def histogram(found: Sequence[Node]) -> Mapping[str, int]:
    """How often each operator is used that a converter has to translate."""
    counts: dict[str, int] = {}
    for node in found:
        if not node.folded:
            counts[node.op.type] = counts.get(node.op.type, 0) + 1
    return counts
