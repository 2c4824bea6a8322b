"""Every settings reader, given anything: facts or `Unreadable`, soon; and each reads a broken file of its own kind."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from settings_help import project

from deplint import plugins
from deplint.finding import Placed
from deplint.model import Unreadable
from deplint.project import File, Reader
from deplint.settings import READERS
from deplint.settings.pins import Pinned
from tests.fuzz.samples import SAMPLES
from tests.fuzz.targets import name_for

BY_NAME = {reader.name: reader for reader in READERS}


def survives(root: Path, reader: Reader, content: bytes, seconds: float = 2) -> int:
    """Reads `content` and asks for all that follows from it; how many facts there are."""
    path = root / name_for(reader)
    path.write_bytes(content)
    begun = time.process_time()
    try:
        reader.claims(File(path))
        found = reader.read(File(path))
    except Unreadable as error:
        assert str(error)
        found = []
    for facts in found:
        assert isinstance(facts, Placed)
        for pin in facts.pins if isinstance(facts, Pinned) else ():
            assert pin.name and pin.place.path
            assert pin.range is None or pin.range.parts
    assert time.process_time() - begun < seconds
    return len(found)


def test_there_is_a_sample_of_every_kind(tmp_path: Path) -> None:
    assert set(SAMPLES) == set(BY_NAME)
    for name, reader in BY_NAME.items():
        assert survives(tmp_path, reader, SAMPLES[name].encode()) == 1, name


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_arbitrary_text(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    reader = data.draw(st.sampled_from(READERS))
    survives(_folder(tmp_path_factory), reader, data.draw(st.text(max_size=200)).encode("utf-8", "surrogatepass"))


@given(st.data())
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
def test_pieces_of_the_kinds_in_any_order(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Text that looks like the kind of file, so that readers get past their first question."""
    reader = data.draw(st.sampled_from(READERS))
    sample = SAMPLES[reader.name]
    pieces = st.one_of(
        st.builds(lambda a, b: sample[min(a, b) : max(a, b)], st.integers(0, len(sample)), st.integers(0, len(sample))),
        st.sampled_from([*list(" \n\t\"'{}[]()<>:=,.#$\\|&*-"), "${", "$(", "<<", "&a ", "*a", "\ufeff", "é", "9" * 30]),
    )
    survives(_folder(tmp_path_factory), reader, "".join(data.draw(st.lists(pieces, max_size=12))).encode())


_FOLDERS: list[Path] = []


def _folder(factory: pytest.TempPathFactory) -> Path:
    if not _FOLDERS:
        _FOLDERS.append(factory.mktemp("hostile"))
    return _FOLDERS[0]


@pytest.mark.parametrize("name", SAMPLES)
def test_cut_and_changed(tmp_path: Path, name: str) -> None:
    content, rng = SAMPLES[name].encode(), random.Random(name)
    for length in range(0, len(content), max(1, len(content) // 25)):
        survives(tmp_path, BY_NAME[name], content[:length])
    for _ in range(60):
        changed = bytearray(content)
        for _ in range(rng.choice((1, 2, 8))):
            changed[rng.randrange(len(changed))] = rng.choice((0, 9, 10, 34, 39, 58, 91, 93, 123, 125, 255, rng.randrange(256)))
        survives(tmp_path, BY_NAME[name], bytes(changed))


def repeated(name: str) -> list[bytes]:
    """A sample many times over, one line of it many times, and its brackets opened and never closed; 40 kB each."""
    content = SAMPLES[name].encode()
    lines = content.splitlines(keepends=True)
    size = 40_000
    return [
        content * (size // len(content)),
        content + lines[-1] * (size // len(lines[-1])),
        lines[0] * (size // len(lines[0])),
        content + b"[" * size,
        content + b"{" * size,
        content + b'"' * size,
        content.replace(b"\n", b" ") * (size // len(content)),
        b"\0" * size,
        b"\xff\xfe" + b"\xd8" * size,
        bytes(range(256)) * (size // 256),
        content + b"a" * (5 << 20),
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_large(tmp_path: Path, name: str) -> None:
    for number, content in enumerate(repeated(name)):
        begun = time.process_time()
        survives(tmp_path, BY_NAME[name], content, seconds=5)
        assert time.process_time() - begun < 5, f"content {number}"


def test_files_of_other_kinds_are_not_claimed(tmp_path: Path) -> None:
    names = ("main.py", "model.onnx", "README.md", "data.json", "labels.txt", "notes.yaml", "run.sh", "a.pbtxt", "x.cfg", "tsconfig.json")
    made = project(tmp_path, dict.fromkeys(names, "{}\n"))
    for file in made.files:
        assert made.facts(file) == []
    assert not made.troubles


def test_every_reader_promises_its_facts() -> None:
    assert all(reader.gives is not object for reader in plugins.load().readers)


def test_importing_the_vocabulary_imports_nothing_heavy() -> None:
    code = (
        "import sys\nimport deplint.settings\nlight = set(sys.modules)\n"
        "import deplint.settings.containers, deplint.settings.gradle, deplint.settings.packages, deplint.settings.triton\n"
        "print('deplint.settings.pins' in light, sorted({'yaml', 'packaging', 'tomllib', 'configparser'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False []"
