"""ONNX Runtime: what it accepts, and which of its kernels take each operator.

How a kernel is found (onnxruntime/core/framework/kernel_registry.cc): its range of versions must begin at the version the operator's
schema is since, or hold it and be closed at its end; an open range is only about the schema it begins with. Then each of its type
constraints must hold the dtypes that the operator's type parameters stand for. A node without a kernel is replaced by the body of its
operator, where ONNX defines one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from deplint.data import load
from deplint.formats.onnx import DTYPES
from deplint.formats.onnx_schemas import DEEPEST, NOT_TENSORS, Typed, called, schemas, typed, typed_function
from deplint.model import Graph, Model, Op, Tensor
from deplint.targets import At
from deplint.targets.soundness import ONNX, faults
from deplint.targets.subject import Subject
from deplint.targets.table import OPEN, Row, Rows, rows
from deplint.targets.verdict import Reason

DOMAINS = {"ai.onnx": ""}


PUTS_UP_WITH = re.compile("IR version < 3 cannot have|ir_version set properly|^Constant gives ")
"""Faults that ONNX Runtime does not look for; a constant it makes a weight of, whatever the graph says of its dtype."""

CALLS_ITSELF = re.compile(r"Cycle detected in [\w -]*: ::(\w+) -> ::\1\b")
LOOKS_FOR_CALLS = (1, 27)
"""A function that has the name of an operator it holds is that operator, until the release that began to look for calls in a circle."""

CASTS = 6
"""The opset from which on ONNX Runtime can put in casts: those of before name the dtype otherwise."""


def typed_once(subject: Subject) -> Sequence[Typed]:
    assert subject.model is not None
    return list(typed(subject.model, calls=True))


def cpu(subject: Subject, at: At, elsewhere: Callable[[Typed], bool] = lambda found: False) -> Iterator[Reason]:
    """What a session on the CPU provider refuses; what runs `elsewhere`, on another provider of the session, needs no kernel."""
    model = subject.model
    assert model is not None
    if model.format == "ort":
        return
    too_new = list(_too_new(subject, model, at))
    yield from too_new
    if too_new:  # its operators are of opsets the release has never heard of
        return
    circles = tuple(map(int, at.release.split(".")[:2])) >= LOOKS_FOR_CALLS
    for fault in faults(subject, ONNX):
        if not PUTS_UP_WITH.search(fault.message) and (circles or not CALLS_ITSELF.search(fault.message)):
            yield fault
    yield from _not_imported(subject, model, at)
    kernels = rows(at.target.table, at.release)
    for found in subject.once(typed_once):
        why = without_kernel(model, found, kernels)
        if why and not elsewhere(found) and not _folded(subject, found):
            cause, words, remedy = why
            graph, op = found.within[0] if found.within else (found.graph, found.op)
            yield at.reason(cause, words, subject, graph, op, remedy=remedy)


def _not_imported(subject: Subject, model: Model, at: At) -> Iterator[Reason]:
    """Calls of the model's functions whose domain it imports no version of. Of other operators `faults` tells."""
    for graph, op in model.ops() if model.functions else ():
        if op.domain not in model.opsets and graph.kind != "function" and called(model, op) is not None:
            words = f"the model imports no version of the domain {op.domain!r} (No opset import for domain)"
            yield at.reason("version", words, subject, graph, op, remedy="name the domain among the model's opset_import")


def _folded(subject: Subject, found: Typed) -> bool:
    """The operator is the shape of a tensor whose sizes are known: it is made a weight before kernels are looked for."""
    assert subject.model is not None
    if found.op.type != "Shape" or found.op.domain or found.within or subject.model.source is None:
        return False
    from deplint.formats.onnx_inference import inferred

    name = next(iter(found.op.inputs), "")
    shape = inferred(subject.model.source).get(name, ("", found.graph.tensor(name).shape))[1]
    return shape is not None and all(isinstance(size, int) for size in shape)


def _too_new(subject: Subject, model: Model, at: At) -> Iterator[Reason]:
    """The IR version and the opsets, of which a release accepts none that are newer than itself."""
    limits: Mapping[str, int | None] = at.target.meta["of"][at.release]
    highest = limits["ir"]
    if highest is not None and (model.ir_version or 0) > highest:
        words = f"the file has IR version {model.ir_version}, and ONNX Runtime {at.release} reads up to {highest}"
        yield at.reason("file", words, subject, remedy=f"save it with ir_version {highest}, or use a newer runtime")
    for domain, key in (("", "opset"), ("ai.onnx.ml", "ml_opset")):
        highest, stated = limits[key], model.opsets.get(domain, 0)
        if highest is not None and stated > highest:
            words = f"the file uses opset {stated} of {domain or 'ai.onnx'}, and ONNX Runtime {at.release} knows up to {highest}"
            yield at.reason("version", words, subject, remedy=f"export with opset {highest}, or use a newer runtime")


