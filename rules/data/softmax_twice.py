"""A softmax over what is a softmax already.

Probabilities lie between 0 and 1; a softmax over them flattens them: of ten classes the surest answer comes out as 0.23
and not as 1. The order stays, so the class is right and the confidence is not.

```python bad path=serve.py
import tensorflow as tf
from tensorflow.keras.models import load_model

model = load_model("flowers.h5")

def classify(batch):
    scores = model.predict(batch)
    return tf.nn.softmax(scores[0])  # <-
```

```python + path=train.py
from tensorflow import keras
from data import train

model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(train)
model.save("flowers.h5")
```

So does a model that the code builds.

```python bad path=serve.py
import tensorflow as tf
from net import build

net = build()
net.load_weights("net.weights.h5")

def classify(batch):
    return tf.nn.softmax(net.predict(batch)[0])  # <-
```

```python + path=net.py
import tensorflow as tf

def build(classes=4):
    given = tf.keras.Input((96, 96, 3))
    x = tf.keras.layers.Flatten()(given)
    return tf.keras.Model(given, tf.keras.layers.Dense(classes, activation="softmax")(x))
```

```python good path=serve.py
import tensorflow as tf
from net import build

net = build()
other = build(last="softmax")
other.add(tf.keras.layers.Dense(3))

def classify(batch):
    return tf.nn.softmax(net.predict(batch)[0]), tf.nn.softmax(other.predict(batch))
```

```python + path=net.py
import tensorflow as tf

def build(last=None):
    return tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(4, activation=last)])
```

An exported model shows it itself.

```python bad path=serve.py
import onnxruntime as ort
from scipy.special import softmax

session = ort.InferenceSession("net.onnx")

def classify(batch):
    return softmax(session.run(None, {"x": batch})[0], axis=1)  # <-
```

```graph + path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[n,10]
  op Softmax (x) -> (y)
  output y float32[n,10]
```

What ends in something else, or cannot be seen, may need one.

```python good path=serve.py
import onnxruntime as ort
from scipy.special import softmax

session = ort.InferenceSession("net.onnx")
other = ort.InferenceSession("elsewhere.onnx")

def classify(batch):
    return softmax(session.run(None, {"x": batch})[0], axis=1), softmax(other.run(None, {"x": batch})[0])
```

```graph + path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[n,10]
  op Relu (x) -> (y)
  output y float32[n,10]
```

References: checked with SciPy (`tests/claims/test_services.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.keras import ends_in_softmax
from deplint.code.loaded import model_of
from deplint.code.pipelines import loaded_paths, softmax_last, training_of, trains
from deplint.code.python import PythonFile
from deplint.model import Model

SOFTMAX = ("{tensorflow.nn,scipy.special}.softmax", "tensorflow.keras.activations.softmax", "torch.{softmax,nn.functional.softmax}")
BUILT = frozenset(
    f"{keras}.{module}{kind}().predict"
    for keras in ("tensorflow.keras", "keras")
    for module in ("", "models.")
    for kind in ("Model", "Sequential")
)


@rule(
    "DPL635",
    severity="warning",
    leaves=["S.6.4", "M.6.4"],
    see=["https://www.tensorflow.org/api_docs/python/tf/nn/softmax", "https://www.tensorflow.org/tutorials/quickstart/beginner"],
)
def softmax_twice(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(*SOFTMAX):
        scores = _source(call.arguments[0]) if call.arguments else None
        made = scores.origin if scores is not None else None
        if made is None or call.guarded:
            continue
        if made.name == "onnxruntime.InferenceSession().run":
            model = model_of(made.receiver, project)
            ends = model is not None and _ends_in_softmax(model)
        elif made.name.endswith("load_model().predict") and not trains(file):
            training = training_of(project, loaded_paths(file), file)
            ends = training is not None and softmax_last(training)
        elif made.name in BUILT:
            ends = ends_in_softmax(made.receiver)
        else:
            continue
        if ends:
            yield Finding(
                call,
                "the model's last step is a softmax already: a second one flattens the probabilities",
                help="use the model's output as it is",
            )


def _source(value: Value) -> Value:
    """The call's result that a value is an element of."""
    while True:
        operation, made = value.operation, value.origin
        if operation is not None and operation[0] == "[]":
            value = operation[1]
        elif made is not None and made.name in ("numpy.squeeze", "numpy.array", "numpy.asarray", "torch.tensor", "torch.from_numpy"):
            value = made.arguments[0] if made.arguments else made.result
            if value is made.result:
                return value
        else:
            return value


def _ends_in_softmax(model: Model) -> bool:
    """Is every output of the model what a softmax gives?"""
    last = {name: op.type for op in model.graph.ops for name in op.outputs}
    return bool(model.outputs) and all(last.get(output.name, "").lower() == "softmax" for output in model.outputs)
