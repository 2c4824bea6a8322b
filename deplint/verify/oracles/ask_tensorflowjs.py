"""The TensorFlow.js converter: is the model converted to a graph model?

A frozen graph is converted up to all that nothing reads. A Keras file is loaded first, by TensorFlow's Keras; where that or the conversion
fails, by the legacy one, which the converter brings.
"""

from __future__ import annotations

import os
import tempfile

import tensorflow as tf
from serve import serve
from tensorflow_source import ends, graph_definition
from tensorflowjs.converters import tf_saved_model_conversion_v2 as conversion


def answer(path: str, target: str, numeric: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if os.path.isdir(path):
            conversion.convert_tf_saved_model(path, folder)
        elif path.endswith(".pb"):
            outputs = ends(graph_definition(path))[1]
            conversion.convert_tf_frozen_model(path, ",".join(name.partition(":")[0] for name in outputs), folder)
        else:
            layers(path, folder)
        if not os.path.exists(os.path.join(folder, "model.json")):
            raise ValueError("the converter wrote no model: Can not freeze saved model v1.")  # which it prints, and ends well


def layers(path: str, folder: str) -> None:
    """Convert a Keras file. Where both generations fail, what the current one says is raised."""
    try:
        conversion.convert_keras_model_to_graph_model(tf.keras.models.load_model(path, compile=False), folder)
    except Exception as error:
        try:
            import tf_keras

            conversion.convert_keras_model_to_graph_model(tf_keras.models.load_model(path, compile=False), folder)
        except Exception:
            raise error from None


serve(answer)
