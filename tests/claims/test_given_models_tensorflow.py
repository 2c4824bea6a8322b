"""DPL110, DPL111, DPL113, DPL116, DPL117, DPL122, DPL124, DPL127, DPL131: the same around TensorFlow and Keras."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.tensorflow, pytest.mark.filterwarnings("ignore")]
tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("keras")
np = pytest.importorskip("numpy")
LITE = tf.lite.TFLiteConverter
SPEC = tf.TensorSpec([None, 4], tf.float32)


def network(layer):
    inputs = keras.Input((4,))
    return keras.Model(inputs, layer(inputs))


@pytest.fixture(scope="module")
def model():
    return network(keras.layers.Dense(2))


@pytest.mark.parametrize("name", ["net.keras", "net.h5"])
def test_the_converter_reads_folders(model, name, tmp_path):
    path = str(tmp_path / name)
    model.save(path)
    for load in (LITE.from_saved_model, tf.saved_model.load):
        with pytest.raises(OSError, match="SavedModel file does not exist"):
            load(path)
    with pytest.raises(AttributeError, match="'str' object has no attribute 'call'"):
        LITE.from_keras_model(path).convert()
    with pytest.raises(TypeError):
        LITE.from_saved_model(model)
    with pytest.raises(ValueError, match="identifier"):
        tf.lite.Interpreter(path)


def test_concrete_functions_come_in_a_list():
    function = tf.function(lambda x: x * 2, input_signature=[SPEC]).get_concrete_function()
    with pytest.raises(TypeError, match="not iterable"):
        LITE.from_concrete_functions(function).convert()


def test_the_converter_gives_bytes(model, tmp_path):
    content = LITE.from_keras_model(model).convert()
    with pytest.raises(TypeError, match="must be str, not bytes"), open(tmp_path / "net.tflite", "w") as file:
        file.write(content)
    with pytest.raises(ValueError, match="Could not open"):
        tf.lite.Interpreter(content)
    interpreter = tf.lite.Interpreter(model_content=content)
    interpreter.allocate_tensors()
    view = interpreter.tensor(interpreter.get_input_details()[0]["index"])()
    with pytest.raises(RuntimeError, match="at least 1 reference to internal data"):
        interpreter.invoke()
    del view
    interpreter.invoke()


def test_weights_alone(model, tmp_path):
    path = str(tmp_path / "net.weights.h5")
    model.save_weights(path)
    with pytest.raises(ValueError, match="No model config found"):
        keras.models.load_model(path)


class Two(tf.Module):
    @tf.function(input_signature=[SPEC])
    def one(self, x):
        return tf.py_function(lambda values: values * 2, [x], tf.float32)

    @tf.function(input_signature=[SPEC])
    def other(self, x):
        return x


class Unsigned(tf.Module):
    @tf.function
    def __call__(self, x):
        return x


def test_signatures(tmp_path):
    path, unsigned = str(tmp_path / "export"), Unsigned()
    unsigned(tf.zeros([1]))
    for module in (Two(), unsigned):
        tf.saved_model.save(module, path)
        assert not tf.saved_model.load(path).signatures
    with pytest.raises(ValueError, match="at least one signature key"):
        LITE.from_saved_model(path).convert()
    two = Two()
    tf.saved_model.save(two, path, signatures=two.other)
    assert list(tf.saved_model.load(path).signatures) == ["serving_default"]
    with pytest.raises(ValueError, match="Invalid signature key 'predict'"):
        LITE.from_saved_model(path, signature_keys=["predict"]).convert()


def test_python_is_not_saved(tmp_path):
    import subprocess
    import sys

    path = str(tmp_path / "export")
    tf.saved_model.save(Two(), path)
    code = f"import tensorflow as tf; tf.saved_model.load({path!r}).one(tf.zeros([1, 4]))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode and "pyfunc" in ran.stderr
    with pytest.raises(NotImplementedError, match="symbolic"):
        tf.function(lambda x: np.log(x)).get_concrete_function(SPEC)


def test_a_builder_writes_when_told(tmp_path):
    path = tmp_path / "export"
    v1 = tf.compat.v1
    with v1.Graph().as_default(), v1.Session() as session:
        builder = v1.saved_model.Builder(str(path))
        v1.get_variable("v", [1])
        session.run(v1.global_variables_initializer())
        builder.add_meta_graph_and_variables(session, ["serve"])
        assert not (path / "saved_model.pb").exists()
        builder.save()
    assert (path / "saved_model.pb").exists()


class Scale(keras.layers.Layer):
    def call(self, x):
        return x * 2


@pytest.mark.parametrize("name", ["net.keras", "net.h5"])
def test_code_is_not_saved(name, tmp_path):
    path = str(tmp_path / name)
    network(Scale()).save(path)
    with pytest.raises((TypeError, ValueError), match="Scale"):
        keras.models.load_model(path)
    keras.models.load_model(path, custom_objects={"Scale": Scale})
    network(keras.layers.Lambda(lambda x: x * 2)).save(path)
    with pytest.raises(ValueError, match="Lambda"):
        keras.models.load_model(path)
    keras.models.load_model(path, safe_mode=False)


def test_tf2onnx():
    tf2onnx = pytest.importorskip("tf2onnx")
    sequential = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    with pytest.raises(KeyError, match="keras_tensor"):
        tf2onnx.convert.from_keras(sequential)
    assert isinstance(tf2onnx.convert.from_keras(network(keras.layers.Dense(2))), tuple)
    sequential.output_names = ["output"]
    tf2onnx.convert.from_keras(sequential)
    with pytest.raises(AttributeError, match="'str' object has no attribute"):
        tf2onnx.convert.from_keras("net.h5")


def test_names_of_a_frozen_graph(tmp_path):
    path, v1 = str(tmp_path / "frozen.pb"), tf.compat.v1
    with v1.Graph().as_default() as graph:
        tf.nn.relu(v1.placeholder(tf.float32, [1, 4], name="image"), name="scores")
        (tmp_path / "frozen.pb").write_bytes(graph.as_graph_def().SerializeToString())
    convert = v1.lite.TFLiteConverter.from_frozen_graph
    assert convert(path, ["image"], ["scores"]).convert()
    for inputs, outputs in ((["input"], ["scores"]), (["image"], ["Softmax"]), (["image:0"], ["scores"]), (["image"], ["scores:0"])):
        with pytest.raises(ValueError, match="Invalid tensors"):
            convert(path, inputs, outputs).convert()
    tf2onnx = pytest.importorskip("tf2onnx")
    with pytest.raises(ValueError, match="Not Found"):
        tf2onnx.convert.from_graph_def(graph.as_graph_def(), input_names=["image"], output_names=["scores"])
