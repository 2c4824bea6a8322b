"""The first layer of a sequential model without the shape of its input.

A `sequential` is built layer by layer, so that the first has to know what comes in: ``The first layer in a Sequential model must get an
`inputShape` or `batchInputShape` argument.`` What later layers take follows from it. An embedding takes rows of whole numbers and
needs none.

```js bad path=src/digits.js
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential();
model.add(tf.layers.conv2d({ kernelSize: 5, filters: 8, activation: 'relu' })); // <-
model.add(tf.layers.flatten());
model.add(tf.layers.dense({ units: 10 }));

export const small = tf.sequential({ layers: [tf.layers.dense({ units: 4 }), tf.layers.dense({ units: 1 })] }); // <-
```

```js good path=src/digits.js
import * as tf from '@tensorflow/tfjs';
import { head, options } from './head';

const model = tf.sequential();
model.add(tf.layers.conv2d({ inputShape: [28, 28, 1], kernelSize: 5, filters: 8 }));
model.add(tf.layers.flatten());

const words = tf.sequential();
words.add(tf.layers.embedding({ inputDim: 100, outputDim: 8 }));

const more = tf.sequential();
more.add(head());
more.add(tf.layers.dense({ units: 1 }));

const given = tf.sequential();
given.add(tf.layers.dense(options));
const spread = tf.sequential();
spread.add(tf.layers.dense({ units: 1, ...options }));

const handed = tf.sequential();
head(handed);
handed.add(tf.layers.dense({ units: 10 }));

export function grow(layers) {
  const model = tf.sequential();
  for (const units of layers) {
    if (model.layers.length) model.add(tf.layers.dense({ units }));
    else model.add(tf.layers.dense({ units, inputShape: [2] }));
  }
  return model;
}
```

References: every layer was added to an empty `sequential` in TensorFlow.js 4.22; https://stackoverflow.com/questions/50432222
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.layers import declared, stack
from deplint.apps.tensors import entries
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call

OWN = frozenset({"embedding", "inputLayer", "bidirectional", "timeDistributed", "rnn", "input"})
"""Layers that know their input without being told, or are told by the layer they wrap."""


@rule("DPL340", severity="error", leaves=["B.6.3"], see=["https://js.tensorflow.org/api/4.22.0/#sequential"])
def first_layer_without_shape(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\bsequential\b"):
        return
    for call in file.calls("@tensorflow/tfjs*.sequential"):
        layers = stack(call)
        first = layers[0] if layers else None
        if first is None or first.method in OWN or declared(first) is not None:
            continue
        if not first.arguments or _told(first):
            yield Finding(
                first,
                f"the first layer of this model, {first.method}, is not told the shape of its input: adding it throws",
                help="give it inputShape, the shape of one example without the batch",
            )


def _told(layer: Call) -> bool:
    """Whether its options are known, and say nothing of the input."""
    options = entries(layer.argument(None, 0))
    return options is not None and not {"inputShape", "batchInputShape", "inputDType", "weights"} & set(options)
