"""Labels packed with a TensorFlow Lite classifier are more or fewer than its classes.

The labels belong to the last axis of the output, one a line. Where they do not fit, the Task Library refuses the model (``Got 4 class(es)
for output index 0, expected 3 according to the label map``) and the Support Library throws ``Label number 3 mismatch the shape on axis 1``;
an app that counts for itself shows wrong names.

```graph bad path=net.tflite
model tflite
metadata file/labels.txt="cat\\ndog\\nnewt\\n"
graph main
  input image float32[1,96,96,3]
  op RESHAPE (image) -> (probs)  <-
  output probs float32[1,4] traits(files=[labels.txt], labels=[labels.txt])
```

A blank line at the end is a label, too.

```graph bad path=net.tflite
model tflite
metadata file/labels.txt="cat\\ndog\\nnewt\\nowl\\n\\n"
graph main
  input image float32[1,96,96,3]
  op RESHAPE (image) -> (probs)  <-
  output probs float32[?,4] traits(files=[labels.txt], labels=[labels.txt])
```

```graph good path=net.tflite
model tflite
metadata file/labels.txt="cat\\ndog\\nnewt\\nowl"
graph main
  input image float32[1,96,96,3]
  op RESHAPE (image) -> (probs)
  output probs float32[1,4] traits(files=[labels.txt], labels=[labels.txt])
```

What Ultralytics packs is declared to be labels and is none.

```graph good path=net.tflite
model tflite
metadata file/temp_meta.txt="{'names': {0: 'cat', 1: 'dog'}}"
graph main
  input image float32[1,96,96,3]
  op RESHAPE (image) -> (probs)
  output probs float32[1,2] traits(files=[temp_meta.txt], labels=[temp_meta.txt])
```

Of a model with several outputs nothing is said: MediaPipe packs the labels of one part of a solution with another part, whose
coordinates, scores and handedness are no classes.

```graph good path=net.tflite
model tflite
metadata file/labels.txt="left\\nright"
graph main
  input image float32[1,224,224,3]
  op RESHAPE (image) -> (points)
  op MEAN (image) -> (score)
  output points float32[1,63] traits(files=[labels.txt], labels=[labels.txt])
  output score float32[1,1]
```

Labels of a detector's classes are no labels of an axis, and of other shapes nothing is said.

```graph good path=net.tflite
model tflite
metadata file/labels.txt="cat\\ndog\\n"
graph main
  input image float32[1,96,96,3]
  op custom.TFLite_Detection_PostProcess (image) -> (classes)
  output classes float32[1,10] traits(files=[labels.txt])
```

References: run with tflite-support 0.4.4 (`tests/claims/test_tflite_metadata.py`); tensorflow/tflite-support, issue 770.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.formats.tflite import PACKED

NO_LABELS = re.compile(r"\d+ bytes|[{\[].*", re.DOTALL)
"""A file that was not read, or one that holds anything but a list: Ultralytics declares its own facts, a dictionary, to be labels."""


@rule(
    "DPL457",
    severity="warning",
    leaves=["M.6.4", "M.5", "M.2.4"],
    see=["https://ai.google.dev/edge/litert/models/metadata", "https://github.com/tensorflow/tflite-support/issues/770"],
)
def tflite_labels_count(model: Model) -> Iterator[Finding]:
    if model.format != "tflite" or len(model.outputs) != 1:
        return
    for tensor in model.outputs:
        classes = tensor.shape[-1] if tensor.shape and len(tensor.shape) == 2 else None
        for name in tensor.traits.get("labels", ()):
            text = model.metadata.get(PACKED + name, "")
            lines = text.removesuffix("\n").count("\n") + 1
            if text and isinstance(classes, int) and lines != classes and not NO_LABELS.fullmatch(text):
                yield Finding(
                    model.at_tensor(tensor),
                    f"{name} has {lines} labels for {classes} classes: the Task Library refuses the model, "
                    f"Got {classes} class(es) for output index 0, expected {lines} according to the label map",
                    help="pack the labels the model was trained with, one a line, and no blank line after the last",
                )
