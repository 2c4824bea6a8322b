"""A traced module whose output is a dictionary.

`torch.jit.trace` refuses dictionaries: ``Encountering a dict at the output of the tracer might cause the trace to be incorrect``. Models of
Hugging Face Transformers give one (a `ModelOutput`) unless told otherwise, and so do torchvision's models for segmentation.

```python bad
import torch
from transformers import AutoModel

model = AutoModel.from_pretrained("bert-base-uncased").eval()
traced = torch.jit.trace(model, torch.ones(1, 8, dtype=torch.long))  # <-
```

```python good
import torch
from transformers import AutoModel

ids = torch.ones(1, 8, dtype=torch.long)
model = AutoModel.from_pretrained("bert-base-uncased", return_dict=False).eval()
traced = torch.jit.trace(model, ids)
other = AutoModel.from_pretrained("bert-base-uncased", torchscript=True).eval()
torch.jit.trace(other, ids)
third = AutoModel.from_pretrained("bert-base-uncased").eval()
third.config.return_dict = False
torch.jit.trace(third, ids)
torch.jit.trace(AutoModel.from_pretrained("bert-base-uncased"), ids, strict=False)
torch.jit.trace(AutoModel.from_pretrained("bert-base-uncased", **options), ids)
```

```python bad
import torch
import torchvision
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return {"logits": x, "scores": x.softmax(-1)}

torch.jit.trace(Net().eval(), torch.zeros(1, 4))  # <-
torch.jit.trace(torchvision.models.segmentation.fcn_resnet50().eval(), torch.zeros(1, 3, 224, 224))  # <-
```

```python good
import torch
import torchvision
from torch import nn

class Net(nn.Module):
    def forward(self, x, as_dict=False):
        if as_dict:
            return {"logits": x}
        return x

class Wrapper(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x)["out"]

torch.jit.trace(Net().eval(), torch.zeros(1, 4))
torch.jit.trace(Wrapper(torchvision.models.segmentation.fcn_resnet50()).eval(), torch.zeros(1, 3, 224, 224))
```

References: checked with torch 2.13 and transformers 5.23 (`tests/claims/test_traced_values.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.pytorch import MODULE
from deplint.code.values import Truth

TRANSFORMER = "transformers.{Auto*,*Model,*For*}.{from_pretrained,from_config}()"
SEGMENTATION = "torchvision.models.segmentation.*()"


@rule(
    "DPL119",
    severity="error",
    leaves=["S.2.1", "M.2.3", "M.2.1"],
    see=[
        "https://huggingface.co/docs/transformers/main_classes/output",
        "https://docs.pytorch.org/docs/stable/generated/torch.jit.trace.html",
    ],
)
def traced_module_returns_dict(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls("torch.jit.trace"):
        model, strict = call.argument("func", 0), call.argument("strict")
        what = "" if call.guarded or call.open or not (strict.missing or strict.python() is True) else _gives_dict(model)
        if what:
            yield Finding(
                call,
                f"{what} returns a dictionary: tracing raises, Encountering a dict at the output of the tracer",
                help="wrap it in a module that returns tensors or a tuple (transformers: return_dict=False), or pass strict=False",
            )


def _gives_dict(model: Value) -> str:
    """The name of a model that certainly gives a dictionary; else empty."""
    made = model.origin
    if made is None or not model.certain:
        return ""
    if model.is_(TRANSFORMER) is Truth.yes:
        told = [made.argument(name) for name in ("return_dict", "torchscript", "config")]
        return made.name.split(".")[-2] if all(value.missing for value in told) and model.never("config.return_dict") else ""
    if model.is_(SEGMENTATION) is Truth.yes:
        return made.name.rpartition(".")[2]
    kind = model.project_class
    forward = next((m for m in kind.body if isinstance(m, ast.FunctionDef) and m.name == "forward"), None) if kind else None
    if kind is None or forward is None or model.is_(MODULE) is not Truth.yes or not model.never("forward"):
        return ""
    inner = {
        id(n)
        for child in ast.walk(forward)
        if isinstance(child, (ast.FunctionDef, ast.Lambda)) and child is not forward
        for n in ast.walk(child)
    }
    returned = [n.value for n in ast.walk(forward) if isinstance(n, ast.Return) and id(n) not in inner]
    return kind.name if returned and all(isinstance(value, ast.Dict) for value in returned) else ""
