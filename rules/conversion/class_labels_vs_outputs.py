"""Class labels given to Core ML's Keras converter for another number of outputs than there are.

A classifier wants one output for each label. A network for two classes that ends in one sigmoid has one, and Xcode or the first
prediction says ``Dimensions of layer 'output' is not the same size as the number of class labels``.

```python bad
import coremltools
from keras.models import Sequential
from keras.layers import Activation, Dense, Flatten

model = Sequential()
model.add(Flatten(input_shape=(150, 150, 3)))
model.add(Dense(1))
model.add(Activation("sigmoid"))
model.save("pets.h5")
coreml = coremltools.converters.keras.convert("pets.h5", image_input_names="image", class_labels=["cat", "dog"])  # <-
```

```python good
import coremltools
from keras.models import Sequential
from keras.layers import Dense, Flatten

model = Sequential([Flatten(input_shape=(150, 150, 3)), Dense(2, activation="softmax")])
coreml = coremltools.converters.keras.convert(model, class_labels=["cat", "dog"])
other = coremltools.converters.keras.convert("other.h5", class_labels=["cat", "dog"])
third = coremltools.converters.keras.convert(model, class_labels="labels.txt")
```

The converter of today is what [DPL118](DPL118.md) is about.

References: https://stackoverflow.com/questions/45035726; coremltools 4.1, `converters/keras/_keras_converter.py`, which writes the labels
without looking at the network.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call
from deplint.code.keras import MODEL, SEQUENTIAL, units
from deplint.code.python import PythonFile


@rule(
    "DPL693",
    severity="error",
    leaves=["M.2.4"],
    see=[
        "https://stackoverflow.com/questions/45035726",
        "https://github.com/apple/coremltools/blob/4.1/coremltools/converters/keras/_keras_converter.py",
    ],
)
def class_labels_vs_outputs(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls("coremltools.converters.keras.convert"):
        labels, size = call.argument("class_labels"), _outputs(call, file)
        count = len(labels.items) if labels.items is not None and labels.exact else None
        if count is not None and size is not None and count != size and not call.guarded:
            yield Finding(
                call,
                f"{count} class labels for {size} output{'s' * (size != 1)}: 'Dimensions of layer ... is not the same size as the number "
                "of class labels'",
                help="end the network in a softmax over the classes, or leave class_labels out",
            )


def _outputs(call: Call, file: PythonFile) -> int | None:
    """How many outputs the network has that is converted: an object, or a file that this code writes."""
    given = call.argument("model", 0)
    if given.text is None:
        return units(given)
    saved = [save for save in file.calls(f"{SEQUENTIAL}.save", f"{MODEL}.save") if save.argument("filepath", 0).text == given.text]
    return units(saved[0].receiver) if len(saved) == 1 else None
