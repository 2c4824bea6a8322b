"""A module that fixes the batch it is exported with, though the axis is declared dynamic.

`dynamic_axes={"image": {0: "batch"}}` says that any batch may come. A `view` or `reshape` in `forward` with the example's number written
out holds for that number alone: with another batch ONNX Runtime fails in ``Reshape``, or, where `-1` takes up the rest, several samples end
in one row.

```python bad
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(192, 10)

    def forward(self, x):
        return self.fc(x.view(1, -1))  # <-

torch.onnx.export(
    Net().eval(), torch.zeros(1, 3, 8, 8), "net.onnx", input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}}
)
```

```python good
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(192, 10)
        self.scale = nn.Parameter(torch.ones(192))

    def forward(self, x):
        return self.fc(x.flatten(1) * self.scale.view(1, -1)).view(x.shape[0], -1)

torch.onnx.export(
    Net().eval(), torch.zeros(1, 3, 8, 8), "net.onnx", input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}}
)
```

With a fixed batch it is right, and of an axis that is not the first nothing is said.

```python good
import torch
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return x.view(1, -1)

torch.onnx.export(Net().eval(), torch.zeros(1, 3, 8, 8), "net.onnx", input_names=["x"], output_names=["y"])
torch.onnx.export(
    Net().eval(), torch.zeros(1, 3, 8, 8), "wide.onnx", input_names=["x"], output_names=["y"], dynamic_axes={"x": {2: "height"}}
)
```

References: https://stackoverflow.com/questions/41668786; checked with torch 2.13 and onnxruntime 1.32
(`tests/claims/test_torch_export_arguments.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.code.pytorch import MODULE
from deplint.code.values import Truth

MADE = ("torch.randn", "torch.rand", "torch.zeros", "torch.ones", "torch.empty")


@rule(
    "DPL133",
    severity="error",
    leaves=["S.4.3", "M.2.4"],
    see=["https://docs.pytorch.org/docs/stable/onnx_export.html", "https://stackoverflow.com/questions/41668786"],
)
def batch_fixed_in_forward(file: PythonFile) -> Iterator[Finding]:
    said: set[int] = set()
    for call in file.calls("torch.onnx.export"):
        model, batch = call.argument("model", 0), _batch(call.argument("args", 1))
        if call.guarded or batch is None or not _dynamic(call) or model.project_class is None or model.is_(MODULE) is not Truth.yes:
            continue
        for inner in model.inside("forward"):
            # Straight from the input: what else has come of it may have another first axis.
            direct = inner.name in ("<parameter>.view", "<parameter>.reshape") and inner.certain and inner.file is file
            sizes = _sizes(inner) if direct else []
            if len(sizes) > 1 and sizes[0].python() == batch and sizes[0].certain and id(inner.node) not in said:
                said.add(id(inner.node))
                yield Finding(
                    inner,
                    f"the batch axis is exported as dynamic, but this makes it {batch}: other batches fail, or end in one row",
                    help="write x.flatten(1), or x.view(x.shape[0], ...)",
                )


def _dynamic(call: Call) -> bool:
    """The first axis of the one input is declared to be dynamic."""
    axes, names = call.argument("dynamic_axes"), call.argument("input_names").python()
    if not isinstance(names, list) or len(names) != 1:
        return False
    for key, spec in axes.entries or ():
        if key.text == names[0]:
            indices = [index for index, _ in spec.entries] if spec.entries is not None else spec.items or []
            return any(index.python() == 0 for index in indices)
    return False


def _batch(args: Value) -> int | None:
    """The batch of the one example, if it is known."""
    example = args.items[0] if args.items is not None and len(args.items) == 1 else args
    made = example.origin
    if made is None or made.name not in MADE or made.open:
        return None
    sizes = _sizes(made)
    known = sizes[0].python() if len(sizes) > 1 else None
    return known if isinstance(known, int) else None


def _sizes(made: Call) -> list[Value]:
    given = list(made.arguments)
    return given[0].items if given and given[0].items is not None else given
