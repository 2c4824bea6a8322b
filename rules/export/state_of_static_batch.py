"""The state of a recurrent cell made as large as the batch that is known while the graph is built.

``x.get_shape()[0]`` is a number of the graph's description. It is None where the batch was left open, and building the graph fails
(``None values not supported``); else it is the batch of training, and stays in the graph: another batch, such as the one
example of a request, does not fit the state. ``tf.shape(x)[0]`` is the size of what comes.

```python bad
import tensorflow as tf

x = tf.placeholder(tf.float32, [64, 80, 3])
cell = tf.nn.rnn_cell.LSTMCell(32)
state = cell.zero_state(x.get_shape()[0], tf.float32)  # <-
outputs, last = tf.nn.dynamic_rnn(cell, x, initial_state=state)
```

```python good
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 80, 3])
cell = tf.nn.rnn_cell.LSTMCell(32)
state = cell.zero_state(tf.shape(x)[0], tf.float32)
outputs, last = tf.nn.dynamic_rnn(cell, x, initial_state=state)
```

Where TensorFlow runs eagerly, the shape is that of what came.

```python good
import tensorflow as tf

def decode(cell, memory, x):
    return cell.zero_state(x.shape[0], tf.float32)
```

References: https://www.tensorflow.org/api_docs/python/tf/shape; executed with TensorFlow 2.21 (`tests/claims/test_served_graphs.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile

STATIC = re.compile(r"[\w.]+\.(?:get_shape\(\)|shape)(?:\.as_list\(\))?\[0\](?:\.value)?")
GRAPH = re.compile(r"\bplaceholder\(|\bdynamic_rnn\(|\btf\.contrib\.|\braw_rnn\(")
"""Code of TensorFlow 1, which builds a graph."""


@rule(
    "DPL148",
    severity="warning",
    leaves=["S.4.3"],
    see=["https://www.tensorflow.org/api_docs/python/tf/shape", "https://stackoverflow.com/q/41668786"],
)
def state_of_static_batch(file: PythonFile) -> Iterator[Finding]:
    if "zero_state(" not in file.text or not GRAPH.search(file.text):
        return
    for node in file.shape.nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "zero_state" or not node.args:
            continue
        if STATIC.fullmatch(file.source(node.args[0])):
            yield Finding(
                file.place_of(node),
                "the state is as large as the batch known while the graph is built: that is None, which fails, or the batch of training, "
                "and then no other fits",
                help="take the size of what comes: tf.shape(x)[0]",
            )
