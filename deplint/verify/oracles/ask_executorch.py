"""ExecuTorch: is the exported program lowered, with what XNNPACK takes delegated to it, and is there a program in the end?"""

from __future__ import annotations

from importlib import import_module

import torch
from serve import serve
from torch_files import exported


def answer(path: str, target: str, numeric: bool) -> None:
    partitioner = import_module("executorch.backends.xnnpack.partition.xnnpack_partitioner").XnnpackPartitioner()
    import_module("executorch.exir").to_edge_transform_and_lower(exported(path)[0], partitioner=[partitioner]).to_executorch()


torch.set_num_threads(1)
serve(answer)
