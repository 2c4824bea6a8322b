"""SavedModels and Keras files for measuring agreement: one operator each, over dtypes and ranks, and small architectures.

python -m tools.agreement.build_tensorflow FOLDER [--seed N] [--limit N]
"""

from __future__ import annotations

import argparse
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy
import tensorflow as tf
from tensorflow.core.framework import op_def_pb2
from tensorflow.python.framework import op_def_registry

DTYPES = ("float32", "float32", "float32", "int32", "int64", "float64", "float16", "bool", "uint8", "int8", "string", "complex64")
"""float32 more often than the rest, as in models."""

SHAPES = ((2, 8, 8, 4), (1, 4, 4, 2), (4, 6), (3, 3), (5,), (2, 3, 4), ())


def operators() -> list[op_def_pb2.OpDef]:
    """Those that take and give plain tensors, have a kernel on the CPU, and keep nothing."""
    from tensorflow.python.framework import kernels

    found = []
    for name in sorted(kernels_named(kernels)):
        op = op_def_registry.get(name)
        plain = {"type", "list(type)", "int", "float", "bool", "string", "shape", "list(int)", "list(float)", "list(string)", "list(shape)"}
        if op is None or name.startswith("_") or op.is_stateful or not op.output_arg or op.deprecation.version:
            continue
        if all(arg.type not in (20, 21) for arg in (*op.input_arg, *op.output_arg)) and all(a.type in plain for a in op.attr):
            found.append(op)
    return found


def kernels_named(kernels: Any) -> set[str]:
    return {kernel.op for kernel in kernels.get_all_registered_kernels().kernel if kernel.device_type == "CPU"}


def single(op: op_def_pb2.OpDef, rng: random.Random, dtype: str = "", unknown: bool = False) -> Callable[[], tuple[list[Any], list[Any]]]:
    """What builds a graph of the operator, on placeholders and constants chosen at random. It raises where they do not fit. Of placeholders
    whose shape is `unknown` not even the rank is."""
    dtype, shape = dtype or rng.choice(DTYPES), rng.choice(SHAPES)
    constants = rng.random() < 0.4

    def build() -> tuple[list[Any], list[Any]]:
        attributes: dict[str, Any] = {}
        fed: list[Any] = []
        given: dict[str, Any] = {}
        for attr in op.attr:
            if attr.type == "type" and not attr.HasField("default_value"):
                attributes[attr.name] = tf.as_dtype(dtype)
            elif attr.type == "int" and not attr.HasField("default_value") and attr.name not in {a.number_attr for a in op.input_arg}:
                attributes[attr.name] = rng.choice((1, 2))
            elif attr.type == "list(int)" and not attr.HasField("default_value"):
                attributes[attr.name] = [1, 1, 1, 1] if "stride" in attr.name or "ksize" in attr.name else [1]
            elif attr.type == "string" and attr.name == "padding":
                attributes[attr.name] = rng.choice(("SAME", "VALID"))
        for number, arg in enumerate(op.input_arg):
            kind = tf.as_dtype(arg.type) if arg.type else attributes.get(arg.type_attr) or _default(op, arg.type_attr) or tf.as_dtype(dtype)
            # Axes, sizes and the like are small vectors or scalars, and mostly constants.
            setting = number > 0 and (arg.name in SETTINGS or (kind in (tf.int32, tf.int64) and dtype not in ("int32", "int64")))
            size = SETTINGS.get(arg.name, ()) if setting else shape
            if arg.name in ("filter", "filters"):
                size = (3, 3, shape[-1] if shape else 1, 2)
            elif number > 0 and arg.name in ("scale", "offset", "mean", "variance", "bias"):
                size = (shape[-1],) if shape else (1,)
            if setting or (constants and number > 0):
                value = _value(kind, size, number)
            else:
                value = tf.compat.v1.placeholder(kind, None if unknown else size, name=f"x{number}")
                fed.append(value)
            given[arg.name] = [value] * rng.choice((1, 2)) if arg.number_attr or arg.type_list_attr else value
        function = getattr(tf.raw_ops, op.name)
        attributes = {name: value for name, value in attributes.items() if not _inferred(op, name)}
        made = function(**given, **attributes)
        outputs = list(made) if isinstance(made, list | tuple) else [made]
        return fed, [out for out in outputs if isinstance(out, tf.Tensor)]

    return build


SETTINGS: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(
        ("axis", "dim", "dimension", "reduction_indices", "split_dim", "concat_dim", "k", "depth", "num_segments", "batch_dims"), ()
    ),
    **dict.fromkeys(("shape", "perm", "begin", "end", "strides", "multiples", "dims", "size", "block_shape"), (4,)),
    **dict.fromkeys(("paddings", "crops"), (4, 2)),
}
"""Inputs that say how, and the shapes they have."""


def _default(op: op_def_pb2.OpDef, name: str) -> Any:
    for attr in op.attr:
        if attr.name == name and attr.HasField("default_value"):
            return tf.as_dtype(attr.default_value.type)
    return None


def _inferred(op: op_def_pb2.OpDef, name: str) -> bool:
    """The attribute follows from the inputs, and may not be given."""
    return any(name in (arg.type_attr, arg.number_attr, arg.type_list_attr) for arg in op.input_arg)


