"""Ripeness classifier: bytes in, so the camera buffer can be passed through."""

import tensorflow as tf
from keras_models import ripeness
from paths import ASSETS


def main() -> None:
    converter = tf.lite.TFLiteConverter.from_keras_model(ripeness())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.inference_input_type = tf.uint8
    (ASSETS / "ripeness.tflite").write_bytes(converter.convert())


if __name__ == "__main__":
    main()
