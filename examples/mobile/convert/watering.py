"""Watering advice from two weeks of weather."""

import tensorflow as tf
from keras_models import watering
from paths import ASSETS


def main() -> None:
    model = watering()
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    (ASSETS / "watering.lite").write_bytes(converter.convert())


if __name__ == "__main__":
    main()
