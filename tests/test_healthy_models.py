"""Networks as they are, in the formats that TensorFlow and PyTorch export them to: nothing to warn of, but what is listed here."""

from __future__ import annotations

import importlib.machinery
import os
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deplint import Severity, plugins
from deplint.engine import check
from deplint.project import File, Project

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

LOADED = plugins.load()


def warned(folder: Path) -> set[tuple[str, str]]:
    """The warnings and errors for the files of a folder: rule, and the first part of the file's path below it."""
    files = [File(path, str(path.relative_to(folder))) for path in sorted(folder.rglob("*")) if path.is_file()]
    report = check(Project(folder, files, LOADED.readers), files, [rule for rule in LOADED.rules if not rule.opt_in])
    assert report.crashes == []
    return {(f.rule, Path(f.path).parts[0]) for f in report.findings if f.severity is not Severity.info}


# TensorFlow


def residual(keras: Any) -> Any:
    L = keras.layers
    x = inputs = keras.Input((32, 32, 3), name="image")
    x = L.ReLU()(L.BatchNormalization()(L.Conv2D(16, 3, padding="same", use_bias=False)(L.Rescaling(1 / 255.0)(x))))
    for filters, strides in ((16, 1), (32, 2)):
        y = L.ReLU()(L.BatchNormalization()(L.Conv2D(filters, 3, strides, padding="same", use_bias=False)(x)))
        y = L.BatchNormalization()(L.Conv2D(filters, 3, padding="same", use_bias=False)(y))
        x = L.ReLU()(L.Add()([x if strides == 1 else L.Conv2D(filters, 1, strides, use_bias=False)(x), y]))
    x = L.Dropout(0.3)(L.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, L.Dense(10, activation="softmax", name="probabilities")(x))


def attentive(keras: Any) -> Any:
    L = keras.layers
    inputs = keras.Input((16,), dtype="int32", name="ids")
    x = L.Embedding(100, 32)(inputs)
    x = L.LayerNormalization()(x + L.Dropout(0.1)(L.MultiHeadAttention(2, 16, dropout=0.1)(x, x)))
    x = L.LayerNormalization()(x + L.Dense(32)(L.Dense(64, activation="relu")(x)))
    return keras.Model(inputs, L.Dense(3)(L.GlobalAveragePooling1D()(x)))


def recurrent(keras: Any) -> Any:
    inputs = keras.Input((10, 8), name="series")
    return keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Bidirectional(keras.layers.LSTM(8))(inputs)))


def mobile(keras: Any) -> Any:
    return keras.applications.MobileNetV2((96, 96, 3), alpha=0.35, weights=None, classes=10)


def efficient(keras: Any) -> Any:
    return keras.applications.EfficientNetB0(input_shape=(64, 64, 3), weights=None, classes=10)


@pytest.mark.tensorflow
@pytest.mark.parametrize("build", [residual, attentive, recurrent, mobile, efficient], ids=lambda build: build.__name__)
def test_keras_and_what_it_becomes(tmp_path: Path, build: Callable[[Any], Any]) -> None:
    tf = pytest.importorskip("tensorflow")
    model = build(tf.keras)
    model.save(tmp_path / "net.keras")
    model.save(tmp_path / "net.h5")
    model.export(str(tmp_path / "saved"), verbose=False)
    (given,) = model.inputs
    size = (1, *given.shape[1:])

    def data() -> Any:
        random = np.random.default_rng(0)
        return (
            [random.integers(0, 99, size).astype(given.dtype) if "int" in given.dtype else random.random(size, np.float32)]
            for _ in range(4)
        )

    # The loop of a recurrent network keeps variables, which the calibrator cannot run.
    for kind in ("float", "float16", "dynamic") if build is recurrent else ("float", "float16", "dynamic", "integer"):
        converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "saved"))
        if build is recurrent:  # one size, so that its loop becomes the built-in operator
            function = tf.function(model).get_concrete_function(tf.TensorSpec(size, given.dtype))
            converter = tf.lite.TFLiteConverter.from_concrete_functions([function], model)
        if kind != "float":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if kind == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if kind == "integer":
            converter.representative_dataset = data
        (tmp_path / f"{kind}.tflite").write_bytes(converter.convert())
    tf2onnx = pytest.importorskip("tf2onnx")
    signature = [tf.TensorSpec([None, *size[1:]], given.dtype, name="x")]
    function = tf.function(lambda x: model(x, training=False), input_signature=signature)
    tf2onnx.convert.from_function(function, input_signature=signature, opset=17, output_path=str(tmp_path / "net.onnx"))
    assert warned(tmp_path) == set()


def without_jax() -> None:
    """tensorflowjs imports what converting a SavedModel has no need of."""
    for name in (
        "tensorflow_decision_forests",
        "jax",
        "jax.experimental",
        "jax.experimental.jax2tf",
        "tensorflowjs.converters.jax_conversion",
    ):
        if name not in sys.modules:
            sys.modules[name] = types.ModuleType(name)
            sys.modules[name].__spec__ = importlib.machinery.ModuleSpec(name, None)
    sys.modules["tensorflowjs.converters.jax_conversion"].convert_jax = None


