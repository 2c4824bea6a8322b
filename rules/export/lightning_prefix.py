"""The weights of a Lightning module, loaded into the network within it.

A checkpoint of Lightning holds the state of the whole `LightningModule`, so that every name begins with the attribute the network is kept
in: ``model.down.weight``. The network on its own knows ``down.weight``: ``RuntimeError: Missing key(s) in state_dict: "down.weight" ...
Unexpected key(s): "model.down.weight"``.

```python bad path=export.py
import torch
from net import UNet

net = UNet()
ckpt = torch.load("seg.ckpt", map_location="cpu", weights_only=True)
net.load_state_dict(ckpt["state_dict"])  # <-
net.eval()
```

```python + path=lit.py
import lightning as L
from net import UNet

class LitSeg(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.model = UNet()
```

```python + path=net.py
from torch import nn

class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 16, 3)
```

The prefix taken off, the module itself, and keys that need not fit are fine.

```python good path=export.py
import torch
from lit import LitSeg
from net import UNet

net, other, third = UNet(), UNet(), UNet()
ckpt = torch.load("seg.ckpt", map_location="cpu", weights_only=True)
net.load_state_dict({k.removeprefix("model."): v for k, v in ckpt["state_dict"].items()})
other.load_state_dict(ckpt["state_dict"], strict=False)
third.load_state_dict(torch.load("plain.pth", weights_only=True))
whole = LitSeg()
whole.load_state_dict(ckpt["state_dict"])
```

```python + path=lit.py
import lightning as L
from net import UNet

class LitSeg(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.model = UNet()
```

```python + path=net.py
from torch import nn

class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 16, 3)
```

References: "Checkpointing" of Lightning (contents of a checkpoint); names of `torch.nn.Module.state_dict`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.values import Truth
from deplint.code.weights import loaded

_MODULES = re.compile(r"LightningModule")


@rule(
    "DPL983",
    severity="error",
    leaves=["S.4.2", "S.2.1"],
    see=["https://lightning.ai/docs/pytorch/stable/common/checkpointing_basic.html"],
)
def lightning_prefix(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("torch.nn.Module().load_state_dict"):
        path, key = loaded(call.argument("state_dict", 0))
        kind = call.receiver.project_class
        if not path.endswith(".ckpt") or key != "state_dict" or kind is None or call.guarded or call.file is not file:
            continue
        if call.argument("strict", 1).missing and call.receiver.is_("torch.nn.Module()") is Truth.yes:
            prefix = _held(project, project.area(file)).get(kind.name, "")
            if prefix:
                yield Finding(
                    call,
                    f"the checkpoint is of the Lightning module that keeps {kind.name} as {prefix}: its names begin with "
                    f"'{prefix}.', and load_state_dict raises, Missing key(s)",
                    help=f'{{k.removeprefix("{prefix}."): v for k, v in checkpoint["state_dict"].items()}}',
                )


@lru_cache(maxsize=4)
def _held(project: Project, area: Path) -> dict[str, str]:
    """Classes of networks that Lightning modules below a folder make and keep, with the attribute they are kept in. A class that is a
    Lightning module itself, or is kept under two names, is left out."""
    found: dict[str, set[str]] = {}
    own: set[str] = set()
    for file in files_with(project, _MODULES, area):
        for kind in (node for node in file.shape.nodes if isinstance(node, ast.ClassDef)):
            if not any("LightningModule" in ast.unparse(base) for base in kind.bases):
                continue
            own.add(kind.name)
            for node in ast.walk(kind):
                match node:
                    case ast.Assign(
                        targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)],
                        value=ast.Call(func=ast.Name(id=made) | ast.Attribute(attr=made)),
                    ):
                        found.setdefault(made, set()).add(name)
    return {made: next(iter(names)) for made, names in found.items() if len(names) == 1 and made not in own}
