"""A PyTorch model that records gradients for each request.

Unless told otherwise PyTorch keeps what it would need for `backward()`: every activation stays in memory until the answer
is gone, and the call is slower. ``with torch.inference_mode():`` (or `torch.no_grad`, also as a decorator) leaves it out.

```python bad
import torch
from fastapi import FastAPI

app = FastAPI()
net = torch.jit.load("net.pt").eval()

@app.post("/predict")
def predict(row: list[float]):
    return net(torch.tensor(row)).tolist()  # <-
```

```python good
import torch
from fastapi import FastAPI
from transformers import pipeline

app = FastAPI()
net = torch.jit.load("net.pt").eval()
classify = pipeline("text-classification")

@torch.inference_mode()
def run(row):
    return net(torch.tensor(row))

@app.post("/predict")
def predict(row: list[float]):
    with torch.no_grad():
        scores = net(torch.tensor(row))
    return scores.tolist(), run(row).tolist(), classify("text")

def train(batch):
    return net(batch)
```

```python good
import torch
from fastapi import FastAPI

torch.set_grad_enabled(False)
app = FastAPI()
net = torch.jit.load("net.pt").eval()

@app.post("/predict")
def predict(row: list[float]):
    return net(torch.tensor(row)).tolist()
```

A handler that needs gradients asks for them.

```python good
import torch
from fastapi import FastAPI

app = FastAPI()
net = torch.jit.load("net.pt").eval()

@app.post("/explain")
def explain(row: list[float]):
    x = torch.tensor(row, requires_grad=True)
    net(x).sum().backward()
    return x.grad.tolist()
```

Models of TensorFlow record nothing outside a `tf.GradientTape`.

```python good
from fastapi import FastAPI
from transformers import TFAutoModelForSequenceClassification, TFBertModel

app = FastAPI()
net = TFAutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
body = TFBertModel.from_pretrained("bert-base-uncased")

@app.post("/predict")
def predict(ids: list[int]):
    return net(ids).logits.numpy().tolist(), body(ids)[0].numpy().tolist()
```

A module of one's own that holds no parameters has nothing to record gradients for.

```python good path=frontend/1/model.py
import kaldifeat
import torch

class Fbank(torch.nn.Module):
    def __init__(self, opts):
        super().__init__()
        self.fbank = kaldifeat.Fbank(opts)

    def forward(self, waves):
        return self.fbank(waves)

class TritonPythonModel:
    def initialize(self, args):
        self.features = Fbank(kaldifeat.FbankOptions())

    def execute(self, requests):
        return [self.features(request) for request in requests]
```

The preprocessing that comes with torchvision's weights is no model.

```python good
import torch, torchvision
from fastapi import FastAPI

app = FastAPI()
weights = torchvision.models.ResNet18_Weights.DEFAULT
prepare = weights.transforms()
net = torchvision.models.resnet18(weights=weights).eval()

@app.post("/predict")
def predict(path: str):
    x = prepare(torchvision.io.decode_image(path)).unsqueeze(0)
    with torch.inference_mode():
        return net(x).argmax().item()
```

References: checked with PyTorch 2.13 (`tests/claims/test_services.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.handlers import handler_of, site_in
from deplint.code.python import PythonFile
from deplint.code.pytorch import holds_parameters

MODELS = (
    "torch.{load,jit.load,hub.load}(){,.forward}",
    "torch.nn.Module(){,.forward}",
    "torchvision.models.**(){,.forward}",
    "timm.create_model()",
    "transformers.{AutoModel*,*For*,*Model}.from_pretrained()",
)
"""Calls of modules; `pipeline` and `generate` of transformers see to it themselves."""
FOREIGN = re.compile(r"transformers\.(TF|Flax)|\.transforms\(\)")
"""Models of TensorFlow and JAX, which record nothing unless they are told to; preprocessing that comes with torchvision's weights."""
OFF = re.compile(r"no_grad|inference_mode")
GRADIENTS = re.compile(r"\.backward\(|autograd\.grad\(|requires_grad|set_grad_enabled")


@rule(
    "DPL651",
    severity="warning",
    leaves=["S.1.1", "S.4.2"],
    see=["https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation"],
)
def autograd_while_serving(file: PythonFile) -> Iterator[Finding]:
    seen: set[object] = set()
    for call in file.calls(*MODELS):
        handling = handler_of(call)
        if handling is None or call.node in seen or any(map(OFF.search, call.contexts)):
            continue
        if any(function.name == "forward" for function in call.functions) or FOREIGN.search(call.name):
            continue
        texts = {call.file.text, file.text, *(function.module.file.text for function in call.functions)}
        # A decorator of one's own, or of the module's forward, may switch it off: only its name would tell.
        quiet = any(OFF.search(name) for function in call.functions for name in function.decorators)
        own = call.receiver.project_class
        if quiet or any(map(GRADIENTS.search, texts)) or (own is not None and (_is_quiet(own) or not holds_parameters(own, *texts))):
            continue
        seen.add(call.node)
        yield Finding(
            call if call.file is file else site_in(file, call, handling.at),
            "the model runs with gradients recorded for each request: more memory, less speed",
            help="run it under with torch.inference_mode():",
        )


def _is_quiet(own: ast.ClassDef) -> bool:
    return OFF.search(ast.unparse(own)) is not None
