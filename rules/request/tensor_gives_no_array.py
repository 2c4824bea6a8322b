"""`numpy()` of a tensor that gives no array: one on the GPU, one with gradients, one of bfloat16.

NumPy shares memory with tensors on the CPU, records no gradients and knows no bfloat16: ``TypeError: can't convert cuda:0 device type
tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first``, ``RuntimeError: Can't call numpy() on Tensor that requires
grad. Use tensor.detach().numpy() instead``, ``TypeError: Got unsupported ScalarType BFloat16``.

```python bad
import torch
from flask import Flask, jsonify, request

app = Flask(__name__)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
model = torch.jit.load("model.pt", map_location=device).eval()

@app.route("/embed", methods=["POST"])
def embed():
    x = torch.tensor(request.get_json()["x"], dtype=torch.float32).to(device)
    with torch.no_grad():
        y = model(x.unsqueeze(0))
    return jsonify(y.squeeze(0).numpy().tolist())  # <- where there is a GPU

@app.route("/right", methods=["POST"])
def right():
    x = torch.tensor(request.get_json()["x"], dtype=torch.float32).to(device)
    with torch.no_grad():
        y = model(x.unsqueeze(0)).cpu()
    return jsonify(y.squeeze(0).numpy().tolist() + model(x).cpu().numpy().tolist())
```

```python bad
import torch
from torchvision.models import resnet18

net = resnet18(weights="DEFAULT").eval()

def score(rows):
    return torch.softmax(net(torch.tensor(rows)), dim=1).numpy()  # <- gradients

@torch.inference_mode()
def right(rows):
    return torch.softmax(net(torch.tensor(rows)), dim=1).numpy()

def detached(rows):
    return net(torch.tensor(rows)).detach().numpy(), net(torch.tensor(rows)).argmax(1).numpy()
```

```python bad
import torch
from transformers import AutoModel, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("BAAI/bge-small-en-v1.5")
model = AutoModel.from_pretrained("BAAI/bge-small-en-v1.5", torch_dtype=torch.bfloat16).eval()

@torch.inference_mode()
def embed(texts):
    tokens = tokenizer(texts, padding=True, return_tensors="pt")
    first = model(**tokens).last_hidden_state[:, 0]
    return first.cpu().numpy()  # <-

@torch.inference_mode()
def right(texts):
    tokens = tokenizer(texts, padding=True, return_tensors="pt")
    return model(**tokens).last_hidden_state[:, 0].float().cpu().numpy()
```

Whoever calls the function may switch gradients off, and whoever makes the network may.

```python good path=net.py
import torch
from torchvision.models import resnet18

net = resnet18(weights="DEFAULT").eval()

def score(rows):
    return net(torch.tensor(rows)).numpy()
```

```python + path=main.py
import torch
from net import score

with torch.no_grad():
    print(score([[1.0]]))
```

and

```python good path=main.py
import torch
from net import load

net = load()

def score(rows):
    return net(torch.tensor(rows)).numpy()
```

```python + path=net.py
from torchvision.models import resnet18

def load():
    net = resnet18(weights="DEFAULT").eval()
    for parameter in net.parameters():
        parameter.requires_grad_(False)
    return net
```

References: checked with PyTorch 2.13 (`tests/claims/test_tensors.py`); the first as `tensor_to_numpy` of PyTorch says it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.pipelines import files_with, trains
from deplint.code.python import PythonFile
from deplint.code.tensors import CPU, CUDA, MAYBE, brain_float, defaults_set, device, recorded

FROZEN = re.compile(r"requires_grad|set_grad_enabled")
OFF = re.compile(r"no_grad|inference_mode|set_grad_enabled|requires_grad")


@rule(
    "DPL578",
    severity="error",
    leaves=["S.6.4", "S.4.4"],
    see=[
        "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.numpy.html",
        "https://github.com/pytorch/pytorch/blob/main/torch/csrc/utils/tensor_numpy.cpp",
        "https://stackoverflow.com/q/53467215",
    ],
)
def tensor_gives_no_array(file: PythonFile, project: Project) -> Iterator[Finding]:
    seen: set[int] = set()
    for call in file.calls("{torch,torchvision,timm,transformers,<operation>}.**.numpy"):
        if call.guarded or call.chosen or id(call.node) in seen or call.argument("force").python() is True:
            continue
        found = _why(call, project)
        if found is not None:
            seen.add(id(call.node))
            yield Finding(call, found[0], help=found[1])


def _why(call: Call, project: Project) -> tuple[str, str] | None:
    on = device(call.receiver)
    if on in (CUDA, MAYBE) and not defaults_set(call.file):
        where = "the tensor is on the GPU" if on == CUDA else "where there is a GPU, the tensor is on it"
        return f"{where}: numpy() raises TypeError, can't convert cuda:0 device type tensor to numpy", "tensor.cpu().numpy()"
    if brain_float(call.receiver):
        return "NumPy has no bfloat16: numpy() raises TypeError, Got unsupported ScalarType BFloat16", "tensor.float().numpy()"
    model = recorded(call.receiver)
    if model is not None and on in (CPU, "") and not _off_elsewhere(call, project):
        return (
            "gradients are recorded for the tensor: numpy() raises RuntimeError, Can't call numpy() on Tensor that requires grad",
            "run the model under torch.inference_mode(), or tensor.detach().numpy()",
        )
    return None


def _off_elsewhere(call: Call, project: Project) -> bool:
    """Code that calls one of the functions around may do so without gradients."""
    frozen = files_with(project, FROZEN, project.area(call))
    if call.file in frozen or not all(map(trains, frozen)):
        return True
    names = "|".join(re.escape(function.name) for function in call.functions if function.name != "<lambda>")
    others = files_with(project, OFF, project.area(call)) if names else []
    return any(other is not call.file and re.search(rf"\b(?:{names})\b", other.text) for other in others)