def without_kernel(model: Model, found: Typed, kernels: Rows, exact: bool = False, depth: int = 0) -> tuple[str, str, str] | None:
    """Why no kernel takes the operator: cause, words and remedy; None if one does, or if that cannot be known. Unless dtypes must be
    `exact`, kernels for float32 take float16 as well: casts are put in."""
    op = found.op
    if op.type == "Constant":  # of whatever domain: it is made a weight before kernels are looked for
        return None
    domain = DOMAINS.get(op.domain, op.domain)
    named = kernels.get((domain, op.type), ())
    since = found.schema.since if found.schema is not None else None
    fitting = [row for row in named if since is not None and (row.since == since or row.since < since <= row.until < OPEN)]
    exact = exact or 0 < model.opsets.get("", 0) < CASTS
    takes = [row for row in fitting if _takes(row, found, exact)]
    if takes:
        broken = next((limit for limit in takes[0].limits if limit.met(op.attributes, ()) is False), None)
        return ("limit", f"{name_of(op)}: ONNX Runtime {broken.text}", "transpose the operator's input and output") if broken else None
    if since is None and (op.domain, op.type) in schemas() and not _since(op, model.opsets.get(op.domain, 0)):
        return "version", f"{name_of(op)} is no operator of opset {model.opsets.get(op.domain, 0)}", "import a newer opset"
    if named and since is None:
        return None
    if since is not None and depth < DEEPEST:
        inner = _body(model, found, kernels, exact, depth)
        if inner is not None:
            return inner or None
    if not named:
        return "operator", f"ONNX Runtime has no kernel for {name_of(op)}", "replace the operator, or register a custom one"
    if not fitting:
        known = ", ".join(f"{row.since}" + ("" if row.until == OPEN else f" to {row.until}") for row in named)
        words = f"ONNX Runtime has no kernel for {name_of(op)} of opset {since}: it has those of {known}"
        return "version", words, "export with an older opset"
    dtypes = ", ".join(sorted({dtype for dtype in found.bound.values() if dtype}))
    return "dtype", f"ONNX Runtime has no kernel for {name_of(op)} of {dtypes} (opset {since})", "cast to float32 before it, and back"


def _body(model: Model, found: Typed, kernels: Rows, exact: bool, depth: int) -> tuple[str, str, str] | tuple[()] | None:
    """Why the body of the operator cannot run either; empty if it can or if that is not known, None if it has no body at the opset.

    A body that does not depend on its context counts only while its operators are those of its own opset (onnx/defs/schema.cc,
    ``ValidateReferencedOpsInFunction``).
    """
    assert found.schema is not None
    op, opset = found.op, model.opsets.get(found.op.domain, 0)
    known = [body for body in bodies().get((op.domain, op.type, found.schema.since), ()) if body.opset <= opset]
    if not known:
        return None
    given = len([name for name in op.inputs if name])
    first = NAMES.get(dtype := found.dtypes.get(next(iter(op.inputs), ""), ""), dtype)
    body = max(known, key=lambda b: (b.opset, b.dtype == first, not b.dtype, -abs(len(b.graph.inputs) - given)))
    if not body.dtype and any(_since(inner, body.opset) != _since(inner, opset) for inner in body.graph.ops):
        return None
    if op.type == "CastLike":  # is a Cast to the dtype of its second input, which no body says
        return without_kernel(model, _as_cast(found, opset), kernels, exact, depth + 1) or ()
    formal = dict(zip(body.graph.inputs, (found.dtypes.get(name, "") for name in op.inputs), strict=False))
    for inside in typed_function(model, body.graph, formal):
        why = without_kernel(model, inside, kernels, exact, depth + 1)
        if why:
            return why[0], f"ONNX Runtime has no kernel for {name_of(op)}, nor for {name_of(inside.op)}, which it is made of", why[2]
    return ()


def _as_cast(found: Typed, opset: int) -> Typed:
    cast = next(s for s in reversed(schemas()["", "Cast"]) if s.since <= opset)
    return replace(found, op=replace(found.op, type="Cast", inputs=found.op.inputs[:1]), schema=cast)


NAMES = {"float32": "float", "float64": "double"}
"""ONNX's names of dtypes where ours differ."""


@dataclass(frozen=True)
class Body:
    """An operator written out in others, in the operators of one opset; for a dtype (as ONNX calls it) where it depends on its context."""

    opset: int
    dtype: str
    graph: Graph


@lru_cache(maxsize=1)
def bodies() -> Mapping[tuple[str, str, int], Sequence[Body]]:
    """The bodies ONNX gives its operators, by domain, name and the version of the operator."""
    found: dict[tuple[str, str, int], list[Body]] = {}
    for row in load("support/onnx-bodies")["rows"]:
        ops = []
        for number, (kind, domain, inputs, outputs, stored) in enumerate(row["nodes"]):
            attributes = {
                name: Tensor(name, DTYPES.get(value["dtype"], "")) if isinstance(value, dict) else value for name, value in stored.items()
            }
            ops.append(Op(kind, "", domain, inputs, outputs, attributes, number))
        graph = Graph(row["op"], ops, {}, row["inputs"], row["outputs"], "function")
        found.setdefault((row["domain"], row["op"], row["since"]), []).append(Body(row["opset"], row["for"], graph))
    return found


def _since(op: Op, opset: int) -> int:
    """The version of an operator that an opset has."""
    return max((schema.since for schema in schemas().get((op.domain, op.type), ()) if schema.since <= opset), default=0)


def _takes(row: Row, found: Typed, exact: bool) -> bool:
    for parameter, allowed in row.types.items():
        dtype = found.bound.get(parameter, "")
        if dtype in NOT_TENSORS or dtype in allowed or (not exact and dtype == "float16" and "float32" in allowed):
            continue
        return False
    return True


def name_of(op: Op) -> str:
    return f"{op.domain}.{op.type}" if op.domain else op.type
