"""A network in double precision, exported for a runtime that has no kernels for it.

ONNX Runtime's CPU has no convolution of float64: the session ends in ``NOT_IMPLEMENTED : Could not find an implementation for Conv(11)``.
Other runtimes (TensorRT, Core ML, browsers) know no float64 at all.

```python bad
import torch
import torchvision

net = torchvision.models.resnet18().double().eval()
torch.onnx.export(net, torch.zeros(1, 3, 224, 224, dtype=torch.float64), "net.onnx")  # <-
```

```python good
import torch
import torchvision

net = torchvision.models.resnet18().double().eval()
net.float()
torch.onnx.export(net, torch.zeros(1, 3, 224, 224), "net.onnx")
```

What may be moved back elsewhere, or holds no convolution, is not reported.

```python good
import torch
import torchvision
from torch import nn
from tools import prepare

net = torchvision.models.resnet18().double().eval()
prepare(net)
torch.onnx.export(net, image, "net.onnx")
plain = nn.Sequential(nn.Linear(2, 2)).double()
torch.onnx.export(plain, torch.zeros(1, 2, dtype=torch.float64), "plain.onnx")
```

References: checked with torch 2.13 and onnxruntime 1.32 (`tests/claims/test_torch_export_arguments.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.pytorch import operations
from deplint.code.values import Truth

CONVOLVING = (
    "torchvision.models.{resnet*,resnext*,wide_resnet*,vgg*,densenet*,mobilenet_*,efficientnet_*,googlenet,inception_v3,squeezenet*}()"
)
BACK = ("float", "half", "bfloat16", "to", "type")


@rule(
    "DPL125",
    severity="error",
    leaves=["S.2.5", "M.2.6", "B.2.5"],
    see=["https://onnxruntime.ai/docs/reference/operators/OperatorKernels.html"],
)
def double_precision_exported(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls("torch.onnx.export"):
        model = call.argument("model", 0)
        double = model.certain and model.certainly_called("double") and all(model.called(method) is Truth.no for method in BACK)
        if double and not call.guarded and _convolves(model):
            yield Finding(
                call,
                "the model is exported in double precision, for whose convolutions ONNX Runtime has no kernel: NOT_IMPLEMENTED",
                help="call model.float() before exporting, and give a float32 example",
            )


def _convolves(model: Value) -> bool:
    if model.is_(CONVOLVING) is Truth.yes:
        return True
    return any(operation.name.startswith("torch.nn.Conv") for operation in operations(model))
