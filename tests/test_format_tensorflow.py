"""The SavedModel and GraphDef readers, against TensorFlow (where it is installed) and against hostile files."""

from __future__ import annotations

import os
import random
import shutil
import struct
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hostile import cuts, flips, survives

from deplint.formats import savedmodel, tensorflow_text
from deplint.formats import tensorflow as reader
from deplint.formats.artifact import detect
from deplint.model import Graph, Model, Ref, Signature, Tensor, Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File

DATA = Path(__file__).parent / "data" / "models"
RELEASES = DATA / "tensorflow"
SAVED = sorted((DATA / "savedmodel").glob("*/saved_model.pb"))
FROZEN = sorted((DATA / "graphdef").glob("*.pb"))
OLDER = sorted(RELEASES.glob("*/*/saved_model.pb"))
GRAPHS = sorted(RELEASES.glob("*/graph.pb"))
META = sorted(RELEASES.glob("*/saver/*.meta"))
TEXTS = [path for pattern in ("graph.pbtxt", "saver/*.pbtxt", "builder_text/*.pbtxt") for path in sorted(RELEASES.glob(f"*/{pattern}"))]
BINARY = {
    "saved_model.pbtxt": (tensorflow_text.read_saved_model, reader.read_saved_model, "builder/saved_model.pb"),
    "model.ckpt-7.pbtxt": (tensorflow_text.read_meta_graph, reader.read_meta_graph, "saver/model.ckpt-7.meta"),
    "graph.pbtxt": (tensorflow_text.read_graph_def, reader.read_graph_def, "graph.pb"),
}
"""By the name of a text: its reader, that of the same model in the wire format, and where that is."""


def read(path: Path) -> Model:
    return loader(path)(File(path, path.name))


def loader(path: Path) -> Callable[[File], Model]:
    if path.suffix == ".pbtxt":
        return BINARY[path.name][0]
    if path.suffix == ".meta":
        return reader.read_meta_graph
    return reader.read_saved_model if path.name == "saved_model.pb" else reader.read_graph_def


def ids(path: Path) -> str:
    inner = path.relative_to(DATA).parts[1:]
    return "-".join(inner[:-1] if inner[-1] == "saved_model.pb" else (*inner[:-1], path.name.removesuffix(".pb")))


def saved(name: str) -> Model:
    return read(DATA / "savedmodel" / name / "saved_model.pb")


def frozen(name: str) -> Model:
    return read(DATA / "graphdef" / f"{name}.pb")


@pytest.mark.parametrize("path", SAVED + FROZEN, ids=ids)
def test_text_form(path: Path) -> None:
    text = path.with_suffix(".pb.txt").read_text()
    assert format_model(read(path)) == text
    assert format_model(parse_model(text)) == text


def test_keras_export() -> None:
    model = saved("keras3")
    assert (model.format, model.producer, model.tags) == ("savedmodel", "tensorflow", ["serve"])
    assert model.producer_version.startswith("2.")
    assert list(model.signatures) == ["serve", "serving_default"]
    serving = model.signatures["serving_default"]
    assert serving.method == "tensorflow/serving/predict"
    assert serving.inputs == {"image": Tensor("serving_default_image", "float32", (None, 8, 8, 3))}
    assert serving.outputs == {"output_0": Tensor("StatefulPartitionedCall_1", "float32", (None, 2))}
    assert model.graph.inputs == ["serve_image", "serving_default_image"]
    assert [t.shape for t in model.outputs] == [(None, 2), (None, 2)]
    assert model.files == ["fingerprint.pb", "variables/variables.data-00000-of-00001", "variables/variables.index"]


def test_used_leaves_out_saving_and_restoring() -> None:
    model = saved("keras3")
    everything, used = ({op.type for _, op in ops} for ops in (model.ops(), model.used()))
    assert {"SaveV2", "RestoreV2", "MergeV2Checkpoints"} <= everything - used
    assert {"Conv2D", "Relu", "MatMul", "Softmax", "ReadVariableOp"} <= used
    branches = {graph.name for graph, _ in saved("module").used()}
    assert any("cond_true" in name for name in branches) and any("while_body" in name for name in branches)


def test_values_within_functions_have_types() -> None:
    model = saved("keras3")
    (conv,) = [(graph, op) for graph, op in model.used() if op.type == "Conv2D"]
    graph, op = conv
    assert graph.kind == "function"
    assert op.attributes["strides"] == [1, 1, 1, 1] and op.attributes["padding"] == "VALID" and op.attributes["T"] == "float32"
    assert graph.tensor(op.outputs[0]) == Tensor(op.outputs[0], "float32", (None, 6, 6, 4))
    assert graph.tensor(op.inputs[1]).shape == (3, 3, 3, 4)


def test_assets_are_listed() -> None:
    assert "assets/vocabulary.txt" in saved("assets").files


def test_the_served_graph_is_the_main_one() -> None:
    """The first of the two graphs is for training, and has dropout."""
    model = saved("two_tags")
    assert model.tags == ["train", "serve", "gpu"]
    assert list(model.signatures) == ["serving_default"]
    assert not any("dropout" in op.name for _, op in model.ops())


