"""litert-torch: what Google's converter of PyTorch models makes TensorFlow Lite of.

An exported program is traced again and decomposed to Core ATen; each operator that is left needs a lowering (litert_torch/backend/
export.py), what those make has to become TensorFlow Lite's operators, and these need kernels of LiteRT's interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from math import prod
from typing import Any

from deplint.targets import At
from deplint.targets.pytorch import HELPERS, Used, damaged, operators, stopped
from deplint.targets.subject import Subject
from deplint.targets.table import rows
from deplint.targets.verdict import Reason

TAKEN = frozenset({"float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"})
"""Dtypes of tensors that are given (litert_torch/backend/lowerings/utils.py, ``torch_dtype_to_ir_element_type``)."""

OTHER = "replace the operator by others, or register a lowering (litert_torch.backend.lowerings.lower)"
CAST = "cast to float32 before it, and back"


def judge(subject: Subject, at: At) -> Iterator[Reason]:
    """What ``litert_torch.convert`` refuses, and what the interpreter does not load of what it makes."""
    model = subject.model
    assert model is not None
    broken = list(damaged(subject, at))
    yield from broken
    if broken:
        return
    for tensor in model.inputs:
        if tensor.dtype and tensor.dtype not in TAKEN:
            words = f"litert-torch takes no input of {tensor.dtype} ({tensor.name})"
            yield at.reason("dtype", words, subject, remedy="export the model with inputs of another dtype")
    if returned := model.metadata.get("returns"):
        words = f"litert-torch converts no program that returns what is no tensor ({returned})"
        yield at.reason("limit", words, subject, remedy="return tensors only, and export the model again")
    known = rows(at.target.table, at.release)
    read = {name for graph, op in model.graph.walk() for name in (*op.inputs, *graph.outputs)}
    for used in subject.once(operators):
        domain, name = used.op.domain, f"{used.op.domain}.{used.key}"
        row = next(iter(known.get((domain, used.key), ())), None)
        why = stopped(row, used) if row is not None else None
        if why is None and any(operand.constant and operand.dtype == "bfloat16" and (operand.rank or 0) > 1 for operand in used.inputs):
            why = "dtype", "weights"
        if why is None and row is not None and used.imaginary and not row.more.get("complex"):
            why = "dtype", "complex"
        if why is None and (asks := _checked(used, read)):
            why = "limit", asks
        if why is None and row is None and domain not in HELPERS and not used.op.type.startswith("wrap_with_"):
            why = "operator", name
        if why is not None:
            cause, made = why
            told = f"litert-torch converts {name} {made}" if cause == "limit" else f"{name} {_said(made, name, used.dtype)}"
            yield at.reason(cause, told, subject, used.graph, used.op, remedy=CAST if cause == "dtype" and made != "complex" else OTHER)


def _said(made: str, name: str, dtype: str) -> str:
    """Words for what stopped an operator: see `tools.support.litert_torch.why`."""
    if made == name:
        return "has no lowering in litert-torch"
    if made.startswith(("aten.", "prims.", "torch_nn.")):
        return f"becomes {made}, which has no lowering in litert-torch"
    if made.startswith(("tfl.", "mhlo.", "stablehlo.")):
        return f"becomes {made}{f' of {dtype}' if dtype else ''}, which cannot be written as an operator of TensorFlow Lite"
    if made.startswith("STABLEHLO_"):
        return f"becomes {made}, which LiteRT's interpreter has no kernel for"
    if made == "complex":
        return "computes complex numbers, which litert-torch does not"
    if made == "weights":
        return "has weights of bfloat16, which litert-torch does not write"
    return f"is not converted by litert-torch: {made}"


def _checked(used: Used, read: Collection[str]) -> str | None:
    """What an operator asks of arguments that are not so, in words; None where nothing is known of them. `read` are the tensors that are
    used."""
    if used.key == "topk.default":
        return _chosen(used, read)
    asked = CHECKS.get(used.key)
    try:
        return asked(used) if asked is not None else None
    except (TypeError, ValueError, IndexError):
        return None


def _chosen(used: Used, read: Collection[str]) -> str | None:
    """What ``chlo.top_k`` becomes is TOPK_V2 only where the indices are needed; else a sort, for which there is no kernel."""
    if used.dtype and not used.dtype.startswith("float"):
        return "of floating-point numbers only"
    unread = len(used.op.outputs) < 2 or used.op.outputs[1] not in read
    return "only where its indices are used too: of the values alone it makes STABLEHLO_SORT, without a kernel" if unread else None


def _transposed(used: Used) -> str | None:
    """Where strides are more than 1 the converter takes what TensorFlow calls VALID and SAME: no padding, or such that the result is as
    many times as large as the stride says. Measured, as is that kernels of 3 along one dimension get through all the same."""
    kernel = used.inputs[1].shape
    if kernel is None:
        return None
    sizes = [size for size in kernel[2:] if isinstance(size, int)]
    strides, pads, dilations = (_each(used.op.attributes.get(key), start, len(sizes)) for key, start in _CONVOLUTION)
    if max(strides) <= 1:
        return None
    if len(sizes) == 3:
        return "in three dimensions without a stride only"
    if max(dilations) > 1:
        return "without stride and dilation at once only"
    if not any(pads) or all(2 * p == k - s for k, s, p in zip(sizes, strides, pads, strict=True)):
        return None
    if any(k == 3 for k in sizes) and min((*strides, 1 if len(sizes) == 1 else max(strides))) == 1:
        return None
    return f"with a stride without padding or with such that kernel_size - stride = 2 * padding only (kernel {sizes}, {strides}, {pads})"


_CONVOLUTION = (("stride", 1), ("padding", 0), ("dilation", 1))


def _each(value: Any, start: int, count: int) -> list[int]:
    """An argument for each dimension: one number may stand for all."""
    found = [start] if value is None or value == [] else [int(each) for each in (value if isinstance(value, list | tuple) else [value])]
    return found * count if len(found) == 1 else found


def _floored(used: Used) -> str | None:
    floats = used.dtype.startswith(("float", "bfloat"))
    return "for floating-point numbers without rounding_mode='floor' only" if floats and _given(used, "rounding_mode") == "floor" else None


def _spectrum(used: Used) -> str | None:
    """The kernel is one of RFFT2D, whose lengths are powers of two (tflite/kernels/rfft2d.cc)."""
    shape = used.inputs[0].shape
    if shape is None or _given(used, "norm") not in (None, "backward"):
        return None if shape is None else "without a norm only"
    if _given(used, "dim") not in (None, -1, len(shape) - 1):
        return "along the last dimension only"
    length = _given(used, "n") or shape[-1]
    return "of lengths that are powers of two only" if isinstance(length, int) and length & (length - 1) else None


def _grouped(used: Used) -> str | None:
    groups = _given(used, "groups")
    return "in three dimensions without groups only" if isinstance(groups, int) and groups > 1 else None


def _averaged(used: Used) -> str | None:
    shape, wanted = used.inputs[0].shape or (), _each(_given(used, "output_size"), 1, 3)
    uneven = any(isinstance(size, int) and size % want for size, want in zip(shape[-3:], wanted, strict=True))
    return "to sizes that divide the input's only" if uneven else None


def _detached(used: Used) -> str | None:
    """The program is traced again, and PyTorch follows what constants of one number become, not others."""
    numbers = prod(size for size in used.inputs[0].shape or () if isinstance(size, int))
    return "of one number only (of a constant that forward makes, when the program is traced again)" if numbers > 1 else None


def _given(used: Used, key: str) -> Any:
    return used.op.attributes.get(key)


CHECKS: Mapping[str, Callable[[Used], str | None]] = {
    "conv_transpose1d.default": _transposed,
    "conv_transpose2d.input": _transposed,
    "conv_transpose3d.input": _transposed,
    "detach_.default": _detached,
    "conv3d.default": _grouped,
    "adaptive_avg_pool3d.default": _averaged,
    "div.Tensor_mode": _floored,
    "fft_rfft.default": _spectrum,
}
"""What is asked of several arguments at once."""
