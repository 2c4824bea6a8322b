"""A layer that is given data of another rank than it works on.

`inputShape` leaves the batch out: a recurrent layer takes [steps, features], a two-dimensional convolution [height,
width, channels]. Another rank fails when the model is built: ``Input 0 is incompatible with layer
simple_rnn_SimpleRNN1: expected ndim=3, found ndim=4``. So does what the layer before gives: a recurrent layer without
`returnSequences` gives its last step only.

```js bad path=src/model.js
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential();
model.add(tf.layers.simpleRNN({ units: 32, inputShape: [1, 100, 132] })); // <-

const digits = tf.sequential({
  layers: [tf.layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [28, 28] }), tf.layers.flatten()], // <-
});

const words = tf.sequential();
words.add(tf.layers.embedding({ inputDim: 1000, outputDim: 16, inputLength: 50 }));
words.add(tf.layers.lstm({ units: 32 }));
words.add(tf.layers.lstm({ units: 16 })); // <-
```

```js good path=src/model.js
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential();
model.add(tf.layers.simpleRNN({ units: 32, inputShape: [100, 132] }));

const digits = tf.sequential({
  layers: [tf.layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [28, 28, 1] }), tf.layers.flatten(), tf.layers.dense({ units: 10 })],
});

const words = tf.sequential();
words.add(tf.layers.embedding({ inputDim: 1000, outputDim: 16, inputLength: 50 }));
words.add(tf.layers.lstm({ units: 32, returnSequences: true }));
words.add(own());
words.add(tf.layers.lstm({ units: 16 }));
words.add(tf.layers.reshape({ targetShape: [4, 4] }));
words.add(tf.layers.conv1d({ filters: 2, kernelSize: 2 }));
for (const units of [8, 4]) words.add(tf.layers.dense({ units }));
```

References: every layer was built with inputs of 1 to 6 dimensions in TensorFlow.js 4.22; https://stackoverflow.com/questions/50433743
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.layers import RANKS, declared, given, stack
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call


@rule("DPL864", severity="error", leaves=["B.6.3"], see=["https://stackoverflow.com/questions/50433743"])
def layer_input_rank(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\blayers\b"):
        return
    for call in file.calls("@tensorflow/tfjs*.layers.*", "layers.*"):
        found = declared(call)
        if found is not None and call.method in RANKS and len(found) != RANKS[call.method]:
            yield _finding(call, len(found))
    for call in file.calls("@tensorflow/tfjs*.sequential"):
        dims = None
        for layer in stack(call):
            if layer is None:
                dims = None
                continue
            written = declared(layer)
            if written is None and dims is not None and RANKS.get(layer.method, len(dims)) != len(dims):
                yield _finding(layer, len(dims))
                break
            dims = given(layer, written if written is not None else dims)


def _finding(layer: Call, rank: int) -> Finding:
    wanted = RANKS[layer.method]
    return Finding(
        layer,
        f"{layer.method} takes data of {wanted} dimensions with the batch, this is of {rank}",
        help="inputShape leaves out the batch; a recurrent layer before needs returnSequences: true; flatten or reshape between others",
    )
