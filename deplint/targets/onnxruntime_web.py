"""ONNX Runtime Web on WebAssembly: the kernels of the CPU, and what only the web stumbles over when a session is created.

The verdict is about creating a session. What a model is fed is not known to it: that a page has to give 64-bit integers as BigInt, say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from deplint.formats.onnx_schemas import Typed
from deplint.targets import At
from deplint.targets.onnxruntime import cpu
from deplint.targets.subject import Subject
from deplint.targets.verdict import Reason

if TYPE_CHECKING:
    from deplint.formats.onnx_inference import Complaint

DESCRIBES = (1, 22)
"""The release that began to describe inputs and outputs when a session is created (js/web/lib/wasm/wasm-core-impl.ts)."""

DESCRIBED = {
    *("int8", "uint8", "bool", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64", "string"),
    *("int4", "uint4"),
}
"""Dtypes it has names for (js/web/lib/wasm/wasm-common.ts, ``tensorDataTypeEnumToString``)."""

NO_TENSORS = {"", "sequence", "map", "optional"}

MERGED = re.compile(r"Inferred shape and existing shape differ(?!.*\(-\d)")
"""What onnx.shape_inference says where a stated shape contradicts what follows; a negative size stands for any. Elsewhere ONNX Runtime
warns; its WebAssembly build catches no exceptions, so there the session ends."""


def wasm(subject: Subject, at: At, elsewhere: Callable[[Typed], bool] = lambda found: False) -> Iterator[Reason]:
    """What creating a session refuses."""
    model = subject.model
    assert model is not None
    yield from cpu(subject, at, elsewhere)
    if model.format != "onnx":
        return
    graph = model.graph
    if tuple(map(int, at.release.split(".")[:2])) >= DESCRIBES:
        for name in dict.fromkeys([*graph.inputs, *graph.outputs]):
            dtype = graph.tensor(name).dtype
            if dtype not in DESCRIBED | NO_TENSORS:
                words = f"ONNX Runtime Web has no tensors of {dtype} for {name!r} (unsupported data type)"
                yield at.reason("dtype", words, subject, remedy="cast within the model, so that inputs and outputs are float32 or float16")
    for complaint in subject.once(_contradictions):
        words = f"{complaint.message}: ONNX Runtime Web ends where others warn (Can't merge shape info)"
        op = graph.ops[complaint.op] if complaint.op is not None and complaint.op < len(graph.ops) else None
        yield at.reason("file", words, subject, graph, op, remedy="correct the shape that the file states")


def _contradictions(subject: Subject) -> Sequence[Complaint]:
    from deplint.formats.onnx_inference import complaints

    assert subject.model is not None
    return [c for c in complaints(subject.model.source) if MERGED.search(c.message)] if subject.model.source is not None else ()
