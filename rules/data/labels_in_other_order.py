"""Class names that a service lists in another order than training numbered them.

The model answers with a number; which class that is was settled in training: by the list given there, or, in
`flow_from_directory`, `image_dataset_from_directory` and `ImageFolder`, by the folders' names in alphabetical order.
A list in another order names every class wrongly, and `os.listdir` lists in an arbitrary one.

```python bad path=serve.py
import numpy as np
from tensorflow.keras.models import load_model

model = load_model("pets.h5")
CLASSES = ["dog", "cat", "rabbit"]  # <-

def classify(batch):
    return CLASSES[np.argmax(model.predict(batch)[0])]
```

```python + path=train.py
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from net import model

class_names = ["cat", "dog", "rabbit"]
data = ImageDataGenerator(rescale=1 / 255).flow_from_directory("pets", classes=class_names)
model.fit(data)
model.save("pets.h5")
```

Folders are not listed in the order of their names.

```python bad path=serve.py
import os
import torch

net = torch.jit.load("pets.pt")
labels = os.listdir("pets/train")  # <-

def classify(batch):
    return labels[net(batch).argmax().item()]
```

```python + path=train.py
import torch
from torchvision.datasets import ImageFolder
from net import loss, net

data = ImageFolder("pets/train")
loss(net, data).backward()
torch.jit.script(net).save("pets.pt")
```

```python good path=serve.py
import os
import numpy as np
from tensorflow.keras.models import load_model

model = load_model("pets.h5")
CLASSES = ["Cat", "Dog", "Rabbit"]
labels = sorted(os.listdir("pets/train"))
classes = os.listdir("pets/train")
classes.sort()
NAMES = ["dog", "cat"]
```

```python + path=train.py
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from net import model

class_names = ["cat", "dog", "rabbit"]
data = ImageDataGenerator(rescale=1 / 255).flow_from_directory("pets", classes=class_names)
model.fit(data)
model.save("pets.h5")
```

The list may stand in a module that the service imports.

```python bad path=service/labels.py
LABELS = ["bacterial", "covid", "normal", "viral"]  # <-
```

```python + path=service/app.py
import tensorflow as tf
from labels import LABELS

model = tf.keras.models.load_model("xray.h5", compile=False)

def triage(x):
    return dict(zip(LABELS, model(x).numpy()[0]))
```

```python + path=train.py
import tensorflow as tf
from tensorflow.keras.preprocessing.image import ImageDataGenerator

CLASSES = ["normal", "bacterial", "viral", "covid"]
seen = ImageDataGenerator().flow_from_directory("data", classes=CLASSES)
model = tf.keras.Sequential([tf.keras.layers.Dense(4, activation="softmax")])
model.fit(seen)
model.save("service/xray.h5")
```

References: `ImageFolder` sorts folders (`find_classes` in torchvision/datasets/folder.py), and so do Keras's functions;
https://docs.python.org/3/library/os.html#os.listdir ("The list is in arbitrary order")
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.pipelines import loaded_paths, training_of, trains
from deplint.code.python import PythonFile
from deplint.code.shape import walk

NAMED = re.compile(r"class|label|categor|species|emotion|breed|feature|column", re.I)
SORTED = re.compile(r"flow_from_directory|image_dataset_from_directory|\bImageFolder\(")


@rule(
    "DPL634",
    severity="error",
    leaves=["S.6.4", "M.6.4"],
    see=[
        "https://docs.python.org/3/library/os.html#os.listdir",
        "https://keras.io/api/data_loading/image/#image_dataset_from_directory-function",
        "https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html",
    ],
)
def labels_in_other_order(file: PythonFile, project: Project) -> Iterator[Finding]:
    paths = loaded_paths(file)
    if not paths or trains(file):
        return
    listing = [(module, *found) for module in (file, *file.imports) for found in _lists(module)]
    if not (listing or file.calls("os.listdir")):
        return
    training = training_of(project, paths, file)
    if training is None:
        return
    taught = [names for module in (training, *training.imports) for _, _, names in _lists(module)]
    learned = [tuple(map(str.casefold, names)) for names in (*taught, *_given(training))]
    for module, node, _, names in listing:
        given = tuple(map(str.casefold, names))
        same = {one for one in learned if sorted(one) == sorted(given)}
        if len(same) == 1 and given not in same:
            wanted = next(iter(same))
            yield Finding(
                module.place_of(node),
                f"the names stand in another order than in training ({training.path}: {', '.join(wanted)}): answers get the wrong name",
                help="keep the list in one place, or save it with the model",
            )
    if SORTED.search(training.text):
        for call in file.calls("os.listdir"):
            statement = next((s for s, target in _assigned(file) if s.value is call.node and not _sorted(file, target)), None)
            if statement is not None:
                yield Finding(
                    call,
                    "os.listdir lists in an arbitrary order, and training numbered the folders by name: answers may get the wrong name",
                    help="sort it: sorted(os.listdir(...)), or save the names with the model",
                )


def _lists(file: PythonFile) -> Iterator[tuple[ast.AST, str, list[str]]]:
    """Lists of distinct strings that variables are set to whose name says that they are of classes or columns."""
    for statement, target in _assigned(file):
        match statement.value:
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                names = [e.value for e in elements if isinstance(e, ast.Constant) and isinstance(e.value, str)]
                if len(names) == len(elements) >= 2 and len({name.casefold() for name in names}) == len(names):
                    yield statement, target, names


def _given(file: PythonFile) -> Iterator[list[str]]:
    """The names that a function which reads folders is told to number in that order."""
    for call in file.calls("**.{image_dataset_from_directory,flow_from_directory,text_dataset_from_directory}"):
        for name in ("class_names", "classes"):
            known = call.argument(name).python()
            if isinstance(known, (list, tuple)) and len(known) > 1 and all(isinstance(one, str) for one in known):
                yield list(known)


def _assigned(file: PythonFile) -> Iterator[tuple[ast.Assign, str]]:
    for node in walk(file.shape.tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            name = target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""
            if NAMED.search(name):
                yield node, name


def _sorted(file: PythonFile, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\.sort\(|sorted\(\s*(?:self\.)?{re.escape(name)}\b", file.text) is not None
