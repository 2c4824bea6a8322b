"""OpenVINO: is the model read, and compiled for the CPU?"""

from __future__ import annotations

import openvino
from serve import serve

CORE = openvino.Core()


def answer(path: str, target: str, numeric: bool) -> None:
    CORE.compile_model(CORE.read_model(path), "CPU", {"INFERENCE_NUM_THREADS": 1})


serve(answer)
