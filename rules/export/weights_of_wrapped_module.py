"""Weights saved from a wrapped module and loaded into the bare one, or the other way round.

`torch.nn.DataParallel` and `DistributedDataParallel` hold the network as `module`, `torch.compile` as `_orig_mod`: each key of their
`state_dict()` begins with that. The network alone has no such keys: ``RuntimeError: Error(s) in loading state_dict for Net: Missing key(s)
in state_dict: "conv.weight", ... Unexpected key(s) in state_dict: "module.conv.weight"``. With ``strict=False`` nothing is said, and
nothing is loaded.

```python bad path=export.py
import torch
from net import Net

net = Net()
net.load_state_dict(torch.load("net.pth", map_location="cpu"))  # <-
other = Net()
other.load_state_dict(torch.load("compiled.pth")["state_dict"], strict=False)  # <-
```

```python + path=train.py
import torch
from torch import nn
from net import Net

model = nn.DataParallel(Net()).to("cuda")
torch.save(model.state_dict(), "net.pth")
fast = torch.compile(Net())
torch.save({"state_dict": fast.state_dict(), "epoch": 3}, "compiled.pth")
```

```python + path=net.py
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        return self.conv(x)
```

```python good path=export.py
import torch
from net import Net

net = Net()
net.load_state_dict(torch.load("bare.pth", map_location="cpu"))
wrapped = torch.nn.DataParallel(Net())
wrapped.load_state_dict(torch.load("net.pth", map_location="cpu"))
perhaps = Net()
perhaps.load_state_dict(torch.load("perhaps.pth"))
elsewhere = Net()
elsewhere.load_state_dict(torch.load("elsewhere.pth"))
compiled = Net()
compiled.load_state_dict(torch.load("original.pth"))
```

```python + path=train.py
import torch
from torch import nn
from net import Net

model = nn.DataParallel(Net()).to("cuda")
torch.save(model.state_dict(), "net.pth")
torch.save(model.module.state_dict(), "bare.pth")
fast = torch.compile(Net(), mode="reduce-overhead")
torch.save(fast._orig_mod.state_dict(), "original.pth")
net = Net()
if torch.cuda.device_count() > 1:
    net = nn.DataParallel(net)
torch.save(net.state_dict(), "perhaps.pth")
```

```python + path=net.py
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return x
```

The prefix may be taken away.

```python good path=export.py
import torch
from net import Net

net = Net()
weights = torch.load("net.pth", map_location="cpu")
net.load_state_dict({key.removeprefix("module."): value for key, value in weights.items()})
other = Net()
torch.nn.modules.utils.consume_prefix_in_state_dict_if_present(weights, "module.")
other.load_state_dict(weights)
```

```python + path=train.py
import torch
from net import Net

torch.save(torch.nn.DataParallel(Net()).state_dict(), "net.pth")
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

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.weights import loaded, saved

PREFIXES = {
    "torch.nn.DataParallel": "module.",
    "torch.nn.parallel.DataParallel": "module.",
    "torch.nn.parallel.DistributedDataParallel": "module.",
    "torch.compile": "_orig_mod.",
}
"""What wraps a module -> what the keys of its weights begin with."""
_STRIPS = re.compile(r"[\"']_?(module|orig_mod)\b|consume_prefix|\[7:\]|removeprefix")
BARE = re.compile(r"(torchvision\.models\..*|timm\.create_model|torch\.nn\.(Module|Sequential))\(\)")


@rule(
    "DPL677",
    severity="error",
    leaves=["S.4.2", "S.2.1"],
    see=[
        "https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html#saving-torch-nn-dataparallel-models",
        "https://discuss.pytorch.org/t/solved-keyerror-unexpected-key-module-encoder-embedding-weight-in-state-dict/1686",
    ],
)
def weights_of_wrapped_module(file: PythonFile, project: Project) -> Iterator[Finding]:
    calls = [call for call in file.calls("**.load_state_dict") if not call.guarded]
    written = saved(project, project.area(file)) if calls else {}
    for call in calls:
        path, key = loaded(call.argument("state_dict", 0))
        there = _prefix_of(written.get((posixpath.basename(path), key), [])) if path else None
        here = _prefix(call.receiver)
        if there is None or here is None or there == here or call.file.mentions(_STRIPS, importers=True):
            continue
        lax = call.argument("strict", 1).python() is False
        yield Finding(
            call,
            f"the keys in {path} begin {_words(there)}, and this module's {_words(here)}: "
            + ("with strict=False none is loaded, and the weights stay random" if lax else "load_state_dict raises, Missing key(s)"),
            help="save model.module.state_dict(), or take the prefix away: {k.removeprefix(...): v for k, v in weights.items()}",
        )


def _words(prefix: str) -> str:
    return f'with "{prefix}"' if prefix else "without a prefix"


def _prefix(module: Value) -> str | None:
    """What the keys of a module's weights begin with; None where that is not known."""
    if len(module.options) != 1:
        return None
    made = module.origin
    if made is not None and made.name in PREFIXES and module.project_class is None:
        return PREFIXES[made.name]
    return "" if module.certain and BARE.fullmatch(module.name) and (module.project_class is not None or made is not None) else None


def _prefix_of(modules: list[Value | None]) -> str | None:
    """What the keys of saved weights begin with; None if that is not known, or several calls write them in two ways."""
    prefixes = {_prefix(module) if module is not None else None for module in modules}
    return prefixes.pop() if len(prefixes) == 1 else None
