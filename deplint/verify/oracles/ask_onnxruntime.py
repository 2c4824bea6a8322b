"""ONNX Runtime, CPU provider: does a session begin?"""

from __future__ import annotations

import onnxruntime
from serve import serve


def answer(path: str, target: str, numeric: bool) -> None:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


serve(answer)
