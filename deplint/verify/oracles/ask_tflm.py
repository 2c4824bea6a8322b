"""TensorFlow Lite for Microcontrollers: does the interpreter with all operators prepare the model and run it?"""

from __future__ import annotations

from serve import serve
from tflite_micro.python.tflite_micro import runtime

ARENA = 1 << 28
"""Bytes of memory the model may take: whether it fits a board is another question."""


def answer(path: str, target: str, numeric: bool) -> None:
    runtime.Interpreter.from_file(path, arena_size=ARENA).invoke()


serve(answer)
