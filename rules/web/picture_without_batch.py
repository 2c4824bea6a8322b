"""A single picture given to a model of TensorFlow.js, without the dimension of the batch.

`tf.browser.fromPixels` gives ``[height, width, channels]``, models of pictures take ``[batch, height, width, channels]``:
``Error when checking : expected input_1 to have 4 dimension(s), but got array with shape [400,600,3]``, or ``The shape of
dict['images'] provided in model.execute(dict) must be [-1,224,224,3], but was [400,600,1]``.

```js bad
import * as tf from '@tensorflow/tfjs';

export async function judge(picture) {
  const model = await tf.loadGraphModel('https://models.example.org/leaves/model.json');
  const pixels = tf.browser.fromPixels(picture);
  console.log(model.predict(tf.image.resizeBilinear(pixels, [224, 224]).div(255))); // <-
  return model.predict(pixels.toFloat().expandDims(0));
}
```

```js good
import * as tf from '@tensorflow/tfjs';

export async function judge(picture, own, batched) {
  const model = await tf.loadGraphModel('https://models.example.org/leaves/model.json');
  const pixels = tf.browser.fromPixels(picture).resizeBilinear([224, 224]);
  own.predict(pixels);
  model.predict(batched ? tf.stack([pixels]) : pixels.reshape([1, 224, 224, 3]));
  return model.predict(pixels.expandDims());
}
```

Of a model that the project has, [DPL808](DPL808.md) says it for certain.

References: https://stackoverflow.com/questions/52825696; run with TensorFlow.js 4.22.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.page import LIBRARIES
from deplint.apps.tensors import tensor, written
from deplint.apps.web import PREDICTS, fed
from deplint.code.source import SourceFile

LOADED = "@tensorflow/tfjs*.{loadGraphModel,loadLayersModel,loadModel,loadFrozenModel}()"


@rule(
    "DPL783",
    severity="warning",
    leaves=["B.6.3", "B.6.1"],
    see=["https://stackoverflow.com/questions/52825696", "https://js.tensorflow.org/api/4.22.0/#browser.fromPixels"],
)
def picture_without_batch(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(LIBRARIES) or not file.mentions(r"\bfromPixels"):
        return
    known = {each.call for each in fed(file, project) if each.input.shape is not None}
    for call in file.calls(f"{LOADED}.{PREDICTS}"):
        given = tensor(call.argument(None, 0))
        if call not in known and given.pixels is not None and given.shape is not None and len(given.shape) == 3:
            yield Finding(
                call,
                f"this is one picture, {written(given.shape)}: models of pictures take a batch of them, [1,height,width,channels]",
                help="add the dimension with expandDims(0), after scaling the picture to the model's size",
            )
