"""A handler that answers with one thing where the server wants a list with an answer for each request.

A handler gets several requests at once, even if there is one in most of them, and returns as many answers. TorchServe refuses whatever is
no list: ``Invalid model predict output``, 503. Triton's Python backend does the same: ``Expected a list in the execute return, found type
'InferenceResponse'``.

```python bad path=handler.py
import torch
from ts.torch_handler.base_handler import BaseHandler

class Plants(BaseHandler):
    def postprocess(self, data):
        scores, which = data.softmax(1).max(1)
        return {"class": which[0].item(), "score": scores[0].item()}  # <-
```

```python bad path=models/tokens/1/model.py
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        responses = []
        for request in requests:
            ids = pb_utils.get_input_tensor_by_name(request, "IDS")
            response = pb_utils.InferenceResponse(output_tensors=[ids])
            responses.append(response)
        return response  # <-
```

```python good path=models/tokens/1/model.py
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        responses = []
        for request in requests:
            ids = pb_utils.get_input_tensor_by_name(request, "IDS")
            responses.append(pb_utils.InferenceResponse(output_tensors=[ids]))
        return responses
```

A `handle` of one's own may make a list of what `postprocess` gives; so may a class derived from this one. What a function, a parameter or
an attribute gives is not known.

```python good path=handler.py
import json
import torch
from ts.torch_handler.base_handler import BaseHandler

class Lists(BaseHandler):
    def postprocess(self, data):
        return [{"class": row.argmax().item()} for row in data]

class Own(BaseHandler):
    def handle(self, data, context):
        return [self.postprocess(self.inference(row)) for row in data]

    def postprocess(self, data):
        return {"scores": data.tolist()}

class Base(BaseHandler):
    def postprocess(self, data):
        return {"scores": data.tolist()}

class Derived(Base):
    def postprocess(self, data):
        return [super().postprocess(row) for row in data]

class Elsewhere(BaseHandler):
    def postprocess(self, data):
        answer = data.tolist()
        if len(answer) == 1:
            answer = [answer]
        return answer
```

A tensor or an array is no list either: ``Invalid return type: <class 'torch.Tensor'>``.

```python bad path=handler.py
import torch
from ts.torch_handler.image_classifier import ImageClassifier

class Flowers(ImageClassifier):
    def postprocess(self, data):
        scores = torch.softmax(data, dim=1)
        return scores.argmax(dim=1)  # <-

class Right(ImageClassifier):
    def postprocess(self, data):
        scores = torch.softmax(data, dim=1)
        return scores.argmax(dim=1).tolist()
```

A `handle` that answers with JSON text is refused too.

```python bad path=handler.py
import json
from ts.torch_handler.base_handler import BaseHandler

class Own(BaseHandler):
    def handle(self, data, context):
        answer = json.dumps({"scores": self.inference(self.preprocess(data)).tolist()})
        return answer  # <-
```

What was handed in is still there where the path that wrote over it has returned.

```python good
import json
import os

from ts.torch_handler.base_handler import BaseHandler

class News(BaseHandler):
    def postprocess(self, inference_output):
        if os.path.exists("names.json"):
            inference_output = json.dumps(inference_output[0])
            return [inference_output]
        return inference_output
```

So it is for Ray Serve's batches.

```python bad
from ray import serve

@serve.deployment
class Moderator:
    @serve.batch(max_batch_size=32)
    async def score(self, texts):
        probabilities = self.net(texts)
        return {"label": probabilities.argmax(1).tolist(), "score": probabilities.max(1).tolist()}  # <-

    @serve.batch
    async def right(self, texts):
        return [{"score": float(p)} for p in self.net(texts)]

    @serve.batch
    async def array(self, texts):
        return self.net(texts).numpy()
```

References: `predict` in `ts/service.py` of TorchServe; `ProcessReturnedResponses` in `pb_stub.cc` of Triton's Python backend.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.classes import FunctionDef, derived, last_name, made_as, method, returns
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.uses import TAKEN_OUT

TORCHSERVE = "ts.torch_handler.**"
ARRAY = re.compile(
    r"(?:torch\.(?:softmax|sigmoid|argmax|nn\.functional\.\w+)|numpy\.(?:argmax|array|asarray|exp|stack))(?:\(\)\.[a-z]\w*)*"
)
RAY = "Ray Serve"
"""Its batches are measured by `len`, which arrays have as well."""
TEXT = frozenset({"dumps", "dict", "str", "jsonify"})
"""Functions that give text or a dictionary."""


@rule(
    "DPL640",
    severity="error",
    leaves=["S.6.4", "S.5.3"],
    see=[
        "https://github.com/pytorch/serve/blob/v0.12.0/ts/service.py",
        "https://github.com/pytorch/serve/blob/v0.12.0/docs/custom_service.md",
        "https://github.com/triton-inference-server/python_backend/blob/f9088ff60944cc5a2e97ff16baba55f1666852bc/README.md#execute",
    ],
)
def handler_answer_not_a_list(file: PythonFile) -> Iterator[Finding]:
    arrays = {id(given.node) for given in file.returns() if not given.guarded and _array(given.value)}
    for function, server, error in _answering(file):
        for given in returns(function):
            if id(given) in arrays and server != RAY:
                yield Finding(
                    file.place_of(given),
                    f"{function.name} returns a tensor or an array and no list: {server} refuses it, {error}",
                    help="give tolist() of it, with an answer for each request of the batch",
                )
                continue
            made = made_as(given.value, function)
            if made and all(map(_single, made)):
                yield Finding(
                    file.place_of(given),
                    f"{function.name} does not return a list, with an answer for each request of the batch: {server} refuses it, {error}",
                    help="return a list that is as long as the list of requests",
                )


def _array(value: Value) -> bool:
    """What PyTorch or NumPy certainly computed, and nobody made a list or a number of."""
    made = value.origin
    name = made.name if made is not None else ""
    return ARRAY.fullmatch(name) is not None and not any(part in TAKEN_OUT - {"numpy"} for part in re.findall(r"\.(\w+)", name))


def _answering(file: PythonFile) -> Iterator[tuple[FunctionDef, str, str]]:
    """The functions whose value a server takes for the answers to all requests of a batch."""
    if "torch_handler" in file.text:
        for cls in derived(file, TORCHSERVE):
            name = "handle" if cls.lookup("handle") is not None else "postprocess"
            found = method(cls, name)
            if found is not None and found in cls.node.body and name not in cls.overridden:
                yield found, "TorchServe", "Invalid model predict output"
    if "class TritonPythonModel" in file.text and "get_response_sender" not in file.text:
        for node in file.shape.tree.body:
            for inner in node.body if isinstance(node, ast.ClassDef) and node.name == "TritonPythonModel" else ():
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner.name == "execute" and not inner.decorator_list:
                    yield inner, "Triton", "Expected a list in the execute return"

    if "serve.batch" in file.text and file.has("ray"):
        for function in ast.walk(file.shape.tree):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(map(_batches, function.decorator_list)):
                yield function, RAY, "Batched function doesn't preserve batch size"


def _batches(decorator: ast.expr) -> bool:
    return ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator) in ("serve.batch", "ray.serve.batch")


def _single(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return last_name(value.func) in TEXT or last_name(value.func) == "InferenceResponse"
    return isinstance(value, (ast.Dict, ast.DictComp, ast.JoinedStr)) or (isinstance(value, ast.Constant) and value.value is not None)
