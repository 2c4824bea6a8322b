"""A Triton model that is to be batched and whose batch is fixed.

With `max_batch_size` above 0 Triton adds a batch dimension to every shape in `config.pbtxt` and puts requests together. The ONNX
Runtime and TensorFlow backends then insist that the model leaves that dimension open, and refuse to load any other: ``for the model to
support batching the shape should have at least 1 dimension and the first dimension must be -1; but shape expected by the model is
[1,3,32,32]``.

```pbtxt bad path=models/damage/config.pbtxt
platform: "onnxruntime_onnx"
max_batch_size: 8  # <-
input [ { name: "image" data_type: TYPE_FP32 dims: [ 3, 32, 32 ] } ]
output [ { name: "damage" data_type: TYPE_FP32 dims: [ 4 ] } ]
```

```graph + path=models/damage/1/model.onnx
model onnx ir=8 opset=17
graph main
  input image float32[1,3,32,32]
  output damage float32[1,4]
```

Exported with a dynamic batch the model is fine.

```pbtxt good path=models/damage/config.pbtxt
platform: "onnxruntime_onnx"
max_batch_size: 8
input [ { name: "image" data_type: TYPE_FP32 dims: [ 3, 32, 32 ] } ]
output [ { name: "damage" data_type: TYPE_FP32 dims: [ 4 ] } ]
```

```graph + path=models/damage/1/model.onnx
model onnx ir=8 opset=17
graph main
  input image float32[batch,3,32,32]
  output damage float32[batch,4]
```

So is a fixed one that is served without batching.

```pbtxt good path=models/damage/config.pbtxt
platform: "onnxruntime_onnx"
max_batch_size: 0
input [ { name: "image" data_type: TYPE_FP32 dims: [ 1, 3, 32, 32 ] } ]
output [ { name: "damage" data_type: TYPE_FP32 dims: [ 1, 4 ] } ]
```

```graph + path=models/damage/1/model.onnx
model onnx ir=8 opset=17
graph main
  input image float32[1,3,32,32]
  output damage float32[1,4]
```

An output whose first dimension the exporter has fixed is refused just so.

```pbtxt bad path=models/depth/config.pbtxt
backend: "onnxruntime"
max_batch_size: 4  # <-
input [ { name: "image" data_type: TYPE_FP32 dims: [ 3, 518, 518 ] } ]
output [ { name: "depth" data_type: TYPE_FP32 dims: [ 518, 518 ] } ]
```

```graph + path=models/depth/1/model.onnx
model onnx ir=8 opset=17
graph main
  input image float32[batch,3,518,518]
  output depth float32[1,518,518]
```

Other backends see to it in their own ways (OpenVINO reshapes the model), and are not judged.

Where the model is not in the project, the code that exports it tells.

```pbtxt bad path=models/damage/config.pbtxt line=2
platform: "onnxruntime_onnx"
max_batch_size: 8
```

```python + path=export.py
import torch
from net import net

torch.onnx.export(net, torch.randn(1, 3, 32, 32), "models/damage/1/model.onnx", input_names=["image"], output_names=["scores"])
```

References: `CompareDimsSupported` in `src/onnxruntime_utils.cc` of Triton's ONNX Runtime backend, `CompareDims` in the TensorFlow backend.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Model, Project, rule
from deplint.code.exported import in_repository
from deplint.model import Tensor
from deplint.settings.triton import TritonConfig

FILES = {
    "onnxruntime_onnx": "model.onnx",
    "onnxruntime": "model.onnx",
    "tensorflow_savedmodel": "model.savedmodel",
}
"""What a backend or platform loads from a version's folder unless `default_model_filename` names another file."""


@rule(
    "DPL503",
    severity="error",
    leaves=["S.4.3"],
    see=[
        "https://github.com/triton-inference-server/onnxruntime_backend/blob/main/src/onnxruntime_utils.cc",
        "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html#maximum-batch-size",
    ],
)
def fixed_batch_vs_server_batching(config: TritonConfig, project: Project) -> Iterator[Finding]:
    default = FILES.get(config.platform) or FILES.get(config.backend)
    if not config.max_batch_size or config.max_batch_size < 1 or default is None:
        return
    listed = {output.name for output in config.outputs}
    for model in _models(config, project, config.default_model_filename or default):
        signature = model.signatures.get("serving_default")
        inputs, outputs = (signature.inputs, signature.outputs) if signature else (_named(model.inputs), _named(model.outputs))
        fixed = [f"input {name}" for name, tensor in inputs.items() if _fixed(tensor)]
        fixed += [f"output {name}" for name, tensor in outputs.items() if name in listed and _fixed(tensor)]
        if fixed:
            yield Finding(
                config.at("max_batch_size"),
                f"max_batch_size is {config.max_batch_size}, and the first dimension of {', '.join(fixed[:3])} of {model.path} "
                "is fixed: Triton refuses to load the model",
                help="export the model with a dynamic first dimension, or set max_batch_size: 0 and write that dimension into dims",
            )
            return


def _models(config: TritonConfig, project: Project, name: str) -> Iterator[Model]:
    """The model of each version; where none is in the project, the one that code exports there."""
    folder = Path(os.path.abspath(config.path)).parent
    there = False
    for file in project.files:
        if file.path.is_relative_to(folder):
            version, *rest = file.path.relative_to(folder).parts
            if version.isdigit() and rest in ([name], [name, "saved_model.pb"]):
                there = True
                yield from project.facts(file, Model)
    written = in_repository(config, project) if not there and name.endswith(".onnx") else None
    if written is not None:
        yield written


def _named(tensors: list[Tensor]) -> dict[str, Tensor]:
    return {tensor.name: tensor for tensor in tensors if tensor.stored is None}


def _fixed(tensor: Tensor) -> bool:
    return bool(tensor.shape) and tensor.shape is not None and isinstance(tensor.shape[0], int) and tensor.shape[0] >= 0
