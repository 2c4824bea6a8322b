"""TensorFlow.js models for measuring agreement: what its converter makes of SavedModels and Keras files, and copies that are damaged.

python -m tools.agreement.build_tfjs FOLDER FROM... [--seed N]      (needs tensorflowjs and what build_tensorflow.py needs)

A SavedModel becomes a graph model, an ``.h5`` file a layers model. What the converter refuses is left out: its own target has that.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Damage = Callable[[Any, random.Random], None]


def converted(source: Path, out: Path) -> bool:
    """Convert one model; False where that cannot be done."""
    from tensorflowjs.converters import converter
    from tensorflowjs.converters import tf_saved_model_conversion_v2 as conversion

    try:
        if source.is_dir():
            conversion.convert_tf_saved_model(str(source), str(out))
        elif source.suffix == ".h5":
            converter.dispatch_keras_h5_to_tfjs_layers_model_conversion(str(source), str(out))
        return (out / "model.json").is_file()
    except BaseException:  # the converter ends the process for some models
        shutil.rmtree(out, ignore_errors=True)
        return False


def damaged(folder: Path, rng: random.Random, share: float) -> None:
    """Copies of some models with a shard gone or cut, the JSON cut, an operator or a layer that is not there, or a dtype changed."""
    for model in sorted(path for path in folder.iterdir() if path.is_dir()):
        if rng.random() >= share:
            continue
        kind = rng.choice(sorted(DAMAGES))
        copy = folder.parent / folder.name / f"bad_{kind}_{model.name}"
        shutil.copytree(model, copy)
        shards = sorted(copy.glob("*.bin"))
        text = (copy / "model.json").read_text("utf-8")
        if kind == "json":
            (copy / "model.json").write_text(text[: rng.randrange(1, len(text))], "utf-8")
        elif kind == "gone" and shards:
            rng.choice(shards).unlink()
        elif kind == "short" and shards:
            shard = rng.choice(shards)
            shard.write_bytes(shard.read_bytes()[: shard.stat().st_size // 2])
        else:
            top = json.loads(text)
            DAMAGES[kind](top, rng)
            (copy / "model.json").write_text(json.dumps(top), "utf-8")


def _unknown(top: Any, rng: random.Random) -> None:
    """An operator or a layer that is not there."""
    layers = top["modelTopology"].get("model_config", {}).get("config", {}).get("layers")
    if layers:
        rng.choice(layers)["class_name"] = rng.choice(("NoSuchLayer", "GroupNormalization", "EinsumDense"))
    else:
        rng.choice(top["modelTopology"].get("node", [{}]))["op"] = rng.choice(("NoSuchOp", "MatrixInverse", "Betainc"))


def _weights(top: Any, rng: random.Random) -> None:
    """A weight of another size than the shards hold."""
    weights = [weight for group in top.get("weightsManifest", ()) for weight in group["weights"]]
    if weights:
        rng.choice(weights)["shape"] = [1000, 7]


DAMAGES: Mapping[str, Damage] = {"unknown": _unknown, "weights": _weights, **dict.fromkeys(("json", "gone", "short"), _unknown)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sources", type=Path, nargs="+")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    made = 0
    for source in (path for folder in args.sources for path in sorted(folder.iterdir())):
        made += converted(source, args.folder / source.stem)
    damaged(args.folder, random.Random(args.seed), 0.1)
    print(made, "models")


if __name__ == "__main__":
    main()
