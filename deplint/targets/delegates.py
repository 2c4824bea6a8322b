"""TensorFlow Lite's delegates on phones and processors: what they take, and leave to the interpreter's own kernels.

An operator that a delegate does not take is no failure: it runs on the CPU, with copies between. What the interpreter has no kernel for
fails under every delegate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from deplint.data import load
from deplint.model import Graph, Op, Tensor
from deplint.targets import At, litert
from deplint.targets.soundness import TFLITE, faults
from deplint.targets.subject import Subject
from deplint.targets.table import ABSENT, Operand, Row, rows
from deplint.targets.verdict import Reason, Verdict

NAMES: Mapping[str, str] = {"tflite-gpu": "the GPU delegate", "xnnpack": "the XNNPACK delegate", "nnapi": "the NNAPI delegate"}

LEFT = {"CALL_ONCE", "VAR_HANDLE", "ASSIGN_VARIABLE", "READ_VARIABLE", "WHILE", "IF"}
"""Operators that organize others, and compute nothing worth a delegate."""


def judge(subject: Subject, at: At) -> Iterator[Reason]:
    """What fails in the interpreter, and what the delegate leaves to it."""
    model = subject.model
    assert model is not None
    yield from faults(subject, TFLITE)
    kernels: Sequence[str] = load("support/litert")["meta"]["releases"]
    yield from litert.refused(subject, at, "litert", at.release if at.release in kernels else kernels[-1], "LiteRT")
    known = rows(at.target.table, at.release)
    name = NAMES[at.target.name]
    for graph in model.graphs:
        for op in graph.ops:
            if op.domain or op.type in LEFT:
                continue
            why = untaken(graph, op, known.get(("", op.type), ()))
            if why:
                words = f"{name} {why}: it runs on the CPU" if why != ABSENCE else f"{name} has no {op.type}: it runs on the CPU"
                remedy = "replace the operator where the time matters, or keep it at the model's ends"
                yield at.reason("fallback", words, subject, graph, op, remedy=remedy, verdict=Verdict.degraded)


ABSENCE = "absent"


def untaken(graph: Graph, op: Op, found: Sequence[Row]) -> str:
    """Why an operator is not taken, as words that follow the name of what would take it; "" if nothing is known against it."""
    if not found:
        return ABSENCE
    row = found[0]
    if not row.since <= (op.version or 1) <= row.until:
        return f"takes {op.type} up to version {row.until}, and this one has version {op.version}"
    for side, names in (("in", op.inputs), ("out", op.outputs)):
        for name in names if side in row.types else ():
            tensor = graph.tensor(name)
            if name and tensor.dtype and tensor.stored is None and tensor.dtype not in row.types[side]:
                return f"takes no {op.type} of {tensor.dtype}"
    operands = [operand(graph, name) for name in op.inputs]
    broken = next((limit for limit in row.limits if limit.met(op.attributes, operands) is False), None)
    return f"{broken.text} ({op.type})" if broken else ""


def operand(graph: Graph, name: str) -> Operand:
    """An operator's input as `Limit` wants it."""
    if not name:
        return ABSENT
    tensor: Tensor = graph.tensor(name)
    return Operand(tensor.dtype, tensor.shape, tensor.stored is not None)
