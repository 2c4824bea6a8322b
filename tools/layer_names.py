"""Write ``deplint/data/layer_names.json``: the layers that Keras 3, Keras 2 and TensorFlow.js know by name, and TensorFlow.js's operators.

Run with a Python that has keras and tf_keras, and the folder whose ``node_modules`` holds @tensorflow/tfjs::

    python -m tools.layer_names FOLDER

Sources: ``keras.layers`` and ``tf_keras.layers`` as imported; in TensorFlow.js its map of registered classes, and the operator lists of
@tensorflow/tfjs-converter. What else was in the map (optimizers, initializers) is left in: no layer is called so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import ModuleType

TARGET = Path(__file__).parent.parent / "deplint" / "data" / "layer_names.json"

SCRIPT = """
const root = process.argv[1] + '/node_modules/@tensorflow/', fs = require('fs');
const tf = require(root + 'tfjs'), lists = root + 'tfjs-converter/dist/operations/op_list/';
const operators = new Set(['Placeholder', 'PlaceholderWithDefault', 'Const']);
for (const name of fs.readdirSync(lists).filter(name => name.endsWith('.js')))
  for (const row of require(lists + name).json || []) operators.add(row.tfOpName);
const layers = Object.keys(tf.serialization.SerializationMap.getMap().classNameMap);
process.stdout.write('\\n' + JSON.stringify({version: tf.version.tfjs, operators: [...operators].sort(), layers: layers.sort()}));
"""


def main(folder: str) -> None:
    import keras
    import tf_keras

    output = subprocess.run(["node", "-e", SCRIPT, folder], capture_output=True, text=True, check=True).stdout
    tfjs = json.loads(output.splitlines()[-1])
    rows = [
        {"name": "keras", "version": keras.__version__, "layers": _layers(keras.layers)},
        {"name": "tf_keras", "version": tf_keras.__version__, "layers": _layers(tf_keras.layers)},
        {"name": "tfjs", **tfjs},
    ]
    meta = {"source": "keras, tf_keras and @tensorflow/tfjs as installed", "date": date.today().isoformat()}
    TARGET.write_text(json.dumps({"meta": meta, "rows": rows}, separators=(",", ":")).replace(',{"name"', ',\n{"name"') + "\n")


def _layers(module: ModuleType) -> list[str]:
    return sorted(name for name, value in vars(module).items() if isinstance(value, type))


if __name__ == "__main__":
    main(sys.argv[1])
