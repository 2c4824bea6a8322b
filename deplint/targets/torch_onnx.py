"""torch.onnx: what its two exporters translate.

The newer one takes exported programs (whichever is asked for, ``torch.onnx.export`` gives them to it): operators without a translation
are decomposed, and what is left then has to have one (torch/onnx/_internal/exporter/_dispatching.py). It refuses TorchScript altogether.
The older one takes TorchScript: after its passes each operator needs a symbolic function (torch/onnx/_internal/torchscript_exporter/
utils.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from deplint.targets import At
from deplint.targets.pytorch import COMPLEX, Used, damaged, fed, followed, operators, projected, scripted, written_whole
from deplint.targets.subject import Subject
from deplint.targets.table import Row, rows
from deplint.targets.torchscript_shapes import Lost, Shaped, sized
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
    dtypes = [dtype for dtype, _ in fed(subject) or ()]
    for dtype in sorted({*dtypes} & {*UNSIGNED}):
        words = f"the TorchScript exporter knows no {dtype}, which an input has"
        yield at.reason("dtype", words, subject, remedy="export the module with dynamo=True, or cast what is given")
    for name in subject.once(followed).left:
        words = f"the TorchScript exporter takes no module of which a parameter is left out ({name})"
        yield at.reason("limit", words, subject, remedy="give it every tensor its forward takes, or script a module without that parameter")
    imaginary, imaginary_told = any(dtype in COMPLEX for dtype in dtypes), False
    for used in subject.once(scripted):
        op = used.op
        name = op.type if (op.domain, op.type) in known else op.type.removesuffix("_")
        fitting = [row for row in known.get((op.domain, name), ()) if row.since <= opset]
        if (not fitting and not used.constant) or written_whole(used):
            words = f"Exporting the operator '{op.domain}::{op.type}' to ONNX opset version {opset} is not supported"
            yield at.reason(
                "operator", words, subject, used.graph, op, remedy="export the module with dynamo=True, or replace the operator"
            )
        elif op.domain == "aten" and not used.constant and (refused := _unexported(name, used.args)):
            words = f"the TorchScript exporter writes {op.domain}::{op.type} {refused}"
            yield at.reason("limit", words, subject, used.graph, op, remedy="export the module with dynamo=True, or rewrite the operator")
        elif fitting and (without := "with projections (proj_size)" if projected(used) else used.without(fitting[0])):
            words = f"{op.domain}::{op.type} is not exported {without}"
            yield at.reason("limit", words, subject, used.graph, op, remedy="export the module with dynamo=True, or rewrite the operator")
        elif used.imaginary or (not imaginary_told and imaginary):
            imaginary_told = True
            words = "the TorchScript exporter knows no complex numbers"
            yield at.reason("dtype", words, subject, used.graph, op, remedy="compute real and imaginary parts apart (torch.view_as_real)")


def _unexported(name: str, args: Sequence[Any]) -> str | None:
    """What a symbolic function asks of arguments that are not so, in words; None where it asks nothing, or nothing is known of them."""
    asked = ASKED.get(name)
    if asked is None or not args or not isinstance(args[0], Shaped):
        return None
    try:
        return asked(*args)
    except (TypeError, ValueError, IndexError):
        return None


def _adaptive(first: Shaped, output: list[Any], *rest: Any) -> str | None:
    wanted, shape = [sized(size) for size in output], first.shape or ()
    if None in wanted or {*wanted} <= {1}:
        return None
    if first.forgotten and (first.unranked or any(isinstance(size, Lost) for size in shape[2:])):
        return f"only after operators whose sizes it knows, which padding (pad) and unflatten are not (output_size={wanted})"
    if len(shape) == len(wanted) + 2 and any(a is not None and b and a % b for a, b in zip(shape[2:], wanted, strict=True)):
        return f"only to sizes that divide the input's: {list(shape[2:])} to {wanted}"
    return None


def _batch_norm(first: Shaped, weight: Any, bias: Any, mean: Any, variance: Any, *rest: Any) -> str | None:
    channels = first.unranked or isinstance((first.shape or (None, None))[1], Lost)
    batch = first.unranked or isinstance((first.shape or (None,))[0], Lost)
    if ((weight is None or bias is None) and channels) or ((mean is None or variance is None) and (batch or channels)):
        return "without its weights or statistics only after operators whose sizes it knows, which padding (pad) is not"
    return None


def _instance_norm(first: Shaped, weight: Any, bias: Any, mean: Any, variance: Any, *rest: Any) -> str | None:
    kept = isinstance(mean, Shaped) and isinstance(variance, Shaped)
    channels = first.unranked or isinstance((first.shape or (None, None))[1], Lost)
    batch = first.unranked or isinstance((first.shape or (None,))[0], Lost)
    if ((weight is None or bias is None) and channels) or (kept and (batch or channels)):
        return "only after operators whose sizes it knows, which padding (pad) is not"
    return None


def _ranked(first: Shaped, *rest: Any) -> str | None:
    return "only of tensors whose rank it knows, which those of unflatten and tile are not" if first.unranked else None


def _flatten(first: Shaped, start: Any = 0, end: Any = -1) -> str | None:
    return None if (start, end) in ((1, -1), (0, -2)) else _ranked(first)


def _threshold(first: Shaped, threshold: Any, value: Any) -> str | None:
    return "only for threshold and value 0" if any(isinstance(each, int | float) and each for each in (threshold, value)) else None


def _added(first: Shaped, dim: Any, index: Any, other: Any, *rest: Any) -> str | None:
    at = sized(dim)
    if at is None or not isinstance(other, Shaped):
        return None
    if first.unranked or other.unranked:
        return _ranked(Shaped(unranked=True))
    if first.shape is None or other.shape is None or len(first.shape) != len(other.shape):
        return None
    own, more = first.shape[at], other.shape[at]
    if own is None or more is None or isinstance(own, Lost) or isinstance(more, Lost) or more <= own:
        return None
    return f"only for no more slices ({more}) than there are to add to ({own}), as it takes each index once"


def _unfolded(first: Shaped, dimension: Any, size: Any, step: Any) -> str | None:
    at = sized(dimension)
    lost = first.unranked or (at is not None and first.shape is not None and isinstance(first.shape[at], Lost))
    return "only along sizes that it knows, which padding (pad) makes none of" if lost else None


def _four(first: Shaped, *rest: Any) -> str | None:
    if first.shape is not None and len(first.shape) != 4:
        return "only of tensors of rank 4"
    return _ranked(first)


ASKED: Mapping[str, Callable[..., str | None]] = {
    **{f"adaptive_{kind}_pool{n}d": _adaptive for kind in ("avg", "max") for n in (1, 2, 3)},
    **dict.fromkeys(("transpose", "group_norm", "scaled_dot_product_attention", "numpy_T", "diagonal"), _ranked),
    **dict.fromkeys(("pixel_shuffle", "pixel_unshuffle"), _four),
    "batch_norm": _batch_norm,
    "instance_norm": _instance_norm,
    "flatten": _flatten,
    "threshold": _threshold,
    "index_add": _added,
    "unfold": _unfolded,
}
"""What symbolic functions ask of arguments (symbolic_opset9.py and those of later opsets; symbolic_helper.py for batch_norm)."""
