"""How the oracles for PyTorch's files load them and find what their forward takes."""

from __future__ import annotations

import json
from typing import Any

import torch

UNKNOWN = {"works": None, "error": "the file does not say what its forward takes"}


def exported(path: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """The program and the example inputs that it keeps."""
    program = torch.export.load(path)
    args, kwargs = program.example_inputs or ((), {})
    return program, tuple(args), dict(kwargs)


def scripted(path: str) -> tuple[Any, list[torch.Tensor] | None]:
    """The module and example inputs as it was traced with, or as its extra file ``inputs.json`` lists them; None where neither is there."""
    extra = {"inputs.json": ""}
    module = torch.jit.load(path, map_location="cpu", _extra_files=extra).eval()
    if extra["inputs.json"]:
        return module, [example(getattr(torch, dtype), sizes) for dtype, sizes in json.loads(extra["inputs.json"])]
    kept = module._c._retrieve_traced_inputs()  # no dict, and without its get
    traced = dict(kept.items()).get("forward")
    if traced and all(isinstance(each, torch.Tensor) for each in traced):
        return module, [example(each.dtype, each.shape) for each in traced]
    return module, None


def example(dtype: torch.dtype, sizes: Any) -> torch.Tensor:
    """Numbers from 0 to 1; whole ones where the dtype has no others."""
    return torch.rand(list(sizes)).to(dtype) if dtype.is_floating_point or dtype.is_complex else torch.ones(list(sizes), dtype=dtype)
