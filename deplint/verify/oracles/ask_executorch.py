"""ExecuTorch: is the exported program lowered, with what XNNPACK takes delegated to it, and does the runtime load the result and run it
on the example inputs that the program keeps?"""

from __future__ import annotations

import torch
from executorch_run import run
from serve import serve
from torch.utils import _pytree as trees
from torch_files import exported


def answer(path: str, target: str, numeric: bool) -> None:
    program, args, kwargs = exported(path)
    run(program, trees.tree_leaves((args, kwargs)))


torch.set_num_threads(1)
serve(answer)
