"""Which operators an interpreter of TensorFlow Lite models has, in which versions and dtypes: asked of it with models of one operator.

    python -m tools.support.probes.tflite_kernels ANSWER ai_edge_litert|tflite_runtime|tensorflow|tflite_micro

First every version of every operator, with no tensors: the interpreter says which it does not know before it looks at them. Then the
operators of `tools.agreement.build_tflite` in every dtype, prepared and run; what works somehow, with each of the other operands in every
dtype. Runtimes take their process down now and then: they are asked in a forked one, and the next goes on after that question.
"""

from __future__ import annotations

import json
import mmap
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import IO, Any

from tools.agreement.build_tflite import DTYPES, OPERATORS, QUANTIZED, Draw, Single, codes, single

NEWEST = 16
"""The newest version of an operator that is tried."""

TOKENS = (*DTYPES, *(f"q{dtype}" for dtype in (*QUANTIZED, "int4")))
"""Dtypes, and integers that have a scale."""

VARIED = {"U": "second", "I": "index", "W": "weights", "B": "bias", "O": "other", "R": "result"}
"""Operands besides the first, and the part of a `Draw` that is about them: `O` further inputs written `T`, `R` outputs written `T`."""

LIKELY_BIAS = ("", "qint32", "qint64", "float32", "int32")


def runner(package: str) -> Callable[[bytes], str]:
    """A function that gives "" for a model that runs, else what the interpreter says."""
    import numpy

    if package == "tflite_micro":
        from tflite_micro.python.tflite_micro import runtime

        def micro(content: bytes) -> str:
            runtime.Interpreter.from_bytes(content).invoke()
            return ""

        return micro
    module = "tensorflow.lite.python.interpreter" if package == "tensorflow" else f"{package}.interpreter"
    Interpreter = __import__(module, fromlist=["Interpreter"]).Interpreter

    def run(content: bytes) -> str:
        interpreter = Interpreter(model_content=content)
        interpreter.allocate_tensors()
        for detail in interpreter.get_input_details():
            if detail["dtype"] is not numpy.bytes_ and numpy.dtype(detail["dtype"]).kind in "fiubc":
                interpreter.set_tensor(detail["index"], numpy.ones(detail["shape"], detail["dtype"]))
        interpreter.invoke()
        return ""

    return run


def child(package: str) -> None:
    """Answer the questions of standard input. What a process of its own does not survive is a ``crash``: the next one goes on after it."""
    answers = os.dup(1)
    log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    run = runner(package)
    questions = [json.loads(line) for line in sys.stdin]
    done = mmap.mmap(-1, 8)
    while (at := int.from_bytes(done[:], "little")) < len(questions):
        process = os.fork()
        if not process:
            for number in range(at, len(questions)):
                os.write(answers, json.dumps(_said(run, questions[number], log)).encode() + b"\n")
                done[:] = (number + 1).to_bytes(8, "little")
            os._exit(0)
        os.waitpid(process, 0)
        at = int.from_bytes(done[:], "little")
        if at < len(questions):
            os.write(answers, json.dumps(f"crash {_logged(log)}").encode() + b"\n")
            done[:] = (at + 1).to_bytes(8, "little")


def _said(run: Callable[[bytes], str], question: Sequence[Any], log: IO[bytes]) -> str:
    op, version, draw = question
    os.ftruncate(log.fileno(), 0)
    os.lseek(log.fileno(), 0, os.SEEK_SET)
    try:
        return run(bytes(single(op, Draw(**draw), version) if draw is not None else Single(op, version)))
    except Exception as error:
        return f"{error} {_logged(log)}".strip()[:400] or "refused"


def _logged(log: IO[bytes]) -> str:
    return os.pread(log.fileno(), 400, 0).decode("utf-8", "replace")


Question = tuple[str, int, "Draw | None"]


