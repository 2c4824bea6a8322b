"""tf2onnx, as its command line does it: is the model converted, with no operator left over, into valid ONNX?

Numbers are compared between TensorFlow and ONNX Runtime.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

import onnx
import tensorflow as tf
from serve import serve
from tf2onnx import convert, tf_loader


class Unsupported(logging.Handler):
    """Notes the operators that the converter leaves as they are, which it only logs."""

    seen = ""

    def emit(self, record: logging.LogRecord) -> None:
        if "Unsupported ops" in str(record.msg):
            self.seen = record.getMessage()


LEFT_OVER = Unsupported()
LOGGER = logging.getLogger("tf2onnx.tfonnx")
LOGGER.addHandler(LEFT_OVER)


def answer(path: str, target: str, numeric: bool) -> dict[str, Any] | None:
    LEFT_OVER.seen = ""
    model = converted(path)
    if LEFT_OVER.seen:
        raise ValueError(LEFT_OVER.seen)
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        if "Field 'shape'" not in str(error):  # an output of unknown rank, which runtimes take
            raise
    onnx.shape_inference.infer_shapes(model, check_type=True)
    return _numbers(path, model) if numeric else None


def converted(path: str) -> Any:
    """The ONNX model, made the way ``python -m tf2onnx.convert`` goes about each kind of file."""
    if path.endswith((".tflite", ".lite")):
        return convert._convert_common(None, tflite_path=path)[0]
    tables = names = None
    if os.path.isdir(path):
        graph, inputs, outputs, tables, names = tf_loader.from_saved_model(
            path, None, None, None, None, None, False, return_initialized_tables=True, return_tensors_to_rename=True
        )
    elif path.endswith(".pb"):
        graph, inputs, outputs = tf_loader.from_graphdef(path, *_ends(path))
    else:
        graph, inputs, outputs = tf_loader.from_keras(path, None, None)
    with tf.device("/cpu:0"):
        return convert._convert_common(
            graph, name=path, input_names=inputs, output_names=outputs, initialized_tables=tables, tensors_to_rename=names
        )[0]


def _ends(path: str) -> tuple[list[str], list[str]]:
    """The placeholders of a frozen graph, and what nothing reads."""
    graph = tf.compat.v1.GraphDef()
    with open(path, "rb") as stream:
        graph.ParseFromString(stream.read())
    read = {name.lstrip("^").partition(":")[0] for node in graph.node for name in node.input}
    inputs = [f"{node.name}:0" for node in graph.node if node.op == "Placeholder"]
    return inputs, [f"{node.name}:0" for node in graph.node if node.name not in read and node.op not in ("Placeholder", "NoOp", "Assert")]


def _numbers(path: str, model: Any) -> dict[str, Any]:
    from comparing import compared
    from onnx_session import session

    try:
        specs, run = session(model.SerializeToString())
    except Exception as error:
        return {"numbers": f"not compared: ONNX Runtime does not run the model: {type(error).__name__}: {error}"[:500]}
    return compared(specs, _source(path, [output.name for output in model.graph.output]), run)


def _source(path: str, outputs: list[str]) -> Callable[[Mapping[str, Any]], list[Any]]:
    """What runs the model with TensorFlow. Inputs are in the order of the converted model's, a SavedModel's are known by name."""
    if os.path.isdir(path):
        loaded = tf.saved_model.load(path)
        signature = loaded.signatures.get("serving_default") or next(iter(loaded.signatures.values()))

        def by_name(inputs: Mapping[str, Any]) -> list[Any]:
            given = signature(**{name: tf.constant(array) for name, array in inputs.items()})
            return [given[name].numpy() for name in outputs]

        return by_name
    if path.endswith((".tflite", ".lite")):
        return _interpreted(path)
    if path.endswith(".pb"):
        return _frozen(path)
    model = tf.keras.models.load_model(path, compile=False)
    return lambda inputs: [
        each.numpy() for each in tf.nest.flatten(model([tf.constant(array) for array in inputs.values()], training=False))
    ]


def _interpreted(path: str) -> Callable[[Mapping[str, Any]], list[Any]]:
    interpreter = tf.lite.Interpreter(path)

    def run(inputs: Mapping[str, Any]) -> list[Any]:
        for detail, array in zip(interpreter.get_input_details(), inputs.values(), strict=True):
            interpreter.resize_tensor_input(detail["index"], array.shape)
        interpreter.allocate_tensors()
        for detail, array in zip(interpreter.get_input_details(), inputs.values(), strict=True):
            interpreter.set_tensor(detail["index"], array)
        interpreter.invoke()
        return [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()]

    return run


def _frozen(path: str) -> Callable[[Mapping[str, Any]], list[Any]]:
    stored = tf.compat.v1.GraphDef()
    with open(path, "rb") as stream:
        stored.ParseFromString(stream.read())
    fetched = _ends(path)[1]

    def run(inputs: Mapping[str, Any]) -> list[Any]:
        with tf.Graph().as_default(), tf.compat.v1.Session() as session:
            tf.import_graph_def(stored, name="")
            return list(session.run(fetched, dict(inputs)))

    return run


serve(answer)
