"""Quantization-aware training that leads to nothing.

A model of `tfmot.quantization.keras.quantize_model` still is a float model, with the ranges it learned. The TFLite converter makes integers
of it only with an optimization on; without, the weights stay in float32.

What `prune_low_magnitude` and `cluster_weights` wrap keeps its masks until `strip_pruning` and `strip_clustering`.

```python bad
import tensorflow as tf
import tensorflow_model_optimization as tfmot

pruned = tfmot.sparsity.keras.prune_low_magnitude(base)
pruned.fit(images, labels, callbacks=[tfmot.sparsity.keras.UpdatePruningStep()])

def to_lite(model):
    return tf.lite.TFLiteConverter.from_keras_model(model).convert()  # <-

to_lite(pruned)
to_lite(tfmot.sparsity.keras.strip_pruning(pruned))
```

TensorFlow Model Optimization knows the models of Keras 2 only. It makes `tf.keras` tf_keras when it is imported first; a model
of the package `keras` at version 3 it refuses: ``to_quantize can only either be a keras Sequential or Functional model``.

```python bad
import tensorflow as tf
import tensorflow_model_optimization as tfmot

aware = tfmot.quantization.keras.quantize_model(base)
aware.fit(images, labels)
converter = tf.lite.TFLiteConverter.from_keras_model(aware)
tflite = converter.convert()  # <-
```

```python good
import tensorflow as tf
import tensorflow_model_optimization as tfmot

aware = tfmot.quantization.keras.quantize_model(base)
aware.fit(images, labels)
converter = tf.lite.TFLiteConverter.from_keras_model(aware)
converter.optimizations = [tf.lite.Optimize.DEFAULT]
tflite = converter.convert()
```

```python bad
import keras
import tensorflow_model_optimization as tfmot

base = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
aware = tfmot.quantization.keras.quantize_model(base)  # <-
```

```python good versions=keras==2.15.0
import keras
import tensorflow_model_optimization as tfmot

base = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
aware = tfmot.quantization.keras.quantize_model(base)
```

```python good
import tensorflow_model_optimization as tfmot
import tensorflow as tf

base = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])
aware = tfmot.quantization.keras.quantize_model(base)
```

References: checked with tensorflow-model-optimization 0.8.1, TensorFlow 2.21 and Keras 3.15; that fake quantization alone stays float:
`tests/claims/test_tflite_quantization.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from . import CONVERTER, optimizing

AWARE = "tensorflow_model_optimization.quantization.keras.{quantize_model,quantize_apply}()"
WRAPPED = "tensorflow_model_optimization.{sparsity.keras.prune_low_magnitude,clustering.keras.cluster_weights}()"
KERAS_ONLY = (
    "tensorflow_model_optimization.quantization.keras.{quantize_model,quantize_annotate_model,quantize_annotate_layer}",
    "tensorflow_model_optimization.sparsity.keras.{prune_low_magnitude,strip_pruning}",
)
KERAS3 = ("keras.{models.,}{Model,Sequential}()", "keras.applications.**()", "keras.layers.*()", "keras.models.load_model()")


@rule(
    "DPL212",
    severity="error",
    leaves=["M.2.6"],
    since={"tensorflow": "2.0"},
    see=[
        "https://www.tensorflow.org/model_optimization/guide/quantization/training_example",
        "https://github.com/tensorflow/model-optimization/blob/master/tensorflow_model_optimization/python/core/keras/compat.py",
    ],
)
def aware_training_lost(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(CONVERTER + ".convert"):
        made = call.receiver.origin
        aware = made is not None and made.argument("model", 0).is_(AWARE) is Truth.yes
        if aware and optimizing(call.receiver) is Truth.no and not call.guarded:
            yield Finding(
                call,
                "the model was trained for quantization, but no optimization is set: its weights stay float32",
                help="add converter.optimizations = [tf.lite.Optimize.DEFAULT]",
            )
        pruned = made is not None and made.argument("model", 0).is_(WRAPPED) is Truth.yes
        if pruned and made is not None and not call.guarded:
            yield Finding(
                made,
                "the layers are still wrapped for training: masks and counters are converted with the weights, and nothing gets smaller",
                help="convert tfmot.sparsity.keras.strip_pruning(model), or tfmot.clustering.keras.strip_clustering(model)",
            )
    for call in file.calls(*KERAS_ONLY):
        given = call.arguments[0] if call.arguments else call.argument("to_quantize")
        if not call.guarded and given.is_(*KERAS3) is Truth.yes and project.versions.holds({"keras": "3.0"}, {}, call):
            yield Finding(
                call,
                f"{call.name.rpartition('.')[2]} takes models of Keras 2, and this is one of Keras 3: it raises ValueError",
                help="build the model with tf_keras (import tf_keras as keras), or pin keras<3",
            )
