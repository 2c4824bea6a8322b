"""Write the fruit model for the web page: Keras 2 layers, which is what TensorFlow.js reads."""

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import tensorflowjs as tfjs
import tf_keras
from settings import FRUITS, SIZE, Settings


def fruit() -> tf_keras.Model:
    layers = tf_keras.layers
    return tf_keras.Sequential(
        [
            layers.Input((SIZE, SIZE, 3), name="picture"),
            layers.Conv2D(6, 3, strides=3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(len(FRUITS), activation="softmax"),
        ],
        name="fruit",
    )


def main() -> None:
    tf_keras.utils.set_random_seed(3)
    tfjs.converters.save_keras_model(fruit(), str(Settings().web / "fruit"))


if __name__ == "__main__":
    main()
