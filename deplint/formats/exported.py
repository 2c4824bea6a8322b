"""Exported programs (``.pt2``): what ``torch.export.save`` writes, a zip archive with the graph as JSON.

Parameters, buffers and constants have the names they have in the module (``conv.weight``), the operators' arguments that are no values
are attributes, a symbolic size is the name of its symbol.

Sources: ``torch/_export/serde/schema.py`` for the JSON; ``torch/export/pt2_archive/constants.py`` for the archive of PyTorch 2.8 and
later, ``torch/export/__init__.py`` of 2.1 to 2.7 for the one before, in which each state is an archive of ``torch.save`` within.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from deplint.formats.archive import open_zip, read_member
from deplint.formats.members import locate, open_inner
from deplint.formats.torch import whole
from deplint.model import Dim, Graph, Model, Op, Signature, Stored, Tensor, Unreadable
from deplint.project import File

DEPTH_LIMIT = 20
"""Graphs within graphs: the branches of ``cond`` and the like."""

NESTING_LIMIT = 1_000_000
"""Lists and objects in the JSON: a graph of 40,000 operators or so has as many."""

_DTYPES = (
    "", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "", "complex64", "complex128", "bool", "bfloat16",
    *[""] * 14, "uint16", "float8e4m3fn", "float8e5m2", "float8e4m3fnuz", "float8e5m2fnuz", "float8e8m0", "uint32", "uint64",
)  # fmt: skip
"""Element types by their number in ``ScalarType`` of the schema."""

_OLD = "serialized_exported_program.json"

_NAMED = {"parameter": "parameter_name", "buffer": "buffer_name", "tensor_constant": "tensor_constant_name"}
"""Kinds of inputs that are weights, and where their names are."""


def read(file: File) -> Model:
    """The program; of several in one archive the first, others are named in the metadata.

    Raises:
        Unreadable: the archive or the JSON in it is damaged, or the graph contradicts itself.
    """
    try:
        with open_zip(file) as archive:
            return _Reader(file, archive).model()
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise Unreadable(f"an exported program that is not of its schema ({type(error).__name__}: {error})") from error


class _Reader:
    def __init__(self, file: File, archive: zipfile.ZipFile) -> None:
        self.file, self.archive = file, archive
        names = archive.namelist()
        self.programs = [name for name in names if name == _OLD or re.fullmatch(r"[^/]+/models/[^/]+\.json", name)]
        if not self.programs:
            raise Unreadable("an archive without an exported program")
        self.root = self.programs[0].split("models/")[0] if self.programs[0] != _OLD else ""
        self.names: dict[str, str] = {}
        """What values are called here that the graph calls otherwise: weights have the names they have in the module."""
        self.weights: dict[str, str] = {}
        """What the weights of the module are called here."""

    def needed(self) -> list[str]:
        """Members without which PyTorch loads no archive of 2.8 or later (``torch/export/pt2_archive/_package.py``)."""
        if not self.root:
            return []
        program = self.programs[0].rsplit("/", 1)[1].removesuffix(".json")
        data = [f"data/sample_inputs/{program}.pt"]
        if f"{self.root}data/weights/{program}.pt" not in self.archive.NameToInfo:  # as 2.8 has it
            data += [f"data/{kind}/{program}_{kind}_config.json" for kind in ("weights", "constants")]
        if f"{self.root}version" not in self.archive.NameToInfo:
            data.append(".data/version")
        return [self.root + name for name in ("archive_format", "archive_version", *data)]

    def json(self, name: str) -> Any:
        raw = read_member(self.archive, name)
        if raw.count(b"{") + raw.count(b"[") > NESTING_LIMIT:
            raise Unreadable(f"{name} in the archive holds more lists and objects than deplint reads")
        try:
            return json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"{name} in the archive is no JSON ({type(error).__name__})") from error

    def model(self) -> Model:
        program = self.json(self.programs[0])
        missing = [name for name in self.needed() if name not in self.archive.NameToInfo]
        model = Model(self.file.shown, "torch-export", "pytorch", program.get("torch_version", ""), size=self.file.size)
        schema = program["schema_version"]
        model.ir_version = schema["major"]
        model.metadata["schema_version"] = f"{schema['major']}.{schema['minor']}"
        model.opsets = {str(domain): version for domain, version in program["opset_version"].items() if isinstance(version, int)}
        for symbol, limits in program["range_constraints"].items():
            model.metadata[f"range.{symbol}"] = f"{limits['min_val']} to {limits['max_val']}"
        if missing:
            model.metadata["missing"] = ", ".join(missing)
        if others := self.programs[1:]:
            model.metadata["others"] = ", ".join(name.rsplit("/", 1)[1].removesuffix(".json") for name in others)
        module = program["graph_module"]
        taken = module["graph"]["tensor_values"].keys()
        inputs = []
        for spec in module["signature"]["input_specs"]:
            ((kind, facts),) = spec.items()
            if kind in _NAMED:
                inner, name = facts["arg"]["name"], facts[_NAMED[kind]]
                self.names[inner] = self.weights[name] = name if name not in taken else inner
            elif kind == "user_input":
                inputs += _values(facts["arg"])
        outputs = [
            name for spec in module["signature"]["output_specs"] if "user_output" in spec for name in _values(spec["user_output"]["arg"])
        ]
        returned = {kind for spec in module["signature"]["output_specs"] for kind in spec.get("user_output", {}).get("arg", {})}
        if plain := sorted(kind.removeprefix("as_") for kind in returned & _PLAIN):
            model.metadata["returns"] = ", ".join(plain)
        graph = self._graph("main", module["graph"])
        graph.inputs, graph.outputs = inputs, [self._name(name) for name in outputs]
        for name in self.weights.values():
            graph.tensors.setdefault(name, Tensor(name)).stored = Stored(self.file.shown, 0, 0, problem="the archive does not hold it")
        self._stored({key: graph.tensors[name] for key, name in self.weights.items()})
        model.graphs = [graph]
        model.signatures["forward"] = Signature(
            "forward", {name: graph.tensor(name) for name in graph.inputs}, {name: graph.tensor(name) for name in graph.outputs}
        )
        return model

    def _name(self, name: str) -> str:
        return self.names.get(name, name)

    def _graph(self, name: str, stored: Mapping[str, Any], depth: int = 0) -> Graph:
        if depth > DEPTH_LIMIT:
            raise Unreadable(f"graphs nested deeper than {DEPTH_LIMIT}")
        graph = Graph(name)
        for key, meta in stored["tensor_values"].items():
            graph.tensors[self._name(key)] = _tensor(self._name(key), meta)
        graph.inputs = [self._name(value) for arg in stored["inputs"] for value in _values(arg)]
        graph.outputs = [self._name(value) for arg in stored["outputs"] for value in _values(arg)]
        for index, node in enumerate(stored["nodes"]):
            graph.ops.append(self._op(index, node, depth))
        return graph

    def _op(self, index: int, node: Mapping[str, Any], depth: int) -> Op:
        """``torch.ops.aten.mean.dim`` is the operator ``mean`` of domain ``aten`` with the overload ``dim``."""
        target = str(node["target"]).removeprefix("torch.ops.")
        domain, _, kind = target.partition(".")
        kind, _, overload = kind.partition(".")
        op = Op(kind, node.get("name") or "", domain, [], [], index=index) if kind else Op(target, index=index)
        attributes: dict[str, Any] = {"overload": overload} if overload not in ("", "default") else {}
        graphs: dict[str, Graph] = {}
        inputs: list[str] = []
        for number, given in enumerate(node["inputs"]):
            ((how, value),) = given["arg"].items()
            key = given["name"] or f"arg{number}"
            if how == "as_graph":
                graphs[key] = self._graph(value["name"], value["graph"], depth + 1)
            elif how in _VALUED:
                inputs += [self._name(name) for name in _values(given["arg"])]
            elif how in _ATTRIBUTES:
                attributes[key] = _ATTRIBUTES[how](value)
        op.inputs, op.attributes, op.graphs = inputs, attributes, graphs
        op.outputs = [self._name(name) for arg in node["outputs"] for name in _values(arg)]
        return op

    def _stored(self, weights: Mapping[str, Tensor]) -> None:
        """Find where weights are, given by their names in the module."""
        if self.programs[0] == _OLD:
            for state in ("serialized_state_dict.pt", "serialized_constants.pt"):
                self._saved(weights, state)
            return
        program = self.programs[0].rsplit("/", 1)[1].removesuffix(".json")
        for kind in ("weights", "constants"):
            folder = f"{self.root}data/{kind}/"
            listing = f"{folder}{program}_{kind}_config.json"
            if listing not in self.archive.NameToInfo:
                self._saved(weights, f"{folder}{program}.pt")  # PyTorch 2.8
                continue
            for key, payload in self.json(listing)["config"].items():
                if not payload["use_pickle"] and key in weights:
                    self._payload(weights[key], folder + payload["path_name"], payload["tensor_meta"])

    def _payload(self, tensor: Tensor, name: str, meta: Mapping[str, Any]) -> None:
        """A weight that lies in a member of its own, or in one that it shares."""
        info = self.archive.NameToInfo.get(name)
        if info is None:
            tensor.stored = Stored(self.file.shown, 0, 0, problem=f"the archive has no {name}")
            return
        tensor.stored, reader = locate(self.file, self.archive, info)
        sizes = [_size(size) for size in meta["sizes"]]
        steps, expected = [_size(step) for step in meta["strides"]], 1
        plain = _size(meta["storage_offset"]) == 0
        for size, step in zip(reversed(sizes), reversed(steps), strict=True):
            plain = plain and isinstance(size, int) and (size == 1 or step == expected)
            expected *= size if isinstance(size, int) else 1
        tensor.data = reader if plain else None

    def _saved(self, weights: Mapping[str, Tensor], name: str) -> None:
        """Weights that lie in an archive of ``torch.save``."""
        info = self.archive.NameToInfo.get(name)
        if info is None or not info.file_size:
            return
        with open_inner(self.file, self.archive, name) as (inner, base):
            for key, found in whole(self.file, inner, base)[1].tensors.items():
                if key in weights:
                    weights[key].stored, weights[key].data = found.stored, found.data


def _tensor(name: str, meta: Mapping[str, Any]) -> Tensor:
    number = meta["dtype"]
    dtype = _DTYPES[number] if isinstance(number, int) and 0 <= number < len(_DTYPES) else ""
    return Tensor(name, dtype, tuple(_size(size) for size in meta["sizes"]))


def _size(size: Mapping[str, Any]) -> Dim:
    if "as_int" in size:
        return int(size["as_int"])
    return _SYMPY.sub(lambda match: match[1] or match[2], size["as_expr"]["expr_str"])


_SYMPY = re.compile(r"Symbol\('(\w+)'[^()]*\)|Integer\((-?\d+)\)")
"""Symbols and numbers as SymPy prints them for itself: ``Symbol('s40', positive=True, integer=True)``."""

_VALUED = ("as_tensor", "as_tensors", "as_optional_tensor", "as_optional_tensors", "as_nested_tensors")


def _values(arg: Mapping[str, Any]) -> list[str]:
    """The names of the tensors that an argument is; "" for one of a list that is left out."""
    ((how, value),) = arg.items()
    if how in ("as_tensor", "as_sym_int", "as_sym_float", "as_sym_bool"):
        name = value.get("name", value.get("as_name"))
        return [name] if isinstance(name, str) else []
    if how == "as_tensors":
        return [str(each["name"]) for each in value]
    if how == "as_optional_tensor":
        return _values(value)
    if how == "as_optional_tensors":
        return [name for each in value for name in _values(each) or [""]]
    if how == "as_nested_tensors":
        return [str(each["name"]) for inner in value for each in inner]
    return []


def _symbol(value: Mapping[str, Any]) -> Any:
    """A number, or the name of the value it is computed by."""
    return next(iter(value.values()), None)


def _plain(value: Any) -> Any:
    return value


_PLAIN = frozenset({"as_none", "as_int", "as_float", "as_bool", "as_string"})
"""What a program may return that is no tensor and computed by nothing: the kinds are in the metadata as ``returns``."""

_ATTRIBUTES: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("as_int", "as_ints", "as_float", "as_floats", "as_string", "as_strings", "as_bool", "as_bools"), _plain),
    **dict.fromkeys(("as_operator", "as_memory_format", "as_layout", "as_int_lists", "as_float_lists"), _plain),
    **dict.fromkeys(("as_sym_int", "as_sym_float", "as_sym_bool"), _symbol),
    **dict.fromkeys(("as_sym_ints", "as_sym_floats", "as_sym_bools"), lambda values: [_symbol(value) for value in values]),
    "as_scalar_type": lambda number: _DTYPES[number] if number in range(len(_DTYPES)) else number,
    "as_device": lambda device: str(device["type"]),
    "as_none": lambda _: None,
}
"""What arguments that are no tensors are as attributes. Sizes computed by the graph are given by the name of their value."""
