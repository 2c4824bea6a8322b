"""The bodies of ONNX operators that are defined by other operators, asked of the onnx package.

A body that depends on its context (dtypes, which inputs are given, attributes) is asked for with the inputs that must be there and with
all of them, for several dtypes; one that cannot be had this way has no nodes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
from onnx import AttributeProto, FunctionProto, TensorProto, TypeProto, defs, helper

DTYPES = ("float", "float16", "bfloat16", "double", "int64", "int32", "bool", "string")
"""Element types that are tried."""

EXAMPLES: dict[str, Any] = {"blocksize": 2, "num_groups": 1, "q_num_heads": 1, "kv_num_heads": 1}
"""Values for attributes that must be given, where 1 or "none" will not do."""


def bodies(schema: Any) -> Iterator[tuple[int, str, FunctionProto]]:
    """The bodies, each with the opset it is written in and, where it depends on the context, the dtype it is for."""
    body = FunctionProto()
    for opset in schema.function_opset_versions:
        body.ParseFromString(schema.get_function_with_opset_version(opset))
        yield opset, "", body
    for opset in schema.context_dependent_function_opset_versions:
        for count in sorted({schema.min_input, min(schema.max_input, len(schema.inputs))}):
            names = [f"i{number}" for number in range(count)]
            required = {name: EXAMPLES.get(name, _example(a)) for name, a in schema.attributes.items() if a.required}
            node = helper.make_node(schema.name, names, [o.name for o in schema.outputs], domain=schema.domain, **required)
            for dtype in DTYPES:
                body = FunctionProto()
                try:
                    types = [_type(schema, number, dtype) for number in range(count)]
                    text = schema.get_context_dependent_function_with_opset_version(opset, node.SerializeToString(), types)
                    body.ParseFromString(text)
                except Exception:
                    body = FunctionProto()
                yield opset, dtype, body


def _example(attribute: Any) -> Any:
    return {"INT": 1, "INTS": [1], "FLOAT": 1.0, "STRING": "none"}.get(attribute.type.name, 1)


def _type(schema: Any, number: int, dtype: str) -> bytes:
    """The type of an input: the dtype if it may have it, else one that it may have."""
    formal = schema.inputs[min(number, len(schema.inputs) - 1)]
    allowed = {name for t in schema.type_constraints if t.type_param_str == formal.type_str for name in t.allowed_type_strs}
    name = next((name for name in (dtype, *DTYPES) if f"tensor({name})" in (allowed or {formal.type_str})), "float")
    found = TypeProto()
    found.tensor_type.elem_type = TensorProto.DataType.Value(name.upper())
    encoded: bytes = found.SerializeToString()
    return encoded


def plain(node: onnx.NodeProto) -> list[Any]:
    """Type, domain, inputs, outputs, and of the attributes what says a dtype: whole numbers, and the element type of tensors."""
    attributes: dict[str, Any] = {}
    for a in node.attribute:
        if a.ref_attr_name:
            continue
        if a.type == AttributeProto.INT:
            attributes[a.name] = a.i
        elif a.type == AttributeProto.TENSOR:
            attributes[a.name] = {"dtype": a.t.data_type}
        elif a.type in (AttributeProto.FLOAT, AttributeProto.FLOATS):
            attributes[a.name] = 0.0
        elif a.type == AttributeProto.INTS:
            attributes[a.name] = list(a.ints)
    return [node.op_type, node.domain, list(node.input), list(node.output), attributes]


def main() -> None:
    rows: list[dict[str, Any]] = []
    for schema in defs.get_all_schemas_with_history():
        known: list[list[Any]] = []
        for opset, dtype, body in bodies(schema):
            nodes = [plain(node) for node in body.node]
            if [opset, list(body.input), nodes] not in known:
                known.append([opset, list(body.input), nodes])
                row = {"op": schema.name, "domain": schema.domain, "since": schema.since_version, "opset": opset, "for": dtype}
                rows.append({**row, "inputs": list(body.input), "outputs": list(body.output), "nodes": nodes})
    Path(sys.argv[1]).write_text(json.dumps(rows), "utf-8")


if __name__ == "__main__":
    main()
