"""Continue training from the version that is being served."""

import os

import keras

SERVED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "serving", "models", "labels", "1")


def main() -> None:
    model = keras.models.load_model(SERVED)
    for layer in model.layers[:-1]:
        layer.trainable = False
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.save("labels-warm.keras")


if __name__ == "__main__":
    main()
