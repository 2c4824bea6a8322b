"""Convert every .h5 file the old training job left behind."""

import pathlib
import sys

import tensorflow as tf


def convert(path: pathlib.Path) -> None:
    converter = tf.lite.TFLiteConverter.from_keras_model_file(str(path))
    path.with_suffix(".tflite").write_bytes(converter.convert())


if __name__ == "__main__":
    for name in sys.argv[1:]:
        convert(pathlib.Path(name))
