"""A PyTorch operation that the ONNX exporter in use cannot translate.

`torch.onnx.export` stops at the first operation it has no translation for: the older exporter with
``UnsupportedOperatorError: Exporting the operator 'aten::kthvalue' to ONNX opset version 18 is not supported``, the dynamo
exporter (the default since torch 2.9) with ``No ONNX function found for <OpOverload(op='aten.kthvalue', ...)>``. What
they refuse differs. A table of both was made by exporting every call in it.

```python bad
import torch
from torch import nn

class Background(nn.Module):
    def forward(self, clip):
        still = torch.median(clip, dim=1, keepdim=True).values
        return torch.relu(clip[:, -1:] - still)

torch.onnx.export(Background().eval(), (torch.rand(2, 5, 32, 32),), "net.onnx", dynamo=True)  # <-
```

A method of a tensor counts like the function, a layer like what it calls.

```python bad
import torch
from torch import nn

class Pick(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 8)

    def forward(self, x):
        return self.head(x).kthvalue(2)

net = nn.Sequential(nn.Linear(8, 8), nn.RMSNorm(8))
torch.onnx.export(Pick(), torch.rand(4, 8), "pick.onnx", dynamo=False)  # <-
torch.onnx.export(net, torch.rand(4, 8), "net.onnx", dynamo=False)  # <-
```

```python good
import torch
from torch import nn

class Spectrum(nn.Module):
    def forward(self, x):
        return torch.sort(x)[0] + torch.fft.rfft(x).abs().sum()

torch.onnx.export(Spectrum(), torch.rand(4, 8), "net.onnx", dynamo=True)
```

What a branch may leave out, what only Python looks at, and what is thrown away is not in the graph.

```python good
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, robust=False):
        super().__init__()
        self.robust = robust

    def forward(self, x):
        if self.robust:
            x = x - torch.median(x)
        if torch.onnx.is_in_onnx_export():
            return x
        x = torch.erfinv(x)
        print(torch.linalg.svdvals(x))
        return x / float(torch.median(x))

torch.onnx.export(Net(), torch.rand(4, 8), "net.onnx", dynamo=False)
```

Where the version of torch, and so the exporter, is not known, only what both refuse is reported.

```python good
import torch
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return torch.fft.fft(x).abs()

torch.onnx.export(Net(), torch.rand(4, 8), "net.onnx")
```

```python bad versions=torch==2.4
import torch
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return torch.fft.fft(x).abs()

torch.onnx.export(Net(), torch.rand(4, 8), "net.onnx")  # <-
```

A project that has translations of its own knows what it does.

```python good
import torch
from torch import nn
from translations import TABLE

class Mode(nn.Module):
    def forward(self, x):
        return torch.mode(x)[0]

torch.onnx.export(Mode(), torch.rand(4, 8), "mode.onnx", custom_translation_table=TABLE)
```

References: every row of the table is exported again by `tests/claims/test_torch_export.py` (torch 2.13).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.pytorch import Operation
from deplint.data import load

from ..export import onnx_exporters
from . import PYTHON, named, provided, untranslated

TRANSLATING = r"register_custom_op_symbolic|custom_translation_table|onnxscript|torch\.library|def symbolic\("
"""What code looks like that brings translations of its own."""


@rule("DPL302", severity="error", leaves=["M.2.5"], see=["https://docs.pytorch.org/docs/stable/onnx_export.html"])
def onnx_unsupported_aten_op(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("torch.onnx.export"):
        own = [call.argument(name) for name in ("custom_translation_table", "custom_opsets", "operator_export_type")]
        if call.guarded or not all(value.missing for value in own):
            continue
        exporters = onnx_exporters(call, project)
        found = untranslated(call.argument("model", 0), *exporters)
        # Of what needs no input the older exporter makes constants.
        found = {name: op for name, op in found.items() if op.given or "torchscript" not in exporters}
        if found and not provided(project, call, TRANSLATING, *PYTHON):
            who = "the ONNX exporter does not" if len(exporters) == 1 else "neither ONNX exporter does"
            yield Finding(
                call,
                f"the model calls {named(found, file)}, which {who} translate: the export raises",
                help="rewrite it with operations that have a translation or move it out of the model" + _other(exporters, found),
            )


def _other(exporters: tuple[str, ...], found: Mapping[str, Operation]) -> str:
    """That the other exporter translates all of it, if it does."""
    if len(exporters) > 1:
        return ""
    other, setting = ("dynamo", "dynamo=True") if exporters == ("torchscript",) else ("torchscript", "dynamo=False")
    refused = {row["name"] for row in load("torch_export")["rows"] if other in row}
    return "" if refused & set(found) else f", or export with {setting}, which translates it"
