"""R241, R255, R270, DPL490, DPL530, DPL531, DPL535: what TensorFlow.js does in Node.

They run where node finds @tensorflow/tfjs (NODE_PATH), and are skipped elsewhere.
"""

from __future__ import annotations

import base64
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


GRAPH = """
const [node, shape, specs] = JSON.parse(process.argv[1]);
const size = specs.reduce((sum, spec) => sum + spec.shape.reduce((a, b) => a * b, 1), 0);
const dims = sizes => ({dim: sizes.map(size => ({size: String(size)}))});
const x = {name: "x", op: "Placeholder", attr: {dtype: {type: "DT_FLOAT"}, shape: {shape: dims(shape)}}};
const constant = spec => ({name: spec.name, op: 'Const', attr: {dtype: {type: 'DT_FLOAT'},
  value: {tensor: {dtype: 'DT_FLOAT', tensorShape: dims(spec.shape)}}}});
const modelTopology = {node: [x, ...specs.map(constant), node], versions: {producer: 1000}};
tf.loadGraphModel(tf.io.fromMemory({modelTopology, weightSpecs: specs, weightData: new Float32Array(size).fill(1).buffer}))
  .then(model => { const y = model.predict(tf.ones(shape)); give([y.shape, Array.from(y.dataSync()).slice(0, 1).map(String)]) })
  .catch(error => give(error.message));
"""


def graph(kind: str, shape: list[int], weights: dict[str, list[int]] | None = None, **attributes: Any) -> Any:
    specs = [{"name": name, "shape": size, "dtype": "float32"} for name, size in (weights or {}).items()]
    inputs = ["x", *([*weights, *weights][:4] if weights else [])]
    row = {"name": "y", "op": kind, "input": inputs, "attr": {"T": {"type": "DT_FLOAT"}, **attributes}}
    return node(GRAPH, json.dumps([row, shape, specs]))


def text(value: str) -> dict[str, str]:
    return {"s": base64.b64encode(value.encode()).decode()}


def sizes(*values: int) -> Any:
    return {"list": {"i": [str(value) for value in values]}}


@needs_node
def test_an_operator_that_is_not_there():
    assert "Unknown op 'MatrixInverse'" in graph("MatrixInverse", [1, 4, 4])


@needs_node
@pytest.mark.parametrize("kind", ["MaxPool", "AvgPool"])
def test_pooling_does_not_look_at_the_layout(kind):
    two = sizes(1, 1, 2, 2)
    (shape, _) = graph(kind, [1, 3, 8, 8], ksize=two, strides=two, padding=text("VALID"), data_format=text("NCHW"))
    assert shape != [1, 3, 4, 4]


@needs_node
def test_normalization_in_training_gives_no_numbers():
    weights = {"one": [8], "none": [0]}
    specs = [{"name": name, "shape": size, "dtype": "float32"} for name, size in weights.items()]
    row = {"name": "y", "op": "FusedBatchNormV3", "input": ["x", "one", "one", "none", "none"]}
    row["attr"] = {"T": {"type": "DT_FLOAT"}, "is_training": {"b": True}, "epsilon": {"f": 0.001}}
    assert node(GRAPH, json.dumps([row, [1, 2, 2, 8], specs]))[1] == ["NaN"]


LAYERS = """
const [layer, shape] = JSON.parse(process.argv[1]);
const first = {class_name: 'InputLayer', config: {batch_input_shape: [null, 4], dtype: 'float32', name: 'x'}};
const modelTopology = {class_name: 'Sequential', config: {name: 'm', layers: [first, layer]}};
const weightSpecs = shape.length ? [{name: 'd/kernel', shape, dtype: 'float32'}] : [];
tf.loadLayersModel(tf.io.fromMemory({modelTopology, weightSpecs,
  weightData: new ArrayBuffer(4 * shape.reduce((a, b) => a * b, shape.length ? 1 : 0))}))
  .then(() => give('loaded')).catch(error => give(error.message));
"""


@needs_node
def test_a_layer_that_is_not_there_and_weights_of_another():
    def load(kind: str, shape: list[int], **config: Any) -> str:
        return str(node(LAYERS, json.dumps([{"class_name": kind, "config": {"name": "d", **config}}, shape])))

    assert "Unknown layer: GroupNormalization" in load("GroupNormalization", [])
    assert load("Dense", [4, 2], units=2, use_bias=False) == "loaded"
    assert "hape" in load("Dense", [4, 3], units=2, use_bias=False)
