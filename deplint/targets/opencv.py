"""OpenCV's dnn module: what readNetFromONNX refuses.

It makes a layer of each operator while it reads, and checks nothing else: neither versions nor what the standard demands.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint.formats.onnx_schemas import called
from deplint.targets import At
from deplint.targets.onnxruntime import name_of
from deplint.targets.subject import Subject
from deplint.targets.table import rows
from deplint.targets.verdict import Reason, Verdict


def judge(subject: Subject, at: At) -> Iterator[Reason]:
    """Operators that no test model was read with fail; those that no test model has are not known."""
    model = subject.model
    assert model is not None
    known = rows(at.target.table, at.release)
    for graph, op in model.ops():
        named = known.get((op.domain, op.type), ())
        if called(model, op) is not None or any(row.status == "supported" for row in named):
            continue
        words = f"OpenCV has no layer for {name_of(op)} (Can't create layer)" if named else f"of {name_of(op)} in OpenCV nothing is known"
        verdict = Verdict.fails if named else Verdict.unknown
        remedy = "replace the operator, or register a layer for it with cv::dnn::LayerFactory"
        yield at.reason("operator", words, subject, graph, op, remedy=remedy, verdict=verdict)
    refused = set(at.target.meta["of"][at.release]["refused"])
    for name in dict.fromkeys([*model.graph.inputs, *model.graph.outputs]):
        dtype = model.graph.tensor(name).dtype
        if dtype in refused:
            yield at.reason("dtype", f"OpenCV has no tensors of {dtype} for {name!r} (unsupported datatype)", subject, remedy="use float32")
