"""A Keras model with code of its own, loaded without that code.

Keras saves the configuration of layers, not their code. A layer or model of a class of one's own is found again only if the class is
registered (`@keras.saving.register_keras_serializable()`) or handed over in `custom_objects`: ``Could not locate class 'Scale'``, for HDF5
``Unknown layer: 'Scale'``. A `Lambda` layer around a lambda is refused by Keras 3 in both formats: ``Requested the deserialization of a
Lambda layer whose function is a Python lambda``.

```python bad path=serve.py
from tensorflow import keras

model = keras.models.load_model("net.keras")  # <-
other = keras.models.load_model("lambda.keras")  # <-
```

```python + path=train.py
from tensorflow import keras

class Scale(keras.layers.Layer):
    def call(self, x):
        return x * 2

inputs = keras.Input((4,))
keras.Model(inputs, Scale()(inputs)).save("net.keras")
keras.Sequential([keras.Input((4,)), keras.layers.Lambda(lambda x: x * 2)]).save("lambda.keras")
```

Registered, handed over, or allowed, it loads.

```python good path=serve.py
from tensorflow import keras
from train import Scale

model = keras.models.load_model("net.keras", custom_objects={"Scale": Scale})
other = keras.models.load_model("lambda.keras", safe_mode=False)
third = keras.models.load_model("registered.keras")
plain = keras.models.load_model("plain.keras")
```

```python + path=train.py
from tensorflow import keras

class Scale(keras.layers.Layer):
    def call(self, x):
        return x * 2

@keras.saving.register_keras_serializable()
class Shift(keras.layers.Layer):
    def call(self, x):
        return x + 2

inputs = keras.Input((4,))
keras.Model(inputs, Scale()(inputs)).save("net.keras")
keras.Model(inputs, Shift()(inputs)).save("registered.keras")
keras.Model(inputs, keras.layers.Dense(2)(inputs)).save("plain.keras")
keras.Sequential([keras.Input((4,)), keras.layers.Lambda(lambda x: x * 2)]).save("lambda.keras")
```

Keras 2 loads lambdas from HDF5.

```python good path=serve.py versions=tensorflow==2.15.0
from tensorflow import keras

other = keras.models.load_model("lambda.h5")
```

```python + path=train.py
from tensorflow import keras

keras.Sequential([keras.Input((4,)), keras.layers.Lambda(lambda x: x * 2)]).save("lambda.h5")
```

To Keras 2 a loss or metric of one's own is part of a compiled model as well: ``Unknown loss function: 'dice'``, ``Could not locate function
'dice'``. Without compiling it is not asked for.

```python bad path=serve.py versions=tensorflow==2.15.0
import tensorflow as tf

model = tf.keras.models.load_model("seg.h5")  # <-
other = tf.keras.models.load_model("seg.h5", compile=False)
third = tf.keras.models.load_model("plain.h5")
```

```python + path=train.py
import tensorflow as tf

def dice(y, p):
    return 1 - tf.reduce_sum(y * p)

model = tf.keras.Sequential([tf.keras.layers.Conv2D(1, 3, padding="same", input_shape=(64, 64, 3))])
model.compile("adam", loss=dice, metrics=["accuracy"])
model.save("seg.h5")
plain = tf.keras.Sequential([tf.keras.layers.Dense(2)])
plain.compile("adam", "mse")
plain.save("plain.h5")
```

Layers that the model optimization toolkit wraps are layers of its own.

```python bad path=convert.py
import tensorflow as tf

model = tf.keras.models.load_model("qat.h5")  # <-
```

```python + path=train.py
import tensorflow as tf
import tensorflow_model_optimization as tfmot

aware = tfmot.quantization.keras.quantize_model(tf.keras.models.load_model("float.h5"))
aware.compile("adam", "mse")
aware.save("qat.h5")
```

```python good path=convert.py
import tensorflow as tf
import tensorflow_model_optimization as tfmot

with tfmot.quantization.keras.quantize_scope():
    model = tf.keras.models.load_model("qat.h5")
```

```python + path=train.py
import tensorflow as tf
import tensorflow_model_optimization as tfmot

aware = tfmot.quantization.keras.quantize_model(tf.keras.models.load_model("float.h5"))
aware.save("qat.h5")
pruned = tfmot.sparsity.keras.prune_low_magnitude(tf.keras.models.load_model("float.h5"))
tfmot.sparsity.keras.strip_pruning(pruned).save("small.h5")
small = tf.keras.models.load_model("small.h5")
```

References: checked with Keras 3.15 (`tests/claims/test_given_models_tensorflow.py`).
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.keras import LAYER, MODEL, layers
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from . import KERAS, KERAS3, KERAS_MODEL, legacy_keras

_SAVES = re.compile(r"\.save\(")
WRAPPED = {
    "tensorflow_model_optimization.**.{quantize_model,quantize_apply}()": ("QuantizeLayer", "quantization.keras.quantize_scope"),
    "tensorflow_model_optimization.**.prune_low_magnitude()": ("PruneLowMagnitude", "sparsity.keras.prune_scope"),
    "tensorflow_model_optimization.**.cluster_weights()": ("ClusterWeights", "clustering.keras.cluster_scope"),
}
"""What the model optimization toolkit wraps a model's layers in, and the scope that tells `load_model` of it."""
SCOPES = (
    "quantize_scope",
    "prune_scope",
    "cluster_scope",
    "custom_object_scope",
    "CustomObjectScope",
    "get_custom_objects",
    "enable_unsafe_deserialization",
    "register_keras_serializable",
)


