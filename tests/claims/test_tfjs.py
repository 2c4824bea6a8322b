"""R241: a Keras 3 model saved as layers, and what TensorFlow.js says to it.

Needs tensorflowjs beside tensorflow; loading needs `node` that finds ``@tensorflow/tfjs`` (NODE_PATH).
"""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.tensorflow
pytest.importorskip("tensorflow")
keras = pytest.importorskip("keras")
tfjs = pytest.importorskip("tensorflowjs")

LOAD = """
const tf = require('@tensorflow/tfjs');
const fs = require('fs');
const model = JSON.parse(fs.readFileSync(process.argv[1] + '/model.json'));
const weights = new Uint8Array(fs.readFileSync(process.argv[1] + '/group1-shard1of1.bin')).buffer;
const parts = {modelTopology: model.modelTopology, weightSpecs: model.weightsManifest[0].weights, weightData: weights};
const handler = {load: async () => parts};
tf.loadLayersModel(handler).then(() => console.log('loaded'), (error) => console.log(error.message));
"""


def said_on_loading(folder) -> str:
    if not shutil.which("node"):
        pytest.skip("no node")
    done = subprocess.run(["node", "-e", LOAD, str(folder)], capture_output=True, text=True)
    if "Cannot find module" in done.stderr:
        pytest.skip("no @tensorflow/tfjs")
    return done.stdout


def save(library, folder):
    model = library.Sequential([library.Input((4,)), library.layers.Dense(2)])
    tfjs.converters.save_keras_model(model, str(folder))
    topology = json.loads((folder / "model.json").read_text())["modelTopology"]
    return next(layer["config"] for layer in topology["model_config"]["config"]["layers"] if layer["class_name"] == "InputLayer")


def test_keras_3_writes_an_input_that_tensorflow_js_does_not_know(tmp_path):
    config = save(keras, tmp_path)
    assert "batch_shape" in config and "batch_input_shape" not in config
    assert "An InputLayer should be passed either a `batchInputShape` or an `inputShape`" in said_on_loading(tmp_path)


def test_legacy_keras_writes_what_tensorflow_js_loads(tmp_path):
    config = save(pytest.importorskip("tf_keras"), tmp_path)
    assert "batch_input_shape" in config
    assert said_on_loading(tmp_path).strip().endswith("loaded")
