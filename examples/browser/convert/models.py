"""The picture models of the page: all take 32 x 32 RGB pictures with values 0..1."""

import keras

SIGNS = ["hello", "thanks", "please", "sorry", "yes", "no"]


def picture_model(name: str, outputs: int, activation: str = "softmax") -> keras.Model:
    image = keras.Input((32, 32, 3), name="image")
    x = keras.layers.Conv2D(6, 3, strides=2, activation="relu", name=f"{name}_conv")(image)
    x = keras.layers.GlobalAveragePooling2D(name=f"{name}_pool")(x)
    return keras.Model(image, keras.layers.Dense(outputs, activation=activation, name=f"{name}_out")(x), name=name)


def gesture() -> keras.Model:
    return picture_model("gesture", len(SIGNS))


def hands() -> keras.Model:
    return picture_model("hands", 3)


def pose() -> keras.Model:
    return picture_model("pose", 34, activation="linear")


def palm() -> keras.Model:
    return picture_model("palm", 4, activation="sigmoid")


def lips() -> keras.Model:
    return picture_model("lips", 5, activation="softplus")
