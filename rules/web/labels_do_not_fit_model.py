"""A list of class names that is not as long as the model's output.

The index of the highest score is looked up in a list of names. Where that has another length, a class has no name
(``undefined``) or all names are off by one.

```js bad path=src/label.js
import * as tf from '@tensorflow/tfjs';

const LABELS = ['angry', 'happy', 'sad']; // <-
const model = await tf.loadLayersModel('/models/face/model.json');

export async function label(pixels) {
  const best = model.predict(pixels).argMax(-1);
  return LABELS[(await best.data())[0]];
}
```

```graph + path=public/models/face/model.json
model tfjs-layers
graph main
  input x float32[?,8]
  op Dense (x) -> (y) units=4
  output y float32[?,4]
```

Also where the names are in a file.

```js bad path=src/label.js
import * as ort from 'onnxruntime-web';
import names from './names.json'; // <-

const session = await ort.InferenceSession.create('/models/face.onnx');

export async function label(feeds) {
  const { y } = await session.run(feeds);
  const best = y.data.indexOf(Math.max(...y.data));
  return names[best];
}
```

```json + path=src/names.json
["angry", "happy", "sad"]
```

```graph + path=public/models/face.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op Identity (x) -> (y)
  output y float32[1,4]
```

```js good path=src/label.js
import * as tf from '@tensorflow/tfjs';

const LABELS = ['angry', 'happy', 'neutral', 'sad'];
const COLORS = ['red', 'green'];
const model = await tf.loadLayersModel('/models/face/model.json');

export async function label(pixels, turn) {
  const best = model.predict(pixels).argMax(-1);
  paint(COLORS[turn % 2]);
  return LABELS[(await best.data())[0]];
}
```

```graph + path=public/models/face/model.json
model tfjs-layers
graph main
  input x float32[?,8]
  op Dense (x) -> (y) units=4
  output y float32[?,4]
```

References: https://js.tensorflow.org/api/4.22.0/#argMax
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.web import runs
from deplint.code.source import SourceFile
from deplint.code.source_nodes import UNKNOWN, Array, Importing, Index, Name, Node
from deplint.code.source_scopes import Variable
from deplint.model import Model, Unreadable

NAMES = re.compile(r"labels?|classes|names|categories|emotions|letters|alphabet|digits", re.IGNORECASE)
"""What lists of class names are called."""

SMALL = 1_000_000


@rule("DPL858", severity="warning", leaves=["B.6.5", "B.6.3"], see=["https://js.tensorflow.org/api/4.22.0/#argMax"])
def labels_do_not_fit_model(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"argMax|indexOf|topk|Math\.max|dataSync|\.data\b"):
        return
    found = {model.path: model for _, model in runs(file, project)}
    model = next(iter(found.values())) if len(found) == 1 else None
    size = _size(model)
    if model is None or size is None:
        return
    looked_up = {
        variable
        for node in file.meaning.nodes
        if isinstance(node, Index) and len(node.children) == 2 and isinstance(node.children[0], Name) and node.children[1].value is UNKNOWN
        if (variable := file.meaning.lookup(node.children[0])) is not None and NAMES.search(variable.name)
    }
    lists = [(at, length) for variable in looked_up for at, length in _lists(variable, project)]
    if len(lists) == 1 and lists[0][1] != size and lists[0][1] > 1:
        at, length = lists[0]
        yield Finding(at, f"{length} names for the {size} classes of {model.path}", help="name every class, in the order of training")


def _size(model: Model | None) -> int | None:
    """The number of classes of a model with one output of scores."""
    if model is None or len(model.outputs) != 1:
        return None
    dims = model.outputs[0].shape
    if dims is None or len(dims) != 2 or (isinstance(dims[0], int) and dims[0] != 1):
        return None
    return dims[1] if isinstance(dims[1], int) and dims[1] > 1 else None


def _lists(variable: Variable, project: Project) -> Iterator[tuple[Node, int]]:
    """The list of strings a variable certainly is, and its length."""
    source = variable.writes[0].source if len(variable.writes) == 1 and not variable.open else None
    if isinstance(source, Array) and source.exact and all(isinstance(child.value, str) for child in source.children):
        yield source, len(source.children)
    node = variable.node
    if isinstance(node, Importing) and node.module.endswith(".json") and node.module.startswith("."):
        path = Path(os.path.normpath(Path(os.path.abspath(node.file.path)).parent / node.module))
        file = project.file(path)
        if file is None or file.size > SMALL:
            return
        try:
            held = json.loads(file.text)
        except (ValueError, RecursionError, Unreadable, OSError):
            return
        if isinstance(held, dict) and set(held) == {str(i) for i in range(len(held))}:
            held = list(held.values())
        if isinstance(held, list) and all(isinstance(item, str) for item in held):
            yield node, len(held)
