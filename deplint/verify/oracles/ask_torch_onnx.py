"""torch.onnx: is the model exported? An exported program goes through the newer exporter whichever is asked for."""

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
    try:
        torch.onnx.export(module, tuple(given or ()), io.BytesIO(), kwargs=kwargs, dynamo=dynamo)
    except Exception as error:
        while error.__cause__ is not None:  # the exporter's own message begins with advice
            error = error.__cause__  # type: ignore[assignment]
        raise error from None
    return None


torch.set_num_threads(1)
serve(answer)
