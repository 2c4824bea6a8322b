"""PyTorch without CUDA in the image, and code that asks for a GPU without a look whether there is one.

The wheels of ``https://download.pytorch.org/whl/cpu`` know no GPU, whatever the machine has: ``AssertionError: Torch not compiled with CUDA
enabled``.

```dockerfile bad path=Dockerfile
FROM python:3.11-slim
RUN pip install torch==2.4.1 torchvision==0.19.1 --index-url https://download.pytorch.org/whl/cpu  # <-
COPY . .
CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]
```

```python + path=main.py
import torch
from fastapi import FastAPI
from torchvision.models import resnet18

app = FastAPI()
DEVICE = "cuda"
model = resnet18(weights="DEFAULT").eval().to(DEVICE)
```

```dockerfile good path=Dockerfile
FROM python:3.11-slim
RUN pip install torch==2.4.1 --index-url https://download.pytorch.org/whl/cpu
COPY . .
CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]
```

```python + path=main.py
import torch
from fastapi import FastAPI
from torchvision.models import resnet18

app = FastAPI()
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
model = resnet18(weights="DEFAULT").eval().to(DEVICE)

def train():
    model.cuda()
```

References: `_lazy_init` in `torch/cuda/__init__.py`; checked with the CPU wheel of PyTorch 2.13 (`tests/claims/test_tensors.py`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.code.tensors import CUDA, MODULES, named
from deplint.settings.commands import started
from deplint.settings.containers import Deployment
from deplint.settings.dockerfile import Dockerfile

CPU_WHEELS = re.compile(r"\btorch\b.*--(?:extra-)?index-url[= ]+\S*download\.pytorch\.org/whl/cpu\b|\btorch==[\d.]+\+cpu\b", re.S)
MOVES = tuple(f"{module}.{method}" for module in (*MODULES, "torch.{tensor,zeros,ones,randn,rand}()") for method in ("to", "cuda"))


@rule(
    "DPL582",
    severity="error",
    leaves=["S.4.4", "S.3.1"],
    see=["https://pytorch.org/get-started/locally/", "https://github.com/pytorch/pytorch/blob/v2.8.0/torch/cuda/__init__.py"],
)
def cpu_wheels_asked_for_cuda(file: Dockerfile, project: Project) -> Iterator[Finding]:
    runs = [i for stage in file.final.line for i in stage.all("RUN") if CPU_WHEELS.search(" ".join(w.written for w in i.words))]
    if not runs:
        return
    others = [i for stage in file.final.line for i in stage.all("RUN") if re.search(r"whl/cu\d|cuda", " ".join(w.written for w in i.words))]
    image = next((d for d in project.all(Deployment) if d.kind == "dockerfile" and d.path == file.path), None)
    scripts = [program.script for program in started(image, project) if program.script] if image is not None else []
    beside = Path(os.path.abspath(file.path)).parent
    for script in scripts if not others else ():
        main = project.file(beside / script)
        for facts in project.facts(main, PythonFile) if main is not None else ():
            asked = next((call for call in facts.calls(*MOVES) if _asks(call)), None)
            if asked is not None:
                yield Finding(
                    runs[-1].place,
                    f"these wheels of PyTorch know no GPU, and {asked.file.path} moves to cuda when it starts (line "
                    f"{asked.place.span.line if asked.place.span else '?'}): AssertionError: Torch not compiled with CUDA enabled",
                    help='device = "cuda" if torch.cuda.is_available() else "cpu", or the wheels with CUDA',
                )
                return


def _asks(call: Call) -> bool:
    """It certainly moves to a GPU when the module is imported."""
    if call.guarded or not call.certain or call.chosen or any(function.owner is None for function in call.functions[:1]):
        return False
    return call.name.endswith(".cuda") or named(call.argument("device", 0)) == CUDA
