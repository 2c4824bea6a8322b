"""Weights that are loaded into a network of another shape than they were saved from.

Who saves and who loads builds the network in code of his own, and one number differs: ``RuntimeError: Error(s) in loading state_dict for
ResNet: size mismatch for fc.weight: copying a param with shape torch.Size([5, 512]) from checkpoint, the shape in current model is
torch.Size([10, 512])``. `strict=False` does not help with sizes. A quantized network keeps its weights packed, under other names:
``Unexpected key(s) in state_dict: "fc1.scale", "fc1.zero_point"``.

```python bad path=serve.py
import torch
from torchvision.models import resnet18

def load():
    net = resnet18(num_classes=10)
    net.load_state_dict(torch.load("weights/fruit.pt", map_location="cpu", weights_only=True))  # <-
    return net.eval()

model = load()
```

```python + path=train.py
import torch
from torchvision.models import resnet18

CLASSES = 5
net = resnet18(num_classes=CLASSES)
train(net)
torch.save(net.state_dict(), "weights/fruit.pt")
```

A head that was replaced, another network, other sizes given to a class of one's own, and quantization:

```python bad path=serve.py
import torch
from net import Net
from torchvision.models import resnet18, resnet34

first = resnet18()
first.load_state_dict(torch.load("head.pt"))  # <-
second = resnet18(num_classes=3)
second.load_state_dict(torch.load("deeper.pt"))  # <-
third = Net(hidden=64)
third.load_state_dict(torch.load("own.pt"))  # <-
fourth = Net()
fourth.load_state_dict(torch.load("small.pt"))  # <-
```

```python + path=train.py
import torch
from net import Net
from torch import nn
from torchvision.models import resnet18, resnet34

net = resnet18(weights="DEFAULT")
net.fc = nn.Linear(net.fc.in_features, 3)
torch.save(net.state_dict(), "head.pt")
deeper = resnet34(num_classes=3)
torch.save(deeper.state_dict(), "deeper.pt")
own = Net(hidden=128)
torch.save(own.state_dict(), "own.pt")
small = torch.quantization.quantize_dynamic(Net(), {nn.Linear}, dtype=torch.qint8)
torch.save(small.state_dict(), "small.pt")
```

```python + path=net.py
from torch import nn

class Net(nn.Module):
    def __init__(self, hidden=128, dropout=0.1):
        super().__init__()
        self.first = nn.Linear(8, hidden)
        self.drop = nn.Dropout(dropout)
        self.last = nn.Linear(hidden, 2)

    def forward(self, x):
        return self.last(self.drop(self.first(x)))
```

The same sizes, however they come about, and sizes that nobody can see, are fine.

```python good path=serve.py
import torch
from net import Net
from torch import nn
from torchvision.models import mobilenet_v2, resnet18

first = resnet18()
first.fc = nn.Linear(512, 3)
first.load_state_dict(torch.load("head.pt"))
second = Net(128, dropout=0.0)
second.load_state_dict(torch.load("own.pt"))
third = mobilenet_v2()
third.classifier[1] = nn.Linear(1280, 3)
third.load_state_dict(torch.load("mobile.pt"))
fourth = resnet18(num_classes=10)
fourth.load_state_dict(torch.load("many.pt"))
```

```python + path=train.py
import torch
from net import Net
from torch import nn
from torchvision.models import mobilenet_v2, resnet18

net = resnet18(num_classes=3)
torch.save(net.state_dict(), "head.pt")
own = Net(hidden=128)
torch.save(own.state_dict(), "own.pt")
mobile = mobilenet_v2(num_classes=3)
torch.save(mobile.state_dict(), "mobile.pt")

def many(classes):
    torch.save(resnet18(num_classes=classes).state_dict(), "many.pt")
```

```python + path=net.py
from torch import nn

class Net(nn.Module):
    def __init__(self, hidden=128, dropout=0.1):
        super().__init__()
        self.first = nn.Linear(8, hidden)
        self.drop = nn.Dropout(dropout)
        self.last = nn.Linear(hidden, 2)

    def forward(self, x):
        return self.last(self.drop(self.first(x)))
```

References: checked with PyTorch 2.13 (`tests/claims/test_tensors.py`).
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.code.values import Truth
from deplint.code.weights import loaded, saved

FACTORY = re.compile(r"torchvision\.models\.(?:\w+\.)?([a-z]\w*)")
QUANTIZED = re.compile(r"torch\.(?:ao\.)?quantization\.(?:quantize_dynamic|convert)")
HEADS = ("fc", "classifier", "head", "heads")
DEFAULT = 1000
"""Classes of torchvision's networks unless told otherwise."""
SIZES = re.compile(
    r"(?:num|n)_(?:class|label|output|layer|head|channel|token|block)\w*|"
    r"\w*(?:hidden|dim|features|channels|width|depth|layers|classes|vocab_size)\w*"
)
"""Names of arguments that sizes of weights come of."""


