"""A model that Keras 3 saves, loaded where Keras 2 is installed.

Each TensorFlow from 2.16 on brings Keras 3, and what that writes into `.keras` and `.h5` files is not what Keras 2 reads: ``ValueError:
Unrecognized keyword arguments: ['batch_shape']``, ``TypeError: Could not deserialize class 'Functional'``. Training and service have
requirements of their own, and each works for itself.

```python bad path=serve/app.py
import tensorflow as tf
from flask import Flask

app = Flask(__name__)
model = tf.keras.models.load_model("model.keras")  # <-
```

```text + path=serve/requirements.txt
tensorflow==2.13.0
flask==3.0.0
```

```python + path=train/train.py
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(1)])
model.save("../serve/model.keras")
```

```text + path=train/requirements.txt
tensorflow==2.17.0
```

```python good path=serve/app.py
import tensorflow as tf
from flask import Flask

app = Flask(__name__)
model = tf.keras.models.load_model("model.keras")
```

```text + path=serve/requirements.txt
tensorflow==2.16.1
```

```python + path=train/train.py
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(1)])
model.save("../serve/model.keras")
```

```text + path=train/requirements.txt
tensorflow==2.17.0
```

A checkpoint is such a file, too; weights alone are another matter, and so is Keras 2 beside a newer TensorFlow.

```python bad path=api/main.py
from tensorflow.keras.models import load_model

model = load_model("best.h5", compile=False)  # <-
```

```text + path=api/requirements.txt
tensorflow-cpu==2.15.1
```

```python + path=train.py
import tensorflow as tf

net = tf.keras.Sequential([tf.keras.layers.Dense(1)])
net.fit(x, y, callbacks=[tf.keras.callbacks.ModelCheckpoint("api/best.h5", save_best_only=True)])
```

```text + path=requirements.txt
tensorflow==2.18.0
```

```python good path=api/main.py
import tensorflow as tf

model = tf.keras.models.load_model("net.keras")
other = tf.keras.models.load_model("downloaded.keras")
```

```text + path=api/requirements.txt
tensorflow==2.15.1
```

```python + path=train/train.py
import tf_keras

net = tf_keras.Sequential([tf_keras.layers.Dense(1)])
net.save("net.keras")
```

```text + path=train/requirements.txt
tensorflow==2.18.0
tf-keras==2.18.0
```

References: tensorflow/tensorflow#64685 (`.keras`) and #66381 (`.h5`): written with 2.16, read with 2.13 and 2.15.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.settings.variables import switched_on

KERAS = "{tensorflow.keras,keras}"
WRITES = {
    KERAS + ".**().save": ("filepath", 0),
    KERAS + ".models.save_model": ("filepath", 1),
    KERAS + ".callbacks.ModelCheckpoint": ("filepath", 0),
}
SAVES = re.compile(r"\.save\(|save_model\(|ModelCheckpoint\(")
WHOLE = re.compile(r"(?!.*\.weights\.h5$).*\.(?:keras|h5|hdf5)")


@rule(
    "DPL919",
    severity="error",
    leaves=["S.3.1", "S.4.2"],
    see=[
        "https://github.com/tensorflow/tensorflow/issues/64685",
        "https://github.com/tensorflow/tensorflow/issues/66381",
        "https://keras.io/guides/migrating_to_keras_3/",
    ],
)
def keras3_file_for_keras2(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(KERAS + ".**.load_model"):
        name = posixpath.basename(call.argument("filepath", 0).text or "")
        if call.file is not file or call.guarded or not WHOLE.fullmatch(name) or not _keras(call, project, until="3.0"):
            continue
        writers = _writers(name, call, project)
        if writers and all(_keras(one, project, since="3.0") for one in writers) and not switched_on("TF_USE_LEGACY_KERAS", project, file):
            yield Finding(
                call,
                f"{name} is saved by Keras 3 ({writers[0].place.path}), and Keras 2 is installed here: load_model raises, "
                "Unrecognized keyword arguments",
                help="one release of TensorFlow for both, or export() and serve the SavedModel",
            )


def _keras(call: Call, project: Project, since: str | None = None, until: str | None = None) -> bool:
    """The Keras of a file is certainly one of these releases."""
    return project.versions.allows("keras", call, since=since, until=until) is True


def _writers(name: str, loads: Call, project: Project) -> list[Call]:
    """The calls around another that save a whole model to a file of that name; empty if one of them is not known."""
    found: list[Call] = []
    for file in files_with(project, SAVES, project.area(loads)):
        for pattern, where in WRITES.items():
            for call in file.calls(pattern):
                if any(posixpath.basename(text) == name for text in call.argument(*where).texts):
                    if call.name.endswith("ModelCheckpoint") and call.argument("save_weights_only").python() is True:
                        return []
                    found.append(call)
    return found
