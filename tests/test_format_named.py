"""The readers of formats that are read in part, against what each format's own library reads of the same files, and hostile files.

``tests/data/models/build_named.py`` made the files and says with which releases.
"""

from __future__ import annotations

import json
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hostile import cuts, flips, survives

from deplint.formats import READERS, boosters, caffe, darknet, mnn, mxnet, ncnn, paddle, tensorrt
from deplint.formats.artifact import CLAIMS, KINDS, claim, detect
from deplint.model import Model, Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File, Project

DATA = Path(__file__).parent / "data" / "models" / "named"
FILES = sorted(path.name for path in DATA.iterdir() if not path.name.endswith((".truth.json", ".bin")))


def models(path: Path) -> list[Model]:
    """What the reader of a file's kind makes of it, whichever that is."""
    project = Project(path.parent, [], READERS)
    found = [fact for fact in project.facts(File(path, path.name)) if isinstance(fact, Model)]
    assert not project.troubles, project.troubles[0].error
    return found


def read(name: str) -> Model:
    (model,) = models(DATA / name)
    return model


def truth(name: str) -> Any:
    return json.loads((DATA / f"{name}.truth.json").read_text())


def operators(model: Model) -> list[tuple[str, str]]:
    return [(op.type, op.name) for op in model.graph.ops]


@pytest.mark.parametrize("name", FILES)
def test_each_file_has_one_reader_and_a_text(name: str) -> None:
    model = read(name)
    text = format_model(model)
    assert format_model(parse_model(text)) == text
    assert model.size == (DATA / name).stat().st_size
    promised = claim(name)
    assert promised is None or detect(File(DATA / name)) in promised.holds


def test_there_are_files_of_two_releases_of_each() -> None:
    for family in ("xgboost", "lightgbm", "catboost", "ncnn", "pnnx", "mnn", "paddle", "mxnet"):
        assert len({name.split("_")[1].rsplit(".", 1)[0].split("-")[0] for name in FILES if name.startswith(f"{family}_")}) >= 2, family


# Boosters


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("xgboost")])
def test_xgboost(name: str) -> None:
    model, told = read(name), truth(name)
    assert told["version"].startswith(model.producer_version) and model.producer_version
    assert model.metadata["features"] == str(told["features"])
    if (DATA / name).read_bytes()[:4] != b"binf":
        assert (model.metadata["trees"], model.metadata["objective"]) == (str(told["trees"]), told["objective"])


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("lightgbm")])
def test_lightgbm(name: str) -> None:
    metadata, told = read(name).metadata, truth(name)
    assert (metadata["features"], metadata["trees"]) == (str(told["features"]), str(told["trees"]))
    assert metadata["objective"].startswith("binary" if name.endswith(".txt") else "regression")


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("catboost")])
def test_catboost(name: str) -> None:
    model, told = read(name), truth(name)
    assert {key: model.metadata[key] for key in told["metadata"]} == told["metadata"]
    assert model.metadata["trees"] == str(told["trees"])
    assert model.producer_version == ("1.2.10" if "1.2.10" in name else "")


