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

A `.keras` archive counts its layers by class, whatever they are called.

```graph bad path=net.keras
model keras producer=keras version="3.15.1"
graph
  input x float32[?,8]
  weight layers/dense/vars/0 float32[8,16]
  weight layers/dense_1/vars/0 float32[16,10]  <-
layer hidden Dense module=keras.layers {name: hidden, units: 16}
layer probs Dense module=keras.layers {name: probs, units: 12}
```

Where some of a class are elsewhere (in a model within the model), it is not known which is which; quantized ones are packed.

```graph good path=net.keras
model keras producer=keras version="3.15.1"
graph
  input x float32[?,8]
  weight layers/dense/vars/0 float32[16,10]
  weight layers/embedding/vars/0 int8[100,4]
layer hidden Dense module=keras.layers {name: hidden, units: 16}
layer probs Dense module=keras.layers {name: probs, units: 10}
layer words Embedding module=keras.layers {name: words, output_dim: 8}
```

References: run with Keras 3.15 and @tensorflow/tfjs 4.22 (`tests/claims/test_names_in_models.py`, `tests/claims/test_tfjs.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.model import Layer, Tensor

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

ARCHIVED = re.compile(r"layers/(?P<kind>[a-z][a-z0-9_]*?)(?:_(?P<number>\d+))?(?P<cell>/cell)?/vars/0")
"""The name of the first variable of a layer in an archive."""

PLACES = {
    "Dense": "dense",
    "Conv1D": "conv1d",
    "Conv2D": "conv2d",
    "Conv3D": "conv3d",
    "Embedding": "embedding",
    "SimpleRNN": "simple_rnn",
    "GRU": "gru",
    "LSTM": "lstm",
}
"""Class -> what an archive calls it. A separable convolution's first variable is another."""


@rule("DPL535", severity="error", leaves=["S.4.2", "B.4.1"], see=["https://keras.io/guides/serialization_and_saving/"])
def keras_weight_shape(model: Model) -> Iterator[Finding]:
    for tensor, layer in _archived(model) if model.format == "keras" else _named(model):
        if not tensor.shape or len(tensor.shape) < 2:
            continue
        setting, times = LAST[layer.class_name]
        wanted, found = layer.config.get(setting), tensor.shape[-1]
        if isinstance(wanted, int) and isinstance(found, int) and found != wanted * times:
            yield Finding(
                model.at_tensor(tensor),
                f"the weights are for {found // times} {setting}, the layer {layer.name} has {wanted}: they cannot be loaded into it",
                help="save configuration and weights together",
            )


def _named(model: Model) -> Iterator[tuple[Tensor, Layer]]:
    """Kernels of formats that name weights after their layers."""
    settings = {layer.name: layer for layer in model.layers if layer.class_name in LAST}
    for tensor in model.graph.weights if model.format in ("keras-h5", "tfjs-layers") else ():
        named = KERNEL.fullmatch(tensor.name)
        if named and named["layer"] in settings:
            yield tensor, settings[named["layer"]]


def _archived(model: Model) -> Iterator[tuple[Tensor, Layer]]:
    """Kernels of an archive, which names weights after the classes of their layers, numbered in the order of the configuration: the
    numbers tell which is which if the layers of the class are as many."""
    stored: dict[str, list[tuple[int, Tensor]]] = {}
    for tensor in model.graph.weights:
        counted = ARCHIVED.fullmatch(tensor.name)
        if counted:
            stored.setdefault(counted["kind"], []).append((int(counted["number"] or 0), tensor))
    for kind, path in PLACES.items():
        layers = [layer for layer in model.layers if layer.class_name == kind]
        kernels = dict(stored.get(path, ()))
        if sorted(kernels) == list(range(len(layers))):
            yield from ((kernels[i], layer) for i, layer in enumerate(layers) if kernels[i].dtype.startswith(("float", "bfloat")))
