"""Keras files for measuring agreement: every layer, as Keras 2 and Keras 3 save it, and files that are broken in ways that happen.

python -m tools.agreement.build_keras FOLDER [--seed N]      (needs keras 3 and tf_keras)
"""

from __future__ import annotations

import argparse
import inspect
import json
import random
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_SIZED = {"filters": 2, "kernel_size": 2}
_PICTURE = {"height": 4, "width": 4}

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    **{f"Conv{n}D{kind}": _SIZED for n in (1, 2, 3) for kind in ("", "Transpose")},
    **{f"{kind}{n}D": _SIZED for n in (1, 2, 3) for kind in ("SeparableConv", "ConvLSTM", "LocallyConnected")},
    **{f"DepthwiseConv{n}D": {"kernel_size": 2} for n in (1, 2)},
    **{name: {"units": 2} for name in ("Dense", "LSTM", "GRU", "SimpleRNN", "LSTMCell", "GRUCell", "SimpleRNNCell")},
    **{f"{kind}Dropout{of}": {"rate": 0.5} for kind in ("", "Alpha", "Gaussian", "Spatial") for of in ("", "1D", "2D", "3D")},
    **dict.fromkeys(("Resizing", "CenterCrop", "RandomCrop"), _PICTURE),
    **{f"Random{name}": {"factor": 0.1} for name in ("Rotation", "Contrast", "Brightness", "Height", "Width")},
    "RandomZoom": {"height_factor": 0.1},
    "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1},
    "Embedding": {"input_dim": 9, "output_dim": 2},
    "Activation": {"activation": "relu"},
    "Reshape": {"target_shape": (-1,)},
    "RepeatVector": {"n": 2},
    "Permute": {"dims": (2, 1)},
    "GaussianNoise": {"stddev": 0.1},
    "Rescaling": {"scale": 2.0},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 2},
    "GroupQueryAttention": {"head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 1},
    "EinsumDense": {"equation": "...x,xy->...y", "output_shape": 2},
    "GroupNormalization": {"groups": 1},
    "ActivityRegularization": {"l1": 0.1},
    "Discretization": {"bin_boundaries": [0.0, 1.0]},
    "Hashing": {"num_bins": 3},
    "HashedCrossing": {"num_bins": 3},
    "CategoryEncoding": {"num_tokens": 9},
    "IntegerLookup": {"vocabulary": [1, 2]},
    "StringLookup": {"vocabulary": ["a", "b"]},
}
"""Arguments that a layer cannot do without."""

SHAPES = ((8,), (6, 4), (8, 8, 3), (4, 8, 8, 3))


def layers(package: Any) -> Iterator[tuple[str, Any]]:
    """Each layer of the package, made with what it must be given."""
    for name, kind in sorted(vars(package.layers).items()):
        if inspect.isclass(kind) and issubclass(kind, package.layers.Layer) and name not in ("Layer", "Wrapper", "InputLayer"):
            try:
                yield name, kind(**EXAMPLES.get(name, {}))
            except Exception:
                continue


def networks(package: Any, rng: random.Random) -> Iterator[tuple[str, Any]]:
    """A model of each layer that takes some input, and of a few that wrap others."""
    for name, layer in layers(package):
        for shape in SHAPES:
            try:
                fed = package.layers.Input(shape, dtype="int32" if name == "Embedding" else None)
                yield name, package.Model(fed, layer.__class__.from_config(layer.get_config())(fed))
                break
            except Exception:
                continue
    k = package.layers
    fed = k.Input((6, 4))
    yield "Bidirectional", package.Model(fed, k.Bidirectional(k.LSTM(rng.choice((2, 3))))(fed))
    yield "TimeDistributed", package.Model(fed, k.TimeDistributed(k.Dense(2, activation=rng.choice(("relu", "gelu", "swish"))))(fed))
    yield "Lambda", package.Model(fed, k.Lambda(lambda x: x * 2, output_shape=(6, 4))(fed))
    yield "operators", package.Model(fed, fed * 2 + 1)
    yield "Sequential", package.Sequential([k.Input((6, 4)), k.Flatten(), k.Dense(3), k.BatchNormalization(), k.ReLU(6.0)])
    yield "compiled", _compiled(package, rng)
    yield "custom", package.Model(fed, _own(package)()(fed))


def _compiled(package: Any, rng: random.Random) -> Any:
    model = package.Sequential([package.layers.Input((4,)), package.layers.Dense(2)])
    model.compile(rng.choice(("adam", "sgd", "rmsprop")), "mse", metrics=["mae"])
    return model


def _own(package: Any) -> Any:
    class Doubling(package.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            return inputs * 2

    return Doubling


def broken(folder: Path, rng: random.Random) -> None:
    """Copies that break off, lack a part, or name what is not there."""
    files = sorted(path for path in folder.iterdir() if path.suffix in (".keras", ".h5"))
    for path in rng.sample(files, min(30, len(files))):
        content = path.read_bytes()
        (folder / f"cut_{path.name}").write_bytes(content[: rng.randrange(1, len(content))])
    archives = [path for path in files if path.suffix == ".keras"]
    for path in rng.sample(archives, min(40, len(archives))):
        kind = rng.choice(("config", "weights", "class", "argument", "json", "module"))
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(folder / f"no_{kind}_{path.name}", "w") as new:
            for member in old.namelist():
                if member == {"config": "config.json", "weights": "model.weights.h5"}.get(kind):
                    continue
                data = old.read(member)
                if member == "config.json":
                    data = _changed(kind, data, rng)
                new.writestr(member, data)
    for path in rng.sample(files, min(5, len(files))):
        shutil.copy(path, folder / f"other_{path.stem}{'.h5' if path.suffix == '.keras' else '.keras'}")


def _changed(kind: str, data: bytes, rng: random.Random) -> bytes:
    config = json.loads(data)
    inner = config.get("config", {}).get("layers") or [config]
    layer = rng.choice(inner)
    if kind == "class":
        layer["class_name"] = "NoSuchLayer"
        layer["module"] = "keras.layers"
    elif kind == "argument":
        layer.setdefault("config", {})["no_such_argument"] = 1
    elif kind == "module":
        layer["module"], layer["registered_name"] = "my_package.layers", "Mine>NoSuchLayer"
    elif kind == "json":
        return data[: len(data) // 2]
    return json.dumps(config).encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    args.folder.mkdir(parents=True, exist_ok=True)
    import keras
    import tf_keras

    for prefix, package in (("k3", keras), ("k2", tf_keras)):
        for name, model in networks(package, rng):
            for suffix in (".keras", ".h5"):
                try:
                    model.save(args.folder / f"{prefix}_{name}{suffix}")
                except Exception as error:
                    print(prefix, name, suffix, type(error).__name__, str(error)[:80])
    broken(args.folder, rng)


if __name__ == "__main__":
    main()
