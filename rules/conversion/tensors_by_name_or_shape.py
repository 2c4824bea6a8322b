"""A converter of TensorFlow 1 that is given shapes or names where it takes the tensors themselves.

`toco_convert` and `TFLiteConverter.from_session` take tensors of the graph. A shape, or the name of a node, ends in ``AttributeError: 'int'
object has no attribute 'dtype'`` (or ``'name'``).

```python bad
import tensorflow as tf

graph_def = tf.GraphDef()
model = tf.contrib.lite.toco_convert(graph_def, [1, 224, 224, 3], ["final_result"])  # <-
```

```python bad
import tensorflow.compat.v1 as tf

with tf.Session() as session:
    converter = tf.lite.TFLiteConverter.from_session(session, ["input"], ["final_result"])  # <-
```

```python good
import tensorflow as tf

with tf.Session() as session:
    image = tf.placeholder(tf.float32, [1, 224, 224, 3], name="input")
    result = session.graph.get_tensor_by_name("final_result:0")
    converter = tf.lite.TFLiteConverter.from_session(session, [image], [result])
    other = tf.lite.TFLiteConverter.from_frozen_graph("net.pb", ["input"], ["final_result"])
    third = tf.lite.TFLiteConverter.from_session(session, inputs, [result])
```

References: run with TensorFlow 2.21 (`compat.v1`); https://stackoverflow.com/questions/55515599.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile

CALLS = (
    "tensorflow.{contrib.,compat.v1.,}lite.toco_convert",
    "tensorflow.{contrib.,compat.v1.,}lite.{TFLiteConverter,TocoConverter}.from_session",
)


@rule(
    "DPL692",
    severity="error",
    leaves=["M.2.4"],
    see=[
        "https://stackoverflow.com/questions/55515599",
        "https://www.tensorflow.org/api_docs/python/tf/compat/v1/lite/TFLiteConverter#from_session",
    ],
)
def tensors_by_name_or_shape(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(*CALLS):
        for name, position in (("input_tensors", 1), ("output_tensors", 2)):
            what = _constants(call.argument(name, position))
            if what and not call.guarded:
                yield Finding(
                    call,
                    f"{name} holds {what}, and takes the tensors themselves: AttributeError, no attribute 'dtype' (or 'name')",
                    help="give tensors: graph.get_tensor_by_name('input:0'); from_frozen_graph takes names",
                )
                break


def _constants(given: Value) -> str:
    """What a list of tensors certainly holds instead; empty if it may hold tensors."""
    values = [item.python() for item in given.items or ()]
    if any(type(value) is int for value in values):
        return "numbers, as a shape does"
    return "names" if any(isinstance(value, str) for value in values) else ""
