"""Which layers a release of Keras 3 has, and which keys in their saved configuration it takes: asked by making each from a changed one.

Keys that Keras 2 saves are tried one by one, and one that nobody knows. Needs tf_keras beside keras.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def takes(kind: Any, config: dict[str, Any], key: str, value: Any) -> bool:
    try:
        kind.from_config({**config, key: value})
    except Exception:
        return False
    return True


def main() -> None:
    import keras
    import tf_keras

    from tools.agreement.build_keras import layers

    old = {name: layer.get_config() for name, layer in layers(tf_keras)}
    rows: list[dict[str, Any]] = []
    made = dict(layers(keras))
    for name in sorted(dir(keras.layers)):
        if not isinstance(getattr(keras.layers, name), type):
            continue
        row: dict[str, Any] = {"op": name}
        if name in made:
            config, kind = made[name].get_config(), type(made[name])
            if takes(kind, config, "name", "n") and not takes(kind, config, "no_such_argument", 1):
                known = {key for key, value in old.get(name, {}).items() if key in config or takes(kind, config, key, value)}
                row["takes"] = sorted({*config, *known})
        rows.append(row)
    Path(sys.argv[1]).write_text(json.dumps(rows), "utf-8")


if __name__ == "__main__":
    main()
