"""DPL427, DPL430 to DPL433, DPL442, DPL443, DPL445, DPL449: what the runtimes say of the faults the model rules name.

What ONNX Runtime says is asked in `tests/test_seeded_models.py`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")
flatbuffers = pytest.importorskip("flatbuffers")
litert = pytest.importorskip("ai_edge_litert.interpreter")
schema = pytest.importorskip("ai_edge_litert.schema_py_generated")

DATA = Path(__file__).parent.parent / "data" / "models"
CONV, DEPTHWISE, DENSE = "sequential_3/stem/Conv2D", "sequential_3/mix/depthwise", "sequential_3/dense_7/MatMul"
ACTIVATION = "sequential_3/stem/Relu6;sequential_3/stem/Conv2D"
INT8 = 9
"""Its number among TensorFlow Lite's element types."""

INTEGERS = [schema.TensorType.INT32, schema.TensorType.INT64, schema.TensorType.BOOL]

CODES = {code: name for name, code in vars(schema.BuiltinOperator).items() if not name.startswith("_")}


def unpacked(content: bytes) -> Any:
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(bytearray(content), 0))


def packed(model: Any) -> bytes:
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def run(content: bytes, delegate: bool) -> Any:
    """The first output for an input of ones, with XNNPACK as by default or without."""
    plain = litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = litert.Interpreter(model_content=content, **({} if delegate else {"experimental_op_resolver_type": plain}))
    interpreter.allocate_tensors()
    for details in interpreter.get_input_details():
        interpreter.set_tensor(details["index"], np.ones(details["shape"], details["dtype"]))
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def fails(content: bytes) -> tuple[bool, bool]:
    """Whether it fails with XNNPACK, and without."""
    verdicts = []
    for delegate in (True, False):
        try:
            run(content, delegate)
            verdicts.append(False)
        except (RuntimeError, ValueError):
            verdicts.append(True)
    return verdicts[0], verdicts[1]


def edited(name: str, **parts: Any) -> bytes:
    """The integer model with quantization parameters (or ``data``, a slice of its bytes) of one tensor changed."""
    model = unpacked((DATA / "tflite" / "int8.tflite").read_bytes())
    tensor = next(t for t in model.subgraphs[0].tensors if t.name.decode() == name)
    for part, value in parts.items():
        if part == "data":
            model.buffers[tensor.buffer].data = model.buffers[tensor.buffer].data[value]
        else:
            setattr(tensor.quantization, part, value)
    return packed(model)


def test_the_healthy_model_runs():
    assert fails(edited(CONV)) == (False, False)


@pytest.mark.parametrize(
    ("name", "parts", "wanted"),
    [
        (CONV, {"zeroPoint": [1] * 8}, (True, True)),
        (CONV, {"zeroPoint": [0] * 7 + [3]}, (True, True)),
        (CONV, {"scale": [0.1], "zeroPoint": [5]}, (True, True)),
        (DEPTHWISE, {"zeroPoint": [0] * 7 + [3]}, (True, False)),
        (DEPTHWISE, {"scale": [0.1], "zeroPoint": [5]}, (True, False)),
        (DENSE, {"zeroPoint": [1] * 4}, (True, False)),
        (ACTIVATION, {"zeroPoint": [300]}, (True, True)),
        (ACTIVATION, {"zeroPoint": [-129]}, (True, True)),
    ],
)
def test_zero_points_without_a_kernel(name, parts, wanted):
    assert fails(edited(name, **parts)) == wanted


def test_weights_of_a_matrix_may_have_one_zero_point():
    assert fails(edited(DENSE, scale=[0.1], zeroPoint=[5])) == (False, False)


@pytest.mark.parametrize("scale", [0.0, -0.1, float("nan"), float("inf")])
def test_scales_that_are_none(scale):
    assert fails(edited(ACTIVATION, scale=[scale])) == (True, True)
    if scale != float("inf"):
        assert fails(edited(DENSE, scale=[scale] * 4)) == (True, False)


