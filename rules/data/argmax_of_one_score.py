"""The class with the highest score, of a network that gives one score.

A network for two classes often ends in one unit: its output says how likely the second class is. `argmax` over that one number is 0
for every picture; a threshold decides, ``score > 0.5`` after a sigmoid and ``score > 0`` before it.

```python bad path=api.py
import numpy as np
from tensorflow import keras

model = keras.models.load_model("catdog.keras")
CLASSES = ["cat", "dog"]

def label(picture):
    scores = model.predict(np.expand_dims(picture, 0))
    return CLASSES[np.argmax(scores[0])]  # <-

def labels(pictures):
    return np.argmax(model.predict(pictures), axis=1)  # <-
```

```python + path=train.py
from data import arrays
from model import build

net = build()
net.fit(*arrays(), epochs=5)
net.save("catdog.keras")
```

```python + path=model.py
from tensorflow import keras

def build():
    model = keras.Sequential([keras.Input((64, 64, 3)), keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    return model
```

```python bad
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(16, 8)
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        return self.head(self.body(x).relu())

net = Net()
net.load_state_dict(torch.load("net.pt", weights_only=True))
net.eval()

def predict(x):
    with torch.inference_mode():
        return torch.argmax(net(x), dim=1).item()  # <-

def predict_too(x):
    with torch.inference_mode():
        score, index = torch.max(net(x), 1)  # <-
        return index
```

The highest of many samples is another question, and two units have a highest.

```python good path=api.py
import numpy as np
from tensorflow import keras

one = keras.models.load_model("one.keras")
two = keras.models.load_model("two.keras")

def best(pictures):
    return np.argmax(one.predict(pictures)), np.argmax(one.predict(pictures), axis=0)

def label(pictures):
    return np.argmax(two.predict(pictures), axis=1), one.predict(pictures)[0][0] > 0.5
```

```python + path=train.py
from tensorflow import keras

one = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
one.save("one.keras")
two = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
two.save("two.keras")
```

References: `numpy.argmax` and `torch.argmax` over an axis of size 1; executed with NumPy 2.4.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.arrays import shape
from deplint.code.facts import Call, Value
from deplint.code.keras import KERAS, MODEL, SEQUENTIAL, units
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.values import Truth

FUNCTIONS = ("numpy.argmax", "tensorflow.{argmax,math.argmax}", "torch.{argmax,max}")
METHODS = "{tensorflow,keras,tf_keras,torch}.**.argmax"
LOADED = KERAS + ".{models,saving}.load_model"
_SAVES = re.compile(r"\.save\(")


@rule(
    "DPL978",
    severity="error",
    leaves=["S.6.4", "M.6.4"],
    see=[
        "https://keras.io/examples/vision/image_classification_from_scratch/",
        "https://numpy.org/doc/stable/reference/generated/numpy.argmax.html",
    ],
)
def argmax_of_one_score(file: PythonFile, project: Project) -> Iterator[Finding]:
    seen: set[int] = set()
    for call in (*file.calls(*FUNCTIONS), *file.calls(METHODS)):
        function = call.name in ("numpy.argmax", "tensorflow.argmax", "tensorflow.math.argmax", "torch.argmax", "torch.max")
        scores = call.arguments[0] if function and call.arguments else call.receiver
        if call.file is not file or call.guarded or call.chosen or id(call.node) in seen:
            continue
        if _of_each(call, scores, 1 if function else 0) and _single(scores, file, project):
            seen.add(id(call.node))
            yield Finding(
                call,
                "the network ends in one unit, and the highest of one score is always number 0: every sample gets the first class",
                help="compare the score with a threshold (0.5 after a sigmoid), or train with one unit a class",
            )


def _of_each(call: Call, scores: Value, position: int) -> bool:
    """The highest is taken of the scores of each sample, not of many samples."""
    axis = call.argument("dim" if call.name.startswith("torch") else "axis", position)
    if not axis.missing:
        return axis.python() in (1, -1)
    operation = scores.operation
    if operation is not None and operation[0] == "[]":
        return operation[2].python() == 0 and operation[1].operation is None
    made = scores.origin
    given = shape(made.arguments[0]) if made is not None and made.arguments else None
    return call.name != "torch.max" and given is not None and len(given) > 1 and given[0] == 1


def _single(scores: Value, file: PythonFile, project: Project) -> bool:
    """They certainly come from a network with one unit at its end."""
    operation = scores.operation
    made = (operation[1] if operation is not None and operation[0] == "[]" else scores).origin
    if made is None:
        return False
    model = made.receiver
    if model.is_(LOADED + "()") is Truth.yes and model.origin is not None:
        path = model.origin.argument("filepath", 0).text
        return path is not None and _saved(project, project.area(file)).get(posixpath.basename(path)) == 1
    if model.is_(SEQUENTIAL, MODEL) is Truth.yes:
        return model.project_class is None and units(model) == 1
    if model.project_class is None or model.is_("torch.nn.Module()") is not Truth.yes or not made.name.endswith("()"):
        return False
    last = model.returned("forward").origin
    layer = last.receiver.origin if last is not None and last.name == "torch.nn.Linear()" else None
    return layer is not None and layer.argument("out_features", 1).python() == 1


@lru_cache(maxsize=4)
def _saved(project: Project, area: Path) -> dict[str, int]:
    """Names of the files that code below a folder saves Keras models at, with how many units they end in. Of two of one name, or one that
    nobody knows, nothing is told."""
    found: dict[str, set[int | None]] = {}
    for file in files_with(project, _SAVES, area):
        for call in file.calls("**.save"):
            path = call.argument("filepath", 0).text
            if path:
                known = call.receiver.is_(SEQUENTIAL, MODEL) is Truth.yes and call.receiver.project_class is None
                found.setdefault(posixpath.basename(path), set()).add(units(call.receiver) if known else None)
    return {name: size for name, sizes in found.items() if len(sizes) == 1 and (size := next(iter(sizes))) is not None}
