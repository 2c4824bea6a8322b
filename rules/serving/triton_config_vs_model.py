"""A Triton configuration that says other things of an ONNX model than the model does.

What `config.pbtxt` lists is compared with the model when it is loaded: names (``unexpected inference input 'images', allowed inputs
are: image``), types (``configuration expects datatype TYPE_FP32 for input 'ids', model provides TYPE_INT64``), shapes (``the model
expects 4 dimensions (shape [-1,3,32,32]) but the model configuration specifies 5 dimensions (an initial batch dimension because
max_batch_size > 0 followed by the explicit tensor shape``). The first difference, and the model is not served.

```pbtxt bad path=models/damage/config.pbtxt
platform: "onnxruntime_onnx"
max_batch_size: 8
input [ { name: "image" data_type: TYPE_FP32 dims: [ -1, 3, 32, 32 ] } ]  # <- the batch is not repeated
output [ { name: "scores" data_type: TYPE_FP32 dims: [ 4 ] } ]  # <-
output [ { name: "label" data_type: TYPE_INT32 dims: [ 1 ] } ]  # <-
```

```graph + path=models/damage/1/model.onnx
model onnx ir=8 opset=17
graph main
  input image float32[batch,3,32,32]
  output damage float32[batch,4]
  output label int64[batch,1]
```

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
  output label int64[batch,1]
```

Without batching the shape is the whole one.

```pbtxt bad path=models/damage/config.pbtxt
backend: "onnxruntime"
input [ { name: "image" data_type: TYPE_FP32 dims: [ 3, 32, 32 ] } ]  # <-
```

```graph + path=models/damage/1/model.onnx
model onnx ir=8 opset=17
graph main
  input image float32[1,3,32,32]
  output damage float32[1,4]
```

`reshape` says what the model is given; a size that the model leaves open may be any.

```pbtxt good path=models/damage/config.pbtxt
backend: "onnxruntime"
max_batch_size: 4
input [ { name: "image" data_type: TYPE_FP32 dims: [ 1024 ] reshape { shape: [ 32, 32 ] } } ]
output [ { name: "damage" data_type: TYPE_FP32 dims: [ 4 ] } ]
```

```graph + path=models/damage/1/model.onnx
model onnx ir=8 opset=17
graph main
  input image float32[batch,height,32]
  output damage float32[batch,classes]
```

All inputs are listed, or none.

```pbtxt bad path=models/text/config.pbtxt
backend: "onnxruntime"
max_batch_size: 4  # <-
input [ { name: "ids" data_type: TYPE_INT64 dims: [ -1 ] } ]
```

```graph + path=models/text/1/model.onnx
model onnx ir=8 opset=17
graph main
  input ids int64[batch,length]
  input mask int64[batch,length]
  output scores float32[batch,2]
```

Where the model is not in the project, the code that exports it tells.

```pbtxt bad path=models/damage/config.pbtxt
platform: "onnxruntime_onnx"
max_batch_size: 16
input [ { name: "image" data_type: TYPE_FP32 dims: [ -1, 3, 32, 32 ] } ]  # <-
output [ { name: "scores" data_type: TYPE_FP32 dims: [ 4 ] } ]
```

```python + path=export.py
import pathlib
import torch
from net import net

folder = pathlib.Path("models/damage/1")
torch.onnx.export(net, torch.zeros(1, 3, 32, 32), str(folder / "model.onnx"), input_names=["image"], output_names=["scores"],
                  dynamic_axes={"image": {0: "batch"}, "scores": {0: "batch"}})
```

References: `ValidateInputs` and `ValidateOutputs` in `src/onnxruntime.cc`, `CompareDimsSupported` in `src/onnxruntime_utils.cc` of
Triton's ONNX Runtime backend.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.code.exported import in_repository
from deplint.model import Tensor
from deplint.settings.repository import versions
from deplint.settings.triton import TritonConfig, TritonTensor

ONNX = ("onnxruntime_onnx", "onnxruntime")


@rule(
    "DPL517",
    severity="error",
    leaves=["S.4.3", "S.2.3"],
    see=[
        "https://github.com/triton-inference-server/onnxruntime_backend/blob/00fd3e87a0918193d7921871f2e872efdb8d9c9a/src/onnxruntime_utils.cc",
        "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html#inputs-and-outputs",
    ],
)
def triton_config_vs_model(config: TritonConfig, project: Project) -> Iterator[Finding]:
    if (config.platform or config.backend) not in ONNX or config.max_batch_size is None:
        return
    for folder in versions(config, project).values():
        file = project.file(folder / (config.default_model_filename or "model.onnx"))
        for model in project.facts(file, Model) if file else ():
            yield from _compared(config, model)
            return
    written = in_repository(config, project)
    if written is not None:
        yield from _compared(config, written, whole=False)


def _compared(config: TritonConfig, model: Model, whole: bool = True) -> Iterator[Finding]:
    required = [tensor for tensor in model.inputs if tensor.stored is None]
    weights = {name for graph in model.graphs[:1] for name, tensor in graph.tensors.items() if tensor.stored is not None}
    for tensors, there, kind in ((config.inputs, model.inputs, "input"), (config.outputs, model.outputs, "output")):
        known = {tensor.name: tensor for tensor in there}
        for tensor in tensors:
            fault = _fault(tensor, known.get(tensor.name), config.max_batch_size or 0)
            if known and fault and tensor.name not in weights:  # one of an initializer may be given another value
                names = ", ".join(known)
                message = f'the {kind} "{tensor.name}" {fault} of {model.path}: Triton refuses to load the model'
                yield Finding(tensor, message, help=f"its {kind}s are: {names}" if tensor.name not in known else "write what the model has")
    if config.sequence_batching or "batch_input" in config.message.fields:  # which give the model inputs too
        return
    unlisted = [tensor.name for tensor in required if tensor.name not in {listed.name for listed in config.inputs}]
    # An exporter leaves out inputs that the network does not use, which code alone does not show.
    if whole and config.inputs and unlisted and all(listed.name in {tensor.name for tensor in required} for listed in config.inputs):
        yield Finding(
            config.at("max_batch_size"),
            f"{model.path} has {len(required)} inputs, and {len(config.inputs)} are listed: Triton refuses to load the model",
            help=f"list also: {', '.join(unlisted)}",
        )


def _fault(listed: TritonTensor, tensor: Tensor | None, batch: int) -> str | None:
    if tensor is None:
        return "is none"
    if listed.dtype and tensor.dtype and listed.dtype != tensor.dtype:
        return f"is {listed.data_type}, and {tensor.dtype} in the model"
    shape, dims = tensor.shape, listed.dims if listed.reshape is None else listed.reshape
    if shape is None or not (dims or listed.reshape is not None):
        return None
    if batch and shape and isinstance(shape[0], int) and shape[0] >= 0:
        return None  # DPL503
    given = ([-1] if batch else []) + dims
    if len(given) != len(shape) or any(isinstance(size, int) and 0 <= size != wanted for size, wanted in zip(shape, given, strict=True)):
        written = "x".join("?" if size == -1 else str(size) for size in given)
        inside = "x".join(str(size) if isinstance(size, int) and size >= 0 else "?" for size in shape)
        return f"has the shape {written}{' with its batch' if batch else ''}, and {inside} in the model"
    return None
