"""The TensorFlow.js reader, against what the converter's own package reads back of real models, and against hostile files."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest
from hostile import cuts, flips, survives

from deplint.formats import tfjs
from deplint.formats.artifact import detect
from deplint.model import Model, Tensor, Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File

DATA = Path(__file__).parent / "data" / "models" / "tfjs"
NAMES = sorted(path.name for path in DATA.iterdir() if path.is_dir())


def read(name: str) -> Model:
    return tfjs.read(File(DATA / name / "model.json", "model.json"))[0]


def stored(name: str) -> Any:
    return json.loads((DATA / name / "model.json").read_text())


# Against the converter's package


def weights(model: Model) -> dict[str, Tensor]:
    """By the name they have in the manifest: within a function, values are named after their operator's output."""
    return {t.name.removesuffix(":output:0"): t for graph in model.graphs for t in graph.weights}


def values(tensor: Tensor) -> list[Any]:
    """The numbers or texts a tensor stands for, dequantized."""
    raw = tensor.bytes()
    if tensor.dtype == "string":
        found, at = [], 0
        while at < len(raw):
            (length,) = struct.unpack_from("<I", raw, at)
            found.append(raw[at + 4 : at + 4 + length].decode())
            at += 4 + length
        return found
    code = {"float32": "f", "int32": "i", "uint8": "B", "float16": "e", "bool": "?"}[tensor.dtype]
    numbers = [value for (value,) in struct.iter_unpack(f"<{code}", raw)]
    if tensor.quant:
        (scale,), (zero,) = tensor.quant.scale, tensor.quant.zero_point
        return [scale * (number - zero) for number in numbers]
    return numbers


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_the_converter(name: str) -> None:
    told = json.loads((DATA / name / "truth.json").read_text())["weights"]
    found = weights(read(name))
    assert found.keys() == told.keys()
    for key, (dtype, shape, content) in told.items():
        tensor = found[key]
        assert list(tensor.shape or ()) == shape and len(values(tensor)) == (tensor.elements if tensor.elements else 0)
        if dtype == "object":
            assert values(tensor) == content
        else:
            assert sum(values(tensor)) == pytest.approx(content, abs=1e-4)
            assert tensor.dtype == dtype or tensor.dtype in ("uint8", "float16")


@pytest.mark.parametrize("name", [name for name in NAMES if "graph" in name])
def test_agrees_with_the_stored_graph(name: str) -> None:
    model, top = read(name), stored(name)
    bodies = [("main", top["modelTopology"]["node"])]
    bodies += [(f["signature"]["name"], f["nodeDef"]) for f in top["modelTopology"]["library"]["function"]]
    assert [graph.name for graph in model.graphs] == [body[0] for body in bodies]
    for graph, (_, nodes) in zip(model.graphs, bodies, strict=True):
        assert [(op.name, op.type, list(op.inputs), set(op.attributes)) for op in graph.ops] == [
            (n["name"], n["op"], n.get("input", []), set(n["attr"])) for n in nodes
        ]
        made = {value for op in graph.ops for value in op.outputs} | set(graph.inputs)
        assert {value for op in graph.ops for value in op.inputs} | set(graph.outputs) <= made
    (signature,) = model.signatures.values()
    for side, arguments in (("inputs", signature.inputs), ("outputs", signature.outputs)):
        assert {k: t.name for k, t in arguments.items()} == {k: v["name"].removesuffix(":0") for k, v in top["signature"][side].items()}
    assert model.inputs[0].shape == (None, 8, 8, 3) and model.inputs[0].dtype == "float32"


@pytest.mark.parametrize("name", [name for name in NAMES if "layers" in name])
def test_agrees_with_the_keras_model(name: str) -> None:
    """Layers, inputs and outputs of the model that the converter's package makes of the file."""
    model, told = read(name), json.loads((DATA / name / "truth.json").read_text())
    found = [[layer.name, layer.class_name] for layer in model.layers]
    # A Sequential model does not list its input layer.
    assert [entry for entry in found if entry in told["layers"] or entry[1] != "InputLayer"] == told["layers"]
    assert [[t.name, list(t.shape or ()), t.dtype] for t in model.inputs] == told["inputs"]
    assert model.graph.outputs == told["outputs"]


