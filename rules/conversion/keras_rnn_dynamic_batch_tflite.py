"""A recurrent Keras model with an open batch size, converted to TFLite built-in operators.

LSTM, GRU and their kin become a loop over tensor lists. With the batch size open the lists have no fixed element
shape, and conversion stops: ``'tf.TensorListReserve' op requires element_shape to be static during TF Lite
transformation pass``. The time dimension may stay open; the batch may not.

```python bad
import tensorflow as tf

model = tf.keras.Sequential([
    tf.keras.layers.Input(shape=(28, 28), batch_size=None),
    tf.keras.layers.LSTM(32),
    tf.keras.layers.Dense(10),
])
converter = tf.lite.TFLiteConverter.from_keras_model(model)
open("model.tflite", "wb").write(converter.convert())  # <-
```

```python bad
import tensorflow as tf
from tensorflow.keras import layers

inputs = tf.keras.Input((None, 40))
x = layers.Bidirectional(layers.GRU(64, return_sequences=True))(inputs)
model = tf.keras.Model(inputs, layers.Dense(5)(x))
tflite = tf.lite.TFLiteConverter.from_keras_model(model).convert()  # <-
```

```python good
import tensorflow as tf

fixed = tf.keras.Sequential([tf.keras.layers.Input(shape=(28, 28), batch_size=1), tf.keras.layers.LSTM(32)])
tf.lite.TFLiteConverter.from_keras_model(fixed).convert()

unrolled = tf.keras.Sequential([tf.keras.layers.Input(shape=(28, 28)), tf.keras.layers.LSTM(32, unroll=True)])
tf.lite.TFLiteConverter.from_keras_model(unrolled).convert()

dense = tf.keras.Sequential([tf.keras.layers.Input(shape=(28,)), tf.keras.layers.Dense(32)])
tf.lite.TFLiteConverter.from_keras_model(dense).convert()
```

```python good
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Input(shape=(28, 28)), tf.keras.layers.LSTM(32)])
converter = tf.lite.TFLiteConverter.from_keras_model(model)
converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
tflite = converter.convert()
```

A batch that is fixed afterwards is fixed as well.

```python good
import tensorflow as tf

inputs = tf.keras.layers.Input(shape=(120, 7))
model = tf.keras.Model(inputs, tf.keras.layers.Dense(1)(tf.keras.layers.LSTM(32)(inputs)))
model.input.set_shape((1,) + model.input.shape[1:])
tflite = tf.lite.TFLiteConverter.from_keras_model(model).convert()
```

A concrete function with a fixed batch is the other way out.

```python good
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Input(shape=(28, 28)), tf.keras.layers.LSTM(32)])
run = tf.function(lambda x: model(x)).get_concrete_function(tf.TensorSpec([1, 28, 28], tf.float32))
converter = tf.lite.TFLiteConverter.from_concrete_functions([run], model)
tflite = converter.convert()
```

References: checked with TensorFlow 2.12, 2.15 and 2.21, Keras 3 and tf_keras 2 (`tests/claims/test_tflite_operators.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.keras import KERAS, inputs, layers
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from . import selects

RECURRENT = KERAS + ".layers.{LSTM,GRU,SimpleRNN,Bidirectional,ConvLSTM1D,ConvLSTM2D,ConvLSTM3D,RNN}()"
HANDLING = ("_experimental_default_to_single_batch_in_tensor_list_ops", "_experimental_lower_tensor_list_ops")
"""Settings of the converter that change what becomes of tensor lists."""

FIXED = re.compile(r"\.inputs?(?:\[-?\d+\])?\.set_shape\(")
"""A shape that an input is given after the model is made."""


@rule("DPL104", severity="error", leaves=["M.2.5"], see=["https://www.tensorflow.org/lite/models/convert/rnn"])
def keras_rnn_dynamic_batch_tflite(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls("tensorflow.lite.TFLiteConverter.from_keras_model().convert"):
        converter = call.receiver
        made = converter.origin
        if made is None or selects(converter) is not Truth.no or not all(converter.never(name) for name in HANDLING):
            continue
        found = layers(made.argument("model", 0)) or []
        recurrent = [layer for layer in found if layer.is_(RECURRENT) is Truth.yes and _loops(layer)]
        entries = inputs(found)
        if recurrent and entries and all(_open_batch(layer) for layer in entries) and not call.file.mentions(FIXED, importers=True):
            name = recurrent[0].name.rpartition(".")[2].removesuffix("()")
            yield Finding(
                call,
                f"the model has a recurrent layer ({name}) and no fixed batch size: "
                "conversion to built-in operators stops at TensorListReserve",
                help="give the input a batch size (Input(shape, batch_size=1)), set unroll=True on the layer, "
                "or allow tf.lite.OpsSet.SELECT_TF_OPS and ship the Flex runtime",
            )


def _loops(layer: Value) -> bool:
    """The layer is certainly not unrolled."""
    made = layer.origin
    if made is None or made.open:
        return False
    if layer.name.endswith(".Bidirectional()"):
        inner = made.argument("layer", 0)
        return inner.is_(RECURRENT) is Truth.yes and _loops(inner)
    unroll = made.argument("unroll")
    return unroll.missing or unroll.python() is False


def _open_batch(layer: Value) -> bool:
    made = layer.origin
    if made is None or made.open:
        return False
    fixing = [made.argument(name) for name in ("batch_size", "batch_shape", "batch_input_shape", "tensor")]
    return all(value.missing or value.python() is None for value in fixing)
