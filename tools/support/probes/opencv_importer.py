"""What OpenCV's dnn module makes of the test models of the onnx package: which it reads, and what it says of the others.

Each answer is ``[operators, dtypes of inputs and outputs, error]``. A model that takes the process down costs that process only.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import cv2  # type: ignore[import-not-found, unused-ignore]
import onnx
from onnx.backend.test.case.node import collect_testcases


def read(path: str) -> str:
    """The error a model is refused with; empty if it is read."""
    inlet, outlet = os.pipe()
    child = os.fork()
    if not child:
        said = ""
        try:
            cv2.dnn.readNetFromONNX(path)
        except Exception as error:
            said = str(error) or "an error without words"
        os.write(outlet, said.encode()[:4000])
        os._exit(0)
    os.close(outlet)
    with os.fdopen(inlet, "rb") as stream:
        answer = stream.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    return answer if os.waitstatus_to_exitcode(status) == 0 else "crash"


def operators(graph: onnx.GraphProto) -> set[str]:
    found = {node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}" for node in graph.node}
    for node in graph.node:
        for attribute in node.attribute:
            for nested in (attribute.g, *attribute.graphs):
                found |= operators(nested)
    return found


def main() -> None:
    if hasattr(cv2, "setLogLevel"):
        cv2.setLogLevel(0)
    answers: list[Any] = []
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "model.onnx"))
        for case in collect_testcases(None):
            if case.model is not None:
                onnx.save(case.model, path)
                dtypes = sorted({value.type.tensor_type.elem_type for value in (*case.model.graph.input, *case.model.graph.output)})
                answers.append([sorted(operators(case.model.graph)), dtypes, read(path)])
    Path(sys.argv[1]).write_text(json.dumps(answers), "utf-8")


if __name__ == "__main__":
    main()
