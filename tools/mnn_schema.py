"""Writes deplint/data/mnn_schema.json: the operators of MNN and the layouts of the tables that name them.

They come from the flatbuffer schemas of alibaba/MNN. Run it with the folder ``schema/default`` of a checkout, and the version that
``include/MNN/MNNDefine.h`` of the same checkout names:

    python -m tools.mnn_schema MNN/schema/default 3.6.1
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.schema import write

TABLES = ("Net", "SubGraphProto", "Op", "ExtraInfo")
ENUMERATIONS = ("OpType", "NetSource")


def members(body: str) -> Iterator[tuple[str, int]]:
    value = -1
    for name, given in re.findall(r"(\w+)\s*(?:=\s*(\d+))?\s*(?:,|$)", body.strip()):
        value = int(given) if given else value + 1
        yield name, value


def fields(body: str, unions: set[str]) -> Iterator[tuple[str, list[Any]]]:
    """name -> [vtable offset, type, default, enumeration]; a union takes two places, the first of which is its type."""
    slot = 4
    for name, kind in re.findall(r"(\w+)\s*:\s*(\[?\w+\]?)", body):
        if kind in unions:
            slot += 4
            continue
        if kind in ENUMERATIONS:
            yield name, [slot, "int8" if kind == "NetSource" else "int32", 0, kind]
        elif kind.strip("[]") in (*TABLES, "string"):
            yield name, [slot, kind, None]
        elif kind == "[int]":
            yield name, [slot, "[int32]", None]
        slot += 2


def main() -> None:
    folder, version = Path(sys.argv[1]), sys.argv[2]
    text = "\n".join(re.sub(r"//.*", "", path.read_text()) for path in sorted(folder.glob("*.fbs")))
    bodies = {name: (kind, body) for kind, name, body in re.findall(r"(table|enum|union) (\w+)[^{]*\{([^}]*)\}", text)}
    unions = {name for name, (kind, _) in bodies.items() if kind == "union"}
    enums = {name: dict(members(bodies[name][1])) for name in ENUMERATIONS}
    tables = {name: dict(fields(bodies[name][1], unions)) for name in TABLES}
    write("mnn_schema", "schema/default of github.com/alibaba/MNN (Apache-2.0)", {"MNN": version}, {"enums": enums, "tables": tables})


if __name__ == "__main__":
    main()
