"""The TensorFlow.js converter: is the model converted to a graph model?"""

from __future__ import annotations

import os
import tempfile

import tensorflow as tf
from serve import serve
from tensorflowjs.converters import tf_saved_model_conversion_v2 as conversion


def answer(path: str, target: str, numeric: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if os.path.isdir(path):
            conversion.convert_tf_saved_model(path, folder)
        elif path.endswith(".pb"):
            raise ValueError("a frozen graph needs the names of its outputs: not asked")
        else:
            conversion.convert_keras_model_to_graph_model(tf.keras.models.load_model(path), folder)


serve(answer)
