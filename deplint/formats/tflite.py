"""TensorFlow Lite models (``.tflite``, file identifier TFL3).

Layouts, operator names and enumerations are `deplint/data/tflite_schema.json`; meanings are those of the comments in LiteRT's schema.fbs.
Weights stay where they are; the main graph is ``graphs[0]``, and an operator's attribute that names a subgraph is its index in `graphs`.
A custom operator has the options its author stored as FlexBuffers, one of TensorFlow (``FlexErf``) the attributes it has there.

`Tensor.traits` are ``variable``; of sparse tensors the kinds of their dimensions (``sparsity``, ``block``); of those quantized in blocks
``scales`` and ``block_size``; of inputs and outputs what the metadata of TensorFlow Lite's Support and Task libraries say (``color``,
``mean``, ``std``, ``files`` and, among these, ``labels`` of its last axis). Files packed behind the model are
``metadata["file/labels.txt"]``.

Sources: schema.fbs of LiteRT, metadata_schema.fbs of tensorflow/tflite-support, ``lite/delegates/flex/kernel.cc`` of TensorFlow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypeVar

from deplint.data import load
from deplint.formats import flexbuffer
from deplint.formats.archive import open_zip, read_member
from deplint.formats.beside import beside
from deplint.formats.flatbuffer import FlatBuffer, Table
from deplint.formats.tensorflow import node_attributes
from deplint.formats.wire import RawData
from deplint.model import Dim, Graph, Model, Op, Quant, Signature, Stored, Tensor, Unreadable
from deplint.project import File

CUSTOM = "CUSTOM"

METADATA_LIMIT = 1 << 16
"""Bytes of a metadata buffer or a packed file beyond which only its size is told."""

OPTIONS_LIMIT = 1 << 16
"""Bytes of a custom operator's options beyond which they are not looked at."""

FILES_LIMIT = 50
"""Packed files that are named."""

PACKED = "file/"
"""What stands before the name of a packed file among `Model.metadata`."""

Item = TypeVar("Item")


@lru_cache(maxsize=1)
def schema() -> tuple[Mapping[str, Any], Mapping[str, Mapping[int, str]]]:
    """The tables, and the enumerations by value. Element types have deplint's names: ``FLOAT8_E4M3FN`` is ``float8e4m3fn``."""
    data = load("tflite_schema")
    enums = {name: {value: key for key, value in members.items()} for name, members in data["enums"].items()}
    enums["TensorType"] = {value: name.lower().replace("_", "") for value, name in enums["TensorType"].items()}
    return data["tables"], enums


def read(file: File) -> Model:
    """The model.

    Raises:
        Unreadable: offsets, counts or indices contradict the file, or it is no TensorFlow Lite model.
    """
    if file.head[4:8] != b"TFL3":
        raise Unreadable("no TensorFlow Lite identifier (TFL3)")
    return _Reader(file).model()


