"""The TensorFlow Lite reader, against what LiteRT's interpreter recorded of real models, and against hostile files."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from typing import Any

import flatbuffers
import pytest
from hostile import cuts, flips, survives

from deplint.formats import tflite
from deplint.formats.flatbuffer import FlatBuffer
from deplint.model import Graph, Model, Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File

DATA = Path(__file__).parent / "data" / "models" / "tflite"
NAMES = sorted(path.stem for path in DATA.glob("*.tflite"))


def read(name: str) -> Model:
    return tflite.read(File(DATA / f"{name}.tflite", f"{name}.tflite"))


def truth(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text())


def names(graph: Graph) -> list[str]:
    return list(graph.tensors)


# Against the interpreter


def check_tensors(model: Model, told: Any) -> None:
    """Names, dtypes, shapes and quantization of the main graph, as ``Interpreter.get_tensor_details()`` gives them."""
    tensors = list(model.graph.tensors.values())
    assert [t.name for t in tensors] == [t["name"] for t in told["tensors"]]
    for tensor, said in zip(tensors, told["tensors"], strict=True):
        told_dtype = said["dtype"].replace("str_", "string").replace("object", "string")  # NumPy has no int4
        assert tensor.dtype == told_dtype or (tensor.dtype, told_dtype) == ("int4", "int8"), tensor
        signature = said["shape_signature"] or said["shape"]
        assert tensor.shape == tuple(None if size == -1 else size for size in signature), tensor
        quant = said["quantization_parameters"]
        if not quant["scales"]:
            assert tensor.quant is None
            continue
        if tensor.quant and tensor.quant.scheme == "blockwise":  # its scales are a tensor of their own
            scales = model.graph.tensors[tensor.traits["scales"]]
            assert [value for (value,) in struct.iter_unpack("<e", scales.bytes())] == pytest.approx(quant["scales"])
            continue
        assert tensor.quant and list(tensor.quant.scale) == pytest.approx(quant["scales"])
        assert list(tensor.quant.zero_point) == quant["zero_points"]
        assert tensor.quant.axis == (quant["quantized_dimension"] if len(quant["scales"]) > 1 else None)


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_the_interpreter(name: str) -> None:
    model, told = read(name), truth(name)
    check_tensors(model, told)
    assert model.graph.inputs == told["inputs"]
    assert model.graph.outputs == told["outputs"]
    # The interpreter adds nodes for what delegates take over, after the model's own.
    assert [op.type for op in model.graph.ops] == told["op_names"][: len(model.graph.ops)]
    signatures = {key: {"inputs": list(s.inputs), "outputs": list(s.outputs)} for key, s in model.signatures.items()}
    assert (
        signatures == {key: {k: sorted(v) for k, v in s.items()} for key, s in told["signatures"].items()}
        or signatures == told["signatures"]
    )
    assert model.metadata["description"] == told["description"]


TRAITS = ("variable", "sparsity", "block", "scales", "block_size")
DTYPES = {"DT_FLOAT": "float32"}


@pytest.mark.parametrize("name", [name for name in NAMES if truth(name)["meaning"]])
def test_agrees_with_the_metadata_that_libraries_read(name: str) -> None:
    """What inputs and outputs mean, by the accessors of MediaPipe, and the files that are packed behind the model."""
    model, told = read(name), truth(name)
    (about,) = told["meaning"]
    for key, value in about.items():
        if isinstance(value, str):
            assert model.metadata[f"metadata.{re.sub('([A-Z])', lambda m: '_' + m[0].lower(), key)}"] == value
    assert {key: value for key, value in model.metadata.items() if key.startswith("file/")} == {
        f"file/{key}": value for key, value in told["files"].items()
    }
    (graph,) = about["subgraphMetadata"]
    for tensors, side in ((model.inputs, graph["inputTensorMetadata"]), (model.outputs, graph["outputTensorMetadata"])):
        assert len(tensors) == len(side)
        for tensor, said in zip(tensors, side, strict=True):
            expected = {"called": said["name"], "min": said["stats"]["min"], "max": said["stats"]["max"]}
            for unit in said["processUnits"] or ():
                expected |= unit["options"]
            if said["associatedFiles"]:
                expected["files"] = [each["name"] for each in said["associatedFiles"]]
                expected["labels"] = [each["name"] for each in said["associatedFiles"] if each["type"] == 2]
            if "colorSpace" in said["content"]["contentProperties"]:
                expected["color"] = ("UNKNOWN", "RGB", "GRAYSCALE")[said["content"]["contentProperties"]["colorSpace"]]
            assert tensor.traits == expected
    assert model.metadata["metadata.files"].split(", ") == list(told["files"])


def camel(name: str) -> str:
    """``stride_w`` -> ``strideW``, as flatc names attributes."""
    return re.sub(r"_(\w)", lambda m: m[1].upper(), name)


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_the_packaged_accessors(name: str) -> None:
    """Every subgraph: operator codes and versions, inputs and outputs, every option, every stored buffer's size."""
    model, told = read(name), truth(name)
    enums = tflite.schema()[1]
    by_name = {key: {label: value for value, label in members.items()} for key, members in enums.items()}
    assert len(model.graphs) == len(told["graphs"])
    for graph, said in zip(model.graphs, told["graphs"], strict=True):
        assert graph.name == said["name"]
        indices = {tensor: index for index, tensor in enumerate(graph.tensors)} | {"": -1}
        assert [indices[i] for i in graph.inputs] == said["inputs"]
        assert [indices[i] for i in graph.outputs] == said["outputs"]
        for tensor, stored in zip(graph.tensors.values(), said["tensors"], strict=True):
            assert tensor.dtype == enums["TensorType"][stored["type"]]
            assert (tensor.stored.nbytes if tensor.stored else 0) == stored["buffer_bytes"]
            assert {key: value for key, value in tensor.traits.items() if key in TRAITS} == stored.get("traits", {})
            assert tensor.sparse == ("sparsity" in stored.get("traits", {}))
            if tensor.stored and tensor.dtype != "string" and not tensor.sparse:
                assert tensor.nbytes == tensor.stored.nbytes == len(tensor.bytes())
        for op, operator in zip(graph.ops, said["ops"], strict=True):
            if op.domain == "custom":
                assert (operator["code"], operator["custom"]) == (by_name["BuiltinOperator"]["CUSTOM"], op.type)
                assert operator["custom_options"].keys() == op.attributes.keys()
                for key, value in operator["custom_options"].items():
                    assert op.attributes[key] == DTYPES.get(value, value)
            else:
                assert operator["code"] == by_name["BuiltinOperator"][op.type]
            assert op.version == operator["version"]
            assert [indices[i] for i in op.inputs] == operator["inputs"]
            assert [indices[i] for i in op.outputs] == operator["outputs"]
            options = {camel(key): value for key, value in op.attributes.items()} if not op.domain else {}
            assert set(options) == {key for key in operator["options"] if key != "quantSpec"}
            for key, value in operator["options"].items():
                got = options.get(key)
                if isinstance(got, str) and isinstance(value, int):
                    assert any(members.get(value) == got for members in enums.values()), (key, value, got)
                elif key != "quantSpec":
                    assert got == (tuple(value) if isinstance(value, list) else value) or got == pytest.approx(value)


