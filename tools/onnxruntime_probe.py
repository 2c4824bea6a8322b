"""Ask one ONNX Runtime wheel for its own limits: hand it models that are too new and read the number it says it supports.

Run by `tools.operators` in a child process per wheel; needs onnxruntime only, the models come as files.
"""

from __future__ import annotations

import json
import re
import sys


def refusal(path: str) -> str:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the binding raises one class per status code, under names that changed
        return str(error)
    return ""


def main(opset_model: str, ml_model: str, ir_model: str) -> None:
    import onnxruntime

    limits = {}
    for key, path, pattern in (
        ("opset", opset_model, r"ai\.onnx is till opset (\d+)"),
        ("ml_opset", ml_model, r"ai\.onnx\.ml is till opset (\d+)"),
        ("ir", ir_model, r"max supported IR version: (\d+)"),
    ):
        found = re.search(pattern, refusal(path))
        limits[key] = int(found[1]) if found else None
    sys.stdout.write(json.dumps({"asked": onnxruntime.__version__, **limits}))


if __name__ == "__main__":
    main(*sys.argv[1:])
