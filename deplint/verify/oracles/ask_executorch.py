"""ExecuTorch: is the exported program lowered, with what XNNPACK takes delegated to it, and does the runtime load the result and run it
on the example inputs that the program keeps?"""

from __future__ import annotations

from functools import lru_cache

import torch
from executorch_run import run
from serve import serve
from torch._export import utils
from torch.utils import _pytree as trees
from torch_files import exported

# The same for every model, and it takes seconds to make.
utils._collect_all_valid_cia_ops_for_namespace = lru_cache(None)(utils._collect_all_valid_cia_ops_for_namespace)


def answer(path: str, target: str, numeric: bool) -> None:
    program, args, kwargs = exported(path)
    run(program, trees.tree_leaves((args, kwargs)))


torch.set_num_threads(1)
serve(answer)
