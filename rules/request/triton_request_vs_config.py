"""A request to Triton whose input is not of the shape or type that the model's configuration says.

Triton checks each input before the model sees it: ``unexpected shape for input 'input' for model 'resnet'. Expected [-1,3,224,224], got
[1,3,256,256]``, ``inference input 'x' data-type is 'FP64', but model 'tab' expects 'FP32'``. With a `max_batch_size` above 0 the dimension
of the batch is in front of `dims`, and a request has it, too.

```python bad path=client.py
import numpy as np
import tritonclient.http as http
from PIL import Image

SIZE = 256
client = http.InferenceServerClient("localhost:8000")

def classify(path):
    picture = Image.open(path).convert("RGB").resize((SIZE, SIZE))
    pixels = (np.asarray(picture, dtype=np.float32) / 255.0).transpose(2, 0, 1)[None]
    given = http.InferInput("input", list(pixels.shape), "FP32")  # <-
    given.set_data_from_numpy(pixels)
    return client.infer("resnet", inputs=[given]).as_numpy("output")

def table(row):
    given = http.InferInput("x", [16], "FP32")  # <- no batch
    given.set_data_from_numpy(np.asarray(row, dtype=np.float32))
    kind = http.InferInput("kind", [1, 1], "INT32")  # <-
    return client.infer("tab", [given, kind]).as_numpy("y")
```

```pbtxt + path=models/resnet/config.pbtxt
platform: "onnxruntime_onnx"
max_batch_size: 8
input [ { name: "input" data_type: TYPE_FP32 dims: [ 3, 224, 224 ] } ]
output [ { name: "output" data_type: TYPE_FP32 dims: [ 1000 ] } ]
```

```pbtxt + path=models/tab/config.pbtxt
backend: "onnxruntime"
max_batch_size: 4
input [ { name: "x" data_type: TYPE_FP32 dims: [ 16 ] }, { name: "kind" data_type: TYPE_INT64 dims: [ 1 ] } ]
output [ { name: "y" data_type: TYPE_FP32 dims: [ 2 ] } ]
```

```python good path=client.py
import numpy as np
import tritonclient.grpc as grpc

client = grpc.InferenceServerClient("localhost:8001")

def table(rows, text):
    rows = np.asarray(rows, dtype=np.float32)
    given = grpc.InferInput("x", rows.shape, "FP32")
    given.set_data_from_numpy(rows)
    note = grpc.InferInput("note", [1, 1], "BYTES")
    one = grpc.InferInput("one", [1, 4], "FP32")
    return client.infer("tab", [given, note, one]).as_numpy("y")
```

```pbtxt + path=models/tab/config.pbtxt
backend: "onnxruntime"
max_batch_size: 4
input [ { name: "x" data_type: TYPE_FP32 dims: [ 16 ] }, { name: "note" data_type: TYPE_STRING dims: [ 1 ] } ]
input [ { name: "one" data_type: TYPE_FP32 dims: [ -1 ] } ]
output [ { name: "y" data_type: TYPE_FP32 dims: [ 2 ] } ]
```

References: `InferenceRequest::Normalize` in `src/infer_request.cc` of Triton's core.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.code.arrays import dtype, shape
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.code.requests import triton
from deplint.settings.repository import named, versions
from deplint.settings.triton import CLIENT_DTYPES, TritonConfig, TritonTensor

TYPES = {"TYPE_STRING": "BYTES"}


@rule(
    "DPL872",
    severity="error",
    leaves=["S.5.2", "S.6.2"],
    see=[
        "https://github.com/triton-inference-server/core/blob/main/src/infer_request.cc",
        "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html#maximum-batch-size",
    ],
)
def triton_request_vs_config(file: PythonFile, project: Project) -> Iterator[Finding]:
    seen: set[int] = set()
    for request in triton(file):
        configs = named(project, request.model, file)
        if len(configs) != 1 or request.call.guarded:
            continue
        for made in _sent(request.call):
            name = made.argument("name", 0).text
            tensors = [tensor for tensor in configs[0].inputs if tensor.name == name]
            why = _wrong(made, request.call, tensors[0], configs[0]) if len(tensors) == 1 and id(made.node) not in seen else ""
            if why and not _config_is_wrong(made, request.call, configs[0], project):
                seen.add(id(made.node))
                yield Finding(made, f"{why}: Triton refuses the request", help=f"what it takes is in {configs[0].path}")


def _sent(call: Call) -> list[Call]:
    items = call.argument("inputs", 1).items or ()
    made = [item.origin for item in items if item.certain]
    return [one for one in made if one is not None and one.name.endswith(".InferInput")]


def _config_is_wrong(made: Call, infer: Call, config: TritonConfig, project: Project) -> bool:
    """What is sent is what the model itself takes, so that its configuration is at fault; or the client never gets to send it, as the
    array is not of the dtype that it declares."""
    kind = made.argument("datatype", 2).text or ""
    array = _array(made, infer)
    if array is not None and dtype(array) not in ("", CLIENT_DTYPES.get(kind, "")):
        return True
    paths = [folder / (config.default_model_filename or "model.onnx") for folder in versions(config, project).values()]
    models = [model for path in paths for file in [project.file(path)] if file for model in project.facts(file, Model)]
    sizes = _sizes(made, infer)
    for tensor in (tensor for model in models for tensor in model.inputs):
        if tensor.name == made.argument("name", 0).text and sizes is not None and tensor.shape is not None:
            known = [(a, b) for a, b in zip(sizes, tensor.shape, strict=False) if a is not None and isinstance(b, int)]
            return len(sizes) == len(tensor.shape) and all(a == b for a, b in known) and tensor.dtype == CLIENT_DTYPES.get(kind)
    return False


def _wrong(made: Call, infer: Call, tensor: TritonTensor, config: TritonConfig) -> str:
    """What does not fit of an input that is sent; empty if all that is known does."""
    given, wanted = made.argument("datatype", 2).text, TYPES.get(tensor.data_type, tensor.data_type.removeprefix("TYPE_"))
    if given and wanted and given != wanted:
        return f"input {tensor.name!r} is sent as {given}, and model {config.name or infer.argument('model_name', 0).text!r} takes {wanted}"
    sizes = _sizes(made, infer)
    if sizes is None or not tensor.dims or config.max_batch_size is None:
        return ""
    expected = [-1, *tensor.dims] if config.max_batch_size > 0 else tensor.dims
    fits = len(sizes) == len(expected) and all(a is None or a < 0 or b < 0 or a == b for a, b in zip(sizes, expected, strict=True))
    shown = "[" + ", ".join("?" if size is None else str(size) for size in sizes) + "]"
    if fits:
        first = sizes[0] if config.max_batch_size > 0 else None
        return f"a batch of {first} is sent, and max_batch_size is {config.max_batch_size}" if (first or 0) > config.max_batch_size else ""
    return f"input {tensor.name!r} is sent as {shown}, and its dims are {expected}" + (
        ", the batch in front" if config.max_batch_size > 0 else ""
    )


def _sizes(made: Call, infer: Call) -> tuple[int | None, ...] | None:
    """The shape of what is sent: as it is declared, or else of the array."""
    declared = made.argument("shape", 1)
    known = declared.python()
    if isinstance(known, (list, tuple)) and known and all(isinstance(size, int) for size in known):
        return tuple(known)
    array = _array(made, infer)
    return shape(array) if array is not None else None


def _array(made: Call, infer: Call) -> Value | None:
    """The array that an input is given, if it is given one."""
    for item in infer.argument("inputs", 1).items or ():
        if item.origin is not None and item.origin.node is made.node:
            sets = item.calls_of("set_data_from_numpy")
            return sets[-1].argument("input_tensor", 0) if len(sets) == 1 else None
    return None
