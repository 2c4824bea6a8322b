"""Triton is to batch requests for a model it may not batch.

With ``max_batch_size: 0`` the model is said to have no batch dimension. Triton then gives it one request at a time, and
`dynamic_batching` changes nothing.

```pbtxt bad path=models/damage/config.pbtxt
platform: "onnxruntime_onnx"
max_batch_size: 0
input [ { name: "image" data_type: TYPE_FP32 dims: [ -1, 3, 32, 32 ] } ]
output [ { name: "damage" data_type: TYPE_FP32 dims: [ -1, 4 ] } ]
dynamic_batching { max_queue_delay_microseconds: 100 }  # <-
```

```pbtxt good path=models/damage/config.pbtxt
platform: "onnxruntime_onnx"
max_batch_size: 8
input [ { name: "image" data_type: TYPE_FP32 dims: [ 3, 32, 32 ] } ]
output [ { name: "damage" data_type: TYPE_FP32 dims: [ 4 ] } ]
dynamic_batching { max_queue_delay_microseconds: 100 }
```

Where nobody says how large a batch may be, Triton may find out from the model.

```pbtxt good path=models/damage/config.pbtxt
platform: "onnxruntime_onnx"
dynamic_batching { }
```

References: `DynamicBatchScheduler` in `src/dynamic_batch_scheduler.cc` of Triton's core takes a `max_batch_size` of 0 for 1; "Dynamic
Batcher" in the user guide.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.triton import TritonConfig


@rule(
    "DPL519",
    severity="warning",
    leaves=["S.4.3"],
    see=[
        "https://github.com/triton-inference-server/core/blob/73aad7c3348d040c7087d57837d75822c488495e/src/dynamic_batch_scheduler.cc",
        "https://github.com/triton-inference-server/server/blob/v2.71.0/docs/user_guide/batcher.md",
    ],
)
def triton_batching_without_effect(config: TritonConfig) -> Iterator[Finding]:
    batching = config.dynamic_batching
    if batching is not None and "max_batch_size" in config.message.fields and config.max_batch_size == 0 and not batching.preferred:
        yield Finding(
            batching,
            "max_batch_size is 0: Triton gives the model one request at a time, and dynamic_batching has no effect",
            help="set max_batch_size to the largest batch, and leave the batch dimension out of dims",
        )
