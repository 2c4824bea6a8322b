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
from deplint.apps.follow import source
from deplint.apps.frames import each_turn
from deplint.apps.tensors import entries, listed
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Call, Node

RANKS = {
    **dict.fromkeys(("conv1d", "lstm", "gru", "simpleRNN", "rnn", "maxPooling1d", "averagePooling1d", "globalAveragePooling1d",
                     "globalMaxPooling1d"), 3),
    **dict.fromkeys(("conv2d", "conv2dTranspose", "separableConv2d", "depthwiseConv2d", "maxPooling2d", "averagePooling2d", "upSampling2d",
                     "globalAveragePooling2d", "globalMaxPooling2d", "zeroPadding2d"), 4),
    **dict.fromkeys(("conv3d", "convLstm2d", "maxPooling3d", "averagePooling3d"), 5),
    "repeatVector": 2,
}  # fmt: skip
"""Layer -> the dimensions of its input, batch included."""

GIVES = {
    **dict.fromkeys(("globalAveragePooling1d", "globalMaxPooling1d", "globalAveragePooling2d", "globalMaxPooling2d", "flatten"), 2),
    "repeatVector": 3,
}
"""Layer -> the dimensions of its output, where they are not those of its input."""

SAME = frozenset({"dense", "dropout", "activation", "batchNormalization", "leakyReLU", "reLU", "softmax", "layerNormalization", "masking"})
RECURRENT = frozenset({"lstm", "gru", "simpleRNN"})


@rule("DPL864", severity="error", leaves=["B.6.3"], see=["https://stackoverflow.com/questions/50433743"])
def layer_input_rank(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\blayers\b"):
        return
    for call in file.calls("@tensorflow/tfjs*.layers.*", "layers.*"):
        found = _given(call)
        if found is not None and call.method in RANKS and found != RANKS[call.method]:
            yield _finding(call, found)
    for call in file.calls("@tensorflow/tfjs*.sequential"):
        rank: int | None = None
        for node in _stack(call):
            layer = source(node)
            if layer is None or not layer.name.startswith("@tensorflow/tfjs") or ".layers." not in layer.name:
                rank = None
                continue
            written = _given(layer)
            if written is None and rank is not None and RANKS.get(layer.method, rank) != rank:
                yield _finding(layer, rank)
                break
            rank = _gives(layer, written or rank)


def _finding(layer: Call, rank: int) -> Finding:
    wanted = RANKS[layer.method]
    return Finding(
        layer,
        f"{layer.method} takes data of {wanted} dimensions with the batch, this is of {rank}",
        help="inputShape leaves out the batch; a recurrent layer before needs returnSequences: true; flatten or reshape between others",
    )


def _given(layer: Call) -> int | None:
    """The dimensions of a layer's input, where its options say them."""
    options = entries(layer.argument(None, 0)) or {}
    dims, whole = listed(options.get("inputShape")), listed(options.get("batchInputShape"))
    if "inputLength" in options and layer.method == "embedding":
        return 2
    return len(whole) if whole is not None else len(dims) + 1 if dims is not None else None


def _gives(layer: Call, rank: int | None) -> int | None:
    """The dimensions of what a layer gives."""
    options = entries(layer.argument(None, 0)) or {}
    method = layer.method
    if method in RECURRENT:
        flag = options.get("returnSequences")
        return 2 if flag is None or flag.value is False else 3 if flag.value is True else None
    if method == "embedding":
        return rank + 1 if rank is not None else None
    if method == "reshape":
        dims = listed(options.get("targetShape"))
        return len(dims) + 1 if dims is not None else None
    if method in SAME:
        return rank
    return GIVES.get(method, RANKS.get(method))


def _stack(model: Call) -> Iterator[Node | None]:
    """The layers of a model in their order; nothing where it is put together in more than one stretch of code."""
    options = entries(model.argument(None, 0)) or {}
    layers = options.get("layers")
    if isinstance(layers, Array) and layers.exact:
        yield from layers.children
        return
    added = [use for use in model.uses if use.method == "add"]
    if not model.arguments and all(use.function is added[0].function and each_turn(use) and not use.in_loop for use in added):
        yield from (use.argument(None, 0) for use in added)
