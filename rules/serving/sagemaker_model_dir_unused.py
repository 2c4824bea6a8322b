"""`model_fn` of a script for SageMaker loads its model from somewhere else than where it is.

The container unpacks `model.tar.gz` and says where: that is the argument of `model_fn`. A relative path is looked for where the server
was started, which is another folder: ``FileNotFoundError: [Errno 2] No such file or directory: 'model.pth'``. On the machine where it
was written it worked.

```python bad path=code/inference.py
import torch

def model_fn(model_dir):
    return torch.jit.load("model.pth")  # <-

def predict_fn(data, model):
    return model(data)
```

```python good path=code/inference.py
import os
import torch

def model_fn(model_dir):
    return torch.jit.load(os.path.join(model_dir, "model.pth"))

def predict_fn(data, model):
    return model(data)
```

What is absolute, or looked for elsewhere, is not judged; nor is a folder that somebody goes into.

```python good path=code/inference.py
import os
import torch

def model_fn(model_dir):
    os.chdir(model_dir)
    return torch.jit.load("model.pth")

def output_fn(prediction, accept):
    return prediction
```

```python good path=other/inference.py
import torch

def model_fn(model_dir):
    return torch.jit.load("/opt/ml/model/model.pth")

def output_fn(prediction, accept):
    return prediction
```

References: "Load a Model" in the documentation of the SageMaker Python SDK for PyTorch.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile
from deplint.code.sagemaker import hooks, parameters

LOADS = (
    *("torch.load", "torch.jit.load", "joblib.load", "onnxruntime.InferenceSession", "tensorflow.saved_model.load"),
    *("{tensorflow.,}keras.{models,saving}.load_model", "open", "io.open", "safetensors.torch.load_file"),
)


@rule(
    "DPL570",
    severity="error",
    leaves=["S.4.2"],
    see=[
        "https://sagemaker.readthedocs.io/en/stable/frameworks/pytorch/using_pytorch.html#load-a-model",
        "https://stackoverflow.com/q/57547110",
    ],
)
def sagemaker_model_dir_unused(file: PythonFile) -> Iterator[Finding]:
    function = hooks(file).get("model_fn")
    given = parameters(function)[:1] if function is not None else []
    if function is None or not given or any(isinstance(node, ast.Name) and node.id == given[0] for node in ast.walk(function)):
        return
    for call in file.calls(*LOADS):
        path = call.argument(next(iter(call.keywords), ""), 0).text if call.arguments or call.keywords else None
        inside = bool(call.functions) and call.functions[0].node is function
        if inside and path and not path.startswith(("/", "~")) and "://" not in path and not call.guarded:
            yield Finding(
                call,
                f'"{path}" is looked for where the server was started, and the model is in {given[0]}, which model_fn does not use',
                help=f'os.path.join({given[0]}, "{path}")',
            )
