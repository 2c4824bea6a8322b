"""Writes deplint/data/tflite_schema.json: the enumerations and table layouts of TensorFlow Lite files.

They come from the flatbuffer accessors that the released packages ship: `ai_edge_litert` for the model, `tensorflow` for the conversion
metadata that its converter stores in a model, `tflite-support` for the metadata that say what inputs and outputs mean. Run it with a Python
that has all three:

    python -m tools.tflite_schema
"""

from __future__ import annotations

import ast
import re
from importlib.metadata import files, version
from pathlib import Path
from typing import Any

from tools.schema import classes, write

SOURCES = (
    ("ai-edge-litert", "ai_edge_litert/schema_py_generated.py"),
    ("tensorflow", "tensorflow/lite/python/conversion_metadata_schema_py_generated.py"),
    ("tflite-support", "tensorflow_lite_support/metadata/metadata_schema_py_generated.py"),
)

ENUMERATED = {
    "padding": "Padding", "fused_activation_function": "ActivationFunctionType", "weights_format": "FullyConnectedOptionsWeightsFormat",
    "kernel_type": "LSTMKernelType", "mode": "MirrorPadMode", "combiner": "CombinerType", "algorithm": "RngAlgorithm",
    "LSHProjectionOptions.type": "LSHProjectionType", "Tensor.type": "TensorType", "VariantSubType.type": "TensorType",
    "in_data_type": "TensorType", "out_data_type": "TensorType", "output_type": "TensorType", "out_type": "TensorType",
    "idx_out_type": "TensorType", "key_dtype": "TensorType", "value_dtype": "TensorType",
    "comparison_direction": "StablehloComparisonDirection", "compare_type": "StablehloComparisonType",
    "reduce_function": "ReduceWindowFunction", "model_type": "ModelType",
    "builtin_options_type": "BuiltinOptions", "builtin_options2_type": "BuiltinOptions2", "details_type": "QuantizationDetails",
    "DimensionMetadata.format": "DimensionType", "AssociatedFile.type": "AssociatedFileType", "color_space": "ColorSpaceType",
    "content_properties_type": "ContentProperties", "options_type": "ProcessUnitOptions",
}  # fmt: skip
"""Which enumeration a field is of: field, or table and field. The accessors only say its integer type; this is from schema.fbs
(google-ai-edge/LiteRT, tflite/converter/schema). `quantized_bias_type` is left out: its 0 means "not set", not FLOAT32."""

ENUMERATIONS = {*ENUMERATED.values(), "BuiltinOperator", "ModelOptimizationMode"}


def field_name(accessor: str) -> str:
    """``DilationWFactor`` -> ``dilation_w_factor``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", accessor).lower()


def table(body: list[ast.stmt], name: str) -> dict[str, list[Any]]:
    """The fields of one table: name -> [slot, type, default], type being a number's, ``string``, a table's, or one of them in [ ]."""
    fields: dict[str, list[Any]] = {}
    for accessor in body:
        if not isinstance(accessor, ast.FunctionDef):
            continue
        code = ast.unparse(accessor)
        slot = re.search(r"self\._tab\.Offset\((\d+)\)", code)
        if slot is None or re.search(r"GetVectorAsNumpy|VectorLen|o == 0", code):
            continue
        if number := re.search(r"self\._tab\.Get\(flatbuffers\.number_types\.(\w+)Flags", code):
            kind = number[1].lower().replace("float32", "float").replace("float64", "double")
        elif made := re.search(r"obj = (\w+)\(\)", code):
            kind = made[1]
        else:
            kind = "string" if "self._tab.String" in code else "union"
        if len(accessor.args.args) == 2:
            kind = f"[{kind}]"
        default = ast.literal_eval(code.rsplit("return ", 1)[1])
        field = field_name(accessor.name)
        enumeration = ENUMERATED.get(f"{name}.{field}") or ENUMERATED.get(field)
        fields[field] = [int(slot[1]), kind, default] + ([enumeration] if enumeration and "int" in kind and "[" not in kind else [])
    return dict(sorted(fields.items(), key=lambda item: item[1][0]))


def main() -> None:
    enums: dict[str, dict[str, int]] = {}
    tables: dict[str, dict[str, list[Any]]] = {}
    for package, path in SOURCES:
        found = next(file for file in files(package) or () if str(file) == path)
        for node, members in classes(Path(str(found.locate()))):
            if members and node.name in ENUMERATIONS:
                enums[node.name] = members
            elif not members:
                tables[node.name] = table(node.body, node.name)
    write(
        "tflite_schema",
        "the flatbuffer accessors of the released wheels (Apache-2.0)",
        {package: version(package) for package, _ in SOURCES},
        {"enums": enums, "tables": tables},
    )


if __name__ == "__main__":
    main()
