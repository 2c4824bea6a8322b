"""A representative dataset that the TFLite converter cannot use.

`representative_dataset` is a function, called without arguments, whose result is iterated over: each element is a list (or dictionary) with
one array for each input, in the input's dtype.

* a list, an array, a `tf.data.Dataset` or a generator that is running already: ``'list' object is not callable``
* a function that yields bare arrays: ``You need to provide either a dictionary ... or an array with input values``
* float64 values, as `np.random.rand` gives them: ``Got value of type FLOAT64 but expected type FLOAT32``
* a function with an argument: ``missing 1 required positional argument``

```python bad
import numpy as np
import tensorflow as tf

images = np.load("images.npy")

def samples():
    for image in images[:100]:
        yield [image[None].astype(np.float32)]

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = samples()  # <-
converter.representative_dataset = [images[0]]  # <-
converter.representative_dataset = tf.data.Dataset.from_tensor_slices(images).batch(1)  # <-
```

```python good
import numpy as np
import tensorflow as tf

images = np.load("images.npy")

def samples():
    for image in images[:100]:
        yield [image[None].astype(np.float32)]

def from_data(data):
    def generate():
        for batch in data.take(100):
            yield {"image": batch}
    return generate

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = samples
converter.representative_dataset = lambda: samples()
converter.representative_dataset = tf.lite.RepresentativeDataset(samples)
converter.representative_dataset = from_data(tf.data.Dataset.from_tensor_slices(images).batch(1))
```

```python bad
import numpy as np
import tensorflow as tf

images = np.load("images.npy")

def bare():
    for image in images[:100]:
        batch = np.expand_dims(image, 0).astype(np.float32)
        yield batch

def double():
    for _ in range(100):
        yield [np.random.rand(1, 224, 224, 3)]

def sized(count):
    for image in images[:count]:
        yield [image[None]]

converter = tf.lite.TFLiteConverter.from_keras_model(model)
converter.representative_dataset = bare  # <-
converter.representative_dataset = double  # <-
converter.representative_dataset = sized  # <-
```

```python bad
import glob
import cv2
import numpy as np
import tensorflow as tf

def samples():
    for path in glob.glob("calibration/*.png"):
        image = cv2.imread(path)
        image = cv2.resize(image, (224, 224)) / 255.0
        image = np.expand_dims(image, 0)
        yield [image]

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
converter.representative_dataset = samples  # <-
```

So it is with the bytes of pictures, where the model takes float32.

```python bad path=quantize.py
import itertools
import tensorflow as tf
from images import crops

def samples():
    for crop in itertools.islice(crops(), 150):
        yield [crop[None, ...]]

model = tf.keras.Sequential([tf.keras.layers.InputLayer(input_shape=(96, 96, 3)), tf.keras.layers.Conv2D(8, 3)])
converter = tf.lite.TFLiteConverter.from_keras_model(model)
converter.representative_dataset = samples  # <-
```

```python + path=images.py
import numpy as np
from pathlib import Path
from PIL import Image

def crops():
    for path in Path("data").rglob("*.png"):
        yield np.array(Image.open(path), dtype=np.uint8)
```

What a loop over unknown data yields is not known, and integer models take integers.

```python good
import functools
import tensorflow as tf

def passed_on():
    for element in dataset.take(100):
        yield element

def sized(count=100):
    for element in dataset.take(count):
        yield [element]

class Calibration:
    def samples(self):
        for element in self.data:
            yield [element]

converter = tf.lite.TFLiteConverter.from_keras_model(model)
converter.representative_dataset = passed_on
converter.representative_dataset = sized
converter.representative_dataset = Calibration().samples
converter.representative_dataset = functools.partial(sized, 10)
converter.representative_dataset = None
```

References: checked with TensorFlow 2.21 (`tests/claims/test_calibration.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.arrays import dtype
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.uses import last_set, yielded

from . import CONVERTER

ARRAYS = (
    "expand_dims",
    "astype",
    "array",
    "asarray",
    "rand",
    "randn",
    "zeros",
    "ones",
    "reshape",
    "cast",
    "constant",
    "convert_to_tensor",
    "normal",
    "uniform",
)
"""Functions of NumPy and TensorFlow, and methods of arrays, that give one array."""

RUNNING = "<generator>"


@rule(
    "DPL204",
    severity="error",
    leaves=["M.2.6"],
    since={"tensorflow": "2.0"},
    see=["https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/post_training_quantization#full_integer_quantization"],
)
def dataset_unusable(file: PythonFile) -> Iterator[Finding]:
    for assignment in file.sets(CONVERTER):
        if assignment.path == "representative_dataset" and not assignment.guarded:
            problem, remedy = _problem(assignment.value)
            if not problem and _takes_float(assignment.target) and _yields_bytes(assignment.value):
                problem = "yields uint8, and the model takes float32: convert() raises, Got value of type UINT8 but expected type FLOAT32"
                remedy = "add .astype(np.float32)"
            if problem:
                yield Finding(assignment, f"the representative dataset {problem}", help=remedy)


def _takes_float(converter: Value) -> bool:
    """It converts a Keras model that code makes which speaks of no dtype, so that its inputs are float32."""
    made = converter.origin
    model = made.argument("model", 0).origin if made is not None and made.name.endswith("from_keras_model") else None
    built = model is not None and model.name.rpartition(".")[2] in ("Sequential", "Model")
    return built and model is not None and "dtype" not in model.file.text


def _yields_bytes(given: Value) -> bool:
    rows = given.returned().items if given.function is not None else None
    return bool(rows) and all(row.items and dtype(row.items[0]) == "uint8" for row in rows or ())


def _problem(given: Value) -> tuple[str, str]:
    callable_ = "set a function that yields [array] for each sample"
    if given.items is not None or given.name == RUNNING:
        kind = "generator that runs already" if given.name == RUNNING else "list, tuple or dictionary"
        return f"is a {kind}, not a function: convert() raises, object is not callable", callable_
    if given.name.endswith("()") and given.name.startswith(("numpy.", "tensorflow.data.")):
        return "is data, not a function: convert() raises, object is not callable", callable_
    function = given.function
    node = function.node if function is not None else None
    if not isinstance(node, ast.FunctionDef) or len(given.options) != 1:
        return "", ""
    wanted = len(node.args.posonlyargs) + len(node.args.args) - len(node.args.defaults)
    if wanted and node.args.args[0].arg not in ("self", "cls") and not node.decorator_list:
        return f"is a function that wants arguments ({node.name}): convert() raises, missing required positional argument", "use a closure"
    made = {id(call.node): call for call in given.body()}
    calls = {node: call.name for node, call in made.items()}
    for value in yielded(node):
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in ARRAYS and id(value) in calls:
            return (
                "yields a bare array: convert() raises, You need to provide either a dictionary or an array with input values",
                "yield [array]",
            )
        for element in value.elts if isinstance(value, ast.List) else ():
            call = made.get(id(last_set(element, node)))
            if call is not None and dtype(call.result) == "float64":
                return "yields float64: convert() raises, Got value of type FLOAT64 but expected type FLOAT32", "add .astype(np.float32)"
    return "", ""
