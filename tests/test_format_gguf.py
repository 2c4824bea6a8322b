"""The GGUF reader, against what the gguf package read of the same files, and against hostile files."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hostile import cuts, flips, survives

from deplint.formats import gguf
from deplint.model import Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File

DATA = Path(__file__).parent / "data" / "models" / "gguf"
NAMES = sorted(path.stem for path in DATA.glob("*.gguf"))
FLOATS = {"F32": "float32", "F16": "float16", "BF16": "bfloat16", "I32": "int32"}


def read(name: str) -> Any:
    return gguf.read(File(DATA / f"{name}.gguf", f"{name}.gguf"))


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_the_package(name: str) -> None:
    model, told = read(name), json.loads((DATA / f"{name}.gguf.json").read_text())
    assert model.ir_version == told["version"]
    assert list(model.graph.tensors) == list(told["tensors"])
    for key, said in told["tensors"].items():
        tensor = model.graph.tensors[key]
        assert tensor.shape == tuple(said["shape"])
        assert (tensor.stored.offset, tensor.stored.nbytes) == (said["offset"], said["nbytes"])
        if said["type"] in FLOATS:
            assert (tensor.dtype, tensor.quant) == (FLOATS[said["type"]], None)
        else:
            assert (tensor.dtype, tensor.quant.scheme) == ("", said["type"])
        assert tensor.bytes().hex() == ("" if name.endswith("big_endian") else said["bytes"])
    assert list(model.metadata) == list(told["metadata"])
    for key, value in told["metadata"].items():
        if isinstance(value, list) and len(value) > gguf.SHOWN:
            assert model.metadata[key] == f"{len(value)} of {'string' if isinstance(value[0], str) else 'float32'}"
        else:
            assert model.metadata[key] == (str(value).lower() if isinstance(value, bool) else str(value))
    text = format_model(model)
    assert format_model(parse_model(text)) == text


def test_block_sizes_are_those_of_the_package() -> None:
    constants = pytest.importorskip("gguf.constants")
    for kind, (block, width) in constants.GGML_QUANT_SIZES.items():
        name, *sizes = gguf.TYPES[kind.value]
        assert sizes == [block, width], kind
        assert name in (kind.name, FLOATS.get(kind.name), {"I8": "int8", "I16": "int16", "I64": "int64", "F64": "float64"}.get(kind.name))


def made(tensors: int = 0, entries: int = 0, body: bytes = b"", version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, entries) + body


def text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def tensor(shape: tuple[int, ...], kind: int = 0, offset: int = 0, name: bytes = b"w") -> bytes:
    return text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (made(version=1), "version 1"),
        (made(tensors=1 << 62), "more than"),
        (made(entries=1 << 62), "more than"),
        (made(entries=1, body=struct.pack("<Q", 1 << 63)), "cut short"),
        (made(entries=1, body=text(b"k") + struct.pack("<I", 99)), "unknown type 99"),
        (made(entries=1, body=text(b"k") + struct.pack("<IIQ", 9, 0, 1 << 60)), "cut short"),
        (made(entries=1, body=text(b"k") + struct.pack("<IIQ", 9, 8, 1 << 60)), "more than"),
        (made(entries=1, body=text(b"k") + struct.pack("<IIQ", 9, 9, 1) * 1 + struct.pack("<IQ", 9, 1) * 50), "unknown type 9"),
        (made(entries=1, body=text(b"general.alignment") + struct.pack("<II", 4, 0)), "alignment"),
        (made(entries=1, body=text(b"general.alignment") + struct.pack("<II", 4, 3)), "alignment"),
        (made(tensors=1, body=tensor((1 << 62,))), "cut short"),
        (made(tensors=1, body=tensor((2,), offset=1 << 62)), "cut short"),
        (made(tensors=1, body=tensor((33,), kind=2)), "stores 32 together"),
        (made(tensors=1, body=tensor((2,), kind=77)), "unknown type 77"),
        (made(tensors=1, body=tensor((1,) * 9)), "9 dimensions"),
        (made(tensors=2, body=tensor((1,)) * 2 + bytes(64)), "two tensors"),
        (b"GGUF", "cut short"),
    ],
    ids=range(17),
)
def test_what_is_refused(content: bytes, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=problem):
        gguf.read(File(path))
    survives(gguf.read, path, [content])


@pytest.mark.parametrize("name", NAMES)
def test_damaged_files(name: str, tmp_path: Path) -> None:
    content = (DATA / f"{name}.gguf").read_bytes()
    assert survives(gguf.read, tmp_path / "a.gguf", cuts(content, 40)) == 40
    survives(gguf.read, tmp_path / "a.gguf", flips(content, 150))


def test_a_large_vocabulary(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    tokens = b"".join(text(b"token") for _ in range(100_000))
    path.write_bytes(made(entries=1, body=text(b"tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 100_000) + tokens))
    assert gguf.read(File(path)).metadata == {"tokenizer.ggml.tokens": "100,000 of string"}


def test_a_large_file_is_read_by_its_header(tmp_path: Path) -> None:
    """Eight gigabytes, none of which are on the disk."""
    path = tmp_path / "a.gguf"
    path.write_bytes(made(tensors=1, body=tensor((1 << 31,))))
    with open(path, "r+b") as stream:
        stream.truncate((8 << 30) + 128)
    assert gguf.read(File(path)).graph.tensors["w"].bytes(4) == bytes(4)
