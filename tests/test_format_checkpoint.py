"""Checkpoints: the reader against what three releases of TensorFlow read from theirs, and against hostile tables."""

from __future__ import annotations

import json
import os
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest
from hostile import cuts, flips, survives

from deplint.formats import READERS, checkpoint, snappy
from deplint.formats.artifact import detect
from deplint.model import Model, Tensor, Unreadable
from deplint.model.text import format_model, parse_model
from deplint.project import File, Project

DATA = Path(__file__).parent / "data" / "models" / "tensorflow"
INDEXES = sorted(path for path in DATA.glob("tf*/*/*.index") if path.parent.name in ("saver", "sharded", "objects"))
OLD = sorted(DATA.glob("tf*/v1/*.ckpt"))


def ids(path: Path) -> str:
    return f"{path.parent.parent.name}-{path.parent.name}"


def read(path: Path) -> Model:
    return (checkpoint.read if path.suffix == ".index" else checkpoint.read_v1)(File(path, path.name))


def told(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.with_name(path.name.removesuffix(".index") + ".json").read_text())
    return found


@pytest.mark.parametrize("path", INDEXES + OLD, ids=ids)
def test_agrees_with_the_release_that_wrote_it(path: Path) -> None:
    model, facts = read(path), told(path)
    graph = model.graph
    assert (model.format, model.producer, model.size) == ("tf-checkpoint", "tensorflow", path.stat().st_size)
    assert {name: (t.dtype, list(t.shape or ())) for name, t in graph.tensors.items()} == {
        name: (fact["dtype"], fact["shape"]) for name, fact in facts.items()
    }
    if path in INDEXES:
        compared = 0
        for name, fact in facts.items():
            tensor = graph.tensors[name]
            assert tensor.stored and not tensor.stored.problem and tensor.stored.external
            if fact["bytes"] is not None and name != "table":  # which is in two parts
                assert tensor.bytes().hex() == fact["bytes"]
                compared += 1
        assert compared >= 5
        assert model.files == sorted(p.name for p in path.parent.glob("*.data-*"))


@pytest.mark.parametrize("path", INDEXES + OLD, ids=ids)
def test_text_form_reads_back(path: Path) -> None:
    text = format_model(read(path))
    assert format_model(parse_model(text)) == text


def test_what_the_checkpoints_show() -> None:
    assert len(INDEXES) == 8 and len(OLD) == 3
    sharded = read(DATA / "tf2.21" / "sharded" / "model.ckpt.index")
    assert sharded.metadata["shards"] == "2"
    table = sharded.graph.tensors["table"]
    assert table.shape == (6, 3) and table.stored and table.stored.nbytes == 72 and table.data is None
    objects = read(DATA / "tf2.15" / "objects" / "ckpt-1.index")
    assert objects.metadata["root"] == "model, optimizer, step, save_counter" and int(objects.metadata["objects"]) > 10
    assert "model/layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE" in objects.graph.tensors
    assert read(OLD[0]).metadata == {"kind": "V1"}


@pytest.mark.parametrize("path", INDEXES + OLD, ids=ids)
def test_told_by_content(path: Path) -> None:
    assert detect(File(path)) == ("tf-index" if path in INDEXES else "tf-checkpoint")


def project(folder: Path) -> Project:
    return Project(folder, [File(path, path.relative_to(folder).as_posix()) for path in sorted(folder.rglob("*"))], READERS)


def test_an_index_is_read_with_its_saved_model() -> None:
    formats = [model.format for model in project(DATA / "tf2.15" / "builder").all(Model)]
    assert formats == ["savedmodel"]
    assert [model.format for model in project(DATA / "tf2.15" / "builder" / "variables").all(Model)] == []
    assert [model.format for model in project(DATA / "tf2.15" / "sharded").all(Model)] == ["tf-checkpoint"]


# Shards


def problems(folder: Path) -> set[str]:
    model = checkpoint.read(File(folder / "model.ckpt.index", "model.ckpt.index"))
    return {tensor.stored.problem for tensor in model.graph.weights if tensor.stored}


