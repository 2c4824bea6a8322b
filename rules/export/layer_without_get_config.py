"""A layer that takes arguments and cannot say which, in a model that is saved with its architecture.

Up to TensorFlow 2.10 a layer of one's own whose `__init__` takes arguments must have a `get_config` that gives them back. Without it
HDF5, `to_json` and `clone_model` stop: ``NotImplementedError: Layer ScaledInteraction has arguments ['dim', 'scale'] in `__init__` and
therefore must override `get_config`.``

```python bad versions=tensorflow==2.10.1
import tensorflow as tf

class Scaled(tf.keras.layers.Layer):
    def __init__(self, dim, scale=1.0, **kwargs):
        super().__init__(**kwargs)
        self.dim, self.scale = dim, scale

    def call(self, x):
        return self.scale * x

x = tf.keras.Input((8,))
model = tf.keras.Model(x, tf.keras.layers.Add()([tf.keras.layers.Dense(8)(x), Scaled(16)(x)]))
model.save("ctr.h5")  # <-
text = model.to_json()  # <-
```

```python good versions=tensorflow==2.10.1
import tensorflow as tf

class Scaled(tf.keras.layers.Layer):
    def __init__(self, dim, **kwargs):
        super().__init__(**kwargs)
        self.dim = dim

    def call(self, x):
        return self.dim * x

    def get_config(self):
        return {**super().get_config(), "dim": self.dim}

class Plain(tf.keras.layers.Layer):
    def __init__(self, name=None, **kwargs):
        super().__init__(name=name, **kwargs)

    def call(self, x):
        return x

class Loose(tf.keras.layers.Layer):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def call(self, x):
        return self.dim * x

x = tf.keras.Input((8,))
tf.keras.Model(x, Plain()(Scaled(16)(x))).save("ctr.h5")
loose = tf.keras.Model(x, Loose(2)(x))
loose.save("loose")
loose.save_weights("loose.h5")
```

Later ones save the arguments by themselves.

```python good versions=tensorflow==2.15.0
import tensorflow as tf

class Scaled(tf.keras.layers.Layer):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def call(self, x):
        return self.dim * x

x = tf.keras.Input((8,))
tf.keras.Model(x, Scaled(16)(x)).save("ctr.h5")
```

References: `Layer.get_config` in `keras/engine/base_layer.py` of Keras 2.10; 2.11 keeps the arguments itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.keras import LAYER, layers
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from . import KERAS, KERAS_MODEL

BASE = frozenset(("self", "name", "trainable", "dtype", "dynamic", "input_shape", "batch_input_shape", "batch_size", "weights"))
"""Arguments that a layer's own `get_config` gives back."""


@rule(
    "DPL679",
    severity="error",
    leaves=["S.2.2", "S.4.2"],
    see=["https://github.com/keras-team/keras/blob/v2.10.0/keras/engine/base_layer.py", "https://stackoverflow.com/q/58678836"],
)
def layer_without_get_config(file: PythonFile, project: Project) -> Iterator[Finding]:
    saving = [call for call in file.calls("**.{save,to_json}") if call.receiver.is_(*KERAS_MODEL) is Truth.yes]
    saving += file.calls(KERAS + ".models.{save_model,clone_model}")
    for call in saving:
        function = "models." in call.name and call.name.endswith(("save_model", "clone_model"))
        model = call.argument("model", 0) if function else call.receiver
        path = call.argument("filepath", 1 if function else 0)
        if call.name.endswith(("save", "save_model")) and path.ends(".h5", ".hdf5") is not Truth.yes:
            continue
        if call.guarded or project.versions.allows("tensorflow", call, since="2.0", until="2.11") is not True:
            continue
        at_fault = next((name for layer in layers(model) or () if (name := _silent(layer))), "")
        if at_fault:
            yield Finding(
                call,
                f"the model holds {at_fault}, a layer with arguments and without get_config: NotImplementedError",
                help="def get_config(self): return {**super().get_config(), ...}, with what __init__ takes",
            )


def _silent(layer: Value) -> str:
    """The name of the project's class of a layer that has arguments of its own, and no `get_config`."""
    node = layer.project_class
    if node is None or layer.is_(LAYER) is not Truth.yes:
        return ""
    methods = {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
    direct = all(isinstance(base, ast.Attribute) or (isinstance(base, ast.Name) and base.id == "Layer") for base in node.bases)
    start = methods.get("__init__")
    if not direct or start is None or "get_config" in methods or node.decorator_list:
        return ""
    names = [argument.arg for argument in (*start.args.posonlyargs, *start.args.args, *start.args.kwonlyargs)]
    return node.name if set(names) - BASE else ""
