"""Symptom finder: crops the spots the detector marked and scores them."""

import tensorflow as tf
from paths import ASSETS, IOS_MODELS


class SymptomFinder(tf.Module):
    def __init__(self) -> None:
        super().__init__(name="symptoms")
        self.kernel = tf.Variable(tf.random.stateless_normal([3, 7], seed=[4, 2]), name="kernel")

    @tf.function(
        input_signature=[
            tf.TensorSpec([1, 96, 96, 3], tf.float32, name="photo"),
            tf.TensorSpec([4, 4], tf.float32, name="boxes"),
        ]
    )
    def find(self, photo, boxes):
        spots = tf.image.crop_and_resize(photo, boxes, tf.zeros([4], tf.int32), crop_size=[16, 16])
        return {"symptoms": tf.nn.softmax(tf.reduce_mean(spots, axis=[1, 2]) @ self.kernel)}


def main() -> None:
    finder = SymptomFinder()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([finder.find.get_concrete_function()], finder)
    model = converter.convert()
    for folder in (ASSETS, IOS_MODELS):
        (folder / "symptoms.tflite").write_bytes(model)


if __name__ == "__main__":
    main()