@pytest.mark.parametrize("name", NAMES)
def test_text_form(name: str) -> None:
    text = (DATA / f"{name}.tflite.txt").read_text()
    assert format_model(read(name)) == text
    assert format_model(parse_model(text)) == text


def test_what_the_models_show() -> None:
    options = {op.type: op.attributes for op in read("float").graph.ops}
    assert options["CONV_2D"]["padding"] == "SAME" and options["CONV_2D"]["fused_activation_function"] == "RELU6"
    assert {op.type for op in read("select_ops").graph.ops if op.domain == "custom"} == {"FlexErf", "Digamma"}
    assert [g.kind for g in read("signatures").graphs] == ["graph", "graph", "function", "function"]
    assert {t.dtype for t in read("int8").graph.input_tensors} == {"int8"}
    assert "float16" in {t.dtype for t in read("float16").graph.weights}
    assert read("signatures").signatures["encode"].inputs["x"].shape == (None, 4)


def test_the_conversion_record() -> None:
    model = read("dynamic_range")
    assert model.producer == "tensorflow" and re.fullmatch(r"2\.\d+\.\d+", model.producer_version)
    assert model.metadata["conversion.optimizations"] == "PTQ_DYNAMIC_RANGE"
    assert model.metadata["conversion.model_type"] == "KERAS_MODEL"
    assert re.fullmatch(r"\d+\.\d+\.\d+", model.metadata["min_runtime_version"])
    assert read("select_ops").metadata["conversion.enable_select_tf_ops"] == "true"
    assert read("float").metadata["conversion.optimizations"] == ""
    assert read("sparse").metadata["conversion.optimizations"] == "RANDOM_SPARSITY"


