"""Leaf classifier for phones without a GPU: integers from the camera to the scores."""

import tensorflow as tf
from keras_models import leaf
from paths import ASSETS


def main() -> None:
    converter = tf.lite.TFLiteConverter.from_keras_model(leaf())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.uint8
    (ASSETS / "leaf_int8.tflite").write_bytes(converter.convert())


if __name__ == "__main__":
    main()
