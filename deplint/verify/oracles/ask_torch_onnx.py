"""torch.onnx: is the model exported? An exported program goes through the newer exporter whichever is asked for.

Numbers are compared between PyTorch and ONNX Runtime.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import torch
from serve import serve
from torch._export import utils
from torch.onnx._internal.exporter import _registration
from torch_files import UNKNOWN, exported, scripted

# The same for every model, and they take seconds to make.
_registration.ONNXRegistry.from_torchlib = staticmethod(lru_cache(_registration.ONNXRegistry.from_torchlib))
utils._collect_all_valid_cia_ops_for_namespace = lru_cache(None)(utils._collect_all_valid_cia_ops_for_namespace)


def answer(path: str, target: str, numeric: bool) -> Mapping[str, Any] | None:
    dynamo = target == "torch-onnx-dynamo"
    kwargs: dict[str, Any] = {}
    if path.endswith(".pt2"):
        module, given, kwargs = exported(path)
    else:
        module, given = scripted(path)
        if given is None and not dynamo:
            return dict(UNKNOWN)
    written = io.BytesIO()
    try:
        torch.onnx.export(module, tuple(given or ()), written, kwargs=kwargs, dynamo=dynamo)
    except Exception as error:
        while error.__cause__ is not None:  # the exporter's own message begins with advice
            error = error.__cause__  # type: ignore[assignment]
        raise error from None
    return _numbers(module, tuple(given or ()), kwargs, written.getvalue()) if numeric else None


def _numbers(module: Any, given: tuple[Any, ...], kwargs: dict[str, Any], model: bytes) -> dict[str, Any]:
    """What PyTorch and ONNX Runtime compute from tensors like those that the model was exported with."""
    from comparing import compared
    from onnx_session import session
    from torch.utils import _pytree as trees

    try:
        named, run = session(model)
    except Exception as error:
        return {"numbers": f"not compared: ONNX Runtime does not run the model: {type(error).__name__}: {error}"[:500]}
    leaves, shape = trees.tree_flatten((given, kwargs))
    if len(leaves) != len(named) or not all(isinstance(leaf, torch.Tensor) for leaf in leaves):
        return {"numbers": f"not compared: the model takes {len(leaves)} arguments, what was exported {len(named)} tensors"}
    specs = {name: (str(leaf.dtype).removeprefix("torch."), tuple(leaf.shape)) for name, leaf in zip(named, leaves, strict=True)}
    called = module.module() if isinstance(module, torch.export.ExportedProgram) else module

    def source(inputs: Mapping[str, Any]) -> list[Any]:
        args, kwargs = trees.tree_unflatten([torch.from_numpy(array) for array in inputs.values()], shape)
        with torch.no_grad():
            outputs = trees.tree_leaves(called(*args, **kwargs))
        return [each.detach().numpy() if isinstance(each, torch.Tensor) else each for each in outputs]

    found: dict[str, Any] = compared(specs, source, run)
    return found


torch.set_num_threads(1)
serve(answer)
