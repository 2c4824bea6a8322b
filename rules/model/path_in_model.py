"""Paths of somebody's computer in a model.

Exporters note where each operator comes from: stack traces with the paths of source files, which tell the name of a
user, of a project, of a machine. Whoever gets the model can read them.

```graph bad path=net.onnx line=1
model onnx ir=10 opset=18
metadata "pkg.torch.onnx.stack_trace"="File \\"/home/alice/secret-project/model.py\\", line 17, in forward"
graph main
  input x float32[1,4]
  op Relu (x) -> (y)
  output y float32[1,4]
```

```graph good path=net.onnx
model onnx ir=10 opset=18
metadata author="/home"
metadata source="https://example.org/home/users/model.py"
metadata built="/home/runner/work/net/net/export.py"
graph main
  input x float32[1,4]
  op Relu (x) -> (y)
  output y float32[1,4]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, rule

from . import texts

PERSONAL = re.compile(
    r"(?<![\w./:-])(?:/home/|/Users/|/media/|[A-Za-z]:[\\/]+Users[\\/]+)(?!(?:runner|user|ubuntu|root|vsts|Shared|Public)\b)[\w.-]+[\\/]"
)
"""A folder below a person's own; build services have well-known users."""

MARKS = ("/home/", "Users", "/media/")
"""What a text that `PERSONAL` finds something in holds for certain: quicker to look for."""


@rule("DPL440", severity="info", leaves=["B.9", "M.9"], see=["https://docs.pytorch.org/docs/stable/onnx_export.html"])
def path_in_model(model: Model) -> Iterator[Finding]:
    for place, text in texts(model):
        found = PERSONAL.search(text) if any(mark in text for mark in MARKS) else None
        if found:
            yield Finding(
                place,
                f"the model holds paths of the computer it was made on ({found[0]}...): everybody who gets it can read them",
                help="remove metadata and doc strings before shipping it, or export on a build server",
            )
            return
