"""A file that `torch.load` and its like do not read the way the project wrote it.

PyTorch writes several kinds of files under the same suffixes, and each has its own way back:

* `torch.save(net, p)` is a pickled module, which `torch.load` refuses since PyTorch 2.6 (``Weights only load failed``);
* `torch.jit.save` writes TorchScript, which `torch.load` refuses since then as well (``Cannot use weights_only=True with TorchScript
  archives``);
* `torch.export.save` writes a program, for `torch.export.load` alone; that reads nothing else.

What is done with a state dict, and with weights of Keras, is DPL613.

```python bad path=serve.py
import torch

scripted = torch.load("script.pt")  # <-
program = torch.load("program.pt2")  # <-
other = torch.export.load("weights.pt")  # <-
```

```python + path=train.py
import torch
import torchvision

net = torchvision.models.resnet18().eval()
torch.save(net.state_dict(), "weights.pt")
torch.jit.script(net).save("script.pt")
torch.export.save(torch.export.export(net, (torch.zeros(1, 3, 224, 224),)), "program.pt2")
```

With the way back that fits:

```python good path=serve.py
import torch

scripted = torch.jit.load("script.pt")
program = torch.export.load("program.pt2")
state = torch.load("weights.pt")
```

```python + path=train.py
import torch
import torchvision

net = torchvision.models.resnet18().eval()
torch.save(net.state_dict(), "weights.pt")
torch.jit.script(net).save("script.pt")
torch.export.save(torch.export.export(net, (torch.zeros(1, 3, 224, 224),)), "program.pt2")
```

The whole module is loaded where the code says so, and where PyTorch is older.

```python bad path=serve.py
import torch

net = torch.load("whole.pt", map_location="cpu")  # <-
```

```python + path=train.py
import torch
import torchvision

torch.save(torchvision.models.resnet18(), "whole.pt")
```

With the way back that fits:

```python good path=serve.py
import torch

net = torch.load("whole.pt", map_location="cpu", weights_only=False)
```

```python + path=train.py
import torch
import torchvision

torch.save(torchvision.models.resnet18(), "whole.pt")
```

Before 2.6 it is loaded.

```python good path=serve.py versions=torch==2.4.0
import torch

net = torch.load("whole.pt", map_location="cpu")
```

```python + path=train.py
import torch
import torchvision

torch.save(torchvision.models.resnet18(), "whole.pt")
```

Weights in safetensors' format have a reader of their own; newer releases of PyTorch use it by themselves.

```python bad path=serve.py versions=torch==2.4.1
from pathlib import Path
import torch

WEIGHTS = Path("weights") / "net.safetensors"
state = torch.load(WEIGHTS, map_location="cpu")  # <-
```

```python good path=serve.py
import sys
import torch
from safetensors.torch import load_file

state = load_file("net.safetensors")
other = torch.load("net.safetensors")
path = sys.argv[1]
third = load_file(path) if path.endswith(".safetensors") else torch.load(path)
```

Two ways of saving under one name leave it open which is loaded.

```python good path=serve.py
import torch

net = torch.load("net.pt")
```

```python + path=train.py
import sys
import torch
import torchvision

net = torchvision.models.resnet18().eval()
if sys.argv[1] == "script":
    torch.jit.script(net).save("net.pt")
else:
    torch.save(net.state_dict(), "net.pt")
```

References: checked with torch 2.13 (`tests/claims/test_given_models*.py`).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.pytorch import MODULE, SEQUENTIAL, STATE_DICT
from deplint.code.values import Truth

SCRIPTED = "torch.jit.{script,trace,freeze,optimize_for_inference}()"
_SAVES = re.compile(r"\.save\(")
SAVERS = ("torch.save", "torch.jit.save", SCRIPTED + ".save", "torch.export.save", "**.save")

REFUSED = {
    "torch.jit.load": ({"a checkpoint", "an exported program"}, "failed locating file constants.pkl"),
    "torch.export.load": ({"a state dict", "a pickled module", "a checkpoint", "TorchScript"}, "it is no exported program"),
    "torch.load": ({"an exported program"}, "failed locating file data.pkl"),
}
"""Loaders: the kinds they stop at, and what they say."""

INSTEAD = {
    "a state dict": "build the network and call load_state_dict(torch.load(path))",
    "a checkpoint": "build the network and call load_state_dict with the weights in it",
    "a pickled module": "save TorchScript (torch.jit.script(net).save(path)) or the state dict",
    "an exported program": "use torch.export.load",
    "TorchScript": "use torch.jit.load",
}


@rule(
    "DPL113",
    severity="error",
    leaves=["S.4.2", "S.2.1", "M.2.3"],
    see=[
        "https://docs.pytorch.org/docs/stable/notes/serialization.html",
        "https://stackoverflow.com/questions/49941426",
    ],
)
def saved_and_loaded_differently(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("torch.load"):
        if (
            call.argument("f", 0).ends(".safetensors") is Truth.yes
            and not call.guarded
            and project.versions.allows("torch", call, until="2.12")
        ):
            yield Finding(
                call,
                "torch.load before PyTorch 2.13 does not read safetensors: it raises UnpicklingError, invalid load key",
                help="safetensors.torch.load_file(path)",
            )
    loads = [(call, refused, error) for name, (refused, error) in REFUSED.items() for call in file.calls(name)]
    if not any(_path(call.argument("f", 0)) for call, _, _ in loads):
        return
    saved = _saved(project, project.area(file))
    for call, refused, error in loads:
        path = _path(call.argument("f", 0))
        kind = saved.get(path, "")
        if kind in refused and not call.guarded:
            yield Finding(call, f"{path} is saved as {kind}: {error}", help=INSTEAD[kind])
        elif (
            call.name == "torch.load" and kind in ("a pickled module", "TorchScript") and not call.guarded and _weights_only(call, project)
        ):
            yield Finding(
                call,
                f"{path} is saved as {kind}: since PyTorch 2.6 torch.load reads weights only and raises",
                help=INSTEAD[kind] if kind == "TorchScript" else f"pass weights_only=False, or better {INSTEAD[kind]}",
            )


def _weights_only(load: Call, project: Project) -> bool:
    """`torch.load` certainly loads weights only, or the newest PyTorch would."""
    only = load.argument("weights_only")
    if (
        "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD" in load.file.text
        or "safe_globals" in load.file.text
        or not load.argument("pickle_module", 2).missing
    ):
        return False
    return only.python() is True or (only.missing and project.versions.holds({"torch": "2.6"}, {}, load))


@lru_cache(maxsize=4)
def _saved(project: Project, area: Path) -> dict[str, str]:
    """Paths that the code below a folder certainly saves one kind of thing at, with the kind."""
    found: dict[str, set[str]] = {}
    for file in files_with(project, _SAVES, area):
        for call in file.calls(*SAVERS):
            path, kind = _written(call)
            if path:
                found.setdefault(path, set()).add(kind)
    return {path: kinds.pop() for path, kinds in found.items() if len(kinds) == 1}


def _written(call: Call) -> tuple[str, str]:
    """The path that something is saved at, and what it is; an empty kind if that is not known."""
    if call.name == "torch.save":
        return _path(call.argument("f", 1)), _kind(call.argument("obj", 0))
    if call.name == "torch.jit.save":
        return _path(call.argument("f", 1)), "TorchScript"
    if call.name == "torch.export.save":
        return _path(call.argument("f", 1)), "an exported program"
    if call.receiver.is_(SCRIPTED) is Truth.yes:
        return _path(call.argument("f", 0)), "TorchScript"
    return _path(call.argument("filepath", 0)), ""


def _kind(saved: Value) -> str:
    if saved.is_(STATE_DICT) is Truth.yes:
        return "a state dict"
    if saved.is_(MODULE, SEQUENTIAL, "torchvision.models.*()") is Truth.yes:
        return "a pickled module"
    return "a checkpoint" if saved.entries is not None else ""


def _path(value: Value) -> str:
    """The one path it may be; empty if it is not known."""
    texts = set(value.texts)
    return posixpath.normpath(texts.pop()) if len(texts) == 1 and len(value.options) == 1 else ""
