"""NCNN and PNNX: a text (``.param``) with one operator a line, and beside it the weights (``.bin``), whose places are not written down.

After the magic and the counts a line is ``type name inputs outputs`` with the numbers of inputs and outputs, then their names, then
``key=value``. NCNN's keys are numbers (``0=64``), and what has the number -23300 - n is a list for key n, after its length; in the names
of PNNX ``@`` marks a weight and ``#`` what a value is like: ``#3=(1,4,6,6)f32``.

Source: https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure and tools/pnnx/README.md
"""

from __future__ import annotations

import re
from typing import Any

from deplint.formats.beside import beside
from deplint.model import Dim, Graph, Model, Op, Tensor, Unreadable
from deplint.project import File

MAGIC = b"7767517"

TEXT_LIMIT = 1 << 26
PORTS_LIMIT = 100_000

_LIKE = re.compile(r"\(([^()]*)\)(\w+)")
_NUMBER = re.compile(r"-?\d{1,18}(\.\d*)?(e[+-]?\d{1,3})?")
_DTYPES = {
    "f16": "float16", "bf16": "bfloat16", "f32": "float32", "f64": "float64", "i8": "int8", "u8": "uint8", "i16": "int16", "i32": "int32",
    "i64": "int64", "bool": "bool", "c64": "complex64", "c128": "complex128",
}  # fmt: skip


def read(file: File) -> Model:
    """The graph. `files` has the weights if they lie beside it under the same name.

    Raises:
        Unreadable: the text is cut short, or a line is not of this form.
    """
    lines = file.raw(TEXT_LIMIT).decode("utf-8", "replace").splitlines()
    promised = re.match(r"\s*(\d{1,9})\s", lines[1] + " ") if len(lines) > 1 else None
    if lines[:1] != [MAGIC.decode()] or promised is None:
        raise Unreadable("no NCNN text: it begins with 7767517 and two counts")
    graph = Graph()
    for line in lines[2:]:
        if line.strip():
            _line(graph, line)
    if len(graph.ops) < int(promised[1]):
        raise Unreadable(f"the file breaks off: {int(promised[1]):,} operators are promised, {len(graph.ops):,} are there")
    native = any(op.type.startswith("pnnx.") for op in graph.ops)
    starts, ends = ("pnnx.Input", "pnnx.Output") if native else ("Input", "")
    graph.inputs = [name for op in graph.ops if op.type == starts for name in op.outputs]
    used = {name for op in graph.ops for name in op.inputs}
    graph.outputs = [name for op in graph.ops if op.type == ends for name in op.inputs] if native else []
    graph.outputs = graph.outputs or [name for op in graph.ops for name in op.outputs if name not in used]
    graph.ops = [op for op in graph.ops if op.type not in (starts, ends)]
    for index, op in enumerate(graph.ops):
        op.index = index
    weights = beside(file, file.path.stem + ".bin")
    files = [] if weights.problem else [weights.shown]
    return Model(file.shown, "pnnx" if native else "ncnn", graphs=[graph], files=files, size=file.size)


def _line(graph: Graph, line: str) -> None:
    words = line.split()
    try:
        kind, name, ins, outs = words[0], words[1], int(words[2][:9]), int(words[3][:9])
    except (IndexError, ValueError):
        raise Unreadable(f"not an operator: {line[:60]!r}") from None
    ports = words[4 : 4 + ins + outs] if ins >= 0 <= outs and ins + outs <= PORTS_LIMIT else []
    if len(ports) < ins + outs or any("=" in port for port in ports):
        raise Unreadable(f"operator {name[:60]} names fewer inputs and outputs than it says")
    op = Op(kind, name, "", ports[:ins], ports[ins:], index=len(graph.ops))
    attributes: dict[str, Any] = {}
    for word in words[4 + ins + outs :]:
        key, _, value = word.partition("=")
        like = _LIKE.fullmatch(value) if key.startswith(("#", "@")) else None
        if like and key[0] == "#":
            graph.tensors[key[1:]] = Tensor(key[1:], _DTYPES.get(like[2], ""), tuple(map(_dim, like[1].split(","))))
        elif like is not None:
            attributes[key] = value
        else:
            listed = _listed(value)
            # NCNN's own lists begin with their length.
            attributes[_key(key)] = listed[1:] if listed and _key(key) != key else listed or _value(value)
    op.attributes = attributes
    for port in op.outputs:
        graph.tensors.setdefault(port, Tensor(port))
    graph.ops.append(op)


def _key(key: str) -> str:
    """``-23303`` is the list with the key 3."""
    return str(-23300 - int(key)) if re.fullmatch(r"-23[34]\d\d", key) else key


def _dim(text: str) -> Dim:
    return int(text) if re.fullmatch(r"\d{1,18}", text.strip()) else None


def _listed(text: str) -> list[Any]:
    """``(1,1)``, ``[1,1]`` or ``2,1,1``; empty if `text` is one value."""
    if text[:1] in ("(", "[") and text[-1:] in (")", "]"):
        return [_value(part) for part in text[1:-1].split(",")]
    return [_value(part) for part in text.split(",")] if "," in text else []


def _value(text: str) -> Any:
    if match := _NUMBER.fullmatch(text):
        return float(text) if match[1] or match[2] else int(text)
    return {"True": True, "False": False, "None": None}.get(text, text)
