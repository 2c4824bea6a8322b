"""A handler that looks at the first request of a batch only, behind a server that batches.

With a batch size above 1 TorchServe hands over several requests as soon as they come in together, and Triton does so with
`dynamic_batching`. A handler that answers ``data[0]`` gives one answer for all of them: ``number of batch response mismatched``, 503, or
``Number of InferenceResponse objects do not match the number of InferenceRequest objects``. One request at a time it works, which is how it
is tested.

```python bad path=handler.py
import json
import torch
from ts.torch_handler.base_handler import BaseHandler

class Sentiment(BaseHandler):
    def preprocess(self, requests):
        body = requests[0].get("body")  # <-
        return torch.tensor([json.loads(body)["ids"]])
```

```text + path=config.properties
inference_address=http://0.0.0.0:8080
models={"sentiment": {"1.0": {"marName": "sentiment.mar", "batchSize": 8, "maxBatchDelay": 50}}}
```

```python good path=handler.py
import json
import torch
from ts.torch_handler.base_handler import BaseHandler

class Sentiment(BaseHandler):
    def preprocess(self, requests):
        first = requests[0]
        self.wants_scores = "scores" in first
        return torch.tensor([json.loads(row.get("body"))["ids"] for row in requests])
```

```text + path=config.properties
models={"sentiment": {"1.0": {"marName": "sentiment.mar", "batchSize": 8, "maxBatchDelay": 50}}}
```

So it is with a list that has one answer in it, whatever came in.

```python bad path=handler.py
import json
import torch
from ts.torch_handler.base_handler import BaseHandler

class Toxicity(BaseHandler):
    def preprocess(self, requests):
        return torch.tensor([json.loads(row.get("body"))["ids"] for row in requests])

    def postprocess(self, scores):
        return [scores.tolist()]  # <-
```

```text + path=config.properties
models={"toxicity": {"1.0": {"marName": "toxicity.mar", "batchSize": 16, "maxBatchDelay": 50}}}
```

Without batches there is one request, always, and a `handle` of one's own may give the requests one by one.

```python good path=handler.py
import json
import torch
from ts.torch_handler.base_handler import BaseHandler

class Sentiment(BaseHandler):
    def preprocess(self, requests):
        return torch.tensor([json.loads(requests[0].get("body"))["ids"]])
```

```text + path=config.properties
models={"sentiment": {"1.0": {"marName": "sentiment.mar", "batchSize": 1}}}
```

and

```python good path=handler.py
import json
import torch
from ts.torch_handler.base_handler import BaseHandler

class Sentiment(BaseHandler):
    def handle(self, data, context):
        return [self.inference(self.preprocess([row])) for row in data]

    def preprocess(self, requests):
        return torch.tensor([json.loads(requests[0].get("body"))["ids"]])
```

```text + path=config.properties
models={"sentiment": {"1.0": {"marName": "sentiment.mar", "batchSize": 8}}}
```

Triton's Python backend:

```python bad path=models/tokens/1/model.py
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        ids = pb_utils.get_input_tensor_by_name(requests[0], "IDS")  # <-
        return [pb_utils.InferenceResponse(output_tensors=[ids])]
```

```pbtxt + path=models/tokens/config.pbtxt
backend: "python"
max_batch_size: 8
input [ { name: "IDS" data_type: TYPE_INT64 dims: [ -1 ] } ]
output [ { name: "IDS" data_type: TYPE_INT64 dims: [ -1 ] } ]
dynamic_batching { }
```

References: `predict` in `ts/service.py` of TorchServe; `ProcessReturnedResponses` in `pb_stub.cc` of Triton's Python backend.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.classes import FunctionDef, derived, method, own_nodes, returns
from deplint.code.python import PythonFile
from deplint.settings.torchserve import TorchServeConfig
from deplint.settings.triton import TritonConfig

SIZE = re.compile(r'"batchSize"\s*:\s*(\d+)')


@rule(
    "DPL641",
    severity="error",
    leaves=["S.5.3", "S.4.4"],
    see=[
        "https://github.com/pytorch/serve/blob/v0.12.0/docs/batch_inference_with_ts.md",
        "https://github.com/pytorch/serve/blob/v0.12.0/ts/service.py",
        "https://github.com/triton-inference-server/python_backend/blob/f9088ff60944cc5a2e97ff16baba55f1666852bc/README.md#execute",
    ],
)
def handler_drops_requests(file: PythonFile, project: Project) -> Iterator[Finding]:
    for given, served in _lonely(file, project):
        yield Finding(
            file.place_of(given),
            f"the list has one answer, and {served}: number of batch response mismatched",
            help="give as many answers as there are requests",
        )
    for function, receiver in _taking(file, project):
        names = [argument.arg for argument in function.args.args]
        first = _first_only(function, names[1]) if len(names) > 1 else None
        if first is not None:
            yield Finding(
                file.place_of(first),
                f"only the first request of a batch is looked at, and {receiver}: with one answer for all of them, each gets an error",
                help=f"handle each of {names[1]}, and give as many answers",
            )


def _lonely(file: PythonFile, project: Project) -> Iterator[tuple[ast.Return, str]]:
    """Where TorchServe's batches of several requests are answered with a list of one."""
    served = _torchserve(project, project.area(file)) if "torch_handler" in file.text else ""
    for cls in derived(file, "ts.torch_handler.**") if served else ():
        name = "handle" if cls.lookup("handle") is not None else "postprocess"
        found = method(cls, name)
        answers = returns(found) if found is not None and found in cls.node.body and name not in cls.overridden else []
        for given in answers:
            if isinstance(given.value, ast.List) and len(given.value.elts) == 1 and not isinstance(given.value.elts[0], ast.Starred):
                yield given, served


