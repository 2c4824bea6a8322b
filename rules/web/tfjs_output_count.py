"""More outputs read than the model has, or several read as if they were one.

A model of TensorFlow.js with one output gives a tensor, one with several an array of tensors. Taking the one apart fails
(``object is not iterable``), and so does asking the array for its data (``model.predict(...).dataSync is not a function``).

```js bad path=src/boxes.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/boxes/model.json');

export async function boxes(input) {
  const [found, scores, classes] = await model.executeAsync(input); // <-
  const all = model.predict(input);
  return [found, scores, classes, all.dataSync(), all[2]]; // <- <-
}
```

```graph + path=public/models/boxes/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Placeholder image -> (image) shape=(?,32,32,3) dtype=float32
  op Identity (image) -> (found)
  op Identity (image) -> (scores)
  output found
  output scores
```

Numbers beyond the last one of the output are undefined.

```js bad path=src/pets.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/pets/model.json');

export async function pets() {
  const scores = await model.predict(tf.zeros([1, 8])).data();
  const [first] = model.predict(tf.zeros([1, 8])); // <-
  return { cat: scores[0], dog: scores[1], bird: scores[2], first }; // <-
}
```

```graph + path=public/models/pets/model.json
model tfjs-graph
graph main
  input x float32[?,8]
  op Placeholder x -> (x) shape=(?,8) dtype=float32
  op MatMul (x, w) -> (y)
  output y float32[?,2]
  tensor w float32[8,2]
```

```js good path=src/boxes.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/boxes/model.json');

export async function boxes(input) {
  const [found, scores] = await model.executeAsync(input);
  const one = model.execute(input, 'scores').dataSync();
  const [picked, other] = model.execute(input, ['scores', 'found']);
  return [found, scores, one[7], picked, other, model.predict(input)[1].dataSync()];
}
```

```graph + path=public/models/boxes/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Placeholder image -> (image) shape=(?,32,32,3) dtype=float32
  op Identity (image) -> (found)
  op Identity (image) -> (scores)
  output found
  output scores
```

References: checked with TensorFlow.js 4.22.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import source
from deplint.apps.tensors import shape
from deplint.apps.web import runs
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Assign, Call, Declare, Index, Node, Pattern
from deplint.model import Model

ONLY_TENSORS = frozenset(
    """data dataSync array arraySync print argMax argMin softmax squeeze expandDims reshape transpose as1D as2D as3D as4D toFloat toInt
    cast asType mul div add sub sigmoid max min mean sum topk buffer bufferSync gather dispose clone""".split()  # noqa: SIM905
)
"""Methods of tensors that arrays do not have."""

READ = frozenset({"data", "dataSync"})


@rule("DPL857", severity="error", leaves=["B.6.3"], see=["https://js.tensorflow.org/api/4.22.0/#tf.GraphModel.predict"])
def tfjs_output_count(file: SourceFile, project: Project) -> Iterator[Finding]:
    made: dict[Call, tuple[Model, int]] = {}
    for call, model in runs(file, project):
        count = _count(call, model) if model.format.startswith("tfjs-") else 0
        if count:
            made[call] = model, count
    if not made:
        return
    for node in file.meaning.nodes:
        if isinstance(node, (Declare, Assign)) and isinstance(node.target, Pattern):
            value = node.initial if isinstance(node, Declare) else node.assigned
            of = source(value)
            steps = [path[0] for _, path in node.target.bindings if path and isinstance(path[0], int)]
            if of in made and of is not None and value is not None and steps:
                yield from _several(value, max(steps), *made[of])
        elif isinstance(node, Index) and len(node.children) == 2 and type(at := node.children[1].value) is int:
            of = source(node.children[0])
            if of in made and of is not None:
                yield from _several(node, at, *made[of])
            elif of is not None and of.method in READ and (predicted := source(of.receiver)) in made and predicted is not None:
                yield from _beyond(node, at, predicted, *made[predicted])
        elif isinstance(node, Call) and node.method in ONLY_TENSORS and (of := source(node.receiver)) in made and of is not None:
            model, count = made[of]
            if count > 1:
                yield Finding(
                    node,
                    f"{model.path} has {count} outputs, so that this is an array: {node.method} is not a function",
                    help=f"take one of them: {of.method}(...)[0]",
                )


def _count(call: Call, model: Model) -> int:
    """How many outputs a call gives; 0 if that is not known."""
    asked = call.argument(None, 1) if call.method.startswith("execute") else None
    if asked is not None and asked.value is not None:
        return 1 if isinstance(asked.value, str) else len(asked.children) if isinstance(asked, Array) and asked.exact else 0
    return len(model.outputs)


def _several(at: Node, index: int, model: Model, count: int) -> Iterator[Finding]:
    """One of several outputs is read."""
    if count == 1:
        yield Finding(
            at, f"{model.path} has one output, which is a tensor and no array of them", help="use it as it is, without taking it apart"
        )
    elif index >= count:
        yield Finding(
            at,
            f"{model.path} has {count} outputs, there is none at {index}",
            help=f"its outputs are {', '.join(output.name for output in model.outputs)}",
        )


def _beyond(at: Node, index: int, call: Call, model: Model, count: int) -> Iterator[Finding]:
    """One number of the only output of a model is read."""
    dims, batch = model.outputs[0].shape, shape(call.argument(None, 0))
    if count != 1 or len(model.outputs) != 1 or dims is None or len(dims) != 2 or not batch or batch[0] != 1:
        return
    if isinstance(dims[1], int) and index >= dims[1]:
        yield Finding(at, f"the output of {model.path} has {dims[1]} numbers, there is none at {index}", help="count from 0")
