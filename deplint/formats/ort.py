"""Models in ONNX Runtime's own format (``.ort``, file identifier ORTM): an ONNX model after optimization, as a flatbuffer.

Layouts are `deplint/data/ort_schema.json`; meanings are those of ``graph_flatbuffers_utils.cc`` in microsoft/onnxruntime. Operators and
attributes are as in an ONNX model. Operators that only one execution provider has are of the domains ``com.microsoft.*``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from deplint.data import load
from deplint.formats.flatbuffer import FlatBuffer, Table
from deplint.formats.wire import RawData
from deplint.model import Dim, Graph, Model, Op, Shape, Stored, Tensor, Unreadable
from deplint.project import File

DEPTH_LIMIT = 40
"""Graphs within graphs, types within types."""

_DTYPES = {"FLOAT": "float32", "DOUBLE": "float64", "UNDEFINED": ""}


@lru_cache(maxsize=1)
def schema() -> tuple[Mapping[str, Any], Mapping[str, Mapping[int, str]]]:
    """The tables, and the enumerations by value; element types have deplint's names."""
    data = load("ort_schema")
    enums = {name: {value: key for key, value in members.items()} for name, members in data["enums"].items()}
    enums["TensorDataType"] = {value: _DTYPES.get(name, name.lower()) for value, name in enums["TensorDataType"].items()}
    return data["tables"], enums


def read(file: File) -> Model:
    """The model.

    Raises:
        Unreadable: offsets or counts contradict the file, or it is no model in this format.
    """
    if file.head[4:8] != b"ORTM":
        raise Unreadable("no ONNX Runtime identifier (ORTM)")
    session = FlatBuffer(file.map(), *schema()).root("InferenceSession")
    stored = session["model"]
    if stored is None or stored["graph"] is None:
        raise Unreadable("an ONNX Runtime file without a model")
    model = Model(file.shown, "ort", stored["producer_name"], stored["producer_version"], stored["ir_version"], size=file.size)
    model.metadata["ort_format_version"] = session["ort_version"]
    model.opsets = {_domain(entry["domain"]): entry["version"] for entry in stored["opset_import"]}
    for entry in stored["metadata_props"]:
        model.metadata[entry["key"]] = entry["value"]
    model.graphs = [_graph(file, stored["graph"], "main")]
    return model


def _graph(file: File, stored: Table, name: str, depth: int = 0) -> Graph:
    if depth > DEPTH_LIMIT:
        raise Unreadable(f"graphs nested deeper than {DEPTH_LIMIT}")
    graph = Graph(name)
    for argument in stored["node_args"]:
        graph.tensors[argument["name"]] = _typed(argument["name"], argument["type"])
    for weight in stored["initializers"]:
        graph.tensors[weight["name"]] = _weight(file, weight)
    for sparse in stored["sparse_initializers"]:
        if values := sparse["values"]:
            weight = _weight(file, values)
            weight.shape, weight.data = tuple(sparse["dims"]), None
            graph.tensors[weight.name] = weight
    graph.inputs = [each for each in stored["inputs"] if graph.tensor(each).stored is None]
    graph.outputs = list(stored["outputs"])
    for index, node in enumerate(stored["nodes"]):
        op = Op(node["op_type"], node["name"], _domain(node["domain"]), node["inputs"], node["outputs"], index=index)
        op.version = node["since_version"] if node["since_version"] > 0 else None
        attributes: dict[str, Any] = {}
        graphs: dict[str, Graph] = {}
        for attribute in node["attributes"]:
            key, kind = attribute["name"], attribute["type"]
            if kind == "GRAPH" and attribute["g"] is not None:
                graphs[key] = _graph(file, attribute["g"], key, depth + 1)
            elif kind == "GRAPHS":
                graphs |= {f"{key}.{number}": _graph(file, inner, key, depth + 1) for number, inner in enumerate(attribute["graphs"])}
            else:
                attributes[key] = _attribute(file, attribute, kind)
        op.attributes, op.graphs = attributes, graphs
        graph.ops.append(op)
    return graph


def _domain(stored: str) -> str:
    return "" if stored == "ai.onnx" else stored


_FIELDS: Mapping[str, str] = {"FLOAT": "f", "INT": "i", "STRING": "s", "FLOATS": "floats", "INTS": "ints", "STRINGS": "strings"}


def _attribute(file: File, attribute: Table, kind: Any) -> Any:
    if kind in _FIELDS:
        value = attribute[_FIELDS[kind]]
        return list(value) if isinstance(value, tuple) else value
    if kind == "TENSOR" and attribute["t"] is not None:
        return _weight(file, attribute["t"])
    if kind == "TENSORS":
        return [_weight(file, tensor) for tensor in attribute["tensors"]]
    return None


def _typed(name: str, stored: Table | None, depth: int = 0) -> Tensor:
    """A value by its type: a tensor, or a sequence or map."""
    if stored is None or depth > DEPTH_LIMIT:
        return Tensor(name)
    kind, value = stored["value_type"], stored["value"]
    if kind == "TensorTypeAndShape" and value is not None:
        dtype = value["elem_type"]
        return Tensor(name, dtype if isinstance(dtype, str) else "", _shape(value["shape"]))
    return Tensor(name, {"SequenceType": "sequence", "MapType": "map"}.get(kind, ""))


def _shape(stored: Table | None) -> Shape:
    if stored is None:
        return None
    sizes: list[Dim] = []
    for dimension in stored["dim"]:
        value = dimension["value"]
        kind = value["dim_type"] if value is not None else "UNKNOWN"
        sizes.append(value["dim_value"] if kind == "VALUE" else value["dim_param"] or None if kind == "PARAM" else None)
    return tuple(sizes)


def _weight(file: File, stored: Table) -> Tensor:
    dtype = stored["data_type"]
    tensor = Tensor(stored["name"], dtype if isinstance(dtype, str) else "", tuple(stored["dims"]))
    start, size = stored.span("raw_data")
    if tensor.dtype == "string":
        tensor.stored = Stored(file.shown, 0, sum(len(text.encode()) for text in stored["string_data"]))
    elif stored["external_data_offset"] >= 0:
        tensor.stored = Stored(file.shown, 0, 0, external=True, problem="it is in a file that the model does not name")
    else:
        tensor.stored, tensor.data = Stored(file.shown, start, size), RawData(file.path, start)
    return tensor
