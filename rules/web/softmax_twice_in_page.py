"""Softmax of what the model has already put through softmax.

The order of the classes stays, the numbers do not: of ten classes the surest answer comes out at 0.23 instead of 1, and
thresholds are never reached. The same holds for sigmoid.

```js bad path=src/label.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/pets/model.json');

export async function label(pixels) {
  return model.predict(pixels).softmax().data(); // <-
}
```

```graph + path=public/models/pets/model.json
model tfjs-graph
graph main
  input x float32[?,8]
  op Placeholder x -> (x) shape=(?,8) dtype=float32
  op MatMul (x, w) -> (y)
  op Softmax (y) -> (z)
  output z float32[?,3]
  tensor w float32[8,3]
```

```js good path=src/label.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/pets/model.json');

export async function label(pixels, other) {
  tf.softmax(other);
  return model.predict(pixels).argMax(-1).data();
}
```

```graph + path=public/models/pets/model.json
model tfjs-graph
graph main
  input x float32[?,8]
  op Placeholder x -> (x) shape=(?,8) dtype=float32
  op MatMul (x, w) -> (y)
  op Softmax (y) -> (z)
  output z float32[?,3]
  tensor w float32[8,3]
```

References: https://js.tensorflow.org/api/4.22.0/#softmax; exp(1) / (exp(1) + 9 exp(0)) = 0.23
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import source
from deplint.apps.web import runs
from deplint.code.source import SourceFile
from deplint.model import Model

ENDS = {"softmax": ("Softmax",), "sigmoid": ("Sigmoid",)}


@rule("DPL865", severity="warning", leaves=["B.6.5", "B.6.3"], see=["https://js.tensorflow.org/api/4.22.0/#softmax"])
def softmax_twice_in_page(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\b(?:softmax|sigmoid)\s*\("):
        return
    models = dict(runs(file, project))
    for call in file.calls("**.{softmax,sigmoid}") if models else ():
        chained = source(call.receiver)
        given = chained if chained in models else source(call.argument(None, 0))
        model = models.get(given) if given is not None else None
        if model is not None and _ends(model, call.method):
            yield Finding(
                call,
                f"{model.path} ends in {call.method} itself: a second one makes all answers look alike",
                help="use the model's output as it is",
            )


def _ends(model: Model, function: str) -> bool:
    """Whether a model's only output comes from an activation function."""
    if len(model.outputs) != 1:
        return False
    name = model.outputs[0].name
    for _ in range(4):
        op = model.graph.producers.get(name)
        if op is None:
            return False
        if op.type in ("Identity", "Reshape", "Cast") and op.inputs:
            name = op.inputs[0]
            continue
        return op.type in ENDS[function] or op.attributes.get("activation") == function
    return False
