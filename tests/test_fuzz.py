"""The fuzzer's table: every reader is in it with seeds that it claims, and reads those as the fuzzer would."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from deplint import formats, settings
from deplint.project import File
from tests.fuzz import corpus
from tests.fuzz.targets import TARGETS, Slow, Target, name_for

ROOT = Path(__file__).parents[1]

NO_SEEDS: frozenset[str] = frozenset()
"""Readers that may be without a seed for a while."""


def test_every_reader_is_a_target() -> None:
    assert {target.reader.load for target in TARGETS.values()} == {reader.load for reader in (*formats.READERS, *settings.READERS)}
    assert len(TARGETS) == len(formats.READERS) + len(settings.READERS)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_claimed_and_read(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    seeds = list(dict.fromkeys(corpus.seeds(target)))
    assert seeds or name in NO_SEEDS
    path = tmp_path / name_for(target.reader)
    claimed = 0
    for seed in seeds[: 3 if target.in_worker else 60]:
        path.write_bytes(seed)
        claimed += target.reader.claims(File(path))
        target.read(File(path))
    assert claimed or not seeds, "no seed is claimed under the target's name"
    assert corpus.words(target)


def test_the_oracle_can_fail(tmp_path: Path) -> None:
    def raises(file: File) -> None:
        raise KeyError(file.name)

    def slow(file: File) -> list[object]:
        return [None for _ in range(1 << 26)][:0]

    (tmp_path / "x.toy").write_bytes(b"")
    for read, error in ((raises, KeyError), (slow, Slow)):
        reader = formats.Reader("toy", ("*.toy",), "")
        reader.__dict__["function"] = read
        with pytest.raises(error):
            Target("toy", reader).read(File(tmp_path / "x.toy"))


def test_archives_are_changed_by_their_members() -> None:
    packed = corpus.pack([("a/version", b"3"), ("a/data.pkl", b"\x80\x02.")])
    change = corpus.mutate_archive(lambda content, limit: content + b"!")
    changed = {bytes(change(packed, 1 << 16, seed)) for seed in range(40)}
    assert any(corpus.unpack(each) == [("a/version", b"3!"), ("a/data.pkl", b"\x80\x02.")] for each in changed)
    assert packed + b"!" in changed
    assert change(b"PK\3\4nothing", 1 << 16, 1) == b"PK\3\4nothing!"


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
def test_a_short_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "safetensors", "--runs", "500", "--home", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    executions, edges = (int(cell.replace(",", "")) for cell in done.stdout.split("|")[2:5:2])
    assert executions >= 500 and edges > 100
    assert list((tmp_path / "safetensors" / "corpus").iterdir())