def test_frozen_graph() -> None:
    model = frozen("frozen_v1")
    assert (model.format, model.producer, model.producer_version, model.files) == ("graphdef", "tensorflow", "", [])
    assert (model.graph.inputs, model.graph.outputs) == (["input"], ["probs"])
    assert model.graph.tensor("input") == Tensor("input", "float32", (None, 8, 8, 3))
    ops = {op.name: op for op in model.graph.ops}
    kernel = model.graph.tensor("conv/kernel")
    assert kernel.shape == (3, 3, 3, 4) and kernel.stored and kernel.stored.nbytes == 432 == len(kernel.bytes())
    assert ops["conv/Conv2D"].attributes["padding"] == "SAME"
    assert ops["split"].outputs == ["split"]
    assert model.graph.tensor("flat/shape").bytes() == b"\xff\xff\xff\xff\x40\0\0\0"


def test_functions_of_a_frozen_graph() -> None:
    model = frozen("frozen_v2")
    loop = next(op for op in model.graph.ops if op.type == "StatelessWhile")
    functions = {graph.name: graph for graph in model.graphs if graph.kind == "function"}
    assert {loop.attributes["body"], loop.attributes["cond"]} <= set(functions)
    assert functions[loop.attributes["cond"]].outputs == ["while/Identity:output:0"]


# Beside a SavedModel


def variables(path: Path) -> dict[str, Tensor]:
    return next((graph.tensors for graph in read(path).graphs if graph.name == "variables"), {})


def problems(folder: Path) -> dict[str, str]:
    """What is wrong with the variables of a SavedModel, by their keys."""
    found = variables(folder / "saved_model.pb")
    return {name: tensor.stored.problem for name, tensor in found.items() if tensor.stored and tensor.stored.problem}