def _taking(file: PythonFile, project: Project) -> Iterator[tuple[FunctionDef, str]]:
    """The functions that are given all requests of a batch, with words who makes batches of several."""
    if "torch_handler" in file.text:
        served = _torchserve(project, project.area(file))
        for cls in derived(file, "ts.torch_handler.**") if served else ():
            name = "handle" if cls.lookup("handle") is not None else "preprocess"
            found = method(cls, name)
            if found is not None and found in cls.node.body and name not in cls.overridden:
                yield found, served
    if "class TritonPythonModel" in file.text and "get_response_sender" not in file.text:
        settings = project.file(file.file.path.parent.parent / "config.pbtxt")
        configs = project.facts(settings, TritonConfig) if settings else []
        batches = any(config.dynamic_batching is not None and (config.max_batch_size or 0) > 1 for config in configs)
        for node in file.shape.tree.body:
            for inner in node.body if batches and isinstance(node, ast.ClassDef) and node.name == "TritonPythonModel" else ():
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner.name == "execute" and not inner.decorator_list:
                    yield inner, f"{configs[0].path} asks for dynamic batching"


def _torchserve(project: Project, area: Path) -> str:
    """That TorchServe makes batches of several requests of each model, as its settings say; else empty."""
    found = [
        (int(size), config.path)
        for config in project.all(TorchServeConfig)
        if Path(os.path.abspath(config.path)).is_relative_to(area)
        for size in SIZE.findall(config.values["models"].written if "models" in config.values else "")
    ]
    return f"{found[0][1]} has a batchSize of {found[0][0]}" if found and all(size > 1 for size, _ in found) else ""


def _first_only(function: FunctionDef, name: str) -> ast.AST | None:
    """Where the first element is taken, if the parameter is used for nothing else."""
    taken = [
        node
        for node in own_nodes(function)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and isinstance(node.slice, ast.Constant)
        and node.slice.value == 0
    ]
    used = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == name]
    return taken[0] if taken and len(taken) == len(used) else None
