"""ONNX Runtime's providers beside the CPU's: what they take, and what is left to the CPU.

Whatever a provider has no kernel for runs on the CPU, with copies between the two; only what the CPU cannot run either makes a session
fail. The exception is WebGL in ONNX Runtime Web, a runtime of its own that stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from deplint.formats.onnx_schemas import Typed
from deplint.model import Model, Op, Shape
from deplint.targets import At
from deplint.targets.onnxruntime import cpu, name_of, typed_once, without_kernel
from deplint.targets.onnxruntime_web import NO_TENSORS, wasm
from deplint.targets.releases import choose
from deplint.targets.soundness import faults
from deplint.targets.subject import Subject
from deplint.targets.table import ABSENT, OPEN, Limit, Operand, Row, rows
from deplint.targets.verdict import Reason, Verdict

FREE = {"Constant", "Identity", "Dropout", "Shape", "Size", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "If", "Loop", "Scan", "CastLike"}
"""Operators that cost nothing on the CPU, or vanish before a session begins, or only hold others."""

Takes = Callable[[Typed], str]
"""Why a provider does not take an operator, in words that end a sentence; empty if it does or may."""


def cuda(subject: Subject, at: At) -> Iterator[Reason]:
    """A kernel of CUDA must be for the very version and dtypes, or the operator's body must be made of such."""
    kernels = rows(at.target.table, at.release)
    model = subject.model
    assert model is not None

    def takes(found: Typed) -> str:
        why = without_kernel(model, found, kernels, True)
        return f"has no CUDA kernel for it ({why[0]})" if why else ""

    yield from _shared(subject, at, takes, cpu)


def web(subject: Subject, at: At) -> Iterator[Reason]:
    yield from _shared(subject, at, _documented(subject, at), wasm)


def mobile(subject: Subject, at: At) -> Iterator[Reason]:
    yield from _shared(subject, at, _documented(subject, at), cpu)


def _shared(
    subject: Subject, at: At, takes: Takes, base: Callable[[Subject, At, Callable[[Typed], bool]], Iterator[Reason]]
) -> Iterator[Reason]:
    """What neither the provider nor the CPU runs; if there is nothing of that kind, what the CPU runs in the provider's place."""
    from deplint.targets.known import TARGETS

    model = subject.model
    assert model is not None
    if model.format != "onnx":
        return
    processor = TARGETS["onnxruntime-cpu"]
    chosen = choose(processor.releases, f"=={at.release}")
    if chosen.releases:
        refused = list(base(subject, At(processor, chosen.releases[-1], at.beyond or chosen.beyond), lambda found: not takes(found)))
        yield from refused
        if any(reason.verdict is Verdict.fails for reason in refused):
            return
    title = at.target.title.rpartition(", ")[2]
    for found in subject.once(typed_once):
        if (found.op.type in FREE and not found.op.domain) or _folded(subject, found):
            continue
        why = takes(found)
        if why:
            graph, op = found.within[0] if found.within else (found.graph, found.op)
            words = f"{name_of(found.op)} falls back to the CPU: ONNX Runtime {why}"
            yield at.reason(
                "fallback",
                words,
                subject,
                graph,
                op,
                remedy=f"use an operator {title} has, or expect it to be slower",
                verdict=Verdict.degraded,
            )


def _folded(subject: Subject, found: Typed) -> bool:
    """The operator depends on nothing the model is fed, but for its shape: it is done before the model runs, or on the CPU anyway."""
    assert subject.model is not None
    outside = found.graph is not subject.model.graph or found.within
    return not outside and not any(name in subject.once(_facts).computed for name in found.op.outputs)


# What documents say


def _documented(subject: Subject, at: At) -> Takes:
    """By a document that lists operators, some with versions and conditions. An open end holds later versions too."""
    known = rows(at.target.table, at.release)
    provider = at.target.title.rpartition(", ")[2]

    def takes(found: Typed) -> str:
        op = found.op
        named = known.get((op.domain, op.type), ())
        if not named:
            return f"documents no {provider} kernel for it"
        since = found.schema.since if found.schema is not None else None
        fitting = [row for row in named if since is None or row.since <= since <= row.until]
        if not fitting:
            return f"documents no {provider} kernel for it of opset {since}"
        broken = next((limit for limit in fitting[-1].limits if _met(subject, limit, found) is False), None)
        return f"with {provider} {broken.text}" if broken else ""

    return takes


def _met(subject: Subject, limit: Limit, found: Typed) -> bool | None:
    if not isinstance(limit.of, int):
        return limit.met(found.op.attributes, ())
    return limit.met({}, [operand(subject, found, name) for name in found.op.inputs[: limit.of + 1]])


def operand(subject: Subject, found: Typed, name: str) -> Operand:
    """What is known of an input. What follows from inputs of the model is computed; the rest may be folded into a constant."""
    if not name:
        return ABSENT
    if found.within:
        return Operand(found.dtypes.get(name, ""))
    facts = subject.once(_facts)
    if name in facts.stored:
        tensor = facts.stored[name]
        return Operand(tensor[0], tensor[1], True)
    return Operand(found.dtypes.get(name, ""), facts.shape(name), False if name in facts.computed else None)