@pytest.fixture(params=["savedmodel/module", "savedmodel/simple_save", "tensorflow/tf2.15/keras_saved", "tensorflow/tf1.15/builder"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    shutil.copytree(DATA / request.param, tmp_path / "m")
    return tmp_path / "m"


def test_variables_are_those_of_the_checkpoint() -> None:
    tensors = variables(DATA / "savedmodel" / "module" / "saved_model.pb")
    kernel = tensors["w/.ATTRIBUTES/VARIABLE_VALUE"]
    assert (kernel.dtype, kernel.shape, len(kernel.bytes())) == ("float32", (4, 4), 64)
    for path in SAVED + OLDER:
        assert not problems(path.parent), path


def test_variables_that_are_not_there(folder: Path) -> None:
    shard = folder / "variables" / "variables.data-00000-of-00001"
    content = shard.read_bytes()
    every = set(variables(folder / "saved_model.pb"))
    shard.write_bytes(content[:-1])
    assert any("too short" in problem for problem in problems(folder).values())
    shard.unlink()
    assert problems(folder) == dict.fromkeys(every, "file is missing")
    index = folder / "variables" / "variables.index"
    index.write_bytes(index.read_bytes()[:40])
    assert set(problems(folder)) == every and "footer" in problems(folder).popitem()[1]
    index.unlink()
    assert problems(folder) == dict.fromkeys(every, "file is missing")
    (folder / "variables" / "variables").touch()  # one of TensorFlow before 0.12
    assert problems(folder) == {}


def test_variables_of_another_model(tmp_path: Path) -> None:
    """The variables folder of another export: other names, and with the same name another shape."""
    shutil.copytree(DATA / "savedmodel" / "simple_save", tmp_path / "m")
    shutil.rmtree(tmp_path / "m" / "variables")
    shutil.copytree(DATA / "savedmodel" / "module" / "variables", tmp_path / "m" / "variables")
    assert problems(tmp_path / "m") == dict.fromkeys(("conv/kernel", "conv/bias"), savedmodel.UNKNOWN_VARIABLE)
    # "conv/bias" of four numbers becomes one of five.
    model = tmp_path / "m" / "saved_model.pb"
    shutil.rmtree(tmp_path / "m" / "variables")
    shutil.copytree(DATA / "savedmodel" / "simple_save" / "variables", tmp_path / "m" / "variables")
    node = b"VariableV2" + model.read_bytes().split(b"VariableV2")[-1].split(b"\n\tconv/bias", 1)[0]
    changed = node.replace(b"\x12\x02\x08\x04", b"\x12\x02\x08\x05")
    assert changed != node
    model.write_bytes(model.read_bytes().replace(node, changed))
    assert problems(tmp_path / "m") == {"conv/bias": "stored as float32[4] and declared float32[5]"}


def test_assets_that_are_not_there(tmp_path: Path) -> None:
    shutil.copytree(DATA / "savedmodel" / "assets", tmp_path / "m")
    path = tmp_path / "m" / "saved_model.pb"
    assert "assets/vocabulary.txt" not in read(path).metadata
    (tmp_path / "m" / "assets" / "vocabulary.txt").unlink()
    assert read(path).metadata["assets/vocabulary.txt"] == "file is missing"
    path.write_bytes(path.read_bytes().replace(b"\x12\x0evocabulary.txt", b"\x12\x0e../../../../ab"))
    assert read(path).metadata["assets/../../../../ab"] == "leaves the model's folder"


def test_notes_of_keras_and_hub(tmp_path: Path) -> None:
    keras = read(RELEASES / "tf2.15" / "keras_saved" / "saved_model.pb")
    assert keras.metadata["keras_version"] == "2.15.0" and keras.metadata["backend"] == "tensorflow"
    hub = RELEASES / "tf1.15" / "hub_module"
    assert read(hub / "saved_model.pb").metadata == {"hub_module_format": "3"}
    cached = tmp_path / "7f0e2a"
    shutil.copytree(hub, cached)
    (tmp_path / "7f0e2a.descriptor.txt").write_text("Module: https://tfhub.dev/someone/words/1\nDownload Time: 2026-01-01\n")
    assert read(cached / "saved_model.pb").metadata["hub_handle"] == "https://tfhub.dev/someone/words/1"


def test_keras_version_in_the_graph_of_objects(tmp_path: Path) -> None:
    """Where TensorFlow 2.0 to 2.4 have it."""
    objects = field(1, field(4, field(1, b"_tf_keras_sequential") + field(3, b'{"keras_version": "2.4.0", "backend": "tensorflow"}')))
    info = field(1, field(4, b"serve") + field(5, b"2.4.1"))
    path = tmp_path / "saved_model.pb"
    path.write_bytes(field(1, 1) + field(2, info + field(2, field(1, field(1, b"n") + field(2, b"NoOp"))) + field(7, objects)))
    assert read(path).metadata["keras_version"] == "2.4.0"


@pytest.mark.parametrize("path", META, ids=ids)
def test_meta_graphs(path: Path) -> None:
    model = read(path)
    assert (model.format, model.graph.inputs[0], model.graph.outputs) == ("metagraph", "x", [])
    assert model.producer_version.startswith(path.parent.parent.name.removeprefix("tf")) and model.metadata["saver"] == "V2"
    assert set(model.graphs[-1].tensors) == {"dense/bias", "dense/kernel", "flag", "half", "step", "table"}
    assert not [t for t in model.graphs[-1].weights if t.stored and t.stored.problem]


def test_meta_graph_without_its_checkpoint(tmp_path: Path) -> None:
    shutil.copy(META[0], tmp_path)
    assert [graph.name for graph in read(tmp_path / META[0].name).graphs] == ["main"]


# Models as text


def normal(model: Model) -> Model:
    """Without what depends on the coding: the order of maps, sizes, places."""
    model.size, model.files, model.format = 0, [], model.format.removesuffix("-text")
    for _, op in model.ops():
        op.attributes = {
            key: replace(value, stored=None) if isinstance(value, Tensor) else value for key, value in sorted(op.attributes.items())
        }
    for graph in model.graphs:
        graph.tensors = {
            name: replace(tensor, stored=replace(tensor.stored, offset=0, path="") if tensor.stored else None)
            for name, tensor in graph.tensors.items()
        }
    model.signatures = {name: Signature(name, s.inputs, s.outputs, s.method) for name, s in sorted(model.signatures.items())}
    return model


@pytest.mark.parametrize("path", TEXTS, ids=ids)
def test_text_says_what_the_wire_format_says(path: Path) -> None:
    _, load, name = BINARY[path.name]
    release = path.parent if path.name == "graph.pbtxt" else path.parent.parent
    text, wire = read(path), load(File(release / name, path.name))
    assert text.size == path.stat().st_size
    for ours, theirs in zip(text.graphs, wire.graphs, strict=True):
        for key, tensor in theirs.tensors.items():
            assert ours.tensors[key].bytes() == tensor.bytes(), key
    assert normal(text) == normal(wire)
    assert format_model(parse_model(format_model(text))) == format_model(text)


def test_text_constants() -> None:
    graph = read(RELEASES / "tf2.21" / "graph.pbtxt").graph
    words = graph.tensor("words").data
    assert isinstance(words, reader.StringData) and words.strings() == [b"plain", "é中\"'\\\n\t".encode(), b"\xff\0\1"]
    assert struct.unpack("<3d", graph.tensor("double").bytes()) == (0.1, float("-inf"), 1e300)
    assert graph.tensor("bytes").bytes() == bytes(range(12))
    assert struct.unpack("<2q", graph.tensor("long").bytes()) == (-1, 1 << 40)


def node(*attributes: str) -> str:
    return 'node { name: "n" op: "Const" ' + " ".join(f'attr {{ key: "v" value {{ {each} }} }}' for each in attributes) + " }"


def from_text(tmp_path: Path, text: str | bytes) -> Model:
    path = tmp_path / "graph.pbtxt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(path)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("i: -7", -7), ("i: 0x10", 16), ("i: 010", 8), ("i: -9223372036854775808", -(1 << 63)), ("b: true", True), ("b: f", False),
        ("f: 1.5f", 1.5), ("f: -inf", float("-inf")), ("f: 1e99", float("inf")), ("f: inf", float("inf")), ("type: DT_HALF", "float16"),
        ("type: 9", "int64"), ("type: DT_FLOAT_REF", "float32"), ("type: DT_QINT8", ""), ('s: "a" \'b\'  "\\303\\251\\x21"', "abé!"),
        ('s: "\\377"', b"\xff"), ('s: "\\u00e9\\U0001F600"', "é😀"), ("shape { dim { size: 2 } dim < size: -1 > }", (2, None)),
        ("shape { unknown_rank: true }", None), ("list { i: [1, -2, 3] i: 4 }", [1, -2, 3, 4]), ("list { s: ['a', 'b'] }", ["a", "b"]),
        ("list { f: 1, f: .5; }", [1.0, 0.5]), ("list { type: [DT_INT8, DT_BOOL] }", ["int8", "bool"]), ("list: { }", []),
        ('func { name: "g" new_field { deep: [{ a: 1 }, { a: 2 }] } }', "g"), ("# nothing\n b: 1", True),
    ],
)  # fmt: skip
def test_text_values(tmp_path: Path, written: str, value: Any) -> None:
    assert from_text(tmp_path, node(written)).graph.ops[0].attributes == {"v": value}


