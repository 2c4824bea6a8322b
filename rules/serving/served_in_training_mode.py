"""A PyTorch model that answers in training mode.

A module is in training mode until `eval()` is called, also after `load_state_dict`. Dropout then drops activations at
random, so that the same picture gets another answer each time, and batch normalisation uses the statistics of whatever
was sent together: of a batch of one it makes nonsense, or ``ValueError: Expected more than 1 value per channel when
training``.

```python bad
import torch
from flask import Flask, request
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.Dropout(0.5))

    def forward(self, x):
        return self.body(x)

app = Flask(__name__)
net = Net()
net.load_state_dict(torch.load("net.pt", map_location="cpu"))

@app.route("/predict", methods=["POST"])
def predict():
    with torch.no_grad():
        return str(net(torch.tensor(request.json["row"])).argmax().item())  # <-
```

```python bad
import torch
import torchvision

model = torchvision.models.resnet18()
model.load_state_dict(torch.load("flowers.pth", map_location="cpu"))

def classify(batch):
    with torch.inference_mode():
        return model(batch)  # <-
```

```python good
import torch
import torchvision
from torch import nn
from zoo import build

model = torchvision.models.resnet18()
model.load_state_dict(torch.load("flowers.pth", map_location="cpu"))
model.eval()
plain = nn.Linear(2, 2)
plain.load_state_dict(torch.load("plain.pth"))
other = build()
other.load_state_dict(torch.load("other.pth"))
scripted = torch.jit.load("net.ts")

def classify(batch):
    with torch.inference_mode():
        return model(batch), plain(batch), other(batch), scripted(batch)
```

Dropout that drops nothing does no harm.

```python good
import torch
from torch import nn

net = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.0))
net.load_state_dict(torch.load("net.pt"))

def classify(batch):
    with torch.inference_mode():
        return net(batch)
```

Who trains, or samples on purpose, is in training mode.

```python good
import torch
import torchvision

model = torchvision.models.resnet18()
model.load_state_dict(torch.load("start.pth"))
for batch, wanted in batches:
    loss(model(batch), wanted).backward()
```

```python good
import torch
import torchvision

model = torchvision.models.vgg16()
model.load_state_dict(torch.load("flowers.pth"))
model.train()  # Monte Carlo dropout
samples = [model(torch.zeros(1, 3, 224, 224)) for _ in range(20)]
```

References: checked with PyTorch 2.13 (`tests/claims/test_services.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.pipelines import trains
from deplint.code.python import PythonFile
from deplint.code.pytorch import BATCH, DROPOUT, DROPPING, NORMALISING, drops, holds, in_training

TRAINING = re.compile(r"train\(\)|train\(mode")


@rule(
    "DPL615",
    severity="error",
    leaves=["S.1.1", "S.4.2"],
    see=["https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval"],
)
def served_in_training_mode(file: PythonFile) -> Iterator[Finding]:
    if trains(file):
        return
    seen: set[object] = set()
    for call in file.calls("torch.nn.Module(){,.forward}", "{torchvision.models,timm}.**(){,.forward}", "torch.nn.Sequential()"):
        model = call.receiver
        inside = any(function.name == "forward" for function in call.functions)
        if inside or call.node in seen or trains(call.file) or not model.calls_of("load_state_dict") or not in_training(model):
            continue
        name = holds(model, BATCH + NORMALISING + DROPOUT + DROPPING) or drops(model)
        if name and not call.file.mentions(TRAINING, importers=True):
            seen.add(call.node)
            yield Finding(
                call,
                f"the model answers in training mode, its {name} as well: answers change from call to call or from batch to batch",
                help="call model.eval() after load_state_dict",
            )
