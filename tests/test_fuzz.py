"""The fuzzer's table: every reader is in it with seeds that it claims, and reads those as the fuzzer would."""

from __future__ import annotations

import importlib.util
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from seeded import field

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


def graph(*parts: bytes, attribute: bytes = b"") -> bytes:
    """A GraphDef of one operator, with an attribute, and more parts."""
    return field(1, field(1, "x") + field(2, "Placeholder") + (field(5, attribute) if attribute else b"")) + b"".join(parts)


def program(method: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("a.pt", "x" * 50)
        archive.writestr("serialized_exported_program.json", "{}")
        archive.writestr("version", "5")
    return stream.getvalue()


def before_itself() -> bytes:
    """An archive whose directory says that it lies 200 bytes further on: then members begin that much before the file does."""
    content = program()
    return content[:-6] + (int.from_bytes(content[-6:-2], "little") + 200).to_bytes(4, "little") + content[-2:]


_FUNCTION = field(1, field(1, "f") + field(2, field(1, "a")))
_NOTED = field(7, field(1, 0) + field(2, field(1, field(1, "_output_shapes") + field(2, field(5, 1)))))

FOUND: dict[str, tuple[str, bytes]] = {
    "shapes of a function's argument that are none": ("graphdef", graph(field(2, field(1, _FUNCTION + _NOTED)))),
    "a string in another coding": ("graphdef", graph(attribute=field(1, "T") + field(2, field(2, 3)))),
    "an output whose number is no decimal": ("graphdef", graph(field(1, field(1, "y") + field(2, "A") + field(3, "x:²")))),
    "an output of a very high number": ("graphdef", graph(field(1, field(1, "y") + field(2, "A") + field(3, "x:" + "9" * 5000)))),
    "a member before the file's beginning": ("pickles", before_itself()),
    "a member of LZMA with impossible options": ("torch-export", program(zipfile.ZIP_LZMA).replace(b"\x5d\0\0\x80\0", b"\xff\0\0\x80\0")),
    "a body of a layer that is none": ("openvino", b'<net version="11"><x><layer><then_body></then_body></layer></x></net>'),
    "a note called as a body of a layer": (
        "openvino",
        b'<net version="11"><rt_info><x name="layer"><y name="then_body"/></x></rt_info></net>',
    ),
    "more fields than any graph has": ("graphdef", graph(attribute=field(1, "T") + field(2, b"\x18\x01" * 6_000_000))),
    "more operators than any graph has": (
        "onnx",
        b"\x08\x08" + field(8, field(2, 17)) + field(7, field(2, "g") + field(1, field(4, "A")) * 1_000_000),
    ),
    "fields of no number": ("onnx", b"\x08\x08" + field(8, field(2, 17)) + field(7, field(2, "g" * 5000) + bytes(16 << 20))),
}
"""What the fuzzer found, or who read its findings, as small as it gets: a target and a file."""


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found(name: str, tmp_path: Path) -> None:
    target, content = FOUND[name]
    path = tmp_path / name_for(TARGETS[target].reader)
    path.write_bytes(content)
    assert TARGETS[target].reader.claims(File(path))
    TARGETS[target].read(File(path))


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
