"""Model servers: TensorFlow Serving, and Triton with the backends of its images.

TensorFlow Serving restores the graph that is tagged ``serve``; every operator in it must be registered in the TensorFlow that the server is
built from. Triton leaves a model to a backend: what is said of ONNX Runtime, at the version of the image, holds there.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint.model import Graph, Model, Op
from deplint.targets import At
from deplint.targets.onnxruntime import cpu, without_kernel
from deplint.targets.releases import choose
from deplint.targets.subject import Subject
from deplint.targets.table import rows
from deplint.targets.verdict import Reason, Verdict

BACKENDS = {
    "onnx": "onnxruntime",
    "savedmodel": "tensorflow",
    "graphdef": "tensorflow",
    "torchscript": "pytorch",
    "openvino": "openvino",
}
"""The backend that serves a format."""


def tfserving(subject: Subject, at: At) -> Iterator[Reason]:
    """What a stock ``tensorflow_model_server`` does not load, or cannot be asked for."""
    model = subject.model
    assert model is not None
    yield from _served(subject, at)
    known = rows(at.target.table, at.release)
    newest = rows(at.target.table, at.target.releases[-1])
    for graph, op in _registered(model):
        if ("", op.type) in known:
            continue
        later = ("", op.type) in newest
        words = f"TensorFlow {at.release} has no {op.type}: Op type not registered {op.type!r} in binary"
        remedy = "serve it with a newer release" if later else "build a server that links the operator's library"
        yield at.reason("version" if later else "operator", words, subject, graph, op, remedy=remedy)


def _served(subject: Subject, at: At) -> Iterator[Reason]:
    """What a server of SavedModels wants of the model as a whole."""
    model = subject.model
    assert model is not None
    several = model.metadata.get("tag_sets")
    sets = [names.split() for names in several.split("; ")] if several else [[tag] for tag in model.tags]
    if model.tags and ["serve"] not in sets:
        words = f"no graph is tagged 'serve' alone, only {', '.join(model.tags)}: Could not find meta graph def matching supplied tags"
        yield at.reason("file", words, subject, remedy="save it with the tag tf.saved_model.SERVING")
    elif not any(not name.startswith("__") for name in model.signatures):
        words = "the model has no signature that a request could name"
        yield at.reason("file", words, subject, remedy="save it with signatures=, or with model.export")


def _registered(model: Model) -> Iterator[tuple[Graph, Op]]:
    """The operators that are looked up when the graph is made: all of the main graph, and those of the functions it calls."""
    seen = set()
    for graph, op in ((model.graph, op) for op in model.graph.ops):
        seen.add((graph.name, op.index))
        if op.type not in model.functions:
            yield graph, op
    for graph, op in model.used():
        if (graph.name, op.index) not in seen and op.type not in model.functions:
            yield graph, op


def triton(subject: Subject, at: At) -> Iterator[Reason]:
    """What an image of Triton does not serve with the backends that are in it."""
    model = subject.model
    assert model is not None
    backend = BACKENDS[model.format]
    found = rows(at.target.table, at.release).get(("", backend), ())
    if not found:
        words = f"the image {at.release} of Triton has no {backend} backend (unable to find backend library)"
        remedy = (
            "serve it with an image up to 25.02, or convert it to ONNX" if backend == "tensorflow" else "build the backend into the image"
        )
        yield at.reason("file", words, subject, remedy=remedy)
    elif backend == "onnxruntime":
        yield from _onnx(subject, at, str(found[0].more["version"]))
    elif backend == "tensorflow" and model.format == "savedmodel":
        yield from _served(subject, at)
    elif backend in ("pytorch", "openvino"):
        words = f"what the {backend} backend of image {at.release} takes is not known: its table is of the runtime's own releases"
        yield at.reason("file", words, subject, verdict=Verdict.unknown)


def _onnx(subject: Subject, at: At, version: str) -> Iterator[Reason]:
    """What ONNX Runtime refuses, on the CPU and with CUDA: an operator must have a kernel with either. A release of CUDA's kernels that
    is not known is taken for the next one that is, which has no fewer."""
    from deplint.targets.known import TARGETS

    model = subject.model
    assert model is not None
    processor, accelerator = TARGETS["onnxruntime-cpu"], TARGETS["onnxruntime-cuda"]
    chosen = choose(processor.releases, f"=={version}")
    if not chosen.releases:
        words = f"nothing is known of ONNX Runtime {version}, which is in image {at.release}"
        yield at.reason("file", words, subject, verdict=Verdict.unknown)
        return
    later = choose(accelerator.releases, f">={version}").releases or accelerator.releases[-1:]
    kernels = rows(accelerator.table, later[0])
    refused = cpu(subject, At(processor, chosen.releases[-1], chosen.beyond), lambda found: not without_kernel(model, found, kernels, True))
    for reason in refused:
        if reason.verdict is Verdict.fails:
            yield reason
