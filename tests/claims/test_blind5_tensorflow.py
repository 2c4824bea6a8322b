"""DPL671, DPL680: what TensorFlow makes of calibration and of names in graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.tensorflow


def test_scopes_are_part_of_a_nodes_name() -> None:
    tf = pytest.importorskip("tensorflow")
    v1 = tf.compat.v1
    graph = tf.Graph()
    with graph.as_default():
        x = v1.placeholder(tf.float32, [None, 3], name="x")
        with v1.variable_scope("head"):
            tf.nn.softmax(x, name="probs")
        with v1.Session() as session:
            with pytest.raises(AssertionError, match="probs is not in graph"):
                v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["probs"])
            v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["head/probs"])
    other = tf.Graph()
    with other.as_default():
        tf.import_graph_def(graph.as_graph_def())
    with pytest.raises(KeyError, match="refers to a Tensor which does not exist"):
        other.get_tensor_by_name("x:0")
    other.get_tensor_by_name("import/x:0")


def test_calibration_takes_the_ranges_of_what_it_is_shown() -> None:
    tf = pytest.importorskip("tensorflow")
    numpy = pytest.importorskip("numpy")
    model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])

    def scale(factor: float) -> float:
        random = numpy.random.default_rng(0)
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([random.random((1, 4), numpy.float32) * factor] for _ in range(20))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.int8
        interpreter = tf.lite.Interpreter(model_content=converter.convert())
        return float(interpreter.get_input_details()[0]["quantization"][0])

    assert scale(255.0) > 100 * scale(1.0)


def test_interpreters_want_their_tensors_allocated() -> None:
    tf = pytest.importorskip("tensorflow")
    numpy = pytest.importorskip("numpy")
    model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])
    interpreter = tf.lite.Interpreter(model_content=tf.lite.TFLiteConverter.from_keras_model(model).convert())
    index = interpreter.get_input_details()[0]["index"]
    with pytest.raises(ValueError, match="unallocated"):
        interpreter.set_tensor(index, numpy.zeros((1, 4), numpy.float32))
    with pytest.raises(RuntimeError, match="not ready"):
        interpreter.invoke()
    interpreter.allocate_tensors()
    interpreter.set_tensor(index, numpy.zeros((1, 4), numpy.float32))
    interpreter.invoke()


@pytest.mark.parametrize("name", ["seg.h5", "seg.keras"])
def test_functions_a_model_was_compiled_with_are_needed_again(name: str, tmp_path: Path) -> None:
    keras = pytest.importorskip("tf_keras")  # Keras 2; Keras 3.15 loads it
    tf = pytest.importorskip("tensorflow")
    numpy = pytest.importorskip("numpy")

    def dice(y: Any, p: Any) -> Any:
        return 1 - tf.reduce_sum(y * p)

    def near(y: Any, p: Any) -> Any:
        return tf.reduce_mean(y - p)

    for more in ({"loss": dice}, {"loss": "mse", "metrics": [near]}):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        model.compile("adam", **more)
        model.fit(numpy.zeros((2, 4)), numpy.zeros((2, 2)), verbose=0)
        path = str(tmp_path / name)
        model.save(path)
        with pytest.raises((TypeError, ValueError), match=r"[Cc]ould not locate function|Unknown (loss|metric)"):
            keras.models.load_model(path)
        keras.models.load_model(path, compile=False)
        keras.models.load_model(path, custom_objects={"dice": dice, "near": near})
