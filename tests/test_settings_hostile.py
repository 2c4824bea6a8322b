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

from deplint.finding import Placed
from deplint.model import Unreadable
from deplint.project import File, Reader
from deplint.settings import READERS
from deplint.settings.pins import Pinned

SAMPLES = {
    "requirements": "-r base.txt\ntensorflow==2.13.0 \\\n  --hash=sha256:a # c\n-e git+https://x/y#egg=z\n",
    "pyproject": '[project]\ndependencies = ["a>=1"]\n[tool.poetry.dependencies]\npython = "^3.9"\nx = {version = "1", optional = true}\n',
    "setup.cfg": "[options]\ninstall_requires =\n    a\n    b>=1\n[options.extras_require]\nx = y\n",
    "setup.py": "from setuptools import setup\nsetup(install_requires=['a>=1'], extras_require={'x': ['b']}, python_requires='>=3')\n",
    "pipfile": '[packages]\na = "==1"\nb = {version = "*", extras = ["c"]}\n[requires]\npython_version = "3.9"\n',
    "conda": "name: x\ndependencies:\n  - python=3.9\n  - a=1=b\n  - pip:\n    - c==1\n",
    "python-version": "3.11.4\n",
    "toml-lock": '[[package]]\nname = "a"\nversion = "1"\n',
    "pipfile.lock": '{"default": {"a": {"version": "==1"}}, "develop": {}}',
    "conda-lock": "package:\n- name: a\n  version: 1.0\n",
    "notebook-installs": '{"cells": [{"cell_type": "code", "source": ["!pip install a==1 \'b>=2\'"]}]}',
    "package.json": '{"name": "x", "dependencies": {"@a/b": "^1.0.0", "c": "npm:d@1"}}',
    "package-lock": '{"packages": {"node_modules/a": {"version": "1.0.0"}}}',
    "yarn.lock": '"@a/b@^1":\n  version "1.0.0"\n',
    "pnpm-lock": "packages:\n  '@a/b@1.0.0':\n    x: y\n",
    "podfile": "platform :ios, '12.0'\npod 'A/B', '~> 1.0', :subspecs => ['C']\nx = '-force_load y'\n",
    "podfile.lock": "PODS:\n  - A (1.0)\nDEPENDENCIES:\n  - A\n",
    "pubspec": "name: a\ndependencies:\n  b: ^1.0\nflutter:\n  assets:\n    - assets/\n",
    "pubspec.lock": 'packages:\n  a:\n    version: "1.0"\n',
    "package.swift": '.package(url: "https://x.org/a", from: "1.0.0")\n',
    "package.resolved": '{"pins": [{"location": "https://x.org/a", "state": {"version": "1.0.0"}}]}',
    "gradle": "android { compileSdk 33 }\ndependencies { implementation \"a:b:$v\"; api(libs.x) { exclude group: 'y' } }\n",
    "gradle-catalog": '[versions]\na = "1"\n[libraries]\nb = { module = "c:d", version.ref = "a" }\n',
    "gradle-properties": "a=b\ndistributionUrl=https\\://x/gradle-8.2-bin.zip\n",
    "dockerfile": 'ARG A=1\nFROM python:$A AS b\nENV C="d e"\nRUN pip install a==1 \\\n  # c\n  b\nRUN <<E\nx\nE\nCOPY c d\nCMD ["e"]\n',
    "compose": "services:\n  a:\n    image: b:${C:-1}\n    ports: ['1:2']\n    command: x --y=z\n    environment: [D=e]\n",
    "kubernetes": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: a\n    args: [--b=$(C)]\n    env: [{name: C, value: d}]\n",
    "docker-run": 'IMAGE=a\nif x; then docker run -p 1:2 -v "$(pwd):/b" $IMAGE:1 --c=d "$@"; fi\n',
    "conversion-script": 'for m in a; do tensorflowjs_converter --input_format=keras "$m.h5" b; done\ntensorflowjs_converter $C \\\n d\n',
    "triton": 'platform: "a"\nmax_batch_size: 8\ninput [ { name: "b" data_type: TYPE_FP32 dims: [ 1, -1 ] } ]\n',
    "tf-serving": 'model_config_list { config { name: "a" base_path: "/b" model_version_policy { specific { versions: 1 } } } }\n',
}  # fmt: skip
SAMPLES["dockerfile-run"] = SAMPLES["dockerfile"]

BY_NAME = {reader.name: reader for reader in READERS}


def name_for(reader: Reader) -> str:
    """A file name that the reader claims."""
    return {"requirements": "requirements.txt", "tf-serving": "models.config"}.get(reader.name, reader.names[0].replace("*", "x"))


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
    assert all(reader.gives is not object for reader in READERS)


def test_importing_the_vocabulary_imports_nothing_heavy() -> None:
    code = (
        "import sys\nimport deplint.settings\nlight = set(sys.modules)\n"
        "import deplint.settings.containers, deplint.settings.gradle, deplint.settings.packages, deplint.settings.triton\n"
        "print('deplint.settings.pins' in light, sorted({'yaml', 'packaging', 'tomllib', 'configparser'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False []"
