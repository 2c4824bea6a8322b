"""Accelerators that compute in integers: Arm's Ethos-U through its compiler Vela, and Coral's Edge TPU.

Vela leaves to the CPU what it cannot place on the accelerator, without a word. The Edge TPU's compiler takes what stands before the first
operator it cannot map, and no model at all that computes in floats.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint.model import Graph, Op
from deplint.targets import At
from deplint.targets.delegates import ABSENCE, untaken
from deplint.targets.soundness import TFLITE, faults
from deplint.targets.subject import Subject
from deplint.targets.table import rows
from deplint.targets.verdict import Reason, Verdict

UNSCALED = {"ARG_MAX", "EXPAND_DIMS", "MIRROR_PAD", "PAD", "PADV2", "QUANTIZE", "TRANSPOSE"}
"""Operators whose tensors Vela wants no scales of."""

COMPILED = ("ethos-u", "edgetpu-custom-op")
"""Custom operators that hold what the accelerator's compiler has made."""

QUANTIZE = "quantize the model to full integers with a representative dataset"


def ethos(subject: Subject, at: At) -> Iterator[Reason]:
    """What Vela leaves to the CPU."""
    model = subject.model
    assert model is not None
    yield from faults(subject, TFLITE)
    known = rows(at.target.table, at.release)
    for graph in model.graphs[:1]:
        for op in graph.ops:
            if op.type in COMPILED or _dilates(graph, op):
                continue
            why = ABSENCE if op.domain else untaken(graph, op, known.get(("", op.type), ()))
            why = why or _unquantized(graph, op)
            if why:
                words = f"{at.target.title} has no {op.type}" if why == ABSENCE else f"{at.target.title} {why}"
                floats = "float" in why or "scale" in why
                remedy = QUANTIZE if floats else "replace the operator, or leave it to the CPU knowingly"
                yield at.reason("fallback", f"{words}: it runs on the CPU", subject, graph, op, remedy=remedy, verdict=Verdict.degraded)


def _dilates(graph: Graph, op: Op) -> bool:
    """Whether an operator is one of the two around a convolution that Vela makes the convolution's dilation."""
    if op.type == "SPACE_TO_BATCH_ND":
        users = [user for name in op.outputs for user in graph.consumers.get(name, ())]
        return bool(users) and all(user.type in ("CONV_2D", "DEPTHWISE_CONV_2D") for user in users)
    maker = graph.producers.get(op.inputs[0]) if op.type == "BATCH_TO_SPACE_ND" and op.inputs else None
    before = graph.producers.get(maker.inputs[0]) if maker is not None and maker.inputs else None
    return before is not None and before.type == "SPACE_TO_BATCH_ND" and _dilates(graph, before)


def _unquantized(graph: Graph, op: Op) -> str:
    """Vela wants a scale of what an operator reads and writes, and known shapes."""
    tensors = [graph.tensor(name) for name in (*op.inputs[:1], *op.outputs) if name]
    if op.type not in UNSCALED and any(tensor.quant is None and tensor.dtype in ("int8", "uint8", "int16") for tensor in tensors):
        return f"takes no {op.type} of integers that have no scale"
    if any(size is None for tensor in tensors for size in (tensor.shape or ())[1:]):
        return f"takes no {op.type} of unknown shapes"
    return ""


def edgetpu(subject: Subject, at: At) -> Iterator[Reason]:
    """What the Edge TPU's compiler refuses, leaves to the CPU, or what is not known of it."""
    model = subject.model
    assert model is not None
    yield from faults(subject, TFLITE)
    graph = model.graph
    if any(op.type in COMPILED for op in graph.ops):
        return
    if graph.ops and not any(
        tensor.dtype in ("int8", "uint8") and tensor.quant is not None and not tensor.stored for tensor in graph.tensors.values()
    ):
        words = "the Edge TPU's compiler takes quantized models only, and this one computes in floats"
        yield at.reason("dtype", words, subject, remedy=QUANTIZE)
        return
    known = rows(at.target.table, at.release)
    for op in graph.ops:
        why = untaken(graph, op, known.get(("", op.type), ()))
        remedy = "move the operator to the end of the model, or replace it"
        if why == ABSENCE and op.type != "DEQUANTIZE":
            words = f"the documents of the Edge TPU do not name {op.type}"
            yield at.reason("operator", words, subject, graph, op, remedy=remedy, verdict=Verdict.unknown)
        elif why:
            words = f"the Edge TPU {'has no DEQUANTIZE' if why == ABSENCE else why}: what follows runs on the CPU"
            yield at.reason("fallback", words, subject, graph, op, remedy=remedy, verdict=Verdict.degraded)
