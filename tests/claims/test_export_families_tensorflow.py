"""What TensorFlow and Keras do with faults of exporting and loading code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

tf = pytest.importorskip("tensorflow")
np = pytest.importorskip("numpy")
pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    keras = pytest.importorskip("keras")
    path = str(tmp_path_factory.mktemp("saved"))
    keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)]).export(path, verbose=False)
    return path


@pytest.fixture(scope="module")
def lite(folder: str) -> bytes:
    data = tf.lite.TFLiteConverter.from_saved_model(folder).convert()
    assert isinstance(data, bytes)
    return data


def test_a_loaded_savedmodel_is_no_keras_model(folder: str) -> None:
    loaded = tf.saved_model.load(folder)
    for name in (
        "predict",
        "predict_on_batch",
        "evaluate",
        "fit",
        "summary",
        "get_layer",
        "get_weights",
        "save",
        "compile",
        "load_weights",
    ):
        assert not hasattr(loaded, name)


def test_a_signature_gives_a_dictionary(folder: str) -> None:
    result = tf.saved_model.load(folder).signatures["serving_default"](tf.zeros((1, 4)))
    assert isinstance(result, dict)
    for name in ("numpy", "argmax", "tolist", "mean", "squeeze", "reshape"):
        assert not hasattr(result, name)


def test_a_runner_takes_names(lite: bytes) -> None:
    runner = tf.lite.Interpreter(model_content=lite).get_signature_runner()
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        runner(np.zeros((1, 4), np.float32))


def test_tensors_are_allocated_again_after_resizing(lite: bytes) -> None:
    interpreter: Any = tf.lite.Interpreter(model_content=lite)
    interpreter.allocate_tensors()
    index = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(index, [5, 4])
    with pytest.raises(ValueError, match="Tensor is unallocated"):
        interpreter.set_tensor(index, np.zeros((5, 4), np.float32))


def test_nothing_is_computed_without_invoke(lite: bytes) -> None:
    interpreter: Any = tf.lite.Interpreter(model_content=lite)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], np.ones((1, 4), np.float32))
    output = interpreter.get_output_details()[0]["index"]
    before = interpreter.get_tensor(output).copy()
    interpreter.invoke()
    assert not np.array_equal(before, interpreter.get_tensor(output))


LATE = {
    "import keras": ("KERAS_BACKEND", "torch", "keras.backend.backend() == 'torch'"),
    "from tensorflow.keras import layers": ("TF_USE_LEGACY_KERAS", "1", "layers.Dense.__module__.startswith('tf_keras')"),
    "import tensorflow as tf; from tensorflow.python.util import _pywrap_util_port as p": (
        "TF_ENABLE_ONEDNN_OPTS",
        "0",
        "not p.IsMklEnabled()",
    ),
}


@pytest.mark.parametrize("imports", LATE)
def test_variables_are_read_on_import(imports: str) -> None:
    name, value, asked = LATE[imports]
    code = f"import os\n{imports}\nos.environ[{name!r}] = {value!r}\nprint({asked})"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip().split("\n")[-1] == "False"


def test_the_lazy_import_still_hears_of_it() -> None:
    pytest.importorskip("tf_keras")
    code = "import os\nfrom tensorflow import keras\nos.environ['TF_USE_LEGACY_KERAS'] = '1'\nprint(keras.layers.Dense.__module__)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip().split("\n")[-1].startswith("tf_keras")


def test_wrapped_layers_are_unknown_to_load_model(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow_model_optimization")
    code = f"""
import tensorflow_model_optimization as tfmot, tf_keras as keras
net = keras.Sequential([keras.layers.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
for made, scope in (
    (tfmot.quantization.keras.quantize_model(net), tfmot.quantization.keras.quantize_scope),
    (tfmot.sparsity.keras.prune_low_magnitude(net), tfmot.sparsity.keras.prune_scope),
):
    made.save({str(tmp_path / "a.h5")!r})
    try:
        keras.models.load_model({str(tmp_path / "a.h5")!r})
        print("loaded")
    except ValueError as error:
        print("Unknown layer" in str(error))
    with scope():
        keras.models.load_model({str(tmp_path / "a.h5")!r})
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split()[-2:] == ["True", "True"]


@pytest.mark.parametrize(
    ("name", "value"), [("optimizations", tf.lite.Optimize.DEFAULT), ("supported_ops", tf.lite.OpsSet.TFLITE_BUILTINS)]
)
def test_attributes_of_the_converter_that_are_lists(folder: str, name: str, value: Any) -> None:
    converter = tf.lite.TFLiteConverter.from_saved_model(folder)
    setattr(converter if hasattr(converter, name) else converter.target_spec, name, value)
    with pytest.raises(TypeError, match="is not iterable"):
        converter.convert()


def test_weights_have_a_suffix_of_their_own(tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    for path, weights in (("best.h5", True), ("best.keras", True), ("best", False), ("best.ckpt", False)):
        with pytest.raises(ValueError, match="must end in"):
            keras.callbacks.ModelCheckpoint(path, save_weights_only=weights)
    keras.callbacks.ModelCheckpoint("best.h5")
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match="must end in"):
        model.save_weights(tmp_path / "w.h5")


def test_json_holds_no_weights() -> None:
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])
    again = keras.models.model_from_json(model.to_json())
    assert not np.array_equal(model.get_weights()[0], again.get_weights()[0])


def test_devices_cannot_be_changed_later() -> None:
    code = """
import tensorflow as tf
tf.constant(1)
for change in (
    lambda: tf.config.threading.set_intra_op_parallelism_threads(2),
    lambda: tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
    ),
):
    try:
        change()
        print("changed")
    except RuntimeError as error:
        print("initializ" in str(error))
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split()[-2:] == ["True", "True"]


def test_a_signature_wants_a_traced_function(tmp_path: Path) -> None:
    class Module(tf.Module):  # type: ignore[misc, name-defined, unused-ignore]
        @tf.function
        def serve(self, x: Any) -> Any:
            return {"y": x * 2}

    module = Module()
    with pytest.raises(ValueError, match="Expected a TensorFlow function for which to generate a signature"):
        tf.saved_model.save(module, str(tmp_path / "a"), signatures={"serving_default": module.serve})
