"""Writes tests/data/models/tflite/: small models from TensorFlow's own converter, and what LiteRT's own interpreter says of each.

    python tests/data/models/build_tflite.py                 # needs tensorflow, tf_keras and ai-edge-litert
    python tests/data/models/build_tflite.py tf2.15_         # an older tensorflow, which has Keras 2: what it writes gets this prefix
    python tests/data/models/build_tflite.py tf2.15_ described    # only the models named
    python tests/data/models/build_tflite.py --truth         # needs ai-edge-litert and mediapipe: of every file there is

`described` needs mediapipe or tflite-support, `blockwise` ai-edge-quantizer.

`NAME.tflite` is the model; `NAME.json` its inputs, outputs, tensors, operators, signatures and buffers as told by `ai_edge_litert` and by
the accessors that package ships, not by deplint.
"""

from __future__ import annotations

import io
import json
import math
import os
import sys
import tempfile
import zipfile
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


def offset() -> bytes:
    """Weights after the flatbuffer, as a model of more than 2 GB has them."""
    converter = tf.lite.TFLiteConverter.from_keras_model(conv_net())
    converter._experimental_use_buffer_offset = True
    return bytes(converter.convert())


def sparse() -> bytes:
    """Three of four weights are zero, in blocks of four."""
    weights = np.zeros((256, 64), np.float32)
    weights[::8, :] = weights[1::8, :] = 1 + np.arange(64, dtype=np.float32)

    @tf.function(input_signature=[tf.TensorSpec([1, 256], tf.float32, name="x")])
    def run(x: Any) -> Any:
        return tf.matmul(x, tf.constant(weights))

    converter = tf.lite.TFLiteConverter.from_concrete_functions([run.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.EXPERIMENTAL_SPARSITY]
    return bytes(converter.convert())


def described() -> bytes:
    """What Support and Task libraries need to know, and a file of labels packed behind the model."""
    try:
        from mediapipe.tasks.python.metadata.metadata_writers import image_classifier, metadata_writer
    except ImportError:
        from tensorflow_lite_support.metadata.python.metadata_writers import image_classifier  # of tflite-support

        with tempfile.TemporaryDirectory() as folder:
            labels = Path(folder) / "labels.txt"
            labels.write_text("cat\ndog\nnewt\nowl\n")
            writer = image_classifier.MetadataWriter.create_for_inference(bytearray(float_net()), [127.5], [127.5], [str(labels)])
            return bytes(writer.populate())
    labels = metadata_writer.Labels().add(["cat", "dog", "newt", "owl"])
    writer = image_classifier.MetadataWriter.create(bytearray(float_net()), [127.5], [127.5], labels)
    return bytes(writer.populate()[0])


def blockwise() -> bytes:
    from ai_edge_quantizer import quantizer, recipe

    weights = np.random.default_rng(7).normal(size=(64, 32)).astype(np.float32)

    @tf.function(input_signature=[tf.TensorSpec([1, 64], tf.float32, name="x")])
    def run(x: Any) -> Any:
        return tf.matmul(x, tf.constant(weights))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "float.tflite"
        path.write_bytes(tf.lite.TFLiteConverter.from_concrete_functions([run.get_concrete_function()]).convert())
        return bytes(quantizer.Quantizer(str(path), recipe.dynamic_wi4b32_afp32()).quantize().quantized_model)


MODELS = {
    "float": float_net, "dynamic_range": dynamic_range, "float16": float16, "int8": int8, "select_ops": select_ops,
    "signatures": signatures, "lstm": lstm, "assorted": assorted, "offset": offset, "sparse": sparse, "described": described,
    "blockwise": blockwise,
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


def stored(buffer: Any) -> int:
    return int(buffer.size if buffer.data is None else len(buffer.data))


def traits(graph: Any, tensor: Any) -> dict[str, Any]:
    """What a tensor has besides, where it has it."""
    found: dict[str, Any] = {"variable": True} if tensor.isVariable else {}
    if tensor.sparsity:
        found["sparsity"] = [("dense", "sparse_csr")[each.format] for each in tensor.sparsity.dimMetadata]
        if tensor.sparsity.blockMap is not None and len(tensor.sparsity.blockMap):
            found["block"] = [each.denseSize for each in tensor.sparsity.dimMetadata[len(tensor.shape) :]]
    if tensor.quantization and type(tensor.quantization.details).__name__ == "BlockwiseQuantizationT":
        details = tensor.quantization.details
        found |= {"scales": graph.tensors[details.scales].name, "block_size": details.blockSize}
    return {"traits": found} if found else {}


def custom_options(code: bytes | None, options: Any) -> dict[str, Any]:
    from flatbuffers import flexbuffers
    from tensorflow.core.framework import node_def_pb2, types_pb2

    if options is None or not len(options):
        return {}
    raw = bytearray(bytes(options))
    if not (code or b"").startswith(b"Flex"):
        return dict(flexbuffers.Loads(raw))
    node = flexbuffers.GetRoot(raw).AsVector[1]
    attributes = node_def_pb2.NodeDef.FromString(node.AsString.encode()).attr
    return {key: types_pb2.DataType.Name(value.type) for key, value in attributes.items()}


def meaning(raw: bytes) -> Any:
    """The model's metadata, by the accessors that MediaPipe ships."""
    from mediapipe.tasks.metadata import metadata_schema_py_generated as metadata

    def tree(value: Any) -> Any:
        if isinstance(value, list):
            return [tree(each) for each in value]
        return {key: tree(each) for key, each in vars(value).items()} if hasattr(value, "__dict__") else value

    return tree(metadata.ModelMetadataT.InitFromObj(metadata.ModelMetadata.GetRootAs(raw, 0)))


def packed(content: bytes) -> dict[str, str]:
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def truth(content: bytes) -> dict[str, Any]:
    """What the interpreter tells of the main graph and the signatures, and the packaged accessors of everything stored."""
    from ai_edge_litert import interpreter as litert
    from ai_edge_litert import schema_py_generated as schema

    interpreter = litert.Interpreter(model_content=content)
    model = schema.ModelT.InitFromPackedBuf(bytearray(content), 0)
    names = [model.buffers[entry.buffer].data.tobytes() if entry.name == b"TFLITE_METADATA" else b"" for entry in model.metadata or ()]
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
                "custom_options": custom_options(model.operatorCodes[op.opcodeIndex].customCode, op.customOptions),
            }
            for op in graph.operators
        ]
        graphs.append(
            {
                "name": graph.name,
                "inputs": graph.inputs,
                "outputs": graph.outputs,
                "tensors": [
                    {"name": t.name, "type": t.type, "buffer_bytes": stored(model.buffers[t.buffer])} | traits(graph, t)
                    for t in graph.tensors
                ],
                "ops": ops,
            }
        )
    return plain(
        {
            "description": model.description,
            "meaning": [meaning(raw) for raw in names if raw],
            "files": packed(content),
            "inputs": [t["name"] for t in interpreter.get_input_details()],
            "outputs": [t["name"] for t in interpreter.get_output_details()],
            "tensors": tensors,
            "signatures": interpreter.get_signature_list(),
            "op_names": [op["op_name"] for op in interpreter._get_ops_details()],
            "graphs": graphs,
        }
    )


def main(prefix: str = "", *names: str) -> None:
    HERE.mkdir(exist_ok=True)
    if prefix != "--truth":
        for name, build in MODELS.items():
            if names and name not in names:
                continue
            (HERE / f"{prefix}{name}.tflite").write_bytes(build())
    if prefix in ("", "--truth"):
        for path in sorted(HERE.glob("*.tflite")):
            path.with_suffix(".json").write_text(json.dumps(truth(path.read_bytes()), indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