class _Reader:
    """What the parts of one file have in common while it is read."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.buffer = FlatBuffer(file.map(), *schema())
        self.root = self.buffer.root("Model")
        self.codes = [self._code(code) for code in self.root["operator_codes"]]
        self.buffers = [self._stored(buffer) for buffer in self.root["buffers"]]
        self.external = {buffer["id"]: buffer for buffer in self.root["external_buffers"]}
        self.groups = [beside(file, group["name"]) for group in self.root["external_buffer_groups"]]

    def model(self) -> Model:
        root = self.root
        graphs, names = [], []
        for index, table in enumerate(root["subgraphs"]):
            graph, tensors = self._graph(index, table)
            graphs.append(graph)
            names.append(tensors)
        for index in _called(graphs):
            if 0 < index < len(graphs):
                graphs[index].kind = "function"
        model = Model(self.file.shown, "tflite", ir_version=root["version"], graphs=graphs, size=self.file.size)
        if root["description"]:
            model.metadata["description"] = root["description"]
        for entry in root["metadata"]:
            self._metadata(model, entry["name"], _pick(self.buffers, entry["buffer"], "buffer"))
        self._packed(model)
        for table in root["signature_defs"]:
            index = table["subgraph_index"]
            graph, tensors = _pick(graphs, index, "subgraph"), _pick(names, index, "subgraph")
            inputs, outputs = (
                {entry["name"]: graph.tensors[_pick(tensors, entry["tensor_index"], "tensor")] for entry in table[side]}
                for side in ("inputs", "outputs")
            )
            model.signatures[table["signature_key"]] = Signature(table["signature_key"], inputs, outputs)
        model.files = sorted({group.shown for group in self.groups if group.inside})
        return model

    def _code(self, code: Table) -> tuple[str, str, int]:
        """Type, domain and version of an operator code. The old field holds codes up to 127, the new one all: the larger is meant."""
        value = max(code["deprecated_builtin_code"], code["builtin_code"])
        name = self.buffer.enums["BuiltinOperator"].get(value, f"BUILTIN_{value}")
        return (code["custom_code"], "custom", code["version"]) if name == CUSTOM else (name, "", code["version"])

    def _stored(self, buffer: Table) -> Stored | None:
        """Where a buffer's bytes are: in the flatbuffer, or after it in the file (offset and size, valid if above 1); None if empty."""
        start, size = buffer.span("data")
        if not size and buffer["offset"] > 1:
            start, size = buffer["offset"], buffer["size"]
        return Stored(self.file.shown, start, size, problem=_short(self.file.size, start + size)) if size else None

    def _graph(self, index: int, table: Table) -> tuple[Graph, Sequence[str]]:
        """A subgraph, and its tensors' names by index."""
        graph = Graph(table["name"] or ("main" if index == 0 else f"subgraph{index}"))
        tables = table["tensors"]
        names: list[str] = []
        for number, tensor in enumerate(tables):
            name = tensor["name"]
            while not name or name in graph.tensors:  # names are for people and need not be unique; keys must be
                name = f"{name}#{number}"
            names.append(name)
            graph.tensors[name] = self._tensor(name, tensor)

        def named(indices: Sequence[int]) -> list[str]:
            return ["" if i == -1 else _pick(names, i, "tensor") for i in indices]

        for name, tensor in zip(names, tables, strict=True):
            if (quant := graph.tensors[name].quant) and quant.scheme == "blockwise":
                details = tensor["quantization"]["details"]
                blocks = {"scales": _pick(names, details["scales"], "tensor"), "block_size": details["block_size"]}
                graph.tensors[name].traits = {**graph.tensors[name].traits, **blocks}
        graph.inputs, graph.outputs = named(table["inputs"]), named(table["outputs"])
        for number, operator in enumerate(table["operators"]):
            kind, domain, version = _pick(self.codes, operator["opcode_index"], "operator code")
            inputs, outputs = named(operator["inputs"]), named(operator["outputs"])
            options = self._custom(operator, kind) if domain else self._options(operator)
            graph.ops.append(Op(kind, "", domain, inputs, outputs, options, number, version))
        return graph, names

    def _options(self, operator: Table) -> dict[str, Any]:
        """The operator's built-in options, defaults included; bytes among them are left out."""
        found: dict[str, Any] = {}
        for union in ("builtin_options", "builtin_options2"):
            options = operator[union]
            for name in options or ():
                value = options[name]
                if not isinstance(value, bytes):
                    found[name] = value
        return found

    def _custom(self, operator: Table, kind: str) -> dict[str, Any]:
        """The options of a custom operator; nothing if they are in a form of its own."""
        start, size = operator.span("custom_options")
        if not size and operator["large_custom_options_offset"] > 1:
            start, size = operator["large_custom_options_offset"], operator["large_custom_options_size"]
        if not 0 < size <= OPTIONS_LIMIT:
            return {}
        raw = bytes(self.buffer.data[start : start + size])
        self.buffer.spend(len(raw))
        with suppress(Unreadable):
            match flexbuffer.read(raw):
                case [str(), (str() | bytes()) as node] if kind.startswith("Flex"):
                    content = node.encode() if isinstance(node, str) else node
                    at = start + raw.find(content)
                    return node_attributes(self.file, self.buffer.data, at, at + len(content))
                case dict() as options:
                    return options
        return {}

    def _tensor(self, name: str, table: Table) -> Tensor:
        stored = _pick(self.buffers, table["buffer"], "buffer") if table["buffer"] else None
        data = RawData(self.file.path, stored.offset) if stored and not stored.problem else None
        if table["external_buffer"]:
            stored, data = self._external(table["external_buffer"])
        signature = table["shape_signature"] or table["shape"]
        shape: tuple[Dim, ...] | None = tuple(None if size == -1 else size for size in signature)
        if not shape and not table["has_rank"] and stored is None:
            shape = None  # a scalar of before 2022, or unknown: old files do not tell
        dtype = table["type"]
        quant, sparsity = _quant(table["quantization"]), table["sparsity"]
        traits: dict[str, Any] = {"variable": True} if table["is_variable"] else {}
        if sparsity is not None:
            traits["sparsity"] = [str(dimension["format"]).lower() for dimension in sparsity["dim_metadata"]]
            if sparsity["block_map"]:
                traits["block"] = [dimension["dense_size"] for dimension in sparsity["dim_metadata"][len(shape or ()) :]]
        return Tensor(name, dtype if isinstance(dtype, str) else "", shape, quant, stored, data, sparsity is not None, traits)

    def _external(self, number: int) -> tuple[Stored, RawData | None]:
        table = self.external.get(number)
        if table is None:
            raise Unreadable(f"external buffer {number} is not in the model")
        holder = _pick(self.groups, table["group"], "external buffer group")
        offset, size = table["offset"], table["length"]
        problem = holder.problem or _short(holder.size, offset + size)
        data = RawData(holder.path, offset) if holder.path and not problem else None
        return Stored(holder.shown, offset, size, external=True, problem=problem), data

    def _metadata(self, model: Model, name: str, stored: Stored | None) -> None:
        """A metadata buffer as text if it is some, the converter's own record taken apart, of any other the size."""
        size = stored.nbytes if stored else 0
        raw = self.buffer.data[stored.offset : stored.offset + size] if stored and size <= METADATA_LIMIT else b""
        self.buffer.spend(len(raw))
        if name in ("CONVERSION_METADATA", "TFLITE_METADATA") and raw:
            self._conversion(model, raw) if name == "CONVERSION_METADATA" else self._meaning(model, raw)
            return
        text = raw.rstrip(b"\0")
        printable = text.isascii() and text.decode("ascii").isprintable() if text else False
        model.metadata[name] = text.decode("ascii") if printable else f"{size} bytes"

    def _conversion(self, model: Model, raw: bytes) -> None:
        """What TensorFlow's converter says of itself, a flatbuffer of its own (schema conversion_metadata.fbs)."""
        record = FlatBuffer(raw, self.buffer.tables, self.buffer.enums).root("ConversionMetadata")
        if environment := record["environment"]:
            model.producer, model.producer_version = "tensorflow", environment["tensorflow_version"]
            model.metadata["conversion.api_version"] = str(environment["api_version"])
            model.metadata["conversion.model_type"] = str(environment["model_type"])
        if options := record["options"]:
            modes = self.buffer.enums["ModelOptimizationMode"]
            model.metadata["conversion.optimizations"] = ",".join(modes.get(m, str(m)) for m in options["model_optimization_modes"])
            for flag in ("allow_custom_ops", "enable_select_tf_ops", "force_select_tf_ops"):
                model.metadata[f"conversion.{flag}"] = str(options[flag]).lower()

    def _meaning(self, model: Model, raw: bytes) -> None:
        """What the model's author says of it for the Support and Task libraries, a flatbuffer of its own (schema metadata_schema.fbs)."""
        record = FlatBuffer(raw, self.buffer.tables, self.buffer.enums).root("ModelMetadata")
        for key in ("name", "description", "version", "author", "license", "min_parser_version"):
            if record[key]:
                model.metadata[f"metadata.{key}"] = record[key]
        files = [*record["associated_files"]]
        for graph, about in zip(model.graphs, record["subgraph_metadata"], strict=False):
            files += about["associated_files"]
            for names, side in ((graph.inputs, "input_tensor_metadata"), (graph.outputs, "output_tensor_metadata")):
                for name, described in zip(names, about[side], strict=False):
                    if name in graph.tensors:
                        tensor = graph.tensors[name]
                        tensor.traits = {**tensor.traits, **_meant(described)}
                    files += described["associated_files"]
        if files:
            model.metadata["metadata.files"] = ", ".join(dict.fromkeys(each["name"] for each in files))

    def _packed(self, model: Model) -> None:
        """The files of a zip archive that follows the model, as text if they are some, else their size."""
        with suppress(Unreadable), open_zip(self.file) as archive:
            for name in archive.namelist()[:FILES_LIMIT]:
                size = archive.NameToInfo[name].file_size
                content = read_member(archive, name, METADATA_LIMIT) if size <= METADATA_LIMIT else b"\0"
                model.metadata[f"{PACKED}{name}"] = f"{size} bytes" if b"\0" in content else content.decode("utf-8", "replace")


