"""Writes deplint/data/ort_schema.json: the enumerations and table layouts of ONNX Runtime's own model format.

They come from the flatbuffer accessors that the released package ships. Run it with a Python that has onnxruntime:

    python -m tools.ort_schema
"""

from __future__ import annotations

import ast
import json
from datetime import date
from importlib.metadata import files, version
from pathlib import Path
from typing import Any

from tools.tflite_schema import lines, table

FOLDER = "onnxruntime/tools/ort_format_model/ort_flatbuffers_py/fbs/"

ENUMERATED = {
    "Tensor.data_type": "TensorDataType", "TensorTypeAndShape.elem_type": "TensorDataType", "MapType.key_type": "TensorDataType",
    "Attribute.type": "AttributeType", "Node.type": "NodeType", "DimensionValue.dim_type": "DimensionValueType",
    "TypeInfo.value_type": "TypeInfoValue",
}  # fmt: skip
"""Which enumeration a field is of; the accessors only say its integer type. This is from ort.fbs (microsoft/onnxruntime,
onnxruntime/core/flatbuffers/schema), as are the tables that the members of a union are."""

UNIONS = {"tensor_type": "TensorTypeAndShape", "sequence_type": "SequenceType", "map_type": "MapType"}


def main() -> None:
    enums: dict[str, dict[str, int]] = {}
    tables: dict[str, dict[str, list[Any]]] = {}
    for found in files("onnxruntime") or ():
        if not str(found).startswith(FOLDER) or found.suffix != ".py":
            continue
        for node in ast.parse(Path(str(found.locate())).read_text()).body:
            if not isinstance(node, ast.ClassDef):
                continue
            if any("__slots__" in ast.unparse(statement) for statement in node.body):
                fields = table(node.body, node.name)
                for field, facts in fields.items():
                    facts[3:] = [ENUMERATED[f"{node.name}.{field}"]] if f"{node.name}.{field}" in ENUMERATED else []
                tables[node.name] = fields
            else:
                members = [member for member in node.body if isinstance(member, ast.Assign)]
                enums[node.name] = {
                    UNIONS.get(name := ast.unparse(member.targets[0]), name): ast.literal_eval(member.value) for member in members
                }
    target = Path(__file__).parent.parent / "deplint" / "data" / "ort_schema.json"
    meta = {
        "what": "enumerations by name, and tables: field -> [vtable offset, type, default, enumeration]",
        "source": "the flatbuffer accessors of the released wheel (MIT), tools/ort_schema.py",
        "versions": {"onnxruntime": version("onnxruntime")},
        "date": date.today().isoformat(),
    }
    target.write_text(f'{{"meta": {json.dumps(meta)},\n"enums": {lines(enums)},\n"tables": {lines(dict(sorted(tables.items())))}\n}}\n')
    print(f"{target.name}: {len(enums)} enumerations, {len(tables)} tables")


if __name__ == "__main__":
    main()
