"""Write ``deplint/data/layer_names.json``: the layers that Keras 3 and Keras 2 know by name.

Run with a Python that has keras and tf_keras::

    python -m tools.layer_names

Sources: ``keras.layers`` and ``tf_keras.layers`` as imported.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import ModuleType

TARGET = Path(__file__).parent.parent / "deplint" / "data" / "layer_names.json"


def main() -> None:
    import keras
    import tf_keras

    rows = [
        {"name": "keras", "version": keras.__version__, "layers": _layers(keras.layers)},
        {"name": "tf_keras", "version": tf_keras.__version__, "layers": _layers(tf_keras.layers)},
    ]
    meta = {"source": "keras and tf_keras as installed", "date": date.today().isoformat()}
    TARGET.write_text(json.dumps({"meta": meta, "rows": rows}, separators=(",", ":")).replace(',{"name"', ',\n{"name"') + "\n")


def _layers(module: ModuleType) -> list[str]:
    return sorted(name for name, value in vars(module).items() if isinstance(value, type))


if __name__ == "__main__":
    main()