def test_weights_after_the_flatbuffer_are_those_within() -> None:
    """Models of more than 2 GB keep them there: the same model, written both ways by the same converter."""
    for prefix in ("", "tf2.15_"):
        outside, within = read(f"{prefix}offset"), read(f"{prefix}float")
        assert outside.metadata["buffer_location"] == "outside flatbuffers"
        assert [(t.name, t.bytes()) for t in outside.graph.weights] == [(t.name, t.bytes()) for t in within.graph.weights]


# Models that no converter here writes, made with the flatbuffers package


class Maker:
    """Writes models with the `flatbuffers` package: tables as dictionaries, by the schema's own field names."""

    def __init__(self) -> None:
        self.builder = flatbuffers.Builder(1024)
        self.tables, enums = tflite.schema()
        self.enums = {name: {label: value for value, label in members.items()} for name, members in enums.items()}

    def vector(self, kind: str, values: Any) -> int:
        b = self.builder
        if kind in self.tables or kind == "string":
            offsets = [self.table(kind, v) if kind in self.tables else b.CreateString(v) for v in values]
            b.StartVector(4, len(offsets), 4)
            for offset in reversed(offsets):
                b.PrependUOffsetTRelative(offset)
            return int(b.EndVector())
        code = {"int32": "i", "int64": "q", "uint8": "B", "float": "f", "bool": "?", "uint32": "I"}[kind]
        size = struct.calcsize(code)
        b.StartVector(size, len(values), size)
        for value in reversed(values):
            getattr(b, "Prepend" + {"i": "Int32", "q": "Int64", "B": "Uint8", "f": "Float32", "?": "Bool", "I": "Uint32"}[code])(value)
        return int(b.EndVector())

    def table(self, name: str, fields: dict[str, Any]) -> int:
        b, schema = self.builder, self.tables[name]
        made = {}
        for field, value in fields.items():
            kind = schema[field][1]
            if kind == "string":
                made[field] = b.CreateString(value)
            elif kind.startswith("["):
                made[field] = self.vector(kind[1:-1], value)
            elif kind == "union":
                made[field] = self.table(fields[f"{field}_type"], value)
            elif kind in self.tables:
                made[field] = self.table(kind, value)
        b.StartObject(len(schema) + 1)
        for field, value in fields.items():
            slot, kind = schema[field][0] // 2 - 2, schema[field][1]
            if field in made:
                b.PrependUOffsetTRelativeSlot(slot, made[field], 0)
                continue
            if len(schema[field]) > 3:
                value = self.enums[schema[field][3]][value]
            method = {"float": "Float32", "int8": "Int8", "uint8": "Uint8", "int32": "Int32", "uint32": "Uint32"} | {"bool": "Bool"}
            method |= {"int64": "Int64", "uint64": "Uint64"}
            getattr(b, f"Prepend{method[kind]}Slot")(slot, value, 0 if value else 1)  # a value that is the default is not stored
        return int(b.EndObject())

    def bytes(self, fields: dict[str, Any]) -> bytes:
        self.builder.Finish(self.table("Model", fields), b"TFL3")
        return bytes(self.builder.Output())