@rule(
    "DPL127",
    severity="error",
    leaves=["S.2.2", "S.4.2", "B.2.5"],
    see=[
        "https://keras.io/guides/serialization_and_saving/#custom-objects",
        "https://keras.io/api/models/model_saving_apis/model_saving_and_loading/",
    ],
)
def keras_load_needs_objects(file: PythonFile, project: Project) -> Iterator[Finding]:
    loads = file.calls(KERAS + ".{models,saving}.load_model")
    if not any(call.argument("filepath", 0).text for call in loads) or any(word in file.text for word in SCOPES) or legacy_keras(file):
        return
    needs, compiles = _needs(project, project.area(file)), _compiled(project, project.area(file))
    wrapped = _wrapped(project, project.area(file))
    for call in loads:
        path = call.argument("filepath", 0).text
        layer, scope = wrapped.get(posixpath.normpath(path), ("", "")) if path and not call.guarded else ("", "")
        if layer and call.argument("custom_objects", 1).missing:
            yield Finding(
                call,
                f"the model's layers are wrapped by tensorflow_model_optimization: load_model raises, Unknown layer: {layer!r}",
                help=f"load it inside `with tfmot.{scope}():`",
            )
        custom, anonymous = needs.get(posixpath.normpath(path), ("", False)) if path and not call.guarded else ("", False)
        compiled = call.argument("compile", 2)
        older = project.versions.allows("tensorflow", call, until="2.16") is True and compiled.missing
        function = compiles.get(posixpath.normpath(path), "") if path and not call.guarded and older else ""
        given, safe = call.argument("custom_objects", 1), call.argument("safe_mode", 3)
        if custom and given.missing:
            yield Finding(
                call,
                f"the model holds {custom}, a class of the project that is not registered: load_model raises",
                help=f"pass custom_objects={{{custom!r}: {custom}}}, or decorate it with @keras.saving.register_keras_serializable()",
            )
        elif function and given.missing:
            yield Finding(
                call,
                f"the model was compiled with {function}, a function of the project: load_model raises, it cannot locate it",
                help=f"pass custom_objects={{{function!r}: {function}}}, or compile=False where it only predicts",
            )
        elif anonymous and given.missing and safe.missing and project.versions.holds(KERAS3, {}, call):
            yield Finding(
                call,
                "the model holds a Lambda layer around a Python lambda: Keras 3 refuses to load it",
                help="write a registered Layer class in its place, or pass safe_mode=False for a file you trust",
            )


