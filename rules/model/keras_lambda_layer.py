"""A Keras model with a `Lambda` layer that stores code.

A Lambda layer made from a Python `lambda` is saved as byte code of the Python version that saved it. Keras refuses to
load it (``Requested the deserialization of a `Lambda` layer whose `function` is a Python lambda ... disallowed by
default``) unless told `safe_mode=False`, which runs whatever code the file holds; another Python version may crash on
it, and TensorFlow.js and other converters cannot read it at all.

```json bad path=net/model.json line=1
{"format": "layers-model", "generatedBy": "keras v2.15.0", "convertedBy": "TensorFlow.js Converter v4.22.0",
 "modelTopology": {"keras_version": "2.15.0", "backend": "tensorflow", "model_config": {"class_name": "Sequential", "config": {"name": "m",
  "layers": [{"class_name": "InputLayer", "config": {"batch_input_shape": [null, 4], "dtype": "float32", "name": "x"}},
             {"class_name": "Lambda", "config": {"name": "twice", "function_type": "lambda", "function": ["4wEAAAA=", null, null]}}]}}},
 "weightsManifest": [{"paths": [], "weights": []}]}
```

```graph good path=net.keras
model keras
layer twice Lambda module=keras.layers {function: twice, function_type: function}
layer dense Dense module=keras.layers {units: 4}
```

References: run with Keras 3.15 (`tests/claims/test_model_rules.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deplint import Finding, Model, Place, rule


@rule("DPL442", severity="warning", leaves=["B.2.5", "S.2.2", "M.2.5"], see=["https://keras.io/api/layers/core_layers/lambda/"])
def keras_lambda_layer(model: Model) -> Iterator[Finding]:
    for layer in model.layers:
        if layer.class_name == "Lambda" and _is_code(layer.config):
            yield Finding(
                Place(model.path, where=f'layer "{layer.name}"'),
                "a Lambda layer stores Python byte code: Keras refuses to load it unless told to run it, and converters cannot read it",
                help="write it as a layer class with @keras.saving.register_keras_serializable(), or with keras.ops in the model itself",
            )


def _is_code(config: Mapping[str, Any]) -> bool:
    """Keras 3 stores a function's code under the class ``__lambda__``, Keras 2 as a list that begins with it."""
    function = config.get("function")
    if isinstance(function, Mapping):
        return function.get("class_name") == "__lambda__"
    return config.get("function_type") == "lambda" and isinstance(function, list)
