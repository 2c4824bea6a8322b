"""TensorFlow Lite: what its converter makes of a TensorFlow model.

Measured, for each operator and the dtype of its first input (`tools/support/tensorflow_lite.py`): it becomes built-in operators, or the
converter asks for TensorFlow's own (select operators) or for a custom one. An operator whose inputs are all known is folded before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from deplint.targets import At, litert
from deplint.targets.subject import Subject
from deplint.targets.table import Row, rows
from deplint.targets.tensorflow_graph import CALLS, FED, VARIABLES, nodes
from deplint.targets.verdict import Reason

HANDLED = {
    *CALLS, *FED, *VARIABLES, "Const", "NoOp", "Identity", "IdentityN", "ReadVariableOp", "StopGradient", "PreventGradient", "Assert",
    "While", "StatelessWhile", "If", "StatelessIf", "Case", "StatelessCase", "Snapshot", "EnsureShape", "PlaceholderWithDefault",
}  # fmt: skip
"""Operators that vanish, or become control flow, whatever their dtype."""

FUSED = {"Erf", "Erfc", "DynamicStitch", "TensorListReserve", "TensorListSetItem", "TensorListStack", "TensorListFromTensor",
         "TensorListGetItem", "TensorListElementShape", "TensorListLength", "NonMaxSuppressionV4", "NonMaxSuppressionV5", "HashTableV2",
         "LookupTableFindV2", "LookupTableImportV2", "LookupTableSizeV2", "RFFT", "IRFFT", "Complex"}  # fmt: skip
"""Operators that the converter takes or not depending on what is around them: the operator alone proves nothing."""

BETTER = ("builtin", "refused", "flex", "custom", "kernel", "error")
"""What may come of an operator, the best first."""


def builtins(subject: Subject, at: At) -> Iterator[Reason]:
    """What keeps a model from built-in operators alone."""
    yield from _converted(subject, at, select=False)


def select(subject: Subject, at: At) -> Iterator[Reason]:
    """What keeps a model from being converted with TensorFlow's operators allowed."""
    yield from _converted(subject, at, select=True)


def int8(subject: Subject, at: At) -> Iterator[Reason]:
    """What keeps a model from full integer quantization: that it is no built-in operator, or no number."""
    yield from _converted(subject, at, select=False)


def _converted(subject: Subject, at: At, select: bool) -> Iterator[Reason]:
    model = subject.model
    assert model is not None
    if model.format == "tflite":
        yield from litert.tensorflow(subject, at, select)
        return
    known = rows(at.target.table, at.release)
    for node in subject.once(nodes):
        op = node.op
        if node.folded or op.type in HANDLED or op.type in FUSED:
            continue
        dtype = node.inputs[0].dtype if node.inputs else ""
        came = _came_of(known.get(("", op.type), ()), dtype)
        if came in ("builtin", "") or (came == "flex" and select):
            continue
        place = node.within[0] if node.within else (node.graph, op)
        of = f" of {dtype}" if dtype and any(_came_of(known["", op.type], other) == "builtin" for other in ("float32", "int32")) else ""
        if came == "flex":
            words = f"TensorFlow Lite has no built-in operator for {op.type}{of}: the converter asks for SELECT_TF_OPS"
            remedy = "allow tf.lite.OpsSet.SELECT_TF_OPS and ship the select operators' library, or replace the operator"
        elif came == "custom":
            words, remedy = (
                f"the converter knows {op.type}{of} as a custom operator only",
                "replace the operator, or move it out of the model",
            )
        elif came == "kernel":
            words, remedy = f"TensorFlow itself does not compute {op.type}{of}: No OpKernel was registered", "cast its inputs to float32"
        else:
            words, remedy = f"the converter fails on {op.type}{of}", "replace the operator, or move it out of the model"
        yield at.reason("dtype" if of else "operator", words, subject, *place, remedy=remedy)


def _came_of(found: Sequence[Row], dtype: str) -> str:
    """What the converter made of the operator; "" where that was not measured, and other dtypes came out differently."""
    for row in found:
        measured: Mapping[str, str] = {name: result for result in BETTER for name in row.more.get(result, ())}
        results = set(measured.values())
        if dtype in measured and (measured[dtype] != "error" or results == {"error"}):
            return measured[dtype]  # an error may as well be the fault of the numbers that were tried
        if "builtin" not in results:
            return min(results, key=BETTER.index, default="")
    return ""
