"""DPL671, DPL680: what TensorFlow makes of calibration and of names in graphs."""

from __future__ import annotations

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
