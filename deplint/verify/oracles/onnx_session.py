"""ONNX models run with ONNX Runtime, where it is installed, to compare numbers with."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from comparing import Run, Specs

DTYPES = {"float": "float32", "double": "float64"}
"""Those that ONNX Runtime names otherwise than numpy."""


def session(model: bytes | str) -> tuple[Specs, Run]:
    """What the model, or the file of that path, takes, and what runs it on the CPU.

    Raises:
        ImportError: ONNX Runtime is not installed.
    """
    runtime = import_module("onnxruntime")
    runtime.set_default_logger_severity(4)
    found = runtime.InferenceSession(model, providers=["CPUExecutionProvider"])
    specs = {each.name: (_dtype(each.type), each.shape) for each in found.get_inputs()}

    def run(inputs: Mapping[str, Any]) -> list[Any]:
        outputs: list[Any] = found.run(None, dict(inputs))
        return outputs

    return specs, run


def _dtype(name: str) -> str:
    """``float32`` for ``tensor(float)``."""
    inner = name.removeprefix("tensor(").removesuffix(")")
    return DTYPES.get(inner, inner)
