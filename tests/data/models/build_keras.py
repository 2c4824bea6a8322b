"""Writes tests/data/models/keras/: small models saved by Keras 3 and by tf_keras (Keras 2), and what those libraries say of them.

    python tests/data/models/build_keras.py                  # needs tensorflow, keras 3, tf_keras and h5py
    python tests/data/models/build_keras.py k3.0_            # an older Keras, of which there is one: what it writes gets this prefix

`NAME.keras`, `NAME.h5` are the models; `NAME.EXT.json` their layers, inputs, outputs and weights as the library that wrote them tells.
"""

from __future__ import annotations

import json
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import keras

try:
    import tf_keras
except ImportError:
    tf_keras = None

HERE = Path(__file__).parent / "keras"


def functional(k: Any) -> Any:
    """Two inputs, a nested model, a wrapper, a shared layer; the same in Keras 2 and 3."""
    k.utils.set_random_seed(7)
    image = k.layers.Input((8, 8, 3), name="image")
    steps = k.layers.Input((None, 4), dtype="float32", name="steps")
    trunk = k.Sequential([k.layers.Conv2D(4, 3, activation="relu", name="conv")], name="trunk")
    seen = k.layers.GlobalAveragePooling2D(name="pool")(trunk(image))
    read = k.layers.GlobalMaxPooling1D(name="read")(k.layers.TimeDistributed(k.layers.Dense(3, name="step"), name="each")(steps))
    joined = k.layers.Concatenate(name="joined")([seen, read])
    return k.Model([image, steps], [k.layers.Dense(2, name="scores")(joined), joined], name="net")


def sequential(k: Any) -> Any:
    k.utils.set_random_seed(7)
    return k.Sequential(
        [k.layers.Input((4,)), k.layers.Dense(3, activation="gelu", name="one"), k.layers.Dropout(0.5, name="drop")], name="s"
    )


def with_lambda(k: Any) -> Any:
    x = k.layers.Input((4,), name="x", batch_size=2)
    twice = eval(compile("lambda t: t * 2.0", "model.py", "eval"))  # the file's name is stored with the code
    return k.Model(x, k.layers.Lambda(twice, output_shape=(4,), name="twice")(x), name="lam")


class Shift(keras.layers.Layer):  # type: ignore[misc]
    """A layer of the project's own, from no library."""

    def call(self, x: Any) -> Any:
        return x + 1.0


def custom(k: Any) -> Any:
    x = k.layers.Input((4,), name="x", dtype="int32")
    return k.Model(x, Shift(name="shift")(k.layers.Embedding(5, 2, name="embed")(x)), name="own")


FILES = {
    "k3_functional.keras": (keras, functional), "k3_functional.h5": (keras, functional), "k3_sequential.keras": (keras, sequential),
    "k3_sequential.h5": (keras, sequential), "k3_sequential.weights.h5": (keras, sequential), "k3_lambda.keras": (keras, with_lambda),
    "k3_custom.keras": (keras, custom),
    "k2_functional.h5": (tf_keras, functional), "k2_functional.keras": (tf_keras, functional), "k2_sequential.h5": (tf_keras, sequential),
    "k2_lambda.h5": (tf_keras, with_lambda), "k2_legacy.weights.h5": (tf_keras, sequential),
}  # fmt: skip


def layers(model: Any, prefix: str = "") -> list[list[str]]:
    """Name and class of each layer, those of nested models after their model, under its name."""
    found = []
    for layer in model.layers:
        found.append([prefix + layer.name, type(layer).__name__])
        if hasattr(layer, "layers"):
            found += layers(layer, f"{prefix}{layer.name}/")
    return found


def weights(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if path.suffix == ".h5":
        with h5py.File(path) as file:
            file.visititems(lambda n, d: found.update({n: [list(d.shape), d.dtype.name]}) if isinstance(d, h5py.Dataset) else None)
    return found


def compress(path: Path) -> None:
    """Packs the archive's members again, deflated: Keras stores them as they are, and HDF5 is mostly zeros."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def older(prefix: str) -> dict[str, Any]:
    """The same of the one Keras there is."""
    of = keras if prefix.startswith("k3") else tf_keras or keras
    return {f"{prefix}{name[3:]}": (of, build) for name, (_, build) in FILES.items() if name[:2] == prefix[:2]}


def main(prefix: str = "") -> None:
    HERE.mkdir(exist_ok=True)
    for name, (k, build) in (older(prefix) if prefix else FILES).items():
        path, model = HERE / name, build(k)
        whole = ".weights" not in name
        if name.endswith("_legacy.weights.h5"):
            model.save_weights(path.with_name("legacy.h5"), save_format="h5")
            path.with_name("legacy.h5").rename(path)
        else:
            model.save(path) if whole else model.save_weights(path)
        if path.suffix == ".keras":
            compress(path)
        truth = {"version": k.__version__, "weights": weights(path)}
        if whole:
            truth |= {
                "layers": layers(model),
                "inputs": [[i._keras_history[0].name, list(i.shape), getattr(i.dtype, "name", i.dtype)] for i in model.inputs],
                "outputs": [o._keras_history[0].name for o in model.outputs],
            }
        (HERE / f"{name}.json").write_text(json.dumps(truth, separators=(",", ":")) + "\n")
        print(name, path.stat().st_size)


if __name__ == "__main__":
    main(*sys.argv[1:])
