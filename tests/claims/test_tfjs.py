"""R241, R255, R270: what TensorFlow.js does in Node. Runs where node finds @tensorflow/tfjs (NODE_PATH), and is skipped elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any

import pytest

pytestmark = pytest.mark.tensorflow
NODE = shutil.which("node")


def node(script: str, *arguments: str) -> Any:
    """What a script prints as JSON; `tf` is the library."""
    source = f"const tf = require('@tensorflow/tfjs'); const give = value => console.log('JSON' + JSON.stringify(value)); {script}"
    done = subprocess.run([str(NODE), "-e", source, *arguments], capture_output=True, text=True, env=os.environ)
    return json.loads(done.stdout.rpartition("JSON")[2])


def _installed() -> bool:
    try:
        return NODE is not None and node("give(tf.version.tfjs)") is not None
    except json.JSONDecodeError:
        return False


needs_node = pytest.mark.skipif(not _installed(), reason="node or @tensorflow/tfjs is not installed")


@needs_node
def test_removed_names():
    gone = ["loadModel", "loadFrozenModel", "fromPixels", "toPixels", "FrozenModel", "batchNormalization"]
    kept = ["loadLayersModel", "loadGraphModel", "batchNorm", "browser"]
    types = node(f"give({json.dumps(gone + kept)}.map(name => typeof tf[name]))")
    assert types[: len(gone)] == ["undefined"] * len(gone) and "undefined" not in types[len(gone) :]
    assert node("give([typeof tf.browser.fromPixels, typeof tf.browser.toPixels])") == ["function", "function"]


@needs_node
def test_a_promise_has_no_predict():
    script = (
        "const m = tf.loadLayersModel('x'); m.catch(() => 0); try { m.predict(1) } catch (error) { give([error.message, typeof m.layers]) }"
    )
    assert node(script) == ["m.predict is not a function", "undefined"]


LOAD = """
const topology = JSON.parse(require('fs').readFileSync(process.argv[1]));
const weightSpecs = [{name: 'd/kernel', shape: [4, 2], dtype: 'float32'}, {name: 'd/bias', shape: [2], dtype: 'float32'}];
tf.loadLayersModel(tf.io.fromMemory({modelTopology: topology, weightSpecs, weightData: new ArrayBuffer(40)}))
  .then(model => give('loaded'), error => give(error.message));
"""


def load(library, tmp_path) -> str:
    model = library.Sequential([library.Input((4,)), library.layers.Dense(2, name="d")])
    topology = {"keras_version": library.__version__, "backend": "tensorflow", "model_config": json.loads(model.to_json())}
    (tmp_path / "topology.json").write_text(json.dumps(topology))
    loaded: str = node(LOAD, str(tmp_path / "topology.json"))
    return loaded


@needs_node
def test_layers_of_keras_3_do_not_load(tmp_path):
    keras = pytest.importorskip("keras")
    assert "An InputLayer should be passed either a `batchInputShape` or an `inputShape`" in load(keras, tmp_path)


@needs_node
def test_layers_of_legacy_keras_load(tmp_path):
    assert load(pytest.importorskip("tf_keras"), tmp_path) == "loaded"
