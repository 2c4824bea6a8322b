"""TensorFlow Lite: is the model converted, and do its tensors get their memory in the interpreter? A `.tflite` file is only interpreted.

Numbers are compared between TensorFlow and the interpreter.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy
import tensorflow as tf
from serve import serve
from tensorflow_source import graph_definition, interpreted, source


def answer(path: str, target: str, numeric: bool) -> dict[str, Any] | None:
    if path.endswith((".tflite", ".lite")):
        tf.lite.Interpreter(path).allocate_tensors()
        return None
    converter, model = _converter(path, target == "tflite-int8")
    if target == "tflite-select":
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    if target == "tflite-int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        signature = next(iter(model.signatures.values())) if hasattr(model, "signatures") else None
        converter.representative_dataset = lambda: _samples(model, signature)
    content = converter.convert()
    interpreter = tf.lite.Interpreter(model_content=content)
    try:
        interpreter.allocate_tensors()
    except RuntimeError as error:
        # TensorFlow's own interpreter no longer links the select operators: what needs them runs with their library, if what is before them
        # does not fail.
        if target != "tflite-select" or LINKED not in str(error):
            raise
    return _numbers(path, content, target) if numeric else None


LINKED = "Select TensorFlow op(s), included in the given model, is(are) not supported by this interpreter"
"""What the interpreter says of an operator of the library that is not linked."""

OF_INT8 = 0.1
"""How far a model of full integers may be from its source, relative to the largest number."""


def _numbers(path: str, content: bytes, target: str) -> dict[str, Any]:
    from comparing import compared

    try:
        specs, run = interpreted(tf.lite.Interpreter(model_content=content))
    except Exception as error:
        return {"numbers": f"not compared: the interpreter does not run the model: {type(error).__name__}: {error}"[:500]}
    found: dict[str, Any] = compared(specs, source(path), run, OF_INT8 if target == "tflite-int8" else None)
    return found


def _converter(path: str, sampled: bool) -> tuple[Any, Any]:
    """The converter of the model, and what tells of its inputs where they are to be sampled."""
    if os.path.isdir(path):
        return tf.lite.TFLiteConverter.from_saved_model(path), tf.saved_model.load(path) if sampled else None
    if path.endswith(".pb"):
        return _frozen(path)
    model = tf.keras.models.load_model(path)
    return tf.lite.TFLiteConverter.from_keras_model(model), model


def _frozen(path: str) -> tuple[Any, Any]:
    """The converter of a frozen graph: what it is fed are its placeholders, what it gives are the values nobody reads."""
    stored = graph_definition(path)
    read = {name.lstrip("^").partition(":")[0] for node in stored.node for name in node.input}
    fed = [node.name for node in stored.node if node.op == "Placeholder"]
    given = [node.name for node in stored.node if node.name not in read and node.op not in ("Placeholder", "NoOp", "Assert")]
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(stored, name="")
        specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in (graph.get_tensor_by_name(f"{name}:0") for name in fed)]
    return tf.compat.v1.lite.TFLiteConverter.from_frozen_graph(path, fed, given), specs


def _samples(source: Any, signature: Any) -> Iterator[Any]:
    """Random inputs with one for every dimension that is not fixed."""
    generator = numpy.random.default_rng(0)
    if signature is not None:
        specs = signature.structured_input_signature[1]
    elif isinstance(source, list):
        specs = dict(enumerate(source))
    else:
        specs = {tensor.name: tensor for tensor in source.inputs}
    for _ in range(4):
        made = {name: _random(generator, [d or 1 for d in spec.shape], tf.as_dtype(spec.dtype)) for name, spec in specs.items()}
        yield made if signature is not None else list(made.values())


def _random(generator: Any, shape: list[int], dtype: Any) -> Any:
    return numpy.full(shape, "a", object) if dtype == tf.string else generator.random(shape).astype(dtype.as_numpy_dtype)


serve(answer)
