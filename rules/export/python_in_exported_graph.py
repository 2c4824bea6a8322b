"""A function in an exported graph whose body is Python.

`tf.py_function` and `tf.numpy_function` put a number into the graph that stands for a function of this very process: the SavedModel is
written, and fails wherever else it is loaded (``callback pyfunc_0 is not found`` and the like). The TFLite converter refuses it even with
select operators. Functions of NumPy, OpenCV, NLTK and their like cannot be traced at all: ``Cannot convert a symbolic tf.Tensor to a numpy
array``.

```python bad
import numpy as np
import tensorflow as tf

def shorten(text):
    return text.numpy()[:10]

class Model(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
    def serve(self, text):
        return tf.py_function(shorten, [text], tf.string)  # <-

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def scale(self, values):
        return np.log(values)  # <-

model = Model()
tf.saved_model.save(model, "export/1", signatures={"serving_default": model.serve, "scale": model.scale})
```

```python bad
import tensorflow as tf
from tensorflow import keras

def python(x):
    return x.numpy() * 2

inputs = keras.Input((4,))
outputs = keras.layers.Lambda(lambda x: tf.py_function(python, [x], tf.float32))(inputs)  # <-
model = keras.Model(inputs, outputs)
model.export("export/1")
```

The function that makes an Estimator's inputs is part of what is served.

```python bad
import tensorflow as tf

def words(text):
    return text.decode().split()

def serving_input_receiver_fn():
    text = tf.compat.v1.placeholder(tf.string, [None], name="text")
    tokens = tf.compat.v1.py_func(words, [text], tf.string)  # <-
    return tf.estimator.export.ServingInputReceiver({"tokens": tokens}, {"text": text})

estimator = tf.estimator.DNNClassifier([8], columns)
estimator.export_saved_model("export", serving_input_receiver_fn)
```

```python good
import numpy as np
import tensorflow as tf

SCALE = np.log(10.0)

class Model(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
    def serve(self, text):
        return tf.strings.substr(text, 0, 10)

    @tf.function(input_signature=[tf.TensorSpec([None, 4, 2], tf.float32)])
    def scale(self, values):
        size = np.prod(values.shape[1:])
        return tf.math.log(tf.reshape(values, [-1, size])) * SCALE

def decode(path):
    return np.load(path)

data = tf.data.Dataset.list_files("*.npy").map(lambda path: tf.numpy_function(decode, [path], tf.float32))
model = Model()
tf.saved_model.save(model, "export/1", signatures={"serving_default": model.serve, "scale": model.scale})
```

References: https://stackoverflow.com/questions/54203295; https://stackoverflow.com/questions/56732222; checked with TensorFlow 2.21
(`tests/claims/test_given_models_tensorflow.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call, Value
from deplint.code.keras import operations
from deplint.code.patterns import matcher
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from . import KERAS_MODEL

PYTHON = matcher("tensorflow.{py_function,numpy_function,py_func,compat.v1.py_func,compat.v1.py_function}")
UNTRACEABLE = matcher("{numpy,cv2,scipy,librosa,nltk,jieba,spacy,sklearn,PIL,skimage}.**", "transformers.*Tokenizer*.from_pretrained()**")
SAVING = ("tensorflow.saved_model.save", "**.export", "tensorflow.lite.TFLiteConverter.from_keras_model")
ESTIMATOR = "**.{export_saved_model,export_savedmodel}"


@rule(
    "DPL117",
    severity="error",
    leaves=["S.2.2", "M.2.5", "B.2.5"],
    see=["https://www.tensorflow.org/api_docs/python/tf/py_function", "https://stackoverflow.com/questions/54203295"],
)
def python_in_exported_graph(file: PythonFile) -> Iterator[Finding]:
    said: set[int] = set()
    for call in file.calls(*SAVING, ESTIMATOR):
        for name, made in _exported(call):
            if made.file is not file or id(made.node) in said or made.guarded or not made.certain:
                continue
            short = name.replace("tensorflow.", "tf.", 1)
            if PYTHON(name):
                message, remedy = (
                    f"{short} is exported, but not the Python function it calls: it fails in every other process",
                    "TensorFlow operators",
                )
            elif UNTRACEABLE(name) and any(value.given and not _of_shape(value) for value in made.arguments):
                message, remedy = f"{short} cannot work on the tensors of an exported function: tracing it raises", "TensorFlow operators"
            else:
                continue
            said.add(id(made.node))
            yield Finding(made, message, help=f"write it with {remedy}, or do it before the model is called")


def _exported(call: Call) -> Iterator[tuple[str, Call]]:
    """The calls in what is exported."""
    if call.name == "tensorflow.saved_model.save":
        saved, signatures = call.argument("obj", 0), call.argument("signatures", 2)
        for function in (signatures, *(signatures.items or ())):
            yield from ((inner.name, inner) for inner in function.body())
        kind = saved.project_class
        if kind is not None and saved.is_("tensorflow.Module()") is Truth.yes:
            for method in kind.body:
                if isinstance(method, ast.FunctionDef) and any("input_signature" in ast.dump(d) for d in method.decorator_list):
                    yield from ((inner.name, inner) for inner in saved.inside(method.name))
        models = [saved]
    elif "export_saved" in call.name:
        yield from ((inner.name, inner) for inner in call.argument("serving_input_receiver_fn", 1).body())
        return
    else:
        models = [call.receiver if call.name.endswith(".export") else call.argument("model", 0)]
    for model in models:
        if model.is_(*KERAS_MODEL) is Truth.yes:
            yield from ((operation.name, operation.made) for operation in operations(model))


def _of_shape(value: Value) -> bool:
    """It is made of a tensor's shape, which Python knows while it traces."""
    return any(word in value.file.source(value.node) for word in ("shape", "len(", "rank", "ndim", "dtype"))