@pytest.mark.parametrize(
    "text",
    [
        "", "node", "node { name: 1 }", 'node: "n"', "node { name: { } }", "node { op: NoOp }", node("i: x"), node(f"i: {1 << 64}"),
        node("f: one"), node("type: DT_WRONG"), node("shape: 3"), node('s: "open'), node('s: "a\nb"'), node("i: 1")[:-1], "node }",
        node("func { " * 70 + "}" * 70), "node { " * 5000, 'node { input: "a" }' * 5, "\0", "node { op: 'x\\",
        'include: "other.pbtxt"', 'import "other.proto"; ' + node("i: 1"), "node < name: 'n' }",
    ],
)  # fmt: skip
def test_texts_that_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Unreadable):
        from_text(tmp_path, text)


def test_text_of_escapes(tmp_path: Path) -> None:
    """A large tensor_content, each byte four characters."""
    content = bytes(range(256)) * 256
    written = "".join(f"\\{byte:03o}" for byte in content)
    text = node(f'tensor {{ dtype: DT_UINT8 tensor_shape {{ dim {{ size: {len(content)} }} }} tensor_content: "{written}" }}')
    value = from_text(tmp_path, text).graph.ops[0].attributes["v"]
    assert value.bytes(len(content)) == content
    survives(tensorflow_text.read_graph_def, tmp_path / "graph.pbtxt", [text.encode()])


def test_text_of_numbers(tmp_path: Path) -> None:
    text = node("tensor { dtype: DT_FLOAT tensor_shape { dim { size: 20000 } } " + "float_val: 0.5 " * 20_000 + "}")
    value = from_text(tmp_path, text).graph.ops[0].attributes["v"]
    assert value.bytes() == struct.pack("<f", 0.5) * 20_000
    survives(tensorflow_text.read_graph_def, tmp_path / "graph.pbtxt", [text.encode()])


def test_long_texts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "graph.pbtxt"
    with open(path, "wb") as stream:
        stream.truncate(1 << 30)
    with pytest.raises(Unreadable):
        read(path)


def test_damaged_texts(tmp_path: Path) -> None:
    nodes = TEXTS[0].read_bytes().split(b"\n}\n")
    content = b"\n}\n".join([*nodes[:2], *(each for each in nodes if b"string_val" in each or b"tensor_content" in each)][:12]) + b"\n}\n"
    assert survives(tensorflow_text.read_graph_def, tmp_path / "graph.pbtxt", [content]) == 0
    survives(tensorflow_text.read_graph_def, tmp_path / "graph.pbtxt", cuts(content, 20))
    survives(tensorflow_text.read_graph_def, tmp_path / "graph.pbtxt", flips(content, 60))


OTHER_TEXTS = {
    "label map": "item {\n  id: 1\n  name: 'cat'\n}\n",
    "mediapipe": 'node {\n  calculator: "PassThroughCalculator"\n  input_stream: "in"\n}\n',
    "triton": 'name: "net"\nplatform: "tensorflow_savedmodel"\nmax_batch_size: 8\n',
    "onnx": 'ir_version: 8\ngraph {\n  node {\n    input: "x"\n    op_type: "Relu"\n  }\n}\n',
    "caffe": 'name: "LeNet"\nlayer {\n  name: "data"\n  type: "Input"\n}\n',
    "pipeline": "model {\n  ssd {\n    num_classes: 90\n  }\n}\n",
}


@pytest.mark.parametrize("name", OTHER_TEXTS)
def test_other_texts_are_not_claimed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file.pbtxt"
    path.write_text(OTHER_TEXTS[name])
    assert detect(File(path)) == "text"


# What is a TensorFlow file


@pytest.mark.parametrize("path", SAVED + FROZEN + OLDER + GRAPHS + META + TEXTS, ids=ids)
def test_sniffing(path: Path) -> None:
    file = File(path)
    assert reader.sniff_saved_model(file) == (path in SAVED + OLDER)
    assert reader.sniff_graph_def(file) == (path in FROZEN + GRAPHS)
    assert reader.sniff_meta_graph(file) == (path in META)
    assert detect(file) == {
        "saved_model.pb": "savedmodel", "graph.pbtxt": "graphdef-text", "model.ckpt-7.pbtxt": "metagraph-text",
        "saved_model.pbtxt": "savedmodel-text", "model.ckpt-7.meta": "metagraph",
    }.get(path.name, "graphdef")  # fmt: skip


NOT_MODELS = {
    "empty": b"",
    "label map": b"\x0a\x07\x0a\x03cat\x10\x01\x0a\x07\x0a\x03dog\x10\x02",
    "label map as text": b"item {\n  id: 1\n  name: 'cat'\n}\n",
    "caffe2": b"\x0a\x08init_net\x12\x18\x12\x01w\x1a\x00\x22\x0fGivenTensorFill",
    "keras metadata": b"\x0a\x0c\x08\x01\x10\x00\x1a\x04root\x22\x00",
    "onnx tensor": b"\x08\x02\x10\x01\x42\x01t\x4a\x08" + bytes(8),
    "coreml": b"\x08\x01\x12\x10\x0a\x06\x0a\x01x\x1a\x01y\x52\x06\x0a\x01x\x1a\x01y",
    "zeros": bytes(64),
    "lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
}


@pytest.mark.parametrize("name", NOT_MODELS)
def test_other_files_are_not_claimed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file.pb"
    path.write_bytes(NOT_MODELS[name])
    assert not reader.sniff_saved_model(File(path))
    assert not reader.sniff_graph_def(File(path))
    for load in (reader.read_saved_model, reader.read_graph_def):
        if name != "coreml":  # which is a SavedModel to the letter, if an empty one
            with pytest.raises(Unreadable):
                load(File(path))