@dataclass
class _Facts:
    """`stored` are the weights, as dtype and shape; `computed` the tensors that depend on what the model is fed."""

    stored: Mapping[str, tuple[str, Shape]]
    computed: frozenset[str]
    stated: Mapping[str, Shape]
    model: Model
    inferred: Mapping[str, tuple[str, Shape]] | None = None

    def shape(self, name: str) -> Shape:
        if self.stated.get(name) is not None:
            return self.stated[name]
        if self.inferred is None:
            from deplint.formats.onnx_inference import inferred

            self.inferred = inferred(self.model.source) if self.model.source is not None else {}
        return self.inferred.get(name, ("", None))[1]


def _facts(subject: Subject) -> _Facts:
    model = subject.model
    assert model is not None
    graph = model.graph
    stored = {tensor.name: (tensor.dtype, tensor.shape) for tensor in graph.weights}
    computed = {name for name in graph.inputs if name not in stored}
    for op in graph.ops:
        if op.type not in ("Shape", "Size") and any(name in computed for name in op.reads):
            computed.update(op.outputs)
    stated = {name: tensor.shape for name, tensor in graph.tensors.items()}
    return _Facts(stored, frozenset(computed), stated, model)


# WebGL

WEBGL_DTYPES = {"float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "bool", "string"}
"""Dtypes that its tensors can have; wide ones are narrowed (js/web/lib/onnxjs/util.ts, ``tensorDataTypeFromProto``)."""


NAMES = ("DPL405", "DPL420", "DPL421", "DPL427")
"""Rules about weights that are not there, and about names that nothing or too much gives."""


NOT_LOOKED_FOR = re.compile("gives its output|wait for each other")
"""Faults that it stumbles over when it runs, not before."""


def webgl(subject: Subject, at: At) -> Iterator[Reason]:
    """What the session of WebGL alone refuses: it looks operators up by the model's opset, and has nothing to fall back to."""
    model = subject.model
    assert model is not None
    if model.format != "onnx":
        return
    yield from (fault for fault in faults(subject, NAMES) if not NOT_LOOKED_FOR.search(fault.message))
    if (model.ir_version or 0) < 3:
        yield at.reason(
            "file", f"WebGL reads IR versions from 3 on, and the file has {model.ir_version or 0}", subject, remedy="save it anew"
        )
    known = rows(at.target.table, at.release)
    for graph, op in model.ops():
        if not op.domain and op.type in ("Constant", "Identity", "Dropout"):
            continue
        if op.graphs:
            words = f"{name_of(op)} holds a graph of its own, and WebGL takes none (graph attribute is not supported yet)"
            yield at.reason("operator", words, subject, graph, op, remedy="name the WebAssembly backend instead")
            continue
        if "" in op.inputs and op.type != "Resize":
            words = f"{name_of(op)} leaves out an input before its last, and WebGL takes all (unrecognized input '')"
            yield at.reason("limit", words, subject, graph, op, remedy="give the input its default")
        why = _unresolved(model, op, known.get(("", op.type), ()))  # it does not look at the domain
        if why:
            cause, words, remedy = why
            yield at.reason(cause, words, subject, graph, op, remedy=remedy)
    for name in dict.fromkeys([*model.graph.inputs, *model.graph.outputs]):
        if model.graph.tensor(name).shape is None:
            words = f"WebGL wants the rank of {name!r}, which the file does not state"
            yield at.reason("file", words, subject, remedy="run onnx.shape_inference and save what it finds")
    for name in dict.fromkeys([*model.graph.inputs, *model.graph.outputs, *(tensor.name for tensor in model.graph.weights)]):
        dtype = model.graph.tensor(name).dtype
        if dtype not in WEBGL_DTYPES | NO_TENSORS:
            words = f"WebGL has no tensors of {dtype} for {name!r} (unsupported data type)"
            yield at.reason("dtype", words, subject, remedy="use float32, or the WebAssembly or WebGPU backend")


def _unresolved(model: Model, op: Op, named: Sequence[Row]) -> tuple[str, str, str] | None:
    elsewhere = "name the WebAssembly backend as well: executionProviders: ['webgl', 'wasm'] moves the whole model there"
    opset = model.opsets.get("", 0)
    if not named:
        return "operator", f"ONNX Runtime Web has no WebGL operator {name_of(op)} (cannot resolve operator)", elsewhere
    if not any(row.since <= opset <= row.until for row in named):
        versions = ", ".join(f"{row.since}" + ("+" if row.until == OPEN else f" to {row.until}") for row in named)
        return "version", f"ONNX Runtime Web has WebGL's {name_of(op)} for opset {versions}, and the model is of {opset}", elsewhere
    return None
