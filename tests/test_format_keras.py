"""The Keras readers, against what Keras and h5py say of real models, and against hostile files."""

from __future__ import annotations

import io
import json
import struct
import sys
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hostile import cuts, flips, survives

from deplint.formats import archive, hdf5, keras
from deplint.formats.archive import MEMBER_LIMIT
from deplint.formats.artifact import detect
from deplint.model import Model, Tensor, Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File
from deplint.worker import Worker

h5py = pytest.importorskip("h5py")

DATA = Path(__file__).parent / "data" / "models" / "keras"
NAMES = sorted(path.name for path in DATA.iterdir() if path.suffix in (".keras", ".h5"))
ARCHIVES = [name for name in NAMES if name.endswith(".keras")]
HDF5 = [name for name in NAMES if name.endswith(".h5")]


@lru_cache
def read(name: str) -> Model:
    file = File(DATA / name, name)
    return keras.read(file) if name.endswith(".keras") else keras.read_h5(file)[0]


def described(config: Any) -> Model:
    model = Model("m", "keras")
    keras.describe(model, config)
    return model


def interface(model: Model) -> list[tuple[str, Any, str]]:
    return [(t.name, t.shape, t.dtype) for t in model.inputs]


# Against the libraries


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_keras(name: str) -> None:
    """Layers, inputs and outputs as the library listed them when it wrote the file."""
    model, told = read(name), json.loads((DATA / f"{name}.json").read_text())
    assert model.producer == "keras"
    assert model.producer_version == (told["version"] if "k3" not in name or ".weights" not in name else "")
    if "layers" not in told:
        assert model.metadata["weights_only"] == "true" and not model.layers and not model.inputs
        return
    listed = [[layer.name, layer.class_name] for layer in model.layers]
    # A Sequential model does not list its input layer, and nothing lists what a wrapper wraps.
    assert [entry for entry in listed if entry in told["layers"]] == told["layers"]
    assert {tuple(entry) for entry in listed if entry not in told["layers"]} <= {
        (entry[0], entry[1]) for entry in listed if entry[1] == "InputLayer" or entry == ["each/step", "Dense"]
    }
    # Keras 1 gives the input of a Sequential model its name when it loads it.
    wanted = [("one_input" if n == "dense_input_1" else n, tuple(s), d) for n, s, d in told["inputs"]]
    assert interface(model) == wanted
    assert model.graph.outputs == told["outputs"]


