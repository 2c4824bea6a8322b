"""`make_tensor_proto` given more values than its shape has room for.

``shape=[1]`` is right for one value. With a list of several, as for a batch, it raises ``ValueError: Too many elements
provided. Takes at most 1, but got 2``.

```python bad
import numpy as np
import tensorflow as tf

pictures = [open("a.jpg", "rb").read(), open("b.jpg", "rb").read()]
tf.make_tensor_proto(pictures, shape=[1])  # <-
tf.make_tensor_proto(np.zeros((4, 10), np.float32), shape=[1, 10])  # <-
```

```python good
import numpy as np
import tensorflow as tf

pictures = [open("a.jpg", "rb").read(), open("b.jpg", "rb").read()]
tf.make_tensor_proto(pictures, shape=[len(pictures)])
tf.make_tensor_proto(pictures)
tf.make_tensor_proto(open("a.jpg", "rb").read(), shape=[1])
tf.make_tensor_proto(np.zeros((4, 10), np.float32), shape=[4, 10])
tf.make_tensor_proto(load(), shape=[1])
```

References: checked with TensorFlow 2.21 (`tests/claims/test_services.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from deplint import Finding, rule
from deplint.code.arrays import shape
from deplint.code.facts import Value
from deplint.code.python import PythonFile

MAKE = "tensorflow.{make_tensor_proto,compat.v1.make_tensor_proto,contrib.util.make_tensor_proto}"


@rule(
    "DPL622",
    severity="error",
    leaves=["S.5.3"],
    see=["https://www.tensorflow.org/api_docs/python/tf/make_tensor_proto", "https://stackoverflow.com/q/42519010"],
)
def tensor_proto_too_small(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(MAKE):
        wanted, given = call.argument("shape", 2).python(), _count(call.argument("values", 0))
        sized = isinstance(wanted, (list, tuple)) and all(isinstance(n, int) for n in wanted)
        if given is not None and sized and given > prod(wanted) and not call.guarded:
            yield Finding(
                call,
                f"{given} values are given for the shape {list(wanted)}: make_tensor_proto raises, Too many elements provided",
                help="give the shape of the whole batch, or leave it out",
            )


def _count(value: Value) -> int | None:
    """How many elements an array, or a list of plain values, certainly has."""
    sizes = shape(value)
    if sizes is not None:
        known = [size for size in sizes if size is not None]
        return prod(known) if len(known) == len(sizes) else None
    items = value.items if value.exact and value.entries is None else None
    if items and all(item.items is None and (item.text is not None or _bytes(item)) for item in items):
        return len(items)
    return None


def _bytes(value: Value) -> bool:
    made = value.origin
    return isinstance(value.python(), bytes) or (made is not None and made.name in ("open().read", "base64.b64decode"))
