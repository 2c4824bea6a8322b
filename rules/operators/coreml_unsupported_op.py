"""A PyTorch operation that coremltools cannot convert.

`coremltools.convert` of a traced module stops at the first operation it has no conversion for: ``NotImplementedError:
PyTorch convert function for op 'quantile' not implemented.`` A table of them was made by converting every call in it.

```python bad
import coremltools as ct
import torch
from torch import nn

class Texture(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(1, 2)

    def forward(self, patch):
        spread = torch.quantile(patch.flatten(1), 0.9, dim=1, keepdim=True)
        return torch.softmax(self.head(spread), dim=1)

traced = torch.jit.trace(Texture().eval(), torch.rand(1, 1, 24, 24))
model = ct.convert(traced, inputs=[ct.TensorType(shape=(1, 1, 24, 24))])  # <-
```

```python good
import coremltools as ct
import torch
from torch import nn

class Texture(nn.Module):
    def forward(self, patch):
        top = torch.topk(patch.flatten(1), 3, dim=1).values
        return torch.softmax(top, dim=1)

traced = torch.jit.trace(Texture().eval(), torch.rand(1, 1, 24, 24))
model = ct.convert(traced, inputs=[ct.TensorType(shape=(1, 1, 24, 24))])
```

A project that registers conversions knows what it does, and of an exported program (`torch.export`) nothing is said.

```python good
import coremltools as ct
import torch
from coremltools.converters.mil.frontend.torch.torch_op_registry import register_torch_op
from torch import nn

@register_torch_op
def quantile(context, node):
    ...

class Texture(nn.Module):
    def forward(self, patch):
        return torch.quantile(patch, 0.9)

model = ct.convert(torch.jit.trace(Texture(), torch.rand(1, 8)), inputs=[ct.TensorType(shape=(1, 8))])
```

References: every row of the table is converted again by `tests/claims/test_coreml.py` (coremltools 9.0).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile

from . import PYTHON, named, provided, untranslated


@rule("DPL303", severity="error", leaves=["M.2.5"], see=["https://apple.github.io/coremltools/docs-guides/source/composite-operators.html"])
def coreml_unsupported_op(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("coremltools.**.convert"):
        traced = call.argument("model", 0).origin
        if call.guarded or traced is None or traced.name != "torch.jit.trace":
            continue
        found = untranslated(traced.argument("func", 0), "coreml")
        if found and not provided(project, call, "register_torch_op", *PYTHON):
            yield Finding(
                call,
                f"the model calls {named(found, file)}, which coremltools does not convert: NotImplementedError",
                help="rewrite it with operations that have a conversion, move it out of the model, or register one with register_torch_op",
            )
