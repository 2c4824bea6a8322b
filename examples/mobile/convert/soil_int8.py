"""Soil classifier, quantized on photos from the test garden."""

from pathlib import Path

import numpy as np
import tensorflow as tf
from keras_models import soil


def garden_photos():
    folder = Path(__file__).with_name("garden")
    for file in sorted(folder.glob("*.npy")):
        yield [np.load(file).astype(np.float32)[np.newaxis]]


def main() -> None:
    converter = tf.lite.TFLiteConverter.from_keras_model(soil())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_datasets = garden_photos
    Path("soil_int8.tflite").write_bytes(converter.convert())


if __name__ == "__main__":
    main()
