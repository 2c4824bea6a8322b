"""A signature whose output is a placeholder.

A placeholder is what a graph is given, not what it computes. As an output the server asks the graph for it, and nobody fed it: ``You must
feed a value for placeholder tensor 'y'``.

```python bad
import tensorflow as tf

x = tf.compat.v1.placeholder(tf.float32, [None, 4], name="x")
y = tf.compat.v1.placeholder(tf.float32, [None, 1], name="y")
scores = tf.sigmoid(tf.matmul(x, w))
tf.compat.v1.saved_model.simple_save(session, "export/1", inputs={"x": x}, outputs={"y": y})  # <-
```

```python good
import tensorflow as tf

x = tf.compat.v1.placeholder(tf.float32, [None, 4], name="x")
keep = tf.compat.v1.placeholder_with_default(1.0, [])
scores = tf.sigmoid(tf.matmul(x, w))
tf.compat.v1.saved_model.simple_save(session, "export/1", inputs={"x": x, "keep": keep}, outputs={"y": scores, "keep": keep})
info = tf.compat.v1.saved_model.build_tensor_info(scores)
tf.compat.v1.saved_model.build_signature_def({"x": tf.compat.v1.saved_model.build_tensor_info(x)}, {"y": info})
```

References: executed with TensorFlow 2.21 (`tests/claims/test_served_graphs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile
from deplint.code.signatures import BUILT, SIMPLE, described, is_placeholder


@rule(
    "DPL147",
    severity="error",
    leaves=["S.6.2", "S.2.3"],
    see=["https://www.tensorflow.org/api_docs/python/tf/compat/v1/saved_model/build_signature_def", "https://stackoverflow.com/q/51379897"],
)
def signature_output_is_placeholder(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(SIMPLE, BUILT):
        outputs = call.argument("outputs", 3 if call.name.endswith("simple_save") else 1)
        inputs = call.argument("inputs", 2 if call.name.endswith("simple_save") else 0)
        fed = {described(value).identity for _, value in inputs.entries or ()}
        for _, value in outputs.entries or () if inputs.exact and not call.guarded else ():
            if is_placeholder(described(value)) and described(value).identity not in fed:
                yield Finding(
                    call,
                    "an output of the signature is a placeholder: nobody feeds it when the server asks for it, and every request fails",
                    help="give the tensor that the network computes",
                )
                break