@pytest.mark.parametrize("name", HDF5)
def test_agrees_with_h5py(name: str) -> None:
    found: dict[str, tuple[Any, str, bytes]] = {}

    def visit(path: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[path.removeprefix("model_weights/")] = (item.shape, item.dtype.name, item[()].tobytes())

    with h5py.File(DATA / name) as h5:
        h5.visititems(visit)
        version = h5.attrs.get("keras_version", "")
    model = read(name)
    assert {t.name: (t.shape, t.dtype, t.bytes()) for t in model.graph.weights} == found
    assert model.producer_version == version


@pytest.mark.parametrize("name", ARCHIVES)
def test_weights_of_archives_agree_with_h5py(name: str, tmp_path: Path) -> None:
    """Deflated, as they are among the test data, and as they are, as Keras writes them."""
    found: dict[str, tuple[Any, str, bytes]] = {}

    def visit(path: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[path] = (item.shape, item.dtype.name, item[()].tobytes())

    with zipfile.ZipFile(DATA / name) as archive:
        with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as h5:
            h5.visititems(visit)
        with zipfile.ZipFile(tmp_path / name, "w") as again:
            for member in archive.namelist():
                again.writestr(member, archive.read(member))
    for path in (DATA / name, tmp_path / name):
        assert {t.name: (t.shape, t.dtype, t.bytes()) for t in keras.read(File(path)).graph.weights} == found
    stored = [tensor.stored.offset for tensor in keras.read(File(tmp_path / name)).graph.weights if tensor.stored]
    content = (tmp_path / name).read_bytes()
    assert all(content[offset : offset + len(raw)] == raw for offset, (_, _, raw) in zip(stored, found.values(), strict=True))


def test_damaged_weights_of_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(DATA / "k3_functional.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    weights = members.pop("model.weights.h5")
    path = tmp_path / "m.keras"

    def pack(content: bytes, how: int) -> Path:
        with zipfile.ZipFile(path, "w", how) as archive:
            for name, member in members.items():
                archive.writestr(name, member)
            archive.writestr("model.weights.h5", content)
        return path

    for how, content in (zipfile.ZIP_STORED, b""), (zipfile.ZIP_STORED, weights[:2000]), (zipfile.ZIP_DEFLATED, b"no HDF5"):
        with pytest.raises(Unreadable, match=r"model\.weights\.h5 in the archive: "):
            keras.read(File(pack(content, how)))
    with pytest.raises(Unreadable, match="larger than"):
        keras.read(File(pack(bytes(MEMBER_LIMIT + 1), zipfile.ZIP_DEFLATED)))
    contents = [pack(content, zipfile.ZIP_STORED).read_bytes() for content in flips(weights, 4)]
    survives(keras.read, tmp_path / "f.keras", contents, seconds=3)


@pytest.mark.parametrize("name", ARCHIVES)
def test_agrees_with_zipfile(name: str) -> None:
    with zipfile.ZipFile(DATA / name) as stored:
        about, config = json.loads(stored.read("metadata.json")), json.loads(stored.read("config.json"))
        members = stored.namelist()
    model = read(name)
    assert model.producer_version == about["keras_version"]
    assert model.metadata["class_name"] == config["class_name"]
    assert model.metadata["weights"] in members
    top = {layer["config"]["name"]: layer for layer in config["config"]["layers"]}
    for layer in model.layers:
        if "/" not in layer.name:
            stored_config = {k: v for k, v in top[layer.name]["config"].items() if k != "layers"}
            assert layer.config == stored_config and layer.module == (top[layer.name]["module"] or "__main__")


@pytest.mark.parametrize("name", NAMES)
def test_text_form(name: str) -> None:
    text = (DATA / f"{name}.txt").read_text()
    assert format_model(read(name)) == text
    assert format_model(parse_model(text)) == text


def test_what_the_models_show() -> None:
    custom = {layer.name: layer.module for layer in read("k3_custom.keras").layers}
    assert custom == {"x": "keras.layers", "embed": "keras.layers", "shift": "__main__"}
    code = next(layer for layer in read("k3_lambda.keras").layers if layer.class_name == "Lambda").config["function"]["config"]["code"]
    assert isinstance(code, str)
    assert [layer.name for layer in read("k2_functional.h5").layers if layer.class_name == "Dense"] == ["each/step", "scores"]
    assert read("k2_functional.h5").metadata["backend"] == "tensorflow"


# Configurations of other versions


def dense(name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"name": name, **config}}


def test_a_sequential_model_of_keras_1_and_early_2() -> None:
    model = described({"class_name": "Sequential", "config": [dense("a", batch_input_shape=[None, 4], dtype="float32"), dense("b")]})
    assert interface(model) == [("a_input", (None, 4), "float32")]
    assert ([layer.name for layer in model.layers], model.graph.outputs) == (["a", "b"], ["b"])


def test_a_sequential_model_that_begins_with_a_model() -> None:
    inner = {"class_name": "Sequential", "config": {"name": "in", "layers": [dense("a", batch_input_shape=[2, 4])]}}
    model = described({"class_name": "Sequential", "config": {"name": "out", "layers": [inner, dense("b")]}})
    assert interface(model) == [("a_input", (2, 4), "")]
    assert [layer.name for layer in model.layers] == ["in", "in/a", "b"]


def test_wrapped_layers() -> None:
    cells = {"class_name": "StackedRNNCells", "config": {"name": "stack", "cells": [{"class_name": "LSTMCell", "config": {"name": "c"}}]}}
    both = {"class_name": "Bidirectional", "config": {"name": "both", "layer": {"class_name": "LSTM", "config": {"name": "l"}}}}
    model = described(
        {"class_name": "Sequential", "config": {"layers": [{"class_name": "RNN", "config": {"name": "r", "cell": cells}}, both]}}
    )
    assert [(layer.name, layer.class_name) for layer in model.layers] == [
        ("r", "RNN"),
        ("r/stack", "StackedRNNCells"),
        ("r/stack/c", "LSTMCell"),
        ("both", "Bidirectional"),
        ("both/l", "LSTM"),
    ]


def test_inputs_by_name() -> None:
    layers = [{"class_name": "InputLayer", "name": n, "config": {"name": n, "batch_shape": [None, i]}} for i, n in enumerate("ab")]
    for stored in ({"x": ["a", 0, 0], "y": ["b", 0, 0]}, [["a", 0, 0], ["b", 0, 0]], [[["a", 0, 0]], [["b", 0, 0]]]):
        model = described({"class_name": "Functional", "config": {"layers": layers, "input_layers": stored, "output_layers": ["b", 0, 0]}})
        assert (interface(model), model.graph.outputs) == ([("a", (None, 0), ""), ("b", (None, 1), "")], ["b"])


def test_a_subclassed_model_says_nothing_of_its_layers() -> None:
    model = described({"module": None, "class_name": "Net", "config": {"width": 3}, "registered_name": "Net"})
    assert (model.layers, model.inputs, model.outputs, model.metadata["class_name"]) == ([], [], [], "Net")


@pytest.mark.parametrize(
    "config",
    [
        {"class_name": "Sequential", "config": 3},
        {"class_name": 3, "config": {"layers": 3, "input_layers": 3, "output_layers": {"a": [[]]}}},
        {"class_name": "Model", "config": {"name": [], "layers": [1, {"class_name": 1}, {"class_name": "x", "config": [None]}]}},
        {"class_name": "Model", "config": {"layers": [], "input_layers": [["gone", 0, 0]], "output_layers": None}},
        {"class_name": "S", "config": {"layers": [dense("a", batch_input_shape=[None, "4"], dtype={})]}},
    ],
)
def test_strange_configurations(config: Any) -> None:
    model = described(config)
    assert all(isinstance(t.name, str) and t.shape is None for t in model.inputs)


def test_layers_within_layers_without_end() -> None:
    config: dict[str, Any] = {"class_name": "Sequential", "config": {"layers": []}}
    for _ in range(200):
        config = {"class_name": "Sequential", "config": {"layers": [config]}}
    with pytest.raises(Unreadable, match="nested deeper"):
        described(config)


# Archives


def write_archive(path: Path, **members: bytes) -> File:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as stored:
        for name, content in {"metadata": b'{"keras_version": "3.0.0"}', **members}.items():
            stored.writestr(f"{name}.json", content)
    return File(path)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (b"", "not valid JSON"),
        (b"\xff\xfe{}", "not valid JSON"),
        (b"[]", "config.json describes no model"),
        (b'{"a": 1}', "config.json describes no model"),
        (b"[" * 100_000, "JSON nested too deep"),
        (b"[" * 600_000, "more lists and objects"),
        (b"[" + b"[]," * 600_000 + b"[]]", "more lists and objects"),
        (b" " * (keras.JSON_LIMIT + 1), "larger than"),
        (b"9" * 100_000, "not valid JSON"),
    ],
)
def test_archives_with_strange_configurations(tmp_path: Path, config: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        keras.read(write_archive(tmp_path / "m.keras", config=config))


def test_an_archive_that_is_a_bomb(tmp_path: Path) -> None:
    """Twenty megabytes of blanks in a few kilobytes, and headers that make it out to be small."""
    path = tmp_path / "m.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as stored, stored.open("config.json", "w") as member:
        for _ in range(20):
            member.write(b" " * (1 << 20))
    content = path.read_bytes()
    honest = (20 << 20).to_bytes(4, "little")
    lie = content.replace(honest, (100).to_bytes(4, "little"))
    assert lie != content
    assert survives(keras.read, tmp_path / "b.keras", [content, lie]) == 2


def test_an_archive_with_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "DIRECTORY_LIMIT", 5000)
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as stored:
        for i in range(200):
            stored.writestr(f"{i}", b"")
    with pytest.raises(Unreadable, match="directory of"):
        keras.read(File(tmp_path / "m.keras"))
    assert detect(File(tmp_path / "m.keras")) == "broken-zip"


