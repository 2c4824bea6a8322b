"""Convert the models of the Android app."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from keras_models import fruit, price
from quantize import Plan, half, prepare
from settings import FRUITS, Settings


class Sharpness(tf.Module):
    """How sharp a picture is: the largest contrast within a tile of 4 x 4 pixels."""

    @tf.function(input_signature=[tf.TensorSpec([1, 48, 48], tf.float32, name="grey")])
    def measure(self, grey):
        tiles = tf.image.extract_patches(grey[..., tf.newaxis], [1, 4, 4, 1], [1, 4, 4, 1], [1, 1, 1, 1], "VALID")
        contrast = tf.reduce_max(tiles, axis=-1) - tf.reduce_min(tiles, axis=-1)
        return {"sharpness": tf.reduce_max(contrast, axis=[1, 2])}


def scores(model: bytes, batch: np.ndarray) -> np.ndarray:
    interpreter = Interpreter(model_content=model)
    interpreter.allocate_tensors()
    (entry,), (output,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.set_tensor(entry["index"], batch.astype(entry["dtype"]))
    interpreter.invoke()
    scale, zero = output["quantization"]
    raw = interpreter.get_tensor(output["index"]).astype(np.float32)
    return (raw - zero) * scale if scale else raw


def main() -> None:
    settings = Settings()
    keras.utils.set_random_seed(3)
    model = fruit(batch=1)
    batch = settings.calibration.pictures()[0][np.newaxis]

    whole = Plan(calibration=settings.calibration.samples, integer_io=True)
    bytes_in = prepare(tf.lite.TFLiteConverter.from_keras_model(model), whole).convert()
    (settings.assets / "fruit_uint8.tflite").write_bytes(bytes_in)
    np.testing.assert_allclose(scores(bytes_in, batch), model(batch), atol=0.03)

    small = half(tf.lite.TFLiteConverter.from_keras_model(model)).convert()
    (settings.assets / "fruit_float16.tflite").write_bytes(small)
    np.testing.assert_allclose(scores(small, batch), model(batch), atol=1e-2)

    weekly = price(batch=1)
    forecast = prepare(tf.lite.TFLiteConverter.from_keras_model(weekly), Plan()).convert()
    (settings.assets / "price.tflite").write_bytes(forecast)
    week = np.linspace(0, 1, 21, dtype=np.float32).reshape(1, 7, 3)
    np.testing.assert_allclose(scores(forecast, week), weekly(week), atol=1e-4)

    sharpness = Sharpness()
    functions = [sharpness.measure.get_concrete_function()]
    converter = tf.lite.TFLiteConverter.from_concrete_functions(functions, sharpness)
    (settings.assets / "sharpness.tflite").write_bytes(prepare(converter, Plan(select_ops=True)).convert())
    (settings.assets / "labels.txt").write_text("\n".join(FRUITS) + "\n")


if __name__ == "__main__":
    main()
