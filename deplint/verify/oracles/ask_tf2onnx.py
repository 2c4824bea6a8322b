"""tf2onnx, as its command line does it: is the model converted, with no operator left over, into valid ONNX?

Numbers are compared between TensorFlow and ONNX Runtime.
"""

from __future__ import annotations

import logging
import os
from typing import Any

import onnx
import tensorflow as tf
from serve import serve
from tensorflow_source import ends, graph_definition, source
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
        graph, inputs, outputs = tf_loader.from_graphdef(path, *ends(graph_definition(path)))
    else:
        graph, inputs, outputs = tf_loader.from_keras(path, None, None)
    with tf.device("/cpu:0"):
        return convert._convert_common(
            graph, name=path, input_names=inputs, output_names=outputs, initialized_tables=tables, tensors_to_rename=names
        )[0]


def _numbers(path: str, model: Any) -> dict[str, Any]:
    from comparing import compared
    from onnx_session import session

    try:
        specs, run = session(model.SerializeToString())
    except Exception as error:
        return {"numbers": f"not compared: ONNX Runtime does not run the model: {type(error).__name__}: {error}"[:500]}
    found: dict[str, Any] = compared(specs, source(path, [output.name for output in model.graph.output]), run)
    return found


serve(answer)
