"""Variables that are initialised after their values were restored.

`global_variables_initializer` gives every variable its first value again, those too that a checkpoint or a weights file has just
filled. Nothing fails: the network answers as if it had never been trained.

```python bad
import tensorflow as tf

saver = tf.compat.v1.train.Saver()
with tf.compat.v1.Session() as session:
    saver.restore(session, "model.ckpt")
    session.run(tf.compat.v1.global_variables_initializer())  # <-
    tf.compat.v1.saved_model.simple_save(session, "export/1", inputs, outputs)
```

```python bad
import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow.keras.models import load_model

model = load_model("net.h5")
session = K.get_session()
session.run(tf.compat.v1.global_variables_initializer())  # <-
tf.compat.v1.saved_model.simple_save(session, "export/1", {"x": model.input}, {"y": model.output})
```

```python good
import tensorflow as tf

saver = tf.compat.v1.train.Saver()
with tf.compat.v1.Session() as session:
    session.run(tf.compat.v1.global_variables_initializer())
    saver.restore(session, "model.ckpt")

with tf.compat.v1.Session() as other:
    if fresh:
        other.run(tf.compat.v1.global_variables_initializer())
    else:
        saver.restore(other, "model.ckpt")

with tf.compat.v1.Session() as third:
    saver.restore(third, "model.ckpt")
    third.run(tf.compat.v1.variables_initializer(added))

with tf.compat.v1.Session() as fourth:
    saver.restore(fourth, "model.ckpt")
    fourth.run(tf.compat.v1.global_variables_initializer())
    saver.restore(fourth, "model.ckpt")
```

References: executed with TensorFlow 2.21 (`tests/claims/test_served_graphs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile

RESTORES = "tensorflow.{compat.v1.,}train.{Saver,import_meta_graph}().restore"
SESSION = "tensorflow.{compat.v1.,}{Session,InteractiveSession}()"
KERAS_SESSION = "{tensorflow.keras,keras,tensorflow.compat.v1.keras}.backend.get_session()"
KERAS = "{tensorflow.keras,keras}"
KERAS_NAMES = ("tensorflow.keras.", "keras.", "tensorflow.compat.v1.keras.")
INITIALIZERS = {
    f"tensorflow.{version}{name}()"
    for version in ("", "compat.v1.")
    for name in ("global_variables_initializer", "initialize_all_variables", "initializers.global_variables")
}


@rule(
    "DPL146",
    severity="error",
    leaves=["S.6.4", "S.2.1"],
    see=["https://www.tensorflow.org/api_docs/python/tf/compat/v1/global_variables_initializer"],
)
def initialized_after_restore(file: PythonFile) -> Iterator[Finding]:
    runs = [call for call in file.calls(SESSION + ".run", KERAS_SESSION + ".run") if call.arguments]
    resets = [call for call in runs if call.arguments[0].name in INITIALIZERS]
    restored = list(file.calls(RESTORES))
    filled = [*file.calls(KERAS + ".**.load_model"), *file.calls("**.load_weights")]
    keras = {call.argument("session", 0).identity for call in file.calls(KERAS + ".backend.set_session")}
    for reset in resets:
        session = reset.receiver.identity
        own = [one for one in restored if one.argument("sess", 0).identity == session]
        own += filled if reset.name.startswith(KERAS_NAMES) or session in keras else []
        if any(_goes_before(one, reset) for one in own) and not any(_goes_before(reset, one) for one in (*own, *filled)):
            yield Finding(
                reset,
                "this sets every variable to its first value, those too that were just restored: the trained weights are lost",
                help="initialise first and restore then, or leave the initialiser out",
            )


def _goes_before(first: Call, then: Call) -> bool:
    """Both run, one after the other, in the same function."""
    return first.functions == then.functions and first.certain and then.certain and first.node.lineno < then.node.lineno
