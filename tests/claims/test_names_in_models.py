"""DPL496, DPL498: names that Keras 3 stores for classes, and gives to inputs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
