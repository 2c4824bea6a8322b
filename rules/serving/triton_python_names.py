"""A Python model of Triton that uses other names than its configuration.

``pb_utils.get_input_tensor_by_name(request, name)`` gives None for a name that is no input of the model, and the next line fails:
``AttributeError: 'NoneType' object has no attribute 'as_numpy'``. An output of a name that is not configured is refused.

```python bad path=models/prepare/1/model.py
import numpy as np
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        responses = []
        for request in requests:
            raw = pb_utils.get_input_tensor_by_name(request, "raw")  # <-
            pixels = pb_utils.get_input_tensor_by_name(request, "image").as_numpy()
            wrong = pb_utils.Tensor("pixels", pixels.astype(np.float32))  # <-
            right = pb_utils.Tensor("tensor", pixels.astype(np.float32))
            responses.append(pb_utils.InferenceResponse(output_tensors=[wrong, right]))
        return responses
```

```pbtxt + path=models/prepare/config.pbtxt
name: "prepare"
backend: "python"
input [ { name: "image" data_type: TYPE_UINT8 dims: [ -1 ] } ]
output [ { name: "tensor" data_type: TYPE_FP32 dims: [ 3, 224, 224 ] } ]
```

Names that the configuration tells, and tensors for other models, may be any.

```python good path=models/prepare/1/model.py
import json
import numpy as np
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def initialize(self, args):
        self.name = json.loads(args["model_config"])["input"][0]["name"]

    def execute(self, requests):
        responses = []
        for request in requests:
            pixels = pb_utils.get_input_tensor_by_name(request, self.name).as_numpy()
            ask = pb_utils.InferenceRequest(model_name="net", inputs=[pb_utils.Tensor("x", pixels)], requested_output_names=["y"])
            scores = pb_utils.get_output_tensor_by_name(ask.exec(), "y")
            responses.append(pb_utils.InferenceResponse([pb_utils.Tensor("tensor", scores.as_numpy())]))
        return responses
```

```pbtxt + path=models/prepare/config.pbtxt
name: "prepare"
backend: "python"
input [ { name: "image" data_type: TYPE_UINT8 dims: [ -1 ] } ]
output [ { name: "tensor" data_type: TYPE_FP32 dims: [ 3, 224, 224 ] } ]
```

The sequence batcher gives inputs of its own.

```python good path=models/prepare/1/model.py
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        responses = []
        for request in requests:
            start = pb_utils.get_input_tensor_by_name(request, "START").as_numpy()
            pixels = pb_utils.get_input_tensor_by_name(request, "image").as_numpy()
            responses.append(pb_utils.InferenceResponse([pb_utils.Tensor("tensor", pixels + start)]))
        return responses
```

```pbtxt + path=models/prepare/config.pbtxt
name: "prepare"
backend: "python"
sequence_batching {
  control_input [ { name: "START" control [ { kind: CONTROL_SEQUENCE_START fp32_false_true: [ 0, 1 ] } ] } ]
}
input [ { name: "image" data_type: TYPE_FP32 dims: [ -1 ] } ]
output [ { name: "tensor" data_type: TYPE_FP32 dims: [ -1 ] } ]
```

The backend does not compare the dtype of an output with the configuration: a client gets another type than it was told, and the next
model of an ensemble refuses it.

```python bad path=models/post/1/model.py
import numpy as np
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        responses = []
        for request in requests:
            scores = pb_utils.get_input_tensor_by_name(request, "SCORES").as_numpy()
            label = pb_utils.Tensor("LABEL", np.argmax(scores, axis=1))  # <-
            best = pb_utils.Tensor("BEST", scores.max(axis=1).astype(np.float32))
            responses.append(pb_utils.InferenceResponse(output_tensors=[label, best]))
        return responses
```

```pbtxt + path=models/post/config.pbtxt
backend: "python"
input [ { name: "SCORES" data_type: TYPE_FP32 dims: [ -1, 10 ] } ]
output [ { name: "LABEL" data_type: TYPE_INT32 dims: [ -1 ] }, { name: "BEST" data_type: TYPE_FP32 dims: [ -1 ] } ]
```

References: "Python Backend" of Triton's documents; `src/pb_utils.cc` and `src/python_be.cc` of python_backend.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.arrays import dtype
from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.settings.repository import folder
from deplint.settings.triton import TritonConfig

NUMBERS = frozenset("float16 float32 float64 int8 int16 int32 int64 uint8".split())  # noqa: SIM905
UTILS = "{triton_python_backend_utils,c_python_backend_utils}."


@rule(
    "DPL689",
    severity="error",
    leaves=["S.4.3", "S.2.3"],
    see=[
        "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/python_backend/README.html",
        "https://github.com/triton-inference-server/python_backend/blob/main/src/resources/triton_python_backend_utils.py",
        "https://github.com/triton-inference-server/server/issues/3219",
    ],
)
def triton_python_names(file: PythonFile, project: Project) -> Iterator[Finding]:
    if "triton_python_backend_utils" not in file.text or not file.file.path.parent.name.isdigit():
        return
    configs = [config for config in project.all(TritonConfig) if folder(config) == file.file.path.parent.parent]
    config = configs[0] if len(configs) == 1 else None
    if config is None or "set_model_config" in file.text or "auto_complete_config" in file.text:
        return
    inputs, outputs = [t.name for t in config.inputs], [t.name for t in config.outputs]
    sent = {*inputs, *config.controls}
    for call in file.calls(UTILS + "get_input_tensor_by_name"):
        name = call.argument("name", 1).text
        if name and inputs and name not in sent and not call.guarded and not _optional(file):
            yield _finding(call, f"has no input {name!r}: this is None", inputs)
    answers = {id(item.node) for call in file.calls(UTILS + "InferenceResponse") for item in _made(call)}
    for call in file.calls(UTILS + "Tensor"):
        name = call.argument("name", 0).text
        if name and outputs and name not in outputs and id(call.node) in answers and not call.guarded:
            yield _finding(call, f"has no output {name!r}: Triton refuses the answer", outputs)
        kind, told = dtype(call.argument("numpy_array", 1)), next((t.dtype for t in config.outputs if t.name == name), "")
        if kind in NUMBERS and told in NUMBERS and kind != told and id(call.node) in answers and not call.guarded:
            yield Finding(
                call,
                f"the array is {kind}, and the configuration says {told} of {name!r}: nobody converts it, and who goes by the "
                "configuration gets another type",
                help=f"convert it: array.astype(np.{told})",
            )


def _made(response: Call) -> list[Call]:
    """The calls that make the tensors of an answer."""
    return [made for item in response.argument("output_tensors", 0).items or () if (made := item.origin) is not None]


def _optional(file: PythonFile) -> bool:
    """The code looks whether an input is there."""
    return "is None" in file.text or "is not None" in file.text


def _finding(call: Call, what: str, known: list[str]) -> Finding:
    return Finding(call, f"the configuration of this model {what}", help=f"its names are: {', '.join(known)}")
