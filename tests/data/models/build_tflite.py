"""Writes tests/data/models/tflite/: small models from TensorFlow's own converter, and what LiteRT's own interpreter says of each.

    python tests/data/models/build_tflite.py                 # needs tensorflow, tf_keras and ai-edge-litert
    python tests/data/models/build_tflite.py tf2.15_         # an older tensorflow, which has Keras 2: what it writes gets this prefix
    python tests/data/models/build_tflite.py --truth         # needs ai-edge-litert: of every file there is

`NAME.tflite` is the model; `NAME.json` its inputs, outputs, tensors, operators, signatures and buffers as told by `ai_edge_litert` and by
the accessors that package ships, not by deplint.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

try:
    import tf_keras
except ImportError:
    tf_keras = tf.keras

HERE = Path(__file__).parent / "tflite"


def conv_net() -> Any:
    tf_keras.utils.set_random_seed(7)
    return tf_keras.Sequential(
        [
            tf_keras.Input((16, 16, 3), name="image"),
            tf_keras.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu6", name="stem"),
            tf_keras.layers.DepthwiseConv2D(3, dilation_rate=2, name="mix"),
            tf_keras.layers.GlobalAveragePooling2D(),
            tf_keras.layers.Dense(144, activation="relu"),  # 8 x 144: the converter leaves weights of under 1,024 elements alone
            tf_keras.layers.Dense(4, activation="softmax"),
        ]
    )


def samples() -> Any:
    rng = np.random.default_rng(7)
    for _ in range(8):
        yield [rng.random((1, 16, 16, 3), np.float32)]


def float_net() -> bytes:
    return bytes(tf.lite.TFLiteConverter.from_keras_model(conv_net()).convert())


def dynamic_range() -> bytes:
    converter = tf.lite.TFLiteConverter.from_keras_model(conv_net())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return bytes(converter.convert())


def float16() -> bytes:
    converter = tf.lite.TFLiteConverter.from_keras_model(conv_net())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


def int8() -> bytes:
    converter = tf.lite.TFLiteConverter.from_keras_model(conv_net())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return bytes(converter.convert())


def select_ops() -> bytes:
    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="x")])
    def run(x: Any) -> Any:
        return {"erf": tf.math.erf(x), "digamma": tf.math.digamma(x) + 1.0}

    converter = tf.lite.TFLiteConverter.from_concrete_functions([run.get_concrete_function()])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    converter.allow_custom_ops = True  # Erf becomes a select operator, Digamma a custom one
    return bytes(converter.convert())


def signatures() -> bytes:
    class Both(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = tf.Variable(np.eye(4, dtype=np.float32))

        @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32)])
        def encode(self, x: Any) -> Any:
            return {"code": tf.matmul(x, self.w)}

        @tf.function(input_signature=[tf.TensorSpec([1, 4], tf.float32), tf.TensorSpec([], tf.int32)])
        def decode(self, code: Any, times: Any) -> Any:
            return {"text": tf.while_loop(lambda i, c: i < times, lambda i, c: (i + 1, c * 2.0), [0, code])[1]}

    both = Both()
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(both, folder, signatures={"encode": both.encode, "decode": both.decode})
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        return bytes(converter.convert())


def lstm() -> bytes:
    tf_keras.utils.set_random_seed(7)
    model = tf_keras.Sequential([tf_keras.Input((5, 3), batch_size=1, name="steps"), tf_keras.layers.LSTM(4), tf_keras.layers.Dense(1)])
    return bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())


def assorted() -> bytes:
    """Many operators whose options differ in kind, a string constant, a resource, control flow."""

    @tf.function(input_signature=[tf.TensorSpec([1, 8, 8, 4], tf.float32, name="x")])
    def run(x: Any) -> Any:
        y = tf.image.resize(x, [4, 4])
        y = tf.nn.max_pool2d(y, 2, 1, "VALID")
        y = tf.strided_slice(y, [0, 0, 1, 0], [1, 3, 3, 4], [1, 1, 1, 2], begin_mask=1)
        y = tf.reshape(tf.nn.leaky_relu(y, 0.25), [1, -1])
        y = tf.concat([y, tf.squeeze(tf.expand_dims(y, 0), [0])], axis=1)
        z = tf.cast(tf.argmax(y, axis=-1, output_type=tf.int64), tf.int32)
        y = tf.transpose(tf.gather(y, [0, 1], axis=1))
        y = tf.cond(tf.reduce_sum(y) > 0, lambda: y * 2.0, lambda: y - 1.0)
        return {"y": tf.nn.gelu(y, approximate=True), "z": z, "shape": tf.shape(y, out_type=tf.int64)}

    return bytes(tf.lite.TFLiteConverter.from_concrete_functions([run.get_concrete_function()]).convert())


MODELS = {
    "float": float_net, "dynamic_range": dynamic_range, "float16": float16, "int8": int8, "select_ops": select_ops,
    "signatures": signatures, "lstm": lstm, "assorted": assorted,
}  # fmt: skip


def plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [plain(v) for v in value.tolist()]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    return value.item() if isinstance(value, np.generic) else value.decode() if isinstance(value, bytes) else value


def truth(content: bytes) -> dict[str, Any]:
    """What the interpreter tells of the main graph and the signatures, and the packaged accessors of everything stored."""
    from ai_edge_litert import interpreter as litert
    from ai_edge_litert import schema_py_generated as schema

    interpreter = litert.Interpreter(model_content=content)
    model = schema.ModelT.InitFromPackedBuf(bytearray(content), 0)
    details = ("name", "index", "shape", "shape_signature", "quantization_parameters")
    tensors = [
        {key: t[key] for key in details} | {"dtype": np.dtype(t["dtype"]).name}
        for t in interpreter.get_tensor_details()
        if t["index"] < len(model.subgraphs[0].tensors)
    ]
    graphs = []
    for graph in model.subgraphs:
        ops = [
            {
                "code": max(model.operatorCodes[op.opcodeIndex].deprecatedBuiltinCode, model.operatorCodes[op.opcodeIndex].builtinCode),
                "custom": model.operatorCodes[op.opcodeIndex].customCode,
                "version": model.operatorCodes[op.opcodeIndex].version,
                "inputs": op.inputs,
                "outputs": op.outputs,
                "options": dict(vars(op.builtinOptions)) if op.builtinOptions else {},
            }
            for op in graph.operators
        ]
        graphs.append(
            {
                "name": graph.name,
                "inputs": graph.inputs,
                "outputs": graph.outputs,
                "tensors": [
                    {"name": t.name, "type": t.type, "buffer_bytes": 0 if (d := model.buffers[t.buffer].data) is None else len(d)}
                    for t in graph.tensors
                ],
                "ops": ops,
            }
        )
    return plain(
        {
            "description": model.description,
            "inputs": [t["name"] for t in interpreter.get_input_details()],
            "outputs": [t["name"] for t in interpreter.get_output_details()],
            "tensors": tensors,
            "signatures": interpreter.get_signature_list(),
            "op_names": [op["op_name"] for op in interpreter._get_ops_details()],
            "graphs": graphs,
        }
    )


def main(prefix: str = "") -> None:
    HERE.mkdir(exist_ok=True)
    if prefix != "--truth":
        for name, build in MODELS.items():
            (HERE / f"{prefix}{name}.tflite").write_bytes(build())
    if prefix in ("", "--truth"):
        for path in sorted(HERE.glob("*.tflite")):
            path.with_suffix(".json").write_text(json.dumps(truth(path.read_bytes()), indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