def test_onnx_models_and_notes_are_not_claimed() -> None:
    for path in (*(DATA / "onnx").glob("*.onnx"), *(DATA / "savedmodel").rglob("fingerprint.pb")):
        assert not reader.sniff_saved_model(File(path)), path
        assert not reader.sniff_graph_def(File(path)), path


# Constants


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def constant(shape: list[int], dtype: int, *values: bytes) -> bytes:
    tensor = field(1, dtype) + field(2, b"".join(field(2, field(1, d)) for d in shape)) + b"".join(values)
    entry = field(1, b"value") + field(2, field(8, tensor))
    return field(1, field(1, b"c") + field(2, b"Const") + field(5, entry))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (constant([3], 3, field(7, b"\x05")), b"\x05\0\0\0" * 3),
        (constant([3], 3, field(7, 5), field(7, 6)), b"\x05\0\0\0\x06\0\0\0\x06\0\0\0"),
        (constant([2], 9, field(10, (1 << 64) - 1)), b"\xff" * 16),
        (constant([2], 1), bytes(8)),
        (constant([], 19, field(13, varint(0x3C00))), b"\0\x3c"),
        (constant([2], 10, field(11, b"\x01")), b"\1\1"),
        (constant([1 << 40], 3, field(7, b"\x05")), b"\x05\0\0\0"),
    ],
    ids=["splat", "last repeated", "int64", "default", "half", "bool", "too large to repeat"],
)
def test_constants_stored_as_numbers(tmp_path: Path, raw: bytes, expected: bytes) -> None:
    path = tmp_path / "graph.pb"
    path.write_bytes(raw)
    tensor = read(path).graph.tensor("c")
    assert tensor.bytes() == expected and tensor.stored and tensor.stored.nbytes == len(expected)


# Hostile files


def read_hostile(path: Path, raw: bytes, load: Callable[[File], Model]) -> Model | None:
    """What reading `raw` gives, if it gives anything within its time."""
    path.write_bytes(raw)
    start = time.process_time()
    model = None
    try:
        file = File(path, path.name)
        reader.sniff_saved_model(file)
        reader.sniff_graph_def(file)
        model = load(file)
        for graph in model.graphs:
            for tensor in graph.weights:
                tensor.bytes()
        format_model(model)
        list(model.used())
    except Unreadable as error:
        assert str(error)
    assert time.process_time() - start < 2
    return model


