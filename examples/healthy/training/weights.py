"""Keep and load the training state: one .keras file a model."""

from pathlib import Path

import keras
import tensorflow as tf

STATE = Path(__file__).with_name("state")


def keep(model: keras.Model, folder: Path = STATE) -> Path:
    folder.mkdir(exist_ok=True)
    target = (folder / model.name).with_suffix(".keras")
    model.save(target)
    return target


def load(name: str, folder: Path = STATE) -> keras.Model:
    return keras.models.load_model((folder / name).with_suffix(".keras"))


def served(folder: Path) -> keras.layers.Layer:
    """The served model as a layer: Keras 3 does not load SavedModel folders as models."""
    return keras.layers.TFSMLayer(str(folder), call_endpoint="pixels")


def converter_for(path: str):
    """The old cluster still has TensorFlow 1.15."""
    if tf.__version__.startswith("1."):
        return tf.lite.TFLiteConverter.from_keras_model_file(path)
    return tf.lite.TFLiteConverter.from_keras_model(keras.models.load_model(path))
