"""TensorFlow Lite: is the model converted, and do its tensors get their memory in the interpreter? A `.tflite` file is only interpreted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy
import tensorflow as tf
from serve import serve


def answer(path: str, target: str, numeric: bool) -> dict[str, Any] | None:
    if path.endswith((".tflite", ".lite")):
        tf.lite.Interpreter(path).allocate_tensors()
        return None
    converter, source = _converter(path)
    if target == "tflite-select":
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    if target == "tflite-int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        signature = next(iter(source.signatures.values())) if hasattr(source, "signatures") else None
        converter.representative_dataset = lambda: _samples(source, signature)
    content = converter.convert()
    interpreter = tf.lite.Interpreter(model_content=content)
    # TensorFlow's own interpreter no longer links the select operators: what needs them converts, and runs with their library.
    if target != "tflite-select" or b"Flex" not in content:
        interpreter.allocate_tensors()
    return None


def _converter(path: str) -> tuple[Any, Any]:
    if os.path.isdir(path):
        return tf.lite.TFLiteConverter.from_saved_model(path), tf.saved_model.load(path)
    model = tf.keras.models.load_model(path)
    return tf.lite.TFLiteConverter.from_keras_model(model), model


def _samples(source: Any, signature: Any) -> Iterator[Any]:
    """Random inputs with one for every dimension that is not fixed."""
    generator = numpy.random.default_rng(0)
    if signature is not None:
        specs = signature.structured_input_signature[1]
    else:
        specs = {tensor.name: tensor for tensor in source.inputs}
    for _ in range(4):
        shapes = {
            name: ([d or 1 for d in spec.shape], numpy.dtype(spec.dtype if isinstance(spec.dtype, str) else spec.dtype.name))
            for name, spec in specs.items()
        }
        made = {name: generator.random(shape).astype(dtype) for name, (shape, dtype) in shapes.items()}
        yield made if signature is not None else list(made.values())


serve(answer)