@pytest.mark.parametrize("name", NAMES)
def test_text_form(name: str) -> None:
    text = (DATA / name / "model.json.txt").read_text()
    assert format_model(read(name)) == text
    assert format_model(parse_model(text)) == text


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", [name for name in NAMES if "graph" in name])
def test_attributes_as_protobuf_reads_them(name: str) -> None:
    """The JSON through TensorFlow's own GraphDef, and that through the GraphDef reader: the same operators and attributes."""
    pb = pytest.importorskip("tensorflow.core.framework.graph_pb2")
    from google.protobuf import json_format

    from deplint.formats import tensorflow

    graph = json_format.ParseDict(stored(name)["modelTopology"], pb.GraphDef())
    path = DATA / name / "graph.pb"
    try:
        path.write_bytes(graph.SerializeToString())
        model = tensorflow.read_graph_def(File(path))
    finally:
        path.unlink(missing_ok=True)
    for theirs, ours in zip(model.graphs, read(name).graphs, strict=True):
        assert theirs.inputs == ours.inputs and len(theirs.ops) == len(ours.ops)
        for a, b in zip(theirs.ops, ours.ops, strict=True):
            assert (a.name, a.type, list(a.inputs)) == (b.name, b.type, list(b.inputs))
            assert {k: v for k, v in a.attributes.items() if k != "value"} == {k: v for k, v in b.attributes.items() if k != "value"}


def test_what_the_models_show() -> None:
    model = read("graph")
    attributes = next(op.attributes for op in model.graph.ops if op.type == "Conv2D")
    assert (attributes["padding"], attributes["strides"], attributes["T"]) == ("SAME", [1, 2, 2, 1], "float32")
    assert (model.format, model.producer, model.producer_version) == ("tfjs-graph", "TensorFlow.js Converter", "4.22.0")
    layers = read("layers_float16")
    assert (layers.format, [layer.name for layer in layers.layers]) == (
        "tfjs-layers",
        ["image", "trunk", "trunk/conv_input", "trunk/conv", "trunk/flat", "scores"],
    )
    assert (layers.inputs[0].shape, layers.graph.outputs) == ((None, 8, 8, 3), ["scores"])
    assert {t.dtype for t in layers.graph.weights} == {"float16"}
    assert {t.quant.scheme for t in read("graph_uint8").graph.weights if t.quant} == {"affine"}


