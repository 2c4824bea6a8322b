"""DPL808, DPL809 and DPL840 to DPL865: what TensorFlow.js says to tensors and models that do not fit.

They run where node finds @tensorflow/tfjs (NODE_PATH), and are skipped elsewhere.
"""

from __future__ import annotations

from typing import Any

import pytest
from test_web import GRAPH, needs_node, node

from deplint.apps.layers import RANKS, SAME
from deplint.apps.tensors import tensor
from deplint.code.source import SourceFile
from rules.web.values_do_not_fit_shape import TAKEN

pytestmark = [pytest.mark.tensorflow, needs_node]

MODEL = (
    GRAPH
    + """
const sizes = {shape: {shape: {dim: [{size: '-1'}, {size: '2'}, {size: '2'}, {size: '3'}]}}};
const one = await graph([node('x', 'Placeholder', [], sizes), node('a', 'Identity', ['x'])]);
const two = await graph([node('x', 'Placeholder', [], sizes), node('a', 'Identity', ['x']), node('b', 'Identity', ['x'])]);
const fits = tf.zeros([1, 2, 2, 3]);
"""
)

FAILS = {
    "one.predict(fits.squeeze())": "must be [-1,2,2,3], but was [2,2,3]",
    "one.predict(tf.zeros([1, 3, 3, 3]))": "must be [-1,2,2,3], but was [1,3,3,3]",
    "one.predict(fits.toInt())": "must be float32, but was int32",
    "one.predict([[1, 2]])": "Cannot read properties of undefined (reading 'length')",
    "(() => { const [a] = one.predict(fits); })()": "is not iterable",
    "two.predict(fits).dataSync()": "is not a function",
    "two.predict(fits)[2].shape": "Cannot read properties of undefined",
    "fits.divide(2)": "is not a function",
    "fits.shape()": "is not a function",
    "tf.zeros([2, 3]).reshape([4, 2])": "must match the product of shape 4,2",
    "tf.tensor([1, 2, 3], [2, 2])": "should have 4 values but has 3",
    "tf.tensor4d([1, 2], [1, 2])": "requires shape to have four numbers",
    "tf.tensor2d(new Float32Array(4))": "requires shape to be provided",
    "tf.browser.fromPixels('cat.jpg')": "pixels passed to tf.browser.fromPixels() must be either",
}


@pytest.mark.parametrize("code", FAILS)
def test_it_throws(code: str):
    assert FAILS[code] in node(f"{MODEL} give(await error(() => {code}))")


@pytest.mark.parametrize(
    "code", ["one.predict(fits)", "one.predict([fits])", "two.predict(fits)[1].dataSync()", "two.execute(fits, 'b').dataSync()"]
)
def test_it_does_not_throw(code: str):
    assert node(f"{MODEL} give(await error(() => {code}))") == ""


OPERATIONS = [
    "pixels", "pixels.toFloat()", "pixels.add(1)", "pixels.div(255)", "pixels.div(tf.scalar(255))",
    "tf.image.resizeBilinear(pixels, [4, 5])",
    "tf.image.resizeNearestNeighbor(pixels, [4, 5])", "pixels.reverse(-1)", "pixels.mean(2)", "pixels.mean(2, true)", "pixels.mul(2)",
    "pixels.sub([1, 2, 3])", "pixels.expandDims()", "pixels.expandDims(-1)", "pixels.expandDims(0).squeeze([0])", "pixels.as4D(1, 4, 4, 3)",
    "pixels.asType('float32')", "pixels.transpose([2, 0, 1])", "pixels.reshape([1, 48])", "pixels.clipByValue(0, 1)", "pixels.square()",
    "tf.image.cropAndResize(pixels.expandDims(), [[0, 0, 1, 1]], [0], [3, 2])", "tf.tensor([1, 2, 3])", "tf.tensor2d([[1, 2, 3]])",
    "tf.tensor(new Uint8Array(4), [2, 2])", "tf.tensor1d(new Int32Array(4))", "tf.zeros([2, 3], 'int32')", "tf.ones([2])", "tf.scalar(3)",
    "tf.tensor([true, false])", "tf.oneHot(tf.tensor1d([1, 2], 'int32'), 3)", "tf.randomNormal([2, 2])", "tf.fill([2], 3, 'int32')",
    "tf.tidy(() => pixels.div(127.5).sub(1).expandDims(0))",
]  # fmt: skip


