"""Quantization options that do nothing because no optimization is on.

The TFLite converter quantizes only if `optimizations` holds `tf.lite.Optimize.DEFAULT`. Without it a representative
dataset, `supported_types = [tf.float16]` or the 16x8 operator set are ignored, without an error or a warning: the
model comes out in float32, as large and as slow as before.

```python bad
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.target_spec.supported_types = [tf.float16]
tflite = converter.convert()  # <-
```

```python bad
import tensorflow as tf

def samples():
    yield [tf.zeros((1, 224, 224, 3))]

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.representative_dataset = samples
converter.optimizations = []
tflite = converter.convert()  # <-
```

```python good
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.target_spec.supported_types = [tf.float16]
tflite = converter.convert()
```

Set in a helper, in a base class or by unseen code, the optimization counts.

```python good
import tensorflow as tf

class Exporter:
    def __init__(self, model, half):
        self.converter = tf.lite.TFLiteConverter.from_keras_model(model)
        self.optimize()
        if half:
            self.converter.target_spec.supported_types = [tf.float16]

    def optimize(self):
        self.converter.optimizations.append(tf.lite.Optimize.DEFAULT)

    def run(self):
        return self.converter.convert()
```

References: checked with TensorFlow 2.21 (`tests/claims/test_tflite_quantization.py`). TensorFlow 2.0 to 2.4 did
quantize with TFLITE_BUILTINS_INT8 and a dataset alone, so there only the other cases are reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from . import CONVERTER, INT8, INT16X8, calibrated, optimizing, wants


@rule(
    "DPL202",
    severity="error",
    leaves=["M.2.6"],
    since={"tensorflow": "2.0"},
    see=["https://www.tensorflow.org/lite/performance/post_training_quantization"],
)
def quantization_silently_off(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(CONVERTER + ".convert"):
        converter = call.receiver
        if optimizing(converter) is not Truth.no or not converter.never("_experimental_calibrate_only"):
            continue
        if not converter.never("experimental_use_stablehlo_quantizer"):
            continue
        asked = _asked(converter)
        if asked is None or any(_integer(converter, end) for end in ("inference_input_type", "inference_output_type")):
            continue  # integer inputs or outputs make convert() raise: another rule says so
        if wants(converter, "target_spec.supported_ops", INT8) and (
            # Without a dataset convert() raises (DPL201); TensorFlow before 2.5 did quantize.
            calibrated(converter) is not Truth.yes or not project.versions.holds({"tensorflow": "2.5"}, {}, call)
        ):
            continue
        yield Finding(
            call,
            f"{asked} has no effect: no optimization is set, so the converted model stays float32",
            help="add converter.optimizations = [tf.lite.Optimize.DEFAULT]",
        )


def _asked(converter: Value) -> str | None:
    """The setting that asks for quantization, on some path for certain."""
    if wants(converter, "target_spec.supported_types", "tensorflow.float16"):
        return "supported_types = [tf.float16]"
    if wants(converter, "target_spec.supported_ops", INT16X8):
        return "the int16 activations with int8 weights operator set"
    return "representative_dataset" if calibrated(converter) is Truth.yes else None


def _integer(converter: Value, attribute: str) -> bool:
    return any(value.is_("tensorflow.float32") is not Truth.yes for value in converter.values(attribute))
