"""Writes deplint/data/coreml_schema.json: the messages of Core ML models, the order of the arguments of ML Program operators, and the
systems that read them.

They come from the released package. Run it with a Python that has coremltools:

    python -m tools.coreml_schema
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tools.schema import lines

ROOT = "CoreML.Specification."

KINDS = {
    "int": ("INT32", "INT64", "UINT32", "UINT64"), "bool": ("BOOL",), "float": ("FLOAT",), "double": ("DOUBLE",),
    "string": ("STRING",), "bytes": ("BYTES",),
}  # fmt: skip
"""How a field is read, by its type in protobuf; all integers of these messages are varints."""


def tables() -> tuple[dict[str, dict[str, list[str]]], dict[str, dict[str, int]]]:
    """The messages that a model may hold, and the enumerations."""
    from coremltools.proto import Model_pb2

    FieldDescriptor = import_module("google.protobuf.descriptor").FieldDescriptor
    kinds = {getattr(FieldDescriptor, f"TYPE_{name}"): kind for kind, names in KINDS.items() for name in names}
    messages: dict[str, dict[str, list[str]]] = {}
    enums: dict[str, dict[str, int]] = {}

    def kind(field: Any) -> str:
        if field.message_type is not None:
            add(field.message_type)
            found = field.message_type.full_name.removeprefix(ROOT)
            if field.message_type.GetOptions().map_entry:
                return f"map {found}"
        elif field.enum_type is not None:
            found = field.enum_type.full_name.removeprefix(ROOT)
            enums[found] = {value.name: value.number for value in field.enum_type.values}
        else:
            found = kinds[field.type]
        repeated = field.is_repeated if hasattr(field, "is_repeated") else field.label == FieldDescriptor.LABEL_REPEATED
        return f"list {found}" if repeated else str(found)

    def add(descriptor: Any) -> None:
        name = descriptor.full_name.removeprefix(ROOT)
        if name not in messages:
            messages[name] = {}
            messages[name] |= {str(field.number): [field.name, kind(field)] for field in descriptor.fields}

    add(Model_pb2.Model.DESCRIPTOR)
    return messages, enums


def arguments() -> Iterator[tuple[str, list[str]]]:
    """The names of each operator's arguments in the order of its definition; those that later opsets add come last."""
    from coremltools.converters.mil.mil.ops.registry import SSAOpRegistry

    for name, versions in SSAOpRegistry.core_ops.items():
        yield name, list(dict.fromkeys(argument for each in versions.values() for argument in each.input_spec.input_types))


def systems() -> dict[str, str]:
    """The first iOS that reads each specification version; a target's value is the version that is written for it."""
    from coremltools import target

    return {str(each.value): each.name.removeprefix("iOS") for each in target if each.name.startswith("iOS")}


def main() -> None:
    messages, enums = tables()
    meta = {
        "what": "messages: name -> field number -> [name, kind], enumerations by name, operator -> its arguments in order, "
        "specification version -> the first iOS that reads it",
        "source": "descriptors and operator registry of the released wheel (BSD-3-Clause), tools/coreml_schema.py",
        "versions": {"coremltools": version("coremltools")},
        "date": date.today().isoformat(),
    }
    ordered = dict(sorted(arguments()))
    target = Path(__file__).parent.parent / "deplint" / "data" / "coreml_schema.json"
    parts = f'"messages": {lines(messages)},\n"enums": {lines(enums)},\n"arguments": {lines(ordered)},\n"ios": {json.dumps(systems())}'
    target.write_text(f'{{"meta": {json.dumps(meta)},\n{parts}\n}}\n')
    print(f"{target.name}: {len(messages)} messages, {len(enums)} enumerations, {len(ordered)} operators")


if __name__ == "__main__":
    main()
