"""ExecuTorch programs (``.pte``, file identifier ET12): a flatbuffer, and after it segments with weights and what delegates were given.

Layouts are `deplint/data/executorch_schema.json`; meanings are those of the comments in ``schema/program.fbs`` and
``exir/_serialize/_program.py`` of pytorch/executorch. A method is a graph; values have no names but weights that are shared, so they are
called ``v7`` by their number. An operator of the domain ``delegate`` is a part of the graph that a backend was given, as its type.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from deplint.data import load
from deplint.formats.flatbuffer import FlatBuffer, Table
from deplint.formats.wire import RawData
from deplint.model import Graph, Model, Op, Signature, Stored, Tensor, Unreadable
from deplint.project import File

_HEADER = struct.Struct("<4sIQQ")
"""The extended header at byte 8: its magic, its length, bytes of the flatbuffer, where segments begin."""

_DTYPES = {
    "byte": "uint8", "char": "int8", "short": "int16", "int": "int32", "long": "int64", "half": "float16", "float": "float32",
    "double": "float64", "qint8": "int8", "quint8": "uint8", "qint32": "int32", "quint4x2": "uint4", "quint2x4": "uint2", "bits16": "",
}  # fmt: skip

_VALUES = {"Int": "int_val", "Bool": "bool_val", "Double": "double_val", "String": "string_val", "DoubleList": "items", "BoolList": "items"}

_LISTS = ("IntList", "TensorList", "OptionalTensorList")
"""Values that are lists of values, by their numbers; -1 stands for one that is left out."""

Item = TypeVar("Item")


@lru_cache(maxsize=1)
def schema() -> tuple[Mapping[str, Any], Mapping[str, Mapping[int, str]]]:
    """The tables, and the enumerations by value; element types have deplint's names."""
    data = load("executorch_schema")
    enums = {name: {value: key for key, value in members.items()} for name, members in data["enums"].items()}
    enums["ScalarType"] = {value: _DTYPES.get(name.lower(), name.lower()) for value, name in enums["ScalarType"].items()}
    return data["tables"], enums


def read(file: File) -> Model:
    """The program.

    Raises:
        Unreadable: offsets, counts or indices contradict the file, or it is no ExecuTorch program.
    """
    if file.head[4:6] != b"ET" or not file.head[6:8].isdigit():
        raise Unreadable("no ExecuTorch identifier (ET12)")
    return _Reader(file).model()


class _Reader:
    def __init__(self, file: File) -> None:
        self.file = file
        self.root = FlatBuffer(file.map(), *schema()).root("Program")
        self.base = 0
        if len(file.head) >= 8 + _HEADER.size:
            magic, _, _, base = _HEADER.unpack_from(file.head, 8)
            self.base = base if magic == b"eh00" else 0
        self.segments: list[tuple[int, int]] = [(segment["offset"], segment["size"]) for segment in self.root["segments"]]
        self.buffers: list[tuple[int, int]] = [buffer.span("storage") for buffer in self.root["constant_buffer"]]
        self.processed: list[int] = [data.span("data")[1] for data in self.root["backend_delegate_data"]]
        self.constants = _offsets(self.root["constant_segment"])
        self.initial = [_offsets(segment) for segment in self.root["mutable_data_segments"]]

    def model(self) -> Model:
        model = Model(self.file.shown, "executorch", ir_version=self.root["version"], size=self.file.size)
        model.metadata["identifier"] = self.file.head[4:8].decode("ascii")
        delegates: Counter[str] = Counter()
        for plan in self.root["execution_plan"]:
            for delegate in plan["delegates"]:
                delegates[delegate["id"]] += 1
            graph = self.graph(plan)
            model.graphs.append(graph)
            model.signatures[graph.name] = Signature(
                graph.name, {name: graph.tensor(name) for name in graph.inputs}, {name: graph.tensor(name) for name in graph.outputs}
            )
        for name, count in delegates.items():
            model.metadata[f"delegate.{name}"] = str(count)
        if named := self.root["named_data"]:
            model.metadata["named_data"] = str(len(named))
        return model

    def graph(self, plan: Table) -> Graph:
        graph = Graph(plan["name"])
        values = [(value["val_type"], value["val"]) for value in plan["values"]]
        names: list[str] = []
        for number, (kind, value) in enumerate(values):
            names.append(f"v{number}")
            if kind == "Tensor" and value is not None:
                tensor = self.tensor(f"v{number}", value)
                while tensor.name in graph.tensors:
                    tensor.name += f"#{number}"
                names[-1] = tensor.name
                graph.tensors[tensor.name] = tensor
        graph.inputs = [_pick(names, index, "value") for index in plan["inputs"]]
        graph.outputs = [_pick(names, index, "value") for index in plan["outputs"]]
        known = {*graph.inputs, *(tensor.name for tensor in graph.weights)}
        method = _Method(plan, values, names, known)
        for chain in plan["chains"]:
            for instruction in chain["instructions"]:
                op = self.op(method, instruction["instr_args_type"], instruction["instr_args"], len(graph.ops))
                known.update(op.outputs)
                graph.ops.append(op)
        return graph

    def op(self, method: _Method, kind: Any, call: Table | None, index: int) -> Op:
        if call is None:
            raise Unreadable(f"instruction {index} of a kind this does not know ({kind})")
        if kind == "KernelCall":
            name, overload = _pick(method.operators, call["op_index"], "operator")
            domain, _, short = name.rpartition("::")
            op = Op(short, "", domain, index=index)
            method.arguments(op, call["args"], {"overload": overload} if overload else {})
        elif kind == "DelegateCall":
            delegate = _pick(method.delegates, call["delegate_index"], "delegate")
            op = Op(delegate["id"], "", "delegate", index=index)
            method.arguments(op, call["args"], {"nbytes": self.nbytes(delegate["processed"])}, one_result=False)
        elif kind == "MoveCall":
            op = Op("move", inputs=[method.name(call["move_from"])], outputs=[method.name(call["move_to"])], index=index)
        elif kind == "JumpFalseCall":
            op = Op("jump_false", index=index)
            method.arguments(
                op, (call["cond_value_index"],), {"destination_instruction": call["destination_instruction"]}, one_result=False
            )
        else:
            op = Op("free", inputs=[method.name(call["value_index"])], index=index)
        return op

    def nbytes(self, processed: Table | None) -> int:
        """Bytes of what a backend was given."""
        if processed is None:
            return 0
        if processed["location"] == "INLINE":
            return _pick(self.processed, processed["index"], "delegate data")
        return _pick(self.segments, processed["index"], "segment")[1]

    def tensor(self, name: str, stored: Table) -> Tensor:
        extra = stored["extra_tensor_info"]
        dtype = stored["scalar_type"]
        fixed = stored["shape_dynamism"] == "STATIC"  # otherwise sizes are the largest there can be, and which ones vary is not told
        shape = tuple(size if fixed and size >= 0 else None for size in stored["sizes"])
        tensor = Tensor((extra["fully_qualified_name"] if extra else "") or name, dtype if isinstance(dtype, str) else "", shape)
        index, order = stored["data_buffer_idx"], stored["dim_order"]
        if extra and extra["location"] == "EXTERNAL":
            problem = "it is in a data file (.ptd) that the program does not name"
            tensor.stored = Stored("*.ptd", 0, tensor.nbytes or 0, external=True, problem=problem)
        elif index > 0:
            start, room = self.place(index, stored["allocation_info"] is not None, extra["mutable_data_segments_idx"] if extra else 0)
            nbytes = tensor.nbytes or 0
            problem = "" if nbytes <= room and start + nbytes <= self.file.size else f"{nbytes:,} bytes where there is room for {room:,}"
            tensor.stored = Stored(self.file.shown, start, nbytes, problem=problem)
            if not problem and list(order) == sorted(order):
                tensor.data = RawData(self.file.path, start)
        return tensor

    def place(self, index: int, mutable: bool, which: int) -> tuple[int, int]:
        """Where the bytes of a tensor begin, and how many there are up to the end of what holds them."""
        segment, offsets = _pick(self.initial, which, "segment") if mutable else self.constants
        if not offsets:
            return _pick(self.buffers, index, "buffer")
        start, size = _pick(self.segments, segment, "segment")
        offset = _pick(offsets, index, "offset")
        return self.base + start + offset, max(0, size - offset)


