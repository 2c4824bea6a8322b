"""Pest classifier in half precision for the GPU delegate: half the download."""

import tensorflow as tf
from keras_models import pest
from paths import ASSETS


def main() -> None:
    converter = tf.lite.TFLiteConverter.from_keras_model(pest())
    converter.target_spec.supported_types = [tf.float16]
    with open(ASSETS / "pest_float16.tflite", "wb") as file:
        file.write(converter.convert())


if __name__ == "__main__":
    main()