def test_an_encrypted_archive(tmp_path: Path) -> None:
    content = bytearray((DATA / "k3_lambda.keras").read_bytes())
    content[6] |= 1  # the first member's own header
    content[content.index(b"PK\1\2") + 8] |= 1  # and that in the directory
    (tmp_path / "m.keras").write_bytes(content)
    assert detect(File(tmp_path / "m.keras")) == "encrypted-zip"
    content = bytearray((DATA / "k3_lambda.keras").read_bytes())
    content[content.index(b"PK\1\2", content.index(b"PK\1\2") + 4) + 8] |= 1
    (tmp_path / "n.keras").write_bytes(content)
    with pytest.raises(Unreadable, match="encrypted"):
        keras.read(File(tmp_path / "n.keras"))


def test_a_large_archive_of_the_zip64_kind(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as stored:
        stored.writestr("config.json", json.dumps({"class_name": "Sequential", "config": {"layers": [dense("a")]}}))
        stored.start_dir = stored.fp.tell()
    content = (tmp_path / "m.keras").read_bytes()
    end = content.index(b"PK\5\6")
    directory = content.index(b"PK\1\2")
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, end - directory, directory)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    (tmp_path / "m.keras").write_bytes(content[:end] + record + locator + last)
    assert [layer.name for layer in keras.read(File(tmp_path / "m.keras")).layers] == ["a"]
    damaged = content[:end] + struct.pack("<4sLQL", b"PK\6\7", 0, 1 << 60, 1) + last
    assert survives(keras.read, tmp_path / "d.keras", [damaged]) == 1


