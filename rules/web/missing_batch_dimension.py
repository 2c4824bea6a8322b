"""A picture given to a model that takes a batch of pictures.

`tf.browser.fromPixels` gives height, width and channels; models take a batch of such pictures, if only of one: ``The
shape of dict['image'] provided in model.execute(dict) must be [-1,32,32,3], but was [32,32,3]``, ``expected picture
to have 4 dimension(s), but got array with shape [32,32,3]``.

```js bad path=src/lips.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/lips/model.json');

export function lips(video) {
  const frame = tf.browser.fromPixels(video).toFloat();
  return model.predict(tf.image.resizeBilinear(frame, [32, 32]).div(255)); // <-
}
```

```graph + path=public/models/lips/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Placeholder image -> (image) shape=(?,32,32,3) dtype=float32
  op Identity (image) -> (out)
  output out
```

```js good path=src/lips.js
import * as tf from '@tensorflow/tfjs';
import { prepared } from './prepared';

const model = await tf.loadGraphModel('/models/lips/model.json');

export function lips(video) {
  const frame = tf.image.resizeBilinear(tf.browser.fromPixels(video).toFloat(), [32, 32]);
  model.predict(frame.expandDims(0));
  model.predict(frame.reshape([1, 32, 32, 3]));
  model.predict(tf.stack([frame]));
  return model.predict(prepared(video));
}
```

```graph + path=public/models/lips/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Placeholder image -> (image) shape=(?,32,32,3) dtype=float32
  op Identity (image) -> (out)
  output out
```

A layers model makes a column of a tensor of rank 1 itself.

```js good path=src/line.js
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential();
model.add(tf.layers.dense({ inputShape: [1], units: 1 }));
model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });

export async function line() {
  const xs = tf.randomUniform([100], -1, 1);
  await model.fit(xs, xs.mul(2));
  return [model.predict(xs), model.evaluate(xs, xs)];
}
```

A shape of another rank than the function's throws, which DPL843 says.

```js good path=src/digits.js
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential();
model.add(tf.layers.dense({ inputShape: [5], units: 6 }));
export const answer = (value) => model.predict(tf.tensor2d([value], [5]));
```

References: checked with TensorFlow.js 4.22; https://stackoverflow.com/questions/52825696
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.tensors import written
from deplint.apps.web import fed
from deplint.code.source import SourceFile


@rule(
    "DPL808",
    severity="error",
    leaves=["B.6.3"],
    see=["https://stackoverflow.com/questions/52825696", "https://stackoverflow.com/questions/55558703"],
)
def missing_batch_dimension(file: SourceFile, project: Project) -> Iterator[Finding]:
    for each in fed(file, project):
        given, wanted = each.tensor.shape, each.input.shape
        if given is not None and wanted is not None and len(given) + 1 == len(wanted) and wanted[0] in (None, 1) and not each.onnx:
            yield Finding(
                each.call,
                f"the tensor is {written(given)}, {each.target} is {written(wanted)}: the batch dimension is missing",
                help="add it with expandDims(0)",
            )
