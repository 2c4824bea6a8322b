"""Saving a Keras model to a folder, which Keras 3 refuses.

Up to TensorFlow 2.15 ``model.save("export/1")`` wrote a SavedModel for TF Serving. Keras 3, which is `tf.keras` since
TensorFlow 2.16, raises ``ValueError: Invalid filepath extension for saving`` for any path that does not end in
`.keras`, `.h5` or `.hdf5`, and ``The `save_format` argument is deprecated in Keras 3`` for ``save_format="tf"``. What
servers and converters want is written by `model.export`.

```python bad
from tensorflow import keras

model = keras.Sequential([keras.layers.Dense(10)])
model.save("export/1")  # <-
```

```python fixed
from tensorflow import keras

model = keras.Sequential([keras.layers.Dense(10)])
model.export("export/1")
```

```python bad
import os
import tensorflow as tf

def publish(version):
    model = tf.keras.models.load_model("net.keras")
    tf.keras.models.save_model(model, os.path.join("serving", "net"), save_format="tf")  # <-
```

```python good
import tensorflow as tf

model = tf.keras.applications.MobileNetV2()
model.save("net.keras")
model.save("net.h5")
model.export("export/1")
tf.saved_model.save(model, "export/2")
```

A path from outside, another library's `save`, legacy Keras and older pins are silent.

```python good
import sys
import tensorflow as tf
from PIL import Image

model = tf.keras.Sequential([])
model.save(sys.argv[1])
Image.open("a.png").save("out")
```

```python good versions=tensorflow==2.13
import tensorflow as tf

model = tf.keras.Sequential([])
model.save("export/1")
```

```python good
import os
os.environ["TF_USE_LEGACY_KERAS"] = "1"
import tensorflow as tf

model = tf.keras.Sequential([])
model.save("export/1")
```

Weights have a suffix of their own, in callbacks as well.

```python bad path=train.py
import keras
from config import Config

model = keras.applications.MobileNetV2(weights=None)
saver = keras.callbacks.ModelCheckpoint(Config().checkpoint, save_best_only=True, save_weights_only=True)  # <-
whole = keras.callbacks.ModelCheckpoint("runs/{epoch:02d}")  # <-
model.save_weights("runs/last.h5")  # <-
```

```python + path=config.py
from dataclasses import dataclass

@dataclass(frozen=True)
class Config:
    checkpoint: str = "runs/best.h5"
```

```python good
import keras

model = keras.applications.MobileNetV2(weights=None)
saver = keras.callbacks.ModelCheckpoint("runs/best.weights.h5", save_weights_only=True)
whole = keras.callbacks.ModelCheckpoint("runs/{epoch:02d}.keras", save_weights_only=False)
older = keras.callbacks.ModelCheckpoint("runs/best.h5")
free = keras.callbacks.ModelCheckpoint(path, save_weights_only=True)
model.save_weights("runs/last.weights.h5")
```

```python good versions=tensorflow==2.12
import tensorflow as tf

saver = tf.keras.callbacks.ModelCheckpoint("runs/best", save_weights_only=True)
```

A script for a container of SageMaker runs with the TensorFlow of that container.

```python good
import os
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(10)])
model.save(os.path.join(os.environ["SM_MODEL_DIR"], "000000001"))
```

```text + path=container/requirements.txt
tensorflow
```

References: checked with Keras 3.15 and tf_keras 2.21 (`tests/claims/test_keras_saving.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Fix, Project, rule
from deplint.code.edit import call_instead
from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from . import KERAS, KERAS3, KERAS_MODEL, SUFFIXES, legacy_keras, saves_as_directory, suffix_missing

SAGEMAKER = re.compile(r"\bSM_(?:MODEL_DIR|CHANNELS?_?|HOSTS|CURRENT_HOST|OUTPUT_DATA_DIR)")
"""What SageMaker tells a training script in the environment; the version is chosen where the job is made (``framework_version``)."""


@rule(
    "DPL401",
    severity="error",
    leaves=["S.2.1", "S.2.4", "M.2.3", "B.2.3"],
    since=KERAS3,
    see=["https://keras.io/guides/migrating_to_keras_3/"],
)
def keras3_save_to_directory(file: PythonFile, project: Project) -> Iterator[Finding]:
    calls = [(call, call.argument("filepath", 0)) for call in file.calls("**.save") if call.receiver.is_(*KERAS_MODEL) is Truth.yes]
    calls += [(call, call.argument("filepath", 1)) for call in file.calls(KERAS + ".{models,saving}.save_model")]
    weights = list(_weights(file))
    if not (calls or weights) or (file.mentions(SAGEMAKER, importers=True) and not project.versions.allows("tensorflow", file, "2.16")):
        return
    yield from weights
    for call, path in calls:
        if call.guarded or saves_as_directory(call) or legacy_keras(file):
            continue
        format = call.argument("save_format")
        if suffix_missing(path):
            shown = path.text or "…" + (path.fixed[-1] or "")
            yield Finding(
                call,
                f"Keras 3 (tf.keras since TensorFlow 2.16) cannot save to {shown!r}: ValueError: Invalid filepath extension for saving",
                help="model.export(path) writes a SavedModel for serving and conversion; model.save wants a path ending in .keras",
                fix=_export(call),
            )
        elif format.text and path.text is None and path.ends(*SUFFIXES) is Truth.no:
            yield Finding(
                call,
                "Keras 3 (tf.keras since TensorFlow 2.16) takes no save_format: it raises ValueError",
                help="model.export(path) writes a SavedModel; model.save picks the format by the path's suffix",
            )


def _weights(file: PythonFile) -> Iterator[Finding]:
    """Weights under another suffix than their own, and checkpoints under none that Keras 3 knows."""
    found = [
        (call, call.argument("filepath", 0), True) for call in file.calls("**.save_weights") if call.receiver.is_(*KERAS_MODEL) is Truth.yes
    ]
    for call in file.calls(KERAS + ".callbacks.ModelCheckpoint"):
        only = call.argument("save_weights_only", 4)
        if only.missing or isinstance(only.python(), bool):
            found.append((call, call.argument("filepath", 0), only.python() is True))
    for call, path, weights in found:
        wanted = (".weights.h5",) if weights else SUFFIXES
        if not call.guarded and not legacy_keras(file) and not path.missing and path.ends(*wanted) is Truth.no:
            yield Finding(
                call,
                f"Keras 3 (tf.keras since TensorFlow 2.16) saves {'weights' if weights else 'models'} to paths that end in {wanted[0]}, "
                "and raises ValueError for others",
                help=f"end the path in {wanted[0]}",
            )


def _export(call: Call) -> Fix | None:
    if not call.name.endswith(".save") or call.keywords or len(call.arguments) != 1:
        return None
    edits = call_instead(call, "export")
    # `export` does not exist on every Keras 2 model an unpinned project may still run with.
    return Fix("write a SavedModel with model.export", edits, safe=False) if edits else None
