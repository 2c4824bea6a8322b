"""litert-torch: is the exported program converted to TensorFlow Lite, and do its tensors get their memory in LiteRT's interpreter?

Numbers are compared between PyTorch and the interpreter.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import litert_torch
import numpy
import torch
from ai_edge_litert.interpreter import Interpreter
from litert_torch import progress
from serve import serve
from torch._export import utils
from torch_files import exported

progress.config.show_progress = False

# The same for every model, and it takes seconds to make.
utils._collect_all_valid_cia_ops_for_namespace = lru_cache(None)(utils._collect_all_valid_cia_ops_for_namespace)


def answer(path: str, target: str, numeric: bool) -> Mapping[str, Any] | None:
    program, args, kwargs = exported(path)
    module = program.module()
    converted = litert_torch.convert(module, args, kwargs)
    Interpreter(model_content=converted.model_content()).allocate_tensors()
    return _numbers(module, converted, args, kwargs) if numeric else None


def _numbers(module: Any, converted: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """What PyTorch and LiteRT compute from tensors like those that the program was exported with. LiteRT's have no 64 bits."""
    from comparing import compared
    from torch.utils import _pytree as trees

    leaves, shape = trees.tree_flatten((args, kwargs))
    if not all(isinstance(leaf, torch.Tensor) for leaf in leaves):
        return {"numbers": "not compared: the model takes what are no tensors"}
    specs = {str(number): (str(leaf.dtype).removeprefix("torch."), tuple(leaf.shape)) for number, leaf in enumerate(leaves)}

    def called(function: Any, inputs: Mapping[str, Any], numbers: Any) -> list[Any]:
        given, named = trees.tree_unflatten([numbers(array) for array in inputs.values()], shape)
        with torch.no_grad():
            outputs = trees.tree_leaves(function(*given, **named))
        return [each.detach().numpy() if isinstance(each, torch.Tensor) else each for each in outputs]

    found: dict[str, Any] = compared(
        specs,
        lambda inputs: called(module, inputs, torch.from_numpy),
        lambda inputs: called(converted, inputs, lambda array: array.astype(NARROWED.get(array.dtype.name, array.dtype))),
    )
    return found


NARROWED = {"int64": numpy.int32, "float64": numpy.float32}
"""What the converter makes of dtypes of 64 bits, inputs and outputs too (``enable_x64=False``)."""

torch.set_num_threads(1)
serve(answer)
