"""A network on the GPU that is given tensors on the CPU, or the other way round.

PyTorch moves nothing by itself: ``RuntimeError: Expected all tensors to be on the same device, but found at least two devices, cuda:0 and
cpu!``, of a convolution ``Input type (torch.FloatTensor) and weight type (torch.cuda.FloatTensor) should be the same``. What a transform,
a tokenizer or `torch.tensor` gives is on the CPU.

```python bad
import torch
from PIL import Image
from torchvision import models, transforms

class Predictor:
    def __init__(self, weights):
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = models.resnet50()
        self.model.load_state_dict(torch.load(weights, map_location="cpu"))
        self.model.eval().to(self.device)
        self.prepare = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])

    @torch.inference_mode()
    def __call__(self, path):
        picture = self.prepare(Image.open(path).convert("RGB")).unsqueeze(0)
        return self.model(picture).argmax(1).item()  # <-

    @torch.inference_mode()
    def right(self, path):
        picture = self.prepare(Image.open(path).convert("RGB")).unsqueeze(0)
        return self.model(picture.to(self.device)).argmax(1).item()
```

```python bad
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

NAME = "distilbert-base-uncased-finetuned-sst-2-english"
tokenizer = AutoTokenizer.from_pretrained(NAME)
model = AutoModelForSequenceClassification.from_pretrained(NAME).cuda().eval()

@torch.inference_mode()
def mood(text):
    tokens = tokenizer(text, return_tensors="pt")
    return model(**tokens).logits.argmax(-1).item()  # <-

@torch.inference_mode()
def right(text):
    tokens = tokenizer(text, return_tensors="pt").to("cuda")
    return model(**tokens).logits.argmax(-1).item()
```

```python good
import torch
from net import Net

net = Net()
if torch.cuda.is_available():
    net.cuda()
other = Net().to("cuda")

def run(x, device):
    return net(torch.tensor(x)), other(torch.tensor(x, device="cuda")), other(x), other(torch.tensor(x).to(device))
```

```python + path=net.py
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x):
        return self.layer(x)
```

Lengths stay on the CPU, and a module made of others is where they are.

```python good
import torch
from torch import nn

class Around(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x, lengths=None):
        return self.inner(x)

inner = nn.Linear(2, 2).cuda()
around = Around(inner)

def run(x):
    return around(torch.tensor(x).cuda()), inner(torch.tensor(x).cuda(), torch.tensor([2]))
```

A loss without parameters is on no device.

```python good
import torch

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

class Loss(torch.nn.Module):
    def forward(self, x, y):
        return (x - y).abs().sum()

criterion = Loss()
x = torch.rand(1, 2).to(device)
loss = criterion(x, x)
```

Tokens may be moved one by one.

```python good
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

device = "cuda" if torch.cuda.is_available() else "cpu"
tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
model = AutoModelForMaskedLM.from_pretrained("bert-base-uncased").to(device)

def features(text):
    inputs = tokenizer(text, return_tensors="pt")
    for key in inputs:
        inputs[key] = inputs[key].to(device)
    return model(**inputs, output_hidden_states=True)
```

References: PyTorch's documentation of `Module.to`, and the messages of `TensorIterator.cpp` and `Convolution.cpp`; no GPU was at hand.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.code.tensors import CALLS, CPU, CUDA, MAYBE, TOKENS, defaults_set, device, device_of_module


@rule(
    "DPL579",
    severity="error",
    leaves=["S.4.4", "S.6.3"],
    see=[
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.to",
        "https://stackoverflow.com/q/59013109",
    ],
)
def input_on_another_device(file: PythonFile) -> Iterator[Finding]:
    seen: set[int] = set()
    for call in file.calls(*CALLS):
        if call.guarded or call.chosen or id(call.node) in seen or any("device" in name for name in call.contexts):
            continue
        weights = device_of_module(call.receiver)
        given = next((on for on in _given(call) if on and on != weights), "")
        if {weights, given} in ({CUDA, CPU}, {MAYBE, CPU}) and not defaults_set(file):
            seen.add(id(call.node))
            moved, left = ("the network", "what it is given") if given == CPU else ("what it is given", "the network")
            where = "" if CUDA in (weights, given) else ", where there is one"
            yield Finding(
                call,
                f"{moved} is on the GPU{where}, and {left} on the CPU: Expected all tensors to be on the same device",
                help="move both: model.to(device), and inputs.to(device)",
            )


def _given(call: Call) -> Iterator[str]:
    """The devices of what is computed with: the first argument, tokens, those of ``**tokens`` too. Lengths may be on the CPU."""
    yield from (device(value) for value in call.arguments[:1])
    yield from (device(value) for name, value in call.keywords.items() if name in ("input_ids", "pixel_values", "x", "inputs_embeds"))
    names = [keyword.value.id for keyword in call.node.keywords if keyword.arg is None and isinstance(keyword.value, ast.Name)]
    scope = call.functions[-1].node if call.functions else call.file.shape.tree
    for name in names:
        sets = [n for n in ast.walk(scope) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)]
        made = [n.value for n in ast.walk(scope) if isinstance(n, ast.Assign) and any(target in sets for target in n.targets)]
        moved = any(
            isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == name and n.attr in ("to", "items", "update")
            for n in ast.walk(scope)
        )
        moved = moved or any(
            isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) and isinstance(n.value, ast.Name) and n.value.id == name
            for n in ast.walk(scope)
        )
        if len(sets) == 1 and len(made) == 1 and not moved:
            yield from (device(c.result) for c in call.file.calls(TOKENS) if c.node is made[0])
