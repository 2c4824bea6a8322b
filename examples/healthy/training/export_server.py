"""Export the fruit model for TensorFlow Serving: one signature for photo files, one for pixels."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras_models import fruit
from settings import SIZE, Settings
from weights import keep, load, served


class Grader(tf.Module):
    def __init__(self, model: keras.Model) -> None:
        super().__init__(name="grader")
        # The export carries the weights alone, not Keras' own bookkeeping.
        self.parameters = [weight.value for weight in model.weights]
        self._score = lambda pictures: model(pictures)

    def _decode(self, photo):
        pixels = tf.io.decode_jpeg(photo, channels=3)
        return tf.image.resize(pixels, [SIZE, SIZE])

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="image_bytes")])
    def photos(self, image_bytes):
        pictures = tf.map_fn(self._decode, image_bytes, fn_output_signature=tf.TensorSpec([SIZE, SIZE, 3], tf.float32))
        return self.pixels(pictures)

    @tf.function(input_signature=[tf.TensorSpec([None, SIZE, SIZE, 3], tf.float32, name="picture")])
    def pixels(self, picture):
        return {"scores": self._score(picture)}


def publish(module: tf.Module, folder: Path, signatures: dict) -> Path:
    tf.saved_model.save(module, str(folder), signatures=signatures)
    return folder


def main() -> None:
    settings = Settings()
    keras.utils.set_random_seed(3)
    keep(fruit())
    model = load("fruit")
    grader = Grader(model)
    endpoints = {"serving_default": grader.photos, "pixels": grader.pixels}
    folder = publish(grader, settings.served / "fruit" / str(settings.version), endpoints)

    pictures = np.stack(settings.calibration.pictures())
    answers = served(folder)(tf.constant(pictures))
    np.testing.assert_allclose(answers["scores"], model(pictures), atol=1e-5)


if __name__ == "__main__":
    main()
