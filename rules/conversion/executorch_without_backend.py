"""An ExecuTorch program that no backend takes part of.

What is lowered without a partitioner runs on the portable kernels, which are made to be small and right, not fast.

```python bad
import torch
from executorch.exir import to_edge, to_edge_transform_and_lower

exported = torch.export.export(model, (torch.zeros(1, 3, 224, 224),))
program = to_edge_transform_and_lower(exported).to_executorch()  # <-
```

```python good
import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.exir import to_edge, to_edge_transform_and_lower

exported = torch.export.export(model, (torch.zeros(1, 3, 224, 224),))
program = to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner()]).to_executorch()
edge = to_edge(exported)
edge = edge.to_backend(XnnpackPartitioner())
other = edge.to_executorch()

def lower(exported, partitioners):
    return to_edge_transform_and_lower(exported, partitioner=partitioners)
```

References: https://docs.pytorch.org/executorch/stable/backends-overview.html; what such a program calls was looked at with ExecuTorch
1.5 (`tests/claims/test_torch_export_arguments.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile


@rule(
    "DPL123",
    severity="warning",
    leaves=["M.7"],
    see=["https://docs.pytorch.org/executorch/stable/using-executorch-export.html"],
)
def executorch_without_backend(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls("executorch.exir.{program.,}to_edge_transform_and_lower"):
        partitioner = call.argument("partitioner", 2)
        if not call.guarded and (partitioner.missing or partitioner.python() in (None, [])):
            yield Finding(
                call,
                "no partitioner: the whole program runs on ExecuTorch's portable kernels, which are not made for speed",
                help="pass partitioner=[XnnpackPartitioner()], or that of the device's backend",
            )
