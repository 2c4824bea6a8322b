"""Writes deplint/data/ort_schema.json: the enumerations and table layouts of ONNX Runtime's own model format.

They come from the flatbuffer accessors that the released package ships. Run it with a Python that has onnxruntime:

    python -m tools.ort_schema
"""

from __future__ import annotations

from importlib.metadata import files, version
from pathlib import Path
from typing import Any

from tools.schema import classes, write
from tools.tflite_schema import table

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
        for node, members in classes(Path(str(found.locate()))):
            if members:
                enums[node.name] = {UNIONS.get(name, name): value for name, value in members.items()}
                continue
            tables[node.name] = table(node.body, node.name)
            for field, facts in tables[node.name].items():
                facts[3:] = [ENUMERATED[f"{node.name}.{field}"]] if f"{node.name}.{field}" in ENUMERATED else []
    write(
        "ort_schema",
        "the flatbuffer accessors of the released wheel (MIT)",
        {"onnxruntime": version("onnxruntime")},
        {"enums": enums, "tables": dict(sorted(tables.items()))},
    )


if __name__ == "__main__":
    main()
