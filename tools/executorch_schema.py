"""Writes deplint/data/executorch_schema.json: the enumerations and table layouts of ExecuTorch programs.

They come from the flatbuffer schema that the released package ships. Run it with a Python that has executorch:

    python -m tools.executorch_schema
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import files, version
from pathlib import Path
from typing import Any

from tools.schema import write

SCHEMAS = ("executorch/exir/_serialize/scalar_type.fbs", "executorch/exir/_serialize/program.fbs")

NUMBERS = {
    "bool": "bool", "byte": "int8", "int8": "int8", "ubyte": "uint8", "uint8": "uint8", "short": "int16", "int16": "int16",
    "ushort": "uint16", "uint16": "uint16", "int": "int32", "int32": "int32", "uint": "uint32", "uint32": "uint32", "long": "int64",
    "int64": "int64", "ulong": "uint64", "uint64": "uint64", "float": "float", "double": "double",
}  # fmt: skip
"""The schema language's names of numbers: https://flatbuffers.dev/schema/"""


def fields(body: str, enums: dict[str, dict[str, int]], unions: set[str]) -> Iterator[tuple[str, list[Any]]]:
    """The fields of a table: each takes the next place in its layout, a union two."""
    slot = 4
    for name, vector, kind, default in re.findall(r"(\w+)\s*:\s*(\[?)([\w.]+)\]?\s*(?:=\s*([\w.-]+))?[^;]*;", body):
        if kind in unions:
            yield f"{name}_type", [slot, "uint8", 0, kind]
            yield name, [slot + 2, "union", None]
            slot += 4
            continue
        if vector:
            yield name, [slot, f"[{NUMBERS.get(kind, kind)}]", 0]
        elif kind in enums:
            yield name, [slot, "int8", enums[kind].get(default, 0), kind]
        else:
            absent = None if kind not in NUMBERS else kind != "bool" and 0
            yield name, [slot, NUMBERS.get(kind, kind), json.loads(default) if default else absent]
        slot += 2


def main() -> None:
    shipped = {str(file): file for file in files("executorch") or ()}
    text = "".join(Path(str(shipped[schema].locate())).read_text() for schema in SCHEMAS)
    text = re.sub(r"//[^\n]*", "", text)
    enums: dict[str, dict[str, int]] = {}
    for name, kind, body in re.findall(r"enum\s+(\w+)\s*:\s*(\w+)\s*\{([^}]*)\}", text):
        assert kind == "byte", kind
        enums[name] = {member: int(value) for member, value in re.findall(r"(\w+)\s*=\s*(\d+)", body)}
    unions = dict(re.findall(r"union\s+(\w+)\s*\{([^}]*)\}", text))
    for name, body in unions.items():
        enums[name] = {"NONE": 0} | {member: index for index, member in enumerate(re.findall(r"\w+", body), 1)}
    tables = {name: dict(fields(body, enums, set(unions))) for name, body in re.findall(r"table\s+(\w+)\s*\{([^}]*)\}", text)}
    write(
        "executorch_schema",
        "the flatbuffer schema of the released wheel (BSD-3-Clause)",
        {"executorch": version("executorch")},
        {"enums": enums, "tables": tables},
    )


if __name__ == "__main__":
    main()
