"""A model saved from a session in which no variable ever got a value.

A session of TensorFlow 1 holds the values of variables. One that was just opened holds none, until an initialiser runs or a checkpoint
is restored in it: saving from it fails with ``FailedPreconditionError: ... uninitialized value`` (with TensorFlow 2 ``Could not find
variable``), or the server does at the first request.

```python bad
import tensorflow as tf

result = tf.Variable(tf.zeros([5]), name="result")
builder = tf.compat.v1.saved_model.builder.SavedModelBuilder("export/1")
with tf.compat.v1.Session() as session:
    builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map=signatures)  # <-
builder.save()
```

```python good
import tensorflow as tf

result = tf.Variable(tf.zeros([5]), name="result")
with tf.compat.v1.Session() as session:
    session.run(tf.compat.v1.global_variables_initializer())
    builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map=signatures)
with tf.compat.v1.Session() as other:
    saver.restore(other, "model.ckpt")
    tf.compat.v1.saved_model.simple_save(other, "export/2", inputs, outputs)
```

A frozen graph has no variables, and a session that is handed to something else may be filled there.

```python good
import tensorflow as tf

with tf.compat.v1.Session(graph=tf.Graph()) as session:
    tf.import_graph_def(definition, name="")
    builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map=signatures)
```

```python good
import tensorflow as tf

weights = tf.Variable(tf.zeros([5]))
with tf.compat.v1.Session() as session:
    load_weights(session)
    builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map=signatures)
with tf.compat.v1.Session().as_default() as session:
    tf.compat.v1.global_variables_initializer().run()
    builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map=signatures)
```

References: executed with TensorFlow 2.21 (`tests/claims/test_parsing.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.values import Truth

SESSION = "tensorflow.{compat.v1.,}Session()"
FILLS = re.compile(
    r"initializer|restore|\.load\(|load_weights|import_graph_def|import_meta_graph|convert_variables|set_session|as_default|\.run\(\)"
)
"""Words of code that gives variables values, or that replaces them by constants, wherever it does."""


@rule(
    "DPL141",
    severity="error",
    leaves=["S.2.1", "S.2.3"],
    see=["https://www.tensorflow.org/api_docs/python/tf/compat/v1/saved_model/Builder", "https://stackoverflow.com/q/46200479"],
)
def variables_not_initialized(file: PythonFile) -> Iterator[Finding]:
    given = [
        (call, call.argument("sess", 0))
        for call in file.calls("**.add_meta_graph_and_variables", "tensorflow.**.saved_model.simple_save", "tensorflow.**.simple_save")
    ]
    if not any(file.calls("tensorflow.{compat.v1.,}{Variable,get_variable}", "tensorflow.{compat.v1.,}layers.*")):
        return
    for call, argument in given:
        session = argument if not argument.missing else call.argument("session", 0)
        if session.is_(SESSION) is Truth.yes and not call.guarded and _untouched(file, session):
            yield Finding(
                call,
                "the session was just opened, and no variable has a value in it: FailedPreconditionError: uninitialized value",
                help="run the initialiser or restore a checkpoint in this session first, or save from the one that trained",
            )


def _untouched(file: PythonFile, session: Value) -> bool:
    """Nothing in the block that opens the session, but the saving, names it or fills variables."""
    name = session.node.id if isinstance(session.node, ast.Name) else ""
    for block in (node for node in file.shape.nodes if isinstance(node, ast.With)):
        opened = [item.optional_vars.id for item in block.items if isinstance(item.optional_vars, ast.Name)]
        inside = {id(node) for node in ast.walk(block)}
        if name in opened and id(session.node) in inside:
            text = file.source(block)
            return len(re.findall(rf"\b{name}\b", text)) == 2 and not FILLS.search(text)
    return False