# Networks


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("ncnn")])
def test_ncnn(name: str) -> None:
    model, told = read(name), truth(name)
    layers = [layer for layer in told["layers"] if layer["type"] != "Input"]
    assert operators(model) == [(layer["type"], layer["name"]) for layer in layers]
    for op, layer in zip(model.graph.ops, layers, strict=True):
        assert (list(op.inputs), list(op.outputs)) == (layer["inputs"], layer["outputs"])
    assert (model.graph.inputs, model.graph.outputs) == (told["inputs"], told["outputs"])
    assert model.graph.ops[1].attributes == {"0": [2, -233], "1": 0} and model.graph.ops[3].attributes["3"] == [1, 2]
    assert model.files == [name.replace(".param", ".bin")]


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("pnnx")])
def test_pnnx(name: str) -> None:
    model = read(name)
    assert (model.format, [t.shape for t in model.inputs], [t.shape for t in model.outputs]) == ("pnnx", [(1, 3, 8, 8)], [(1, 2)])
    convolution = model.graph.ops[0]
    assert convolution.type == "nn.Conv2d" and convolution.attributes["kernel_size"] == [3, 3]
    assert convolution.attributes["@weight"] == "(4,3,3,3)f32" and model.graph.tensors["1"].dtype == "float32"


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("mnn")])
def test_mnn(name: str) -> None:
    model, told = read(name), truth(name)
    names = told["tensors"]
    expected = [(kind, name, [names[i] for i in ins], [names[i] for i in outs]) for kind, name, ins, outs in told["operators"]]
    assert model.graph.inputs == [name for kind, _, _, outputs in expected for name in outputs if kind == "Input"]
    assert [(op.type, op.name, list(op.inputs), list(op.outputs)) for op in model.graph.ops] == [op for op in expected if op[0] != "Input"]
    assert (model.graph.outputs, model.producer_version) == (told["outputs"], told["version"])
    nested = [[graph.name, [op.type for op in graph.ops]] for graph in model.graphs[1:]]
    assert nested == [[name, [kind for kind in kinds if kind != "Input"]] for name, kinds in told.get("graphs", [])]


def test_paddle_program() -> None:
    model, told = read("paddle_2.6.pdmodel"), truth("paddle_2.6.pdmodel")
    feed, *middle, fetch = told["operators"]
    assert (model.graph.inputs, model.graph.outputs) == (feed["outputs"]["Out"], fetch["inputs"]["X"])
    assert [op.type for op in model.graph.ops] == [op["type"] for op in middle]
    for op, expected in zip(model.graph.ops, middle, strict=True):
        assert sorted(op.inputs) == sorted(name for names in expected["inputs"].values() for name in names)
        assert sorted(op.outputs) == sorted(name for names in expected["outputs"].values() for name in names)
        assert {key: op.attributes[key] for key in expected["ints"] if key != "op_role"}.items() <= expected["ints"].items()
    weights = {t.name: [f"paddle.{t.dtype}", [-1 if d is None else d for d in t.shape or ()]] for t in model.graph.weights}
    assert weights == told["weights"]
    for name, (dtype, shape) in told["values"].items():
        tensor = model.graph.tensors[name]
        assert (f"paddle.{tensor.dtype}", tensor.shape) == (dtype, tuple(None if size == -1 else size for size in shape))
    assert model.producer_version == "2.6.2"
    assert any("build_named.py" in op.notes.get("op_callstack", "") for op in model.graph.ops)


def test_paddle_program_of_version_3() -> None:
    model, told = read("paddle_3.3.json"), truth("paddle_3.3.json")["operators"]
    results = [[f"paddle.{t.dtype}", [-1 if d is None else d for d in t.shape or ()]] for t in model.graph.tensors.values()]
    assert sorted(map(str, results)) == sorted(str(result) for op in told for result in op["outputs"])
    hidden = ("builtin.parameter", "pd_op.data", "pd_op.fetch")
    assert [f"{op.domain or 'pd_op'}.{op.type}" for op in model.graph.ops] == [op["type"] for op in told if op["type"] not in hidden]
    assert [(t.name, t.shape) for t in model.inputs] == [("image", (None, 3, 8, 8))] and [t.shape for t in model.outputs] == [(None, 2)]


@pytest.mark.parametrize(("program", "release"), [("paddle_2.6.pdmodel", "2.6"), ("paddle_3.3.json", "3.3")])
def test_paddle_weights_are_those_that_were_trained(program: str, release: str) -> None:
    """A state dictionary is a pickle of NumPy arrays, which the library wrote from the same network."""
    weights = {t.name: t for t in read(program).graph.weights}
    (state,) = models(DATA / f"paddle_{release}.pdparams")
    stored = {t.name: t for t in state.graph.weights}
    pairs = {"conv2d_0.w_0": "0.weight", "conv2d_0.b_0": "0.bias", "linear_0.w_0": "4.weight", "linear_0.b_0": "4.bias"}
    for name, other in pairs.items():
        assert (weights[name].shape, weights[name].bytes()) == (stored[other].shape, stored[other].bytes())
        assert len(weights[name].bytes()) == weights[name].nbytes


