"""coremltools: is the model converted? Core ML itself runs on Apple's systems only."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import coremltools
from serve import serve


def answer(path: str, target: str, numeric: bool) -> Mapping[str, Any] | None:
    kind = "mlprogram" if target == "coreml-mlprogram" else "neuralnetwork"
    if path.endswith((".mlmodel", ".mlpackage")):
        coremltools.models.MLModel(path, skip_model_load=True)
        return None
    if path.endswith((".pt2", ".pt", ".pth")):
        torch_files = import_module("torch_files")  # TensorFlow's models need no PyTorch
        given: dict[str, Any]
        if path.endswith(".pt2"):
            model, given = torch_files.exported(path)[0].run_decompositions({}), {}
        else:
            model, tensors = torch_files.scripted(path)
            if tensors is None:
                unknown: Mapping[str, Any] = torch_files.UNKNOWN
                return unknown
            # Core ML has no other dtypes for inputs than these.
            given = {"inputs": [coremltools.TensorType(shape=t.shape, dtype=_dtype(t)) for t in tensors]}
    else:
        model, given = path, {"source": "tensorflow"}
    coremltools.convert(model, convert_to=kind, skip_model_load=True, **given)
    return None


def _dtype(tensor: Any) -> Any:
    import numpy

    if tensor.is_floating_point() or tensor.is_complex():
        return numpy.float32
    return numpy.int32


serve(answer)
