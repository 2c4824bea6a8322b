"""Write keras/k1_*: small models saved by Keras 1.2.2 (Python 3.6, TensorFlow 1.4), and what it says of them, as build_keras.py does.

Run from this folder: ``KERAS_BACKEND=tensorflow python build_keras1.py``.
"""

import json
import os

import h5py
import keras
import numpy as np
from keras import layers as kl
from keras.models import Model, Sequential

HERE = "keras"


def sequential():
    return Sequential([kl.Dense(3, input_dim=4, activation="relu", name="one"), kl.Dropout(0.5, name="drop")], name="s")


def functional():
    np.random.seed(7)
    image = kl.Input((8, 8, 3), name="image")
    words = kl.Input((None,), dtype="int32", name="words")
    seen = kl.Flatten(name="flat")(kl.Convolution2D(2, 3, 3, name="conv")(image))
    read = kl.GlobalMaxPooling1D(name="read")(kl.Embedding(5, 2, name="embed")(words))
    joined = kl.merge([seen, read], mode="concat", name="joined")
    return Model([image, words], [kl.Dense(2, name="scores")(joined)], name="net")


def weights(path):
    found = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda n, d: found.update({n: [list(d.shape), d.dtype.name]}) if isinstance(d, h5py.Dataset) else None)
    return found


for name, build, whole in (
    ("k1_sequential.h5", sequential, True),
    ("k1_functional.h5", functional, True),
    ("k1_legacy.weights.h5", sequential, False),
):
    path, model = os.path.join(HERE, name), build()
    if os.path.exists(path):
        os.remove(path)
    if name.startswith("k1_f"):
        model.compile("sgd", "mse")
    (model.save if whole else model.save_weights)(path)
    truth = {"version": keras.__version__ if whole else "", "weights": weights(path)}
    if whole:
        truth["layers"] = [[layer.name, type(layer).__name__] for layer in model.layers]
        truth["inputs"] = [[i._keras_history[0].name, list(i._keras_shape), i.dtype.name] for i in model.inputs]
        truth["outputs"] = [o._keras_history[0].name for o in model.outputs]
    with open(path + ".json", "w") as stream:
        stream.write(json.dumps(truth, separators=(",", ":"), sort_keys=True) + "\n")
    print(name, os.path.getsize(path))