@pytest.fixture
def sharded(tmp_path: Path) -> Path:
    shutil.copytree(DATA / "tf2.15" / "sharded", tmp_path / "c")
    return tmp_path / "c"


def test_missing_short_and_pointed_shards(sharded: Path) -> None:
    shard = sharded / "model.ckpt.data-00000-of-00002"
    content = shard.read_bytes()
    assert problems(sharded) == {""}
    shard.write_bytes(content[:-1])
    assert problems(sharded) == {"", "file is too short: 59 bytes, the tensor ends at 60"}
    shard.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 60\n")
    assert problems(sharded) == {"", "a Git LFS pointer, not the data"}
    shard.unlink()
    assert problems(sharded) == {"", "file is missing"}
    shard.symlink_to("/etc/passwd")
    assert problems(sharded) == {"", "leaves the model's folder through a symbolic link"}


def test_large_shards_are_not_looked_at(sharded: Path) -> None:
    """A shard of a gigabyte that has no content: reading must not depend on it."""
    with open(sharded / "model.ckpt.data-00000-of-00002", "r+b") as stream:
        stream.truncate(1 << 30)
    survives(checkpoint.read, sharded / "model.ckpt.index", [(sharded / "model.ckpt.index").read_bytes()], seconds=0.5, memory=1 << 20)


# The state file


def state(tmp_path: Path, text: str) -> checkpoint.CheckpointState:
    (tmp_path / "checkpoint").write_text(text)
    (found,) = checkpoint.read_state(File(tmp_path / "checkpoint", "checkpoint"))
    return found


def test_state_file(tmp_path: Path) -> None:
    (tmp_path / "model.ckpt-7.index").touch()
    found = state(tmp_path, 'all_model_checkpoint_paths: "model.ckpt-7"\nmodel_checkpoint_path: "/home/me/model.ckpt-7"\nlast: 1.5\n')
    assert found.latest.text == "/home/me/model.ckpt-7" and found.absolute and not found.there
    assert found.place.path == "checkpoint" and found.place.span and found.place.span.line == 2
    assert [word.text for word in found.kept] == ["model.ckpt-7"] and found.written == {"model.ckpt-7"}
    for path, absolute, there in (
        ("model.ckpt-7", False, True), ("model.ckpt-8", False, False), (f"{tmp_path}/model.ckpt-7", True, True),
        ("../x/model.ckpt-7", False, False), ("C:\\\\train\\\\model.ckpt-7", True, False), ("gs://bucket/model.ckpt-7", True, False),
    ):  # fmt: skip
        found = state(tmp_path, f'model_checkpoint_path: "{path}"')
        assert (found.absolute, found.there) == (absolute, there), path
    for path in DATA.glob("tf*/*/checkpoint"):
        (real,) = checkpoint.read_state(File(path, "checkpoint"))
        assert real.latest.text in real.written and real.there and not real.absolute


@pytest.mark.parametrize("content", [b"", b"{}", bytes(range(256)), b"model_checkpoint_path { }"])
def test_other_files_named_checkpoint(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "checkpoint").write_bytes(content)
    here = project(tmp_path)
    assert not list(here.all(checkpoint.CheckpointState)) and not here.troubles


