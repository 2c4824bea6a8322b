"""A Keras model with layers of one's own.

The file names such a class and does not hold it: ``Could not locate class 'Squeeze'. Make sure custom classes and
functions are decorated with `@keras.saving.register_keras_serializable()```, ``Unknown layer: 'Squeeze'``. Whoever
loads the model needs the code, registered under the same name or passed as `custom_objects`, and TensorFlow.js needs
it written again. An exported SavedModel holds the computation itself.

```graph bad path=net.keras
model keras producer=keras version="3.15.1"
graph
  input x float32[?,8]
layer x InputLayer module=keras.layers {}
layer squeeze Squeeze module=mine.layers {}  <-
```

```graph bad path=net.h5
model keras-h5 producer=keras version="2.15.0"
graph
  input x float32[?,8]
layer x InputLayer {}
layer own "Custom>Squeeze" {}  <-
```

```graph good path=net.h5
model keras-h5 producer=keras version="2.15.0"
graph
  input x float32[?,8]
layer x InputLayer {}
layer td TimeDistributed {}
layer td/d Dense {}
layer op TFOpLambda {}
layer old CuDNNLSTM {}
layer m Functional {}
```

```graph good path=net.keras
model keras producer=keras version="3.15.1"
graph
  input x float32[?,8]
layer add Add module=keras.src.ops.numpy {}
layer d Dense module=keras.layers {}
layer b BertBackbone module=keras_hub.src.models.bert {}
```

References: run with Keras 3.15 and tf_keras 2.21 (`tests/claims/test_names_in_models.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from deplint import Finding, Model, Place, rule
from deplint.data import load
from deplint.model import Layer

INNER = {
    *("Sequential", "Functional", "Model", "InputLayer", "TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer", "Lambda"),
    *("CuDNNLSTM", "CuDNNGRU", "InstanceMethod", "ClassMethod", "AddV2", "Merge", "SyncBatchNormalization", "Operation"),
}
"""What Keras itself writes beside its layers, and layers of older versions."""

LIBRARIES = ("keras", "tf_keras", "tensorflow", "keras_hub", "keras_nlp", "keras_cv", "keras_cv_attention_models", "keras_rs")
"""Packages whose classes are loaded by importing them."""


@lru_cache(maxsize=1)
def own() -> frozenset[str]:
    """The names of all layers of Keras 2 and 3."""
    return frozenset(name for row in load("layer_names")["rows"] for name in row["layers"]) | INNER


@rule(
    "DPL496",
    severity="info",
    leaves=["S.2.2", "B.2.5"],
    see=["https://keras.io/guides/serialization_and_saving/#custom-objects"],
)
def keras_custom_object(model: Model) -> Iterator[Finding]:
    if model.format in ("keras", "keras-h5"):
        for layer in model.layers:
            if _custom(layer):
                name = layer.class_name.rpartition(">")[2]
                yield Finding(
                    Place(model.path, where=f'layer "{layer.name}"'),
                    f"the model has layers of a class of its own, {name}, and does not hold its code: loading it needs that",
                    help="register the class where the model is loaded, or deploy model.export(...), which holds the computation",
                )


def _custom(layer: Layer) -> bool:
    if ">" in layer.class_name:
        return True
    if layer.module:
        return layer.module.partition(".")[0] not in LIBRARIES
    return layer.class_name not in own() and bool(layer.class_name)
