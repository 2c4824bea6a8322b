"""R241, DPL129, DPL131: what tensorflowjs writes of a Keras 3 model, and which formats and names it refuses. That TensorFlow.js does
not load it is in `test_tfjs.py`."""

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


def refused(*arguments: str) -> str:
    """The last line the converter says."""
    ran = subprocess.run(
        [sys.executable, "-m", "tensorflowjs.converters.converter", *arguments], capture_output=True, text=True, check=False
    )
    assert ran.returncode
    return ran.stderr.strip().splitlines()[-1]


def test_pairs_of_formats_and_names(tmp_path):
    import tensorflow as tf

    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([1, 4], tf.float32)])
        def double(self, x):
            return x * 2

    saved, out = str(tmp_path / "saved"), str(tmp_path / "out")
    tf.saved_model.save(Module(), saved)
    assert "Unsupported input_format - output_format pair" in refused("--output_format=tfjs_layers_model", saved, out)
    assert 'Signature "predict" does not exist' in refused("--signature_name=predict", saved, out)
    v1 = tf.compat.v1
    with v1.Graph().as_default() as graph:
        tf.nn.relu(v1.placeholder(tf.float32, [1, 4], name="image"), name="scores")
    frozen = tmp_path / "frozen.pb"
    frozen.write_bytes(graph.as_graph_def().SerializeToString())
    assert "--output_node_names flag is required" in refused("--input_format=tf_frozen_model", str(frozen), out)
    assert "'nope' refers to an Operation not in the graph" in refused(
        "--input_format=tf_frozen_model", "--output_node_names=nope", str(frozen), out
    )
    small(keras).save(tmp_path / "net.keras")
    assert "keras_keras - None" in refused("--input_format=keras_keras", str(tmp_path / "net.keras"), out)


def test_the_flags_it_knows():
    """DPL658."""
    converter = pytest.importorskip("tensorflowjs.converters.converter")
    parser = converter.get_arg_parser()
    from deplint.rules.conversion.tfjs_unknown_flag import KNOWN

    assert {name for action in parser._actions for name in action.option_strings if name.startswith("--")} == KNOWN
    with pytest.raises(SystemExit):
        parser.parse_args(["--output_json=true", "a", "b"])