def make(tmp_path: Path, tail: bytes = b"", **fields: Any) -> Model:
    path = tmp_path / "m.tflite"
    path.write_bytes(Maker().bytes({"version": 3, "buffers": [{}], **fields}) + tail)
    return tflite.read(File(path, "m.tflite"))


def tensor(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "shape": [2], "type": "float32", **fields}


def test_names_are_made_unique(tmp_path: Path) -> None:
    tensors = [tensor("a"), tensor("a"), tensor(""), tensor("a#1")]
    model = make(tmp_path, subgraphs=[{"tensors": tensors, "inputs": [0, 1], "outputs": [2, 3]}])
    assert names(model.graph) == ["a", "a#1", "#2", "a#1#3"]
    assert (model.graph.inputs, model.graph.outputs, model.graph.name) == (["a", "a#1"], ["#2", "a#1#3"], "main")


def test_scalars_and_unknown_ranks(tmp_path: Path) -> None:
    tensors = [
        {"name": "old"},
        {"name": "scalar", "shape": [], "has_rank": True},
        {"name": "constant", "buffer": 1},
        {"name": "dynamic", "shape": [1, 1], "shape_signature": [-1, 1]},
        tensor("odd", type="float8e4m3fn"),
    ]
    model = make(tmp_path, subgraphs=[{"tensors": tensors}], buffers=[{}, {"data": [0, 0, 0, 0]}])
    assert [t.shape for t in model.graph.tensors.values()] == [None, (), (), (None, 1), (2,)]
    assert model.graph.tensor("odd").dtype == "float8e4m3fn"


def test_buffers_after_the_flatbuffer(tmp_path: Path) -> None:
    graph = [{"tensors": [tensor("w", buffer=1), tensor("gone", buffer=2)]}]
    size = len(Maker().bytes({"version": 3, "buffers": [{}, {"offset": 9, "size": 8}, {"offset": 9, "size": 9}], "subgraphs": graph}))
    buffers = [{}, {"offset": size, "size": 8}, {"offset": size + 4, "size": 8}]
    model = make(tmp_path, b"12345678", buffers=buffers, subgraphs=graph)
    weight, gone = model.graph.tensors.values()
    assert weight.stored and (weight.stored.offset, weight.stored.nbytes) == (size, 8) and weight.bytes() == b"12345678"
    assert gone.stored and gone.stored.problem.startswith("file is too short") and gone.bytes() == b""


