"""A picture resized to another size than the model takes.

TensorFlow.js compares the shape of what a model is given with the shape it was converted with: ``The shape of
dict['image'] provided in model.execute(dict) must be [-1,32,32,3], but was [1,64,64,3]``.

```js bad path=src/palm.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/palm/model.json');

export function palm(video) {
  const image = tf.image.resizeBilinear(tf.browser.fromPixels(video).toFloat(), [64, 64]); // <-
  return model.predict(image.expandDims(0));
}
```

```graph + path=public/models/palm/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Placeholder image -> (image) shape=(?,32,32,3) dtype=float32
  op Identity (image) -> (out)
  output out
```

```js good path=src/palm.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/palm/model.json');
const [, height, width] = model.inputs[0].shape;

export function palm(video, size) {
  const frame = tf.browser.fromPixels(video).toFloat();
  model.predict(tf.image.resizeBilinear(frame, [32, 32]).expandDims(0));
  model.predict(tf.image.resizeBilinear(frame, [size, size]).expandDims(0));
  return model.predict(tf.image.resizeBilinear(frame, [height, width]).expandDims(0));
}
```

```graph + path=public/models/palm/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Placeholder image -> (image) shape=(?,32,32,3) dtype=float32
  op Identity (image) -> (out)
  output out
```

A model that is built in the page says what it takes in its first layer, and a variable may be assigned step by step.

```js bad path=src/train.js
import * as tf from '@tensorflow/tfjs';

const steps = 100;
const model = tf.sequential();
model.add(tf.layers.simpleRNN({ units: 32, inputShape: [steps, 132], returnSequences: true }));

export async function train(values, ys) {
  let xs = tf.tensor2d(values, [132, steps]);
  xs = xs.reshape([132, steps, 1]);
  await model.fit(xs, ys); // <-
}
```

```js good path=src/train.js
import * as tf from '@tensorflow/tfjs';

const steps = 100;
const model = tf.sequential();
model.add(tf.layers.simpleRNN({ units: 32, inputShape: [steps, 1], returnSequences: true }));

export async function train(values, ys, deep) {
  let xs = tf.tensor2d(values, [132, steps]);
  xs = xs.reshape([132, steps, 1]);
  await model.fit(xs, ys);
  let other = tf.zeros([3, 3]);
  if (deep) { other = other.reshape([1, steps, 1]); }
  model.predict(other);
}
```

References: checked with TensorFlow.js 4.22; https://stackoverflow.com/questions/52825696
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deplint import Finding, Project, rule
from deplint.apps.tensors import made_by, resizes, written
from deplint.apps.web import fed
from deplint.code.source import SourceFile
from deplint.model import Dim


@rule("DPL809", severity="error", leaves=["B.6.3"], see=["https://stackoverflow.com/questions/52825696"])
def resize_size_mismatch(file: SourceFile, project: Project) -> Iterator[Finding]:
    for each in fed(file, project):
        given, wanted = each.tensor.shape, each.input.shape
        if given is None or wanted is None or each.onnx:
            continue
        size = min(len(given), len(wanted))
        if len(given) + 1 == len(wanted) and wanted[0] in (None, 1) and not _differ(given, wanted[1:]):
            continue  # the batch dimension is missing, which another rule says
        if len(given) == len(wanted) and not _differ(given, wanted):
            continue
        resize = made_by(each.node, resizes) if size > 2 else None
        right = f"resize to {written(wanted[-3:-1])}" if resize and _differ(given[-3:-1], wanted[-3:-1]) else ""
        yield Finding(
            resize if right and resize else each.call,
            f"the tensor becomes {written(given)}, {each.target} is {written(wanted)}",
            help=right or "give it the shape that the model was made with",
        )


def _differ(given: Sequence[Dim], wanted: Sequence[Dim]) -> bool:
    return any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in zip(given, wanted, strict=True))