# Shards


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The graph model of three shards, in a folder of its own."""
    return Path(shutil.copytree(DATA / "graph", tmp_path / "model"))


def problems(folder: Path) -> dict[str, str]:
    (model,) = tfjs.read(File(folder / "model.json", "m/model.json"))
    return {name: t.stored.problem for name, t in weights(model).items() if t.stored}


def test_a_tensor_over_two_shards(copy: Path) -> None:
    (model,) = tfjs.read(File(copy / "model.json"))
    content = b"".join((copy / f"group1-shard{i}of3.bin").read_bytes() for i in (1, 2, 3))
    spans, at = {}, 0
    for entry in stored("graph")["weightsManifest"][0]["weights"]:
        tensor = weights(model)[entry["name"]]
        assert tensor.stored
        spans[entry["name"]] = at // 700, (at + tensor.stored.nbytes - 1) // 700
        assert tensor.bytes() == content[at : at + tensor.stored.nbytes]
        assert tensor.data and tensor.data(1, 2) == content[at + 1 : at + 3]
        at += tensor.stored.nbytes
    assert at == len(content) and any(first < last for first, last in spans.values())


def test_a_missing_shard(copy: Path) -> None:
    (copy / "group1-shard2of3.bin").unlink()
    found = problems(copy)
    assert found["StatefulPartitionedCall/Const"] == ""
    assert {found[n] for n in ("StatefulPartitionedCall/Conv2D/ReadVariableOp", "StatefulPartitionedCall/MatMul/ReadVariableOp")} == {
        "file is missing"
    }
    (model,) = tfjs.read(File(copy / "model.json", "m/model.json"))
    assert model.files == [f"m/group1-shard{i}of3.bin" for i in (1, 2, 3)]
    broken = weights(model)["StatefulPartitionedCall/MatMul/ReadVariableOp"]
    assert broken.stored and broken.stored.path == "m/group1-shard2of3.bin" and broken.bytes() == b""


def test_a_short_shard(copy: Path) -> None:
    last = copy / "group1-shard3of3.bin"
    last.write_bytes(last.read_bytes()[:-5])
    found = problems(copy)
    assert [p for p in found.values() if p] and all(p.startswith("file is too short: its group has") for p in found.values() if p)
    assert found["StatefulPartitionedCall/MatMul/ReadVariableOp"] == ""


def test_a_shard_that_is_a_pointer(copy: Path) -> None:
    (copy / "group1-shard1of3.bin").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 700\n")
    found = problems(copy)
    assert found["StatefulPartitionedCall/Const"] == "a Git LFS pointer, not the data"
    assert set(found.values()) == {"a Git LFS pointer, not the data", "its place or size is unknown"}  # unknown, after strings


def manifest(folder: Path, paths: Any, *entries: Any, **top: Any) -> Model:
    folder.mkdir(exist_ok=True)
    group = [{"paths": paths, "weights": list(entries)}]
    (folder / "model.json").write_text(json.dumps({"modelTopology": {"node": []}, "weightsManifest": group, **top}))
    path = folder / "model.json"
    return tfjs.read(File(path, "m/model.json"))[0]


@pytest.mark.parametrize(
    "path", ["../w.bin", "/etc/hostname", "a/../../w.bin", "C:\\w.bin", "https://example.org/w.bin", "link.bin", "", "a\0b"]
)
def test_shards_outside_the_folder(tmp_path: Path, path: str) -> None:
    (tmp_path / "w.bin").write_bytes(bytes(4))
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "link.bin").symlink_to(tmp_path / "w.bin")
    node = {"name": "w", "op": "Const", "attr": {"value": {"tensor": {"dtype": "DT_FLOAT"}}}}
    entry = {"name": "w", "shape": [], "dtype": "float32"}
    model = manifest(tmp_path / "m", [path], entry, modelTopology={"node": [node]})
    tensor = model.graph.tensor("w")
    assert tensor.stored and tensor.stored.problem in (
        "leaves the model's folder", "an absolute path", "leaves the model's folder through a symbolic link", "it names no file",
    )  # fmt: skip
    assert tensor.bytes() == b"" and model.files == []


# Other shapes of model.json


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"name": "x"}', "json"),
        ('{"modelTopology": null, "weightsManifest": []}', "tfjs"),
        ('[{"modelTopology": 1}]', "tfjs"),
        ('{"format": "graph-model"}', "tfjs"),
    ],
)
def test_other_json_is_not_claimed(tmp_path: Path, text: str, kind: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(text)
    assert detect(File(path)) == kind
    if "null" in text:
        with pytest.raises(Unreadable, match="without a topology"):
            tfjs.read(File(path))
    else:
        assert tfjs.read(File(path)) == []


def test_a_model_saved_by_tensorflow_js_itself(tmp_path: Path) -> None:
    config = {"name": "s", "layers": [{"class_name": "Dense", "config": {"name": "d", "batch_input_shape": [None, 3], "dtype": "float32"}}]}
    topology = {"class_name": "Sequential", "config": config, "keras_version": "tfjs-layers 4.22.0", "backend": "tensor_flow.js"}
    model = manifest(
        tmp_path, [], modelTopology=topology, format="layers-model", generatedBy="TensorFlow.js tfjs-layers v4.22.0", convertedBy=None
    )
    assert (model.producer, model.producer_version) == ("TensorFlow.js tfjs-layers", "4.22.0")
    assert (model.inputs[0].name, model.metadata["backend"]) == ("d_input", "tensor_flow.js")


def test_a_graph_without_a_signature(tmp_path: Path) -> None:
    nodes = [
        {"name": "x", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}, "shape": {"shape": {"unknownRank": True}}}},
        {
            "name": "s",
            "op": "Split",
            "input": ["x", "^x"],
            "attr": {"num_split": {"i": "3"}, "f": {"f": "NaN"}, "e": {}, "p": {"placeholder": "T"}},
        },
        {
            "name": "a",
            "op": "AddN",
            "input": ["s:2", "s", "s:10"],
            "attr": {"N": {"i": 3}, "l": {"list": {"s": ["YQ==", "/w=="]}}, "q": {"list": {}}},
        },
    ]
    model = manifest(tmp_path, [], modelTopology={"node": nodes, "versions": {"producer": 27}})
    split, add = model.graph.ops[1:]
    assert (model.graph.inputs, model.graph.outputs, model.ir_version) == (["x"], ["a"], 27)
    assert split.outputs == ["s", "s:2", "s:10"] and model.inputs[0].shape is None
    assert split.attributes["num_split"] == 3 and split.attributes["f"] != split.attributes["f"] and split.attributes["e"] is None
    assert add.attributes == {"N": 3, "l": ["a", b"\xff"], "q": []}


@pytest.mark.parametrize(
    "top",
    [
        {"modelTopology": {"node": 3, "library": 3, "versions": []}},
        {"modelTopology": {"node": [3, {"op": "A", "name": 3, "input": 3, "attr": 3}], "library": {"function": [{}, 3]}}},
        {
            "modelTopology": {
                "node": [{"op": "A", "attr": {"a": {"shape": {"dim": 3}}, "b": {"list": 3}, "c": {"tensor": 3}, "d": {"s": "é"}}}]
            }
        },
        {"signature": {"inputs": {"x": 3, "y": {"name": 3, "dtype": 3, "tensorShape": 3}}, "outputs": 3}},
        {"weightsManifest": 3},
        {"weightsManifest": [3, {}, {"paths": 3, "weights": 3}, {"paths": [3], "weights": [3, {}, {"name": 3, "shape": "x", "dtype": 3}]}]},
        {"weightsManifest": [{"paths": [], "weights": [{"name": "w", "shape": [1 << 40, 1 << 40], "dtype": "float32"}] * 3}]},
        {"weightsManifest": [{"paths": [], "weights": [{"name": "w", "shape": [1 << 60], "dtype": "string"}]}]},
        {
            "weightsManifest": [
                {"paths": [], "weights": [{"name": "w", "shape": [], "dtype": "float32", "quantization": {"scale": 1e-300, "min": 1e300}}]}
            ]
        },
        {"modelInitializer": {"node": 3}},
    ],
)
def test_strange_models(tmp_path: Path, top: Any) -> None:
    model = manifest(tmp_path, ["w.bin"], **top)
    assert all(not t.bytes() for graph in model.graphs for t in graph.tensors.values())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"modelTopology": ', "not valid JSON"),
        ("[" * 100_000, "too deep"),
        ('{"modelTopology": {"node": [{"name": "x"}]}}', "node 0 of graph main has no operator"),
        ('{"modelTopology": {"model_config": 3}}', "describes no model"),
        ('{"modelTopology": {}, "format": "layers-model"}', "describes no model"),
    ],
)
def test_unreadable_models(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(Unreadable, match=said):
        tfjs.read(File(tmp_path / "model.json"))


def test_strings_that_claim_to_be_long(copy: Path) -> None:
    first = copy / "group1-shard1of3.bin"
    content = bytearray(first.read_bytes())
    content[16:20] = b"\xff\xff\xff\xff"
    first.write_bytes(content)
    assert problems(copy)["StatefulPartitionedCall/GatherV2/params"] == "its place or size is unknown"


@pytest.mark.parametrize("name", ["graph", "layers"])
def test_damaged_models(tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(DATA / name, tmp_path / "model"))
    content = (folder / "model.json").read_bytes()
    assert survives(tfjs.read, folder / "model.json", cuts(content, 20)) == 20
    assert survives(tfjs.read, folder / "model.json", flips(content, 80)) > 10
