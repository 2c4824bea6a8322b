"""A script that asks for a GPU, on a machine of SageMaker that has none.

The type of the instance decides whether there is one. ``ml.m5``, ``ml.c5``, ``ml.t2`` and their like have processors only:
``RuntimeError: No CUDA GPUs are available``, ``Found no NVIDIA driver on your system``, and the endpoint never answers its ping.

```python bad path=deploy.py
from sagemaker.pytorch import PyTorchModel

model = PyTorchModel(
    model_data="s3://bucket/model.tar.gz", role="role", entry_point="inference.py", source_dir="code",
    framework_version="2.1", py_version="py310",
)
predictor = model.deploy(initial_instance_count=1, instance_type="ml.m5.xlarge")  # <-
```

```python + path=code/inference.py
import os
import torch

def model_fn(model_dir):
    return torch.jit.load(os.path.join(model_dir, "model.pt")).to("cuda").eval()

def predict_fn(data, model):
    return model(data.to("cuda"))
```

```python good path=deploy.py
from sagemaker.pytorch import PyTorchModel

model = PyTorchModel(
    model_data="s3://bucket/model.tar.gz", role="role", entry_point="inference.py", source_dir="code",
    framework_version="2.1", py_version="py310",
)
predictor = model.deploy(initial_instance_count=1, instance_type="ml.g5.xlarge")
```

```python + path=code/inference.py
import os
import torch

def model_fn(model_dir):
    return torch.jit.load(os.path.join(model_dir, "model.pt")).to("cuda").eval()
```

A script that asks first is at home anywhere.

```python good path=deploy.py
from sagemaker.pytorch import PyTorchModel

model = PyTorchModel(model_data="s3://bucket/m.tar.gz", role="r", entry_point="code/inference.py", framework_version="2.1")
predictor = model.deploy(1, "ml.m5.xlarge")
```

```python + path=code/inference.py
import os
import torch

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

def model_fn(model_dir):
    return torch.jit.load(os.path.join(model_dir, "model.pt")).to(device).eval()
```

References: "instanceType" of SageMaker's API ("general purpose (no GPUs) ... ml.m5", "compute optimized (no GPUs) ... ml.c5"), the families
of EC2 that these are named after; `torch.cuda._lazy_init`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.devices import gpu_calls
from deplint.code.facts import Call
from deplint.code.python import PythonFile

MODELS = "sagemaker.**.{PyTorchModel,HuggingFaceModel,PyTorch,HuggingFace}"
PROCESSORS = re.compile(r"ml\.(?:t[2-4]g?|m[4-8][a-z]*|c[4-8][a-z]*|r[4-8][a-z]*)\.\w+")
"""Instances without a GPU."""


@rule(
    "DPL965",
    severity="error",
    leaves=["S.3.3", "S.1.3"],
    see=[
        "https://docs.aws.amazon.com/sdk-for-kotlin/api/latest/sagemaker/aws.sdk.kotlin.services.sagemaker.model/-hyper-parameter-tuning-instance-config/instance-type.html",
    ],
)
def endpoint_without_gpu(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(f"{MODELS}().deploy"):
        kind, made = call.argument("instance_type", 1).text, call.receiver.origin
        script = _script(made, project) if made is not None and PROCESSORS.fullmatch(kind or "") and not call.guarded else None
        use = next(gpu_calls(script), None) if script is not None else None
        if script is not None and use is not None:
            line = use.place.span.line if use.place.span is not None else 1
            yield Finding(
                call,
                f"{kind} has no GPU, and {use.place.path} (line {line}) asks for one: No CUDA GPUs are available",
                help='an instance with one (ml.g5.xlarge), or torch.device("cuda" if torch.cuda.is_available() else "cpu")',
            )


def _script(made: Call, project: Project) -> PythonFile | None:
    """The script that a model is made with."""
    name, folder = made.argument("entry_point").text, made.argument("source_dir")
    if not name or (not folder.missing and not folder.text):
        return None
    file = project.resolve(posixpath.join(folder.text or "", name), made)
    return next(iter(project.facts(file, PythonFile)), None) if file is not None else None
