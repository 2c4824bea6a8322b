"""A list of labels that is not as long as the classifier's output.

An app looks up the name of the best class by its number. With labels of another model, a line that is missing, or a
class "background" that one of them counts, each name after it is that of another class. One line more or less may be
that background, and is not reported. (Labels packed into a TensorFlow Lite model: DPL457.)

```graph bad path=app/src/main/assets/net.tflite line=1
model tflite ir=3
graph main
  input x float32[1,4]
  op SOFTMAX@1 (x) -> (y float32[1,4])
  output y
```

```text + path=app/src/main/assets/labels.txt
cat
dog
```

```graph good path=app/src/main/assets/net.tflite
model tflite ir=3
graph main
  input x float32[1,4]
  op SOFTMAX@1 (x) -> (y float32[1,4])
  output y
```

```text + path=app/src/main/assets/labels.txt
background
cat
dog
fish
bird
```

Without a softmax it may be an embedding, and with two lists nobody knows which is meant.

```graph good path=assets/net.tflite
model tflite ir=3
graph main
  input x float32[1,4]
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

```text + path=assets/labels.txt
cat
dog
```

References: https://stackoverflow.com/questions/53634265
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.model import Tensor
from deplint.project import File

LABELS = re.compile(
    r"(?:\w*[_-])?labels?(?:[_-]\w*)?\.txt|class_indices\.json|index_to_name\.json|classes\.txt|synset(?:_words)?\.txt", re.IGNORECASE
)
MODELS = (".tflite", ".onnx", ".ort", ".pb", ".pt", ".ptl", ".h5", ".keras", ".mlmodel", ".pte")
CHOOSING = ("Softmax", "SOFTMAX", "Sigmoid", "LOGISTIC", "LogSoftmax", "LOG_SOFTMAX")
PASSING = ("QUANTIZE", "DEQUANTIZE", "Identity", "QuantizeLinear", "DequantizeLinear", "Cast", "CAST")
LONGEST = 1 << 20
"""Bytes of a list of labels."""


@rule("DPL542", severity="warning", leaves=["S.6.4", "M.6.4"], see=["https://stackoverflow.com/questions/53634265"])
def labels_vs_outputs(model: Model, project: Project) -> Iterator[Finding]:
    outputs = [tensor for tensor in model.outputs if tensor.shape and len(tensor.shape) == 2]
    if len(outputs) != 1 or len(model.outputs) != 1 or not _classifies(model, outputs[0]):
        return
    near = [file for file in project.files if file.path.parent == _folder(model, project)]
    lists = [file for file in near if LABELS.fullmatch(file.name) and file.size <= LONGEST]
    if len(lists) == 1 and sum(file.suffix in MODELS for file in near) == 1:
        count = _entries(lists[0])
        if count and _off(outputs[0], count):
            yield Finding(model, _message(outputs[0], count, f"{lists[0].name} beside it"), help=HELP)


HELP = "ship the list of labels the model was trained with"


def _message(tensor: Tensor, count: int, where: str) -> str:
    assert tensor.shape is not None
    return f"the model tells {tensor.shape[1]} classes apart, and {where} names {count}: labels are those of other classes"


def _folder(model: Model, project: Project) -> object:
    return next((file.path.parent for file in project.files if file.shown == model.path), None)


def _classifies(model: Model, tensor: Tensor) -> bool:
    maker = model.graph.producers.get(tensor.name)
    while maker is not None and maker.type in PASSING and maker.inputs:
        maker = model.graph.producers.get(maker.inputs[0])
    return maker is not None and maker.type in CHOOSING


def _off(tensor: Tensor, count: int) -> bool:
    size = tensor.shape[1] if tensor.shape else None
    return isinstance(size, int) and size > 1 and abs(size - count) > 1


def _lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())


def _entries(file: File) -> int:
    """The number of labels in a list; 0 if it cannot be read as one."""
    if file.suffix != ".json":
        return _lines(file.text)
    try:
        found = json.loads(file.text)
    except (ValueError, RecursionError):
        return 0
    return len(found) if isinstance(found, (list, dict)) else 0
