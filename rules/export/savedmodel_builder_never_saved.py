"""A SavedModel that is built and never written.

`SavedModelBuilder` makes its folder at once, and writes nothing into it before `save()`: the server then finds a version without
`saved_model.pb`.

```python bad
import tensorflow as tf

builder = tf.compat.v1.saved_model.Builder("export/1")
with tf.compat.v1.Session() as session:
    builder.add_meta_graph_and_variables(session, ["serve"])  # <-
```

```python good
import tensorflow as tf

builder = tf.compat.v1.saved_model.Builder("export/1")
with tf.compat.v1.Session() as session:
    builder.add_meta_graph_and_variables(session, ["serve"])
builder.save()
```

Whoever gets hold of the builder may save it.

```python good
import tensorflow as tf

def prepare(session):
    builder = tf.saved_model.builder.SavedModelBuilder("export/1")
    builder.add_meta_graph_and_variables(session, ["serve"])
    return builder

class Exporter:
    def __init__(self):
        self.builder = tf.compat.v1.saved_model.Builder("export/1")

    def add(self, session):
        self.builder.add_meta_graph_and_variables(session, ["serve"])
```

References: https://www.tensorflow.org/api_docs/python/tf/compat/v1/saved_model/Builder; checked with TensorFlow 2.21
(`tests/claims/test_given_models_tensorflow.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile

BUILDER = "tensorflow.{compat.v1.,}saved_model.{builder.,}{SavedModelBuilder,Builder}()"


@rule(
    "DPL115",
    severity="error",
    leaves=["S.2.4", "S.2.1"],
    see=["https://www.tensorflow.org/api_docs/python/tf/compat/v1/saved_model/Builder"],
)
def savedmodel_builder_never_saved(file: PythonFile) -> Iterator[Finding]:
    saved = {call.receiver.identity for call in file.calls(BUILDER + ".save")}
    for call in file.calls(BUILDER + ".{add_meta_graph_and_variables,add_meta_graph}"):
        made = call.receiver.identity
        if made is not None and made not in saved and not call.guarded and _only_filled(call):
            saved.add(made)
            yield Finding(
                call,
                "the SavedModel is built, but save() is never called on the builder: nothing is written",
                help="call builder.save() after adding the graph",
            )


def _only_filled(call: Call) -> bool:
    """All that the code does with the builder's variable is to call its methods other than `save`."""
    owner = call.node.func
    if not isinstance(owner, ast.Attribute) or not isinstance(owner.value, ast.Name):
        return False
    name = owner.value.id
    nodes = call.file.shape.nodes
    used = {id(n) for n in nodes if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)}
    filling = {id(n.value) for n in nodes if isinstance(n, ast.Attribute) and n.attr != "save"}
    return used <= filling
