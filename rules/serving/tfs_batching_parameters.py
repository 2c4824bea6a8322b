"""Batching parameters that TensorFlow Serving cannot read or does not accept.

Most of the fields of the file are wrapped numbers, so that "not set" and 0 differ: ``max_batch_size { value: 32 }``. Written as
``max_batch_size: 32`` the file does not parse, and the server does not start. The sizes a batch may be padded to grow, and the last is
the largest batch: ``Last entry in allowed_batch_sizes must match max_batch_size; last entry was 16; expected 32``.

```textproto bad path=batching.config
max_batch_size: 32  # <-
batch_timeout_micros: 1000  # <-
num_batch_threads { value: 4 }
```

```textproto good path=batching.config
max_batch_size { value: 32 }
batch_timeout_micros { value: 1000 }
num_batch_threads: { value: 4 }
allowed_batch_sizes: [ 8, 16, 32 ]
pad_variable_length_inputs: true
```

```textproto bad path=batching.txt
max_batch_size { value: 32 }
num_batch_threads { value: 4 }
allowed_batch_sizes: 4
allowed_batch_sizes: 16  # <-
```

They grow.

```textproto bad path=batching.txt
max_batch_size { value: 32 }
allowed_batch_sizes: [ 16, 8, 32 ]  # <-
```

A field that does not exist stops the parser as well.

```textproto bad path=batching.txt
max_batch_size { value: 32 }
batch_timeout_us { value: 500 }  # <-
num_batch_threads { value: 4 }
```

Triton's `config.pbtxt` has a field of that name, which is a number.

```pbtxt good
platform: "onnxruntime_onnx"
max_batch_size: 8
input [ { name: "image" data_type: TYPE_FP32 dims: [ 3, 32, 32 ] } ]
output [ { name: "damage" data_type: TYPE_FP32 dims: [ 4 ] } ]
```

```textproto + path=batching.config
max_batch_size { value: 8 }
max_enqueued_batches { value: 100 }
```

References: `BatchingParameters` in `servables/tensorflow/session_bundle_config.proto`, `WrapSessionForBatching` in
`bundle_factory_util.cc` of TensorFlow Serving.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import pairwise

from deplint import Finding, rule
from deplint.settings.text import Word
from deplint.settings.textproto import Message
from deplint.settings.triton import BatchingParameters

WRAPPED = {
    *("max_batch_size", "batch_timeout_micros", "max_enqueued_batches", "num_batch_threads", "thread_pool_name"),
    *("enable_large_batch_splitting", "max_execution_batch_size"),
}
PLAIN = {"allowed_batch_sizes", "pad_variable_length_inputs"}
LARGEST = 1000
"""What max_batch_size is where it is not set."""


@rule(
    "DPL512",
    severity="error",
    leaves=["S.4.3"],
    see=[
        "https://github.com/tensorflow/serving/blob/2.20.0/tensorflow_serving/servables/tensorflow/session_bundle_config.proto",
        "https://stackoverflow.com/q/42635873",
    ],
)
def tfs_batching_parameters(parameters: BatchingParameters) -> Iterator[Finding]:
    fields = parameters.message.fields
    if not fields.keys() & (WRAPPED | PLAIN):
        return
    for name, values in fields.items():
        for value in values:
            if name not in WRAPPED | PLAIN:
                near = difflib.get_close_matches(name, WRAPPED | PLAIN, 1)
                message = f"batching parameters have no field {name}: TensorFlow Serving cannot read the file, and does not start"
                yield Finding(value, message, help=f"is {near[0]} meant?" if near else "")
            elif name in WRAPPED and isinstance(value, Word) and "$" not in (value.text or ""):
                yield Finding(
                    value,
                    f"{name} is a wrapped value, and no plain one: TensorFlow Serving cannot read the file, and does not start",
                    help=f"write {name} {{ value: {value.text} }}",
                )
            elif name in PLAIN and isinstance(value, Message):
                yield Finding(
                    value,
                    f"{name} is a plain value, and no message: TensorFlow Serving cannot read the file, and does not start",
                    help=f"write {name}: VALUE",
                )
    yield from _sizes(parameters.message)


def _sizes(message: Message) -> Iterator[Finding]:
    sizes, words = message.integers("allowed_batch_sizes"), message.words("allowed_batch_sizes")
    most = message.get("max_batch_size")
    largest = most.integer("value") if most else None if "max_batch_size" in message.fields else LARGEST
    if not sizes or len(sizes) != len(words):
        return
    if any(second <= first for first, second in pairwise(sizes)):
        yield Finding(words[0], "allowed_batch_sizes do not grow: TensorFlow Serving refuses to load the models", help="sort them")
    elif largest is not None and sizes[-1] != largest:
        yield Finding(
            words[-1],
            f"the last of allowed_batch_sizes is {sizes[-1]}, and max_batch_size is {largest}: they must be equal",
            help=f"end the list in {largest}, or set max_batch_size {{ value: {sizes[-1]} }}",
        )
