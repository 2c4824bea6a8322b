"""A scripted model with operators of a package that the program which loads it never imports.

TorchScript keeps the names of operators, not their code. Those of torchvision (`nms`, `roi_align`, and with them its detectors),
torchaudio and torch-scatter are registered when the package is imported; where it is only installed, `torch.jit.load` raises
``RuntimeError: Unknown builtin op: torchvision::nms``.

```python bad path=serve.py
import torch
from flask import Flask

app = Flask(__name__)
model = torch.jit.load("pallets.pt")  # <-
```

```python + path=freeze.py
import torch
from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_fpn

model = fasterrcnn_mobilenet_v3_large_fpn(num_classes=3).eval()
torch.jit.script(model).save("pallets.pt")
```

A module of the project that uses one counts as well.

```python bad path=service/model.py
import torch
from .settings import MODEL

def load():
    return torch.jit.load(str(MODEL), map_location="cpu")  # <-
```

```python + path=service/settings.py
from pathlib import Path

MODEL = Path("models") / "filter.ts"
```

```python + path=net.py
import torch
from torchvision.ops import nms

class Filter(torch.nn.Module):
    def forward(self, boxes, scores):
        return boxes[nms(boxes, scores, 0.5)]
```

```python + path=export.py
import torch
from net import Filter

torch.jit.save(torch.jit.script(Filter()), "models/filter.ts")
```

An import anywhere in the program is enough.

```python good path=serve.py
import torch
import pictures

model = torch.jit.load("pallets.pt")
```

```python + path=pictures.py
from torchvision import transforms

prepare = transforms.Compose([transforms.ToTensor()])
```

```python + path=freeze.py
import torch
from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_fpn

torch.jit.script(fasterrcnn_mobilenet_v3_large_fpn(num_classes=3).eval()).save("pallets.pt")
```

A model of other layers needs none.

```python good path=serve.py
import torch

plain = torch.jit.load("plain.pt")
```

```python + path=freeze.py
import torch
from torchvision.models import resnet18

torch.jit.script(resnet18().eval()).save("plain.pt")
```

The file itself tells, too.

```python bad path=serve.py
import torch

model = torch.jit.load("boxes.pt")  # <-
```

```graph + path=boxes.pt
model torchscript
graph __torch__.Boxes.forward
  input boxes
  input scores
  op torchvision.nms
```

References: executed with PyTorch 2.13 and an operator of a library of its own; https://github.com/pytorch/vision#c-api
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Model, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.values import Truth

PACKAGES = ("torchvision", "torchaudio", "torch_scatter", "torch_sparse", "torch_cluster")
"""Packages that register operators when they are imported."""
MAY_IMPORT = re.compile(
    r"^\s*(?:import|from)\b[^\n]*\b(?:torchvision|torchaudio|torch_\w+|timm|ultralytics|detectron2|mmdet|mmcv|effdet|open_clip|kornia|yolov5|"
    r"segmentation_models_pytorch|pytorch_lightning|lightning|fastai|torchmetrics|sentence_transformers|transformers|doctr|facenet_pytorch|"
    r"easyocr|super_gradients|albumentations|importlib|clip)\b|import_module|__import__|load_library",
    re.M,
)
"""Imports by which such a package may come in."""
DETECTORS = "torchvision.models.detection.*()"
OPERATORS = re.compile(
    r"torchvision\.(?:ops\.(?:(?:\w+\.)?(?:nms|batched_nms|roi_align|roi_pool|ps_roi_\w+|deform_conv2d)|\w+\(\))|models\.detection\.\w+\(\))"
)
_SAVES = re.compile(r"torch\.jit|torchvision")


@rule(
    "DPL911",
    severity="error",
    leaves=["S.4.2", "M.4.4"],
    see=["https://github.com/pytorch/vision#c-api"],
)
def torch_operators_not_registered(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("torch.jit.load"):
        path = call.argument("f", 0).python(default=True)
        if call.file is not file or call.guarded or not isinstance(path, str):
            continue
        package = _package(path, call, project)
        if package and not any(MAY_IMPORT.search(one.text) for one in _program(file, project)):
            yield Finding(
                call,
                f"{posixpath.basename(path)} holds operators of {package}, which nothing here imports: RuntimeError, "
                f"Unknown builtin op {package}::...",
                help=f"import {package}, for its operators alone",
            )


def _package(path: str, call: Call, project: Project) -> str:
    """The package whose operators the model at a path certainly holds; empty if there is none, or it is not known."""
    there = project.resolve(path, call)
    if there is not None:
        models = [facts for facts in project.facts(there, Model) if facts.format == "torchscript"]
        heads = {op.domain for model in models for graph in model.graphs for op in graph.ops}
        return next((package for package in PACKAGES if package in heads), "")
    return "torchvision" if posixpath.basename(path) in _scripted(project, project.area(call)) else ""


@lru_cache(maxsize=4)
def _scripted(project: Project, area: Path) -> frozenset[str]:
    """The names of the files that code saves scripted models with operators of torchvision to, and nothing else."""
    written: dict[str, set[bool]] = {}
    for file in files_with(project, _SAVES, area):
        for call in file.calls("torch.jit.{script,trace}().save", "torch.jit.save"):
            saved, where = (
                (call.argument("m", 0), call.argument("f", 1)) if call.name == "torch.jit.save" else (call.receiver, call.argument("f", 0))
            )
            made = saved.origin
            given = made.arguments[0] if made is not None and made.arguments else saved
            for path in where.texts:
                written.setdefault(posixpath.basename(path), set()).add(_detects(given))
    return frozenset(name for name, kinds in written.items() if kinds == {True})


def _detects(module: Value) -> bool:
    if module.is_(DETECTORS) is Truth.yes:
        return True
    inside = module.inside("forward") if module.project_class is not None else []
    return any(OPERATORS.fullmatch(call.name) and call.certain for call in inside)


def _program(file: PythonFile, project: Project) -> list[PythonFile]:
    """The modules of the project that may run with a module: those that import it, and all that these import."""
    name = file.module_name
    found = [file]
    for other in files_with(project, re.compile(rf"\b{re.escape(name)}\b"), project.area(file)):
        if file in other.imports:
            found.append(other)
    for one in found:
        found += [other for other in one.imports if other not in found]
    return found