def test_damaged_archives(tmp_path: Path) -> None:
    with zipfile.ZipFile(DATA / "k3_functional.keras") as stored:
        members = {name: stored.read(f"{name}.json") for name in ("config", "metadata")}
    content = write_archive(tmp_path / "w.keras", **members).path.read_bytes()
    assert survives(keras.read, tmp_path / "m.keras", cuts(content, 20)) == 20
    assert survives(keras.read, tmp_path / "m.keras", flips(content, 60)) > 20


def test_read_member_stops_at_its_limit(tmp_path: Path) -> None:
    file = write_archive(tmp_path / "m.zip", config=b"x" * 1000)
    with archive.open_zip(file) as stored:
        assert archive.read_member(stored, "config.json", 1000) == b"x" * 1000
        with pytest.raises(Unreadable, match="larger than the 999 bytes"):
            archive.read_member(stored, "config.json", 999)
        with pytest.raises(Unreadable, match="no gone"):
            archive.read_member(stored, "gone")


# HDF5


def test_hdf5_that_is_not_keras(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "data.h5", "w") as h5:
        h5["images"] = [1.0, 2.0]
    assert keras.read_h5(File(tmp_path / "data.h5")) == []


def test_data_sets_of_every_kind(tmp_path: Path) -> None:
    import numpy

    path = tmp_path / "w.h5"
    with h5py.File(path, "w") as h5:
        h5.attrs["keras_version"] = b"2.0.0"
        h5["plain"] = numpy.arange(3, dtype="float32")
        h5["half"] = numpy.arange(3, dtype="float16")
        h5["swapped"] = numpy.arange(3, dtype=">i4")
        h5["text"] = [b"a", b"bc"]
        h5["scalar"] = 3
        h5.create_dataset("empty", shape=(0, 2), dtype="float32")
        h5.create_dataset("packed", data=numpy.zeros(1000), compression="gzip")
        h5.create_dataset("far", data=numpy.zeros(4), chunks=(2,))
        (tmp_path / "outside.bin").write_bytes(bytes(8))
        h5.create_dataset("outside", shape=(2,), dtype="float32", external=[(str(tmp_path / "outside.bin"), 0, 8)])
        h5["soft"] = h5py.SoftLink("/plain")
        h5["away"] = h5py.ExternalLink("other.h5", "/x")
        group = h5.create_group("group")
        group["again"] = group  # a group within itself
        group["w"] = numpy.ones(2, dtype="int8")
    (model,) = keras.read_h5(File(path))
    tensors = model.graph.tensors
    assert list(tensors) == ["empty", "far", "group/w", "half", "outside", "packed", "plain", "scalar", "swapped", "text"]
    assert tensors["plain"].bytes() == numpy.arange(3, dtype="float32").tobytes()
    assert (tensors["half"].dtype, tensors["text"].dtype, tensors["scalar"].shape, tensors["empty"].shape) == (
        "float16",
        "string",
        (),
        (0, 2),
    )
    assert model.producer_version == "2.0.0"

    def problem(tensor: Tensor) -> str:
        return tensor.stored.problem if tensor.stored else "not stored"

    assert {name for name, tensor in tensors.items() if problem(tensor)} >= {"packed", "far", "swapped", "outside"}
    assert problem(tensors["plain"]) == problem(tensors["group/w"]) == ""
    assert all(tensors[name].bytes() == b"" for name in ("packed", "far", "swapped", "outside"))


