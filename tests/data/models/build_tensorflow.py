"""Make the SavedModels, the frozen graphs and the tf2onnx models among the test data, with TensorFlow's own exporters.

Run from this folder, in an environment with tensorflow, keras and tf2onnx: ``python build_tensorflow.py``.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf
import tf2onnx

v1 = tf.compat.v1
SAVED, FROZEN, ONNX = Path("savedmodel"), Path("graphdef"), Path("onnx")


def fresh(path: Path) -> str:
    shutil.rmtree(path, ignore_errors=True)
    return str(path)


def keras_model() -> keras.Model:
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((8, 8, 3), name="image"),
            keras.layers.Conv2D(4, 3, activation="relu", use_bias=False, name="conv"),
            keras.layers.GlobalAveragePooling2D(name="pool"),
            keras.layers.Dense(2, activation="softmax", name="probs"),
        ]
    )


class Branches(tf.Module):
    """A module with a conditional, a loop, a variable and two ways to call it."""

    def __init__(self) -> None:
        super().__init__()
        self.w = tf.Variable(tf.ones((4, 4)), name="w")

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, name="x")])
    def score(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        y = tf.cond(tf.reduce_sum(x) > 0.0, lambda: tf.matmul(x, self.w), lambda: -x)
        return {"y": tf.while_loop(lambda v: tf.reduce_max(v) < 10.0, lambda v: (v * 2.0,), (y,))[0], "scale": tf.constant([1, 2])}

    @tf.function(input_signature=[tf.TensorSpec(None, tf.string, name="text")])
    def length(self, text: tf.Tensor) -> tf.Tensor:
        return tf.strings.length(text)


class Vocabulary(tf.Module):
    """A module with an asset: a lookup table read from a file."""

    def __init__(self, path: str) -> None:
        super().__init__()
        rows = tf.lookup.TextFileInitializer(
            path, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
        )
        self.table = tf.lookup.StaticHashTable(rows, -1)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="words")])
    def __call__(self, words: tf.Tensor) -> tf.Tensor:
        return self.table.lookup(words)


def v1_graph(training: bool = False) -> tuple[v1.Graph, tf.Tensor, tf.Tensor]:
    """A graph as TensorFlow 1 programs built them: variables, batch normalization by hand, dropout when training."""
    graph = v1.Graph()
    with graph.as_default():
        v1.set_random_seed(1)
        x = v1.placeholder(tf.float32, (None, 8, 8, 3), name="input")
        kernel = v1.get_variable("conv/kernel", (3, 3, 3, 4), use_resource=False)
        y = tf.nn.conv2d(x, kernel, strides=[1, 2, 2, 1], padding="SAME", name="conv/Conv2D")
        y = tf.nn.relu(v1.nn.bias_add(y, v1.get_variable("conv/bias", 4, use_resource=False), name="conv/BiasAdd"))
        y = v1.nn.fused_batch_norm(y, tf.ones(4), tf.zeros(4), tf.zeros(4), tf.ones(4), is_training=False, name="bn")[0]
        if training:
            y = v1.nn.dropout(y, rate=0.5, name="dropout")
        y = tf.reshape(y, (-1, 64), name="flat")
        top, _ = tf.split(y, 2, axis=1, name="split")
        y = tf.nn.softmax(tf.matmul(top, tf.zeros((32, 2)), name="logits"), name="probs")
    return graph, x, y


def savedmodels() -> None:
    keras_model().export(fresh(SAVED / "keras3"), verbose=False)
    module = Branches()
    tf.saved_model.save(module, fresh(SAVED / "module"), signatures={"serving_default": module.score, "length": module.length})
    Path("vocabulary.txt").write_text("one\ntwo\n")
    tf.saved_model.save(Vocabulary("vocabulary.txt"), fresh(SAVED / "assets"))
    Path("vocabulary.txt").unlink()

    graph, x, y = v1_graph()
    with v1.Session(graph=graph) as session:
        session.run(v1.global_variables_initializer())
        v1.saved_model.simple_save(session, fresh(SAVED / "simple_save"), {"image": x}, {"probs": y})

    builder = v1.saved_model.Builder(fresh(SAVED / "two_tags"))
    for tags, training in (["train"], True), (["serve", "gpu"], False):
        graph, x, y = v1_graph(training)
        with v1.Session(graph=graph) as session:
            session.run(v1.global_variables_initializer())
            signature = v1.saved_model.predict_signature_def({"image": x}, {"probs": y})
            if training:
                builder.add_meta_graph_and_variables(session, tags, {"predict": signature})
            else:
                builder.add_meta_graph(tags, {"serving_default": signature})
    builder.save()


def graphdefs() -> None:
    FROZEN.mkdir(exist_ok=True)
    graph, _, _ = v1_graph()
    with v1.Session(graph=graph) as session:
        session.run(v1.global_variables_initializer())
        frozen = v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["probs"])
    (FROZEN / "frozen_v1.pb").write_bytes(frozen.SerializeToString(deterministic=True))

    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    module = Branches()
    function = convert_variables_to_constants_v2(module.score.get_concrete_function(), lower_control_flow=False)
    (FROZEN / "frozen_v2.pb").write_bytes(function.graph.as_graph_def().SerializeToString(deterministic=True))


def onnx_models() -> None:
    ONNX.mkdir(exist_ok=True)
    model = keras_model()
    spec = [tf.TensorSpec((None, 8, 8, 3), tf.float32, name="image")]
    function = tf.function(lambda x: model(x), input_signature=spec)
    tf2onnx.convert.from_function(function, spec, opset=13, output_path=str(ONNX / "tf2onnx_keras.onnx"))
    graph, _, _ = v1_graph()
    with v1.Session(graph=graph) as session:
        session.run(v1.global_variables_initializer())
        frozen = v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["probs"])
    tf2onnx.convert.from_graph_def(
        frozen, input_names=["input:0"], output_names=["probs:0"], opset=9, output_path=str(ONNX / "tf2onnx_frozen.onnx")
    )


if __name__ == "__main__":
    savedmodels()
    graphdefs()
    onnx_models()
