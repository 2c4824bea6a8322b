"""DPL810 to DPL839: what TensorFlow.js and ONNX Runtime do in Node with addresses, names and promises.

They run where node finds @tensorflow/tfjs (NODE_PATH), and are skipped elsewhere.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any

import pytest

pytestmark = pytest.mark.tensorflow
NODE = shutil.which("node")

HEAD = """
const tf = require('@tensorflow/tfjs');
const give = value => console.log('GIVEN:' + JSON.stringify(value));
const error = async (make) => { try { await make(); return ''; } catch (found) { return String(found.message); } };
"""

GRAPH = """
const float = {type: 'DT_FLOAT'};
const node = (name, op, input = [], attr = {}) => ({name, op, input, attr: {dtype: float, T: float, ...attr}});
const graph = (nodes, signature) => tf.loadGraphModel(tf.io.fromMemory({
  modelTopology: {node: nodes, versions: {producer: 1}}, weightSpecs: [],
  weightData: new ArrayBuffer(0), signature, format: 'graph-model'}));
"""


def node(script: str) -> Any:
    """What a script gives as JSON."""
    source = f"{HEAD}(async () => {{ {script} }})()"
    done = subprocess.run([str(NODE), "-e", source], capture_output=True, text=True, env=os.environ, timeout=60)
    return json.loads(done.stdout.rpartition("GIVEN:")[2])


def _installed() -> bool:
    try:
        return NODE is not None and node("give(tf.version.tfjs)") is not None
    except json.JSONDecodeError:
        return False


needs_node = pytest.mark.skipif(not _installed(), reason="node or @tensorflow/tfjs is not installed")


@needs_node
@pytest.mark.parametrize("address", ["./model.json", "model/model.json"])
def test_a_relative_path_is_no_address_in_node(address: str):
    assert "Failed to parse URL" in node(f"give(await error(() => tf.loadLayersModel('{address}')))")


@needs_node
@pytest.mark.parametrize("address", ["file:///tmp/model.json", "localStorage://m", "downloads://m"])
def test_schemes_that_are_only_fetched(address: str):
    assert node(f"give(await error(() => tf.loadLayersModel('{address}')))") == "fetch failed"


@needs_node
def test_other_files_and_signed_addresses():
    """A Keras file is no JSON; the weights are asked for with the query of model.json, beside its last slash."""
    script = """
    const asked = [];
    const manifest = {modelTopology: {}, weightsManifest: [{paths: ['shard'], weights: [{name: 'a', shape: [1], dtype: 'float32'}]}]};
    const server = require('http').createServer((request, response) => {
      asked.push(request.url);
      response.end(request.url.includes('model.json') ? JSON.stringify(manifest) : Buffer.from([137, 72, 68, 70]));
    }).listen(0, async () => {
      const at = 'http://localhost:' + server.address().port;
      const found = [await error(() => tf.loadLayersModel(at + '/net.h5')), await error(() => tf.loadGraphModel(at + '/net.pb'))];
      await error(() => tf.loadLayersModel(at + '/o/folder%2Fmodel.json?token=1'));
      server.close();
      give([...found, asked[asked.length - 1]]);
    });"""
    keras, frozen, weights = node(script)
    assert "Failed to parse model JSON" in keras
    assert ".pb" in frozen
    assert weights == "/o/shard?token=1"


@needs_node
def test_what_graph_models_lack():
    members = ["layers", "getLayer", "summary", "fit", "evaluate", "compile"]
    script = (
        f"const m = await graph([node('x', 'Placeholder'), node('y', 'Relu', ['x'])]); give({json.dumps(members)}.map(n => typeof m[n]))"
    )
    assert node(GRAPH + script) == ["undefined"] * len(members)
    layered = "const m = tf.sequential({layers: [tf.layers.dense({units: 1, inputShape: [2]})]});"
    assert node(layered + "give([typeof m.load, typeof m.classify, typeof m.executeAsync, typeof m.predict])") == ["undefined"] * 3 + [
        "function"
    ]


@needs_node
def test_dynamic_operators_are_not_executed():
    nodes = "[node('x', 'Placeholder', [], {dtype: {type: 'DT_BOOL'}}), node('y', 'Where', ['x'])]"
    script = f"const m = await graph({nodes}); const x = tf.tensor1d([1, 0], 'bool');"
    script += "give([await error(() => m.predict(x)), await error(() => m.executeAsync(x))])"
    sync, later = node(GRAPH + script)
    assert "dynamic op 'Where'" in sync and "executeAsync" in sync
    assert later == ""


@needs_node
def test_names_of_graph_models():
    signature = "{inputs: {image: {name: 'x:0', dtype: 'DT_FLOAT'}}, outputs: {scores: {name: 'y:0', dtype: 'DT_FLOAT'}}}"
    script = f"const m = await graph([node('x', 'Placeholder'), node('y', 'Relu', ['x'])], {signature}); const x = tf.tensor1d([1]);"
    script += "give(await Promise.all([error(() => m.execute({image: x}, 'scores')), error(() => m.execute({x}, 'y')),"
    script += "error(() => m.execute({other: x}, 'y')), error(() => m.execute({x}, 'softmax'))]))"
    fine, also, wrong_input, wrong_output = node(GRAPH + script)
    assert fine == also == ""
    assert "[other] that are not part of graph" in wrong_input
    assert "'softmax' is not found in the graph" in wrong_output


@needs_node
def test_copies_of_tensors_and_promises():
    assert node("const c = structuredClone(tf.tensor1d([1])); give([typeof c.dataSync, c.shape])") == ["undefined", [1]]
    assert node("const d = tf.tensor1d([1]).data(); give([d[0] === undefined, typeof d.then])") == [True, "function"]


@needs_node
def test_functions_that_no_release_has():
    assert node("give([typeof tf.loadLayerModel, typeof tf.keras, typeof tf.image.resize, typeof tf.nn])") == ["undefined"] * 4
