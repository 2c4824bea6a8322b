"""A checkpoint written on a graphics card, loaded where there is none.

`torch.save` remembers where each tensor was. Loaded without `map_location` on a machine without CUDA:
``RuntimeError: Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False``.

```python bad path=serve.py
import torch
from net import Net

net = Net()
net.load_state_dict(torch.load("flowers.pth"))  # <-
net.eval()
```

```python + path=train.py
import torch
from net import Net

net = Net().cuda()
torch.save(net.state_dict(), "flowers.pth")
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
RUN pip install torch flask
COPY . /app
CMD ["python", "/app/serve.py"]
```

```python good path=serve.py
import torch
from net import Net

net = Net()
net.load_state_dict(torch.load("flowers.pth", map_location="cpu"))
net.eval()
```

```python + path=train.py
import torch
from net import Net

net = Net().cuda()
torch.save(net.state_dict(), "flowers.pth")
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
RUN pip install torch flask
COPY . /app
CMD ["python", "/app/serve.py"]
```

It does not help that the service looks for a card: the file says where its tensors were.

```python bad path=serve.py
import torch
from net import Net

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
net = Net()
net.load_state_dict(torch.load("flowers.pth"))  # <-
net.to(device).eval()
```

```python + path=train.py
import torch
from net import Net

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
net = Net().to(device)
torch.save(net.state_dict(), "flowers.pth")
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
RUN pip install torch flask
COPY . /app
CMD ["python", "/app/serve.py"]
```

An image with CUDA runs where there is a card, and weights may have been brought back before they were saved.

```python good path=serve.py
import torch

weights = torch.load("flowers.pth")
other = torch.load("cpu.pth")
```

```python + path=train.py
import torch
from net import Net

net = Net().cuda()
torch.save(net.state_dict(), "flowers.pth")
torch.save(net.cpu().state_dict(), "cpu.pth")
```

```dockerfile + path=Dockerfile
FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04
RUN pip install torch flask
COPY . /app
CMD ["python", "/app/serve.py"]
```

References: `validate_cuda_device` in torch/serialization.py; checked with PyTorch 2.13 (`tests/claims/test_services.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from deplint import Finding, Project, rule
from deplint.code.pipelines import files_naming, trains
from deplint.code.python import PythonFile
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.serving import mentioned

ON_CUDA = re.compile(r"\.cuda\(\s*\)|['\"]cuda(?::\d+)?['\"]")
"""Code that works on a card, at least where there is one."""
BACK = re.compile(r"\.cpu\(\)|\.to\(\s*['\"]cpu['\"]\s*\)|map_location")
CPU_IMAGE = re.compile(r"(?:.*/)?(?:python|debian|ubuntu|alpine|continuumio/miniconda3|tiangolo/uvicorn-gunicorn-fastapi)(?:[:@].*)?")
GPU = r"nvidia|--gpus|\bgpus?:"


@rule(
    "DPL620",
    severity="warning",
    leaves=["S.4.2"],
    see=["https://docs.pytorch.org/docs/stable/generated/torch.load.html", "https://stackoverflow.com/q/56369030"],
)
def cuda_checkpoint_on_cpu(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("torch.load"):
        path = call.argument("f", 0).text
        if not path or not call.argument("map_location", 1).missing or call.guarded or trains(file):
            continue
        if _saved_on_cuda(PurePosixPath(path).name, project) and _only_cpu(project):
            yield Finding(
                call,
                f"{PurePosixPath(path).name} is saved by code that works on a graphics card, and the image has none: torch.load raises, "
                "Attempting to deserialize object on a CUDA device",
                help='torch.load(..., map_location="cpu")',
            )


def _saved_on_cuda(name: str, project: Project) -> bool:
    savers = [
        file
        for file in files_naming(project, name)
        for call in file.calls("torch.save")
        if PurePosixPath(call.argument("f", 1).text or "").name == name
    ]
    return bool(savers) and all(ON_CUDA.search(file.text) and not BACK.search(file.text) for file in savers)


def _only_cpu(project: Project) -> bool:
    """Every image that the project builds is one without CUDA, and nothing asks for a card."""
    roots = [dockerfile.final.root for dockerfile in project.all(Dockerfile) if dockerfile.stages]
    return bool(roots) and all(root is not None and CPU_IMAGE.fullmatch(str(root)) for root in roots) and not mentioned(project, GPU)
