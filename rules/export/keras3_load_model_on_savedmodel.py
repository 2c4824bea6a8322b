"""Loading a SavedModel folder with `load_model`, which Keras 3 cannot.

``keras.models.load_model(folder)`` of a SavedModel raises ``ValueError: File format not supported`` in Keras 3
(`tf.keras` since TensorFlow 2.16): it reads `.keras` and `.h5` files only. A SavedModel is loaded with
`tf.saved_model.load`, or wrapped as a layer with `TFSMLayer`.

```python bad
import tensorflow as tf

model = tf.keras.applications.MobileNetV2()
model.export("export/mobilenet")
served = tf.keras.models.load_model("export/mobilenet")  # <-
```

```python bad path=serve.py
from keras.models import load_model

model = load_model("models/net/1")  # <-
```

```hex + path=models/net/1/saved_model.pb
08 01 12 04 0a 02 0a 00
```

```python good
import tensorflow as tf

model = tf.keras.applications.MobileNetV2()
model.save("net.keras")
model.export("export/mobilenet")
again = tf.keras.models.load_model("net.keras")
served = tf.saved_model.load("export/mobilenet")
layer = tf.keras.layers.TFSMLayer("export/mobilenet", call_endpoint="serving_default")
```

Another program beside it may write it.

```python bad path=serve.py
from tensorflow import keras

model = keras.models.load_model("export/mobilenet")  # <-
```

```python + path=train.py
import tensorflow as tf

model = tf.keras.applications.MobileNetV2()
tf.saved_model.save(model, "export/mobilenet")
```

A folder of which nothing is known may hold something else that Keras 3 reads.

```python good
import keras

model = keras.models.load_model("runs/latest")
```

With tf_keras and the variable that asks for it, wherever it is set, `tf.keras` is Keras 2.

```python good path=serve.py
import tensorflow as tf

model = tf.keras.models.load_model("models/net/1")
```

```hex + path=models/net/1/saved_model.pb
08 01 12 04 0a 02 0a 00
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
RUN pip install tensorflow==2.16.1 tf_keras==2.16.0
ENV PYTHONUNBUFFERED=1 \\
    TF_USE_LEGACY_KERAS=1
COPY . .
CMD ["python", "serve.py"]
```

References: checked with Keras 3.15 (`tests/claims/test_keras_saving.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.pipelines import files_naming
from deplint.code.python import PythonFile

from . import KERAS, KERAS3, legacy_keras, suffix_missing


@rule(
    "DPL402",
    severity="error",
    leaves=["S.2.4", "S.4.2", "M.2.2"],
    since=KERAS3,
    see=["https://keras.io/api/layers/backend_specific_layers/tfsm_layer/"],
)
def keras3_load_model_on_savedmodel(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(KERAS + ".{models,saving}.load_model"):
        path = call.argument("filepath", 0)
        if call.guarded or path.text is None or not suffix_missing(path) or legacy_keras(file):
            continue
        if project.resolve(path.text.rstrip("/") + "/saved_model.pb", call):
            why = "the project's folder holds saved_model.pb"
        elif (written := _written(file, path.text)) is not None:
            why = f"line {written.place.span.line if written.place.span else '?'} writes a SavedModel there"
        elif (other := _written_beside(file, project, path.text)) is not None:
            why = f"{other} writes a SavedModel there"
        else:
            continue
        yield Finding(
            call,
            f"Keras 3 (tf.keras since TensorFlow 2.16) cannot load a SavedModel: load_model({path.text!r}) raises "
            f"ValueError: File format not supported ({why})",
            help="tf.saved_model.load(path), or keras.layers.TFSMLayer(path, call_endpoint='serving_default')",
        )


def _written_beside(file: PythonFile, project: Project, path: str) -> str | None:
    """The name of another file of the same folder, where the same path means the same, that writes a SavedModel to it."""
    folder = Path(os.path.abspath(file.path)).parent
    beside = (o for o in files_naming(project, Path(path).name, folder) if o is not file and o.file.path.parent == folder)
    return next((other.file.name for other in beside if _written(other, path)), None)


def _written(file: PythonFile, path: str) -> Call | None:
    """The call of this file that writes a SavedModel to that path."""
    for call in [*file.calls("**.export"), *file.calls("tensorflow.saved_model.save")]:
        target = call.argument("export_dir", 1) if call.name.endswith("saved_model.save") else call.argument("filepath", 0)
        if target.text is not None and target.text.rstrip("/") == path.rstrip("/"):
            return call
    return None
