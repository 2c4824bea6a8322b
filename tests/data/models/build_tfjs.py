"""Writes tests/data/models/tfjs/: small TensorFlow.js models from its own converter, and what its own readers say of them.

    pip install --no-deps tensorflowjs==4.22.0 tensorflow-hub      # into an environment with tensorflow and tf_keras
    python tests/data/models/build_tfjs.py
    python tests/data/models/build_tfjs.py v3.18_        # tensorflowjs 3.18 and tensorflow 2.15: what it writes gets this prefix

The converter imports JAX and decision forests whether or not they are used; empty modules stand in for both.
Each folder holds ``model.json``, its shards, and ``truth.json``.
"""

# ruff: noqa: E402

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import os
import shutil
import sys
import tempfile
import types
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if importlib.util.find_spec("tf_keras"):
    os.environ["TF_USE_LEGACY_KERAS"] = "1"

for name in ("tensorflow_decision_forests", "jax", "jax.experimental", "jax.experimental.jax2tf", "tensorflowjs.converters.jax_conversion"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__spec__ = importlib.machinery.ModuleSpec(name, None)
sys.modules["tensorflowjs.converters.jax_conversion"].convert_jax = None  # type: ignore[attr-defined]

import numpy as np
import tensorflow as tf

try:
    import tf_keras
except ImportError:
    tf_keras = tf.keras
if not hasattr(np, "object"):
    np.object, np.bool = object, np.bool_  # as tensorflowjs 3 calls them
from tensorflowjs import quantization, read_weights
from tensorflowjs.converters import convert_tf_saved_model, load_keras_model, save_keras_model

HERE = Path(__file__).parent / "tfjs"


class Net(tf.Module):
    """Convolution, a string table's worth of text, a branch, an int64 that the converter narrows."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = tf.Variable(tf.random.stateless_normal([3, 3, 3, 8], [1, 2]))
        self.dense = tf.Variable(tf.random.stateless_normal([8, 24], [3, 4]))

    @tf.function(input_signature=[tf.TensorSpec([None, 8, 8, 3], tf.float32, name="image")])
    def run(self, image: Any) -> Any:
        x = tf.nn.relu(tf.nn.conv2d(image, self.kernel, 2, "SAME"))
        x = tf.matmul(tf.reduce_mean(x, [1, 2]), self.dense)
        scores = tf.nn.softmax(x)
        big = tf.cond(tf.reduce_sum(x) > 0.0, lambda: x * 2.0, lambda: x - 1.0)
        return {"scores": scores, "best": tf.argmax(scores, axis=-1), "big": big, "names": tf.gather(["cat", "", "žirafa"], [0, 2])}


def graph_model(folder: Path, **options: Any) -> None:
    net = Net()
    with tempfile.TemporaryDirectory() as saved:
        tf.saved_model.save(net, saved, signatures={"serving_default": net.run})
        convert_tf_saved_model(saved, str(folder), control_flow_v2=True, **options)


def layers_model(folder: Path, **options: Any) -> None:
    tf_keras.utils.set_random_seed(7)
    image = tf_keras.layers.Input((8, 8, 3), name="image")
    trunk = tf_keras.Sequential([tf_keras.layers.Conv2D(4, 3, name="conv"), tf_keras.layers.Flatten(name="flat")], name="trunk")
    model = tf_keras.Model(image, tf_keras.layers.Dense(2, activation="softmax", name="scores")(trunk(image)), name="net")
    save_keras_model(model, str(folder), **options)


MODELS = {
    "graph": (graph_model, {"weight_shard_size_bytes": 700}),
    "graph_uint8": (graph_model, {"quantization_dtype_map": {quantization.QUANTIZATION_DTYPE_UINT8: "*"}}),
    "layers": (layers_model, {}),
    "layers_float16": (layers_model, {"quantization_dtype_map": {quantization.QUANTIZATION_DTYPE_FLOAT16: "*"}}),
}


def listed(model: Any, prefix: str = "") -> list[list[str]]:
    """Name and class of each layer, those of nested models after their model, under its name."""
    found = []
    for layer in model.layers:
        found.append([prefix + layer.name, type(layer).__name__])
        if hasattr(layer, "layers"):
            found += listed(layer, f"{prefix}{layer.name}/")
    return found


def truth(folder: Path) -> dict[str, Any]:
    """Weights as the converter's own package reads them back: name, dtype, shape, sum (of the dequantized values); of a layers model its
    layers, inputs and outputs, too.
    """
    model = json.loads((folder / "model.json").read_text())
    weights = {}
    for group in read_weights.read_weights(model["weightsManifest"], str(folder)):
        for weight in group:
            data = weight["data"]
            content = [v.decode() for v in data.ravel()] if data.dtype.kind in "OSU" else float(data.sum(dtype="float64"))
            weights[weight["name"]] = [str(data.dtype), list(data.shape), content]
    if model["format"] != "layers-model":
        return {"weights": weights}
    net = load_keras_model(str(folder / "model.json"))
    inputs = [[value.name, value.shape.as_list(), value.dtype.name] for value in net.inputs]
    return {"weights": weights, "layers": listed(net), "inputs": inputs, "outputs": net.output_names}


def main(prefix: str = "") -> None:
    """Writes the models; with ``--truth`` only what is said of those there are."""
    for name, (build, options) in MODELS.items() if prefix != "--truth" else ():
        folder = HERE / f"{prefix}{name}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        build(folder, **options)
    for path in HERE.glob("*/model.json"):
        path.with_name("truth.json").write_text(json.dumps(truth(path.parent)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
