"""torch.onnx: what its two exporters translate.

The newer one takes exported programs (whichever is asked for, ``torch.onnx.export`` gives them to it): operators without a translation
are decomposed, and what is left then has to have one (torch/onnx/_internal/exporter/_dispatching.py). It refuses TorchScript altogether.
The older one takes TorchScript: after its passes each operator needs a symbolic function (torch/onnx/_internal/torchscript_exporter/
utils.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint.targets import At
from deplint.targets.pytorch import COMPLEX, Used, damaged, operators, scripted
from deplint.targets.subject import Subject
from deplint.targets.table import Row, rows
from deplint.targets.verdict import Reason

PYTHON = ("", "_operator", "math", "torch", "builtins", "torchvision", "onnx", "onnx_symbolic")
"""Where functions of exported programs are from that are no operators of PyTorch's own, or that bring their translation along."""

UNSIGNED = ("uint16", "uint32", "uint64")
"""Dtypes that came after the TorchScript exporter (torch/onnx/_type_utils.py)."""

OTHER = "replace the operator by others, or give torch.onnx.export a translation of your own (custom_translation_table)"


def dynamo(subject: Subject, at: At) -> Iterator[Reason]:
    """What ``torch.onnx.export(program, dynamo=True)`` refuses."""
    model = subject.model
    assert model is not None
    if model.format != "torch-export":
        words = "torch.onnx.export(dynamo=True) exports no TorchScript"
        yield at.reason("file", words, subject, remedy="export the module itself, or with dynamo=False")
        return
    broken = list(damaged(subject, at))
    yield from broken
    if broken:
        return
    known = rows(at.target.table, at.release)
    for used in subject.once(operators):
        domain, key = used.op.domain, used.key
        row = next(iter(known.get((domain, key), ())), None)
        if row is None:
            if domain not in PYTHON and not used.op.type.startswith("wrap_with_"):  # those are written out
                words = f"PyTorch {at.release} has no ONNX translation of {domain}.{key}"
                yield at.reason("operator", words, subject, used.graph, used.op, remedy=OTHER)
            continue
        why = _refused(row, f"{domain}.{key}", used.dtype, used.imaginary)
        if why is None and row.more.get("divides") and _uneven(used):
            words = f"the exporter translates {domain}.{key} to sizes that divide the input's only"
            why = "limit", words, "choose such an output size, or resize the input"
        unmet = next((limit for limit in row.limits if limit.met(used.op.attributes, used.inputs) is False), None)
        if why is None and unmet is not None:
            why = "limit", f"the exporter translates {domain}.{key} {unmet.text}", "give that argument"
        if why:
            yield at.reason(why[0], why[1], subject, used.graph, used.op, remedy=why[2])


def _refused(row: Row, name: str, dtype: str, imaginary: bool) -> tuple[str, str, str] | None:
    """Cause, words and remedy."""
    if row.status == "unsupported":
        inner = str(row.more.get("made_of", ""))
        if inner.startswith(("aten.", "prims.")):
            return "operator", f"the exporter has no ONNX translation of {name}: it becomes {inner}, which has none", OTHER
        return "operator", f"the exporter has no ONNX translation of {name}", OTHER
    if imaginary and row.more.get("complex", False) is False:
        words = f"the exporter has no ONNX translation of {name} for complex numbers"
        return "dtype", words, "compute real and imaginary parts apart (torch.view_as_real)"
    if dtype in row.more.get("refuses", ()):
        return "dtype", f"the exporter has no ONNX translation of {name} for {dtype}", "cast to float32 before it, and back"
    return None


def _uneven(used: Used) -> bool:
    """Whether the sizes of an adaptive pool's output do not divide those of its input, where both are known."""
    wanted, shape = used.op.attributes.get("output_size"), used.inputs[0].shape if used.inputs else None
    if not isinstance(wanted, list | tuple) or not shape or len(shape) < len(wanted):
        return False
    pairs = zip(shape[-len(wanted) :], wanted, strict=True)
    return any(isinstance(a, int) and isinstance(b, int) and b > 0 and a % b for a, b in pairs)


def legacy(subject: Subject, at: At) -> Iterator[Reason]:
    """What ``torch.onnx.export(module, inputs, dynamo=False)`` refuses of TorchScript."""
    model = subject.model
    assert model is not None
    if model.format == "torch-export":
        # The exporter turns to the newer one by itself.
        from deplint.targets.known import TARGETS

        other = TARGETS["torch-onnx-dynamo"]
        yield from dynamo(subject, At(other, at.release if at.release in other.releases else other.releases[-1], at.beyond))
        return
    broken = list(damaged(subject, at))
    yield from broken
    if broken:
        return
    opset = at.target.meta["of"][at.release]["opset"]
    known = rows(at.target.table, at.release)
    for tensor in model.inputs:
        if tensor.dtype in UNSIGNED:
            words = f"the TorchScript exporter knows no {tensor.dtype} ({tensor.name})"
            yield at.reason("dtype", words, subject, remedy="export the module with dynamo=True, or cast what is given")
    imaginary, imaginary_told = any(tensor.dtype in COMPLEX for tensor in model.inputs), False
    for used in subject.once(scripted):
        op = used.op
        name = op.type if (op.domain, op.type) in known else op.type.removesuffix("_")
        fitting = [row for row in known.get((op.domain, name), ()) if row.since <= opset]
        if not fitting and not used.constant:
            words = f"Exporting the operator '{op.domain}::{op.type}' to ONNX opset version {opset} is not supported"
            yield at.reason(
                "operator", words, subject, used.graph, op, remedy="export the module with dynamo=True, or replace the operator"
            )
        elif fitting and (without := used.without(fitting[0])):
            words = f"{op.domain}::{op.type} is not exported {without}"
            yield at.reason("limit", words, subject, used.graph, op, remedy="export the module with dynamo=True, or rewrite the operator")
        elif used.imaginary or (not imaginary_told and imaginary):
            imaginary_told = True
            words = "the TorchScript exporter knows no complex numbers"
            yield at.reason("dtype", words, subject, used.graph, op, remedy="compute real and imaginary parts apart (torch.view_as_real)")
