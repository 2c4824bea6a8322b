"""TensorFlow models run as they are, and TensorFlow Lite models run by the interpreter, to compare numbers with."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy
import tensorflow as tf
from comparing import Run, Specs


def source(path: str, outputs: Sequence[str] = ()) -> Run:
    """What runs a SavedModel, a Keras file, a frozen graph or a `.tflite` file. Inputs go to a SavedModel by name, to a Keras model where
    they have its names, else in order; of a SavedModel the named outputs are given, or all in the order of their names."""
    if os.path.isdir(path):
        loaded = tf.saved_model.load(path)
        signature = loaded.signatures.get("serving_default") or next(iter(loaded.signatures.values()))

        def by_name(inputs: Mapping[str, Any]) -> list[Any]:
            given = signature(**{name: tf.constant(array) for name, array in inputs.items()})
            return [given[name].numpy() for name in outputs or sorted(given)]

        return by_name
    if path.endswith((".tflite", ".lite")):
        return interpreted(tf.lite.Interpreter(path))[1]
    if path.endswith(".pb"):
        return _frozen(path)
    model = tf.keras.models.load_model(path, compile=False)
    names = [tensor.name for tensor in model.inputs]

    def ordered(inputs: Mapping[str, Any]) -> list[Any]:
        arrays = [inputs[name] for name in names] if set(names) == set(inputs) else list(inputs.values())
        given = model([tf.constant(array) for array in arrays] if len(arrays) > 1 else tf.constant(arrays[0]), training=False)
        return [each.numpy() for each in tf.nest.flatten(given)]

    return ordered


def ends(graph: Any) -> tuple[list[str], list[str]]:
    """The placeholders of a frozen graph, and what nothing reads."""
    read = {name.lstrip("^").partition(":")[0] for node in graph.node for name in node.input}
    inputs = [f"{node.name}:0" for node in graph.node if node.op == "Placeholder"]
    return inputs, [f"{node.name}:0" for node in graph.node if node.name not in read and node.op not in ("Placeholder", "NoOp", "Assert")]


def graph_definition(path: str) -> Any:
    stored = tf.compat.v1.GraphDef()
    with open(path, "rb") as stream:
        stored.ParseFromString(stream.read())
    return stored


def _frozen(path: str) -> Run:
    stored = graph_definition(path)
    fetched = ends(stored)[1]

    def run(inputs: Mapping[str, Any]) -> list[Any]:
        with tf.Graph().as_default(), tf.compat.v1.Session() as session:
            tf.import_graph_def(stored, name="")
            return list(session.run(fetched, dict(inputs)))

    return run


def interpreted(interpreter: Any) -> tuple[Specs, Run]:
    """What a TensorFlow Lite model takes, and what runs it: by the names of its signature if it has one, else in order. What is quantized
    is taken and given as the numbers it stands for."""
    signatures = list(interpreter.get_signature_list())
    runner = interpreter.get_signature_runner(signatures[0]) if signatures else None
    details = runner.get_input_details() if runner else {each["name"]: each for each in interpreter.get_input_details()}
    given = runner.get_output_details() if runner else {each["name"]: each for each in interpreter.get_output_details()}
    specs = {
        name: ("float32" if _scale(each) else numpy.dtype(each["dtype"]).name, each["shape_signature"].tolist())
        for name, each in details.items()
    }

    def run(inputs: Mapping[str, Any]) -> list[Any]:
        stored = {name: _stored(array, details[name]) for name, array in inputs.items()}
        if runner is not None:
            outputs = runner(**stored)
            return [_meant(outputs[name], given[name]) for name in sorted(outputs)]
        for name, array in stored.items():
            interpreter.resize_tensor_input(details[name]["index"], array.shape)
        interpreter.allocate_tensors()
        for name, array in stored.items():
            interpreter.set_tensor(details[name]["index"], array)
        interpreter.invoke()
        return [_meant(interpreter.get_tensor(each["index"]), each) for each in given.values()]

    return specs, run


def _scale(detail: Mapping[str, Any]) -> float:
    """The scale of a quantized tensor; 0 for any other."""
    return float(detail["quantization"][0])


def _stored(array: Any, detail: Mapping[str, Any]) -> Any:
    if not _scale(detail):
        return numpy.asarray(array, detail["dtype"])
    scale, zero = detail["quantization"]
    limits = numpy.iinfo(detail["dtype"])
    return numpy.clip(numpy.round(array / scale) + zero, limits.min, limits.max).astype(detail["dtype"])


def _meant(array: Any, detail: Mapping[str, Any]) -> Any:
    scale, zero = detail["quantization"]
    return (array.astype("float32") - zero) * numpy.float32(scale) if scale else array