def _meant(described: Table) -> dict[str, Any]:
    """What an input or output means: its name for people, the kind of content, how it is to be normalized, files that say more."""
    traits: dict[str, Any] = {}
    if described["name"]:
        traits["called"] = described["name"]
    content = described["content"]
    properties = content["content_properties"] if content is not None else None
    if properties is not None and content["content_properties_type"] == "ImageProperties":
        traits["color"] = str(properties["color_space"])
    elif properties is not None and content["content_properties_type"] == "AudioProperties":
        traits |= {"sample_rate": properties["sample_rate"], "channels": properties["channels"]}
    for unit in described["process_units"]:
        if unit["options_type"] == "NormalizationOptions" and unit["options"] is not None:
            traits |= {"mean": list(unit["options"]["mean"]), "std": list(unit["options"]["std"])}
    stats = described["stats"]
    for bound in ("min", "max") if stats is not None else ():
        if stats[bound]:
            traits[bound] = list(stats[bound])
    files = described["associated_files"]
    if files:
        traits["files"] = [each["name"] for each in files]
    if labels := [each["name"] for each in files if each["type"] == "TENSOR_AXIS_LABELS"]:
        traits["labels"] = labels
    return traits


def _short(size: int, end: int) -> str:
    return f"file is too short: {size:,} bytes, the tensor ends at {end:,}" if end > size else ""


def _quant(table: Table | None) -> Quant | None:
    """Quantization parameters; None if they only record a range. Details, where present, take the place of all else."""
    if table is None:
        return None
    if table["details_type"] not in ("NONE", 0):
        return Quant((), scheme=str(table["details_type"]).removesuffix("Quantization").lower())
    scale = table["scale"]
    return Quant(scale, table["zero_point"], table["quantized_dimension"] if len(scale) > 1 else None) if scale else None


def _called(graphs: Sequence[Graph]) -> Iterator[int]:
    """The indices of the subgraphs that operators call."""
    for graph in graphs:
        for op in graph.ops:
            for name, value in op.attributes.items() if not op.domain else ():
                if "subgraph" in name or name == "called_computations":
                    yield from value if isinstance(value, tuple) else (value,)


def _pick(items: Sequence[Item], index: int, what: str) -> Item:
    if not 0 <= index < len(items):
        raise Unreadable(f"{what} {index} is used and there are {len(items)}")
    return items[index]
