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

The other way round, freezing a graph takes names of nodes: a tensor is called after its node and the number of its output.

```python bad
import tensorflow as tf
from tensorflow.python.framework import graph_util

x = tf.placeholder(tf.float32, [None, 784], name="x")
probs = tf.nn.softmax(tf.layers.dense(x, 10), name="probs")
with tf.Session() as sess:
    tf.train.Saver().restore(sess, "model.ckpt")
    frozen = graph_util.convert_variables_to_constants(sess, sess.graph_def, [probs.name])  # <-
    again = tf.graph_util.convert_variables_to_constants(sess, sess.graph_def, ["probs:0"])  # <-
```

```python good
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 784], name="x")
probs = tf.nn.softmax(tf.layers.dense(x, 10), name="probs")
with tf.Session() as sess:
    tf.train.Saver().restore(sess, "model.ckpt")
    names = [probs.op.name, "probs", probs.name.split(":")[0], tf.group(probs).name]
    frozen = tf.graph_util.convert_variables_to_constants(sess, sess.graph_def, names)
```

References: run with TensorFlow 2.21 (`compat.v1`); https://stackoverflow.com/questions/55515599.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile

CALLS = (
    "tensorflow.{contrib.,compat.v1.,}lite.toco_convert",
    "tensorflow.{contrib.,compat.v1.,}lite.{TFLiteConverter,TocoConverter}.from_session",
)

FREEZES = {
    "tensorflow.**.convert_variables_to_constants": ("output_node_names", 2),
    "tensorflow.**.extract_sub_graph": ("dest_nodes", 1),
}
_TENSOR_NAME = re.compile(
    r"tensorflow\.(compat\.v1\.)?(nn|math|layers|keras\.layers|sigmoid|argmax|identity|matmul|reshape|squeeze|placeholder|add|concat|cast|tanh)"
    r"[\w.()]*\(\)\.name|[\w.()]*\.models\.[\w.()]*\.(output|outputs\[\])\.name"
)
"""``.name`` of what an operation gave, or of a Keras model's output: ``probs:0``."""


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
    for pattern, where in FREEZES.items():
        for call in file.calls(pattern):
            name = _tensor_names(call.argument(*where)) if not call.guarded else ""
            if not name:
                continue
            yield Finding(
                call,
                f"{where[0]} holds {name}, and a node has no ':0': AssertionError, it is not in graph",
                help="give tensor.op.name, or the name without what follows the colon",
            )


def _tensor_names(given: Value) -> str:
    """A name of a tensor, where a list holds one for certain: written with its output, or asked of what an operation gave."""
    for item in given.items or ():
        if item.text and re.search(r":\d+$", item.text):
            return repr(item.text)
        if _TENSOR_NAME.fullmatch(item.name):
            return "the name of a tensor"
    return ""


def _constants(given: Value) -> str:
    """What a list of tensors certainly holds instead; empty if it may hold tensors."""
    values = [item.python() for item in given.items or ()]
    if any(type(value) is int for value in values):
        return "numbers, as a shape does"
    return "names" if any(isinstance(value, str) for value in values) else ""
