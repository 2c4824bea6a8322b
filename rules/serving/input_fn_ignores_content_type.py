"""A function that reads requests and does not look at what they are.

SageMaker hands `input_fn` the body and its content type. One that parses every body as JSON, say, fails in the middle of it when a
client sends CSV or an image, or reads nonsense; the answer is a 500 and not a 415.

```python bad path=code/inference.py
import json
import torch

def model_fn(model_dir):
    return torch.jit.load(f"{model_dir}/net.pt")

def input_fn(request_body, content_type):  # <-
    return torch.tensor(json.loads(request_body))
```

```python good path=code/inference.py
import json
import torch

def model_fn(model_dir):
    return torch.jit.load(f"{model_dir}/net.pt")

def input_fn(request_body, content_type):
    if content_type != "application/json":
        raise ValueError(f"unsupported content type: {content_type}")
    return torch.tensor(json.loads(request_body))
```

A parameter that is called unused is meant to be.

```python good path=code/inference.py
import json
import torch

def model_fn(model_dir):
    return torch.jit.load(f"{model_dir}/net.pt")

def input_fn(request_body, _content_type):
    return torch.tensor(json.loads(request_body))
```

References: "Process Input" in the documentation of the SageMaker Python SDK.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile
from deplint.code.sagemaker import hooks, parameters

HOOKS = {"input_fn": 1, "transform_fn": 2}
"""Function -> which of its parameters is the content type."""


@rule(
    "DPL571",
    severity="info",
    leaves=["S.4.7"],
    see=["https://sagemaker.readthedocs.io/en/stable/frameworks/pytorch/using_pytorch.html#process-model-input"],
)
def input_fn_ignores_content_type(file: PythonFile) -> Iterator[Finding]:
    for name, function in hooks(file).items():
        given = parameters(function)
        if name not in HOOKS or len(given) <= HOOKS[name]:
            continue
        told = given[HOOKS[name]]
        used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        if told not in used and not told.startswith("_") and len(function.body) > 0 and "locals" not in used:
            yield Finding(
                file.place_of(function),
                f"{name} does not look at {told}: a body of another type is misread, or fails with a 500",
                help=f"raise ValueError for any {told} the function cannot read",
            )
