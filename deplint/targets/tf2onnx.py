"""tf2onnx: what ``python -m tf2onnx.convert`` makes of TensorFlow and TensorFlow Lite models, with its own default operator set.

It freezes the model and folds what is known; each operator that is left needs a converter. Without one the operator is copied as it is, and
the command ends well, with a line in its log (``Unsupported ops``) and a file that no runtime loads: that counts as a failure here. So does
what its converter raises on, and what it writes in a dtype that the ONNX operator does not take.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deplint.model import Graph, Op
from deplint.targets import At
from deplint.targets.keras import keras3
from deplint.targets.soundness import SAVEDMODEL, faults
from deplint.targets.subject import Subject
from deplint.targets.table import Row, rows
from deplint.targets.tensorflow_graph import CALLS, FED, VARIABLES, Node, nodes
from deplint.targets.verdict import Reason, Verdict

OPSET = 15
"""The operator set that is written where none is asked for: the same in all releases that are known."""

HANDLED = {
    *CALLS, *FED, *VARIABLES, "Const", "NoOp", "Identity", "IdentityN", "ReadVariableOp", "ResourceGather", "Assert", "StopGradient",
    "While", "StatelessWhile", "If", "StatelessIf", "Case", "StatelessCase", "AssignVariableOp", "RefEnter", "RefSwitch", "GRUBlockCell",
    "QuantizeAndDequantizeV2", "QuantizeAndDequantizeV3", "QuantizeAndDequantizeV4",
}  # fmt: skip
"""Operators that freezing and inlining replace, that vanish, or that the converter rewrites together with what is around them."""

REWRITTEN = ("TensorList", "TensorArray", "EmptyTensorList", "Lookup", "HashTable", "MutableHashTable", "InitializeTable", "_Fused")
"""Beginnings of more names of that kind: alone they prove nothing."""

PARTNERS = {"Enter": "Exit", "Exit": "Enter", "NextIteration": "Enter", "Switch": "Merge", "Merge": "Switch"}
"""Control flow of TensorFlow 1: which operator must be there too, for the converter to know a loop or a branch."""

NAMED = "already exists in node"
"""What is said where a converter gives its operator the name of an output of the model: it works within the model."""

LOOPS = {"While", "StatelessWhile"}

SPECTRA = {"FFT", "RFFT", "FFT2D", "RFFT2D", "FFT3D", "RFFT3D"}

REMEDY = "replace the operator, or convert it as one of your own with --custom-ops"


def judge(subject: Subject, at: At) -> Iterator[Reason]:
    """What tf2onnx does not convert. A Keras file is loaded with the Keras of a current TensorFlow first."""
    from deplint.targets.known import TARGETS

    model = subject.model
    assert model is not None
    known = rows(at.target.table, at.release)
    if model.format == "tflite":
        for graph, op in model.ops():
            yield from _lite(subject, at, graph, op, ("tflite", op.type) in known)
        return
    if model.format.startswith("keras"):
        loading = TARGETS["keras3"]
        yield from keras3(subject, At(loading, loading.releases[-1]))
        for layer in model.layers:
            for name in {layer.class_name, str(layer.config.get("activation"))}:
                for row in known.get(("keras", name), ()):
                    words = f"tf2onnx fails on {name}: {row.more['never']}"
                    place, source = (f'layer "{layer.name}"',), str(at.target.meta["source"])
                    yield Reason("operator", Verdict.fails, words, layer.class_name, 1, place, REMEDY, source)
    yield from faults(subject, SAVEDMODEL)
    used = subject.once(nodes)
    types = {node.op.type for node in used}
    for node in used:
        kind = node.op.type
        if kind in LOOPS and _resumes(node):
            words = "a loop goes on with a list that was written to before, as tf.scan's does: While loop couldn't find scan output index"
            where = node.within[0] if node.within else (node.graph, node.op)
            yield at.reason("limit", words, subject, *where, remedy="collect in a list that is empty before the loop, as tf.map_fn does")
        if not node.folded and kind not in HANDLED and not kind.startswith(REWRITTEN) and PARTNERS.get(kind) not in types:
            yield from _refused(subject, at, node, known.get(("tensorflow", node.op.type), ()), types)


def _resumes(loop: Node) -> bool:
    """Whether the loop is given a list that has elements: only lists made by TensorListReserve become what a Loop of ONNX scans."""
    makers = (loop.graph.producers.get(name) for name in loop.op.inputs)
    return any(maker is not None and maker.type == "TensorListSetItem" for maker in makers)


def _last(node: Node) -> bool:
    """Whether nothing but an Identity reads what the operator gives."""
    readers = (reader.type for name in node.op.outputs for reader in node.graph.consumers.get(name, ()))
    return all(reader in ("Identity", "NoOp") for reader in readers)


def _lite(subject: Subject, at: At, graph: Graph, op: Op, converted: bool) -> Iterator[Reason]:
    """What keeps an operator of TensorFlow Lite from being converted. Quantized tensors are written with DequantizeLinear."""
    if not converted:
        words = f"tf2onnx has no converter for TensorFlow Lite's {op.type}: Unsupported ops"
        yield at.reason("operator", words, subject, graph, op, remedy="convert the TensorFlow model instead")
    wide = next(
        (tensor.dtype for tensor in map(graph.tensor, op.inputs) if tensor.quant is not None and tensor.dtype in ("int16", "int64")), ""
    )
    if wide:
        words = f"tf2onnx writes a DequantizeLinear of {wide}, which ONNX has not in operator set {OPSET}"
        yield at.reason("dtype", words, subject, graph, op, remedy="convert the TensorFlow model instead, or quantize activations to int8")


def _refused(subject: Subject, at: At, node: Node, found: Sequence[Row], types: set[str]) -> Iterator[Reason]:
    op = node.op
    place: tuple[Graph, Op] = node.within[0] if node.within else (node.graph, op)
    if not found:
        yield at.reason("operator", f"tf2onnx has no converter for {op.type}: Unsupported ops", subject, *place, remedy=REMEDY)
        return
    if (op.type in SPECTRA and "ComplexAbs" not in types) or (op.type == "ComplexAbs" and not types & SPECTRA):
        yield at.reason(
            "limit", "tf2onnx converts a Fourier transform only where its absolute value is taken", subject, *place, remedy=REMEDY
        )
        return
    if op.type.startswith("FusedBatchNorm") and op.attributes.get("is_training", True) and _read(subject, node.graph) & {*op.outputs[1:]}:
        words = f"{op.type} is in training mode: tf2onnx writes a BatchNormalization with five outputs"
        yield at.reason("limit", words, subject, *place, remedy="export the model in inference mode")
    if op.type == "OneHot" and len(node.inputs) > 2:
        indices, depth, values = node.inputs[:3]
        narrow = "" if indices.rank in (1, None) else "indices of rank 1 only" if values.dtype != "float32" else ""
        if narrow or (depth.constant is False and values.dtype not in ("", "float32")):
            words = f"OneHot of {values.dtype}: tf2onnx converts {narrow or 'a constant depth only'} (onehot op: only rank1 is supported)"
            yield at.reason("limit", words, subject, *place, remedy="make it of float32, and cast what it gives")
    for row in found:
        opset = row.more.get("opset", 0)
        if opset > OPSET:
            words = f"tf2onnx converts {op.type} from operator set {opset} on, and writes {OPSET} by default: Unsupported ops"
            yield at.reason("version", words, subject, *place, remedy=f"convert with --opset {opset}")
        elif NAMED in row.more.get("never", "") and not _last(node):
            continue
        elif row.more.get("never"):
            yield at.reason("operator", f"tf2onnx fails on {op.type}: {row.more['never']}", subject, *place, remedy=REMEDY)
        else:
            for number, dtypes in row.more.get("refused", {}).items():
                given = node.inputs[int(number)].dtype if int(number) < len(node.inputs) else ""
                if given.replace("complex128", "complex64") in dtypes:
                    words = f"tf2onnx does not convert {op.type} of {given} to valid ONNX"
                    yield at.reason("dtype", words, subject, *place, remedy="cast its inputs to float32 or int64")
            for limit in row.limits:
                if limit.met(op.attributes, node.inputs) is False:
                    yield at.reason("limit", f"{op.type}: {limit.text}", subject, *place, remedy=REMEDY)


def _read(subject: Subject, graph: Graph) -> set[str]:
    """The values of a graph that an operator, the graph's caller or a signature takes."""
    assert subject.model is not None
    asked = {tensor.name for signature in subject.model.signatures.values() for tensor in signature.outputs.values()}
    return asked | {*graph.outputs} | {name for op in graph.ops for name in op.inputs}