def test_external_buffers(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(bytes(range(16)))
    groups = [{"name": "w.bin"}, {"name": "../w.bin"}, {"name": "gone.bin"}]
    buffers = [
        {"id": 7 + i, "group": group, "offset": offset, "length": 8} for i, (group, offset) in enumerate([(0, 8), (1, 0), (2, 0), (0, 9)])
    ]
    tensors = [tensor(f"w{i}", external_buffer=7 + i) for i in range(4)]
    model = make(tmp_path, subgraphs=[{"tensors": tensors}], external_buffer_groups=groups, external_buffers=buffers)
    found = [t.stored for t in model.graph.tensors.values()]
    assert all(s and s.external for s in found)
    problems = [s.problem for s in found if s]
    assert problems[:3] == ["", "leaves the model's folder", "file is missing"] and problems[3].startswith("file is too short")
    assert model.graph.tensor("w0").bytes() == bytes(range(8, 16))
    assert model.files == ["gone.bin", "w.bin"]
    with pytest.raises(Unreadable, match="external buffer 9 is not in the model"):
        make(tmp_path, subgraphs=[{"tensors": [tensor("w", external_buffer=9)]}])


def test_other_quantization(tmp_path: Path) -> None:
    block = {"details_type": "BlockwiseQuantization", "details": {"scales": 1, "block_size": 32}}
    tensors = [tensor("b", quantization=block), tensor("range", quantization={"min": [0.0], "max": [1.0]})]
    blockwise, ranged = make(tmp_path, subgraphs=[{"tensors": tensors}]).graph.tensors.values()
    assert blockwise.quant and (blockwise.quant.scheme, blockwise.quant.scale) == ("blockwise", ())
    assert ranged.quant is None


def test_operator_codes(tmp_path: Path) -> None:
    codes = [
        {"deprecated_builtin_code": 3, "version": 2},  # an old file: the new field is absent
        {"deprecated_builtin_code": 127, "builtin_code": 150},
        {"deprecated_builtin_code": 127, "builtin_code": 5000},
        {"deprecated_builtin_code": 32, "builtin_code": 32, "custom_code": "Mine"},
    ]
    options = {"builtin_options_type": "StridedSliceOptions", "builtin_options": {"begin_mask": 5}}
    second = {"builtin_options2_type": "StablehloPadOptions", "builtin_options2": {"edge_padding_low": [1, 2]}}
    operators = [{"opcode_index": 0, **options}, {"opcode_index": 1, **second}, {"opcode_index": 2}, {"opcode_index": 3, "inputs": [-1]}]
    ops = make(tmp_path, operator_codes=codes, subgraphs=[{"operators": operators}]).graph.ops
    assert [(op.domain, op.type, op.version) for op in ops] == [
        ("", "CONV_2D", 2),
        ("", "GELU", 1),
        ("", "BUILTIN_5000", 1),
        ("custom", "Mine", 1),
    ]
    assert ops[0].attributes["begin_mask"] == 5 and ops[0].attributes["offset"] is False
    assert ops[1].attributes["edge_padding_low"] == (1, 2) and ops[1].attributes["edge_padding_high"] == ()
    assert ops[3].inputs == [""]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"subgraphs": [{"operators": [{"opcode_index": 4}]}]}, "operator code 4 is used and there are 0"),
        ({"subgraphs": [{"inputs": [9]}]}, "tensor 9 is used and there are 0"),
        ({"subgraphs": [{"inputs": [-2]}]}, "tensor -2 is used and there are 0"),
        ({"subgraphs": [{"tensors": [tensor("x", buffer=3)]}]}, "buffer 3 is used and there are 1"),
        ({"signature_defs": [{"subgraph_index": 1}]}, "subgraph 1 is used and there are 0"),
        ({"metadata": [{"name": "x", "buffer": 8}]}, "buffer 8 is used and there are 1"),
    ],
)
def test_indices_out_of_range(tmp_path: Path, fields: Any, said: str) -> None:
    with pytest.raises(Unreadable, match=re.escape(said)):
        make(tmp_path, **fields)


def test_no_identifier(tmp_path: Path) -> None:
    (tmp_path / "m.tflite").write_bytes(b"\0" * 64)
    with pytest.raises(Unreadable, match="TFL3"):
        tflite.read(File(tmp_path / "m.tflite"))


# Hostile files


@pytest.mark.parametrize("name", ["assorted", "int8"])
def test_damaged_files(tmp_path: Path, name: str) -> None:
    content = (DATA / f"{name}.tflite").read_bytes()
    assert survives(tflite.read, tmp_path / "m.tflite", cuts(content, 20)) > 5
    assert survives(tflite.read, tmp_path / "m.tflite", flips(content, 60)) > 5


