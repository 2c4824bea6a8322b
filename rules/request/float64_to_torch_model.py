"""Numbers of 64 bits given to a PyTorch network.

NumPy's own numbers are float64, and `torch.from_numpy` and `torch.tensor` keep that. A network's weights are float32, and its first layer
refuses: ``RuntimeError: mat1 and mat2 must have the same dtype, but got Double and Float``, ``expected scalar type Float but found
Double``, ``Input type (double) and bias type (float) should be the same``.

```python bad
import numpy as np
import torch

net = torch.jit.load("net.pt").eval()

def score(age, income):
    x = np.array([[float(age), float(income)]])
    with torch.inference_mode():
        return net(torch.from_numpy(x)).item()  # <-
```

```python bad path=service.py
import numpy as np
import torch
from model import Scorer

net = Scorer()
net.load_state_dict(torch.load("scorer.pt", weights_only=True))
net.eval()

def score(rows):
    batch = torch.tensor(np.asarray(rows, dtype=np.float64)).unsqueeze(0).to("cpu")
    return net(batch).tolist()  # <-
```

```python + path=model.py
from torch import nn

class Scorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        return self.layers(x)
```

```python good
import numpy as np
import torch

net = torch.jit.load("net.pt").eval()
exact = torch.jit.load("exact.pt").eval().double()

def score(age, income, rows):
    x = np.array([[age / 100, income / 1e5]])
    net(torch.from_numpy(x).float())
    net(torch.from_numpy(x).to(torch.float32))
    net(torch.from_numpy(x).to("cuda", dtype=torch.float32))
    net(torch.from_numpy(x.astype(np.float32)))
    net(torch.tensor([[0.1, 0.2]]))
    net(torch.tensor(rows))
    exact(torch.from_numpy(x))
```

References: run with torch 2.13 (`tests/claims/test_tensors_for_runtimes.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.arrays import dtype
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.tensors import MODULES
from deplint.code.values import Truth

MAKES = ("torch.from_numpy", "torch.tensor", "torch.as_tensor")
KEEPS = ("unsqueeze", "squeeze", "reshape", "view", "permute", "contiguous", "cuda", "cpu", "detach", "clone", "flatten", "transpose")
"""Methods that keep the type of a tensor's numbers."""
CONVERTS = re.compile(r"def forward\b[\s\S]*?(?:\.(?:float|type|type_as|half)\(|\.to\(|dtype)")
"""A network that may convert what it is given."""
STEPS = 12


@rule(
    "DPL964",
    severity="error",
    leaves=["S.6.3"],
    see=[
        "https://docs.pytorch.org/docs/stable/generated/torch.from_numpy.html",
        "https://discuss.pytorch.org/t/runtimeerror-expected-scalar-type-float-but-found-double/111594",
    ],
)
def float64_to_torch_model(file: PythonFile) -> Iterator[Finding]:
    if "set_default_dtype" in file.text:
        return
    for call in file.calls(*MODULES):
        module = call.receiver
        moved = any(module.called(method) is not Truth.no for method in ("double", "half", "bfloat16", "type", "float"))
        typed = any(not to.argument("dtype").missing or to.argument("device", 0).name.startswith("torch.") for to in module.calls_of("to"))
        if not call.guarded and not call.chosen and not moved and not typed and call.arguments and _double(call.arguments[0]):
            yield Finding(
                call,
                "the tensor is float64, as NumPy's numbers are, and the network's weights are float32: RuntimeError, got Double",
                help="torch.from_numpy(x).float(), or x.astype(np.float32)",
            )


def _double(value: Value) -> bool:
    """A tensor made of a float64 array, whose numbers nobody converted."""
    for _ in range(STEPS):
        made = value.origin
        if made is None or len(value.options) != 1 or made.open:
            return False
        if made.name in MAKES:
            return made.argument("dtype").missing and dtype(made.argument("data", 0)) == "float64"
        method = made.name.rpartition(".")[2]
        device = method == "to" and len(made.arguments) == 1 and not made.keywords and not made.arguments[0].name.startswith("torch.")
        named = device and (made.arguments[0].text is not None or made.arguments[0].name == "torch.device()")
        if method not in KEEPS and not named:
            return False
        value = made.receiver
    return False
