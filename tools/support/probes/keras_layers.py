"""Which layers a release of Keras has, and which keys in their saved configuration it takes: asked by making each from a changed one.

Keys that the other generation of Keras saves are tried one by one, and one that nobody knows. Needs keras 3 and tf_keras, which is Keras 2.

    python -m tools.support.probes.keras_layers ANSWER keras|tf_keras
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

GENERATIONS = ("keras", "tf_keras")


def takes(kind: Any, config: dict[str, Any], key: str, value: Any) -> bool:
    try:
        kind.from_config({**config, key: value})
    except Exception:
        return False
    return True


def known_besides(package: Any) -> set[str]:
    """Names of classes that Keras 2 looks up besides its public layers."""
    if package.__name__ != "tf_keras":
        return set()
    serialization = import_module("tf_keras.src.layers.serialization")
    serialization.populate_deserializable_objects()
    return {name for name, found in serialization.LOCAL.ALL_OBJECTS.items() if isinstance(found, type)}


def main() -> None:
    from tools.agreement.build_keras import layers

    package, other = (import_module(name) for name in sorted(GENERATIONS, key=lambda name: name != sys.argv[2]))
    theirs = {name: layer.get_config() for name, layer in layers(other)}
    rows: list[dict[str, Any]] = []
    made = dict(layers(package))
    for name in sorted({name for name, found in vars(package.layers).items() if isinstance(found, type)} | known_besides(package)):
        row: dict[str, Any] = {"op": name}
        if name in made:
            config, kind = made[name].get_config(), type(made[name])
            if takes(kind, config, "name", "n") and not takes(kind, config, "no_such_argument", 1):
                known = {key for key, value in theirs.get(name, {}).items() if key in config or takes(kind, config, key, value)}
                row["takes"] = sorted({*config, *known})
        rows.append(row)
        # Keras saves the name of the class, which is not always the one it is found by.
        own = getattr(vars(package.layers).get(name), "__name__", name)
        if own != name:
            rows.append({**row, "op": own})
    rows = [row for number, row in enumerate(rows) if row["op"] not in (other["op"] for other in rows[:number])]
    Path(sys.argv[1]).write_text(json.dumps(rows), "utf-8")


if __name__ == "__main__":
    main()
