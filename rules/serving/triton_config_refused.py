"""A `config.pbtxt` that Triton refuses whatever the model is.

The configuration is checked before the model is looked at: names of types and kinds that do not exist, fields that are given twice,
preferred batch sizes above the largest one (``dynamic batching preferred size must be <= max batch size for damage``), a GPU for an
instance on the CPU (``has kind KIND_CPU but specifies one or more GPUs``). The model is not loaded.

```pbtxt bad path=models/damage/config.pbtxt
platform: "onnxruntime_onnx"
max_batch_size: 8
input [ { name: "image" data_type: TYPE_FLOAT32 dims: [ 3, 32, 32 ] } ]  # <-
output [ { name: "damage" data_type: TYPE_FP32 dims: [ 4, 0 ] } ]  # <-
dynamic_batching { preferred_batch_size: [ 8, 16 ] }  # <-
instance_group [
  { count: 1 kind: KIND_CPU gpus: [ 0 ] },  # <-
  { count: 1 kind: KIND_CUDA }  # <-
]
```

```pbtxt good path=models/damage/config.pbtxt
platform: "onnxruntime_onnx"
max_batch_size: 16
input [ { name: "image" data_type: TYPE_FP32 dims: [ 3, -1, -1 ] format: FORMAT_NCHW } ]
output [ { name: "damage" data_type: TYPE_FP32 dims: [ 4 ] } ]
dynamic_batching { preferred_batch_size: [ 8, 16 ] max_queue_delay_microseconds: 100 }
instance_group [ { count: 1 kind: KIND_GPU gpus: [ 0 ] }, { count: 1 kind: KIND_CPU } ]
```

Of the ways to schedule requests a model has one.

```pbtxt bad path=models/damage/config.pbtxt
backend: "python"
max_batch_size: 8
max_batch_size: 16  # <-
dynamic_batching { }
sequence_batching { }  # <-
```

An ensemble runs nothing itself.

```pbtxt bad path=models/pipeline/config.pbtxt
platform: "ensemble"
max_batch_size: -1  # <-
ensemble_scheduling { }  # <-
instance_group [ { count: 1 kind: KIND_CPU } ]  # <-
```

`reshape` cannot change the number of elements.

```pbtxt bad path=models/damage/config.pbtxt
platform: "pytorch_libtorch"
max_batch_size: 8
input [ { name: "image__0" data_type: TYPE_FP32 dims: [ 3, 32, 32 ] reshape { shape: [ 1024 ] } } ]  # <-
output [ { name: "damage__0" data_type: TYPE_FP32 dims: [ 1 ] reshape { shape: [ ] } } ]
```

A template is no configuration yet.

```pbtxt good path=models/damage/config.pbtxt
name: "${name}"
backend: "python"
input [ { name: "text" data_type: TYPE_STRING dims: [ 1 ] } ]
```

References: `ValidateModelConfig`, `ValidateIOShape` and `ValidateInstanceGroup` in `src/model_config_utils.cc` of Triton's core,
`model_config.proto` in triton-inference-server/common.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.text import Word
from deplint.settings.textproto import Message
from deplint.settings.triton import DTYPES, TritonConfig, TritonTensor

KINDS = ("", "KIND_AUTO", "KIND_GPU", "KIND_CPU", "KIND_MODEL")
ONCE = (
    *("name", "platform", "backend", "max_batch_size", "default_model_filename", "version_policy", "optimization", "runtime"),
    *("dynamic_batching", "sequence_batching", "ensemble_scheduling", "model_transaction_policy", "response_cache"),
)
SCHEDULERS = ("dynamic_batching", "sequence_batching", "ensemble_scheduling")


@rule(
    "DPL518",
    severity="error",
    leaves=["S.4.3", "S.4.4"],
    see=[
        "https://github.com/triton-inference-server/core/blob/73aad7c3348d040c7087d57837d75822c488495e/src/model_config_utils.cc",
        "https://github.com/triton-inference-server/common/blob/main/protobuf/model_config.proto",
    ],
)
def triton_config_refused(config: TritonConfig) -> Iterator[Finding]:
    for at, what, remedy in _faults(config):
        yield Finding(at, f"{what}: Triton refuses the configuration", help=remedy)


def _faults(config: TritonConfig) -> Iterator[tuple[Word | Message | TritonTensor, str, str]]:
    fields = config.message.fields
    for name in ONCE:
        if len(fields.get(name, ())) > 1:
            yield fields[name][1], f"{name} is given twice", "leave one of them out"
    scheduled = [fields[name][0] for name in SCHEDULERS if name in fields]
    if len(scheduled) > 1:
        yield scheduled[1], f"only one of {', '.join(SCHEDULERS)} may be given", "leave the others out"
    for tensor in (*config.inputs, *config.outputs):
        fault = _tensor(tensor)
        if fault:
            yield tensor, *fault
    yield from _batching(config)
    yield from _ensemble(config)
    for group in config.message.all("instance_group"):
        kind = group.text("kind")
        if kind not in KINDS and kind.startswith("KIND_"):
            yield group, f"there is no {kind}", f"kinds are {', '.join(filter(None, KINDS))}"
        elif kind in ("KIND_CPU", "KIND_MODEL") and group.integers("gpus"):
            yield group, f"{kind} names GPUs", "leave gpus out, or use KIND_GPU"


def _batching(config: TritonConfig) -> Iterator[tuple[Word | Message, str, str]]:
    batching, most = config.message.get("dynamic_batching"), config.max_batch_size
    if most is None or "max_batch_size" not in config.message.fields:
        return
    if most < 0:
        yield config.message.words("max_batch_size")[0], "max_batch_size is negative", "0 is for a model without a batch dimension"
        return
    if batching is None:
        return
    sizes = batching.integers("preferred_batch_size")
    if any(size <= 0 for size in sizes):
        yield batching, "a preferred_batch_size is not positive", "leave it out"
    elif any(size > most for size in sizes):
        remedy = "raise max_batch_size" if most else "set max_batch_size to the largest batch the model takes"
        yield batching, f"a preferred_batch_size of {max(sizes)} is above max_batch_size, {most}", remedy


def _ensemble(config: TritonConfig) -> Iterator[tuple[Word | Message, str, str]]:
    scheduling, groups = config.message.get("ensemble_scheduling"), config.message.all("instance_group")
    if scheduling is not None and config.platform not in ("", "ensemble"):
        yield scheduling, f"ensemble_scheduling is for the platform ensemble, and not for {config.platform}", 'platform: "ensemble"'
    if scheduling is not None and config.platform == "ensemble" and not scheduling.all("step"):
        yield scheduling, "the ensemble has no step", "name the models it runs, each in a step"
    if config.platform == "ensemble" and groups:
        yield groups[0], "an ensemble has no instances", "leave instance_group to its models"


def _tensor(tensor: TritonTensor) -> tuple[str, str] | None:
    if tensor.data_type.startswith("TYPE_") and not tensor.dtype and tensor.data_type != "TYPE_INVALID":
        return f"there is no {tensor.data_type}", f"types are {', '.join(DTYPES)}"
    wrong = next((size for size in tensor.dims if size == 0 or size < -1), None)
    if wrong is not None:
        return f"a dimension of {tensor.name} is {wrong}", "a dimension is positive, or -1 for any size"
    shape = tensor.reshape
    if shape is not None and tensor.dims and shape.count(-1) != tensor.dims.count(-1):
        return f"{tensor.name} has {tensor.dims.count(-1)} open dimensions, and {shape.count(-1)} reshaped", "reshape keeps their number"
    if shape is not None and tensor.dims and -1 not in (*tensor.dims, *shape) and math.prod(shape) != math.prod(tensor.dims):
        return (
            f"{tensor.name} has {math.prod(tensor.dims)} elements, and {math.prod(shape)} reshaped",
            "reshape keeps the number of elements",
        )
    return None
