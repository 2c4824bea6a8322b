"""The Keras models: fruit from a 48 x 48 picture with values 0..255, price from a week of sales."""

import keras
from settings import FRUITS, SIZE


def fruit(batch: int | None = None) -> keras.Model:
    picture = keras.Input((SIZE, SIZE, 3), batch_size=batch, name="picture")
    x = keras.layers.Rescaling(1 / 255.0)(picture)
    x = keras.layers.Conv2D(6, 3, strides=3, activation="relu")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(picture, keras.layers.Dense(len(FRUITS), activation="softmax", name="scores")(x), name="fruit")


def price(batch: int | None = None) -> keras.Model:
    sales = keras.Input((7, 3), batch_size=batch, name="sales")
    x = keras.layers.GRU(6)(sales)
    return keras.Model(sales, keras.layers.Dense(1, activation="softplus", name="price")(x), name="price")