@pytest.mark.parametrize("name", [CONV, DEPTHWISE, DENSE])
@pytest.mark.parametrize("parts", [{"scale": [0.1] * 3, "zeroPoint": [0] * 3}, {"zeroPoint": [0] * 3}, {"quantizedDimension": 7}])
def test_parameters_that_do_not_fit_the_axis(name, parts):
    assert fails(edited(name, **parts)) == (True, True)


def test_a_weight_of_too_few_bytes_is_refused_and_one_of_too_many_is_not():
    assert fails(edited(CONV, data=slice(0, -4))) == (True, True)
    model = unpacked((DATA / "tflite" / "int8.tflite").read_bytes())
    tensor = next(t for t in model.subgraphs[0].tensors if t.name.decode() == CONV)
    model.buffers[tensor.buffer].data = [*model.buffers[tensor.buffer].data, *[0] * 64]
    assert fails(packed(model)) == (False, False)


KERNEL, FILTER = np.ones((3, 3, 2, 4), np.float32), np.ones((3, 3, 2, 1), np.float32)
CALLS: dict[str, Callable[[Any], Any]] = {
    "CONV_2D": lambda x: tf.nn.conv2d(x, KERNEL, 1, "SAME"),
    "DEPTHWISE_CONV_2D": lambda x: tf.nn.depthwise_conv2d(x, FILTER, [1, 1, 1, 1], "SAME"),
    "TRANSPOSE_CONV": lambda x: tf.nn.conv2d_transpose(x, tf.ones([3, 3, 4, 2]), [1, 8, 8, 4], 2),
    "FULLY_CONNECTED": lambda x: tf.matmul(tf.reshape(x, [16, 2]), np.ones((2, 5), np.float32)),
    "AVERAGE_POOL_2D": lambda x: tf.nn.avg_pool2d(x, 2, 2, "SAME"),
    "MAX_POOL_2D": lambda x: tf.nn.max_pool2d(x, 2, 2, "SAME"),
    "TRANSPOSE": lambda x: tf.transpose(x, [0, 3, 1, 2]),
    "PAD": lambda x: tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]),
    "MIRROR_PAD": lambda x: tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT"),
    "SLICE": lambda x: tf.slice(x, [0, 1, 1, 0], [1, 2, 2, 2]),
    "STRIDED_SLICE": lambda x: x[:, ::2],
    "RELU": lambda x: tf.nn.relu(x),
    "RELU6": lambda x: tf.nn.relu6(x),
    "LOGISTIC": lambda x: tf.sigmoid(x),
    "TANH": lambda x: tf.tanh(x),
    "HARD_SWISH": lambda x: x * tf.nn.relu6(x + 3) / 6,
    "LEAKY_RELU": lambda x: tf.nn.leaky_relu(x),
    "ELU": lambda x: tf.nn.elu(x),
    "GELU": lambda x: tf.nn.gelu(x),
    "ABS": lambda x: tf.abs(x),
    "MUL": lambda x: x * tf.reverse(x, [1]),
    "CONCATENATION": lambda x: tf.concat([x, tf.reverse(x, [1])], 3),
    "PACK": lambda x: tf.stack([x, tf.reverse(x, [1])]),
    "SPACE_TO_BATCH_ND": lambda x: tf.space_to_batch(x, [2, 2], [[0, 0], [0, 0]]),
    "SPACE_TO_DEPTH": lambda x: tf.nn.space_to_depth(x, 2),
    "DEPTH_TO_SPACE": lambda x: tf.nn.depth_to_space(tf.tile(x, [1, 1, 1, 2]), 2),
    "TILE": lambda x: tf.tile(x, [1, 2, 1, 1]),
    "REVERSE_V2": lambda x: tf.reverse(x, [1]),
}