@lru_cache(maxsize=4)
def _needs(project: Project, area: Path) -> dict[str, tuple[str, bool]]:
    """Paths that code below a folder saves Keras models at, with a class that loading needs and whether it needs a lambda. Of two models
    saved at one path it is not known which is loaded."""
    found, twice = dict[str, tuple[str, bool]](), set[str]()
    for file in files_with(project, _SAVES, area):
        for call in file.calls("**.save"):
            path = call.argument("filepath", 0).text
            if path and call.receiver.is_(*KERAS_MODEL) is Truth.yes:
                key = posixpath.normpath(path)
                twice |= {key} if key in found else set()
                found[key] = _held(call, key, project)
    return {path: held for path, held in found.items() if path not in twice}


@lru_cache(maxsize=4)
def _wrapped(project: Project, area: Path) -> dict[str, tuple[str, str]]:
    """Paths at which code below a folder saves whole models with layers of the model optimization toolkit, with layer and scope."""
    found: dict[str, set[tuple[str, str]]] = {}
    for file in files_with(project, _SAVES, area):
        for call in file.calls("**.save", "{tensorflow.keras,tf_keras}.**.save_model"):
            plain = call.name.endswith(".save")
            path = call.argument("filepath", 0 if plain else 1).text
            model = call.receiver if plain else call.argument("model", 0)
            kinds = [what for pattern, what in WRAPPED.items() if model.is_(pattern) is Truth.yes]
            if path:
                found.setdefault(posixpath.normpath(path), set()).add(kinds[0] if kinds else ("", ""))
    return {path: next(iter(kinds)) for path, kinds in found.items() if len(kinds) == 1}


@lru_cache(maxsize=4)
def _compiled(project: Project, area: Path) -> dict[str, str]:
    """Paths at which code below a folder saves whole models compiled with a loss or metric of its own, with that function's name."""
    found: dict[str, set[str]] = {}
    for file in files_with(project, _SAVES, area):
        for call in file.calls("**.save"):
            path, compiles = call.argument("filepath", 0).text, call.receiver.calls_of("compile")
            if path and path.endswith((".h5", ".hdf5", ".keras")):
                found.setdefault(posixpath.normpath(path), set()).add(_own(compiles[-1]) if compiles else "")
    return {path: next(iter(names)) for path, names in found.items() if len(names) == 1}


def _own(compiled: Call) -> str:
    """The first function of the project that a model is compiled with, unless it is registered."""
    metrics = compiled.argument("metrics", 2)
    for value in (compiled.argument("loss", 1), *(metrics.items or ())):
        function = value.function
        node = function.node if function is not None and value.certain else None
        if isinstance(node, ast.FunctionDef) and not any("serializable" in ast.dump(d) for d in node.decorator_list):
            return node.name
    return ""


def _held(save: Call, path: str, project: Project) -> tuple[str, bool]:
    model = save.receiver
    parts = [model, *(layers(model) or ())]
    # Keras before 3.9 imports the module that a .keras file names.
    looked_up = path.endswith(".keras") and not project.versions.holds({"keras": "3.9", "tensorflow": "2.16"}, {}, save)
    custom = [] if looked_up else [part.project_class for part in parts if part.is_(LAYER, MODEL) is Truth.yes]
    names = [kind.name for kind in custom if kind is not None and not any("serializable" in ast.dump(d) for d in kind.decorator_list)]
    return names[0] if names else "", any(map(_anonymous, parts))


def _anonymous(layer: Value) -> bool:
    made = layer.origin
    if made is None or layer.is_(KERAS + ".layers.Lambda()") is not Truth.yes:
        return False
    function = made.argument("function", 0).function
    return function is not None and isinstance(function.node, ast.Lambda)
