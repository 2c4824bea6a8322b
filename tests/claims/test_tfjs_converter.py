"""R241: what tensorflowjs writes of a Keras 3 model. That TensorFlow.js does not load it is in `test_tfjs.py`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.tensorflow
pytest.importorskip("tensorflow")
keras = pytest.importorskip("keras")
tfjs = pytest.importorskip("tensorflowjs")


def entry(folder) -> dict:
    """The configuration of the input in a layers model."""
    topology = json.loads((folder / "model.json").read_text())["modelTopology"]
    return next(layer["config"] for layer in topology["model_config"]["config"]["layers"] if layer["class_name"] == "InputLayer")


def small(library):
    return library.Sequential([library.Input((4,)), library.layers.Dense(2)])


def test_a_keras_3_model_is_described_as_keras_3_does(tmp_path):
    tfjs.converters.save_keras_model(small(keras), str(tmp_path))
    assert "batch_shape" in entry(tmp_path) and "batch_input_shape" not in entry(tmp_path)


def test_a_model_of_legacy_keras_is_not(tmp_path):
    tfjs.converters.save_keras_model(small(pytest.importorskip("tf_keras")), str(tmp_path))
    assert "batch_input_shape" in entry(tmp_path)


def said(folder, name: str, *flags: str) -> str:
    """What the converter says of a file that Keras 3 wrote."""
    small(keras).save(folder / name)
    command = [sys.executable, "-m", "tensorflowjs.converters.converter", *flags, str(folder / name), str(folder / "out")]
    return subprocess.run(command, capture_output=True, text=True).stderr


@pytest.mark.parametrize(
    ("name", "flags"),
    [("m.h5", ["--input_format=keras"]), ("m.keras", ["--input_format=keras_keras", "--output_format=tfjs_layers_model"])],
)
def test_the_converter_passes_it_on(tmp_path, name, flags):
    said(tmp_path, name, *flags)
    assert "batch_shape" in entry(tmp_path / "out")


def test_the_converter_cannot_make_a_graph_model_of_it(tmp_path):
    flags = ["--input_format=keras", "--output_format=tfjs_graph_model"]
    assert "Unrecognized keyword arguments: ['batch_shape']" in said(tmp_path, "m.h5", *flags)
