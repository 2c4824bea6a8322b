"""The Keras models of the app; weights come from the training cluster."""

import keras

CONDITIONS = ["healthy", "rust", "mildew", "scorch", "mosaic"]
PESTS = ["none", "aphid", "mite", "whitefly"]


def photo_classifier(name: str, size: int, classes: int) -> keras.Model:
    """A classifier of square RGB photos with values 0..255."""
    photo = keras.Input((size, size, 3), batch_size=1, name="photo")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(photo)
    x = keras.layers.Conv2D(6, 3, strides=4, activation="relu")(x)
    x = keras.layers.DepthwiseConv2D(3, strides=2, activation="relu")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(photo, keras.layers.Dense(classes, activation="softmax", name="scores")(x), name=name)


def leaf() -> keras.Model:
    return photo_classifier("leaf", 96, len(CONDITIONS))


def pest() -> keras.Model:
    return photo_classifier("pest", 64, len(PESTS))


def ripeness() -> keras.Model:
    return photo_classifier("ripeness", 64, 3)


def soil() -> keras.Model:
    return photo_classifier("soil", 64, 6)


def watering(batch: int | None = None) -> keras.Model:
    """Litres for tomorrow from a fortnight of weather: rain, sun, wind, temperature."""
    weather = keras.Input((14, 4), batch_size=batch, name="weather")
    x = keras.layers.LSTM(8)(weather)
    return keras.Model(weather, keras.layers.Dense(1, activation="softplus", name="litres")(x), name="watering")
