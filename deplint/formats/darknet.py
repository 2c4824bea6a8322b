"""Darknet: a network as text (``.cfg``), layers in order, and its weights (``.weights``), numbers without names after a short header.

A section is a layer and reads the one before it, but for those that say otherwise: ``route`` and ``shortcut`` count layers from the
beginning or, if negative, from themselves.

Source: src/parser.c of github.com/pjreddie/darknet
"""

from __future__ import annotations

import re
import struct
from typing import Any

from deplint.formats.beside import beside
from deplint.model import Graph, Model, Op, Tensor, Unreadable
from deplint.project import File

_NUMBER = re.compile(r"-?\d{1,18}(\.\d*)?")


def read(file: File) -> Model:
    """The layers. `files` has the weights if they lie beside it under the same name.

    Raises:
        Unreadable: a line is neither a section nor ``key=value``, or a layer reads one that is not there.
    """
    sections: list[tuple[str, dict[str, Any]]] = []
    for number, line in enumerate(file.lines, 1):
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            sections.append((line[1:-1], {}))
        elif line and line[0] not in "#;":
            key, mark, value = line.partition("=")
            if not mark or not sections:
                raise Unreadable(f"line {number} is neither a section nor key=value")
            sections[-1][1][key.strip()] = _value(value.strip())
    if not sections or sections[0][0] not in ("net", "network"):
        raise Unreadable("no Darknet network: it begins with [net]")
    settings = sections.pop(0)[1]
    graph = Graph(inputs=["data"])
    sizes = [settings.get(key) for key in ("channels", "height", "width")]
    graph.tensors["data"] = Tensor("data", "float32", (None, *(size if isinstance(size, int) else None for size in sizes)))
    for index, (kind, options) in enumerate(sections):
        reads = [f"layer{index - 1}" if index else "data"]
        named = options.get("layers" if kind == "route" else "from") if kind in ("route", "shortcut", "sam", "scale_channels") else None
        if named is not None:
            targets = [_layer(each, index) for each in (named if isinstance(named, list) else [named])]
            reads = targets if kind == "route" else reads + targets
        graph.ops.append(Op(kind, f"layer{index}", "", reads, [f"layer{index}"], options, index))
        graph.tensors[f"layer{index}"] = Tensor(f"layer{index}")
    read = {name for op in graph.ops for name in op.inputs}
    graph.outputs = [op.name for op in graph.ops if op.type in ("yolo", "region", "detection") or op.name not in read]
    model = Model(file.shown, "darknet", graphs=[graph], size=file.size)
    model.metadata = {key: str(settings[key]) for key in ("batch", "subdivisions", "width", "height", "channels") if key in settings}
    weights = beside(file, file.path.stem + ".weights")
    model.files = [] if weights.problem else [weights.shown]
    return model


def _layer(number: Any, index: int) -> str:
    target = number + index if isinstance(number, int) and number < 0 else number
    if not isinstance(target, int) or not 0 <= target < index:
        raise Unreadable(f"layer {index} reads layer {str(number)[:20]}, which is not before it")
    return f"layer{target}"


def _value(text: str) -> Any:
    """A number, a list of them, or text."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if parts and all(_NUMBER.fullmatch(part) for part in parts):
        numbers = [float(part) if "." in part else int(part) for part in parts]
        return numbers if len(numbers) > 1 else numbers[0]
    return text


def sniff_weights(file: File) -> bool:
    """True if the first numbers are a version as Darknet writes it (0.1 or 0.2) and there are whole numbers after it."""
    major, minor, revision = struct.unpack_from("<3i", file.head) if len(file.head) >= 16 else (-1, 0, 0)
    return major == 0 and minor in (1, 2) and 0 <= revision < 100 and (file.size - 16) % 4 == 0


def read_weights(file: File) -> Model:
    """What the header says: the version, and how many pictures the network has seen while it was trained.

    Raises:
        Unreadable: the file ends within the header.
    """
    if file.size < 20:
        raise Unreadable("the file breaks off within its header")
    major, minor, revision = struct.unpack_from("<3i", file.head)
    wide = major * 10 + minor >= 2
    (seen,) = struct.unpack_from("<Q" if wide else "<I", file.head, 12)
    model = Model(file.shown, "darknet-weights", "darknet", f"{major}.{minor}.{revision}", size=file.size)
    model.metadata = {"kind": "weights", "seen": str(seen), "numbers": str((file.size - (20 if wide else 16)) // 4)}
    return model
