"""Raw scores that a service takes for probabilities.

A model trained with ``from_logits=True``, `BCEWithLogitsLoss` or `CrossEntropyLoss` gives numbers of any size; the loss
makes probabilities of them, and the service has to as well. Compared with 0.5 they decide wrongly: the middle of a
sigmoid is at 0, so that whatever lies between 0 and 0.5 becomes a no.

```python bad path=serve.py
from tensorflow.keras.models import load_model

model = load_model("pets.h5")

def is_dog(batch):
    score = model.predict(batch)[0][0]
    return "dog" if score > 0.5 else "cat"  # <-
```

```python + path=train.py
from tensorflow import keras
from data import train

model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)])
model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
model.fit(train)
model.save("pets.h5")
```

Nor are they a confidence.

```python bad path=serve.py
import numpy as np
from tensorflow.keras.models import load_model

model = load_model("flowers.h5")

def classify(batch):
    scores = model.predict(batch)
    return {"class": int(np.argmax(scores[0])), "confidence": float(np.max(scores[0]))}  # <-
```

```python + path=train.py
from tensorflow import keras
from data import train

model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(5)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(train)
model.save("flowers.h5")
```

```python good path=serve.py
import tensorflow as tf
from tensorflow.keras.models import load_model

model = load_model("pets.h5")

def is_dog(batch):
    score = tf.sigmoid(model.predict(batch))[0][0]
    return "dog" if score > 0.5 else "cat"

def by_logit(batch):
    score = model.predict(batch)[0][0]
    return "dog" if score > 0 else "cat"
```

```python + path=train.py
from tensorflow import keras
from data import train

model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)])
model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
model.fit(train)
model.save("pets.h5")
```

A model that ends in a sigmoid gives probabilities.

```python good path=serve.py
from tensorflow.keras.models import load_model

model = load_model("pets.h5")

def is_dog(batch):
    return model.predict(batch)[0][0] > 0.5
```

```python + path=train.py
from tensorflow import keras
from data import train

model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(train)
model.save("pets.h5")
```

References: https://www.tensorflow.org/tutorials/images/transfer_learning ("predictions ... logits")
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.flow import follow
from deplint.code.pipelines import loaded_paths, training_of, trains
from deplint.code.python import PythonFile

CALLS = ("{tensorflow.keras,keras,tf_keras}.**.load_model().predict", "torch.{load,jit.load}()", "torch.nn.Module()")
LOGITS = re.compile(
    r"from_logits\s*=\s*True|BCEWithLogitsLoss|sigmoid_cross_entropy_with_logits|cross_entropy_with_logits|CrossEntropyLoss|cross_entropy\("
)
ACTIVATED = re.compile(r"sigmoid['\"(]|[sS]oftmax|expit")
CONFIDENCE = re.compile(r"confiden|prob", re.I)
UNCHANGED = frozenset({"item", "numpy", "squeeze", "flatten", "cpu", "detach", "tolist", "ravel"})


@rule(
    "DPL636",
    severity="warning",
    leaves=["S.6.4", "M.6.4"],
    see=[
        "https://www.tensorflow.org/api_docs/python/tf/keras/losses/BinaryCrossentropy",
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html",
    ],
)
def logits_as_probabilities(file: PythonFile, project: Project) -> Iterator[Finding]:
    unlikely = trains(file) or ACTIVATED.search(file.text) or not re.search(r"\b0?\.5\b|confiden|prob", file.text, re.I)
    calls = [] if unlikely else [call for call in file.calls(*CALLS) if call.file is file]
    training = training_of(project, loaded_paths(file), file) if calls else None
    if training is None or not LOGITS.search(training.text) or ACTIVATED.search(training.text):
        return
    seen: set[int] = set()
    for call in calls:
        scope = call.functions[-1].node if call.functions else file.shape.tree
        for outer, _ in follow(call.node, scope, _same):
            if isinstance(outer, ast.Compare) and _half(outer) and id(outer) not in seen:
                seen.add(id(outer))
                yield Finding(
                    file.place_of(outer),
                    f"the model was trained on logits ({training.path}), and its score is compared with 0.5 as if it were a probability",
                    help="apply a sigmoid first, or compare with 0",
                )
            largest = _largest(outer)
            for said, _ in follow(largest, scope, _number) if largest is not None else ():
                if (place := _confidence(said, largest)) is not None and id(place) not in seen:
                    seen.add(id(place))
                    yield Finding(
                        file.place_of(place),
                        f"the model was trained on logits ({training.path}), and its largest score is given out as a confidence",
                        help="apply a softmax first",
                    )


def _same(outer: ast.AST, inner: ast.AST) -> bool:
    if isinstance(outer, ast.Subscript):
        return outer.value is inner
    if isinstance(outer, ast.Attribute):
        return outer.attr in UNCHANGED
    if isinstance(outer, ast.Call):
        named = outer.func.id if isinstance(outer.func, ast.Name) else outer.func.attr if isinstance(outer.func, ast.Attribute) else ""
        return inner is outer.func or named in ("float", "squeeze", "array", "asarray")
    return False


def _largest(outer: ast.AST) -> ast.Call | None:
    """``np.max(scores)``"""
    match outer:
        case ast.Call(func=ast.Attribute(attr="max" | "amax", value=ast.Name(id="np" | "numpy" | "tf"))):
            return outer
    return None


def _number(outer: ast.AST, inner: ast.AST) -> bool:
    if isinstance(outer, ast.Call):
        return isinstance(outer.func, ast.Name) and outer.func.id in ("float", "round", "str")
    return isinstance(outer, ast.BinOp)


def _confidence(said: ast.AST, largest: ast.AST | None) -> ast.AST | None:
    """Where the largest score is called a confidence: as the value of such a key, or in such a variable."""
    if isinstance(said, ast.Dict):
        for key, value in zip(said.keys, said.values, strict=True):
            named = isinstance(key, ast.Constant) and isinstance(key.value, str) and CONFIDENCE.search(key.value)
            if named and any(node is largest for node in ast.walk(value)):
                return value
    if isinstance(said, ast.Assign) and isinstance(said.targets[0], ast.Name) and CONFIDENCE.search(said.targets[0].id):
        return said
    return None


def _half(compared: ast.Compare) -> bool:
    sides = [compared.left, *compared.comparators]
    return any(isinstance(side, ast.Constant) and side.value == 0.5 for side in sides)