@pytest.mark.parametrize("release", ["1.6", "1.9"])
def test_mxnet(release: str) -> None:
    model, told = read(f"mxnet_{release}-symbol.json"), truth(f"mxnet_{release}-symbol.json")
    arrays = truth(f"mxnet_{release}-0000.params")["weights"]
    assert told["version"] == model.producer_version
    assert [*model.graph.inputs, *(t.name for t in model.graph.weights)] == told["arguments"]
    # The library calls results conv_output, halves_output0; deplint conv, halves, halves:1.
    results = [name for op in model.graph.ops for name in op.outputs]
    assert len(results) + len(told["arguments"]) == len(told["internals"])
    assert [f"{name}_output" for name in model.graph.outputs] == told["outputs"]
    for tensor in model.graph.weights:
        dtype, shape, content = arrays[f"arg:{tensor.name}"]
        assert (tensor.dtype, list(tensor.shape or ()), tensor.bytes().hex()) == (dtype, shape, content)
    stored = read(f"mxnet_{release}-0000.params").graph.tensors
    assert {key: [t.dtype, list(t.shape or ()), t.bytes().hex()] for key, t in stored.items()} == arrays


def test_json_that_looks_like_mxnet(tmp_path: Path) -> None:
    node = '{"op": "tvm_op", "name": "fused", "inputs": []}'
    path = tmp_path / "graph.json"
    for text in (f'{{"nodes": [{node}], "heads": [[0, 0, 0]]}}', '{"nodes": [{"op": "add", "name": "a"}]}'):
        path.write_text(text)
        assert detect(File(path)) == "mxnet" and models(path) == []


@pytest.mark.parametrize("name", ["caffe.caffemodel", "caffe_v1.caffemodel", "caffe.prototxt"])
def test_caffe(name: str) -> None:
    model, told = read(name), truth("caffe.caffemodel" if name.endswith("txt") else name)
    assert [[op.type, op.name] for op in model.graph.ops] == [[kind.replace("SoftMax", "Softmax"), name] for kind, name in told["layers"]]
    if name.endswith("txt"):
        assert [(t.name, t.shape) for t in model.inputs] == [("data", (1, 3, 8, 8))] and model.graph.outputs == ["prob"]
        assert model.graph.ops[0].attributes == {"num_output": 4, "kernel_size": 3} and model.files == ["caffe.caffemodel"]
        return
    for layer, shapes in told["stored"].items():
        for index, shape in enumerate(shapes):
            tensor = model.graph.tensors[f"{layer}.{index}"]
            assert [size for size in tensor.shape or () if size != 1] == [size for size in shape if size != 1]
        assert model.graph.tensors[f"{layer}.0"].bytes().hex() == told["values"][layer]


def test_caffe_text_of_2014(tmp_path: Path) -> None:
    path = tmp_path / "net.prototxt"
    path.write_text(
        'input: "data"\ninput_dim: 1\ninput_dim: 3\ninput_dim: 4\ninput_dim: 5\n'
        'layers { name: "c" type: CONVOLUTION bottom: "data" top: "c" }\nlayers { name: "p" type: INNER_PRODUCT bottom: "c" top: "p" }\n'
    )
    (model,) = models(path)
    assert operators(model) == [("Convolution", "c"), ("InnerProduct", "p")] and model.inputs[0].shape == (1, 3, 4, 5)
    path.write_text('net: "train.prototxt"\nbase_lr: 0.01\n')
    assert models(path) == []


def test_darknet() -> None:
    model, told = read("darknet.cfg"), truth("darknet.cfg")["layers"]
    names = {"convolutional": "conv", "maxpool": "pool", "route": "concat"}  # and a layer each for normalization and activation
    expected = [name for _, name in told if not name.startswith(("bn_", "leaky_"))]
    assert [f"{names.get(op.type, op.type)}_{op.index}" for op in model.graph.ops] == expected
    assert list(model.graph.ops[3].inputs) == ["layer2", "layer1"] and list(model.graph.ops[4].inputs) == ["layer3", "layer1"]
    assert (model.inputs[0].shape, model.files) == ((None, 3, 8, 8), ["darknet.weights"])
    weights = read("darknet.weights")
    assert (weights.producer_version, weights.metadata["seen"], weights.metadata["numbers"]) == ("0.2.5", "32013312", "144")


