"""A Sequential model of Keras 3 given to tf2onnx.

tf2onnx looks up the outputs by the names that a Sequential model of Keras 2 had: with Keras 3 `from_keras` ends in ``KeyError:
'keras_tensor_2'``. Functional models convert, and Keras exports ONNX itself.

```python bad
import tensorflow as tf
import tf2onnx

model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])
onnx_model, _ = tf2onnx.convert.from_keras(model, opset=13)  # <-
```

```python good
import tensorflow as tf
import tf2onnx

model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])
model.export("net.onnx", format="onnx")
inputs = tf.keras.Input((4,))
functional = tf.keras.Model(inputs, tf.keras.layers.Dense(2)(inputs))
onnx_model, _ = tf2onnx.convert.from_keras(functional)
```

With `output_names` set it finds them, and Keras 2 has them.

```python good
import tensorflow as tf
import tf2onnx

model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])
model.output_names = ["output"]
onnx_model, _ = tf2onnx.convert.from_keras(model)
```

```python good versions=tensorflow==2.15.1
import tensorflow as tf
import tf2onnx

model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])
onnx_model, _ = tf2onnx.convert.from_keras(model)
```

References: checked with tf2onnx 1.17.0 and Keras 3.15 (`tests/claims/test_given_models_tensorflow.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.keras import SEQUENTIAL
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from ..export import KERAS3, legacy_keras


@rule(
    "DPL122",
    severity="error",
    leaves=["S.2.5", "M.2.1"],
    see=[
        "https://github.com/onnx/tensorflow-onnx/issues/2319",
        "https://github.com/onnx/tensorflow-onnx/issues/2348",
        "https://keras.io/api/models/model_saving_apis/export/",
    ],
)
def tf2onnx_sequential(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("tf2onnx.convert.from_keras"):
        model = call.argument("model", 0)
        ours = model.is_(SEQUENTIAL) is Truth.yes and model.project_class is None and model.never("output_names")
        if ours and not call.guarded and project.versions.holds(KERAS3, {}, call) and not legacy_keras(file):
            yield Finding(
                call,
                "tf2onnx does not find the outputs of a Sequential model of Keras 3: KeyError 'keras_tensor_...'",
                help='use model.export("net.onnx", format="onnx"), or build a functional model',
            )
