"""TensorFlow.js's layers library: whether ``tf.loadLayersModel`` makes a model again, converted from a Keras file where it is one.

The converter copies the configuration as Keras saved it, and the weights under the names they have in the file; the library looks the
class of every layer up and reads its arguments. It reads configurations of Keras 1 and 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deplint.model import Layer
from deplint.targets import At
from deplint.targets.soundness import TFJS, faults
from deplint.targets.subject import Subject
from deplint.targets.table import Rows, rows
from deplint.targets.verdict import Reason, Verdict

RENAMED = {"BatchNormalizationV1": "BatchNormalization", "UnifiedGRU": "GRU", "UnifiedLSTM": "LSTM"}
"""What the converter writes for classes of TensorFlow 1.13 (converters/keras_h5_conversion.py, ``translate_class_names``)."""

OBJECTS = ("initializer", "regularizer", "constraint")

GRAPH = "convert it to a graph model: model.export(path), then --input_format=tf_saved_model"
LEGACY = "save it with legacy Keras (tf_keras) as .h5, or " + GRAPH


def layers(subject: Subject, at: At) -> Iterator[Reason]:
    """What the converter or the library refuses."""
    model = subject.model
    assert model is not None
    if model.format == "tfjs-layers":
        yield from faults(subject, TFJS)
    elif model.format == "keras-h5" and not model.layers:
        words = "the file holds weights only: no model can be loaded from it"
        yield at.reason("file", words, subject, remedy="save the whole model")
    elif model.format == "keras-h5" and not model.producer_version:
        yield at.reason("file", "the file does not say which Keras wrote it: KeyError 'keras_version'", subject, remedy=LEGACY)
    elif model.format == "keras" and "model.weights.h5" not in model.metadata.get("weights", ""):
        yield at.reason("file", "the archive has no model.weights.h5", subject, remedy="save the model again")
    if any(name.startswith(("layers/", "_layer_checkpoint_dependencies/", "optimizer/vars/")) for name in model.graph.tensors):
        words = "weights are named as in an archive of Keras: Provided weight data has no target variable"
        yield at.reason("file", words, subject, remedy=LEGACY)
    known = rows(at.target.table, at.release)
    for layer in model.layers:
        yield from _refused(at, known, layer)


def _refused(at: At, known: Rows, layer: Layer) -> Iterator[Reason]:
    name = RENAMED.get(layer.class_name, layer.class_name)
    row = next(iter(known.get(("", name), ())), None)
    if row is None:
        yield _reason(at, layer, "operator", f"TensorFlow.js has no layer {name} (Unknown layer: {name})", GRAPH)
        return
    if name == "InputLayer" and not layer.config.keys() & {"batch_input_shape", "input_shape"}:
        words = "the input is described as Keras 3 does: An InputLayer should be passed either a `batchInputShape` or an `inputShape`"
        yield _reason(at, layer, "version", words, LEGACY)
    for limit in row.limits:
        if limit.met(layer.config, ()) is False:
            yield _reason(at, layer, "limit", f"{name} with {limit.of}={layer.config.get(str(limit.of))!r}: {limit.text}", LEGACY)
    for key, value in layer.config.items():
        kind, called = _object(key, value)
        if called and (kind, called) not in known:
            yield _reason(at, layer, "limit", f"{name} with {key}={called}: Unknown {kind}", GRAPH)


def _object(key: str, value: Any) -> tuple[str, str]:
    """The kind and the name of an activation, an initializer, a regularizer or a constraint that an argument is; empty if it is none."""
    if key == "activation" or key.endswith("_activation"):
        return "activation", value if isinstance(value, str) else ""
    kind = next((kind for kind in OBJECTS if key.endswith(kind)), "")
    called = value.get("class_name") if isinstance(value, dict) else None
    return kind, called if kind and isinstance(called, str) else ""


def _reason(at: At, layer: Layer, cause: str, words: str, remedy: str) -> Reason:
    verdict = Verdict.unknown if at.beyond and cause == "operator" else Verdict.fails
    return Reason(cause, verdict, words, layer.class_name, 1, (f'layer "{layer.name}"',), remedy, str(at.target.meta["source"]))
