"""A graph model of TensorFlow.js, made by its converter of whatever it can be made of."""

from __future__ import annotations

import os

import tensorflow as tf
from tensorflow_source import ends, graph_definition
from tensorflowjs.converters import tf_saved_model_conversion_v2 as conversion


def convert(path: str, folder: str) -> None:
    """Convert a model into `folder`: a frozen graph up to all that nothing reads; a Keras file once TensorFlow's Keras has loaded it or,
    where that or the conversion fails, the legacy one, which the converter brings.

    Raises:
        Exception: what the converter raises, or the current generation of Keras.
        ValueError: the converter ended well, and wrote no model.
    """
    if os.path.isdir(path):
        conversion.convert_tf_saved_model(path, folder)
    elif path.endswith(".pb"):
        outputs = ends(graph_definition(path))[1]
        conversion.convert_tf_frozen_model(path, ",".join(name.partition(":")[0] for name in outputs), folder)
    else:
        _layers(path, folder)
    if not os.path.exists(os.path.join(folder, "model.json")):
        raise ValueError("the converter wrote no model: Can not freeze saved model v1.")  # which it prints


def _layers(path: str, folder: str) -> None:
    try:
        conversion.convert_keras_model_to_graph_model(tf.keras.models.load_model(path, compile=False), folder)
    except Exception as error:
        try:
            import tf_keras

            conversion.convert_keras_model_to_graph_model(tf_keras.models.load_model(path, compile=False), folder)
        except Exception:
            raise error from None