@pytest.mark.parametrize("path", SAVED + FROZEN, ids=ids)
def test_truncated(tmp_path: Path, path: Path) -> None:
    raw = path.read_bytes()
    for end in range(0, len(raw), len(raw) // 25):
        read_hostile(tmp_path / "cut.pb", raw[:end], loader(path))


@pytest.mark.parametrize("path", SAVED + FROZEN, ids=ids)
def test_flipped_bytes(tmp_path: Path, path: Path) -> None:
    raw = path.read_bytes()
    chance = random.Random(ids(path))
    for _ in range(25):
        broken = bytearray(raw)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(raw))] = chance.choice((0, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        read_hostile(tmp_path / "flipped.pb", bytes(broken), loader(path))


def test_deep_attributes(tmp_path: Path) -> None:
    """A function whose attribute is a function whose attribute ..."""
    value = field(4, 1)
    for _ in range(2000):
        value = field(10, field(1, b"f") + field(2, field(1, b"a") + field(2, value)))
    node = field(1, b"n") + field(2, b"Call") + field(5, field(1, b"f") + field(2, value))
    model = read_hostile(tmp_path / "deep.pb", field(1, node), reader.read_graph_def)
    assert model and model.graph.ops[0].attributes == {"f": "f"}


def test_many_outputs_that_nothing_reads(tmp_path: Path) -> None:
    """Operators that say they have a million outputs each."""
    output = field(1, b"y") + field(3, 1) + field(5, b"N")
    definition = field(1, b"Many") + field(3, output)
    node = field(1, b"n") + field(2, b"Many") + field(5, field(1, b"N") + field(2, field(3, 1 << 20)))
    info = field(2, field(1, definition)) + field(4, b"serve")
    raw = field(1, 1) + field(2, field(1, info) + field(2, field(1, node) * 4000))
    model = read_hostile(tmp_path / "saved_model.pb", raw, reader.read_saved_model)
    assert model and len(model.graph.ops) == 4000 and len(model.graph.ops[0].outputs) == reader.MANY


def test_many_operators_that_restore_many_variables(tmp_path: Path) -> None:
    """Five thousand operators that read the same ten thousand keys."""
    tensor = field(1, 7) + b"".join(field(8, b"v%d" % number) for number in range(10_000))
    keys = field(1, b"k") + field(2, b"Const") + field(5, field(1, b"value") + field(2, field(8, tensor)))
    restore = field(2, b"RestoreV2") + field(3, b"file") + field(3, b"k") + field(3, b"k")
    graph = field(1, keys) + b"".join(field(1, field(1, b"r%d" % number) + restore) for number in range(5000))
    raw = field(1, 1) + field(2, field(1, field(4, b"serve")) + field(2, graph) + field(3, field(1, b"file:0")))
    model = read_hostile(tmp_path / "saved_model.pb", raw, reader.read_saved_model)
    assert model and len(model.graphs[-1].tensors) == 10_000 and model.graphs[-1].name == "variables"


def test_calls_in_circles(tmp_path: Path) -> None:
    """Functions that call themselves and each other."""

    def function(name: bytes, calls: bytes) -> bytes:
        node = field(1, b"n") + field(2, b"PartitionedCall") + field(5, field(1, b"f") + field(2, field(10, field(1, calls))))
        return field(1, field(1, field(1, name)) + field(3, node))

    library = field(2, function(b"f", b"g") + function(b"g", b"f"))
    node = field(1, b"main") + field(2, b"f") + field(3, b"main")
    model = read_hostile(tmp_path / "circle.pb", field(1, node) + library, reader.read_graph_def)
    assert model and {graph.name for graph, _ in model.used()} == {"main", "f", "g"}


# TensorFlow itself


@pytest.fixture(scope="module")
def tf() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return pytest.importorskip("tensorflow")


def dtype_name(tf: Any, number: int) -> str:
    """The dtype as deplint names it, from TensorFlow's own table."""
    if not number:
        return ""
    name = tf.dtypes.as_dtype(number).base_dtype.name
    known = {"float8_e5m2", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2fnuz"}
    if name in known:
        return name.replace("_", "")
    if name == "float4_e2m1fn":
        return "float4e2m1"
    return "" if name.startswith(("q", "float8")) else name


def shape_of(proto: Any) -> Any:
    return None if proto.unknown_rank else tuple(None if d.size < 0 else d.size for d in proto.dim)


@pytest.mark.tensorflow
def test_field_numbers(tf: Any) -> None:
    from tensorflow.core.framework import (
        attr_value_pb2,
        function_pb2,
        graph_pb2,
        node_def_pb2,
        op_def_pb2,
        tensor_pb2,
        tensor_shape_pb2,
        types_pb2,
        versions_pb2,
    )
    from tensorflow.core.protobuf import fingerprint_pb2, meta_graph_pb2, saved_model_pb2, saved_object_graph_pb2, saver_pb2

    meta = meta_graph_pb2.MetaGraphDef
    tables = {
        reader.SAVED_MODEL: saved_model_pb2.SavedModel, reader.META_GRAPH: meta, reader.META_INFO: meta.MetaInfoDef,
        reader.SIGNATURE: meta_graph_pb2.SignatureDef, reader.TENSOR_INFO: meta_graph_pb2.TensorInfo,
        reader.ENTRY: node_def_pb2.NodeDef.AttrEntry, reader.GRAPH: graph_pb2.GraphDef, reader.VERSIONS: versions_pb2.VersionDef,
        reader.LIBRARY: function_pb2.FunctionDefLibrary, reader.FUNCTION: function_pb2.FunctionDef,
        reader.ARG_ATTRS: function_pb2.FunctionDef.ArgAttrs, reader.NODE: node_def_pb2.NodeDef, reader.ATTR: attr_value_pb2.AttrValue,
        reader.LIST: attr_value_pb2.AttrValue.ListValue, reader.FUNC: attr_value_pb2.NameAttrList, reader.OP_LIST: op_def_pb2.OpList,
        reader.OP_DEF: op_def_pb2.OpDef, reader.ARG_DEF: op_def_pb2.OpDef.ArgDef, reader.ATTR_DEF: op_def_pb2.OpDef.AttrDef,
        reader.SHAPE: tensor_shape_pb2.TensorShapeProto, reader.DIM: tensor_shape_pb2.TensorShapeProto.Dim,
        reader.TENSOR: tensor_pb2.TensorProto,
    }  # fmt: skip
    objects = saved_object_graph_pb2
    tables |= {
        reader.SAVER: saver_pb2.SaverDef, reader.ASSET_FILE: meta_graph_pb2.AssetFileDef,
        savedmodel.FINGERPRINT: fingerprint_pb2.FingerprintDef, savedmodel.OBJECTS: objects.SavedObjectGraph,
        savedmodel.OBJECT: objects.SavedObject, savedmodel.USER_OBJECT: objects.SavedUserObject,
    }  # fmt: skip
    for table, message in tables.items():
        numbers = {name: number for name, number in vars(table).items() if name.isupper()}
        fields = message.DESCRIPTOR.fields_by_name
        assert numbers and numbers == {name: fields[name.lower()].number for name in numbers}, table
    names = {n: dtype_name(tf, n) for n in types_pb2.DataType.values() if n < reader.REFERENCE}
    assert {n: name for n, name in names.items() if name} == reader.DTYPES


def python_value(tf: Any, proto: Any) -> Any:
    """What an AttrValue should be read as, from the parsed message. Tensors are left as messages."""
    kind = proto.WhichOneof("value")
    if kind == "list":
        for name in ("s", "i", "f", "b", "type", "shape", "tensor", "func"):
            if getattr(proto.list, name):
                return [one_value(tf, name, v) for v in getattr(proto.list, name)]
        return []
    return one_value(tf, kind, getattr(proto, kind)) if kind else None


def one_value(tf: Any, kind: str, value: Any) -> Any:
    if kind == "s":
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    if kind == "type":
        return dtype_name(tf, value)
    if kind == "shape":
        return shape_of(value)
    return value.name if kind == "func" else Ref(value) if kind == "placeholder" else value


def check_nodes(tf: Any, graph: Graph, nodes: Any) -> None:
    assert [(op.name, op.type, list(op.inputs)) for op in graph.ops] == [(n.name, n.op, list(n.input)) for n in nodes]
    for op, node in zip(graph.ops, nodes, strict=True):
        wanted = {key: python_value(tf, value) for key, value in node.attr.items()}
        assert set(op.attributes) == set(wanted)
        for key, value in wanted.items():
            if hasattr(value, "tensor_shape"):
                check_constant(tf, op.attributes[key], value)
                check_constant(tf, graph.tensor(op.outputs[0]), value)
            else:
                assert op.attributes[key] == value and type(op.attributes[key]) is type(value), (node.name, key)


def check_constant(tf: Any, tensor: Tensor, proto: Any) -> None:
    assert (tensor.dtype, tensor.shape) == (dtype_name(tf, proto.dtype), shape_of(proto.tensor_shape))
    if tensor.dtype != "string":
        assert tensor.bytes() == tf.make_ndarray(proto).tobytes()


def check_tensors(tf: Any, graph: Graph, wanted: Any, names: Callable[[Any], str]) -> int:
    """Compare with what TensorFlow makes of each value when it imports the graph; returns how many were compared."""
    compared = 0
    for operation in wanted.get_operations():
        for value in operation.outputs:
            tensor = graph.tensors.get(names(value))
            if tensor is not None and tensor.dtype:
                compared += 1
                assert tensor.dtype == dtype_name(tf, value.dtype.as_datatype_enum), tensor
                if tensor.shape is not None and value.shape.rank is not None:
                    ours, theirs = tensor.shape, tuple(value.shape.as_list())
                    assert len(ours) == len(theirs)
                    assert all(a is None or b is None or a == b for a, b in zip(ours, theirs, strict=True)), tensor
    return compared


def check_graph(tf: Any, model: Model, proto: Any) -> None:
    from tensorflow.python.framework.function_def_to_graph import function_def_to_graph

    main, functions = model.graph, [graph for graph in model.graphs if graph.kind == "function"]
    check_nodes(tf, main, proto.node)
    imported = tf.Graph()
    with imported.as_default():
        tf.graph_util.import_graph_def(proto, name="")
    compared = check_tensors(tf, main, imported, lambda t: t.name.removesuffix(":0"))
    assert compared >= len(main.inputs)
    if model.format == "savedmodel":
        assert compared == sum(len(o.outputs) for o in imported.get_operations())
    assert [g.name for g in functions] == [f.signature.name for f in proto.library.function]
    for function, wanted in zip(functions, proto.library.function, strict=True):
        check_nodes(tf, function, wanted.node_def)
        assert function.inputs == [a.name for a in wanted.signature.input_arg]
        assert function.outputs == [wanted.ret[a.name] for a in wanted.signature.output_arg]
        with imported.as_default():
            body = function_def_to_graph(wanted, include_library_functions=True)
        names = body_names(body)
        compared = check_tensors(tf, function, body, lambda t, names=names: names.get(t.name, "?"))  # type: ignore[misc]
        if model.format == "savedmodel":
            # TensorFlow stores no definitions of operators that only branches and loops use: of those, there is no dtype to compare.
            known = [op for op in function.ops if all(function.tensor(name).dtype for name in op.outputs)]
            assert compared == len(function.inputs) + sum(len(op.outputs) for op in known)
            assert len(known) == len(function.ops) or function.name.startswith(("cond", "while"))


def body_names(body: Any) -> dict[str, str]:
    """``n:0`` -> ``n:y:0``, by TensorFlow's own operator definitions; a placeholder made for an argument keeps its name."""
    names = {}
    arguments = {t.op.name for t in body.inputs}
    for operation in body.get_operations():
        index = 0
        for argument in operation.op_def.output_arg:
            count = 1
            if argument.number_attr:
                count = operation.get_attr(argument.number_attr)
            elif argument.type_list_attr:
                count = len(operation.get_attr(argument.type_list_attr))
            for number in range(count):
                names[f"{operation.name}:{index}"] = f"{operation.name}:{argument.name}:{number}"
                index += 1
        if operation.name in arguments:
            names[f"{operation.name}:0"] = operation.name
    return names


@pytest.mark.tensorflow
@pytest.mark.parametrize("path", SAVED + OLDER, ids=ids)
def test_agrees_with_tensorflow(tf: Any, path: Path) -> None:
    from tensorflow.core.protobuf import saved_model_pb2

    model = read(path)
    proto = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    assert model.tags == list(dict.fromkeys(tag for m in proto.meta_graphs for tag in m.meta_info_def.tags))
    meta = next((m for m in proto.meta_graphs if "serve" in m.meta_info_def.tags), proto.meta_graphs[0])
    assert model.producer_version == meta.meta_info_def.tensorflow_version
    assert model.ir_version == meta.graph_def.versions.producer
    check_graph(tf, model, meta.graph_def)
    assert set(model.signatures) == set(meta.signature_def) - {"__saved_model_init_op"}
    for name, signature in model.signatures.items():
        wanted = meta.signature_def[name]
        assert signature.method == wanted.method_name
        for ours, theirs in ((signature.inputs, wanted.inputs), (signature.outputs, wanted.outputs)):
            assert set(ours) == set(theirs)
            for key, info in theirs.items():
                expected = Tensor(info.name.removesuffix(":0"), dtype_name(tf, info.dtype), shape_of(info.tensor_shape))
                assert ours[key] == expected
    files = {p.relative_to(path.parent).as_posix() for p in path.parent.rglob("*") if p.is_file()}
    assert set(model.files) == files - {"saved_model.pb", "saved_model.pb.txt"}


@pytest.mark.tensorflow
@pytest.mark.parametrize("path", FROZEN + GRAPHS, ids=ids)
def test_frozen_graph_agrees_with_tensorflow(tf: Any, path: Path) -> None:
    proto = tf.compat.v1.GraphDef.FromString(path.read_bytes())
    check_graph(tf, read(path), proto)


@pytest.mark.tensorflow
def test_serving_a_model_needs_what_is_used(tf: Any) -> None:
    """TensorFlow's own pruning to the signature's function reaches no operator type that `used` leaves out."""
    path = DATA / "savedmodel" / "keras3"
    concrete = tf.saved_model.load(str(path)).signatures["serving_default"]
    names = [concrete.name, *(f.signature.name for f in concrete.graph.as_graph_def().library.function)]
    types = {node.op for f in concrete.graph.as_graph_def().library.function for node in f.node_def}
    assert names and types <= {op.type for _, op in saved("keras3").used()}


@pytest.mark.tensorflow
@pytest.mark.parametrize("path", META, ids=ids)
def test_meta_graph_agrees_with_tensorflow(tf: Any, path: Path) -> None:
    from tensorflow.core.protobuf import meta_graph_pb2

    proto = meta_graph_pb2.MetaGraphDef.FromString(path.read_bytes())
    model = read(path)
    assert model.producer_version == proto.meta_info_def.tensorflow_version
    check_graph(tf, model, proto.graph_def)


@pytest.mark.tensorflow
@pytest.mark.parametrize("path", SAVED + OLDER + FROZEN + META, ids=ids)
def test_text_that_tensorflow_writes(tf: Any, path: Path, tmp_path: Path) -> None:
    """Every model of the test data as protobuf's own printer writes it."""
    from google.protobuf import text_format
    from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

    messages = {".meta": meta_graph_pb2.MetaGraphDef, "saved_model.pb": saved_model_pb2.SavedModel}
    proto = messages.get(path.suffix, messages.get(path.name, tf.compat.v1.GraphDef)).FromString(path.read_bytes())
    shutil.copytree(path.parent, tmp_path / "m")
    name = {".meta": "model.ckpt-7.pbtxt"}.get(path.suffix, "saved_model.pbtxt" if path.name == "saved_model.pb" else "graph.pbtxt")
    (tmp_path / "m" / name).write_text(text_format.MessageToString(proto))
    text, wire = read(tmp_path / "m" / name), loader(path)(File(path, name))
    for ours, theirs in zip(text.graphs, wire.graphs, strict=True):
        for key, tensor in theirs.tensors.items():
            assert ours.tensors[key].bytes() == tensor.bytes(), key
    assert normal(text) == normal(wire)


@pytest.mark.tensorflow
def test_text_names_are_those_of_tensorflow(tf: Any) -> None:
    from tensorflow.core.framework import types_pb2
    from tensorflow.core.protobuf import saver_pb2

    names = dict(types_pb2.DataType.items())
    assert names | dict(saver_pb2.SaverDef.CheckpointFormatVersion.items()) == tensorflow_text.NAMES


@pytest.mark.tensorflow
def test_schema_codes_fields_as_tensorflow_does(tf: Any) -> None:
    from google.protobuf.descriptor import FieldDescriptor
    from tensorflow.core.protobuf import saved_model_pb2

    codings = {
        FieldDescriptor.TYPE_STRING: "string", FieldDescriptor.TYPE_BYTES: "string", FieldDescriptor.TYPE_FLOAT: "float",
        FieldDescriptor.TYPE_DOUBLE: "double",
    }  # fmt: skip
    checked = {"Nothing"}
    waiting = [("SavedModel", saved_model_pb2.SavedModel.DESCRIPTOR)]
    while waiting:
        name, message = waiting.pop()
        if name in checked:
            continue
        checked.add(name)
        for key, (number, coding) in tensorflow_text.SCHEMA[name].items():
            field = message.fields_by_name[key]
            assert field.number == number
            if field.message_type is not None:
                waiting.append((coding, field.message_type))
            else:
                kind = codings.get(field.type, "integer")
                assert coding == (kind + "s" if field.is_repeated and kind != "string" else kind), (name, key)
    assert checked == set(tensorflow_text.SCHEMA)


@pytest.mark.tensorflow
@pytest.mark.parametrize("path", [p for p in SAVED + OLDER if (p.parent / "fingerprint.pb").exists()], ids=ids)
def test_fingerprint_agrees_with_tensorflow(tf: Any, path: Path) -> None:
    theirs = tf.saved_model.experimental.read_fingerprint(str(path.parent))
    ours = {name.removeprefix("fingerprint."): value for name, value in read(path).metadata.items() if name.startswith("fingerprint.")}
    hashes = {name: value for name, value in ours.items() if name not in ("version", "uuid")}
    assert hashes == {name: str(getattr(theirs, name)) for name in hashes} and len(hashes) >= 4


@pytest.mark.tensorflow
def test_sparse_arguments_are_the_tensors_they_consist_of(tmp_path: Path) -> None:
    tf = pytest.importorskip("tensorflow")
    v1 = tf.compat.v1
    with v1.Graph().as_default(), v1.Session() as session:
        sparse = v1.sparse_placeholder(tf.float32, [None, 4], name="fare")
        given = v1.saved_model.utils.build_tensor_info(sparse)
        signature = v1.saved_model.build_signature_def({"fare": given}, {"y": v1.saved_model.utils.build_tensor_info(sparse * 2.0)}, "m")
        builder = v1.saved_model.Builder(str(tmp_path / "made"))
        builder.add_meta_graph_and_variables(session, ["transform"], {"s": signature})
        builder.save()
        parts = {tensor.op.name for tensor in (sparse.values, sparse.indices)} | {
            given.coo_sparse.dense_shape_tensor_name.removesuffix(":0")
        }
    model = read(tmp_path / "made" / "saved_model.pb")
    assert set(model.graph.inputs) == parts
    assert len(model.graph.outputs) == 3
    assert [op.name for _, op in model.used() if op.type == "Placeholder" and op.name not in parts] == []
