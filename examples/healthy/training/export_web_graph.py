"""Write the SavedModel that publish_web.sh converts to a graph model."""

import keras
from settings import SIZE


def main() -> None:
    keras.utils.set_random_seed(4)
    picture = keras.Input((SIZE, SIZE, 3), name="picture")
    x = keras.layers.Conv2D(4, 3, strides=3, activation="relu")(picture)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(picture, keras.layers.Dense(1, activation="sigmoid")(x), name="fresh")
    model.export("exported/fresh", verbose=False)


if __name__ == "__main__":
    main()
