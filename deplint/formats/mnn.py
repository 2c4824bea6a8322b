"""MNN models (``.mnn``): a flatbuffer without an identifier. Operators and the names of tensors are read; their parameters are not.

Layouts and the names of operators are `deplint/data/mnn_schema.json`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from deplint.data import load
from deplint.formats.beside import beside
from deplint.formats.flatbuffer import FlatBuffer, Table
from deplint.model import Graph, Model, Op, Tensor, Unreadable
from deplint.project import File


@lru_cache(maxsize=1)
def schema() -> tuple[Mapping[str, Any], Mapping[str, Mapping[int, str]]]:
    data = load("mnn_schema")
    return data["tables"], {name: {value: key for key, value in members.items()} for name, members in data["enums"].items()}


def sniff(file: File) -> bool:
    """True if the root is that of a model: names of tensors, and operators that know them as far as the file goes."""
    try:
        root = FlatBuffer(file.map(), *schema()).root("Net")
        names = root["tensorName"]
    except (Unreadable, OSError):
        return False
    if not names or not all(name.isprintable() for name in names):
        return False
    with suppress(Unreadable):  # which a file that breaks off does not have
        return bool(root["oplists"]) and all(_known(op, len(names)) for op in root["oplists"])
    return True


def _known(op: Table, count: int) -> bool:
    return isinstance(op["type"], str) and all(0 <= index < count for index in op["outputIndexes"])


def read(file: File) -> Model:
    """The graph, and after it those that operators call.

    Raises:
        Unreadable: offsets, counts or indices contradict the file.
    """
    root = FlatBuffer(file.map(), *schema()).root("Net")
    model = Model(file.shown, "mnn", "mnn", size=file.size)
    if about := root["extraInfo"]:
        model.producer_version = about["version"]
    model.metadata = {key: str(root[key]) for key in ("bizCode", "mnn_uuid", "sourceType") if root[key]}
    graph = _graph(model, file, "", root["oplists"], root["tensorName"])
    graph.outputs = [name for name in root["outputName"] if name in graph.tensors]
    model.graphs.append(graph)
    for table in root["subgraphs"]:
        names = table["tensors"]
        nested = _graph(model, file, table["name"], table["nodes"], names)
        nested.kind = "function"
        nested.inputs, nested.outputs = (_names(names, table[side]) for side in ("inputs", "outputs"))
        model.graphs.append(nested)
    return model


def _graph(model: Model, file: File, name: str, ops: Sequence[Table], names: Sequence[str]) -> Graph:
    graph = Graph(name, tensors={each: Tensor(each) for each in names})
    for stored in ops:
        outputs = _names(names, stored["outputIndexes"])
        if stored["type"] == "Input":
            graph.inputs += outputs
            continue
        held = stored["externalPath"]
        if held and not (weights := beside(file, held)).problem and weights.shown not in model.files:
            model.files.append(weights.shown)
        kind = stored["type"] if isinstance(stored["type"], str) else f"OpType_{stored['type']}"
        graph.ops.append(Op(kind, stored["name"], "", _names(names, stored["inputIndexes"]), outputs, index=len(graph.ops)))
    return graph


def _names(names: Sequence[str], indices: Sequence[int]) -> list[str]:
    if any(not -1 <= index < len(names) for index in indices):
        raise Unreadable(f"a tensor is used that is not among the {len(names):,} there are")
    return ["" if index == -1 else names[index] for index in indices]
