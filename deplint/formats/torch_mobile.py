"""PyTorch Mobile's flatbuffers (``.ptl``, file identifier PTMF): what the lite interpreter reads besides zip archives.

Layouts are `deplint/data/torch_mobile_schema.json`. All values are in one table and refer to each other by their places in it; they are
given the form that a pickle's values have here, so that `deplint.formats.pickled` names tensors and modules as it does for any other
TorchScript file. The operators of a method are those its instructions call. Tensors that instructions alone use are ``constants.5``.

Sources: ``torch/csrc/jit/serialization/flatbuffer_serializer.cpp``, ``torch/csrc/jit/mobile/flatbuffer_loader.cpp``.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from deplint.data import load
from deplint.formats.flatbuffer import FlatBuffer, Table
from deplint.formats.pickled import Contents
from deplint.formats.pickles import DICT, Global, Made, Persistent
from deplint.formats.torch import outside
from deplint.formats.torchscript import EXTRA_LIMIT, lead
from deplint.formats.wire import DataReader, RawData
from deplint.model import Graph, Model, Op, Stored, Unreadable
from deplint.project import File

OP, OPN = 0, 1
"""Instructions that call an operator: ``torch/csrc/jit/runtime/instruction.h``."""

PER_CHANNEL = (1, 3)
"""Kinds of quantization with a scale and an integral zero point for each slice: ``c10/core/QScheme.h``."""

_LISTS = ("List", "Tuple", "IntList", "DoubleList", "BoolList")


@lru_cache(maxsize=1)
def schema() -> tuple[Mapping[str, Any], Mapping[str, Mapping[int, str]], Mapping[str, struct.Struct]]:
    """The tables, the enumerations by value, and how structures are packed."""
    data = load("torch_mobile_schema")
    enums = {name: {value: key for key, value in members.items()} for name, members in data["enums"].items()}
    return data["tables"], enums, {name: struct.Struct(code) for name, code in data["structs"].items()}


def read(file: File) -> Model:
    """The model.

    Raises:
        Unreadable: offsets, counts or places contradict the file, or it is no flatbuffer of PyTorch Mobile.
    """
    if file.head[4:8] != b"PTMF":
        raise Unreadable("no PyTorch Mobile identifier (PTMF)")
    return _Reader(file).model()


class _Reader:
    def __init__(self, file: File) -> None:
        self.file = file
        self.root = FlatBuffer(file.map(), *schema()).root("Module")
        stored = self.root["ivalues"]
        stored = stored[: self.root["mobile_ivalue_size"] or len(stored)]  # behind these are the values of the code
        self.stored = [(value["val_type"], value["val"]) for value in stored]
        self.types: list[Table] = self.root["object_types"]
        self.storages = [storage.span("data") for storage in self.root["storage_data"]]
        self.values: list[Any] = [[] if kind in _LISTS else Made(None) if kind in ("Dict", "Object") else None for kind, _ in self.stored]
        for place, (kind, value) in enumerate(self.stored):
            if value is not None:
                self.fill(place, str(kind), value)

    def model(self) -> Model:
        root = self.root
        main = self.value(root["state_obj"])
        contents = Contents(self.locate, outside)
        contents.visit(main)
        model = Model(self.file.shown, "torchscript", ir_version=root["operator_version"], size=self.file.size, layers=contents.layers)
        name = str(main.function) if isinstance(main, Made) and isinstance(main.function, Global) else ""
        model.metadata |= {"class": name, "kind": "mobile", "bytecode_version": str(root["bytecode_version"])}
        graphs = []
        for kind, value in self.stored:
            if kind == "Function" and value is not None:
                graphs.append(self.method(value))
                for constant in value["constants"]:
                    if self.stored[constant : constant + 1] and self.stored[constant][0] == "TensorMetadata":
                        contents.visit(self.value(constant), f"constants.{constant}")
        model.graphs = lead(graphs, f"{name}.forward", contents.tensors)
        for extra in root["extra_files"]:
            size = len(extra["content"].encode())
            model.metadata[f"extra/{extra['name']}"] = extra["content"] if size <= EXTRA_LIMIT else f"{size} bytes"
        return model

    def value(self, place: int) -> Any:
        if not 0 <= place < len(self.values):
            raise Unreadable(f"value {place} is used and there are {len(self.values)}")
        return self.values[place]

    def fill(self, place: int, kind: str, value: Any) -> None:
        """Give a value its content, which may refer to any other."""
        known = self.values[place]
        if kind in ("Int", "Bool", "Double"):
            self.values[place] = value[0]
        elif kind in ("String", "Device"):
            self.values[place] = value["data" if kind == "String" else "str"]
        elif kind == "TensorMetadata":
            self.values[place] = self.tensor(value)
        elif kind in ("List", "Tuple"):
            known += map(self.value, value["items"])
        elif kind in _LISTS:
            known += value["items"]
        elif kind == "Dict":
            pairs = zip(value["keys"], value["values"], strict=False)
            known.function, known.items = DICT, [(self.value(key), self.value(item)) for key, item in pairs]
        elif kind == "Object":
            if not value["type_index"] < len(self.types):
                raise Unreadable(f"type {value['type_index']} is used and there are {len(self.types)}")
            described = self.types[value["type_index"]]
            module, _, name = described["type_name"].rpartition(".")
            known.function = Global(module, name)
            if described["type"] == "CLASS_WITH_FIELD":
                pairs = zip(described["attr_names"], value["attrs"], strict=False)
                known.state = Made(DICT, items=[(key, self.value(item)) for key, item in pairs])
            else:
                known.state = self.value(value["state"])

    def tensor(self, stored: Table, parameter: bool = False) -> Made:
        """As ``torch._utils._rebuild_tensor_v2`` would be called for it, or ``_rebuild_qtensor``; a quantization `parameter` is not
        quantized itself."""
        key = Persistent(("storage", Global("torch", f"{stored['scalar_type']}Storage"), stored["storage_location_index"], "cpu", 0))
        where = (key, stored["storage_offset"], stored["sizes"], stored["strides"])
        quant = None if parameter else stored["quantized_schema"]
        if quant is None:
            return Made(Global("torch._utils", "_rebuild_tensor_v2"), where)
        params: tuple[Any, ...] = (Global("torch", "per_tensor_affine"), quant["scale"], quant["zero_point"])
        if quant["scales"] is not None and quant["zero_points"] is not None:
            each = (self.tensor(quant["scales"], True), self.tensor(quant["zero_points"], True))
            params = (Global("torch", "per_channel_affine"), *each, quant["axis"]) if quant["qscheme"] in PER_CHANNEL else ()
        return Made(Global("torch._utils", "_rebuild_qtensor"), (*where, params))

    def locate(self, key: Any) -> tuple[Stored, DataReader | None] | None:
        if not key[2] < len(self.storages):
            return None
        start, size = self.storages[key[2]]
        return Stored(self.file.shown, start, size), RawData(self.file.path, start)

    def method(self, function: Table) -> Graph:
        graph = Graph(function["qn"])
        operators = function["operators"]
        for code, _, number in function["instructions"]:
            if code not in (OP, OPN):
                continue
            if not 0 <= number < len(operators):
                raise Unreadable(f"{graph.name} uses operator {number} and names {len(operators)}")
            called = operators[number]
            domain, _, kind = called["name"].rpartition("::")
            attributes = {"overload": called["overload_name"]} if called["overload_name"] else {}
            graph.ops.append(Op(kind, "", domain, attributes=attributes, index=len(graph.ops)))
        if function["schema"] is not None:
            graph.inputs = [argument["name"] for argument in function["schema"]["arguments"] if argument["name"] != "self"]
        return graph