@pytest.mark.tensorflow
@pytest.mark.parametrize("build", [residual, attentive, mobile], ids=lambda build: build.__name__)
def test_tensorflow_js(tmp_path: Path, build: Callable[[Any], Any]) -> None:
    tf = pytest.importorskip("tensorflow")
    pytest.importorskip("tf_keras")
    pytest.importorskip("tensorflow_hub")
    if not hasattr(np, "object"):
        np.object, np.bool = object, np.bool_
    before = dict(sys.modules)
    without_jax()
    try:
        conversion = pytest.importorskip("tensorflowjs.converters.tf_saved_model_conversion_v2")
    finally:
        for name in set(sys.modules) - set(before):
            if name.startswith("jax"):
                del sys.modules[name]
    build(tf.keras).export(str(tmp_path / "saved"), verbose=False)
    conversion.convert_tf_saved_model(str(tmp_path / "saved"), str(tmp_path / "web"))
    assert warned(tmp_path / "web") == set()


# PyTorch


def networks() -> dict[str, Any]:
    """Name -> a module in evaluation mode, and an input."""
    torch = pytest.importorskip("torch")
    nn, F = torch.nn, torch.nn.functional

    class Block(nn.Module):
        def __init__(self, given: int, gives: int, stride: int) -> None:
            super().__init__()
            self.first, self.second = nn.Conv2d(given, gives, 3, stride, 1, bias=False), nn.Conv2d(gives, gives, 3, 1, 1, bias=False)
            self.one, self.two = nn.BatchNorm2d(gives), nn.BatchNorm2d(gives)
            self.short = nn.Conv2d(given, gives, 1, stride, bias=False) if stride > 1 else nn.Identity()

        def forward(self, x):
            return F.relu(self.two(self.second(F.relu(self.one(self.first(x))))) + self.short(x))

    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            stem = (nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
            self.body = nn.Sequential(*stem, Block(16, 16, 1), Block(16, 32, 2))
            self.drop, self.head = nn.Dropout(0.2), nn.Linear(32, 10)

        def forward(self, x):
            return self.head(self.drop(torch.flatten(F.adaptive_avg_pool2d(self.body(x), 1), 1)))

    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words, self.cells, self.head = (
                nn.Embedding(100, 16),
                nn.LSTM(16, 16, batch_first=True, bidirectional=True),
                nn.Linear(32, 4),
            )

        def forward(self, x):
            return self.head(self.cells(self.words(x))[0][:, -1])

    class Attentive(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layer = nn.TransformerEncoderLayer(32, 2, 64, batch_first=True, dropout=0.1)
            self.words, self.layers, self.head = (
                nn.Embedding(100, 32),
                nn.TransformerEncoder(layer, 2, enable_nested_tensor=False),
                nn.Linear(32, 4),
            )

        def forward(self, x):
            return self.head(self.layers(self.words(x)).mean(1))

    words = torch.randint(0, 99, (1, 7))
    return {
        "residual": (Residual().eval(), torch.randn(1, 3, 32, 32)),
        "recurrent": (Recurrent().eval(), words),
        "attentive": (Attentive().eval(), words),
    }


@pytest.mark.torch
@pytest.mark.parametrize("name", ["residual", "recurrent", "attentive"])
def test_pytorch_and_what_it_becomes(tmp_path: Path, name: str) -> None:
    torch = pytest.importorskip("torch")
    model, x = networks()[name]
    axes = {"x": {0: "batch"}, "y": {0: "batch"}}
    torch.onnx.export(model, (x,), str(tmp_path / "legacy.onnx"), dynamo=False, input_names=["x"], output_names=["y"], dynamic_axes=axes)
    torch.onnx.export(model, (x,), str(tmp_path / "dynamo.onnx"), dynamo=True, verbose=False)
    torch.onnx.export(model, (x,), str(tmp_path / "plain.onnx"), dynamo=True, optimize=False, external_data=False, verbose=False)
    torch.jit.trace(model, x, check_trace=False).save(str(tmp_path / "traced.pt"))
    torch.jit.script(model).save(str(tmp_path / "scripted.pt"))
    torch.export.save(torch.export.export(model, (x,)), str(tmp_path / "exported.pt2"))
    torch.save(model.state_dict(), tmp_path / "state.pth")
    assert warned(tmp_path) == set()


@pytest.mark.torch
def test_quantized_onnx(tmp_path: Path) -> None:
    torch, quantization = pytest.importorskip("torch"), pytest.importorskip("onnxruntime.quantization")

    class Images(quantization.CalibrationDataReader):
        def __init__(self) -> None:
            self.images = iter([{"x": np.random.default_rng(i).normal(size=(1, 3, 32, 32)).astype(np.float32)} for i in range(4)])

        def get_next(self) -> Any:
            return next(self.images, None)

    source = str(tmp_path / "float.onnx")
    model, x = networks()["residual"]
    torch.onnx.export(model, (x,), source, dynamo=False, input_names=["x"], output_names=["y"])
    quantization.shape_inference.quant_pre_process(source, source, skip_symbolic_shape=True)
    kinds = {
        "pairs": {},
        "operators": {"quant_format": quantization.QuantFormat.QOperator},
        "channels": {"per_channel": True},
        "unsigned": {"activation_type": quantization.QuantType.QUInt8},
    }
    for name, options in kinds.items():
        quantization.quantize_static(source, str(tmp_path / f"{name}.onnx"), Images(), **options)
    assert warned(tmp_path) == set()
