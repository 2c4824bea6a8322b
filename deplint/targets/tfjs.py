"""TensorFlow.js: what its converter lets through.

The converter freezes the model, then looks up every operator of the graph in its lists, before it optimizes: an operator it would fold
away counts too (tensorflowjs/converters/tf_saved_model_conversion_v2.py, ``validate``). Loops and branches are lowered first.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint.targets import At
from deplint.targets.subject import Subject
from deplint.targets.table import Rows, rows
from deplint.targets.tensorflow_graph import CALLS, VARIABLES, nodes
from deplint.targets.verdict import Reason

FROZEN = {*CALLS, *VARIABLES, "ReadVariableOp", "ResourceGather", "ResourceGatherNd", "Placeholder", "Const", "NoOp", "Identity"}
"""Operators that freezing replaces by others the lists have."""

PLUGIN = "SimpleML"
"""What the operators begin with that the package @tensorflow/tfjs-tfdf brings."""

LOWERED = {"While", "StatelessWhile", "If", "StatelessIf", "Case", "StatelessCase"}
DEBUGGING = {"Assert", "CheckNumerics", "Print"}

WEIGHTS = {
    *("float16", "float32", "int32", "complex64", "uint8", "uint16", "bool", "string"),
    *("float64", "int64", "complex128"),  # which are narrowed
}
"""Dtypes that write_weights.py writes."""


def graph(subject: Subject, at: At) -> Iterator[Reason]:
    """What ``tensorflowjs_converter`` refuses; of a converted model, what the library of that release does not know."""
    yield from refused(subject, at, rows(at.target.table, at.release))


def refused(subject: Subject, at: At, known: Rows) -> Iterator[Reason]:
    """What the converter refuses that has the operators `known`."""
    for node in subject.once(nodes):
        op = node.op
        if ("", op.type) in known or op.type in FROZEN | LOWERED:
            continue
        debugging = op.type in DEBUGGING
        yield at.reason(
            "operator",
            f"TensorFlow.js has no {op.type}",
            subject,
            *(node.within[0] if node.within else (node.graph, op)),
            remedy="convert with --strip_debug_ops=True" if debugging else "replace the operator, or move it out of the model",
        )
    for node in subject.once(nodes):
        for operand in () if node.folded else node.inputs:
            if operand.constant and operand.dtype and operand.dtype not in WEIGHTS | {"resource", "variant"}:
                words = f"the converter writes no weights of {operand.dtype}"
                yield at.reason("dtype", words, subject, node.graph, node.op, remedy="cast them to float32 or int32")
