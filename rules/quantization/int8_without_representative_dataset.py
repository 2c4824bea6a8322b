"""Integer-only conversion without calibration data.

`TFLITE_BUILTINS_INT8` (or `supported_types = [tf.int8]`) asks for a model that computes in integers. The converter
then has to measure the range of every activation, for which it needs samples: without `representative_dataset` it
stops with ``ValueError: For full integer quantization, a `representative_dataset` must be specified.`` Setting
`optimizations` does not change that, nor does quantization-aware training: a model with fake-quantization nodes is
converted with `optimizations` alone.

```python bad
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
converter.inference_input_type = tf.uint8
open("model.tflite", "wb").write(converter.convert())  # <-
```

```python good
import tensorflow as tf

def samples():
    for image in tf.data.Dataset.list_files("calibration/*.png").take(100):
        yield [load(image)]

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = samples
converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
open("model.tflite", "wb").write(converter.convert())
```

The calibration set may come from a helper, or only under a condition that the integer operators share; neither is reported.

```python good
import tensorflow as tf
from calibration import attach

converter = tf.lite.TFLiteConverter.from_keras_model(model)
converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
attach(converter)
converter.convert()
```

```python good
import tensorflow as tf

def convert(model, full_integer, dataset=None):
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if full_integer:
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    if full_integer and dataset is not None:
        converter.representative_dataset = dataset
    return converter.convert()
```

References: checked with TensorFlow 2.21 (`tests/claims/test_tflite_quantization.py`); before 2.4 only the list
``[TFLITE_BUILTINS_INT8]`` alone raised, with other words.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile

from . import without_dataset


@rule(
    "DPL201",
    severity="error",
    leaves=["M.2.6"],
    since={"tensorflow": "2.0"},
    see=["https://www.tensorflow.org/lite/performance/post_training_quantization#integer_only"],
)
def int8_without_representative_dataset(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls("tensorflow.lite.TFLiteConverter.*().convert", "tensorflow.compat.v1.lite.TFLiteConverter.*().convert"):
        asked = without_dataset(call.receiver)
        if not asked:
            continue
        yield Finding(
            call,
            f"{asked} asks for full integer quantization, but no representative_dataset is set: convert() raises ValueError",
            help="set converter.representative_dataset to a function that yields a few hundred real inputs; "
            "a model trained with quantization awareness needs neither, only optimizations = [tf.lite.Optimize.DEFAULT]",
        )