def test_damaged_state_file(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        state(tmp_path, 'model_checkpoint_path: "x')


# Hostile tables


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def entry(key: bytes, value: bytes, shared: int = 0) -> bytes:
    return varint(shared) + varint(len(key)) + varint(len(value)) + key + value


def block(entries: bytes, restarts: int = 1, coding: int = 0) -> bytes:
    return entries + bytes(4) + struct.pack("<I", restarts) + bytes([coding]) + bytes(4)


def handle(start: int, content: bytes) -> bytes:
    return varint(start) + varint(len(content) - 5)


def table(*blocks: bytes, handles: list[bytes] | None = None) -> bytes:
    data, listed = b"", b""
    for number, each in enumerate(blocks):
        listed += entry(b"%08d" % number, handle(len(data), each))
        data += each
    index = block(b"".join(handles) if handles is not None else listed)
    return data + index + (varint(0) + varint(0) + handle(len(data), index)).ljust(40, b"\0") + struct.pack("<Q", checkpoint.MAGIC)


HEADER = entry(b"", b"\x08\x01")
VARIABLE = entry(b"w", b"\x08\x01\x12\x04\x12\x02\x08\x02\x28\x08")  # float32[2], 8 bytes


def index(tmp_path: Path, content: bytes) -> Model:
    path = tmp_path / "x.index"
    path.write_bytes(content)
    return checkpoint.read(File(path, "x.index"))


def test_a_table_by_hand(tmp_path: Path) -> None:
    (tmp_path / "x.data-00000-of-00001").write_bytes(struct.pack("<2f", 1.5, 2.5))
    tensor = index(tmp_path, table(block(HEADER + VARIABLE))).graph.tensors["w"]
    assert (tensor.dtype, tensor.shape, tensor.bytes()) == ("float32", (2,), struct.pack("<2f", 1.5, 2.5))
    later = table(block(HEADER), block(entry(b"ab", VARIABLE[4:]) + entry(b"c", VARIABLE[4:], shared=1)))
    assert list(index(tmp_path, later).graph.tensors) == ["ab", "ac"]


HOSTILE = {
    "empty": b"",
    "footer alone": bytes(40) + struct.pack("<Q", checkpoint.MAGIC),
    "endless number in the footer": b"\xff" * 40 + struct.pack("<Q", checkpoint.MAGIC),
    "another compression": table(block(HEADER + VARIABLE, coding=2)),
    "compressed, and is not": table(block(HEADER + VARIABLE, coding=1)),
    "compressed to much": table(block(b"\xff\xff\xff\xff\x0f\x00a", coding=1)),
    "many restarts": table(block(HEADER, restarts=0xFFFFFFFF)),
    "no header": table(block(VARIABLE)),
    "another value first": table(block(entry(b"", b"\x08\x00"))),
    "a block twice": table(block(HEADER), handles=[entry(b"a", handle(0, block(HEADER))), entry(b"b", handle(0, block(HEADER)))]),
    "a block that is its own index": table(handles=[entry(b"a", varint(0) + varint(20))]),
    "a block beyond the file": table(handles=[entry(b"a", varint(1 << 62) + varint(1 << 62))]),
    "a key that shares what is not there": table(block(HEADER + entry(b"k", b"", shared=9))),
    "a value of 2^63": table(block(HEADER + varint(0) + varint(1) + varint(1 << 63) + b"k")),
    "a long key": table(block(HEADER + entry(b"k" * 5000, b""))),
    "shard out of range": table(block(HEADER + entry(b"w", b"\x08\x01\x18\x07"))),
    "negative offset": table(block(HEADER + entry(b"w", b"\x08\x01\x20" + b"\xff" * 9 + b"\x01"))),
    "negative shards": table(block(entry(b"", b"\x08" + b"\xff" * 9 + b"\x01"))),
    "an entry that is no message": table(block(HEADER + entry(b"w", b"\xff\xff"))),
    "lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 60\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_contradictions_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unreadable):
        index(tmp_path, HOSTILE[name])
    survives(checkpoint.read_v1, tmp_path / "x.ckpt", [HOSTILE[name]])


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        (b"\x00", b""), (b"\x03\x08abc", b"abc"), (b"\x09\x08abc\x09\x03", b"abcabcabc"), (b"\x0b\x00a\x26\x01\x00", b"a" * 11),
        (b"\x06\x08abc\x0b\x03\0\0\0", b"abcabc"), (b"\x3d\xf0\x3c" + b"x" * 61, b"x" * 61),
        (b"\xac\x02\xf4\x2b\x01" + b"y" * 300, b"y" * 300),
    ],
)  # fmt: skip
def test_snappy(raw: bytes, content: bytes) -> None:
    assert snappy.decompress(raw) == content