def test_shapes_and_types_are_those_of_the_library():
    """Whatever `tensor` says of an expression is so; `pixels` is a picture of 4 x 4."""
    code = ", ".join(f"(t => [t.shape, t.dtype])({operation})" for operation in OPERATIONS)
    found: list[Any] = node(f"const pixels = tf.zeros([4, 4, 3], 'int32'); give([{code}])")
    known = 0
    for operation, (shape, dtype) in zip(OPERATIONS, found, strict=True):
        file = SourceFile(
            "x.js", f"import * as tf from '@tensorflow/tfjs';\nconst pixels = tf.zeros([4, 4, 3], 'int32');\nf({operation});", "javascript"
        )
        said = tensor(next(file.calls("f")).arguments[0].value)
        if said.shape is not None:
            known += 1
            assert len(said.shape) == len(shape), operation
            assert all(mine in (None, theirs) for mine, theirs in zip(said.shape, shape, strict=True)), operation
        assert said.dtype in ("", dtype), operation
    assert known >= len(OPERATIONS) - 3


def test_layers_work_on_the_ranks_of_the_table():
    options = """{filters: 1, kernelSize: 1, units: 2, poolSize: 1, n: 2, inputDim: 4, outputDim: 2}"""
    names = sorted((set(RANKS) | SAME) - {"rnn"})
    script = f"""const found = {{}};
    for (const name of {names!r}) for (let rank = 1; rank < 6; rank++) {{
      const inputShape = Array(rank).fill(4);
      const failed = await error(() => {{
        const model = tf.sequential({{layers: [tf.layers[name]({{...{options}, inputShape}})]}});
        (found[name] = found[name] || []).push([rank + 1, model.predict(tf.zeros([1, ...inputShape])).rank]);
      }});
    }}
    give(found)"""
    for name, ranks in node(script).items():
        if name in RANKS:
            assert [before for before, _ in ranks] == [RANKS[name]], name
        assert name not in SAME or (ranks and all(before == after for before, after in ranks)), name


def test_typed_arrays_that_tensors_are_made_of():
    arrays = ["Float32Array", "Float64Array", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array"]
    made = node(
        f"give({arrays!r}.filter(name => {{ try {{ tf.tensor(new globalThis[name](2)); return true; }} catch {{ return false; }} }}))"
    )
    assert set(made) == TAKEN


def test_what_a_chain_leaves_and_what_an_asynchronous_tidy_frees():
    script = """
    let before = tf.memory().numTensors;
    const last = tf.zeros([2], 'int32').toFloat().expandDims(0);
    last.dispose();
    const left = tf.memory().numTensors - before;
    const late = await error(() => tf.tidy(async () => { const t = tf.zeros([1]); await null; return t.dataSync(); }));
    give([left, late])"""
    assert node(script) == [2, "Tensor is disposed."]


def test_a_backend_that_starts_asynchronously_has_to_be_waited_for():
    """Registered as React Native's is: before all others, with a promise. Nothing but `ready` starts it."""
    script = """
    tf.registerBackend('rn-webgl', async () => tf.engine().registryFactory['cpu'].factory(), 5);
    const first = await error(() => tf.square(tf.tensor1d([1, 2])));
    await new Promise(resolve => setTimeout(resolve, 50));
    const later = await error(() => tf.square(tf.tensor1d([1, 2])));
    await tf.ready();
    give([first, later, await error(() => tf.square(tf.tensor1d([1, 2])))])"""
    first, later, ready = node(script)
    assert "The highest priority backend 'rn-webgl' has not yet been initialized" in first
    assert later == first
    assert "Kernel 'Square' not registered" in ready  # what comes next: this backend has none
