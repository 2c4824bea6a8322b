"""A layer of TensorFlow Hub in a model of Keras 3.

`hub.KerasLayer` is a layer of Keras 2 (tf-keras). From TensorFlow 2.16 on ``tf.keras`` is Keras 3, which does not take it: ``ValueError:
Only instances of `keras.Layer` can be added to a Sequential model. Received: <tensorflow_hub.keras_layer.KerasLayer ...>``.

```python bad versions=tensorflow==2.17.0
import tensorflow as tf
import tensorflow_hub as hub

URL = "https://tfhub.dev/google/imagenet/mobilenet_v2_100_224/feature_vector/5"
model = tf.keras.Sequential([hub.KerasLayer(URL, input_shape=(224, 224, 3)), tf.keras.layers.Dense(5)])  # <-
other = tf.keras.Sequential()
other.add(hub.KerasLayer(URL))  # <-
```

```python good versions=tensorflow==2.15.0
import tensorflow as tf
import tensorflow_hub as hub

model = tf.keras.Sequential([hub.KerasLayer("https://tfhub.dev/a/b/1"), tf.keras.layers.Dense(5)])
```

```python good versions=tensorflow==2.17.0
import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"
import tensorflow as tf
import tensorflow_hub as hub

model = tf.keras.Sequential([hub.KerasLayer("https://tfhub.dev/a/b/1"), tf.keras.layers.Dense(5)])
```

```python good versions=tensorflow==2.17.0
import tensorflow as tf
import tensorflow_hub as hub
import tf_keras

model = tf_keras.Sequential([hub.KerasLayer("https://tfhub.dev/a/b/1"), tf_keras.layers.Dense(5)])
```

References: `Sequential.add` of Keras 3, and `tensorflow_hub/keras_layer.py` 0.16.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from . import legacy_keras

SEQUENTIAL = "tensorflow.keras.{,models.}Sequential"


@rule(
    "DPL586",
    severity="error",
    leaves=["S.2.1", "S.3.2"],
    since={"tensorflow": "2.16"},
    see=[
        "https://github.com/tensorflow/hub/releases/tag/v0.16.0",
        "https://github.com/keras-team/keras/blob/v3.5.0/keras/src/models/sequential.py",
        "https://stackoverflow.com/q/78182006",
    ],
)
def hub_layer_in_keras3(file: PythonFile, project: Project) -> Iterator[Finding]:
    calls = file.calls(SEQUENTIAL, SEQUENTIAL + "().add") if "tensorflow_hub" in file.text else []
    if not calls or legacy_keras(file):
        return
    for call in calls:
        given = call.argument("layer" if call.name.endswith(".add") else "layers", 0)
        sure = project.versions.allows("tensorflow", call, until="2.16") is False
        if sure and not call.guarded and any(map(_of_hub, given.items or [given])):
            yield Finding(
                call,
                "hub.KerasLayer is a layer of Keras 2, and this model is Keras 3's: ValueError, Only instances of keras.Layer can be added",
                help="build the model with tf_keras, or set TF_USE_LEGACY_KERAS=1 before TensorFlow is imported",
            )


def _of_hub(value: Value) -> bool:
    return value.is_("tensorflow_hub.KerasLayer()") is Truth.yes