def test_other_settings_with_a_network(tmp_path: Path) -> None:
    path = tmp_path / "setup.cfg"
    for text in ("[network]\nhost = a\n", "[metadata]\nname = x\n[net]\n[convolutional]\n", "[net]\n[options]\n", "\n" * 3000 + "[net"):
        path.write_text(text)
        assert detect(File(path)) == "text"


# CNTK, whose package has no wheel for a Python of today: messages by its published field numbers


def entry(key: bytes, text: bytes) -> bytes:
    value = b"\x10\x06\x42" + bytes([len(text)]) + text
    inner = b"\x0a" + bytes([len(key)]) + key + b"\x12" + bytes([len(value)]) + value
    return b"\x12" + bytes([len(inner)]) + inner


CNTK = b"\x08\x01" + entry(b"type", b"CompositeFunction") + entry(b"root", b"Softmax12")


def test_cntk(tmp_path: Path) -> None:
    path = tmp_path / "net.model"
    path.write_bytes(CNTK)
    (model,) = models(path)
    assert model.metadata == {"type": "CompositeFunction", "root": "Softmax12"}
    path.write_bytes(b"B\0C\0N\0\0\0" + b"B\0V\0e\0r\0s\0i\0o\0n\0\0\0" + bytes(30))
    assert models(path)[0].metadata == {"layout": "before CNTK 2"}
    path.write_bytes(b"\x0a\x05\x0a\x03<s>" * 40)  # a sentencepiece vocabulary
    assert models(path) == []


# TensorRT, whose engines need a GPU to be built: the header as its own tool reads it


def plan(*version: int) -> bytes:
    return b"ftrt" + bytes(20) + bytes(version) + bytes(range(1, 200))


def test_tensorrt(tmp_path: Path) -> None:
    path = tmp_path / "net.engine"
    path.write_bytes(plan(10, 3, 0, 26))
    (model,) = models(path)
    assert (model.producer, model.producer_version, model.metadata) == ("tensorrt", "10.3.0.26", {})
    about = json.dumps(
        {"task": "detect", "imgsz": [640, 640], "batch": 1, "stride": 32, "names": {"0": "cat"}, "version": "8.3.1"}
    ).encode()
    path.write_bytes(struct.pack("<I", len(about)) + about + plan(8, 6, 1, 6))
    (model,) = models(path)
    assert model.producer_version == "8.6.1.6"
    assert (model.metadata["task"], model.metadata["imgsz"], model.metadata["names"]) == ("detect", "[640, 640]", '{"0": "cat"}')
    # Layouts that are not known, and the magic of long ago: an engine, and no more is certain.
    for content in (b"ftrt\1\0\0\0" + bytes(40), b"ptrt" + bytes(60)):
        path.write_bytes(content)
        assert models(path)[0].producer_version == ""
    for content in (b"ftrt", b"ftrt" + bytes(10), struct.pack("<I", len(about)) + about + b"ft", struct.pack("<I", len(about)) + about):
        path.write_bytes(content)
        with pytest.raises(Unreadable, match="breaks off"):
            tensorrt.read(File(path))
    for content in (struct.pack("<I", 3) + b"{}{" + plan(8, 6, 1, 6), struct.pack("<I", 2) + b"{}" + bytes(40), b"\xff" * 40):
        path.write_bytes(content)
        with pytest.raises(Unreadable):
            tensorrt.read(File(path))


# Files that break off, and other damage

