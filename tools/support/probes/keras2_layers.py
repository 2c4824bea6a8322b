"""Layers as Keras 2 saves them, each as it is by default and with one key changed: what a loader of its files can be asked about.

The answer is a list of ``{"layer", "key", "value", "shapes", "entry"}``: `key` is "" for the layer as it is; `entry` is what a saved
configuration holds, `shapes` are those of inputs (without the batch) that Keras calls it with. `domain`, where given, says that the value
is an object of Keras, an activation or an initializer, tried on a dense layer. Needs tf_keras.

    python -m tools.support.probes.keras2_layers ANSWER
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

VALUES: Mapping[str, Sequence[Any]] = {
    "data_format": ["channels_first"],
    "padding": ["valid", "same", "causal"],
    "interpolation": ["nearest", "bilinear", "bicubic"],
    "implementation": [1, 2],
    "depth_multiplier": [2],
    "groups": [2],
    "merge_mode": ["concat", "sum", "mul", "ave", None],
    "dtype": ["float16", "float64", {"class_name": "Policy", "config": {"name": "mixed_float16"}}],
    "dot_axes": [1],
    "score_mode": ["concat"],
    "max_value": [6.0],
    "negative_slope": [0.1],
    "threshold": [0.1],
    "seed": [1],
    "output_mode": ["int", "multi_hot", "one_hot", "count", "tf_idf"],
    "pad_to_aspect_ratio": [True],
    "crop_to_aspect_ratio": [True],
}
"""What a key is changed to, where Keras takes it. What is true is made false and the other way round; initializers are left out."""

OBJECTS = ("initializers", "regularizers", "constraints")


def variants(name: str, config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "", None
    for key, value in config.items():
        if isinstance(value, bool) and key != "trainable":
            yield key, not value
        for other in VALUES.get(key, ()):
            if other != value:
                yield key, other
        if key == "dilation_rate" and isinstance(value, list | tuple):
            yield key, [2 for _ in value]
        if key.endswith("_initializer"):
            yield key, None


def objects(keras: Any) -> Iterator[tuple[str, str, Any]]:
    """The key of a dense layer, the name, and the value of each activation, initializer, regularizer and constraint."""
    for name in sorted(vars(keras.activations)):
        if name not in ("deserialize", "serialize", "get") and callable(getattr(keras.activations, name)):
            yield "activation", name, name
    for module in OBJECTS:
        for name, kind in sorted(vars(getattr(keras, module)).items()):
            if isinstance(kind, type) and name[0].isupper():
                try:
                    config = kind().get_config()
                except Exception:
                    continue
                yield f"kernel_{module[:-1]}", name, {"class_name": name, "config": config}


def main() -> None:
    import tf_keras as keras

    from tools.agreement.build_keras import SHAPES, layers

    rows: list[dict[str, Any]] = []
    for name, layer in layers(keras):
        config = json.loads(json.dumps(layer.get_config(), default=str))
        for key, value in variants(name, config):
            changed = {**config, **({key: value} if key else {})}
            shapes = [shape for shape in SHAPES if _taken(keras, type(layer), changed, shape)]
            if shapes or value is None:
                entry = {"class_name": name, "config": changed}
                rows.append({"layer": name, "key": key, "value": value, "shapes": shapes, "entry": entry})
    dense = keras.layers.Dense(2).get_config()
    for key, name, value in objects(keras):
        entry = {"class_name": "Dense", "config": {**dense, key: value}}
        rows.append({"layer": name, "domain": key.removeprefix("kernel_"), "shapes": [(8,)], "entry": entry, "key": "", "value": None})
    Path(sys.argv[1]).write_text(json.dumps(rows), "utf-8")


def _taken(keras: Any, kind: Any, config: Any, shape: tuple[int, ...]) -> bool:
    try:
        fed = keras.layers.Input(shape, dtype="int32" if kind.__name__ == "Embedding" else None)
        keras.Model(fed, kind.from_config(config)(fed))
    except Exception:
        return False
    return True


if __name__ == "__main__":
    main()
