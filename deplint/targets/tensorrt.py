"""TensorRT's ONNX parser, as its documentation has it.

The verdict is about the parser alone: within ONNX Runtime its provider leaves to CUDA or the CPU what TensorRT does not take.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint.formats.onnx_schemas import called
from deplint.targets import At
from deplint.targets.onnxruntime import name_of, typed_once
from deplint.targets.onnxruntime_providers import operand
from deplint.targets.subject import Subject
from deplint.targets.table import rows
from deplint.targets.verdict import Reason, Verdict

NO_TENSORS = {"", "sequence", "map", "optional"}
CERTAIN = {"string", "complex64", "complex128", "int16", "uint16", "uint32", "uint64"}
"""Dtypes no release has. Of newer ones the pages do not always tell."""


def judge(subject: Subject, at: At) -> Iterator[Reason]:
    """Operators it lacks, restrictions that do not hold, and dtypes it lacks or narrows."""
    model = subject.model
    assert model is not None
    known = rows(at.target.table, at.release)
    facts = at.target.meta["of"][at.release]
    for found in subject.once(typed_once):
        op = found.op
        graph, shown = found.within[0] if found.within else (found.graph, found.op)
        if called(model, op) is not None:
            continue
        named = known.get((op.domain, op.type), ())
        if not any(row.status == "supported" for row in named):
            # The parser looks among plugins for what it does not know: those of the standard's own names are nobody's.
            verdict = Verdict.fails if named or not op.domain else Verdict.unknown
            words = "has no" if verdict is Verdict.fails else "documents no"
            message = f"TensorRT's parser {words} {name_of(op)} (No importer registered for op)"
            remedy = "register a plugin of that name, or use ONNX Runtime's TensorRT provider, which leaves it to others"
            yield at.reason("operator", message, subject, graph, shown, remedy=remedy, verdict=verdict)
            continue
        for limit in named[0].limits:
            inputs = [operand(subject, found, name) for name in op.inputs]
            if limit.met(op.attributes, inputs) is False:
                yield at.reason(
                    "limit", f"{op.type}: TensorRT {limit.text}", subject, graph, shown, remedy="rewrite it so, or use a plugin"
                )
    for name in dict.fromkeys([*model.graph.inputs, *model.graph.outputs, *(tensor.name for tensor in model.graph.weights)]):
        dtype = model.graph.tensor(name).dtype
        if dtype in NO_TENSORS or (dtype in facts["dtypes"] and dtype not in facts["narrowed"]):
            continue
        if dtype in facts["narrowed"]:
            words = f"TensorRT makes {dtype} smaller, and clamps what does not fit"
            yield at.reason("dtype", words, subject, remedy="store it as float32 or int32", verdict=Verdict.degraded)
        else:
            verdict = Verdict.fails if dtype in CERTAIN else Verdict.unknown
            words = f"TensorRT takes no {dtype} for {name!r} (Unsupported ONNX data type)"
            yield at.reason("dtype", words, subject, remedy="cast it to float32, float16 or int32", verdict=verdict)