def test_every_operator_of_the_list_is_asked():
    from rules.model.tflite_mixed_types import INPUTS

    assert CALLS.keys() == INPUTS.keys()


@pytest.mark.parametrize("name", CALLS)
def test_no_kernel_mixes_quantized_and_float(name):
    from rules.model.tflite_mixed_types import INPUTS, WEIGHTED

    function = tf.function(CALLS[name], input_signature=[tf.TensorSpec([1, 4, 4, 2], tf.float32)], autograph=False)
    content = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()]).convert()
    assert fails(content) == (False, False)

    def operator(model: Any) -> Any:
        codes = [CODES[max(code.builtinCode, code.deprecatedBuiltinCode)] for code in model.operatorCodes]
        return next(op for op in model.subgraphs[0].operators if codes[op.opcodeIndex] == name)

    first = operator(unpacked(content))
    for index in {*first.inputs[INPUTS[name]], first.outputs[0]}:
        model = unpacked(content)
        tensor = model.subgraphs[0].tensors[index]
        tensor.type, tensor.quantization = INT8, schema.QuantizationParametersT()
        tensor.quantization.scale, tensor.quantization.zeroPoint = [0.1], [0]
        assert fails(packed(model)) == (True, True)
    weighted = first.inputs[1:2] if name in WEIGHTED else []
    for number in [*INTEGERS] * len(weighted):
        model = unpacked(content)
        model.subgraphs[0].tensors[weighted[0]].type = number
        if fails(packed(model)) != (True, True):  # the bits of an integer, taken for a float
            assert name == "CONV_2D" and np.array_equal(run(packed(model), False), run(content, False))
    for number in INTEGERS:
        model = unpacked(content)
        model.subgraphs[0].tensors[first.outputs[0]].type = number
        if name != "MUL":
            assert fails(packed(model)) == (True, True)
        elif fails(packed(model)) == (False, False):  # the bits of a float, taken for an integer
            assert not np.allclose(run(packed(model), False), run(content, False))


@pytest.mark.parametrize("name", ["k3_lambda.keras", "k2_lambda.h5"])
def test_keras_refuses_stored_code(name):
    keras = pytest.importorskip("keras")
    with pytest.raises(ValueError, match="Python lambda"):
        keras.models.load_model(DATA / "keras" / name)


class Python(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")], autograph=False)
    def __call__(self, x):
        return {"y": tf.py_function(lambda v: v * 2, [x], tf.float32)}


def test_a_python_function_is_not_in_the_saved_model(tmp_path):
    module = Python()
    tf.saved_model.save(module, str(tmp_path / "m"))
    code = f"import tensorflow as tf; tf.saved_model.load({str(tmp_path / 'm')!r}).signatures['serving_default'](tf.constant([1.0]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "Could not find callback with key=pyfunc" in done.stderr


def test_a_signature_needs_each_placeholder(tmp_path):
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x, keep = v1.placeholder(tf.float32, [None], name="x"), v1.placeholder(tf.float32, [], name="keep_prob")
        v1.saved_model.simple_save(session, str(tmp_path / "m"), {"x": x}, {"y": tf.multiply(x, keep)})
    with pytest.raises(Exception, match="needs an input for each placeholder"):
        tf.saved_model.load(str(tmp_path / "m"))


@pytest.mark.skipif(bool(tf.config.list_physical_devices("GPU")), reason="the device is there")
def test_a_bound_device_needs_soft_placement():
    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [None])
        with tf.device("/device:GPU:0"):
            y = tf.multiply(x, 2.0)
    for soft in (True, False):
        session = v1.Session(graph=graph, config=v1.ConfigProto(allow_soft_placement=soft))
        if soft:
            assert session.run(y, {x: [1.0]}) == [2.0]
        else:
            with pytest.raises(tf.errors.InvalidArgumentError, match="explicitly assigned to /device:GPU:0"):
                session.run(y, {x: [1.0]})
