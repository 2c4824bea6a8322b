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

References: checked with TensorFlow.js 4.22; https://stackoverflow.com/questions/52825696
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.web import made_by, predictions, resizes, written
from deplint.code.source import SourceFile


@rule("DPL809", severity="error", leaves=["B.6.3"], see=["https://stackoverflow.com/questions/52825696"])
def resize_size_mismatch(file: SourceFile, project: Project) -> Iterator[Finding]:
    for call, given, wanted, name in predictions(file, project):
        size = min(len(given), len(wanted))
        if abs(len(given) - len(wanted)) > 1 or not any(
            isinstance(a, int) and isinstance(b, int) and a != b for a, b in zip(given[-size:], wanted[-size:], strict=True)
        ):
            continue
        resize = made_by(call.argument(None, 0), resizes)
        yield Finding(
            resize or call,
            f"the tensor becomes {written(given)}, the model's input {name!r} is {written(wanted)}",
            help=f"resize to {written(wanted[-3:-1])}" if resize else "give it the shape the model was converted with",
        )
