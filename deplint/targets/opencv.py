"""OpenCV's dnn module: what readNetFromONNX refuses.

It makes a layer of each operator in stored order while it reads, and checks nothing else: neither versions nor what the standard demands.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from deplint.formats.onnx_schemas import NOT_TENSORS, called
from deplint.model import Graph, Model
from deplint.targets import At
from deplint.targets.onnxruntime import name_of
from deplint.targets.soundness import faults
from deplint.targets.subject import Subject
from deplint.targets.table import rows
from deplint.targets.verdict import Reason, Verdict


def judge(subject: Subject, at: At) -> Iterator[Reason]:
    """Operators that no test model was read with fail; those that no test model has are not known."""
    model = subject.model
    assert model is not None
    facts = at.target.meta["of"][at.release]
    odd = facts["odd"]
    yield from faults(subject, ("DPL405",))
    known = rows(at.target.table, at.release)
    for graph, op in model.ops():
        named = known.get((op.domain, op.type), ())
        if any(row.status == "supported" for row in named):
            continue
        if called(model, op) is not None and graph.kind != "function":
            if "function" in odd and not any(row.status == "supported" for row in known.get(("", op.type), ())):
                words = f"OpenCV does not look into functions, and {name_of(op)} is one (Can't create layer)"
                yield at.reason("operator", words, subject, graph, op, remedy="inline the model's functions (onnx.inliner)")
            continue
        if graph.kind == "function":
            continue
        words = f"OpenCV has no layer for {name_of(op)} (Can't create layer)" if named else f"of {name_of(op)} in OpenCV nothing is known"
        verdict = Verdict.fails if named else Verdict.unknown
        remedy = "replace the operator, or register a layer for it with cv::dnn::LayerFactory"
        yield at.reason("operator", words, subject, graph, op, remedy=remedy, verdict=verdict)
    if "order" in odd:
        yield from _unfed(subject, at, model.graph, set())
    yield from _values(subject, model, at, odd)
    unstored = set(facts["unstored"])
    stored = {tensor.dtype for tensor in model.graph.weights if tensor.stored is not None and tensor.stored.nbytes}
    for dtype in sorted(stored & unstored):
        words = f"OpenCV reads no weights of {dtype} (Unsupported data type)"
        yield at.reason("dtype", words, subject, remedy="store weights as float32, float16 or int8")


def _values(subject: Subject, model: Model, at: At, odd: Set[str]) -> Iterator[Reason]:
    """Inputs and outputs whose dtype or shape it does not read."""
    refused = set(at.target.meta["of"][at.release]["refused"])
    graph = model.graph
    for kind, names in (("input", graph.inputs), ("output", graph.outputs)):
        for name in dict.fromkeys(names):
            tensor = graph.tensor(name)
            if tensor.dtype in refused:
                words = f"OpenCV has no tensors of {tensor.dtype} for {name!r} (unsupported datatype)"
                yield at.reason("dtype", words, subject, remedy="use float32")
            elif tensor.dtype in NOT_TENSORS:
                if tensor.dtype and "sequence" in odd:
                    words = f"the {kind} {name!r} is a {tensor.dtype}, and OpenCV has tensors only (typeProto.has_tensor_type())"
                    yield at.reason("dtype", words, subject, remedy="pass tensors, one input each")
            elif tensor.shape is None and f"shapeless {kind}" in odd:
                words = f"the file states no shape of the {kind} {name!r}, not even how many dimensions it has (tensor.has_shape())"
                yield at.reason("file", words, subject, remedy="run onnx.shape_inference, or state the shape when exporting")


def _unfed(subject: Subject, at: At, graph: Graph, around: Set[str]) -> Iterator[Reason]:
    """An operator that reads what no operator before it gives. What it gives itself is not noticed."""
    known = {*around, "", *graph.inputs, *(tensor.name for tensor in graph.weights)}
    for op in graph.ops:
        missing = next((name for name in op.inputs if name not in known and name not in op.outputs), None)
        if missing is not None:
            words = f"{op.type} reads {missing!r}, which nothing before it gives"
            yield at.reason("file", words, subject, graph, op, remedy="store operators in the order they are computed in")
            return
        for nested in op.graphs.values():
            yield from _unfed(subject, at, nested, known)
        known.update(op.outputs)
