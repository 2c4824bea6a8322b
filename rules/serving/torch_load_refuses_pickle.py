"""`torch.load` of a checkpoint that holds more than weights, since PyTorch 2.6.

Since PyTorch 2.6 `torch.load` loads weights only, and refuses a pickle that names anything beyond tensors and plain containers: a whole
module (`torch.save(model, ...)`), NumPy numbers in a checkpoint, a class of one's own. The file worked with the release before, and now:
``UnpicklingError: Weights only load failed ... Unsupported global: GLOBAL net.Net was not an allowed global by default``.

```python bad path=serve.py
import torch

model = torch.load("net.pt", map_location="cpu")  # <-
```

```hex + path=net.pt
80 02 8a 0a 6c fc 9c 46 f9 20 6a a8 50 19 2e 80 02 4d e9 03 2e 80 02 7d 2e
80 02 63 6e 65 74 0a 4e 65 74 0a 29 81 2e 80 02 5d 2e
```

```python good path=serve.py
import torch

model = torch.load("net.pt", map_location="cpu", weights_only=False)
```

```hex + path=net.pt
80 02 8a 0a 6c fc 9c 46 f9 20 6a a8 50 19 2e 80 02 4d e9 03 2e 80 02 7d 2e
80 02 63 6e 65 74 0a 4e 65 74 0a 29 81 2e 80 02 5d 2e
```

Allowing the class is another way.

```python good path=serve.py
import torch
from net import Net

torch.serialization.add_safe_globals([Net])
model = torch.load("net.pt", map_location="cpu")
```

```hex + path=net.pt
80 02 8a 0a 6c fc 9c 46 f9 20 6a a8 50 19 2e 80 02 4d e9 03 2e 80 02 7d 2e
80 02 63 6e 65 74 0a 4e 65 74 0a 29 81 2e 80 02 5d 2e
```

A state dict is what it loads.

```python good path=serve.py
import torch

weights = torch.load("net.pt", map_location="cpu")
```

```hex + path=net.pt
80 02 8a 0a 6c fc 9c 46 f9 20 6a a8 50 19 2e 80 02 4d e9 03 2e 80 02 7d 2e
80 02 63 63 6f 6c 6c 65 63 74 69 6f 6e 73 0a 4f 72 64 65 72 65 64 44 69 63 74 0a 29 52 2e 80 02 5d 2e
```

So is the variable that has PyTorch load everything.

```python good path=serve.py
import torch

model = torch.load("net.pt", map_location="cpu")
```

```hex + path=net.pt
80 02 8a 0a 6c fc 9c 46 f9 20 6a a8 50 19 2e 80 02 4d e9 03 2e 80 02 7d 2e
80 02 63 6e 65 74 0a 4e 65 74 0a 29 81 2e 80 02 5d 2e
```

```text + path=deploy/serve.service
[Service]
Environment="TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1"
ExecStart=/usr/bin/python3 serve.py
```

Before 2.6 it loads everything.

```python good path=serve.py versions=torch==2.5.1
import torch

model = torch.load("net.pt", map_location="cpu")
```

```hex + path=net.pt
80 02 8a 0a 6c fc 9c 46 f9 20 6a a8 50 19 2e 80 02 4d e9 03 2e 80 02 7d 2e
80 02 63 6e 65 74 0a 4e 65 74 0a 29 81 2e 80 02 5d 2e
```

References: the release notes of PyTorch 2.6; checked with PyTorch 2.13 (`tests/claims/test_pickles.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.formats.pickle_files import PickleFile
from deplint.formats.pickles import Global
from deplint.project import File
from deplint.settings.variables import switched_on

ALLOWED = ("torch", "collections", "builtins", "__builtin__", "_codecs", "copyreg", "copy_reg")
"""Modules of which PyTorch allows some names. Of these only ``torch.nn.modules`` is certainly refused."""

OPENING = "torch.serialization.{add_safe_globals,safe_globals}"


@rule(
    "DPL521",
    severity="error",
    leaves=["S.4.2", "S.3.2"],
    since={"torch": "2.6"},
    see=["https://docs.pytorch.org/docs/stable/notes/serialization.html"],
)
def torch_load_refuses_pickle(file: PythonFile, project: Project) -> Iterator[Finding]:
    if file.calls(OPENING):
        return
    for call in file.calls("torch.load"):
        path, only = call.argument("f", 0), call.argument("weights_only")
        asked = only.certain and only.python() is True
        if call.guarded or not path.text or not call.argument("pickle_module", 2).missing or not (only.missing or asked):
            continue
        found = project.resolve(path.text, call)
        refused = [name for name in _imports(project, found) if _refused(name)] if found else []
        if found and refused and not _allowed(file, project):
            yield Finding(
                call,
                f"{found.shown} holds more than weights ({refused[0]}): since PyTorch 2.6 torch.load refuses it, Weights only load failed",
                help="save the weights alone: torch.save(net.state_dict(), ...); or load a file you trust with weights_only=False",
            )


def _allowed(file: PythonFile, project: Project) -> bool:
    """Some code says that what it loads is safe, or what starts the program has PyTorch load all."""
    return switched_on("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", project, file) or any(other.calls(OPENING) for other in project.all(PythonFile))


def _imports(project: Project, file: File) -> Iterator[Global]:
    for facts in project.facts(file, PickleFile):
        yield from (name for _, pickle in facts.pickles for name in pickle.imports)


def _refused(name: Global) -> bool:
    return name.module.startswith("torch.nn.modules.") or name.module.split(".")[0] not in ALLOWED
