"""An example input on another device than the model it is traced with.

The exporters run the model on the example: ``Expected all tensors to be on the same device, but found cuda:0 and cpu``.
`to` and `cuda` move a module where it is, but give a moved copy of a tensor.

```python bad
import torch
import torchvision

model = torchvision.models.resnet18().cuda().eval()
dummy = torch.randn(1, 3, 224, 224)
torch.onnx.export(model, dummy, "resnet18.onnx")  # <-
torch.jit.trace(model, (dummy,))  # <-
```

```python good
import torch
import torchvision

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
model = torchvision.models.resnet18().to(device).eval()
torch.onnx.export(model, torch.randn(1, 3, 224, 224, device=device), "resnet18.onnx")
torch.jit.trace(model, torch.randn(1, 3, 224, 224).to(device))
model.cpu()
torch.jit.trace(model, torch.randn(1, 3, 224, 224))
```

```python good
import torch
import torchvision

torch.set_default_device("cuda")
model = torchvision.models.resnet18().cuda().eval()
torch.jit.trace(model, torch.randn(1, 3, 224, 224))
```

References: https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html; which methods move what was checked with torch 2.13 and the
device `meta` (`tests/claims/test_torch_export_arguments.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.pytorch import MODULE, SEQUENTIAL
from deplint.code.values import Truth

TAKERS = {"torch.onnx.export": ("model", "args"), "torch.jit.trace": ("func", "example_inputs"), "torch.export.export": ("mod", "args")}
TENSOR = "torch.{randn,rand,zeros,ones,empty,full,randint,arange}()"


@rule(
    "DPL121",
    severity="error",
    leaves=["S.2.1", "M.2.3", "S.4.4"],
    see=["https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.to"],
)
def example_on_another_device(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(*TAKERS):
        model, example = (call.argument(name, position) for position, name in enumerate(TAKERS[call.name]))
        examples = example.items if example.items is not None else [example]
        apart = not call.guarded and not _within(call.contexts) and _on_gpu(model) and examples and any(map(_on_cpu, examples))
        if apart and not file.mentions("set_default_device|set_default_tensor_type", importers=True):
            yield Finding(
                call,
                "the model is on the GPU and the example input on the CPU: Expected all tensors to be on the same device",
                help="make the example on the model's device: torch.randn(..., device=device)",
            )


def _within(contexts: tuple[str, ...]) -> bool:
    """A context manager may set the device."""
    return any(name.startswith("torch.device") for name in contexts)


def _on_gpu(model: Value) -> bool:
    """The module was certainly moved to a GPU, and nowhere else."""
    if model.is_(MODULE, SEQUENTIAL, "torchvision.models.*()") is not Truth.yes or model.called("cpu") is not Truth.no:
        return False
    moves = model.calls_of("to")
    if moves:
        to = moves[-1].argument("device", 0).text if len(moves) == 1 else None
        return to is not None and to.startswith("cuda") and model.certainly_called("to")
    return model.certainly_called("cuda") and model.called("to") is Truth.no


def _on_cpu(tensor: Value) -> bool:
    made = tensor.origin
    return made is not None and not made.open and tensor.is_(TENSOR) is Truth.yes and made.argument("device").missing
