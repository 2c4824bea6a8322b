"""A TFLite interpreter under `tf.device`, which it does not hear of.

`tf.device` places operators of TensorFlow. The interpreter of TensorFlow Lite (LiteRT) is a runtime of its own: it runs on the processor
unless it is given a delegate (`experimental_delegates`), wherever it is made. The GPU delegate is not in the wheels for Linux.

```python bad
import numpy as np
import tensorflow as tf

with tf.device("/GPU:0"):
    interpreter = tf.lite.Interpreter(model_path="net.tflite")  # <-
    interpreter.allocate_tensors()
```

```python good
import tensorflow as tf

with tf.device("/CPU:0"):
    small = tf.lite.Interpreter(model_path="small.tflite")

with tf.device("/GPU:0"):
    net = tf.keras.models.load_model("net.keras")
    delegates = [tf.lite.experimental.load_delegate("libtensorflowlite_gpu_delegate.so")]
    interpreter = tf.lite.Interpreter(model_path="net.tflite", experimental_delegates=delegates)

interpreter = tf.lite.Interpreter(model_path="net.tflite")
```

References: https://ai.google.dev/edge/litert/performance/delegates; TensorFlow 2.21, `lite/python/interpreter.py` asks for no device.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.library import LITE
from deplint.code.python import PythonFile

GPU = re.compile(r"(?i)\bgpu\b")


@rule(
    "DPL159",
    severity="warning",
    leaves=["M.7", "S.3.3"],
    see=["https://ai.google.dev/edge/litert/performance/delegates", "https://stackoverflow.com/questions/57170737"],
)
def interpreter_on_device(file: PythonFile) -> Iterator[Finding]:
    devices = file.calls("tensorflow.device")
    if not devices or not all(GPU.search((call.argument("device_name", 0).text or "").replace(":", " ")) for call in devices):
        return
    for call in file.calls(LITE):
        if "tensorflow.device()" in call.contexts and call.argument("experimental_delegates", 2).missing:
            yield Finding(
                call,
                "the interpreter does not hear of tf.device: the model runs on the processor",
                help="pass the GPU delegate in experimental_delegates, or run the TensorFlow model itself on the GPU",
            )
