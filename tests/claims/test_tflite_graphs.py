"""DPL490 to DPL494: what LiteRT's interpreter does with graphs whose order, shapes or quantization do not fit together."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deplint.formats import tflite
from deplint.project import File
from deplint.rules.model.training_mode import training_mode

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")
pytest.importorskip("ai_edge_litert.interpreter")

from test_model_rules import ACTIVATION, CODES, CONV, DATA, DENSE, FILTER, KERNEL, fails, packed, run, unpacked  # noqa: E402

ONES = np.ones((1, 4, 4, 2), np.float32)


def integer() -> Any:
    return unpacked((DATA / "tflite" / "int8.tflite").read_bytes())


def lacks(content: bytes) -> bool:
    try:
        run(content, False)
    except (RuntimeError, ValueError) as error:
        return "lacks data" in str(error)
    return False


def test_a_tensor_that_nothing_writes_lacks_data():
    model = integer()
    graph = model.subgraphs[0]
    last = graph.operators[-1]
    graph.tensors.append(copy.deepcopy(graph.tensors[last.inputs[0]]))
    last.inputs[0] = len(graph.tensors) - 1
    assert lacks(packed(model))


def test_an_output_that_nothing_gives_cannot_be_read():
    model = integer()
    graph = model.subgraphs[0]
    graph.tensors.append(copy.deepcopy(graph.tensors[graph.outputs[0]]))
    graph.outputs = [len(graph.tensors) - 1]
    assert fails(packed(model)) == (True, True)


def test_operators_run_in_stored_order():
    """With the last two swapped, the first run's result is that of what lay in memory."""
    model = integer()
    right = run(packed(model), False)
    operators = model.subgraphs[0].operators
    model.subgraphs[0].operators = operators[::-1]
    assert fails(packed(model))[1] or not np.array_equal(run(packed(model), False), right)


def calibrated() -> Any:
    network = tf.keras.Sequential([tf.keras.Input((16,), batch_size=1), tf.keras.layers.Dense(4, bias_initializer="ones")])
    converter = tf.lite.TFLiteConverter.from_keras_model(network)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([np.random.rand(1, 16).astype(np.float32)] for _ in range(8))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    return unpacked(converter.convert())


def test_a_converter_gives_the_bias_the_scale_of_the_product():
    model = calibrated()
    tensors, (operator,) = (
        model.subgraphs[0].tensors,
        [o for o in model.subgraphs[0].operators if CODES[model.operatorCodes[o.opcodeIndex].builtinCode] == "FULLY_CONNECTED"],
    )
    data, weights, bias = (np.array(tensors[index].quantization.scale) for index in operator.inputs)
    assert bias == pytest.approx(data * weights, rel=1e-5)


@pytest.mark.parametrize("delegate", [True, False])
def test_the_scale_of_a_bias_is_not_looked_at(delegate):
    model = calibrated()
    before = run(packed(model), delegate)
    operator = next(o for o in model.subgraphs[0].operators if len(o.inputs) == 3)
    quantization = model.subgraphs[0].tensors[operator.inputs[2]].quantization
    quantization.scale = [7 * scale for scale in quantization.scale]
    assert np.array_equal(run(packed(model), delegate), before)


@pytest.mark.parametrize("name", [CONV, DENSE, ACTIVATION])
def test_integers_without_parameters(name):
    model = integer()
    next(t for t in model.subgraphs[0].tensors if t.name.decode() == name).quantization = None
    assert fails(packed(model)) == (True, True)


def weights(operator: int, shape: list[int], number: int = 1) -> Callable[[Any], None]:
    def edit(model: Any) -> None:
        graph = model.subgraphs[0]
        tensor = graph.tensors[graph.operators[operator].inputs[number]]
        tensor.shape = np.array(shape, np.int32)
        model.buffers[tensor.buffer].data = np.frombuffer(np.ones(shape, np.float32).tobytes(), np.uint8)

    return edit


def values(content: Any, number: int = 1) -> Callable[[Any], None]:
    def edit(model: Any) -> None:
        graph = model.subgraphs[0]
        tensor, array = graph.tensors[graph.operators[0].inputs[number]], np.array(content, np.int32)
        tensor.shape = np.array(array.shape, np.int32)
        model.buffers[tensor.buffer].data = np.frombuffer(array.tobytes(), np.uint8)

    return edit


