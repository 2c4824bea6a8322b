"""Pictures for calibration that are prepared in another way than training did.

Quantization measures on some inputs which range each tensor has. Pixels from 0 to 255 for a model that was shown 0 to 1 give ranges 255
times too wide: what the model meets later falls on one or two of the 256 steps, and it answers the same for every picture. Nothing
raises.

```python bad path=quantize.py
import glob
import numpy as np
import tensorflow as tf
from PIL import Image

def samples():
    for path in glob.glob("calibration/*.jpg"):
        picture = Image.open(path).convert("RGB").resize((96, 96))
        yield [np.asarray(picture, np.float32)[None]]  # <-

converter = tf.lite.TFLiteConverter.from_keras_model(tf.keras.models.load_model("person.h5"))
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = samples
```

```python + path=train.py
import tensorflow as tf

def decode(path, label):
    picture = tf.image.resize(tf.io.decode_jpeg(tf.io.read_file(path), channels=3), [96, 96])
    return picture / 255.0, label

model = tf.keras.Sequential([tf.keras.layers.Conv2D(8, 3), tf.keras.layers.Flatten(), tf.keras.layers.Dense(2)])
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(tf.data.Dataset.from_tensor_slices((paths, labels)).map(decode).batch(8))
model.save("person.h5")
```

The same by other means is the same, and where a helper prepares the pictures or it is not known what training did, nothing is said.

```python good path=quantize.py
import glob
import cv2
import numpy as np
import tensorflow as tf
from elsewhere import prepare

def samples():
    for path in glob.glob("calibration/*.jpg"):
        picture = cv2.resize(cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB), (96, 96))
        yield [picture[np.newaxis].astype(np.float32) * (1 / 255)]

def prepared():
    for path in glob.glob("calibration/*.jpg"):
        yield [prepare(path)]

converter = tf.lite.TFLiteConverter.from_keras_model(tf.keras.models.load_model("person.h5"))
converter.representative_dataset = samples
other = tf.lite.TFLiteConverter.from_keras_model(tf.keras.models.load_model("person.h5"))
other.representative_dataset = prepared
```

```python + path=train.py
import tensorflow as tf
from tensorflow.keras.preprocessing.image import ImageDataGenerator

data = ImageDataGenerator(rescale=1.0 / 255).flow_from_directory("data", target_size=(96, 96))
model = tf.keras.Sequential([tf.keras.layers.Conv2D(8, 3), tf.keras.layers.Flatten(), tf.keras.layers.Dense(2)])
model.fit(data)
model.save("person.h5")
```

References: checked with TensorFlow 2.21 (`tests/claims/test_blind5_tensorflow.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Place, Project, rule
from deplint.code.facts import Value
from deplint.code.pictures import alike, picture, span
from deplint.code.pipelines import trained, training_of
from deplint.code.python import PythonFile

from . import CONVERTER, in_test


@rule(
    "DPL671",
    severity="error",
    leaves=["M.2.6", "S.2.5", "S.6.5", "M.6.5"],
    see=["https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/post_training_quantization"],
)
def calibration_unlike_training(file: PythonFile, project: Project) -> Iterator[Finding]:
    for assignment in file.sets(CONVERTER):
        if assignment.path != "representative_dataset" or in_test(file):
            continue
        value = assignment.value
        given = value.returned() if value.function is not None else None
        seen = {picture(sample) for yielded in (given.items if given is not None else None) or () for sample in _inputs(yielded)}
        one = seen.pop() if len(seen) == 1 else None
        if one is None or not one.scaled:
            continue
        training = training_of(project, _model(assignment.target), file)
        # A file that also trains tells by itself.
        known = list(trained(training)) if training is not None else list(trained(file))
        if known and all(t.picture.scaled and t.picture.order == one.order and not alike(t.picture, one) for t in known):
            yield Finding(
                _sample(value, file) or assignment.place,
                f"the quantization is calibrated with pixels from {span(one)}, and training saw {span(known[0].picture)} "
                f"({known[0].place.path}): the ranges do not fit what the model is given",
                help="prepare the samples as training did, best by the same function",
            )


def _sample(function: Value, file: PythonFile) -> Place | None:
    """Where the function yields, if that is in this file."""
    known = function.function
    nodes = ast.walk(known.node) if known is not None and known.module.file is file else ()
    return next((file.place_of(node) for node in nodes if isinstance(node, ast.Yield)), None)


def _inputs(yielded: Value) -> list[Value]:
    """What one sample holds: a list with one array for each input, or a dictionary of them."""
    return yielded.items or []


def _model(converter: Value) -> frozenset[str]:
    """The path that the converter's model comes from, if it is known."""
    made = converter.origin
    source = made.arguments[0] if made is not None and made.arguments else None
    loaded = source.origin if source is not None else None
    path = loaded.argument("filepath", 0) if loaded is not None and loaded.name.endswith("load_model") else source
    return frozenset({path.text} if path is not None and path.text else ())
