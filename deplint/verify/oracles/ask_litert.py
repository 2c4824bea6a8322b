"""LiteRT: do the tensors of the model get their memory in the interpreter?"""

from __future__ import annotations

from ai_edge_litert.interpreter import Interpreter
from serve import serve


def answer(path: str, target: str, numeric: bool) -> None:
    Interpreter(path).allocate_tensors()


serve(answer)
