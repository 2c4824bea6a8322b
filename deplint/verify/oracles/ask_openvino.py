"""OpenVINO: is the model read, and compiled for the CPU? Numbers of ONNX models are compared with what ONNX Runtime computes."""

from __future__ import annotations

from typing import Any

import openvino
from serve import serve

CORE = openvino.Core()


def answer(path: str, target: str, numeric: bool) -> dict[str, Any] | None:
    settings = {"INFERENCE_NUM_THREADS": 1, **({"INFERENCE_PRECISION_HINT": "f32"} if numeric else {})}
    try:
        compiled = CORE.compile_model(CORE.read_model(path), "CPU", settings)
    except RuntimeError as error:
        if "bad_alloc" in str(error):  # of the memory that this process may take: a larger one may do
            raise MemoryError from error
        raise
    return _numbers(path, compiled) if numeric and path.endswith(".onnx") else None


def _numbers(path: str, compiled: Any) -> dict[str, Any]:
    from comparing import compared
    from onnx_session import session

    try:
        specs, source = session(path)
    except Exception as error:
        return {"numbers": f"not compared: ONNX Runtime does not run the model: {type(error).__name__}: {error}"[:500]}
    found: dict[str, Any] = compared(specs, source, lambda inputs: list(compiled(list(inputs.values())).values()))
    return found


serve(answer)