def axis(number: int) -> Callable[[Any], None]:
    def edit(model: Any) -> None:
        model.subgraphs[0].operators[-1].builtinOptions.axis = number

    return edit


@pytest.mark.parametrize(
    ("call", "edit", "wanted"),
    [
        (lambda x: tf.nn.conv2d(x, KERNEL, 1, "SAME"), weights(0, [4, 3, 3, 3]), (True, True)),
        (lambda x: tf.nn.conv2d(x, KERNEL, 1, "SAME"), weights(0, [4, 3, 3, 1]), (False, False)),  # a convolution of two groups
        (lambda x: tf.nn.depthwise_conv2d(x, FILTER, [1, 1, 1, 1], "SAME"), weights(0, [1, 3, 3, 5]), (True, True)),
        (lambda x: tf.nn.bias_add(tf.nn.conv2d(x, KERNEL, 1, "SAME"), np.ones(4, np.float32)), weights(0, [7], 2), (False, True)),
        (lambda x: tf.matmul(tf.reshape(x, [4, 8]), np.ones((8, 5), np.float32)), weights(1, [5, 7]), (True, False)),
        (lambda x: x + ONES, weights(0, [1, 4, 3, 2]), (True, True)),
        (lambda x: x * (ONES + 1), weights(0, [3]), (True, True)),
        (lambda x: tf.reshape(x, [4, 8]), values([5, 8]), (True, True)),
        (lambda x: tf.reshape(x, [4, 8]), values([5, -1]), (True, True)),
        (lambda x: tf.transpose(x, [0, 3, 1, 2]), values([0, 3, 1, 4]), (True, True)),
        (lambda x: tf.transpose(x, [0, 3, 1, 2]), values([0, 1, 2]), (True, True)),
        (lambda x: tf.transpose(x, [0, 3, 1, 2]), values([0, 3, 3, 2]), (True, False)),
        (lambda x: tf.reduce_mean(x, [1, 2]), values([1, 7]), (True, True)),
        (lambda x: tf.gather(x, [0, 1], axis=1), axis(6), (True, True)),
        (lambda x: tf.concat([x, tf.exp(x)], 3), axis(7), (True, True)),
        (lambda x: tf.concat([x, ONES[:, :3]], 1), weights(0, [1, 3, 5, 2]), (True, True)),
        (lambda x: tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]), values([[0, 0], [1, 1], [0, 0]]), (True, True)),
        (lambda x: tf.split(x, 2, 3)[0], values(5, 0), (True, True)),
    ],
)
def test_shapes_that_do_not_fit(call, edit, wanted):
    function = tf.function(call, input_signature=[tf.TensorSpec([1, 4, 4, 2], tf.float32)], autograph=False)
    content = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()]).convert()
    assert fails(content) == (False, False)
    model = unpacked(content)
    edit(model)
    assert fails(packed(model)) == wanted


def test_dropout_in_training_stays_in_what_is_converted(tmp_path: Path):
    """Random numbers are built-in operators: each run throws other values away."""

    results = {}
    for rate in (0.5, 0.0):
        made = tf.function(lambda x, rate=rate: tf.nn.dropout(x, rate) * 2.0, input_signature=[tf.TensorSpec([1, 64], tf.float32)])
        content = tf.lite.TFLiteConverter.from_concrete_functions([made.get_concrete_function()]).convert()
        (tmp_path / f"{rate}.tflite").write_bytes(content)
        assert len(list(training_mode(tflite.read(File(tmp_path / f"{rate}.tflite"))))) == bool(rate)
        interpreter = tf.lite.Interpreter(model_content=content)
        interpreter.allocate_tensors()
        runs = []
        for _ in range(2):
            interpreter.set_tensor(interpreter.get_input_details()[0]["index"], np.ones((1, 64), np.float32))
            interpreter.invoke()
            runs.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
        results[rate] = np.array_equal(*runs)
    assert results == {0.5: False, 0.0: True}
