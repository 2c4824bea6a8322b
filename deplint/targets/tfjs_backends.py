"""TensorFlow.js's backends: whether one runs a graph model, operator by operator.

The table says of every operator with which dtypes it goes through, and what is said to the others: where a kernel is missing,
``Kernel 'Complex' not registered for backend 'wasm'``. A TensorFlow model is judged as the converter's newest release makes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from deplint.data import load
from deplint.model import Op, Tensor, Unreadable
from deplint.targets import At
from deplint.targets.soundness import TFJS, faults
from deplint.targets.subject import Subject
from deplint.targets.table import Operand, Row, rows
from deplint.targets.tensorflow_graph import VARIABLES, Node, nodes
from deplint.targets.tfjs import FROZEN, LOWERED, PLUGIN, refused
from deplint.targets.verdict import Reason

BECOMES: Mapping[str, str] = {
    **dict.fromkeys(("float32", "float16", "float64"), "float32"),
    **dict.fromkeys(("int32", "int64", "int8", "uint8"), "int32"),
    **dict.fromkeys(("complex64", "complex128"), "complex64"),
    **{name: name for name in ("bool", "string")},
}
"""Dtype in TensorFlow -> in TensorFlow.js (tfjs-converter/src/operations/operation_mapper.ts, ``parseDtypeParam``)."""

FIRST_OUTPUT = {"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"}
"""Operators of several outputs of which TensorFlow.js computes the first (executors/normalization_executor.ts)."""

NARROW = {"uint8", "uint16"}
"""Dtypes that the converter writes weights of, and that the library reads only where they are quantized (io_utils.ts, ``decodeWeight``)."""

NEEDS_FRAME = {"Exit", "NextIteration"}

CONVERTER = "tfjs-graph"


def backend(subject: Subject, at: At) -> Iterator[Reason]:
    """What the backend cannot run; of a TensorFlow model first what the converter refuses."""
    model = subject.model
    assert model is not None
    converted = model.format == "tfjs-graph"
    if converted:
        yield from faults(subject, TFJS)
    else:
        yield from refused(subject, at, rows(CONVERTER, load(f"support/{CONVERTER}")["meta"]["releases"][-1]))
    known = rows(at.target.table, at.release)
    found = subject.once(nodes)
    yield from _waiting(subject, at, converted)
    framed = any(node.op.type == "Enter" for node in found)
    for node in found:
        op = node.op.type
        yield from _unread(subject, at, node)
        if _given(node) or (node.folded and not converted) or op in VARIABLES or op in ("Placeholder", "Const", "NoOp"):
            continue
        place = node.within[0] if node.within else (node.graph, node.op)
        row = next(iter(known.get(("", op), ())), None)
        if row is None:
            if op not in FROZEN | LOWERED and not op.startswith(PLUGIN):
                yield at.reason("operator", f"TensorFlow.js {at.release} has no {op} (Unknown op '{op}')", subject, *place, remedy=REPLACE)
        elif op in NEEDS_FRAME and not framed:
            yield at.reason("limit", f"{op} outside of a loop: Cannot exit frame, the context is empty", subject, *place)
        else:
            yield from _runs(subject, at, node, row)


REPLACE = "replace the operator, or run the model on another backend"


def _unread(subject: Subject, at: At, node: Node) -> Iterator[Reason]:
    """Weights that cannot be loaded: as they are stored in a converted model; in another those that something reads."""
    value = node.op.attributes.get("value")
    stored = isinstance(value, Tensor) and value.quant is None and value.dtype
    read = () if node.folded else (operand.dtype for operand in node.inputs if operand.constant)
    assert subject.model is not None
    for dtype in NARROW & ({stored} if subject.model.format == "tfjs-graph" else set(read)):
        words = f"TensorFlow.js loads no weights of {dtype} that are not quantized (Unsupported dtype in weight)"
        yield at.reason("dtype", words, subject, node.graph, node.op, remedy="cast them to int32 or float32")


def _waiting(subject: Subject, at: At, converted: bool) -> Iterator[Reason]:
    """Loops that never go round: where a body reads variables, what follows waits for a NoOp, and that for a Switch as a whole, of which
    TensorFlow.js computes one side (Keras 3 exports its recurrent layers so)."""
    assert subject.model is not None
    for graph in subject.model.graphs:
        kinds = {op.name: op.type for op in graph.ops}
        stuck = {op.name for op in graph.ops if op.type == "NoOp" and (not converted or "Switch" in _awaited(op, kinds).values())}
        ends = [op for op in graph.ops if (op.type == "NextIteration" if converted else graph.name in subject.once(_loops))]
        if any(name in stuck for op in ends for name in _awaited(op, kinds)):
            words = "a loop whose body reads variables does not go on: Cannot compute the outputs from the provided inputs"
            yield at.reason(
                "limit", words, subject, remedy="convert with --control_flow_v2=True, or unroll the recurrent layer (unroll=True)"
            )


def _awaited(op: Op, kinds: Mapping[str, str]) -> Mapping[str, str]:
    """The operators of the graph that this one waits for without reading them, with their types."""
    names = (name[1:].partition(":")[0] for name in op.inputs if name.startswith("^"))
    return {name: kinds[name] for name in names if name in kinds}


def _loops(subject: Subject) -> frozenset[str]:
    """The functions that are bodies of loops."""
    return frozenset(str(node.op.attributes.get("body", "")) for node in subject.once(nodes) if node.op.type in ("While", "StatelessWhile"))


def _runs(subject: Subject, at: At, node: Node, row: Row) -> Iterator[Reason]:
    op, of = node.op.type, row.more.get("of", ())
    place = node.within[0] if node.within else (node.graph, node.op)
    errors: Mapping[str, str] = row.more.get("errors", {})
    ranks: Mapping[str, Mapping[str, str]] = row.more.get("ranks", {})
    rank = node.inputs[of[0]].rank if of and of[0] < len(node.inputs) else None
    dtype = _dtype(node, of)
    said = errors.get(dtype) or next(iter(errors.values()), "")
    if row.status == "unsupported":
        yield at.reason("operator", f"{at.target.title} does not run {op}: {said}", subject, *place, remedy=REPLACE)
    elif unranked := ranks.get(dtype, {}).get(str(rank), ""):
        words = f"{at.target.title} does not run {op} of {dtype} and rank {rank}: {unranked}"
        yield at.reason("limit", words, subject, *place, remedy=REPLACE)
    elif of and dtype and dtype not in row.types["T"]:
        words = f"{at.target.title} does not run {op} of {dtype}: {said}"
        yield at.reason("dtype", words, subject, *place, remedy="cast its inputs to float32, or run the model on another backend")
    elif op in FIRST_OUTPUT and any(re.search(r":[1-9]$", name) for name in node.op.outputs):
        yield at.reason("limit", f"TensorFlow.js computes the first output of {op} only", subject, *place, remedy=REPLACE)
    elif op == "Switch" and len(set(node.op.outputs) & set(node.graph.outputs)) > 1:
        yield at.reason("limit", "both outputs of a Switch are asked for, of which one is never there", subject, *place, remedy=REPLACE)
    elif op == "OneHot" and _number(node, 1) in (0, 1):
        yield at.reason("limit", "Error in oneHot: depth must be >=2", subject, *place, remedy=REPLACE)
    else:
        for limit in row.limits:
            if limit.met(node.op.attributes, node.inputs) is False:
                yield at.reason("limit", f"{op}: {limit.text}", subject, *place, remedy=REPLACE)


def _given(node: Node) -> bool:
    """Whether the operator is not run, since its value is fed or stored."""
    value = node.op.attributes.get("value")
    return node.op.name in node.graph.inputs or (isinstance(value, Tensor) and value.stored is not None)


def _number(node: Node, number: int) -> int | None:
    """The value of an input that is one constant integer."""
    name = node.op.inputs[number] if number < len(node.op.inputs) else ""
    value = next((op.attributes.get("value") for op in node.graph.ops if op.name == name.partition(":")[0]), None)
    if not isinstance(value, Tensor) or value.elements != 1 or value.dtype not in ("int32", "int64"):
        return None
    try:
        content = value.bytes()
    except Unreadable:
        return None
    return int.from_bytes(content, "little", signed=True) if content else None


def _dtype(node: Node, of: Sequence[int]) -> str:
    """The dtype TensorFlow.js has the operator's inputs `of` in; empty if that is not known."""
    operands: list[Operand] = [node.inputs[number] for number in of if number < len(node.inputs)]
    stated = next((operand.dtype for operand in operands if operand.dtype), "") or node.op.attributes.get("T")
    return BECOMES.get(str(stated), "")
