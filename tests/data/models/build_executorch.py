"""Make the ExecuTorch programs among the test data, each with what the package itself reads of it (``.json`` beside it).

Run from this folder, in an environment with executorch: ``python build_executorch.py``; with an older one ``python build_executorch.py
executorch0.5_``, and what it writes gets this prefix.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import sys
from pathlib import Path
from typing import Any

import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.exir import ExecutorchBackendConfig, to_edge, to_edge_transform_and_lower
from executorch.exir._serialize._program import deserialize_pte_binary
from torch import nn

OUT = Path("executorch")


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.head = nn.Linear(4, 2)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.head(torch.relu(self.conv(image)).mean((2, 3))), dim=1)


class Counter(nn.Module):
    """A buffer that is changed, a list of tensors, branches."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("count", torch.ones(2))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        self.count.add_(x)
        first, second = torch.split(torch.cat([x, self.count]), 2)
        return torch.cond(first.sum() > 0, lambda a: a.sin(), lambda a: a.cos(), (first,)), second.clamp(max=2.5)


def plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {"": type(value).__name__} | {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


def save(name: str, program: Any) -> None:
    path = OUT / f"{name}.pte"
    path.write_bytes(program.buffer)
    read = deserialize_pte_binary(path.read_bytes())
    told = plain(getattr(read, "program", read))
    for plan in told["execution_plan"]:
        for chain in plan["chains"]:
            chain["stacktrace"] = None
    path.with_name(f"{path.name}.json").write_text(json.dumps(told) + "\n")


def build(prefix: str = "") -> None:
    torch.manual_seed(0)
    OUT.mkdir(exist_ok=True)
    image = torch.zeros(2, 3, 8, 8)
    net = torch.export.export(Net().eval(), (image,))
    batch = torch.export.Dim("batch", min=2, max=64)
    flexible = torch.export.export(Net().eval(), (image,), dynamic_shapes=({0: batch},))
    counter = torch.export.export(Counter(), (torch.ones(2),))
    save(f"{prefix}portable", to_edge(net).to_executorch())
    save(f"{prefix}inline", to_edge(net).to_executorch(ExecutorchBackendConfig(extract_delegate_segments=False)))
    save(f"{prefix}xnnpack", to_edge_transform_and_lower(flexible, partitioner=[XnnpackPartitioner()]).to_executorch())
    save(f"{prefix}methods", to_edge({"forward": counter, "encode": flexible}).to_executorch())
    save(f"{prefix}external", to_edge(net).to_executorch(ExecutorchBackendConfig(external_constants=True)))


if __name__ == "__main__":
    build(*sys.argv[1:])
