"""What the TensorFlow Lite converter makes of each TensorFlow operator, by dtype: measured with graphs of many operators, each by itself.

The converter names all operators of a graph that it has no built-in operator for, so that many are tried at once: in each dtype they take,
on several ranks and on none that is known (`tools.agreement.build_tensorflow`). What else goes wrong is looked for by halves. The converter
may take its process down: another one goes on, with the operators of that graph one by one.

    python -m tools.support.probes.tflite_conversion ANSWER
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

SIZE = 32
"""Operators of one graph."""

TRIES = {"float32": 6, "int32": 4, "int64": 3} | dict.fromkeys(("float64", "float16", "bool", "uint8", "int8", "string", "complex64"), 2)
"""Models of an operator in each dtype; in the first nothing is known of the shapes."""

Made = tuple[str, str, list[Any], list[Any]]
"""An operator in a graph: its type, the dtype of its first input, what is fed, what comes out."""


def candidates() -> list[tuple[str, str, int]]:
    """What is tried, in the order it is tried in: a try of all operators in one dtype after the other."""
    from tools.agreement.build_tensorflow import operators

    known = operators()
    return [(op.name, dtype, number) for dtype in TRIES for number in range(TRIES[dtype]) for op in known if _takes(op, dtype)]


def _takes(op: Any, dtype: str) -> bool:
    """The operator takes the dtype somewhere; one that takes no type anywhere is tried with the first."""
    import tensorflow as tf

    allowed = [attr.allowed_values.list.type for attr in op.attr if attr.type == "type"]
    if not allowed:
        return dtype == "float32"
    return any(not types or tf.as_dtype(dtype).as_datatype_enum in types for types in allowed)


def made(tf: Any, graph: Any, name: str, dtype: str, number: int) -> list[Made]:
    """What a candidate puts into the graph; it raises where it does not fit."""
    rng = random.Random(f"{name} {dtype} {number}")
    from tensorflow.python.framework import op_def_registry

    from tools.agreement.build_tensorflow import single

    before = len(graph.get_operations())
    fed, outputs = single(op_def_registry.get(name), rng, dtype, unknown=not number)()
    op = next((op for op in graph.get_operations()[before:] if op.type == name), None)
    if not fed or not outputs or op is None:
        return []
    return [(name, next((tensor.dtype.base_dtype.name for tensor in op.inputs), ""), fed, outputs)]


def batch(start: int, end: int, size: int, out: Path) -> None:
    """Try the candidates from `start` to `end`. Before a graph is tried, its first candidate is noted."""
    import tensorflow as tf

    known = candidates()
    with open(out, "a", buffering=1) as lines:
        at = start
        while at < min(end, len(known)):
            group: list[tuple[int, list[Made]]] = []
            types: set[str] = set()
            with tf.Graph().as_default() as graph:
                first = at
                while at < min(end, len(known)) and len(group) < size:
                    try:
                        parts = made(tf, graph, *known[at])
                    except Exception:
                        parts = []
                    if types & {part[0] for part in parts} or (known[at][2] > 0) != (known[first][2] > 0):
                        break  # the converter names types: each is in a graph once
                    types |= {part[0] for part in parts}
                    group += [(at, parts)] if parts else []
                    at += 1
                print(json.dumps({"at": first, "next": at}), file=lines)
                for line in judged(tf, graph.as_graph_def(), [parts for _, parts in group]):
                    print(json.dumps({**line, "shaped": known[first][2] > 0}), file=lines)
    with open(out, "a") as lines:
        print(json.dumps({"at": min(end, len(known)), "next": min(end, len(known)), "all": len(known)}), file=lines)


def judged(tf: Any, whole: Any, group: Sequence[Sequence[Made]]) -> Iterator[dict[str, Any]]:
    """What becomes of each part of a graph."""
    if not group:
        return
    result, named = convert(tf, whole, group)
    if result == "builtin":
        yield from (_line(part, "builtin") for parts in group for part in parts)
        return
    hit = [parts for parts in group if any(part[0] in named for part in parts)]
    for parts in hit:
        alone = len(parts) == 1 or result in ("flex", "custom")
        yield from (_line(part, named.get(part[0], "builtin")) for part in parts if part[0] in named or alone)
    if hit:
        yield from judged(tf, whole, [parts for parts in group if parts not in hit])
    elif len(group) > 1:
        middle = len(group) // 2
        yield from judged(tf, whole, group[:middle])
        yield from judged(tf, whole, group[middle:])
    elif len(group[0]) == 1:
        yield _line(group[0][0], result)


def _line(part: Made, result: str) -> dict[str, Any]:
    return {"op": part[0], "dtype": part[1], "result": result}


def convert(tf: Any, whole: Any, group: Sequence[Sequence[Made]]) -> tuple[str, dict[str, str]]:
    """What the converter says: ``builtin``, or which operators it wants from TensorFlow (``flex``) or from the user (``custom``);
    ``kernel`` where TensorFlow itself does not compute an operator in this dtype; ``refused`` where the interpreter does not take what the
    converter gives, and else ``error``."""
    outputs = sorted({tensor.name for parts in group for part in parts for tensor in part[3]})
    # A graph of its own: TensorFlow looks at all operators of one, those that nobody asks for too.
    part_of = tf.compat.v1.graph_util.extract_sub_graph(whole, [name.partition(":")[0] for name in outputs])
    fed = [f"{node.name}:0" for node in part_of.node if node.op == "Placeholder"]
    try:
        with tf.Graph().as_default(), tf.compat.v1.Session() as session:
            tensors = tf.import_graph_def(part_of, return_elements=[*fed, *outputs], name="")
            content = tf.compat.v1.lite.TFLiteConverter.from_session(session, tensors[: len(fed)], tensors[len(fed) :]).convert()
    except Exception as error:
        message = str(error)
        if missing := re.search(r"No OpKernel was registered to support Op '(\w+)'", message):
            return "kernel", {missing[1]: "kernel"}
        named = {
            name.strip(): result
            for result, list_of in (("flex", "TF Select ops"), ("custom", "Custom ops"))
            for found in re.findall(rf"{list_of}: ([\w, ]+)", message)
            for name in found.split(",")
        }
        # An operator that was made another before is named by its place.
        for first, last in re.findall(r"fused\[\"(\w+):\"[^\n]*?'tf\.(\w+)' op is neither", message):
            named.setdefault(first, named.get(last, "flex"))
        return ("flex", named) if named else ("error", {})
    try:
        tf.lite.Interpreter(model_content=content).allocate_tensors()
    except Exception:
        return "refused", {}
    return "builtin", {}


def main() -> None:
    if len(sys.argv) == 5:
        batch(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder, "lines")
        run: Callable[[int, int, int], dict[str, Any]] = lambda start, end, size: _run(lines, start, end, size)  # noqa: E731
        at, total = 0, 1
        while at < total:
            last = run(at, 1 << 30, SIZE)
            total, at = last.get("all", 1 << 30), last["next"]
            if "all" not in last:  # the process is gone: its last graph again, one by one
                one = last["at"]
                while one < at:
                    one = run(one, at, 1)["next"]
        found: list[dict[str, Any]] = [line for text in lines.read_text().splitlines() if "op" in (line := json.loads(text))]
    Path(sys.argv[1]).write_text(json.dumps(found), "utf-8")


def _run(lines: Path, start: int, end: int, size: int) -> dict[str, Any]:
    """A batch in a process of its own; gives the last note it left."""
    command = [sys.executable, "-m", __spec__.name, str(lines), str(start), str(end), str(size)]
    subprocess.run(command, check=False, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    notes = [line for text in lines.read_text().splitlines() if "at" in (line := json.loads(text))]
    if not notes or notes[-1]["at"] < start:
        raise SystemExit(f"nothing was tried from {start} on")
    last: dict[str, Any] = notes[-1]
    return last


if __name__ == "__main__":
    main()