def _value(kind: Any, size: tuple[int, ...], number: int) -> Any:
    if kind == tf.string:
        return tf.constant(numpy.full(size, "a").tolist() if size else "a")
    if kind == tf.bool:
        return tf.constant(True, shape=size)
    if kind.is_integer:
        return tf.cast(tf.constant(numpy.arange(max(int(numpy.prod(size)), 1)).reshape(size) if size else number % 2), kind)
    return tf.cast(tf.constant(numpy.linspace(0.1, 1.0, max(int(numpy.prod(size)), 1)).reshape(size) if size else 0.5), kind)


def save_graph(folder: Path, build: Callable[[], tuple[list[Any], list[Any]]]) -> bool:
    """A SavedModel of what is built; False where it cannot be."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        try:
            fed, outputs = build()
            if not fed or not outputs:
                return False
            inputs = {f"x{number}": tensor for number, tensor in enumerate(fed)}
            tf.compat.v1.saved_model.simple_save(session, str(folder), inputs, {f"y{n}": out for n, out in enumerate(outputs)})
        except Exception:
            shutil.rmtree(folder, ignore_errors=True)
            return False
    return True


def architectures(rng: random.Random) -> Iterator[tuple[str, Any]]:
    """Keras models with random weights."""
    k = tf.keras
    apps, layers = k.applications, k.layers
    yield "mobilenet_v2", apps.MobileNetV2(weights=None, input_shape=(64, 64, 3), alpha=0.35, classes=10)
    yield "mobilenet_v3", apps.MobileNetV3Small(weights=None, input_shape=(64, 64, 3), classes=10, minimalistic=rng.random() < 0.5)
    yield "efficientnet_b0", apps.EfficientNetB0(weights=None, input_shape=(64, 64, 3), classes=10)
    yield "nasnet_mobile", apps.NASNetMobile(weights=None, input_shape=(64, 64, 3), classes=10)
    yield "densenet121", apps.DenseNet121(weights=None, input_shape=(64, 64, 3), classes=10)
    yield "xception", apps.Xception(weights=None, input_shape=(96, 96, 3), classes=10)
    units = rng.choice((4, 8))
    text = layers.Input((12,), dtype="int32")
    embedded = layers.Embedding(50, 8)(text)
    for cell in ("LSTM", "GRU", "SimpleRNN"):
        yield cell.lower(), k.Model(text, layers.Dense(3, activation="softmax")(getattr(layers, cell)(units)(embedded)))
        yield (
            f"{cell.lower()}_stacked",
            k.Model(text, getattr(layers, cell)(units)(getattr(layers, cell)(units, return_sequences=True)(embedded))),
        )
        yield f"{cell.lower()}_bidirectional", k.Model(text, layers.Bidirectional(getattr(layers, cell)(units))(embedded))
    attended = layers.MultiHeadAttention(2, 4)(embedded, embedded)
    yield "attention", k.Model(text, layers.GlobalAveragePooling1D()(layers.LayerNormalization()(layers.Add()([embedded, attended]))))
    image = layers.Input((16, 16, 3))
    for name in ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose"):
        layer = getattr(layers, name)
        made = layer(3, padding="same") if name == "DepthwiseConv2D" else layer(4, 3, padding="same", strides=rng.choice((1, 2)))
        yield name.lower(), k.Model(image, layers.ReLU(max_value=6)(layers.BatchNormalization()(made(image))))
    for activation in ("relu", "elu", "selu", "gelu", "softplus", "swish", "hard_sigmoid", "softsign", "exponential", "mish", "tanh"):
        yield f"activation_{activation}", k.Model(image, layers.Activation(activation)(layers.Conv2D(4, 3)(image)))
    for name in ("Resizing", "Rescaling", "Normalization", "CenterCrop", "RandomFlip", "UpSampling2D", "ZeroPadding2D", "Cropping2D"):
        made = {"Resizing": (8, 8), "CenterCrop": (8, 8), "Rescaling": (0.1,)}.get(name, ())
        yield name.lower(), k.Model(image, getattr(layers, name)(*made)(image))
    volume = layers.Input((8, 8, 8, 2))
    yield "conv3d", k.Model(volume, layers.MaxPooling3D()(layers.Conv3D(3, 3)(volume)))
    words = layers.Input((1,), dtype="string")
    vectors = layers.TextVectorization(20, output_sequence_length=6)
    vectors.adapt(["a b c d", "c d e f"])
    yield "text_vectorization", k.Model(words, layers.Embedding(20, 4)(vectors(words)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, default=800, help="models of one operator")
    parser.add_argument("--small", action="store_true", help="no architectures")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    args.folder.mkdir(parents=True, exist_ok=True)
    known, made = operators(), 0
    for _ in range(args.limit * 12):
        op = rng.choice(known)
        if made < args.limit and save_graph(args.folder / f"{made:04d}_{op.name}", single(op, rng)):
            made += 1
    for name, model in () if args.small else architectures(rng):
        try:
            model.export(str(args.folder / f"keras_{name}"), verbose=False)
            model.save(str(args.folder / f"keras_{name}.keras"))
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}"[:200])
        tf.keras.backend.clear_session()
    print(made, "models of one operator")


if __name__ == "__main__":
    main()
