"""A PyTorch module saved whole.

`torch.save(net, path)` pickles the module: the names of its classes and modules, and what their attributes hold. Loading it needs the same
code at the same place, breaks when that code changes, and since PyTorch 2.6 `torch.load` refuses it without `weights_only=False`, letting
the file run code.

```python bad
import torch
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return x

net = Net()
torch.save(net, "net.pt")  # <-
```

```python good
import torch
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return x

net = Net()
torch.save(net.state_dict(), "net.pt")
torch.save({"model": net.state_dict(), "epoch": 3}, "checkpoint.pt")
torch.jit.script(net).save("scripted.pt")
torch.save(optimizer, "optimizer.pt")
```

In a test it matters little; before 2.6 it loads as ever, and where the same project loads it with `weights_only=False` that was meant.

```python good path=tests/test_save.py
import torch

torch.save(torch.nn.Linear(2, 2), "net.pt")
```

```python good path=train.py versions=torch==2.1.0
import torch

torch.save(torch.nn.Sequential(torch.nn.Linear(2, 2)), "net.pt")
```

Loaded as what it is:

```python good path=train.py
import torch

torch.save(torch.nn.Sequential(torch.nn.Linear(2, 2)), "net.pt")
net = torch.load("net.pt", weights_only=False)
```

Also where that is said elsewhere, once for all.

```python good path=train.py
import torch

torch.save(torch.nn.Sequential(torch.nn.Linear(2, 2)), "net.pt")
```

```python + path=files.py
from functools import partial
import torch

load_trusted = partial(torch.load, map_location="cpu", weights_only=False)
```

References: https://docs.pytorch.org/docs/stable/notes/serialization.html; checked with torch 2.13 (`tests/claims/test_given_models.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.pytorch import MODULE, SEQUENTIAL
from deplint.code.values import Truth
from deplint.settings.serving import mentioned

from ..quantization import in_test

_MEANT = r"weights_only[\"']?\s*[:=]\s*False|safe_globals\(|TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"


@rule(
    "DPL132",
    severity="warning",
    leaves=["S.2.1", "S.4.2"],
    since={"torch": "2.6"},
    see=["https://docs.pytorch.org/docs/stable/notes/serialization.html"],
)
def whole_module_pickled(file: PythonFile, project: Project) -> Iterator[Finding]:
    found = [call for call in file.calls("torch.save") if not call.guarded and not in_test(file)]
    whole = [call for call in found if call.argument("obj", 0).is_(MODULE, SEQUENTIAL, "torchvision.models.*()") is Truth.yes]
    if not whole or _meant(project):
        return
    for call in whole:
        yield Finding(
            call,
            "the whole module is pickled: loading needs this very code, and torch.load refuses it since PyTorch 2.6",
            help="save net.state_dict(), or torch.jit.script(net), or torch.export.save for a file that needs no code",
        )


@lru_cache(maxsize=1)
def _meant(project: Project) -> bool:
    """Some code loads whole modules on purpose, however it says so: in the call, by `functools.partial`, for the whole process."""
    return mentioned(project, _MEANT)
