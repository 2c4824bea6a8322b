"""Quantization calibrated with random numbers.

The ranges of activations are measured on the calibration data. Uniform or normal noise drives a network unlike any real input: the ranges
do not fit, and the quantized model loses accuracy without any error.

```python bad
import numpy as np
import tensorflow as tf

def samples():
    for _ in range(100):
        data = np.random.rand(1, 224, 224, 3)
        yield [data.astype(np.float32)]  # <-

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = samples
tflite = converter.convert()
```

```python bad
import numpy as np
from onnxruntime.quantization import CalibrationDataReader, quantize_static

class Reader(CalibrationDataReader):
    def __init__(self):
        self.samples = iter([{"image": np.random.randn(1, 3, 224, 224).astype(np.float32)} for _ in range(10)])  # <-

    def get_next(self):
        return next(self.samples, None)

quantize_static("net.onnx", "net.int8.onnx", Reader())
```

```python good
import numpy as np
import tensorflow as tf

images = np.load("calibration.npy")
order = np.random.permutation(len(images))

def samples():
    for _ in range(100):
        index = np.random.randint(0, len(images))
        noise = np.random.normal(0, 0.01, images[index].shape)
        yield [(images[index] + noise)[None].astype(np.float32)]

def chosen():
    for index in order[:100]:
        yield [images[index][None].astype(np.float32)]

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.representative_dataset = samples
converter.representative_dataset = chosen
```

A test does not care how accurate its model is.

```python good path=tests/test_quantize.py
import numpy as np
import tensorflow as tf

def samples():
    yield [np.random.rand(1, 4).astype(np.float32)]

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.representative_dataset = samples
```

References: https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/post_training_quantization; the ranges of a network on
noise and on its data, and what becomes of its accuracy, were measured with onnxruntime 1.32 (`tests/claims/test_calibration.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.patterns import matcher
from deplint.code.python import PythonFile
from deplint.code.uses import only_of, yielded

from . import CONVERTER, in_test

RANDOM = matcher("{numpy,tensorflow,torch}.{random.,}{rand,randn,random,random_sample,uniform,normal,standard_normal,rand_like,randn_like}")
READERS = ("onnxruntime.quantization.{quantize_static,quantize}", "onnxruntime.quantization.**.quantize_static")


@rule(
    "DPL205",
    severity="warning",
    leaves=["M.2.6", "S.2.5"],
    see=[
        "https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/post_training_quantization",
        "https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html",
    ],
)
def random_calibration(file: PythonFile) -> Iterator[Finding]:
    if in_test(file):
        return
    given = [assignment.value for assignment in file.sets(CONVERTER) if assignment.path == "representative_dataset"]
    given += [call.argument("calibration_data_reader", 2) for call in file.calls(*READERS)]
    said: set[int] = set()
    for value in given:
        random = {id(call.node) for call in file.calls("{numpy,tensorflow,torch}.**") if RANDOM(call.name)}
        for place in _samples(value, random) if random else ():
            if id(place) not in said:
                said.add(id(place))
                yield Finding(
                    file.place_of(place),
                    "the quantization is calibrated with random numbers: the ranges do not fit real inputs, and accuracy is lost",
                    help="use some hundred real inputs, preprocessed as for inference",
                )


def _samples(value: Value, random: set[int]) -> Iterator[ast.expr]:
    """The expressions in a calibration's code that give samples made of random numbers alone."""
    function, kind = value.function, value.project_class
    if function is not None and len(value.options) == 1:
        for sample in yielded(function.node):
            if only_of(sample, function.node, random):
                yield sample
    elif kind is not None:
        for method in kind.body:
            for node in ast.walk(method) if isinstance(method, ast.FunctionDef) else ():
                if (
                    isinstance(node, ast.Dict)
                    and isinstance(method, ast.FunctionDef)
                    and any(only_of(v, method, random) for v in node.values)
                ):
                    yield node