def test_too_many_data_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5, "MEMBERS_LIMIT", 50)
    with h5py.File(tmp_path / "w.h5", "w") as h5:
        for i in range(51):
            h5.create_group(f"g{i}")
    with h5py.File(tmp_path / "w.h5") as h5, pytest.raises(Unreadable, match="more than 50"):
        list(hdf5._datasets(h5, h5py))


def test_damaged_hdf5(tmp_path: Path) -> None:
    content = (DATA / "k2_legacy.weights.h5").read_bytes()
    path = tmp_path / "w.h5"
    assert survives(keras.read_h5, path, cuts(content, 2)) == 2
    survives(keras.read_h5, path, flips(content, 3))


@pytest.mark.parametrize(
    ("answering", "said"),
    [
        ("test_worker:endless", "does not come to an end"),
        ("test_worker:crashing", "crashes on it"),
        ("test_worker:greedy", "not a readable HDF5 file: MemoryError"),
        ("test_worker:unable", "failed: ImportError: no such library"),
    ],
)
def test_a_library_that_gives_no_answer(monkeypatch: pytest.MonkeyPatch, answering: str, said: str) -> None:
    monkeypatch.setattr(hdf5, "SECONDS", 0.2)
    monkeypatch.setattr(hdf5, "WORKER", Worker(answering, hdf5.MEMORY))
    with pytest.raises(Unreadable, match=said):
        keras.read_h5(File(DATA / "k2_sequential.h5"))


def test_the_worker_imports_nothing_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "h5py.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    # As ``python -m deplint`` and an interactive session have it.
    monkeypatch.setattr("sys.path", [str(tmp_path), "", *sys.path])
    monkeypatch.setattr(hdf5, "WORKER", Worker("deplint.formats.hdf5:answering", hdf5.MEMORY))
    assert keras.read_h5(File(DATA / "k2_sequential.h5"))


# The real libraries, asked now


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", ["k3_functional.keras", "k3_sequential.keras", "k3_functional.h5", "k2_functional.h5"])
def test_the_installed_library_says_the_same(name: str) -> None:
    library = pytest.importorskip("tf_keras" if name.startswith("k2") else "keras")
    loaded = library.models.load_model(DATA / name, compile=False)
    model = read(name)
    top = [layer.name for layer in model.layers if "/" not in layer.name and layer.class_name != "InputLayer"]
    assert top == [layer.name for layer in loaded.layers if type(layer).__name__ != "InputLayer"]
    assert [t.shape for t in model.inputs] == [tuple(i.shape) for i in loaded.inputs]
    assert len(model.outputs) == len(loaded.outputs)
    if name.endswith(".h5"):
        assert sum(t.elements or 0 for t in model.graph.weights) == loaded.count_params()
