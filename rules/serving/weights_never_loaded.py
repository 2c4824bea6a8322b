"""A Keras model that is built from its architecture and answers without weights.

`to_json` and `get_config` write the layers, not what they learned: a model made again by `model_from_json` or `from_config` starts with
random weights. Nothing raises, and the answers are noise, until `load_weights` or `set_weights` is called.

```python bad path=app.py
import numpy as np
from tensorflow.keras.models import model_from_json

def load():
    with open("model.json") as f:
        return model_from_json(f.read())

model = load()

def predict(row):
    return model.predict(np.array([row]))[0]  # <-
```

```python bad
import tensorflow as tf

with open("model.json") as f:
    model = tf.keras.models.model_from_json(f.read())
converter = tf.lite.TFLiteConverter.from_keras_model(model)  # <-
```

```python good
import tensorflow as tf
from weights import fill

def load(path):
    with open(path) as f:
        model = tf.keras.models.model_from_json(f.read())
    model.load_weights("model.weights.h5")
    return model

def other(path):
    model = tf.keras.models.model_from_json(open(path).read())
    fill(model)
    return model

def fresh(text, x, y):
    model = tf.keras.models.model_from_json(text)
    model.compile("adam", "mse")
    model.fit(x, y)
    return model.predict(x)

load("model.json").predict([[1.0]])
other("model.json").predict([[1.0]])
```

References: `model_from_json` of Keras 3.15 and tf_keras 2.21: the architecture alone; executed
(`tests/claims/test_export_families_tensorflow.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.keras import KERAS
from deplint.code.python import PythonFile
from deplint.code.values import Truth

MADE = KERAS + ".models.{model_from_json,model_from_yaml,model_from_config}()"
FILLS = ("load_weights", "set_weights", "fit", "fit_generator", "train_on_batch", "build_from_config")
_FILLS = re.compile(r"\b(load_weights|set_weights|assign\(|\.fit\(|train_on_batch|Checkpoint\(|\.restore\()")


@rule(
    "DPL982",
    severity="error",
    leaves=["S.4.2", "S.2.1", "M.2.3", "B.2.3"],
    see=["https://keras.io/api/models/model_saving_apis/model_config_serialization/"],
)
def weights_never_loaded(file: PythonFile) -> Iterator[Finding]:
    told: set[int | None] = set()
    uses = [(call, call.receiver) for call in file.calls(MADE + ".{predict,predict_on_batch}", MADE)]
    uses += [
        (call, call.argument("model", 0))
        for call in file.calls("tensorflow.lite.TFLiteConverter.from_keras_model", "tf2onnx.convert.from_keras")
    ]
    if not uses or any(_FILLS.search(one.text) for one in (file, *file.imports)):
        return
    for call, model in uses:
        if call.file is not file or call.guarded or call.chosen or model.identity in told or model.is_(MADE) is not Truth.yes:
            continue
        if model.certain and model.escaped is Truth.no and all(model.never_called(name) for name in FILLS):
            told.add(model.identity)
            yield Finding(
                call,
                "the model is made of its architecture alone, and no weights are loaded into it: its answers are random",
                help="model.load_weights(path) first, or load a whole model with load_model",
            )
