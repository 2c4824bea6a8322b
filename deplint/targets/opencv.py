"""OpenCV's dnn module: what readNetFromONNX refuses.

It makes a layer of each operator in stored order while it reads, and checks little else: neither versions nor most of what the standard
demands. From 5.0 on it has a newer importer and an older one, and a model is read by one of them as a whole. What is computed of weights
only is computed while it reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from deplint.formats.onnx_schemas import NOT_TENSORS, called, schemas
from deplint.model import Graph, Model, Op, Tensor
from deplint.targets import At
from deplint.targets.onnxruntime import name_of
from deplint.targets.soundness import faults
from deplint.targets.subject import Subject
from deplint.targets.table import Row, rows
from deplint.targets.verdict import Reason


def judge(subject: Subject, at: At) -> Iterator[Reason]:
    """Operators that no test model was read with and no importer has fail."""
    model = subject.model
    assert model is not None
    facts = at.target.meta["of"][at.release]
    odd = facts["odd"]
    yield from faults(subject, ("DPL405",))
    yield from _operators(subject, model, at, odd, facts["importers"])
    if "order" in odd:
        yield from _unfed(subject, at, model.graph, set(), "given again" in odd)
    yield from _values(subject, model, at, odd)
    yield from _stored(subject, model, at, odd)


def _operators(subject: Subject, model: Model, at: At, odd: Set[str], importers: Sequence[str]) -> Iterator[Reason]:
    known = rows(at.target.table, at.release)
    left: set[str] = set(importers)
    for graph, op in model.ops():
        if graph.kind == "function":
            continue
        row = next(
            (row for row in (*known.get((op.domain, op.type), ()), *known.get((ANY, op.type), ())) if row.status == "supported"), None
        )
        if row is None and called(model, op) is not None:
            if "function" in odd and not any(each.status == "supported" for each in known.get(("", op.type), ())):
                words = f"OpenCV does not look into functions, and {name_of(op)} is one (Can't create layer)"
                yield at.reason("operator", words, subject, graph, op, remedy="inline the model's functions (onnx.inliner)")
            continue
        if row is None:
            words = f"OpenCV has no layer for {name_of(op)} (Can't create layer)"
            remedy = "replace the operator, or register a layer for it with cv::dnn::LayerFactory"
            yield at.reason("operator", words, subject, graph, op, remedy=remedy)
            continue
        fitting = left & set(row.more.get("importers", importers))
        if left and not fitting:
            which = " and ".join(row.more["importers"])
            words = f"of OpenCV's importers only the {which} one has {name_of(op)}, and of others here only the other"
            yield at.reason("operator", words, subject, graph, op, remedy="replace the operator")
        left = fitting
        words = _miscounted(op, row)
        if words:
            yield at.reason("limit", words, subject, graph, op, remedy="give the inputs that the standard names")


def _miscounted(op: Op, row: Row) -> str:
    """Numbers of inputs that no version of the operator has, where the importer counts."""
    counts = [each.counts for each in schemas().get((op.domain, op.type), ())]
    if not counts:
        return ""
    least, most, given = min(each[0] for each in counts), max(each[1] for each in counts), len(op.inputs)
    wrong = (given < least and row.more.get("fewer")) or (given > most and row.more.get("more"))
    return f"{op.type} has {given} inputs, and OpenCV wants {least if given < least else most}" if wrong else ""


ANY = "*"
"""The domain of layers that are made whatever the domain of the operator."""


def _stored(subject: Subject, model: Model, at: At, odd: Set[str]) -> Iterator[Reason]:
    """Weights of dtypes that are not read, and operators on weights that go wrong when they are computed in advance."""
    facts, graph = at.target.meta["of"][at.release], model.graph
    stored = {tensor.dtype for tensor in graph.weights if tensor.stored is not None and tensor.stored.nbytes}
    for dtype in sorted(stored & set(facts["unstored"])):
        words = f"OpenCV reads no weights of {dtype} (Unsupported data type)"
        yield at.reason("dtype", words, subject, remedy="store weights as float32, float16 or int8")
    constant = {tensor.name for tensor in graph.weights}
    for op in graph.ops:
        if op.domain:
            continue
        if op.type == "DequantizeLinear" and op.inputs and op.inputs[0] in constant and graph.tensor(op.inputs[0]).dtype in facts["kept"]:
            words = f"OpenCV dequantizes no weights of {graph.tensor(op.inputs[0]).dtype} (inptype == CV_8U)"
            yield at.reason("dtype", words, subject, graph, op, remedy="quantize weights to int8 or uint8")
        elif op.type == "Conv" and op.inputs and op.inputs[0] in constant and "stored image" in odd:
            words = "the input of Conv is computed of weights only, which OpenCV computes while it reads (DATA_LAYOUT_BLOCK)"
            yield at.reason("operator", words, subject, graph, op, remedy="fold constants before (onnxruntime's optimizer, onnxsim)")
        elif op.type == "If" and op.inputs and op.inputs[0] in constant and "constant condition" in odd and _reads_outside(op):
            words = "the condition of If is constant, and its branches read tensors around them, which OpenCV does not survive"
            yield at.reason("operator", words, subject, graph, op, remedy="keep the branch that is taken (onnxsim)")
        elif op.type == "Gemm" and "quantized gemm" in odd and _quantized(graph, op):
            words = "OpenCV makes one layer of this quantized Gemm with a bias, which it then does not find a buffer for (bufidx >= 0)"
            yield at.reason("operator", words, subject, graph, op, remedy="leave Gemm out of quantization (nodes_to_exclude)")
        elif op.type == "Mul" and "gelu" in odd and _halved(graph, op, constant):
            words = "a Gelu that halves 1 + erf before it multiplies with x takes OpenCV down when it makes one layer of it"
            yield at.reason(
                "operator", words, subject, graph, op, remedy="export with opset 20, which has Gelu, or write x * (1 + erf) * 0.5"
            )
        if op.type == "Constant" or (op.inputs and all(not name or name in constant for name in op.inputs) and not op.graphs):
            constant.update(op.outputs)


def _reads_outside(op: Op) -> bool:
    return any(
        name and name not in {*nested.inputs, *nested.producers, *(tensor.name for tensor in nested.weights)}
        for nested in op.graphs.values()
        for inner in nested.ops
        for name in inner.inputs
    )


def _made(graph: Graph, name: str, kind: str) -> Op | None:
    op = graph.producers.get(name)
    return op if op is not None and op.type == kind and not op.domain else None


def _quantized(graph: Graph, op: Op) -> bool:
    """A Gemm of dequantized numbers, int8 weights and a bias, whose result is quantized."""
    inputs = [_made(graph, name, "DequantizeLinear") for name in op.inputs]
    if len(inputs) != 3 or None in inputs or not op.outputs:
        return False
    _, weights, _ = inputs
    quantized = any(reader.type == "QuantizeLinear" for reader in graph.consumers.get(op.outputs[0], ()))
    return quantized and weights is not None and graph.tensor(weights.inputs[0]).dtype == "int8"


def _dtype(graph: Graph, name: str) -> str:
    maker = graph.producers.get(name)
    value = maker.attributes.get("value") if maker is not None and maker.type == "Constant" else None
    return value.dtype if isinstance(value, Tensor) else graph.tensor(name).dtype


def _halved(graph: Graph, op: Op, constant: Set[str]) -> bool:
    """``x * (half * (1 + erf(x / root)))``, in any order of factors."""
    for inner, x in ((op.inputs[0], op.inputs[-1]), (op.inputs[-1], op.inputs[0])):
        product = _made(graph, inner, "Mul")
        added = next((made for name in product.inputs if (made := _made(graph, name, "Add"))), None) if product is not None else None
        erf = next((made for name in added.inputs if (made := _made(graph, name, "Erf"))), None) if added is not None else None
        divided = _made(graph, erf.inputs[0], "Div") if erf is not None and erf.inputs else None
        if product is not None and divided is not None and divided.inputs and divided.inputs[0] == x:
            return any(name in constant and _dtype(graph, name) == "float32" for name in product.inputs)
    return False


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


def _unfed(subject: Subject, at: At, graph: Graph, around: Set[str], once: bool) -> Iterator[Reason]:
    """An operator that reads what no operator before it gives. What it gives itself is not noticed. If `once`, a tensor that was read may
    not be given again."""
    known = {*around, "", *graph.inputs, *(tensor.name for tensor in graph.weights)}
    given: set[str] = set()
    read: set[str] = set()
    for op in graph.ops:
        again = next((name for name in op.outputs if name in given and name in read), None)
        if again and once:
            words = f"{op.type} gives {again!r}, which was given and read before (buf_usecounts)"
            yield at.reason("file", words, subject, graph, op, remedy="give each tensor once")
            return
        given.update(op.outputs)
        read.update(op.inputs)
        missing = next((name for name in op.inputs if name not in known and name not in op.outputs), None)
        if missing is not None:
            words = f"{op.type} reads {missing!r}, which nothing before it gives"
            yield at.reason("file", words, subject, graph, op, remedy="store operators in the order they are computed in")
            return
        for nested in op.graphs.values():
            yield from _unfed(subject, at, nested, known, once)
        known.update(op.outputs)
