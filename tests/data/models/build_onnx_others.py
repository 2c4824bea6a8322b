"""Make ONNX models with skl2onnx, with the quantization of ONNX Runtime, and with tf2onnx of TensorFlow 1.

Run from this folder: ``python -P build_onnx_others.py sklearn quantized`` in an environment with scikit-learn, skl2onnx, onnx and
onnxruntime. A version behind a name goes into the names of files: ``sklearn:1.14 quantized:1.15`` was run with skl2onnx 1.14, onnx 1.13 and
onnxruntime 1.15; ``tensorflow:1.9`` with TensorFlow 1.15, tf2onnx 1.9 and onnx 1.9 under Python 3.7.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

ONNX = Path("onnx")


def sklearn(version: str) -> None:
    """A classifier behind a scaler, whose probabilities are maps; a small forest; a text model."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import StringTensorType
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    random = np.random.default_rng(0)
    x = random.normal(size=(60, 4)).astype(np.float32)
    y = (x[:, 0] + x[:, 1] > 0).astype(np.int64) + (x[:, 2] > 1)
    linear = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y)
    forest = RandomForestClassifier(3, max_depth=3, random_state=0).fit(x, y)
    words = ["good day", "bad day", "good night", "bad luck"]
    text = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(words, ["yes", "no", "yes", "no"])
    write(f"skl2onnx{version}", "linear", to_onnx(linear, x[:1]))
    write(f"skl2onnx{version}", "forest", to_onnx(forest, x[:1], options={"zipmap": False}))
    write(f"skl2onnx{version}", "text", to_onnx(text, initial_types=[("text", StringTensorType([None]))]))


def network() -> onnx.ModelProto:
    random = np.random.default_rng(1)

    def weight(name: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array(random.normal(size=shape).astype(np.float32), name)

    nodes = [
        h.make_node("Conv", ["image", "kernel", "bias"], ["conv"], "conv", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        h.make_node("Relu", ["conv"], ["relu"], "relu"),
        h.make_node("GlobalAveragePool", ["relu"], ["pool"], "pool"),
        h.make_node("Flatten", ["pool"], ["flat"], "flat"),
        h.make_node("Gemm", ["flat", "matrix", "offset"], ["logits"], "head", transB=1),
    ]
    weights = [weight("kernel", 4, 3, 3, 3), weight("bias", 4), weight("matrix", 2, 4), weight("offset", 2)]
    info = h.make_tensor_value_info
    ends = [info("image", T.FLOAT, ["n", 3, 8, 8])], [info("logits", T.FLOAT, ["n", 2])]
    return h.make_model(h.make_graph(nodes, "net", *ends, weights), opset_imports=[h.make_opsetid("", 13)], ir_version=7)


def quantized(version: str) -> None:
    """By channel with Q/DQ pairs, with operators of their own, and with scales computed at run time."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static

    class Pictures(CalibrationDataReader):
        def __init__(self) -> None:
            self.left = [{"image": np.random.default_rng(i).normal(size=(1, 3, 8, 8)).astype(np.float32)} for i in range(4)]

        def get_next(self) -> dict[str, np.ndarray] | None:
            return self.left.pop() if self.left else None

    with tempfile.TemporaryDirectory() as folder:
        path, out = str(Path(folder) / "net.onnx"), str(Path(folder) / "out.onnx")
        onnx.save(network(), path)
        for name, form in (("qdq", QuantFormat.QDQ), ("operators", QuantFormat.QOperator)):
            quantize_static(path, out, Pictures(), quant_format=form, per_channel=True, weight_type=QuantType.QInt8)
            write(f"quantized{version}", name, onnx.load(out))
        quantize_dynamic(path, out, weight_type=QuantType.QUInt8)
        write(f"quantized{version}", "dynamic", onnx.load(out))


def tensorflow(version: str) -> None:
    """A frozen graph of TensorFlow 1: convolutions, normalization, a resize; and a loop."""
    import tensorflow as tf
    from tf2onnx import optimizer
    from tf2onnx.tfonnx import process_tf_graph

    for name, build in (("frozen", pictures), ("loop", counted)):
        graph = tf.Graph()
        with graph.as_default(), tf.Session() as session:
            tf.set_random_seed(1)
            build(tf)
            session.run(tf.global_variables_initializer())
            frozen = tf.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["out"])
        tf.reset_default_graph()
        with tf.Graph().as_default() as graph:
            tf.import_graph_def(frozen, name="")
            made = process_tf_graph(graph, opset=11, input_names=["in:0"], output_names=["out:0"])
        write(f"tf2onnx{version}", name, optimizer.optimize_graph(made).make_model(f"{name} of TensorFlow 1"))


def pictures(tf: Any) -> None:
    x = tf.placeholder(tf.float32, [None, 8, 8, 3], "in")
    x = tf.layers.conv2d(x, 4, 3, name="stem", padding="same")
    x = tf.nn.relu(tf.layers.batch_normalization(x, name="normal"))
    x = tf.image.resize_bilinear(x, [4, 4])
    tf.nn.softmax(tf.layers.dense(tf.reduce_mean(x, [1, 2]), 2, name="dense"), name="out")


def counted(tf: Any) -> None:
    x = tf.placeholder(tf.float32, [2, 4], "in")
    _, x = tf.while_loop(lambda i, _: i < 3, lambda i, x: [i + 1, tf.tanh(x) + 1.0], [tf.constant(0), x])
    tf.identity(x, name="out")


def write(what: str, name: str, model: onnx.ModelProto) -> None:
    (ONNX / f"{what}_{name}.onnx").write_bytes(model.SerializeToString())


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        which, _, number = argument.partition(":")
        {"sklearn": sklearn, "quantized": quantized, "tensorflow": tensorflow}[which](number)
