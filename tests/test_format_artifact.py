"""What files with a model's name hold: real content from the libraries that write it, stand-ins, and damage."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import random
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from deplint.formats import READERS
from deplint.formats.artifact import CLAIMS, KINDS, Artifact, claim, detect, read
from deplint.model import Model
from deplint.project import File, Project

DATA = Path(__file__).parent / "data" / "models"

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146c0\nsize 132735\n"
HTML = b"<!DOCTYPE html>\n<html><head><title>404</title></head></html>"
ERROR = b'{"message": "Not Found", "documentation_url": "https://example.org"}'


def packed(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, b"x" * 50)
    return content.getvalue()


def tarred() -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("storages"))
    return content.getvalue()


def safetensors() -> bytes:
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(4)


NOISE = bytes(random.Random(3).randrange(128, 256) for _ in range(500))

CONTENTS: list[tuple[str, bytes]] = [
    ("empty", b""),
    ("git-lfs-pointer", POINTER),
    ("git-lfs-pointer", POINTER.replace(b"\n", b"\r\n")),
    ("git-annex-pointer", b"/annex/objects/SHA256E-s1024--0a1b2c.onnx\n"),
    ("html", HTML),
    ("html", b"\xef\xbb\xbf\n  <!-- saved -->\n<HTML lang=en>"),
    ("html", b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">'),
    ("xml", b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>'),
    ("xml", b"<Error><Code>NoSuchKey</Code></Error>"),
    ("json", ERROR),
    ("json", b"[1, 2]"),
    ("tfjs", b'{"format": "graph-model", "generatedBy": "2.15"'),
    ("text", b'ir_version: 8\nproducer_name: "x"\n'),
    ("text", "größer\n".encode() * 600),
    ("zeros", bytes(300)),
    ("zip", packed("a.txt")),
    ("npz", packed("arr_0.npy", "arr_1.npy")),
    ("keras", packed("metadata.json", "config.json", "model.weights.h5")),
    ("torch-zip", packed("archive/data.pkl", "archive/byteorder", "archive/data/0", "archive/version")),
    ("torchscript", packed("net/data.pkl", "net/code/__torch__.py", "net/constants.pkl", "net/version")),
    ("torch-export", packed("net/archive_format", "net/archive_version", "net/models/model.json")),
    ("broken-zip", packed("a.txt", "b.txt")[:-30]),
    ("broken-zip", b"PK\3\4" + NOISE),
    ("encrypted", b"Salted__" + NOISE),
    ("encrypted", b"age-encryption.org/v1\n-> X25519 abc\n" + NOISE),
    ("encrypted", b"-----BEGIN PGP MESSAGE-----\n\nabc"),
    ("tar", tarred()),
    ("gzip", gzip.compress(NOISE, mtime=0)),
    ("bzip2", bz2.compress(NOISE)),
    ("xz", lzma.compress(NOISE)),
    ("lzma", lzma.compress(NOISE, lzma.FORMAT_ALONE)),
    ("zlib", zlib.compress(NOISE)),
    *(("pickle", pickle.dumps({"state": [1.5, "a"]}, protocol)) for protocol in (2, 3, 4, 5)),
    ("pickle", pickle.dumps([], 2)),
    ("torch-legacy", pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2)),
    ("safetensors", safetensors()),
    ("gguf", b"GGUF\3\0\0\0" + bytes(16)),
    ("npy", b"\x93NUMPY\1\0v\0{'descr': '<f4'}"),
    ("tflite", struct.pack("<I", 28) + b"TFL3" + bytes(40)),
    ("ort", struct.pack("<I", 28) + b"ORTM" + bytes(40)),
    ("executorch", struct.pack("<I", 28) + b"ET12eh00" + bytes(40)),
    ("tensorrt", b"ftrt" + bytes(60)),
    ("tensorrt", struct.pack("<I", 18) + b'{"imgsz": [640,1]}' + b"ftrt" + bytes(60)),
    ("hdf5", b"\x89HDF\r\n\x1a\n" + bytes(90)),
    ("hdf5", bytes(range(256)) * 2 + b"\x89HDF\r\n\x1a\n"),
    ("hdf5", NOISE + bytes(8192 - 500) + b"\x89HDF\r\n\x1a\n"),
    ("unknown", NOISE),
    ("unknown", bytes(5000)),
    ("unknown", POINTER + NOISE * 10),
]


@pytest.mark.parametrize(("kind", "content"), CONTENTS, ids=[f"{i}-{kind}" for i, (kind, _) in enumerate(CONTENTS)])
def test_kinds(tmp_path: Path, kind: str, content: bytes) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(content)
    assert detect(File(path)) == kind
    assert kind in KINDS


REAL = {
    "onnx/*.onnx": "onnx", "tflite/*.tflite": "tflite", "keras/*.keras": "keras", "keras/*.h5": "hdf5", "tfjs/*/model.json": "tfjs",
    "savedmodel/*/saved_model.pb": "savedmodel", "graphdef/*.pb": "graphdef",
}  # fmt: skip


@pytest.mark.parametrize("pattern", REAL)
def test_real_models(pattern: str) -> None:
    paths = sorted(DATA.glob(pattern))
    assert paths
    for path in paths:
        artifact = read(File(path))
        assert (artifact.found, artifact.fits, artifact.size) == (REAL[pattern], True, path.stat().st_size)


def judge(tmp_path: Path, name: str, content: bytes) -> Artifact:
    path = tmp_path / name
    path.write_bytes(content)
    return read(File(path))


NAMES = [
    "a.onnx", "a.ort", "a.tflite", "a.lite", "a.pb", "a.h5", "a.hdf5", "a.keras", "a.pt", "a.pth", "a.ptl", "a.pt2", "a.pte", "a.mlmodel",
    "a.safetensors", "a.gguf", "a.pkl", "a.joblib", "a.npz", "a.ckpt", "saved_model.pb", "pytorch_model.bin",
    "pytorch_model-00001-of-00002.bin", "group1-shard1of2.bin", "a.onnx.data", "variables.data-00000-of-00001", "A.ONNX",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_pointer_never_fits(tmp_path: Path, name: str) -> None:
    artifact = judge(tmp_path, name, POINTER)
    assert (artifact.found, artifact.fits, artifact.lfs_size, artifact.lfs_oid) == ("git-lfs-pointer", False, 132735, "sha256:4d7a2146c0")
    assert artifact.holds.startswith("a Git LFS pointer") and artifact.head == POINTER[:64]


@pytest.mark.parametrize(
    ("names", "content", "fits"),
    [
        ("a.onnx a.tflite a.h5 a.keras a.pth a.pkl saved_model.pb a.safetensors a.npz", b"", False),
        ("model.json group1-shard1of1.bin variables.data-00000-of-00001", b"", None),
        ("a.onnx a.tflite a.h5 a.keras a.pth a.pkl saved_model.pb a.npz a.ckpt", HTML, False),
        ("a.pt", HTML, None),  # a page template
        ("a.onnx a.tflite a.h5 a.keras a.pth saved_model.pb a.mlmodel", ERROR, False),
        ("a.pb a.pkl model.json a.pt a.plan", ERROR, None),
        ("a.onnx a.tflite a.h5 saved_model.pb", b"some text\n", False),
        ("a.pth a.pt a.pb a.pkl a.ort a.pte a.mlmodel model.json", b"/usr/lib/python\n", None),
        ("a.pt a.pth a.ptl", packed("m/data.pkl", "m/version"), True),
        ("a.pt a.pth", tarred(), True),
        ("a.pt a.pth", pickle.dumps([1], 2), True),
        ("a.pt a.pth", packed("weights.txt"), None),
        ("a.pt a.pth a.keras a.npz a.pt2", packed("m/data.pkl", "m/version")[:-20], False),
        ("a.pth", safetensors(), False),
        ("a.keras", packed("data.txt"), False),
        ("a.keras", b"\x89HDF\r\n\x1a\n" + bytes(90), True),  # before Keras 3
        ("a.h5 a.onnx a.tflite", packed("config.json", "metadata.json"), False),
        ("a.npz", packed("x.npy"), True),
        ("a.npz", packed("x.txt"), None),
        ("a.pkl a.joblib", gzip.compress(b"x" * 99, mtime=0), None),
        ("a.pkl a.joblib", b"(lp0\n.", None),  # protocol 0
        ("a.onnx a.tflite a.h5 a.safetensors a.gguf a.mlmodel", NOISE, False),
        ("a.pt a.pb a.pkl saved_model.pb a.ckpt a.plan a.lite", NOISE, None),
        ("a.onnx a.mlmodel", b"\x12\x03abc\x1a\x02xy", None),  # a protobuf, but neither
        ("a.mlmodel", b"\x08\x05\x12\x06\x0a\x04\x0a\x02in", True),
        ("a.onnx a.mlmodel", b"\x08\x07\x12\x07pytorch", None),
        ("model.mil", b'program(1.0)\n[buildInfo = dict<string, string>({{"coremlc-version", "1"}})]\n{', True),
        ("coremldata.bin", b"\xf4\1\0\0\3\0\0\0", True),
        ("coremldata.bin model.mil", b"\x1f\x8b\x08", None),
        ("a.onnx", bytes(5000), False),
        ("a.tflite", struct.pack("<I", 28) + b"TFL3" + bytes(40), True),
        ("a.onnx a.pt a.h5", struct.pack("<I", 28) + b"TFL3" + bytes(40), False),
        ("a.trt a.engine a.plan", b"ftrt" + bytes(60), True),
        ("a.gguf", b"GGUF\3\0\0\0" + bytes(16), True),
        ("a.safetensors", safetensors(), True),
        ("a.safetensors", safetensors()[:20], True),  # cut short, which its reader says
        ("a.onnx.data a.onnx_data group1-shard1of1.bin variables.data-00000-of-00001", NOISE, None),
    ],
)
def test_names_and_contents(tmp_path: Path, names: str, content: bytes, fits: bool | None) -> None:
    for name in names.split():
        assert judge(tmp_path, name, content).fits is fits, name


@pytest.mark.parametrize("name", ["a.txt", "package.json", "a.bin", "model.bin", "a.py", "MLmodel", "onnx", "a.onnx.py"])
def test_names_that_promise_nothing(name: str) -> None:
    assert claim(name) is None


def test_the_tables_speak_of_the_same_kinds() -> None:
    assert all(claimed.holds | claimed.perhaps <= set(KINDS) for claimed in CLAIMS)
    assert {claimed.format for claimed in CLAIMS} >= {"onnx", "tflite", "keras", "hdf5", "torch", "savedmodel"}


def test_not_a_regular_file(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "a.onnx")
    assert detect(File(tmp_path / "a.onnx")) == "unknown"


# The readers together


def facts(tmp_path: Path, name: str, content: bytes) -> tuple[list[str], int]:
    path = tmp_path / name
    path.write_bytes(content)
    project = Project(tmp_path, [File(path)], READERS)
    found = [fact.format if isinstance(fact, Model) else type(fact).__name__ for fact in project.facts(project.files[0])]
    return found, len(project.troubles)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "a.joblib"])
@pytest.mark.parametrize(
    "content", [POINTER, HTML, ERROR, b"", NOISE, bytes(5000)], ids=["pointer", "html", "json", "empty", "noise", "zeros"]
)
def test_stand_ins_are_artifacts_and_nothing_else(tmp_path: Path, name: str, content: bytes) -> None:
    assert facts(tmp_path, name, content) == (["Artifact"], 0)


@pytest.mark.parametrize(
    ("path", "name", "format"),
    [
        ("tflite/float.tflite", "a.tflite", "tflite"),
        ("tflite/float.tflite", "a.lite", "tflite"),
        ("keras/k3_lambda.keras", "a.keras", "keras"),
        ("keras/k2_sequential.h5", "a.keras", "keras-h5"),
        ("keras/k2_sequential.h5", "a.hdf5", "keras-h5"),
        ("tfjs/layers/model.json", "model.json", "tfjs-layers"),
        ("tfjs/layers/model.json", "anything.json", "tfjs-layers"),
        ("graphdef/frozen_v2.pb", "a.pb", "graphdef"),
        ("savedmodel/module/saved_model.pb", "saved_model.pb", "savedmodel"),
        ("onnx/tensors.onnx", "a.onnx", "onnx"),
        ("onnx/tensors.onnx", "a.pb", "onnx"),
    ],
)
def test_each_model_has_one_reader(tmp_path: Path, path: str, name: str, format: str) -> None:
    found, troubles = facts(tmp_path, name, (DATA / path).read_bytes())
    assert ([kind for kind in found if kind != "Artifact"], troubles) == ([format], 0)


def test_a_model_under_another_name_is_an_artifact(tmp_path: Path) -> None:
    assert facts(tmp_path, "a.onnx", (DATA / "tflite/float.tflite").read_bytes()) == (["Artifact"], 0)


def test_a_model_cut_short_is_trouble(tmp_path: Path) -> None:
    content = (DATA / "tflite/float.tflite").read_bytes()
    assert facts(tmp_path, "a.tflite", content[:2000]) == (["Artifact"], 1)


def test_other_json_costs_nothing(tmp_path: Path) -> None:
    assert facts(tmp_path, "package.json", b'{"name": "x"}') == ([], 0)
    assert facts(tmp_path, "model.json", b'{"layers": []}') == (["Artifact"], 0)


# PyTorch's own files


@pytest.mark.torch
def test_what_pytorch_writes(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    net = torch.nn.Linear(2, 2)
    torch.save(net.state_dict(), tmp_path / "new.pt")
    torch.save(net.state_dict(), tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    torch.jit.trace(net, torch.zeros(1, 2)).save(str(tmp_path / "traced.pt"))
    torch.export.save(torch.export.export(net, (torch.zeros(1, 2),)), tmp_path / "exported.pt2")
    found = {path.name: (read(File(path)).found, read(File(path)).fits) for path in tmp_path.iterdir()}
    assert found == {
        "new.pt": ("torch-zip", True),
        "old.pth": ("torch-legacy", True),
        "traced.pt": ("torchscript", True),
        "exported.pt2": ("torch-export", True),
    }