@dataclass(frozen=True)
class Net:
    """`kind` is the function or class that makes it, `sizes` what is known of the sizes that it is made with."""

    kind: str
    sizes: tuple[tuple[str, int], ...]
    quantized: bool = False


@rule(
    "DPL581",
    severity="error",
    leaves=["S.4.2", "S.2.1"],
    see=["https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html", "https://stackoverflow.com/q/54058256"],
)
def weights_of_another_net(file: PythonFile, project: Project) -> Iterator[Finding]:
    calls = [call for call in file.calls("**.load_state_dict") if not call.guarded and not call.chosen]
    written = saved(project, project.area(file)) if calls else {}
    for call in calls:
        path, key = loaded(call.argument("state_dict", 0))
        modules = written.get((posixpath.basename(path), key), []) if path else []
        there = {_net(module) for module in modules}
        one, here = next(iter(there)) if len(there) == 1 else None, _net(call.receiver)
        if one is None or here is None:
            continue
        why = _differs(one, here, call)
        if why:
            yield Finding(
                call,
                f"the weights in {path} are those of {why[0]}, and they are loaded into {why[1]}: load_state_dict raises",
                help="build the network as where it was saved; one function for both sides keeps them alike",
            )


def _differs(there: Net, here: Net, call: Call) -> tuple[str, str] | None:
    """What the two networks are, if weights of one do not fit the other."""
    lax = call.argument("strict", 1).python() is False
    if there.quantized != here.quantized:
        return None if lax else ("a quantized network", "one of floats") if there.quantized else ("a network of floats", "a quantized one")
    if there.kind != here.kind:
        known = FACTORY.fullmatch(there.kind) and FACTORY.fullmatch(here.kind)
        return (_short(there.kind), _short(here.kind)) if known and not lax else None
    for (name, saved_as), (other, made_with) in zip(there.sizes, here.sizes, strict=False):
        if name == other and saved_as != made_with:
            return f"{_short(there.kind)} with {name}={saved_as}", f"one with {name}={made_with}"
    return None


def _short(kind: str) -> str:
    return kind.rpartition(".")[2]


def _net(module: Value | None) -> Net | None:
    """What a module certainly is; None if that is not known."""
    made = module.origin if module is not None and len(module.options) == 1 else None
    if module is None or made is None or made.open:
        return None
    if QUANTIZED.fullmatch(made.name):
        inner = _net(made.argument("model", 0) if made.name.endswith("dynamic") else made.argument("module", 0))
        return Net(inner.kind if inner is not None else "", inner.sizes if inner is not None else (), True)
    if module.project_class is not None:
        sizes = _sizes(module.project_class, made)
        return Net(module.project_class.name, sizes) if sizes is not None else None
    if FACTORY.fullmatch(made.name):
        classes = _classes(module, made)
        return Net(made.name, (("num_classes", classes),)) if classes else None
    return None


def _sizes(cls: ast.ClassDef, made: Call) -> tuple[tuple[str, int], ...] | None:
    """The whole numbers that the constructor is certainly given, by the names of sizes, defaults included."""
    start = next((f for f in cls.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"), None)
    if start is None or start.args.vararg or start.args.kwarg:
        return None
    names = [argument.arg for argument in start.args.args[1:]]
    defaults = dict(zip(reversed(names), reversed(start.args.defaults), strict=False))
    found = []
    for position, name in enumerate(names):
        given = made.argument(name, position)
        default = defaults.get(name)
        known = (default.value if isinstance(default, ast.Constant) else None) if given.missing else given.python()
        if SIZES.fullmatch(name) and isinstance(known, int) and not isinstance(known, bool):
            found.append((name, known))
    return tuple(found)


def _classes(module: Value, made: Call) -> int | None:
    """The number of classes of a network of torchvision's, as it was made or as its head was replaced."""
    text = made.file.text
    if re.search(rf"\.(?:{'|'.join(HEADS)})\s*\[|setattr\(|\.add_module\(|_modules\[", text):
        return None
    replaced = [value for name in HEADS for value in module.values(name)]
    if replaced:
        layer = replaced[-1].origin if len(replaced) == 1 else None
        plain = layer is not None and layer.name == "torch.nn.Linear"
        size = layer.argument("out_features", 1).python() if plain and layer is not None else None
        return size if isinstance(size, int) else None
    given = made.argument("num_classes")
    if given.missing and module.escaped is not Truth.no:  # others may replace the head
        return None
    known = DEFAULT if given.missing else given.python()
    return known if isinstance(known, int) else None
