"""tf2onnx: is the model converted?"""

from __future__ import annotations

import os

import tensorflow as tf
import tf2onnx
from serve import serve


def answer(path: str, target: str, numeric: bool) -> None:
    if path.endswith((".tflite", ".lite")):
        tf2onnx.convert.from_tflite(path)
    elif os.path.isdir(path):
        loaded = tf.saved_model.load(path)
        function = next(iter(loaded.signatures.values()))
        specs = list(function.structured_input_signature[1].values())
        tf2onnx.convert.from_function(tf.function(lambda *given: function(**dict(zip((s.name for s in specs), given, strict=True)))), specs)
    else:
        tf2onnx.convert.from_keras(tf.keras.models.load_model(path))


serve(answer)
