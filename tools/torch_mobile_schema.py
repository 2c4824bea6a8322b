"""Writes deplint/data/torch_mobile_schema.json: the enumerations and layouts of PyTorch Mobile's flatbuffers.

They come from the generated header and the list of element types that the released package ships. Run it with a Python that has torch:

    python -m tools.torch_mobile_schema
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from importlib.metadata import files, version
from pathlib import Path
from typing import Any

from tools.schema import write

HEADER = "torch/include/torch/csrc/jit/serialization/mobile_bytecode_generated.h"
SCALARS = "torch/include/torch/headeronly/core/ScalarType.h"

ENUMERATED = {"ObjectType.type": "TypeType", "IValue.val_type": "IValueUnion", "TensorMetadata.scalar_type": "ScalarType"}
"""Which enumeration a field is of, where the header casts it or only says its integer type."""

CODES = {"int8_t": "b", "uint16_t": "H", "int32_t": "i", "int64_t": "q", "double": "d", "uint8_t": "?"}
"""`struct` codes of what structures consist of; their only ``uint8_t`` is Bool's."""


def code(kind: str, member: str) -> str:
    """The `struct` code of a member."""
    return f"{struct.calcsize(CODES[kind])}x" if member.startswith("padding") else CODES[kind]


def kind(getter: str) -> str:
    """The type of a field, from what its getter casts to."""
    if number := re.match(r"GetField<(\w+)>", getter):
        return number[1].removesuffix("_t")
    if "void" in getter:
        return "union"
    vector = "Vector<" in getter
    *_, name = re.findall(r"[\w:]+(?=[ *>]+)", getter.rsplit("(", 1)[0])
    name = name.split("::")[-1].removesuffix("_t").replace("String", "string" if "flatbuffers::String" in getter else "String")
    return f"[{name}]" if vector else name


def fields(table: str, body: str) -> Iterator[tuple[str, list[Any]]]:
    slots = {name: int(slot) for name, slot in re.findall(r"VT_(\w+) = (\d+)", body)}
    seen = set()
    for getter, slot, default in re.findall(r"(Get(?:Field|Pointer)<.+>\()VT_(\w+)(?:, ([-\w.]+))?\)", body):
        if slot in seen:
            continue
        seen.add(slot)
        name = slot.lower()
        facts = [slots[slot], kind(getter), json.loads(default) if default else 0]
        yield name, facts + ([ENUMERATED[f"{table}.{name}"]] if f"{table}.{name}" in ENUMERATED else [])


def main() -> None:
    shipped = {str(file): file for file in files("torch") or ()}
    header, scalars = (Path(str(shipped[path].locate())).read_text() for path in (HEADER, SCALARS))
    enums = {
        name: {member: int(value) for member, value in re.findall(r"(\w+) = (\d+)", body)}
        for name, body in re.findall(r"enum class (\w+) : uint8_t \{([^}]*)\}", header)
    }
    listed = re.search(r"#define AT_FORALL_SCALAR_TYPES_WITH_COMPLEX_AND_QINTS\(_\)(.*?)\n\n", scalars, re.DOTALL)
    assert listed
    enums["ScalarType"] = {name: int(value) for name, value in re.findall(r"_\([^,]+, (\w+)\) /\* (\d+) \*/", listed[1])}
    structs = {
        name: "<" + "".join(code(kind, member) for kind, member in re.findall(r"^  (\w+) (\w+)_;", body, re.MULTILINE))
        for name, body in re.findall(r"ALIGNED_STRUCT\(\d\) (\w+) FLATBUFFERS_FINAL_CLASS \{\n private:\n(.*?)\n\n", header, re.DOTALL)
    }
    tables = {
        name: dict(fields(name, body))
        for name, body in re.findall(r"struct (\w+) FLATBUFFERS_FINAL_CLASS : private ::flatbuffers::Table \{(.*?)\n\};", header, re.DOTALL)
    }
    write(
        "torch_mobile_schema",
        "the headers of the released wheel (BSD-3-Clause)",
        {"torch": version("torch").split("+")[0]},
        {"enums": enums, "structs": structs, "tables": tables},
        "enumerations by name, structures in the struct module's codes",
    )


if __name__ == "__main__":
    main()