WHOLE: list[tuple[str, Callable[[File], Any]]] = [
    ("caffe.caffemodel", caffe.read),
    ("caffe_v1.caffemodel", caffe.read),
    ("caffe.prototxt", caffe.read_text),
    ("catboost_1.2.cbm", boosters.read_catboost),
    ("darknet.cfg", darknet.read),
    ("darknet.weights", darknet.read_weights),
    ("lightgbm_4.7.txt", boosters.read_lightgbm),
    ("mnn_3.6.mnn", mnn.read),
    ("mxnet_1.9-0000.params", mxnet.read_params),
    ("mxnet_1.9-symbol.json", mxnet.read),
    ("ncnn_2026.param", ncnn.read),
    ("pnnx_2026.param", ncnn.read),
    ("paddle_2.6.pdmodel", paddle.read),
    ("paddle_2.6.pdiparams", paddle.read_parameters),
    ("paddle_3.3.json", paddle.read_pir),
    ("xgboost_1.6.model", boosters.read_xgboost),
    ("xgboost_3.2.json", boosters.read_xgboost),
    ("xgboost_3.2.ubj", boosters.read_xgboost),
]


@pytest.mark.parametrize(("name", "load"), WHOLE, ids=[name for name, _ in WHOLE])
def test_damaged_files(name: str, load: Callable[[File], Any], tmp_path: Path) -> None:
    content = (DATA / name).read_bytes()
    survives(load, tmp_path / name, cuts(content, 20))
    survives(load, tmp_path / name, flips(content, 60))


BREAKS_OFF = [name for name, _ in WHOLE if not name.endswith((".cfg", ".weights", ".prototxt", ".model"))]


