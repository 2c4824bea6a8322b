"""The Core ML reader, against what coremltools says of the same files, and against hostile files."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hostile import cuts, flips, survives

from deplint import Severity, plugins
from deplint.cli import run
from deplint.data import load
from deplint.engine import check as lint
from deplint.formats import coreml, coreml_package, coreml_program
from deplint.formats.artifact import detect
from deplint.model import BITS, Graph, Model, Op, Tensor, Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File, Project

DATA = Path(__file__).parent / "data" / "models" / "coreml"
NAMES = sorted(path.name for pattern in ("*.mlmodel", "*.mlpackage") for path in DATA.glob(pattern))
MODEL = "Data/com.apple.CoreML/model.mlmodel"
FEATURES = {
    "int64Type": "int64", "doubleType": "float64", "stringType": "string", "imageType": "image", "dictionaryType": "map",
    "sequenceType": "sequence", "stateType": "resource", "multiArrayType": "",
}  # fmt: skip


def find(name: str) -> Path:
    return DATA / name / MODEL if name.endswith(".mlpackage") else DATA / name


def read(name: str) -> Model:
    return coreml.read(File(find(name), name))


def recorded(name: str) -> Any:
    return json.loads((DATA / name).with_suffix(".json").read_text())


def dtype(name: str) -> str:
    """deplint's name of coremltools' dtype."""
    return {"DOUBLE": "float64", "state": "resource", "listType": "sequence", "dictionaryType": "map"}.get(name, name.lower())


def content(tensor: Tensor) -> str:
    return hashlib.sha256(tensor.bytes()).hexdigest()[:16]


def plain(value: Any) -> Any:
    """An attribute as the record has it."""
    if isinstance(value, bytes):
        return value.hex() if len(value) <= 64 else len(value)
    if isinstance(value, Tensor):
        assert value.stored
        return value.stored.nbytes
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def bare(value: Any) -> Any:
    """Without what is empty, which deplint leaves out where it held nothing but weights."""
    if isinstance(value, dict):
        return {key: each for key, inner in value.items() if (each := bare(inner)) not in ({}, [])}
    return [each for inner in value if (each := bare(inner)) not in ({}, [])] if isinstance(value, list) else value


def check_features(tensors: Mapping[str, Tensor], told: list[Any]) -> None:
    assert list(tensors) == [feature["name"] for feature in told]
    for tensor, feature in zip(tensors.values(), told, strict=True):
        kind = next(key for key in feature["type"] if key != "isOptional")
        facts, traits = feature["type"][kind], tensor.traits
        assert tensor.dtype == (FEATURES[kind] or dtype(facts["dataType"]))
        assert traits.get("optional", False) == feature["type"].get("isOptional", False)
        if kind == "imageType":
            assert traits["color"] == facts["colorSpace"]
            sizes = (facts.get("height"), facts.get("width"))
        elif kind == "multiArrayType":
            sizes = tuple(facts.get("shape", []))
        else:
            continue
        if "sizes" in traits or "range" in traits:
            assert traits["default"] == list(sizes)
            assert tensor.shape is None or None in tensor.shape
        else:
            assert tensor.shape == (sizes or None)
        if "enumeratedShapes" in facts:
            assert traits["sizes"] == facts["enumeratedShapes"]
        if "shapeRange" in facts:
            assert traits["range"] == [[r.get("lowerBound", 0), r.get("upperBound", 0)] for r in facts["shapeRange"]]


def check_layers(graph: Graph, told: list[Any]) -> None:
    assert [op.name for op in graph.ops] == [layer["name"] for layer in told]
    for op, layer in zip(graph.ops, told, strict=True):
        attributes = layer["attributes"]
        if layer["type"] == "custom":
            assert (op.domain, op.type) == ("custom", attributes.pop("className"))
        else:
            assert (op.domain, op.type) == ("", layer["type"])
        count = len(layer["inputs"])
        assert (list(op.inputs[:count]), list(op.outputs)) == (layer["inputs"], layer["outputs"])
        found = [graph.tensor(name) for name in op.inputs[count:]]
        assert [[w.name, w.dtype, w.stored.nbytes, content(w)] for w in found if w.stored] == [
            [f"{op.name}.{place}", *rest] for place, *rest in layer["weights"]
        ]
        for weight in found:
            assert weight.stored and weight.nbytes is not None and weight.nbytes - weight.stored.nbytes in (0, -1)
        ours = dict(op.attributes)
        assert ours.pop("isUpdatable", False) == layer["updatable"]
        if isinstance(attributes, list | dict) and not isinstance(attributes, dict):  # a message that is but a list
            ours = next(iter(ours.values()), [])
        assert bare(plain(ours)) == bare(attributes)
        for name, (rank, sizes) in layer["shapes"].items():
            shape = graph.tensor(name).shape
            assert shape is not None and len(shape) == rank
            assert not sizes or name in graph.outputs or shape == tuple(size if size >= 0 else None for size in sizes)
        assert list(op.graphs) == list(layer["graphs"])
        for key, inner in layer["graphs"].items():
            check_layers(op.graphs[key], inner)


def check_type(tensor: Tensor, kind: str, sizes: Any) -> None:
    assert tensor.dtype == dtype(kind)
    if sizes is not None:
        assert tensor.shape == tuple(sizes)


def check_constant(value: Any, told: Any) -> None:
    """An attribute or a weight, against a constant."""
    if isinstance(value, Tensor):
        check_type(value, *told["type"])
        assert value.stored and not value.stored.problem and value.stored.external == told["file"]
        if "digest" in told:
            assert content(value) == told["digest"]
        elif value.dtype in BITS:
            assert value.stored.nbytes == value.nbytes
    else:
        assert not told["file"]
        if "value" in told:
            assert value == told["value"] or value == pytest.approx(told["value"])


def check_block(graph: Graph, told: Any, outer: Mapping[str, Any], functions: bool = False) -> None:
    constants = {**outer, **told["constants"]}
    if not functions:
        assert graph.inputs == [name for name, _, _ in told["inputs"]]
    for name, kind, sizes in told["inputs"]:
        check_type(graph.tensor(name), kind, sizes)
    assert graph.outputs == told["outputs"]
    assert [op.type for op in graph.ops] == [op["type"] for op in told["operations"]]
    for op, said in zip(graph.ops, told["operations"], strict=True):
        assert op.name == said["name"] and list(op.outputs) == [name for name, _, _ in said["outputs"]]
        for name, kind, sizes in said["outputs"]:
            check_type(graph.tensor(name), kind, sizes)
        args = op.attributes.get("args", [])
        assert len(args) == len(op.inputs)
        assert set(op.attributes) - {"args"} == (set(said["arguments"]) - set(args)) | set(said["attributes"])
        for key, bindings in said["arguments"].items():
            given = [name for name, arg in zip(op.inputs, args, strict=True) if arg == key]
            if not given:
                (binding,) = bindings
                check_constant(op.attributes[key], binding if isinstance(binding, dict) else constants[binding])
            for name, binding in zip(given, bindings if given else [], strict=True):
                if isinstance(binding, dict):
                    check_constant(graph.tensor(name), binding)
                    continue
                assert name == binding
                if binding in told["constants"]:
                    check_constant(graph.tensor(name), constants[binding])
        assert len(op.graphs) == len(said["blocks"])
        for inner, block in zip(op.graphs.values(), said["blocks"], strict=True):
            check_block(inner, block, constants)


def check_body(graphs: list[Graph], op: Op | None, told: Any) -> None:
    kind = told["type"]
    if kind == "mlProgram":
        assert {graph.name for graph in graphs} == set(told["functions"])
        for graph in graphs:
            function = told["functions"][graph.name]
            assert graph.inputs == [name for name, _, _ in function["inputs"]]
            check_block(graph, {**function["block"], "inputs": function["inputs"]}, {}, functions=True)
    elif kind.startswith("neuralNetwork"):
        (graph,) = graphs
        check_layers(graph, told["layers"])
    elif kind.startswith("pipeline"):
        (graph,) = graphs
        assert len(graph.ops) == len(told["models"])
        for index, (inner, model) in enumerate(zip(graph.ops, told["models"], strict=True)):
            assert inner.type == model["type"]
            assert inner.name == (told["names"][index] if told["names"] else f"model{index}")
            assert list(inner.inputs) == [feature["name"] for feature in model["description"]["input"]]
            assert list(inner.outputs) == [feature["name"] for feature in model["description"]["output"]]
            check_body(list(inner.graphs.values()), inner, model)
    else:
        op = op or graphs[0].ops[0]
        ours, attributes = plain(op.attributes), told["attributes"]
        if kind == "customModel":
            assert (op.domain, op.type) == ("custom", attributes.pop("className"))
        if isinstance(attributes, list):
            (ours,) = ours.values()
        assert ours == attributes


def check(model: Model, told: Any) -> None:
    description = told["description"]
    assert model.ir_version == told["version"] and model.tags[0] == told["type"]
    functions = description.get("functions", [description])
    for signature, function in zip(model.signatures.values(), functions, strict=False):
        assert signature.name == function.get("name", "main")
        check_features(signature.inputs, function.get("input", []))
        check_features(signature.outputs, function.get("output", []))
        for key, trait in (("predictedFeatureName", "predicted"), ("predictedProbabilitiesName", "probabilities")):
            marked = [name for name, tensor in signature.outputs.items() if tensor.traits.get(trait)]
            assert marked == ([function[key]] if function.get(key) else [])
    metadata = description.get("metadata", {})
    assert model.metadata == {**{k: v for k, v in metadata.items() if k != "userDefined"}, **metadata.get("userDefined", {})}
    for name, facts in told.get("preprocessing", {}).items():
        assert {**facts, "featureName": ""}.items() <= {**model.signatures["main"].inputs[name].traits, "featureName": ""}.items()
    check_body(model.graphs, None, told)


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_what_coremltools_said(name: str) -> None:
    check(read(name), recorded(name))
    assert detect(File(find(name))) == "coreml"


@pytest.mark.torch
@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_coremltools(name: str) -> None:
    pytest.importorskip("coremltools")
    sys.path.insert(0, str(DATA.parent))
    import build_coreml

    told = build_coreml.truth(DATA / name)
    assert json.loads(json.dumps(told)) == recorded(name)
    check(read(name), json.loads(json.dumps(told)))


@pytest.mark.torch
def test_the_schema_is_that_of_coremltools() -> None:
    pytest.importorskip("coremltools")
    from coremltools.proto import MIL_pb2, Model_pb2, NeuralNetwork_pb2, TreeEnsemble_pb2

    from tools import coreml_schema

    messages, enums = coreml_schema.tables()
    ours, ours_enums = coreml.schema()
    assert {name: {int(n): tuple(f) for n, f in fields.items()} for name, fields in messages.items()} == ours
    assert {name: {value: member for member, value in members.items()} for name, members in enums.items()} == ours_enums
    assert load("coreml_schema")["ios"] == coreml_schema.systems()
    assert {name: list(places) for name, places in coreml_program.arguments().items()} == dict(coreml_schema.arguments())
    nn, mil, program = NeuralNetwork_pb2, MIL_pb2, coreml_program
    pairs = {
        coreml.MODEL: Model_pb2.Model, coreml.NETWORK: nn.NeuralNetworkClassifier, coreml.LAYER: nn.NeuralNetworkLayer,
        coreml.BLOB: nn.Tensor, coreml.PIPELINE: Model_pb2.Pipeline, coreml.WEIGHT: nn.WeightParams,
        coreml.TREES: TreeEnsemble_pb2.TreeEnsembleParameters,
        program.PROGRAM: mil.Program, program.FUNCTION: mil.Function, program.BLOCK: mil.Block, program.OPERATION: mil.Operation,
        program.ARGUMENT: mil.Argument, program.BINDING: mil.Argument.Binding, program.NAMED: mil.NamedValueType,
        program.TYPE: mil.ValueType, program.TENSOR_TYPE: mil.TensorType, program.STATE_TYPE: mil.StateType,
        program.DIMENSION: mil.Dimension, program.CONSTANT: mil.Dimension.ConstantDimension, program.VALUE: mil.Value,
        program.UNKNOWN: mil.Dimension.UnknownDimension, program.IMMEDIATE: mil.Value.ImmediateValue, program.TENSOR: mil.TensorValue,
        program.BLOB_FILE: mil.Value.BlobFileValue, program.ENTRY: mil.DictionaryValue.KeyValuePair,
        program.VALUES: mil.TensorValue.RepeatedFloats,
    }  # fmt: skip
    for table, message in pairs.items():
        known = {field.name.lower().replace("_", ""): field.number for field in message.DESCRIPTOR.fields}
        for name, number in vars(table).items():
            if name.isupper():
                assert known[name.lower().replace("_", "")] == number, (table, name)
    kinds = MIL_pb2.DataType.items()
    assert {number: name.lower() for name, number in kinds if number} == coreml_program.DTYPES


@pytest.mark.parametrize("name", NAMES)
def test_text_form_reads_back(name: str) -> None:
    model = read(name)
    text = format_model(model)
    again = parse_model(text)
    assert format_model(again) == text
    assert [op.type for _, op in again.ops()] == [op.type for _, op in model.ops()]
    for key, signature in model.signatures.items():
        for name, tensor in signature.inputs.items():
            found = again.signatures[key].inputs[name]
            assert (found.dtype, found.shape, list(found.traits)) == (tensor.dtype, tensor.shape, list(tensor.traits))


@pytest.mark.parametrize("name", NAMES)
def test_values_flow(name: str) -> None:
    """Everything that is read is given by something: inputs, weights, operators before it, or what is around."""

    def flow(graph: Graph, known: set[str]) -> None:
        known = known | set(graph.inputs) | {tensor.name for tensor in graph.weights}
        for op in graph.ops:
            assert known.issuperset(op.inputs)
            for inner in op.graphs.values():
                flow(inner, known)
                known |= {each for nested in inner.ops for each in nested.outputs} if op.type in ("branch", "loop") else set()
            known |= set(op.outputs)
        assert known.issuperset(graph.outputs)

    for graph in read(name).graphs:
        flow(graph, set())


def test_what_the_models_show() -> None:
    model = read("classifier.mlmodel")
    photo, label = model.signatures["main"].inputs["photo"], model.signatures["main"].outputs["label"]
    assert photo.traits["color"] == "BGR" and photo.traits["scaler"]["redBias"] == -1.0 and photo.shape == (16, 16)
    assert label.traits == {"predicted": True, "classes": ["apple", "pear", "größe"]}
    assert model.metadata["author"] == "nobody" and model.graph.outputs == ["probability"]
    assert model.graph.tensor("up.weights").shape == (8, 2, 2, 2)
    assert read("classifier_linear3.mlmodel").graph.tensor("head.weights").dtype == "uint3"
    flexible = read("flexible.mlmodel").signatures["main"].inputs["photo"]
    assert flexible.shape == (None, None) and flexible.traits["range"] == [[16, 64], [32, None]]
    assert read("updatable.mlmodel").tags == ["neuralNetwork", "updatable"]
    assert list(read("updatable.mlmodel").signatures) == ["main", "update"]
    assert read("similar.mlmodel").signatures["main"].outputs["best"].traits == {"element": "string", "range": [[1, None]]}
    functions = read("program_functions.mlpackage")
    assert [graph.name for graph in functions.graphs] == ["second", "first"] and list(functions.signatures) == ["first", "second"]
    assert functions.opsets == {"CoreML": 8}
    state = read("program_state.mlpackage").graph
    assert (state.tensor("total").dtype, state.tensor("total").shape) == ("resource", (1, 4))
    assert [op.type for op in state.ops][:1] == ["read_state"]
    flow = read("program_flow.mlpackage")
    assert {key for _, op in flow.ops() for key in op.graphs} == {"true", "false", "cond", "body"}
    half = read("program_half.mlpackage")
    assert half.producer == "coremltools" and half.files == ["weights/weight.bin"]


# Packages


def package(tmp_path: Path, name: str = "program_half.mlpackage") -> Path:
    shutil.copytree(DATA / name, tmp_path / "Net.mlpackage")
    return tmp_path / "Net.mlpackage"


def problems(path: Path) -> set[str]:
    model = coreml.read(File(path / MODEL))
    return {tensor.stored.problem for tensor in model.graph.weights if tensor.stored}


def test_a_package(tmp_path: Path) -> None:
    path = package(tmp_path)
    found = coreml_package.read(File(path / "Manifest.json", "Net.mlpackage/Manifest.json"))
    assert found.version == "1.0.0" and found.model and found.model.name == "model.mlmodel"
    assert sorted(item.place.shown for item in found.items) == [
        "Net.mlpackage/Data/com.apple.CoreML/model.mlmodel",
        "Net.mlpackage/Data/com.apple.CoreML/weights",
    ]
    assert not any(item.place.problem or item.lacks for item in found.items)
    shutil.rmtree(path / "Data/com.apple.CoreML/weights")
    found = coreml_package.read(File(path / "Manifest.json"))
    assert sorted(item.place.problem for item in found.items) == ["", "file is missing"]
    assert problems(path) == {"file is missing"}


@pytest.mark.parametrize("where", ["../../secret", "/etc/hostname", "../Manifest.json", "com.apple.CoreML/../../../x", "", "C:\\x", "a\0b"])
def test_a_manifest_that_points_elsewhere(tmp_path: Path, where: str) -> None:
    path = package(tmp_path)
    manifest = json.loads((path / "Manifest.json").read_text())
    next(iter(manifest["itemInfoEntries"].values()))["path"] = where
    (path / "Manifest.json").write_text(json.dumps(manifest))
    (item, _) = coreml_package.read(File(path / "Manifest.json")).items
    assert item.place.problem and item.place.path is None


def test_a_link_out_of_a_package(tmp_path: Path) -> None:
    path = package(tmp_path)
    weights = path / "Data/com.apple.CoreML/weights"
    shutil.move(weights, tmp_path / "elsewhere")
    weights.symlink_to(tmp_path / "elsewhere")
    assert problems(path) == {"leaves the model's folder through a symbolic link"}
    (problem,) = {item.place.problem for item in coreml_package.read(File(path / "Manifest.json")).items} - {""}
    assert "symbolic link" in problem


@pytest.mark.parametrize("text", ["", "{", "[]", '{"itemInfoEntries": 3}', "[" * 100_000])
def test_other_manifests(tmp_path: Path, text: str) -> None:
    (tmp_path / "Manifest.json").write_text(text)
    with pytest.raises(Unreadable):
        coreml_package.read(File(tmp_path / "Manifest.json"))


def test_a_damaged_manifest(tmp_path: Path) -> None:
    content = (DATA / "program_half.mlpackage/Manifest.json").read_bytes()
    survives(lambda file: coreml_package.read(file) and [], tmp_path / "Manifest.json", [*cuts(content, 20), *flips(content, 60)])


def edit(path: Path, change: Any) -> Path:
    weights = path / "Data/com.apple.CoreML/weights/weight.bin"
    content = bytearray(weights.read_bytes())
    change(content)
    weights.write_bytes(content)
    return path


def put(code: str, at: int, value: int) -> Any:
    return lambda content: struct.pack_into(code, content, at, value)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda content: content.__delitem__(slice(40, None)), "file is too short: 40 bytes"),
        (lambda content: content.__delitem__(slice(-8, None)), "the tensor ends at"),
        (lambda content: content.__delitem__(slice(100, None)), "the entry is at 64"),
        (put("<I", 4, 1), "not a file of weights of version 2"),
        (put("<I", 64, 0), "no entry of a weight at byte 64"),
        (put("<I", 68, 2), "the file holds float32, the model says float16"),
        (put("<Q", 72, 1 << 31), "the tensor ends at"),
        (put("<Q", 72, (1 << 64) - 1), "the tensor ends at"),
        (put("<Q", 80, 1 << 63), "the tensor ends at"),
        (put("<Q", 80, (1 << 64) - 8), "the tensor ends at"),
        (lambda content: content.__setitem__(slice(None), b"version https://git-lfs.github.com/spec/v1\noid"), "Git LFS pointer"),
    ],
    ids=range(11),
)
def test_weights_that_cannot_be_read(tmp_path: Path, change: Any, problem: str) -> None:
    found = problems(edit(package(tmp_path), change))
    assert any(problem in each for each in found), found
    text = format_model(coreml.read(File(tmp_path / "Net.mlpackage" / MODEL)))
    assert format_model(parse_model(text)) == text


def test_a_compiled_model_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "Net.mlmodelc"
    folder.mkdir()
    (folder / "coremldata.bin").write_bytes(b"\xf4\1\0\0\3\0\0\0")
    (folder / "model.mil").write_text('program(1.3)\n[buildInfo = dict<string, string>({{"coremlc-version", "1"}})]\n{\n}\n')
    run(["inspect", str(folder)])
    assert capsys.readouterr().err.count("a part of a compiled Core ML model (.mlmodelc)") == 2


# Hostile files


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(("ct6", "ct7"))])
def test_damaged_files(name: str, tmp_path: Path) -> None:
    content = find(name).read_bytes()
    if name.endswith(".mlpackage"):
        shutil.copytree(DATA / name / "Data/com.apple.CoreML/weights", tmp_path / "weights")
    path = tmp_path / "model.mlmodel"
    survives(coreml.read, path, cuts(content, 12))
    survives(coreml.read, path, flips(content, 25))
    survives(sniffed, path, [*cuts(content, 12), *flips(content, 12)])


def sniffed(file: File) -> list[Model]:
    assert isinstance(coreml.sniff(file), bool)
    return []


def number(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def field(at: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return number(at << 3) + number(value & (1 << 64) - 1)
    return number(at << 3 | 2) + number(len(value)) + value


FEATURE = field(1, b"x") + field(3, field(5, field(1, 3) + field(2, 65568)))


def made(kind: int, body: bytes, version: int = 4) -> bytes:
    return field(1, version) + field(2, field(1, FEATURE) + field(10, FEATURE)) + field(kind, body)


def network(*layers: bytes) -> bytes:
    return made(500, b"".join(field(1, layer) for layer in layers))


def nested_branches(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = field(1, field(1, b"b") + field(605, field(1, inner)))
    return made(500, inner)


def nested_pipelines(depth: int) -> bytes:
    inner = made(900, b"")
    for _ in range(depth):
        inner = made(202, field(1, inner))
    return inner


def nested_blocks(depth: int) -> bytes:
    block = b""
    for _ in range(depth):
        block = field(3, field(1, b"cond") + field(4, block))
    return made(502, field(2, field(1, b"main") + field(2, field(2, b"CoreML5") + field(3, field(1, b"CoreML5") + field(2, block)))))


def nested_values(depth: int) -> bytes:
    value = b""
    for _ in range(depth):
        value = field(3, field(3, field(1, value)))
    block = field(3, field(1, b"thing") + field(5, field(1, b"deep") + field(2, value)))
    return made(502, field(2, field(1, b"main") + field(2, field(2, b"CoreML5") + field(3, field(1, b"CoreML5") + field(2, block)))))


WEIGHT = field(20, field(1, struct.pack("<2f", 1, 2)))


@pytest.mark.parametrize(
    "content",
    [
        field(1, 4),
        field(1, 4) + field(2, b""),
        made(500, b""),
        made(999, b"abc"),
        made(200, b""),
        made(502, b""),
        network(field(1, b"a") + field(140, field(1, 1 << 63) + field(2, 1 << 31) + WEIGHT)),
        network(field(1, b"a") + field(100, field(20, number(1 << 62) * 8) + field(90, field(30, b"abc") + field(40, field(1, -1))))),
        network(*[field(1, b"a") + field(2, b"a.weights") + field(3, b"a.weights") + field(140, WEIGHT)] * 3),
        network(field(1, b"a") + field(5, field(1, 1 << 40)) + field(130, field(10, b""))),
        network(field(9999, b"new")),
        made(302, field(1, b"\x0a\xff\xff\xff\xff\x0f")),
        made(302, field(1, field(1, b"") * 10_000)),
        *(make(depth) for make in (nested_branches, nested_pipelines, nested_blocks, nested_values) for depth in (10, 30, 49, 2000)),
    ],
    ids=range(29),
)
def test_hostile_models(content: bytes, tmp_path: Path) -> None:
    survives(coreml.read, tmp_path / "a.mlmodel", [content])


def test_deep_blocks_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.mlmodel"
    path.write_bytes(nested_blocks(40))
    depth, graph = 0, coreml.read(File(path)).graph
    while graph.ops:
        graph, depth = graph.ops[0].graphs["true"], depth + 1
    assert depth == 40
    path.write_bytes(nested_blocks(2000))
    with pytest.raises(Unreadable, match="nested deeper"):
        coreml.read(File(path))


@pytest.mark.parametrize("name", ["@model_path/../../secret.bin", "/etc/hostname", "@model_path/", "", "@model_path//etc/hostname"])
def test_weights_elsewhere(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret.bin").write_bytes(b"\0" * 200)
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    path = folder / "model.mlmodel"
    value = field(2, field(1, field(1, 11) + field(2, 0))) + field(5, field(1, name.encode()) + field(2, 64))
    const = field(3, field(1, b"const") + field(3, field(1, b"w")) + field(5, field(1, b"val") + field(2, value)))
    path.write_bytes(
        made(502, field(2, field(1, b"main") + field(2, field(2, b"CoreML5") + field(3, field(1, b"CoreML5") + field(2, const)))))
    )
    stored = coreml.read(File(path)).graph.tensor("w").stored
    assert stored and stored.problem and coreml.read(File(path)).files == []


# Cost


def large_network(path: Path, size: int) -> None:
    """A network whose weights are `size` bytes of zeros, none of which are on the disk: a message's fields may come in any order."""
    weight = number(1 << 3 | 2) + number(size)
    layers = b"".join(
        field(1, field(1, f"l{i}".encode()) + field(2, b"x") + field(3, f"y{i}".encode()) + field(130, field(10, b""))) for i in range(300)
    )
    heads = [(20, len(weight) + size), (140, 0), (1, 0), (500, 0)]
    opening, length = weight, len(weight) + size
    for at, _ in heads:
        head = number(at << 3 | 2) + number(length)
        if at == 500:
            head = number(at << 3 | 2) + number(length + len(layers)) + layers
            length += len(layers)
        opening, length = head + opening, length + len(head)
    start = field(1, 4) + field(2, field(1, FEATURE) + field(10, FEATURE))
    with open(path, "wb") as stream:
        stream.write(start + opening)
        stream.truncate(len(start) + len(opening) + size)