@pytest.mark.parametrize(
    "raw", [b"", b"\x80", b"\x02\x08abc", b"\x05\x08abc", b"\x04\x08ab", b"\x09\x08abc\x09\x04", b"\x09\x08abc\x09\x00", b"\x01\xfc\xff"]
)
def test_damaged_snappy(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        snappy.decompress(raw)


def test_a_compressed_table(tmp_path: Path) -> None:
    """As the builds of TensorFlow's authors write it."""
    content = HEADER + VARIABLE + bytes(4) + struct.pack("<I", 1)
    packed = varint(len(content)) + bytes([len(content) - 1 << 2]) + content
    assert len(content) <= 60
    (tmp_path / "x.data-00000-of-00001").write_bytes(bytes(8))
    model = index(tmp_path, table(packed + b"\1" + bytes(4)))
    assert model.graph.tensors["w"].shape == (2,) and detect(File(tmp_path / "x.index")) == "tf-index"


def test_keys_that_grow_by_sharing(tmp_path: Path) -> None:
    """Each entry costs eight bytes and stands for a key of four thousand."""
    grown = HEADER + entry(b"k" * 4000, VARIABLE[4:]) + entry(b"x", b"", shared=4000) * 60_000
    assert survives(checkpoint.read, tmp_path / "x.index", [table(block(grown))]) == 1


def test_numbers_of_shards(tmp_path: Path) -> None:
    """A header of two thousand million shards costs nothing; a shard that an entry names and is not there is said to be missing."""
    model = index(tmp_path, table(block(entry(b"", b"\x08" + varint((1 << 31) - 1)) + VARIABLE)))
    stored = model.graph.tensors["w"].stored
    assert stored and stored.problem == "file is missing" and stored.path == "x.data-00000-of-2147483647"


@pytest.mark.parametrize("path", [INDEXES[0], INDEXES[3], *OLD[:1]], ids=ids)
def test_damaged_files(path: Path, tmp_path: Path) -> None:
    content = path.read_bytes()
    for shard in path.parent.glob("*.data-*"):
        shutil.copy(shard, tmp_path)
    load = checkpoint.read if path in INDEXES else checkpoint.read_v1
    survives(load, tmp_path / path.name, cuts(content, 50))
    survives(load, tmp_path / path.name, flips(content, 300))


# TensorFlow itself


@pytest.fixture(scope="module")
def tf() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return pytest.importorskip("tensorflow")


@pytest.mark.tensorflow
def test_field_numbers(tf: Any) -> None:
    from tensorflow.core.protobuf import tensor_bundle_pb2, trackable_object_graph_pb2
    from tensorflow.core.util import saved_tensor_slice_pb2

    objects = trackable_object_graph_pb2.TrackableObjectGraph
    tables = {
        checkpoint.HEADER: tensor_bundle_pb2.BundleHeaderProto, checkpoint.BUNDLE_ENTRY: tensor_bundle_pb2.BundleEntryProto,
        checkpoint.SAVED_SLICES: saved_tensor_slice_pb2.SavedTensorSlices,
        checkpoint.SLICES_META: saved_tensor_slice_pb2.SavedTensorSliceMeta, checkpoint.SLICE_META: saved_tensor_slice_pb2.SavedSliceMeta,
        checkpoint.OBJECT_GRAPH_DEF: objects, checkpoint.OBJECT: objects.TrackableObject,
        checkpoint.CHILD: objects.TrackableObject.ObjectReference,
    }  # fmt: skip
    for numbers, message in tables.items():
        ours = {name: number for name, number in vars(numbers).items() if name.isupper()}
        assert ours == {name: message.DESCRIPTOR.fields_by_name[name.lower()].number for name in ours}


@pytest.mark.tensorflow
@pytest.mark.parametrize("path", INDEXES, ids=ids)
def test_agrees_with_tensorflow(tf: Any, path: Path) -> None:
    prefix = str(path).removesuffix(".index")
    tensors = read(path).graph.tensors
    assert {name: list(t.shape or ()) for name, t in tensors.items()} == dict(tf.train.list_variables(prefix))
    reader = tf.train.load_checkpoint(prefix)
    for name, dtype in reader.get_variable_to_dtype_map().items():
        tensor: Tensor = tensors[name]
        assert tensor.dtype == dtype.name
        if tensor.dtype != "string" and tensor.data is not None:
            assert tensor.bytes() == reader.get_tensor(name).tobytes()
