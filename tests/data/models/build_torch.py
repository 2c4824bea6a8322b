"""Make the ONNX models among the test data that come from PyTorch, with both of its exporters.

Run from this folder, in an environment with torch and onnxscript: ``python build_torch.py``; with a torch of before 2.0, which has one
exporter, ``python build_torch.py torch1.13_``, and what it writes gets this prefix.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import nn

ONNX = Path("onnx")


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(4, 2)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm(self.conv(image)))
        x = nn.functional.interpolate(x, scale_factor=2.0, mode="bilinear")
        return torch.softmax(self.head(x.mean((2, 3))), dim=1)


@torch.jit.script
def steps(x: torch.Tensor, n: int) -> torch.Tensor:
    for i in range(n):
        if bool(x.sum() > 10.0):
            x = x - float(i)
        else:
            x = x * 2.0
    return x


class Loops(nn.Module):
    def forward(self, x: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
        return steps(x, int(n.item()))


def forget_paths(path: Path) -> None:
    """Remove what the exporter notes about the machine it ran on: stack traces with the paths of source files."""
    import onnx

    model = onnx.load(path, load_external_data=False)
    graphs = [model.graph, *model.functions]
    for props in [holder.metadata_props for graph in graphs for holder in (graph, *graph.node)]:
        kept = [p for p in props if "stack_trace" not in p.key]
        del props[:]
        props.extend(kept)
    onnx.save(model, path)


NAMES = {"input_names": ["image"], "output_names": ["probs"]}
FREE = {"image": {0: "batch"}}


def older(prefix: str) -> None:
    net, image = Net().eval(), torch.zeros(1, 3, 8, 8)
    torch.onnx.export(net, (image,), ONNX / f"{prefix}opset13.onnx", opset_version=13, dynamic_axes=FREE, **NAMES)
    torch.onnx.export(net, (image,), ONNX / f"{prefix}training.onnx", training=torch.onnx.TrainingMode.TRAINING, opset_version=12, **NAMES)
    looped = torch.jit.script(Loops())
    torch.onnx.export(looped, (torch.ones(3), torch.tensor(2)), ONNX / f"{prefix}loop.onnx", opset_version=13)


def build() -> None:
    net, image = Net().eval(), torch.zeros(1, 3, 8, 8)
    for opset in (11, 17):
        path = ONNX / f"torch_legacy_opset{opset}.onnx"
        torch.onnx.export(net, (image,), path, opset_version=opset, dynamo=False, dynamic_axes=FREE, **NAMES)
    torch.onnx.export(
        torch.jit.script(Loops()), (torch.ones(3), torch.tensor(2)), ONNX / "torch_legacy_loop.onnx", opset_version=13, dynamo=False
    )
    dynamic = {"image": {0: torch.export.Dim("batch")}}
    for name, external in (("torch_dynamo", False), ("torch_dynamo_external", True)):
        path = ONNX / f"{name}.onnx"
        torch.onnx.export(net, (image,), path, dynamo=True, external_data=external, dynamic_shapes=dynamic, **NAMES)
        forget_paths(path)


if __name__ == "__main__":
    torch.manual_seed(0)
    older(sys.argv[1]) if sys.argv[1:] else build()
