"""coremltools: is the model converted? Core ML itself runs on Apple's systems only."""

from __future__ import annotations

from typing import Any

import coremltools
from serve import serve


def answer(path: str, target: str, numeric: bool) -> None:
    kind = "mlprogram" if target == "coreml-mlprogram" else "neuralnetwork"
    if path.endswith((".mlmodel", ".mlpackage")):
        coremltools.models.MLModel(path, skip_model_load=True)
        return
    model, given = _source(path)
    coremltools.convert(model, convert_to=kind, skip_model_load=True, **given)


def _source(path: str) -> tuple[Any, dict[str, Any]]:
    if path.endswith(".pt2"):
        import torch

        return torch.export.load(path).run_decompositions({}), {}
    if path.endswith((".pt", ".pth")):
        import torch

        model = torch.jit.load(path)
        shapes = [tensor.type().sizes() for tensor in list(model.graph.inputs())[1:]]
        return model, {"inputs": [coremltools.TensorType(shape=shape or (1, 3, 224, 224)) for shape in shapes]}
    return path, {"source": "tensorflow"}


serve(answer)
