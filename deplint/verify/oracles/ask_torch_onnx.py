"""torch.onnx: is the model exported?"""

from __future__ import annotations

import io
from typing import Any

import torch
from serve import serve


def answer(path: str, target: str, numeric: bool) -> None:
    dynamo = target == "torch-onnx-dynamo"
    if path.endswith(".pt2"):
        program = torch.export.load(path)
        args, kwargs = program.example_inputs
        model: Any = program if dynamo else program.module()
    else:
        model = torch.jit.load(path)
        args, kwargs = tuple(torch.rand(tensor.type().sizes() or [1]) for tensor in list(model.graph.inputs())[1:]), {}
    torch.onnx.export(model, args, io.BytesIO(), kwargs=kwargs, dynamo=dynamo)


serve(answer)
