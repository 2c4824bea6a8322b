"""Core ML: what coremltools converts.

Its frontends look up each operator by name (coremltools/converters/mil/frontend/torch/ops.py, ``convert_single_node``; the one for
TensorFlow ``convert_graph``). TorchScript goes in as it is; an exported program is decomposed first, ``program.run_decompositions({})``,
and its inputs have the dtypes of Core ML or stop the conversion (``exir_utils.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deplint.targets import At
from deplint.targets.pytorch import Used, damaged, operators, scripted
from deplint.targets.subject import Subject
from deplint.targets.table import Limit, Row, Rows, rows
from deplint.targets.tensorflow_graph import CALLS, FED, VARIABLES, nodes
from deplint.targets.verdict import Reason

TAKEN = ("bool", "float32", "float64", "int16", "int32", "int64")
"""Dtypes of an exported program's inputs that Core ML has, or that are narrowed."""

NOTHING = Row("")

OTHER = "replace the operator by others, or register a conversion (register_torch_op)"


def looked_up(name: str) -> str:
    """The name an operator of PyTorch is looked up by (``sanitize_op_kind``): ``aten.add.Tensor`` and ``aten::add_`` as ``add``."""
    kind = name.lower()
    if kind.startswith("__") and kind.endswith("__"):
        kind = kind[2:-2]
    for mark in ("::", "."):
        parts = kind.split(mark)
        first = 1 if parts[0] in ("aten", "prim") and len(parts) > 1 else 0
        last = len(parts) - 1 if parts[-1] in SUFFIXES and len(parts) - first > 1 else len(parts)
        kind = mark.join(parts[first:last])
    return kind[:-1] if kind.endswith("_") else kind


SUFFIXES = ("default", "int", "tensor", "tensor_mode", "scalar", "tensor_scalar")
"""Overloads that coremltools does not tell apart."""

BECOMES = {"chunk": "constantchunk"}
"""Operators of TorchScript that its passes write as others."""

REMOVED = frozenset(
    {
        *("raiseexception", "format", "warn", "device", "isnot", "is", "not", "contains", "annotate", "unchecked_cast", "append", "len"),
        *("scalarimplicit", "numtotensor", "tolist", "dtype", "getitem", "layout", "requires_grad", "str"),
    }
)
"""Operators of TorchScript that its passes remove before they are looked up."""


def mlprogram(subject: Subject, at: At) -> Iterator[Reason]:
    """What ``coremltools.convert`` refuses. A model of Core ML's own is taken for one that its system loads."""
    model = subject.model
    assert model is not None
    known = rows(at.target.table, at.release)
    if model.format == "torch-export":
        yield from damaged(subject, at)
        yield from _exported(subject, at, known)
    elif model.format == "torchscript":
        yield from damaged(subject, at)
        yield from _scripted(subject, at, known)
    elif model.format != "coreml":
        yield from _tensorflow(subject, at, known)


def neuralnetwork(subject: Subject, at: At) -> Iterator[Reason]:
    """The frontends are the same, and what they refuse is said; what the neural network format itself lacks is not."""
    yield from mlprogram(subject, at)


def _exported(subject: Subject, at: At, known: Rows) -> Iterator[Reason]:
    model = subject.model
    assert model is not None
    for tensor in model.inputs:
        if tensor.dtype and tensor.dtype not in TAKEN:
            half = tensor.dtype == "float16"
            words = f"Core ML takes no input of {tensor.dtype}" + (
                " before iOS 16, which coremltools does not aim at by itself" if half else ""
            )
            remedy = "convert with minimum_deployment_target=coremltools.target.iOS16" if half else "export the model with float32 inputs"
            yield at.reason("dtype", f"{words} ({tensor.name})", subject, remedy=remedy)
    for used in subject.once(operators):
        domain = used.op.domain
        if domain in ("_operator", "math", "torch", "builtins", "higher_order", ""):
            continue
        name = f"{domain}.{used.key}"
        row = next(iter(known.get(("export", name), ())), None)
        if row is not None:
            if row.status == "unsupported":
                inner = str(row.more.get("made_of", ""))
                made = "" if looked_up(name) == inner else f": it becomes {inner}, which has none"
                yield at.reason("operator", f"coremltools has no conversion of {name}{made}", subject, used.graph, used.op, remedy=OTHER)
        elif ("torch", looked_up(name)) not in known:
            yield at.reason("operator", f"coremltools has no conversion of {name}", subject, used.graph, used.op, remedy=OTHER)
        elif unmet := _unmet(known["torch", looked_up(name)], used):
            yield at.reason("limit", f"coremltools' conversion of {name} {unmet.text}", subject, used.graph, used.op, remedy=OTHER)
        elif used.given < (wanted := known.get(("expects", looked_up(name)), (NOTHING,))[0].more.get("expects", 0)):
            words = f"coremltools converts {name} with all of its {wanted} arguments only, and the program has {used.given}"
            yield at.reason("limit", words, subject, used.graph, used.op, remedy="convert the traced module (torch.jit.trace) instead")
        elif used.dtype in known.get(("refuses", looked_up(name)), (NOTHING,))[0].more.get("refuses", ()):
            words = f"Core ML's operator for {name} takes floating-point numbers, not {used.dtype}"
            yield at.reason("dtype", words, subject, used.graph, used.op, remedy="cast to float32 before it")


def _unmet(found: Sequence[Row], used: Used) -> Limit | None:
    return next((limit for row in found for limit in row.limits if limit.met(used.op.attributes, ()) is False), None)


def _scripted(subject: Subject, at: At, known: Rows) -> Iterator[Reason]:
    model = subject.model
    assert model is not None
    for tensor in model.inputs:
        if tensor.shape == ():
            words = f"Core ML takes no input of rank 0 ({tensor.name})"
            yield at.reason("limit", words, subject, remedy="give it the shape (1,)")
    for used in subject.once(scripted):
        kind = looked_up(f"{used.op.domain}::{used.op.type}")
        if ("torch", BECOMES.get(kind, kind)) not in known and kind not in REMOVED:
            words = f"coremltools has no conversion of {used.op.domain}::{used.op.type}"
            yield at.reason("operator", words, subject, used.graph, used.op, remedy=OTHER)
        elif used.dtype in known.get(("refuses", kind), (NOTHING,))[0].more.get("refuses", ()):
            words = f"Core ML's operator for {used.op.domain}::{used.op.type} takes floating-point numbers, not {used.dtype}"
            yield at.reason("dtype", words, subject, used.graph, used.op, remedy="cast to float32 before it")


def _tensorflow(subject: Subject, at: At, known: Rows) -> Iterator[Reason]:
    for node in subject.once(nodes):
        op = node.op
        if node.folded or op.type in FROZEN or ("tensorflow", op.type) in known:
            continue
        where = node.within[0] if node.within else (node.graph, op)
        yield at.reason("operator", f"coremltools has no conversion of {op.type}", subject, *where, remedy="replace the operator by others")


FROZEN = {*CALLS, *FED, *VARIABLES, "ReadVariableOp", "Const", "NoOp", "Identity"}
"""Operators of TensorFlow that freezing removes."""