def test_shared_parts_do_not_multiply(tmp_path: Path) -> None:
    """Thousands of subgraphs that are all the same one, with thousands of tensors that are: 40 million tensors in 60 kB."""

    def vector(at: int, count: int, target: int) -> None:
        struct.pack_into("<I", blob, at, count)
        for i in range(count):
            struct.pack_into("<I", blob, at + 4 + 4 * i, target - (at + 4 + 4 * i))

    blob = bytearray(60_000)
    struct.pack_into("<I4s", blob, 0, 64, b"TFL3")
    struct.pack_into("<HHHHH", blob, 40, 10, 12, 0, 0, 8)  # the Model's layout: subgraphs at 8
    struct.pack_into("<i", blob, 64, 24)
    struct.pack_into("<I", blob, 72, 100 - 72)
    struct.pack_into("<HHH", blob, 24, 6, 8, 4)  # the SubGraph's layout: tensors at 4
    struct.pack_into("<i", blob, 30_000, 30_000 - 24)
    struct.pack_into("<I", blob, 30_004, 30_100 - 30_004)
    struct.pack_into("<HH", blob, 20, 4, 4)  # the Tensor's layout: nothing
    struct.pack_into("<i", blob, 59_000, 59_000 - 20)
    vector(100, 7_000, 30_000)
    vector(30_100, 6_000, 59_000)
    (tmp_path / "m.tflite").write_bytes(blob)
    with pytest.raises(Unreadable, match="shared"):
        tflite.read(File(tmp_path / "m.tflite"))
    assert survives(tflite.read, tmp_path / "m.tflite", [bytes(blob)]) == 1


def test_offsets_outside_the_file() -> None:
    tables = {"T": {"n": [4, "int32", 5], "v": [6, "[int64]", 0], "s": [8, "string", None], "t": [10, "T", None]}}
    absent = FlatBuffer(struct.pack("<IHHi", 8, 4, 4, 4), tables).root("T")
    assert (absent["n"], absent["v"], absent["s"], absent["t"], absent.span("s")) == (5, (), "", None, (0, 0))
    for blob in (b"", b"\xff" * 4, struct.pack("<I", 100), struct.pack("<Ii", 4, 100), struct.pack("<Ii", 4, -100)):
        with pytest.raises(Unreadable):
            FlatBuffer(blob, tables).root("T")
    layout = struct.pack("<6H", 12, 20, 4, 8, 12, 16)
    for fields in ((0, 1 << 30, 0, 0), (0, 0, 1 << 30, 0), (0, 0, 0, 1 << 30), (0, 4, 0, 0)):
        blob = struct.pack("<I", 16) + layout + struct.pack("<i4I", 12, *fields) + struct.pack("<I", 1 << 29)
        root = FlatBuffer(blob, tables).root("T")
        with pytest.raises(Unreadable):
            [root[name] for name in root]


# The real interpreter, asked now


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", NAMES)
def test_the_installed_interpreter_says_the_same(name: str) -> None:
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    interpreter = litert.Interpreter(model_path=str(DATA / f"{name}.tflite"))
    model = read(name)
    details = {t["index"]: t for t in interpreter.get_tensor_details()}
    for index, found in enumerate(model.graph.tensors.values()):
        assert found.name == details[index]["name"]
        assert found.shape is not None and len(found.shape) == len(details[index]["shape"])
        if found.stored and found.dtype == "float32":
            assert interpreter.get_tensor(index).tobytes() == found.bytes(found.stored.nbytes)
    listed = interpreter.get_signature_list()
    assert {k: (sorted(s.inputs), sorted(s.outputs)) for k, s in model.signatures.items()} == {
        k: (sorted(s["inputs"]), sorted(s["outputs"])) for k, s in listed.items()
    }


def of_other_packages(names: list[str]) -> set[str]:
    """The tables that follow the model's own: of the converter's record and of the metadata."""
    return {"Environment", "SparsityBlockSize", "ConversionOptions", *names[names.index("ConversionMetadata") :]}


@pytest.mark.tensorflow
def test_the_schema_is_that_of_the_installed_package() -> None:
    """The committed table against the package's own enumeration, unless the package is newer."""
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated")
    tables, enums = tflite.schema()
    for name in ("BuiltinOperator", "BuiltinOptions", "BuiltinOptions2", "Padding", "ActivationFunctionType"):
        told = {value: key for key, value in vars(getattr(schema, name)).items() if isinstance(value, int)}
        assert enums[name].items() <= told.items()
    assert all(hasattr(schema, name) for name in tables.keys() - of_other_packages([*tables]))
