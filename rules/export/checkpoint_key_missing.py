"""A checkpoint that is not loaded as it was saved.

``torch.save({"epoch": 3, "model": net.state_dict()}, path)`` writes a dictionary that holds the weights. Given whole to `load_state_dict`
it has none of the network's keys: ``RuntimeError: Missing key(s) in state_dict: "conv.weight" ... Unexpected key(s) in state_dict: "epoch",
"model"``; under another key there is nothing: ``KeyError: 'state_dict'``.

```python bad path=export.py
import torch
from net import Net

net = Net()
net.load_state_dict(torch.load("checkpoint.pth", map_location="cpu"))  # <-
checkpoint = torch.load("checkpoint.pth", map_location="cpu")
net.load_state_dict(checkpoint["state_dict"])  # <-
net.load_state_dict(checkpoint["model"])
```

```python + path=train.py
import torch
from net import Net

net = Net()
torch.save({"epoch": 3, "model": net.state_dict()}, "checkpoint.pth")
```

```python + path=net.py
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return x
```

Weights alone have no such keys either.

```python bad path=export.py
import torch
from net import Net

net = Net()
net.load_state_dict(torch.load("net.pth", map_location="cpu")["state_dict"])  # <-
```

```python + path=train.py
import torch
from net import Net

torch.save(Net().state_dict(), "net.pth")
```

```python + path=net.py
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return x
```

A dictionary that is made elsewhere, or a file that is written twice, may be any.

```python good path=export.py
import torch
from net import Net

net = Net()
net.load_state_dict(torch.load("checkpoint.pth")["model"])
net.load_state_dict(torch.load("made.pth")["weights"])
net.load_state_dict(torch.load("twice.pth"))
loaded = torch.load("checkpoint.pth")
net.load_state_dict(loaded["state_dict"] if "state_dict" in loaded else loaded["model"])
```

```python + path=train.py
import torch
from net import Net

net = Net()
torch.save({"epoch": 3, "model": net.state_dict()}, "checkpoint.pth")
torch.save(collect(net), "made.pth")
torch.save({"model": net.state_dict()}, "twice.pth")
torch.save(net.state_dict(), "twice.pth")
```

```python + path=net.py
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return x
```

References: https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html; executed with torch 2.13
(`tests/claims/test_wrapped_modules.py`).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile

_SAVES = re.compile(r"torch\.save\(")
_ASKS = re.compile(r"[\"']\w+[\"']\s+(not\s+)?in\b|\.get\(\s*[\"']|\.keys\(")
WEIGHTS = ""
"""What stands for the weights themselves among the keys that a file holds."""


@rule(
    "DPL686",
    severity="error",
    leaves=["S.4.2", "S.2.1"],
    see=["https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html", "https://stackoverflow.com/q/54058256"],
)
def checkpoint_key_missing(file: PythonFile, project: Project) -> Iterator[Finding]:
    calls = [c for c in file.calls("**.load_state_dict") if not c.guarded and c.name.startswith(("torch", "timm"))]
    saved = _saved(project, project.area(file)) if calls else {}
    for call in calls:
        given = call.argument("state_dict", 0)
        path, key = _loaded(given)
        held = saved.get(posixpath.basename(path)) if path else None
        if held is None or key in held or not call.certain or _asks(call.file, given):
            continue
        known = ", ".join(map(repr, sorted(held - {WEIGHTS})))
        if key == WEIGHTS:
            what, remedy = (
                f"{path} is saved as a dictionary with {known}, and is given whole: Missing key(s) in state_dict",
                f"take one of {known}",
            )
        elif held == {WEIGHTS}:
            what, remedy = f"{path} is saved as weights alone, and has no key {key!r}: KeyError", "load_state_dict(torch.load(path))"
        else:
            what, remedy = f"{path} is saved with {known}, and has no key {key!r}: KeyError", f"take one of {known}"
        yield Finding(call, what, help=remedy)


def _asks(file: PythonFile, given: Value) -> bool:
    """The code looks what the file holds."""
    return len(given.options) > 1 or file.mentions(_ASKS, importers=True)


def _loaded(weights: Value) -> tuple[str, str]:
    """The path that weights are loaded from, and their key in what is there; both empty if not known."""
    operation, key = weights.operation, WEIGHTS
    if operation is not None and operation[0] == "[]":
        weights, key = operation[1], operation[2].text or ""
        if not key:
            return "", ""
    made = weights.origin
    path = made.argument("f", 0).text if made is not None and made.name == "torch.load" else None
    return (path, key) if path else ("", "")


@lru_cache(maxsize=4)
def _saved(project: Project, area: Path) -> dict[str, frozenset[str]]:
    """The names of files that one call certainly writes -> their keys, `WEIGHTS` for weights alone."""
    found: dict[str, set[frozenset[str] | None]] = {}
    for file in files_with(project, _SAVES, area):
        for call in file.calls("torch.save"):
            given, paths = call.argument("obj", 0), call.argument("f", 1).texts
            made = given.origin
            held: frozenset[str] | None = None
            if made is not None and made.name.startswith("torch") and made.name.endswith(".state_dict"):
                held = frozenset({WEIGHTS})
            elif given.entries and given.exact and all(key.text for key, _ in given.entries):
                held = frozenset(key.text or "" for key, _ in given.entries)
            for path in paths or ("?",):
                found.setdefault(posixpath.basename(path), set()).add(held)
    one = {name: next(iter(kinds)) for name, kinds in found.items() if len(kinds) == 1 and "?" not in found}
    return {name: held for name, held in one.items() if held is not None}
