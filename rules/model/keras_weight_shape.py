"""Keras weights that are not those of the layers they are stored with.

The configuration says how many units, filters or words a layer has, the weights have a shape, and loading puts one into
the other: ``Layer 'dense' expected ... received``, ``A total of 1 objects could not be loaded``, in TensorFlow.js
``Error: Shape mismatch``. It happens when a configuration is edited, or a `model.json` is combined with the shards of
another version.

```graph bad path=net.h5
model keras-h5 producer=keras version="2.15.0"
graph
  input x float32[?,8]
  weight dense/dense/kernel:0 float32[8,10]  <-
  weight conv/kernel float32[3,3,4,16]
layer dense Dense {name: dense, units: 12}
layer conv Conv2D {name: conv, filters: 16}
```

```graph good path=net.h5
model keras-h5 producer=keras version="2.15.0"
graph
  input x float32[?,8]
  weight dense/dense/kernel:0 float32[8,12]
  weight dense/dense/bias:0 float32[12]
  weight other/dense/kernel:0 float32[8,3]
  weight optimizer_weights/dense/kernel/m:0 float32[1]
layer dense Dense {name: dense, units: 12}
layer conv Conv2D {name: conv, filters: 16}
```

References: run with Keras 3.15 and @tensorflow/tfjs 4.22 (`tests/claims/test_names_in_models.py`, `tests/claims/test_tfjs.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, rule

LAST = {
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D", "SeparableConv2D", "SeparableConv1D"), ("filters", 1)),
    "Dense": ("units", 1),
    "Embedding": ("output_dim", 1),
    "SimpleRNN": ("units", 1),
    "GRU": ("units", 3),
    "LSTM": ("units", 4),
}
"""Layer -> the setting that the last size of its kernel has, and how many times."""

KERNEL = re.compile(r"(?P<layer>[^/]+)/(?:(?P=layer)/)?(?:(?:simple_rnn|gru|lstm)_cell\w*/)?(?:kernel|embeddings|pointwise_kernel)(?::0)?")
"""The name of a kernel of a layer that is not within another."""


@rule("DPL535", severity="error", leaves=["S.4.2", "B.4.1"], see=["https://keras.io/guides/serialization_and_saving/"])
def keras_weight_shape(model: Model) -> Iterator[Finding]:
    if model.format not in ("keras-h5", "tfjs-layers"):
        return
    settings = {layer.name: layer for layer in model.layers if layer.class_name in LAST}
    for tensor in model.graph.weights:
        named = KERNEL.fullmatch(tensor.name)
        layer = settings.get(named["layer"]) if named else None
        if layer is None or not tensor.shape or len(tensor.shape) < 2:
            continue
        setting, times = LAST[layer.class_name]
        wanted, found = layer.config.get(setting), tensor.shape[-1]
        if isinstance(wanted, int) and isinstance(found, int) and found != wanted * times:
            yield Finding(
                model.at_tensor(tensor),
                f"the weights are for {found // times} {setting}, the layer {layer.name} has {wanted}: they cannot be loaded into it",
                help="save configuration and weights together",
            )
