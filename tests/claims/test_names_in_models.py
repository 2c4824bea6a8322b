"""DPL496, DPL498, DPL535, DPL541: names that Keras 3 stores for classes and gives to inputs, weights of other sizes, state that stays."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from deplint.formats import keras
from deplint.project import File
from deplint.rules.model.keras_weight_shape import keras_weight_shape

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")

LOAD = (
    "import keras, sys\ntry:\n    keras.models.load_model(sys.argv[1])\n    print('loaded')\nexcept Exception as error:\n    print(error)\n"
)
SAVE = """
import keras, sys
class Squeeze(keras.layers.Layer):
    def call(self, x):
        return x * 2
x = keras.Input((4,))
keras.Model(x, Squeeze()(x)).save(sys.argv[1])
"""


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_a_class_of_ones_own_is_not_in_the_file(tmp_path: Path, suffix: str):
    path = str(tmp_path / f"m.{suffix}")
    subprocess.run([sys.executable, "-c", SAVE, path], check=True, capture_output=True)
    said = subprocess.run([sys.executable, "-c", LOAD, path], check=True, capture_output=True, text=True).stdout
    assert "loaded" not in said and "Squeeze" in said


def test_an_input_without_a_name_counts_the_tensors_of_the_process(tmp_path: Path):
    names = []
    for number in range(2):
        model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])
        path = str(tmp_path / str(number))
        model.export(path, verbose=False)
        names += tf.saved_model.load(path).signatures["serving_default"].structured_input_signature[1]
    assert all(name.startswith("keras_tensor") for name in names) and names[0] != names[1]


@pytest.mark.parametrize("wrong", [False, True])
@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.parametrize("layer", ["Dense", "Conv1D", "LSTM", "GRU", "SimpleRNN", "Embedding"])
def test_weights_of_other_sizes_are_not_loaded(tmp_path: Path, layer: str, suffix: str, wrong: bool):
    h5py = pytest.importorskip("h5py")
    setting = {"Conv1D": "filters", "Embedding": "output_dim"}.get(layer, "units")
    arguments = {"Conv1D": {"kernel_size": 2}, "Embedding": {"input_dim": 9}}.get(layer, {})
    x = tf.keras.Input((4,) if layer == "Embedding" else (4, 3))
    made = getattr(tf.keras.layers, layer)(**{setting: 5}, **arguments, name="named")
    path = tmp_path / f"m.{suffix}"
    tf.keras.Model(x, made(x)).save(path)

    def edited(text: str) -> str:
        config = json.loads(text)
        next(part for part in config["config"]["layers"] if part["config"]["name"] == "named")["config"][setting] = 7 if wrong else 5
        return json.dumps(config)

    if suffix == "h5":
        with h5py.File(path, "r+") as file:
            file.attrs["model_config"] = edited(file.attrs["model_config"])
    else:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts["config.json"] = edited(parts["config.json"].decode()).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
    read = keras.read_h5(File(path))[0] if suffix == "h5" else keras.read(File(path))
    assert len(list(keras_weight_shape(read))) == wrong
    if wrong:
        with pytest.raises(ValueError):
            tf.keras.models.load_model(path)
    else:
        tf.keras.models.load_model(path)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
def test_a_stateful_layer_goes_on_where_the_last_call_ended(tmp_path: Path, kind: str):
    values, same = np.ones((1, 3, 2), np.float32), {}
    for stateful in (True, False):
        x = tf.keras.Input((3, 2), batch_size=1)
        path = tmp_path / f"{stateful}.keras"
        tf.keras.Model(x, getattr(tf.keras.layers, kind)(4, stateful=stateful)(x)).save(path)
        loaded = tf.keras.models.load_model(path)
        same[stateful] = np.allclose(loaded.predict(values, verbose=0), loaded.predict(values, verbose=0))
    assert same == {True: False, False: True}
