"""TensorFlow.js: what its converter lets through.

The converter freezes the model, then looks up every operator of the graph in its lists, before it optimizes: an operator it would fold
away counts too (tensorflowjs/converters/tf_saved_model_conversion_v2.py, ``validate``). Loops and branches are lowered first. A Keras file
is loaded before, by current Keras or by the legacy one that the converter brings.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint.data import load
from deplint.targets import At
from deplint.targets.keras import keras2, keras3
from deplint.targets.soundness import SAVEDMODEL, TFJS, faults
from deplint.targets.subject import Subject
from deplint.targets.table import Rows, rows
from deplint.targets.tensorflow_graph import CALLS, VARIABLES, nodes, unloadable
from deplint.targets.tensorflow_layers import LAYERS, uses
from deplint.targets.verdict import Reason, Verdict

FROZEN = {*CALLS, *VARIABLES, "ReadVariableOp", "ResourceGather", "ResourceGatherNd", "Placeholder", "Const", "NoOp", "Identity"}
"""Operators that freezing replaces by others the lists have."""

PLUGIN = "SimpleML"
"""What the operators begin with that the package @tensorflow/tfjs-tfdf brings."""

LOWERED = {"While", "StatelessWhile", "If", "StatelessIf", "Case", "StatelessCase"}
DEBUGGING = {"Assert", "CheckNumerics", "Print"}

EXPORT = "convert what model.export(path) writes, with --input_format=tf_saved_model"

TABLE = "LookupTableFindV2"
"""What a Keras layer uses that has a vocabulary."""

WITHIN = {"gelu": "Erfc"}
"""Activation of Keras -> what it uses besides what the table of layers has: that leaves out what TensorFlow Lite has as one operator."""

KERAS = {"keras3": keras3, "keras2": keras2}

WEIGHTS = {
    *("float16", "float32", "int32", "complex64", "uint8", "uint16", "bool", "string"),
    *("float64", "int64", "complex128"),  # which are narrowed
}
"""Dtypes that write_weights.py writes."""


def graph(subject: Subject, at: At) -> Iterator[Reason]:
    """What ``tensorflowjs_converter`` refuses; of a converted model, what the library of that release does not know or load."""
    yield from faults(subject, TFJS)
    yield from refused(subject, at, rows(at.target.table, at.release))


def refused(subject: Subject, at: At, known: Rows) -> Iterator[Reason]:
    """What the converter refuses that has the operators `known`."""
    assert subject.model is not None
    if subject.model.format.startswith("keras"):
        yield from _layers(subject, at, known)
    yield from faults(subject, SAVEDMODEL)
    for found, broken, words in subject.once(unloadable) if subject.model.format in ("savedmodel", "graphdef") else ():
        yield at.reason("file", words, subject, found, broken, remedy="export the model again")
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


def _layers(subject: Subject, at: At, known: Rows) -> Iterator[Reason]:
    """What keeps a Keras file from being converted: that no generation of Keras loads it, or an operator that one of its layers uses."""
    from deplint.targets.known import TARGETS

    assert subject.model is not None
    loading = [list(judge(subject, At(TARGETS[name], TARGETS[name].releases[-1]))) for name, judge in KERAS.items()]
    if all(loading):
        yield from loading[0]
    elif loading[1] and subject.model.metadata.get("class_name") == "Sequential":
        words = "the converter takes no Sequential of Keras 3: 'Sequential' object has no attribute 'output_names'"
        yield at.reason("version", words, subject, remedy=EXPORT)
    layers = rows(LAYERS, load(f"support/{LAYERS}")["meta"]["releases"][-1])
    for layer in subject.model.layers:
        names = dict.fromkeys(use.partition(":")[0] for use in uses(layers, layer, fixed=False))
        names |= dict.fromkeys(name for activation, name in WITHIN.items() if layer.config.get("activation") == activation)
        lacking = [name for name in names if ("", name) not in known and name not in FROZEN | LOWERED]
        place, source = (f'layer "{layer.name}"',), str(at.target.meta["source"])
        if lacking:
            words = f"TensorFlow.js has no {', '.join(lacking)}, which {layer.class_name} uses"
            yield Reason("operator", Verdict.fails, words, layer.class_name, 1, place, "move the layer out of the model", source)
        elif TABLE in names:
            words = f"the converter does not freeze the table of {layer.class_name} in a Keras file: Can not freeze saved model v1"
            yield Reason("limit", Verdict.fails, words, layer.class_name, 1, place, EXPORT, source)