def ask(package: str, questions: Sequence[Question]) -> Sequence[str]:
    """The answer to each question, "" for what runs."""
    lines = [json.dumps([op, version, asdict(draw) if draw else None]) for op, version, draw in questions]
    command = [sys.executable, "-m", "tools.support.probes.tflite_kernels", "-", package]
    done = subprocess.run(command, input="\n".join(lines), text=True, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def versions(package: str) -> dict[str, list[int]]:
    """The versions of each operator that are known."""
    newest = 1 if package == "tflite_micro" else NEWEST
    names = [name for name in codes() if name not in ("CUSTOM", "DELEGATE", "PLACEHOLDER_FOR_GREATER_OP_CODES")]
    questions: list[Question] = [(name, version, None) for name in names for version in range(1, newest + 1)]
    found: dict[str, list[int]] = {}
    for (name, version, _), said in zip(questions, ask(package, questions), strict=True):
        if "find op for builtin opcode" not in said and "out of range" not in said:
            found.setdefault(name, []).append(version)
    return found


def letters(op: str) -> str:
    """The operands of an operator: the letters of `OPERATORS`, ``>`` before the outputs."""
    return "".join(part.split(":")[0] if ":" in part else ">" for part in OPERATORS[op].partition(" | ")[0].replace("->", ">").split())


def base(op: str, token: str) -> Iterator[Draw]:
    """Draws with the first operand of a dtype, the likeliest first."""
    has = letters(op)
    choices: Mapping[str, Iterable[str]] = {
        "second": TOKENS if "U" in has else ("float32",),
        "index": ("int32", "int64") if "I" in has else ("int32",),
        "weights": ("", "int8", "qint8") if "W" in has else ("",),
        "bias": LIKELY_BIAS if "B" in has else ("",),
        "result": ("", "float32", "int32") if "T" in has.partition(">")[2] else ("",),
    }
    for values in product(*choices.values()):
        settings: dict[str, Any] = dict(zip(choices, values, strict=True))
        yield Draw(token, **settings)


def kinds(op: str) -> Iterator[str]:
    """The kinds of operands of an operator that `VARIED` has."""
    inputs, _, outputs = letters(op).partition(">")
    yield from (letter for letter in "UIWB" if letter in inputs + outputs)
    if inputs.count("T") > 1:
        yield "O"
    if "T" in outputs:
        yield "R"


def dtypes(package: str, known: Mapping[str, Sequence[int]]) -> dict[str, dict[str, list[str]]]:
    """What each operator takes: ``T``, and for another operand ``W|float32``: what it may be where the first is a float32. An operand of
    which everything is taken is left out."""
    asked = {op: max(known[op]) for op in OPERATORS if op in known}
    first: list[Question] = [(op, newest, draw) for op, newest in asked.items() for token in TOKENS for draw in base(op, token)]
    working: dict[tuple[str, str], Draw] = {}
    for (op, _, draw), said in zip(first, ask(package, first), strict=True):
        if draw is not None and not said:
            working.setdefault((op, draw.dtype), draw)
    found: dict[str, dict[str, list[str]]] = {}
    for op, token in working:
        found.setdefault(op, {}).setdefault("T", []).append(token)
    varied = [
        (op, asked[op], kind, other, replace(draw, **{VARIED[kind]: other}))
        for (op, token), draw in working.items()
        for kind in kinds(op)
        for other in (*TOKENS, *(("qint32", "qint64") if kind == "B" else ()))
    ]
    for (op, _, kind, other, draw), said in zip(varied, ask(package, [(op, v, draw) for op, v, _, _, draw in varied]), strict=True):
        if not said:
            found[op].setdefault(f"{kind}|{draw.dtype}", []).append(other)
    return {op: {key: names for key, names in types.items() if len(names) < len(TOKENS)} for op, types in found.items()}


def main() -> None:
    package = sys.argv[2]
    if sys.argv[1] == "-":
        child(package)
        return
    known = versions(package)
    types = dtypes(package, known)
    rows: list[dict[str, Any]] = []
    for op, found in sorted(known.items()):
        row: dict[str, Any] = {"op": op} if package == "tflite_micro" else {"op": op, "versions": [min(found), max(found)]}
        if package != "tflite_micro" and found != list(range(min(found), max(found) + 1)):
            raise SystemExit(f"{op}: versions {found} have a gap")
        rows.append(row | ({"operands": letters(op), "types": types[op]} if types.get(op) else {}))
    Path(sys.argv[1]).write_text(json.dumps(rows), "utf-8")


if __name__ == "__main__":
    main()
