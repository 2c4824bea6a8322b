"""What reading and linting a model costs does not depend on its weights: of a gigabyte hardly a page is touched. And what is looked at when
all weights are to be looked at."""

from __future__ import annotations

import ctypes
import mmap
import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.weights import FORMATS, long_graph
from deplint import plugins
from deplint.engine import check
from deplint.formats.wire import RawData
from deplint.model import CHUNK, Model, Stored, Tensor
from deplint.project import File, Project

LOADED = plugins.load()
GIGABYTE = 1 << 30
TOUCHED = 16 << 20
"""Bytes of a file that the system may have read: it reads ahead."""


def resident(path: Path) -> int:
    """Bytes of a file that are in the system's page cache: all that anybody has read of a file that has just been made with a hole."""
    size = path.stat().st_size
    pages = -(-size // mmap.PAGESIZE)
    with open(path, "rb") as stream, mmap.mmap(stream.fileno(), size, access=mmap.ACCESS_COPY) as content:
        first = ctypes.c_char.from_buffer(content)
        found = (ctypes.c_ubyte * pages)()
        failed = ctypes.CDLL(None, use_errno=True).mincore(ctypes.c_void_p(ctypes.addressof(first)), ctypes.c_size_t(size), found)
        del first
        assert not failed, os.strerror(ctypes.get_errno())
    return sum(page & 1 for page in bytes(found)) * mmap.PAGESIZE


def files(path: Path) -> Iterator[Path]:
    yield from (each for each in (path.rglob("*") if path.is_dir() else path.parent.iterdir()) if each.is_file())


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is in its page cache")
@pytest.mark.parametrize("name", FORMATS)
def test_weights_are_not_read(tmp_path: Path, name: str) -> None:
    path = FORMATS[name](tmp_path, GIGABYTE)
    assert sum(each.stat().st_size for each in files(path)) > GIGABYTE - (1 << 20)
    found = [File(each, each.name) for each in sorted(files(path))]
    project = Project(tmp_path, found, LOADED.readers)
    report = check(project, found, [rule for rule in LOADED.rules if not rule.opt_in])
    assert report.crashes == [] and report.findings == []
    models = [facts for file in found for facts in project.facts(file) if isinstance(facts, Model)]
    assert models and any(graph.tensors for model in models for graph in model.graphs)
    assert sum(map(resident, files(path))) < TOUCHED


def test_what_is_read_is_seen(tmp_path: Path) -> None:
    """The test above can fail."""
    if sys.platform != "linux":
        pytest.skip("asks Linux what is in its page cache")
    path = FORMATS["safetensors"](tmp_path, 64 << 20)
    with open(path, "rb") as stream:
        while stream.read(1 << 20):
            pass
    assert resident(path) >= 64 << 20


@pytest.mark.parametrize("name", FORMATS)
def test_the_graph_is_the_same(tmp_path: Path, name: str) -> None:
    """A gigabyte changes sizes, and no more."""
    told = []
    for size in (1 << 20, GIGABYTE):
        folder = tmp_path / str(size)
        folder.mkdir()
        path = FORMATS[name](folder, size)
        found = [File(each, each.name) for each in sorted(files(path))]
        project = Project(folder, found, LOADED.readers)
        models = [facts for file in found for facts in project.facts(file) if isinstance(facts, Model)]
        told.append([[op.type for _, op in model.ops()] + [t.name for g in model.graphs for t in g.weights] for model in models])
        assert not any(t.stored.problem for m in models for g in m.graphs for t in g.weights if t.stored)
    assert told[0] == told[1]


def test_a_model_beyond_two_gigabytes_is_read_and_named(tmp_path: Path) -> None:
    """No library takes it in one file; with its weights beside it, any does."""
    wanted = {"onnx": {"DPL447"}, "onnx_external": set(), "safetensors": set()}
    for name, rules in wanted.items():
        folder = tmp_path / name
        folder.mkdir()
        path = FORMATS[name](folder, 3 * GIGABYTE)
        found = [File(each, each.name) for each in sorted(files(path))]
        report = check(Project(folder, found, LOADED.readers), found, [rule for rule in LOADED.rules if not rule.opt_in])
        assert report.crashes == [] and {f.rule for f in report.findings} == rules


def test_a_long_graph_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(long_graph(5000))
    found = [File(path, path.name)]
    project = Project(tmp_path, found, LOADED.readers)
    report = check(project, found, [rule for rule in LOADED.rules if not rule.opt_in])
    assert report.crashes == [] and report.findings == []
    (model,) = (facts for facts in project.facts(found[0]) if isinstance(facts, Model))
    assert len(model.graph.ops) == 5000


# All weights


def stored(path: Path, dtype: str, values: bytes) -> Tensor:
    path.write_bytes(b"head" + values)
    width = 8 if dtype == "float64" else 4 if dtype == "float32" else 2
    return Tensor("w", dtype, (len(values) // width,), stored=Stored("w", 4, len(values)), data=RawData(path, 4))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("special", [None, np.nan, np.inf, -np.inf, 0.0, 65504.0, -65504.0])
@pytest.mark.parametrize("at", [0, 1, CHUNK // 4 - 1, CHUNK // 4, -1])
def test_the_largest_is_that_of_numpy(tmp_path: Path, dtype: str, special: float | None, at: int) -> None:
    values = np.random.default_rng(0).normal(size=CHUNK // 2 + 7).astype(dtype)
    if special is not None:
        values[at] = special
    with np.errstate(invalid="ignore"):
        wanted = float(np.abs(values).max())
    found = stored(tmp_path / "w", dtype, values.tobytes()).largest
    assert found is not None and np.array_equal(found, wanted, equal_nan=True)


@pytest.mark.parametrize(
    ("bits", "wanted"), [(0x3F80, 1.0), (0x7F80, np.inf), (0xFF80, np.inf), (0x7FC0, np.nan), (0x8000, 0.0), (0x4780, 65536.0)]
)
def test_the_largest_of_bfloat16(tmp_path: Path, bits: int, wanted: float) -> None:
    found = stored(tmp_path / "w", "bfloat16", struct.pack("<3H", 0, bits, 0)).largest
    assert np.array_equal(found, wanted, equal_nan=True)


def test_what_has_no_largest(tmp_path: Path) -> None:
    def tensor(dtype: str = "float32", size: int = 4) -> Tensor:
        return replace(stored(tmp_path / "w", "float32", bytes(16)), dtype=dtype, shape=(size,))

    assert tensor().largest == 0.0
    assert tensor(size=5).largest is None, "it stores less than it says"
    assert tensor("int32").largest is None
    gone = tensor()
    (tmp_path / "w").write_bytes(b"")
    assert gone.largest is None


def test_weights_are_scanned_once(tmp_path: Path) -> None:
    path = FORMATS["safetensors"](tmp_path, 1 << 20)
    found = [File(path, path.name)]
    project = Project(tmp_path, found, LOADED.readers)
    (model,) = (facts for facts in project.facts(found[0]) if isinstance(facts, Model))
    (weight,) = model.graph.weights
    read, asked = weight.data, []
    weight.data = lambda offset, size: asked.append(size) or read(offset, size)  # type: ignore[func-returns-value, misc]
    report = check(project, found, [rule for rule in LOADED.rules if rule.id in ("DPL446", "DPL543")])
    assert {f.rule for f in report.findings} == {"DPL446"}
    assert sum(asked) == 1 << 20
