"""Pictures prepared by another family's `preprocess_input` than the network's within the model.

The networks of `keras.applications` take pixels in one of four forms: as they are, from -1 to 1, with ImageNet's mean and deviation, or BGR
around the mean. Each module has its own `preprocess_input`; with another one's the network sees what it never learned from, and no error
says so.

```python bad path=serve.py
import numpy as np
from tensorflow.keras.applications.mobilenet_v2 import preprocess_input
from tensorflow.keras.preprocessing import image

from arch import build

model = build(6)
model.load_weights("net.weights.h5")

def classify(path):
    picture = image.img_to_array(image.load_img(path, target_size=(224, 224)))
    return model.predict(preprocess_input(np.expand_dims(picture, 0)))  # <-
```

```python + path=arch.py
from tensorflow.keras import layers, models
from tensorflow.keras.applications import EfficientNetB0

def build(classes):
    base = EfficientNetB0(include_top=False, pooling="avg")
    return models.Sequential([base, layers.Dense(classes, activation="softmax")])
```

Families that take the same may borrow from each other; a model with a layer that scales, and a network without ImageNet's weights, are
not judged.

```python good path=serve.py
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, models
from tensorflow.keras.applications.mobilenet_v2 import preprocess_input
from tensorflow.keras.applications import EfficientNetB0, InceptionV3
from tensorflow.keras.preprocessing import image

same = models.Sequential([InceptionV3(include_top=False), layers.Dense(3)])
scaled = models.Sequential([layers.Rescaling(127.5, offset=127.5), EfficientNetB0(include_top=False), layers.Dense(3)])
fresh = models.Sequential([EfficientNetB0(include_top=False, weights=None), layers.Dense(3)])

def classify(path):
    picture = image.img_to_array(image.load_img(path, target_size=(224, 224)))
    given = preprocess_input(np.expand_dims(picture, 0))
    return same.predict(given), scaled.predict(given), fresh.predict(given)
```

References: `keras/src/applications/imagenet_utils.py`; the families' modules of `keras.applications`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call, Value
from deplint.code.keras import layers
from deplint.code.pictures import Picture, alike, as_family, family_of, span
from deplint.code.python import PythonFile

from .pretrained_preprocessing import FAMILIES

MODELS = "{tensorflow.keras,keras}.{models.,}{Model,Sequential}().predict"
NETWORK = ".applications."
SILENT = (
    ".InputLayer",
    ".Input",
    ".Dense",
    ".Dropout",
    ".Flatten",
    ".GlobalAveragePooling2D",
    ".GlobalMaxPooling2D",
    ".BatchNormalization",
)
"""Layers that do not prepare pictures."""

SHAPE = (".expand_dims", ".asarray", ".array", ".convert_to_tensor", ".stack")
DEPTH = 6


@rule(
    "DPL645",
    severity="warning",
    leaves=["S.6.3", "S.6.5"],
    see=["https://keras.io/api/applications/", "https://github.com/keras-team/keras/blob/v3.8.0/keras/src/applications/imagenet_utils.py"],
)
def preprocessing_of_other_network(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(MODELS) if "preprocess_input" in file.text else ():
        made, prepared = _network(call.receiver), _prepared(call.argument("x", 0))
        family = next((f for start, f in FAMILIES if made is not None and made.name.rpartition(".")[2].startswith(start)), None)
        done = family_of(prepared.name, "?") if prepared is not None else None
        if made is None or family is None or done is None or call.guarded:
            continue
        expected, given = as_family(Picture(order="RGB"), family), as_family(Picture(order="RGB"), done)
        if not alike(expected, given):
            yield Finding(
                call,
                f"{made.name.rpartition('.')[2]} in this model learned from pixels of {span(expected)}, and is given {span(given)}",
                help="use the preprocess_input of the network's own module, in training as well",
            )


def _prepared(value: Value) -> Call | None:
    """The call of `preprocess_input` whose result is given, but for its shape."""
    for _ in range(DEPTH):
        made = value.origin
        if made is None:
            return None
        if made.name.endswith(".preprocess_input"):
            return made
        if not made.name.endswith(SHAPE) or not made.arguments:
            return None
        value = made.arguments[0]
    return None


def _network(model: Value) -> Call | None:
    """The one network with ImageNet's weights that a model consists of, where nothing in front of it can prepare pictures."""
    found: list[Call] = []
    for layer in layers(model) or ():
        made = layer.origin
        if made is None or layer.project_class is not None:
            return None
        if NETWORK in made.name:
            found.append(made)
        elif not made.name.endswith(SILENT):
            return None
    weights = found[0].argument("weights", 1) if len(found) == 1 else None
    plain = weights is not None and (weights.missing or weights.text == "imagenet") and not found[0].open
    return found[0] if plain and found[0].argument("include_preprocessing").missing else None
