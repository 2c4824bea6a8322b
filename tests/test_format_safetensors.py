"""The safetensors reader, against what the safetensors library read of the same files, and against hostile files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hostile import cuts, flips, survives

from deplint.formats import safetensors
from deplint.formats.pickled import torch_dtype
from deplint.model import Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File

DATA = Path(__file__).parent / "data" / "models" / "safetensors"
NAMES = sorted(path.stem for path in DATA.glob("*.safetensors"))


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_the_library(name: str) -> None:
    path = DATA / f"{name}.safetensors"
    model, told = safetensors.read(File(path)), json.loads(path.with_name(f"{path.name}.json").read_text())
    assert set(model.graph.tensors) == set(told["tensors"])
    for key, said in told["tensors"].items():
        tensor = model.graph.tensors[key]
        assert (tensor.dtype, tensor.shape) == (torch_dtype(said["dtype"]), tuple(said["shape"])) and tensor.dtype
        assert tensor.bytes().hex() == said["bytes"]
    assert model.metadata == (told["metadata"] or {})
    text = format_model(model)
    assert format_model(parse_model(text)) == text


def made(header: Any, data: bytes = b"") -> bytes:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(raw).to_bytes(8, "little") + raw + data


def one(dtype: Any = "F32", shape: Any = (2,), offsets: Any = (0, 8)) -> dict[str, Any]:
    return {"w": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}


def test_a_made_one(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(made(one(), b"\0" * 8))
    assert safetensors.read(File(path)).graph.tensors["w"].shape == (2,)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (made(one(), b"\0" * 7), "cut short"),
        (made(one(), b"\0" * 9), "more follows"),
        (made(one(offsets=(4, 12)), b"\0" * 12), "the one before it ends"),
        (made(one() | {"v": one()["w"]}, b"\0" * 8), "the one before it ends"),
        (made(one(offsets=(8, 0)), b"\0" * 8), "is stored at"),
        (made(one(shape=(3,)), b"\0" * 8), "is stored at"),
        (made(one(shape=(-2, -1)), b"\0" * 8), "a shape that is none"),
        (made(one(shape=(1 << 63, 0)), b"\0" * 8), "a shape that is none"),
        (made(one(shape=(True, 2)), b"\0" * 8), "a shape that is none"),
        (made(one(dtype="F128"), b"\0" * 8), "unknown dtype"),
        (made(one(offsets=("0", "8")), b"\0" * 8), "without its dtype"),
        (made({"w": None}), "without its dtype"),
        (made([]), "no JSON object"),
        (made({"__metadata__": [1]}), "__metadata__"),
        (made(b"{"), "JSON"),
        (made(b"[" * 100_000), "JSON"),
        ((1 << 63).to_bytes(8, "little") + b"{", "announced in a file"),
        (b"", "announced in a file"),
        (b"\2\0\0", "announced in a file"),
    ],
    ids=range(19),
)
def test_what_is_refused(content: bytes, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=problem):
        safetensors.read(File(path))
    survives(safetensors.read, path, [content])


def test_a_long_header(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(made(b" " * (safetensors.HEADER_LIMIT + 1)))
    with pytest.raises(Unreadable, match="more than"):
        safetensors.read(File(path))


@pytest.mark.parametrize("name", NAMES)
def test_damaged_files(name: str, tmp_path: Path) -> None:
    content = (DATA / f"{name}.safetensors").read_bytes()
    assert survives(safetensors.read, tmp_path / "a.safetensors", cuts(content, 40)) >= 10
    survives(safetensors.read, tmp_path / "a.safetensors", flips(content, 150))


def test_a_large_file_is_read_by_its_header(tmp_path: Path) -> None:
    """Eight gigabytes, none of which are on the disk."""
    path = tmp_path / "a.safetensors"
    size = 8 << 30
    path.write_bytes(made(one(dtype="U8", shape=(size,), offsets=(0, size))))
    with open(path, "r+b") as stream:
        stream.truncate(path.stat().st_size + size)
    assert safetensors.read(File(path)).graph.tensors["w"].bytes(4) == bytes(4)


def test_an_index(tmp_path: Path) -> None:
    (tmp_path / "model-1.safetensors").write_bytes(made(one(), b"\1" * 8))
    (tmp_path / "model-3.safetensors").write_bytes(made(one(), b"\1" * 7))
    (tmp_path / "model-4.bin").write_bytes(b"PK")
    names = {"w": "model-1.safetensors", "v": "model-1.safetensors", "u": "model-2.safetensors", "x": "model-3.safetensors"}
    names |= {"y": "../model.safetensors", "z": "model-4.bin"}
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(json.dumps({"metadata": {"total_size": 8}, "weight_map": names}))
    (model,) = safetensors.read_index(File(path))
    tensors = model.graph.tensors
    assert (tensors["w"].shape, tensors["w"].bytes()) == ((2,), b"\1" * 8)
    problems = {name: tensor.stored.problem for name, tensor in tensors.items() if tensor.stored}
    assert problems["w"] == problems["z"] == "" and problems["v"] == "the file does not hold the tensor"
    assert problems["u"] == "file is missing" and "cut short" in problems["x"] and problems["y"] == "leaves the model's folder"
    assert len(model.files) == 5


@pytest.mark.parametrize("content", [b"{}", b"[]", b'{"weight_map": []}', b'{"weight_map": {"a": 1}}'])
def test_other_json(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors.index.json"
    path.write_bytes(content)
    assert safetensors.read_index(File(path)) == []


def test_a_damaged_index(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors.index.json"
    content = json.dumps({"weight_map": {"a": "b.safetensors", "c": "d.safetensors"}}).encode()
    assert survives(safetensors.read_index, path, cuts(content, 20)) >= 19
    survives(safetensors.read_index, path, flips(content, 60))
