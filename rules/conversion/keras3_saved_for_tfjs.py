"""A Keras 3 model saved as TensorFlow.js layers, which TensorFlow.js cannot load.

Keras 3, which is `tf.keras` since TensorFlow 2.16, describes the input of a model by `batch_shape`. TensorFlow.js knows
`batch_input_shape` only: ``tf.loadLayersModel`` stops with ``An InputLayer should be passed either a `batchInputShape` or
an `inputShape`.`` What loads is a graph model converted from a SavedModel, or a model saved with legacy Keras.

```python bad
import keras
import tensorflowjs as tfjs

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
tfjs.converters.save_keras_model(model, "web/model")  # <-
```

Whoever wrote it, the file shows it.

```json bad path=web/model/model.json line=1
{"format": "layers-model", "modelTopology": {"keras_version": "3.15.1", "model_config": {"class_name": "Sequential",
"config": {"name": "net", "layers": [
  {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [null, 4], "dtype": "float32"}},
  {"class_name": "Dense", "config": {"name": "d", "units": 2}}]}}}}
```

```json good path=web/model/model.json
{"format": "layers-model", "modelTopology": {"keras_version": "2.15.0", "model_config": {"class_name": "Sequential",
"config": {"name": "net", "layers": [
  {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [null, 4], "dtype": "float32"}},
  {"class_name": "Dense", "config": {"name": "d", "units": 2}}]}}}}
```

```python good
import os
os.environ["TF_USE_LEGACY_KERAS"] = "1"
import tensorflow as tf
import tensorflowjs as tfjs

model = tf.keras.Sequential([tf.keras.layers.Input((4,)), tf.keras.layers.Dense(2)])
tfjs.converters.save_keras_model(model, "web/model")
```

A file that Keras 3 wrote gives the same when it is converted.

```sh bad path=convert.sh
tensorflowjs_converter --input_format=keras exported/hands.h5 web/hands  # <-
tensorflowjs_converter --input_format=keras_keras --output_format=tfjs_layers_model palm.keras web/palm
```

```python + path=train.py
import keras

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
model.save("exported/hands.h5")
```

A model that comes from elsewhere may be one of legacy Keras, and where an older TensorFlow is pinned all are.

```python good
import tensorflowjs as tfjs
from models import build

tfjs.converters.save_keras_model(build(), "web/model")
```

```python good versions=tensorflow==2.15
import tensorflow as tf
import tensorflowjs as tfjs

model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(4,))])
tfjs.converters.save_keras_model(model, "web/model")
```

References: checked with tensorflowjs 4.22, Keras 3.15 and TensorFlow.js 4.22 (`tests/claims/test_tfjs.py`,
`test_tfjs_converter.py`).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from deplint import Finding, Model, Place, Project, rule
from deplint.code.pipelines import files_naming
from deplint.code.python import PythonFile
from deplint.code.values import Truth
from deplint.settings.scripts import Script

from ..export import KERAS3, KERAS_MODEL, legacy_keras
from . import tfjs_input

WHY = "TensorFlow.js cannot load it: An InputLayer should be passed either a `batchInputShape` or an `inputShape`"
HELP = (
    "write a SavedModel with model.export(path) and convert that to a graph model (tensorflowjs_converter --input_format=tf_saved_model), "
    "or save with legacy Keras (tf_keras)"
)


@rule("DPL105", severity="error", leaves=["B.2.3"], see=["https://github.com/tensorflow/tfjs/issues/8494"])
def keras3_saved_for_tfjs(facts: PythonFile | Model | Script, project: Project) -> Iterator[Finding]:
    if isinstance(facts, Model):
        yield from _written(facts)
    elif isinstance(facts, Script):
        yield from _converted(facts, project)
    else:
        yield from _saving(facts, project)


def _written(model: Model) -> Iterator[Finding]:
    if model.format == "tfjs-layers":
        for layer in model.layers:
            if layer.class_name == "InputLayer" and "batch_shape" in layer.config and "batch_input_shape" not in layer.config:
                at = Place(model.path, where=f'layer "{layer.name}"')
                yield Finding(at, f"the input is described as Keras 3 does (batch_shape): {WHY}", help=HELP)


def _saving(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("tensorflowjs.converters.**.save_keras_model"):
        model = call.argument("model", 0)
        known = model.is_(*KERAS_MODEL) is Truth.yes and model.project_class is None
        if known and not call.guarded and project.versions.holds(KERAS3, {}, call) and not _legacy(file):
            yield Finding(call, f"a Keras 3 model saved as TensorFlow.js layers: {WHY}", help=HELP)


def _legacy(file: PythonFile) -> bool:
    return legacy_keras(file) or file.mentions("tf_keras", importers=True)


def _converted(script: Script, project: Project) -> Iterator[Finding]:
    for command in script.commands:
        kind, path = tfjs_input(command.words) or ("", None)
        if kind not in ("keras", "keras_keras") or path is None or not path.text or not _by_keras3(path.text, script, project):
            continue
        graph = any("tfjs_graph_model" in word.written for word in command.words)
        why = "the converter cannot read it: Unrecognized keyword arguments: ['batch_shape']" if graph else WHY
        yield Finding(path, f"Keras 3 wrote this file: {why}", help=HELP)


def _by_keras3(path: str, script: Script, project: Project) -> bool:
    """The file is there and says so, or code of the project certainly saves it."""
    stored = project.resolve(path, script)
    if stored is not None:
        models = project.facts(stored, Model)
        return any(m.producer == "keras" and m.producer_version.startswith("3.") and m.format in ("keras", "keras-h5") for m in models)
    name = posixpath.basename(path)
    for file in files_naming(project, name):
        for call in file.calls("**.save") if not _legacy(file) else ():
            saved = call.argument("filepath", 0).text
            written = saved is not None and posixpath.basename(saved) == name and call.receiver.is_(*KERAS_MODEL) is Truth.yes
            if written and not call.guarded and project.versions.holds(KERAS3, {}, call):
                return True
    return False