def _offsets(stored: Table | None) -> tuple[int, Sequence[int]]:
    """A segment, and where in it each tensor begins."""
    return (stored["segment_index"], stored["offsets"]) if stored else (0, ())


class _Method:
    """What the calls of a method refer to. `known` are the values that have been computed so far."""

    def __init__(self, plan: Table, values: Sequence[tuple[Any, Table | None]], names: Sequence[str], known: set[str]) -> None:
        self.values, self.names, self.known = values, names, known
        self.operators = [(operator["name"], operator["overload"]) for operator in plan["operators"]]
        self.delegates = plan["delegates"]

    def name(self, index: int) -> str:
        return _pick(self.names, index, "value")

    def arguments(self, op: Op, indices: Sequence[int], attributes: dict[str, Any], one_result: bool = True) -> None:
        """Give `op` its tensors and its other arguments, these by their places.

        The file does not say which tensors a call writes: a kernel's last argument is its result; a delegate writes what nobody has
        computed before.
        """
        inputs: list[str] = []
        outputs: list[str] = []
        result = ""
        if one_result and indices:
            result = self.name(indices[-1])
            kind, value = self.values[indices[-1]]
            outputs = [self.name(item) for item in value["items"] if item != -1] if kind in _LISTS and value is not None else [result]
        for place, index in enumerate(indices):
            kind, value = _pick(self.values, index, "value")
            name = self.names[index]
            if kind == "Tensor":
                if name != result:
                    (inputs if one_result or name in self.known else outputs).append(name)
            elif name == result:
                continue
            elif name in self.known and kind not in _LISTS:
                inputs.append(name)
            elif kind in _LISTS and value is not None:
                items = ["" if item == -1 else self.name(item) for item in value["items"]]
                if kind == "IntList":
                    attributes[f"arg{place}"] = [self.plain(item) for item in value["items"]]
                else:
                    inputs += items
            elif kind in _VALUES:
                attributes[f"arg{place}"] = self.plain(index)
            elif kind == "Null":
                attributes[f"arg{place}"] = None
        op.inputs = [name for name in inputs if name in self.known or name not in outputs]
        op.outputs, op.attributes = outputs, attributes

    def plain(self, index: int) -> Any:
        """A number, text or list; the name of a value that is computed."""
        kind, value = _pick(self.values, index, "value")
        if kind in _VALUES and value is not None and self.names[index] not in self.known:
            found = value[_VALUES[kind]]
            return list(found) if isinstance(found, tuple) else found
        return self.name(index)


def _pick(items: Sequence[Item], index: int, what: str) -> Item:
    if not 0 <= index < len(items):
        raise Unreadable(f"{what} {index} is used and there are {len(items)}")
    return items[index]