@pytest.mark.parametrize("name", BREAKS_OFF)
def test_files_that_break_off_are_named_and_refused(name: str, tmp_path: Path) -> None:
    """A file cut in two is still of its kind, and is trouble for its reader. (What follows its trees is not needed by LightGBM.)"""
    content = (DATA / name).read_bytes().partition(b"\nend of trees")[0]
    path = tmp_path / name
    path.write_bytes(content[: len(content) // 2])
    project = Project(tmp_path, [], READERS)
    assert not [fact for fact in project.facts(File(path)) if isinstance(fact, Model)]
    assert len(project.troubles) == 1 and isinstance(project.troubles[0].error, Unreadable)


@pytest.mark.parametrize("name", ["caffe.caffemodel", "paddle_2.6.pdmodel"])
def test_a_network_that_breaks_off_in_its_first_layer(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes((DATA / name).read_bytes()[:60])
    assert KINDS[detect(File(path))] in ("a trained Caffe network", "a PaddlePaddle program")


def bomb(tmp_path: Path, name: str, content: bytes) -> str:
    path = tmp_path / name
    path.write_bytes(content)
    load = dict(WHOLE)
    with pytest.raises(Unreadable) as caught:
        next(load[each] for each in load if each.rsplit(".", 1)[1] == name.rsplit(".", 1)[1])(File(path))
    return str(caught.value)


def test_numbers_that_promise_too_much(tmp_path: Path) -> None:
    assert "arrays in a file" in bomb(tmp_path, "a.params", struct.pack("<QQQ", 0x112, 0, 1 << 62))
    head = struct.pack("<QQQ", 0x112, 0, 1) + struct.pack("<Ii", 0xF993FAC9, 0)
    assert "dimensions" in bomb(tmp_path, "a.params", head + struct.pack("<i", 1 << 30))
    huge = struct.pack("<i2q3i", 2, 1 << 62, 1 << 62, 1, 0, 0)
    assert "breaks off" in bomb(tmp_path, "a.params", head + huge)
    assert "shape" in bomb(tmp_path, "a.params", head + struct.pack("<i2q3i", 2, -1, 4, 1, 0, 0))
    assert "breaks off" in bomb(tmp_path, "a.cbm", b"CBM1" + struct.pack("<II", 1 << 31, 16))
    assert "promised" in bomb(tmp_path, "a.param", b"7767517\n999999999 3\nInput in 0 1 x\n")
    assert "fewer" in bomb(tmp_path, "a.param", b"7767517\n1 1\nInput in 99999999 1 x\n")
    tensor = b"\x08\x05" + b"\x10\xff\xff\xff\xff\xff\xff\xff\xff\x7f" * 2
    assert "breaks off" in bomb(tmp_path, "a.pdiparams", bytes(16) + struct.pack("<i", len(tensor)) + tensor)
    assert bomb(tmp_path, "a.pdiparams", bytes(4) + struct.pack("<Q", 1 << 62) + bytes(40))
    assert "breaks off" in bomb(tmp_path, "a.pdiparams", bytes(4) + struct.pack("<QQ", 1, (1 << 64) - 1) + bytes(40))
    assert "before it" in bomb(tmp_path, "a.cfg", b"[net]\n[route]\nlayers=-1\n")


def test_a_line_of_ncnn_without_keys(tmp_path: Path) -> None:
    path = tmp_path / "a.param"
    path.write_bytes(b"7767517\n2 1\nInput in 0 1 x\nA b 1 1 x y =(1,2)f32 #=1 = #y=(1,?,x)f32 @w=(2)f16 3=1.5 -23301=2,4,5 k=[1,2]\n")
    (op,) = ncnn.read(File(path)).graph.ops
    assert op.attributes == {"": "", "#": 1, "@w": "(2)f16", "3": 1.5, "1": [4, 5], "k": [1, 2]}
    assert ncnn.read(File(path)).graph.tensors["y"].shape == (1, None, None)


def test_json_that_is_deep(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    region = '{"blocks": [{"ops": [{"#": "1.if", "O": [], "regions": ['
    path.write_text('{"base_code": {"magic": "pir"}, "program": {"regions": [' + region * 80 + "]}]}]}" * 80 + "]}}")
    with pytest.raises(Unreadable, match="nested deeper"):
        paddle.read_pir(File(path))
    path.write_text('{"base_code": {"magic": "pir"}, "program": ' + "[" * 100_000)
    with pytest.raises(Unreadable):
        paddle.read_pir(File(path))
    path.write_text('{"nodes": [{"op": "a", "name": "b", "inputs": [[5, 0, 0]]}], "heads": []}')
    with pytest.raises(Unreadable, match="no result"):
        mxnet.read(File(path))


class Payload:
    """What runs code if it is ever unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("ran"),))


def test_a_pickle_of_paddle_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.pdparams"
    path.write_bytes(pickle.dumps({"w": Payload()}, 4))
    Project(tmp_path, [], READERS).facts(File(path))
    assert not (tmp_path / "ran").exists()


# Names and contents

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146c0\nsize 132735\n"
HTML = b"<!DOCTYPE html>\n<html><head><title>404</title></head></html>"


@pytest.mark.parametrize(
    ("names", "content", "fits"),
    [
        ("a.caffemodel a.pdmodel __model__ a.pdiparams a.mnn a.cbm a.pdparams", HTML, False),
        ("a.caffemodel a.pdmodel __model__ a.mnn a.cbm", b"", False),
        ("a.caffemodel a.pdmodel a.mnn a.cbm a.weights a.params a.model a.ubj a.dnn a.param", POINTER, False),
        # Suffixes of many others.
        ("a.weights a.params a.model a.ubj a.dnn a.param", HTML, None),
        ("a.weights a.params a.model a.ubj a.dnn a.param", b"", None),
        ("a.pdmodel a.caffemodel", b"\x89HDF\r\n\x1a\n" + bytes(60), None),
        ("a.mnn", b"\x10\0\0\0" + bytes(60), None),
    ],
)
def test_names_and_contents(tmp_path: Path, names: str, content: bytes, fits: bool | None) -> None:
    from deplint.formats.artifact import read as judge

    for name in names.split():
        path = tmp_path / name
        path.write_bytes(content)
        expected = False if name == "a.pdmodel" and fits is None else fits
        assert judge(File(path)).fits is expected, name
        assert not models(path)


def test_no_claim_is_hidden_by_one_before_it() -> None:
    for promised in CLAIMS:
        for name in promised.names:
            example = name.replace("*", "x").replace("?", "0").replace("[0-9]", "1")
            assert claim(example) is not None