def large_package(path: Path, size: int) -> None:
    shutil.copytree(DATA / "program_half.mlpackage", path)
    weights = path / "Data/com.apple.CoreML/weights/weight.bin"
    head = bytearray(weights.read_bytes()[:128])
    rest = weights.read_bytes()[128:]
    struct.pack_into("<Q", head, 72, size)
    with open(weights, "wb") as stream:
        stream.write(head)
        stream.seek(128 + size)
        stream.write(rest)


def seconds(path: Path) -> float:
    times = []
    for _ in range(15):
        begun = time.perf_counter()
        coreml.read(File(path))
        times.append(time.perf_counter() - begun)
    return min(times)


@pytest.mark.parametrize("kind", ["network", "package"])
def test_cost_follows_the_graph(kind: str, tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    if kind == "network":
        large_network(small, 10 << 20)
        large_network(large, 1 << 30)
        weight = coreml.read(File(large)).graph.tensors["layer300.weights"]
        assert weight.stored and weight.stored.nbytes == 1 << 30 and weight.bytes(4) == bytes(4)
    else:
        large_package(small, 10 << 20)
        large_package(large, 1 << 30)
        assert {tensor.stored.nbytes for tensor in coreml.read(File(large / MODEL)).graph.weights if tensor.stored} >= {1 << 30}
        small, large = small / MODEL, large / MODEL
    assert seconds(large) < 1.5 * seconds(small) + 0.002
    survives_in_memory(large)


def survives_in_memory(path: Path) -> None:
    import tracemalloc

    tracemalloc.start()
    coreml.read(File(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 << 20


def test_a_forest_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.mlmodel"
    node = field(1, field(1, 3) + field(2, 5) + field(11, 0))
    path.write_bytes(made(302, field(1, node * 300_000)))
    begun = time.perf_counter()
    model = coreml.read(File(path))
    assert model.graph.ops[0].attributes["treeEnsemble"]["nodes"] == 300_000
    assert time.perf_counter() - begun < 2


def test_what_coremltools_writes_is_sound() -> None:
    """No rule has anything against it but the classes that custom layers need, and the path that one model was given."""
    loaded = plugins.load()
    files = [File(path, path.relative_to(DATA).as_posix()) for path in sorted(DATA.rglob("*")) if path.is_file() and path.suffix != ".json"]
    files += [File(path, path.relative_to(DATA).as_posix()) for path in sorted(DATA.rglob("Manifest.json"))]
    report = lint(Project(DATA, files, loaded.readers), files, [rule for rule in loaded.rules if not rule.opt_in])
    assert report.crashes == [] and len(files) > 100
    named = {(finding.rule, Path(finding.path).stem.rpartition("_")[2]) for finding in report.findings}
    assert {each for each in named if each[0].startswith("DPL46")} == {("DPL461", "layers"), ("DPL461", "custom")}
    assert [finding for finding in report.findings if finding.severity is Severity.error] == []
