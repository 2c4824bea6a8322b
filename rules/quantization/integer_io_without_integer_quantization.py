"""Integer inputs or outputs asked of a model that is not quantized to integers.

`inference_input_type` and `inference_output_type` other than `tf.float32` need integer quantization: an optimization
that is on *and* a representative dataset. Otherwise `convert()` raises ``ValueError: The inference_input_type and
inference_output_type must be tf.float32.`` `TFLITE_BUILTINS_INT8` is not needed for it.

```python bad
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.inference_input_type = tf.uint8
converter.inference_output_type = tf.uint8
tflite = converter.convert()  # <-
```

```python bad
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.target_spec.supported_types = [tf.float16]
converter.inference_input_type = tf.float16
tflite = converter.convert()  # <-
```

```python good
import tensorflow as tf

def samples():
    yield [tf.zeros((1, 224, 224, 3))]

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = samples
converter.inference_input_type = tf.uint8
tflite = converter.convert()
```

A model trained with quantization awareness brings its ranges along, so with an optimization on it needs no dataset.

```python good
import tensorflow as tf
import tensorflow_model_optimization as tfmot

model = tfmot.quantization.keras.quantize_model(base)
converter = tf.lite.TFLiteConverter.from_keras_model(model)
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.inference_input_type = tf.int8
tflite = converter.convert()
```

Where `TFLITE_BUILTINS_INT8` asks for integers and no dataset is set, that is what stops `convert()`: DPL201 reports it.

```python good
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
converter.inference_input_type = tf.uint8
tflite = converter.convert()
```

The integers must be as wide as those the model is quantized to: int16 where the activations are, int8 or uint8 elsewhere.

```python bad
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = samples
converter.inference_input_type = tf.int16
tflite = converter.convert()  # <-
```

References: checked with TensorFlow 2.21 (`tests/claims/test_tflite_quantization.py`). The attributes exist since 2.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from . import CONVERTER, INT16X8, calibrated, optimizing, without_dataset

ENDS = ("inference_input_type", "inference_output_type")


@rule(
    "DPL203",
    severity="error",
    leaves=["M.2.6"],
    since={"tensorflow": "2.3"},
    see=["https://www.tensorflow.org/lite/performance/post_training_quantization#integer_only"],
)
def integer_io_without_integer_quantization(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(CONVERTER + ".convert"):
        converter = call.receiver
        asked = next(((end, name) for end in ENDS if (name := _other_than_float32(converter, end))), None)
        if asked is None or without_dataset(converter):
            continue  # what comes first raises: DPL201 says so
        end, name = asked
        if name in ("tf.float16", "tf.bfloat16", "tf.float64"):
            yield Finding(
                call,
                f"{end} = {name}: convert() raises ValueError, the converter offers float32 and integers only",
                help=f"leave {end} at tf.float32; float16 quantization keeps float32 inputs and outputs",
            )
            continue
        if (wanted := _other_width(file, converter, name)) and optimizing(converter) is not Truth.no:
            yield Finding(
                call,
                f"{end} = {name}, but the model is quantized to {wanted[0]}: convert() raises ValueError",
                help=f"use {wanted[1]}, or leave the type at tf.float32",
            )
            continue
        if optimizing(converter) is Truth.no:
            why = "no optimization is set"
        elif calibrated(converter) is Truth.no and not _aware(file) and not _from_file(converter):
            why = "no representative_dataset is set"
        elif converter.certainly("target_spec.supported_types") and _only_float16(converter):
            why = "supported_types asks for float16 quantization"
        else:
            continue
        yield Finding(
            call,
            f"{end} = {name}, but {why}, so the model is not quantized to integers: convert() raises ValueError",
            help="set converter.optimizations = [tf.lite.Optimize.DEFAULT] and a representative_dataset, or leave the type at tf.float32",
        )


def _other_than_float32(converter: Value, end: str) -> str:
    """The dtype certainly set on some path, as people write it, if it is not float32; else empty."""
    for value in converter.values(end):
        name = value.name
        if name.startswith("tensorflow.") and "(" not in name and name != "tensorflow.float32":
            return name.replace("tensorflow.", "tf.", 1)
    return ""


def _other_width(file: PythonFile, converter: Value, name: str) -> tuple[str, str] | None:
    """What the model is quantized to, and the types that fit, if `name` certainly does not."""
    ops = converter.values("target_spec.supported_ops")
    wide = {ops_given.contains(INT16X8) for ops_given in ops}
    if name == "tf.int16" and (wide == {Truth.no} or not ops) and converter.escaped is Truth.no:
        return "8-bit integers", "tf.int8 or tf.uint8"
    asked = {value.name for end in ENDS for value in converter.values(end)}
    narrow = asked <= {"tensorflow.int8", "tensorflow.uint8"} and name in ("tf.int8", "tf.uint8")
    if narrow and wide == {Truth.yes} and converter.certainly("target_spec.supported_ops") and calibrated(converter) is Truth.yes:
        return None if _aware(file) else ("16-bit activations", "tf.int16")
    return None


def _only_float16(converter: Value) -> bool:
    # Every path must ask for it: the path that asks for integer inputs may be another one.
    types = converter.values("target_spec.supported_types")
    return bool(types) and all(value.python() == ["tensorflow.float16"] for value in types) and converter.certainly("inference_input_type")


def _aware(file: PythonFile) -> bool:
    """Quantization-aware training may be at work."""
    return any(
        word in file.text for word in ("tfmot", "tensorflow_model_optimization", "fake_quant", "quantize_apply", "quantize_model", "qat")
    )


def _from_file(converter: Value) -> bool:
    """The converter reads a saved model, which may hold the ranges of quantization-aware training."""
    return not any(name.endswith(".from_keras_model()") for name in converter.names)
