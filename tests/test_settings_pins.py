"""Ranges of versions against `packaging`, and which pin holds where."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from settings_help import project

from deplint.finding import Place
from deplint.project import File, Project
from deplint.settings.pins import ALIASES, Pin, key
from deplint.settings.ranges import Range, between, parse


def admits(specifier: str, version: str, ecosystem: str = "pypi") -> bool:
    admitted = parse(specifier, ecosystem)
    assert admitted is not None, specifier
    only = (Version(version), 0), (Version(version), 1)
    return Range((only,)) <= admitted


NUMBERS = [
    "0.9",
    "1.0",
    "1.0.1",
    "1.9.9",
    "2.0",
    "2.0.1",
    "2.1",
    "2.10",
    "2.13.0",
    "2.13.1",
    "2.16.0",
    "3.0",
    "10.0",
    "2.1.0rc1",
    "2.0.post1",
]


@given(
    st.lists(
        st.tuples(st.sampled_from(["==", ">=", "<=", "<", ">", "~=", "!="]), st.sampled_from(NUMBERS), st.booleans()),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(NUMBERS),
)
@settings(max_examples=300, deadline=None)
def test_never_narrower_than_packaging(clauses: list[tuple[str, str, bool]], version: str) -> None:
    parts = []
    for operator, number, star in clauses:
        release = ".".join(map(str, Version(number).release))
        if operator == "~=":
            parts.append(f"~={release if '.' in release else release + '.0'}")
        elif star and operator in ("==", "!="):
            parts.append(f"{operator}{release}.*")
        else:
            parts.append(operator + number)
    text = ",".join(parts)
    if parse(text) is None:  # contradictory
        assert not any(SpecifierSet(text).contains(number, prereleases=True) for number in NUMBERS)
    elif SpecifierSet(text).contains(version, prereleases=True):
        assert admits(text, version), (text, version)


@pytest.mark.parametrize("specifier", [">=2.0", "<2.13", "==2.13.*", "~=2.13.0", ">=2.0,<2.16", "==2.13.0", "~=2.0", "<=2.13.0"])
@pytest.mark.parametrize("version", ["1.9", "2.0", "2.0.1", "2.12.9", "2.13.0", "2.13.5", "2.14.0", "2.16.0", "3.0"])
def test_as_packaging_for_final_versions(specifier: str, version: str) -> None:
    assert admits(specifier, version) == SpecifierSet(specifier).contains(version)


@pytest.mark.parametrize(
    ("ecosystem", "specifier", "inside", "outside"),
    [
        ("npm", "^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0"),
        ("npm", "^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2"),
        ("npm", "^0.0.3", "0.0.3", "0.0.4 0.0.2"),
        ("npm", "^0.2", "0.2.0", "0.3.0"),
        ("npm", "~1.2.3", "1.2.9", "1.3.0 1.2.2"),
        ("npm", "~1", "1.9.0", "2.0.0"),
        ("npm", "1.2", "1.2.7", "1.3.0"),
        ("npm", "1.x || 3.x", "1.5.0 3.5.0", "2.0.0 4.0.0"),
        ("npm", "1.2.3 - 2.0", "1.2.3 2.0.9", "2.1.0 1.2.2"),
        ("npm", ">=1.2.3 <2.0.0", "1.9.9", "2.0.0"),
        ("npm", "4.10.0", "4.10.0", "4.10.1"),
        ("npm", "v4.10.0", "4.10.0", "4.10.1"),
        ("npm", "*", "0.0.1 99.0", ""),
        ("npm", "", "0.0.1 99.0", ""),
        ("maven", "2.13.0", "2.13.0", "2.13.1"),
        ("maven", "2.+", "2.0 2.99", "3.0 1.9"),
        ("maven", "[1.0,2.0)", "1.0 1.9.9", "2.0 0.9"),
        ("maven", "(1.0,2.0]", "2.0", "1.0 2.1"),
        ("maven", "(,1.0],[1.2,)", "0.5 1.0 1.3", "1.1"),
        ("maven", "[1.5]", "1.5", "1.6"),
        ("maven", "+", "1.0", ""),
        ("cocoapods", "~> 2.13.0", "2.13.9", "2.14.0 2.12.0"),
        ("cocoapods", "~> 2.13", "2.99", "3.0"),
        ("cocoapods", "2.13.0", "2.13.0", "2.13.1"),
        ("cocoapods", ">= 2.0, < 2.5", "2.4", "2.5"),
        ("conda", "=2.13", "2.13.0 2.13.9", "2.14"),
        ("conda", "==2.13.0", "2.13.0", "2.13.1"),
        ("conda", ">=2.0,<2.5|3.*", "2.1 3.9", "2.6 4.0"),
        ("conda", "2.13.*", "2.13.4", "2.14"),
        ("pub", "^1.2.3", "1.9", "2.0"),
        ("pub", "any", "1.9", ""),
        ("pub", ">=1.0.0 <2.0.0", "1.9", "2.0"),
        ("pypi", "^2.13", "2.99", "3.0 2.12"),
        ("pypi", "^0.2.3 || ^1.0", "0.2.4 1.5", "0.3 2.0"),
        ("pypi", "*", "1", ""),
        ("spm", "^1.2.0", "1.9", "2.0"),
    ],
)
def test_notation_of_each_ecosystem(ecosystem: str, specifier: str, inside: str, outside: str) -> None:
    for version in inside.split():
        assert admits(specifier, version, ecosystem), (specifier, version)
    for version in outside.split():
        assert not admits(specifier, version, ecosystem), (specifier, version)


@pytest.mark.parametrize(
    ("ecosystem", "specifier"),
    [
        ("npm", "latest"),
        ("npm", "workspace:*"),
        ("npm", "||"),
        ("maven", "latest.release"),
        ("maven", "[2,1]"),
        ("pypi", "$X"),
        ("pypi", "1!2.0"),
        ("pypi", ">=2,<1"),
        ("pypi", "=" * 999),
        ("pypi", "9" * 5000),
    ],
)
def test_not_understood(ecosystem: str, specifier: str) -> None:
    assert parse(specifier, ecosystem) is None


@given(st.text(max_size=40), st.sampled_from(["pypi", "npm", "maven", "conda", "cocoapods", "pub"]))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_range_or_none(text: str, ecosystem: str) -> None:
    found = parse(text, ecosystem)
    assert found is None or found.parts


@pytest.mark.parametrize(
    ("specifier", "exact"),
    [("==2.13.0", "2.13.0"), ("==2.13.*", None), (">=2", None), ("==2.1.0+cu118", "2.1.0"), ("===2.0", "2.0"), (None, None)],
)
def test_exact(specifier: str | None, exact: str | None) -> None:
    assert Pin("x", specifier, Place("a")).exact == exact


def test_snapshot_is_not_an_exact_version() -> None:
    assert Pin("x:y", "2.14.0-SNAPSHOT", Place("a"), "maven").exact is None


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        ("tensorflow_gpu", ("pypi", "tensorflow")),
        ("Onnxruntime-GPU", ("pypi", "onnxruntime")),
        ("@tensorflow/tfjs", ("npm", "@tensorflow/tfjs")),
        ("npm:three", ("npm", "three")),
        ("org.tensorflow:tensorflow-lite", ("maven", "org.tensorflow:tensorflow-lite")),
        ("cocoapods:TensorFlowLiteSwift", ("cocoapods", "TensorFlowLiteSwift")),
        ("conda:pytorch", ("pypi", "torch")),
    ],
)
def test_key(package: str, expected: tuple[str, str]) -> None:
    assert key(package) == expected


def test_aliases_name_libraries_and_not_aliases() -> None:
    assert not set(ALIASES.values()) & set(ALIASES)


def place(root: Path, name: str) -> Place:
    return Place(str(root / name))


@pytest.mark.parametrize(
    ("requirement", "since", "until", "expected"),
    [
        ("tensorflow==2.13.0", "2.16", None, False),
        ("tensorflow==2.13.0", "2.0", None, True),
        ("tensorflow==2.13.0", None, "2.13", False),
        ("tensorflow==2.13.0", "2.13", "2.14", True),
        ("tensorflow==2.16.0rc1", "2.16", None, True),
        ("tensorflow==2.16.0rc1", None, "2.16", False),
        ("tensorflow>=2.0", "2.16", None, None),
        ("tensorflow>=2.0", None, "2.0", False),
        ("tensorflow>=2.0", "1.15", None, True),
        ("tensorflow<2.16", "2.16", None, False),
        ("tensorflow<2.16", None, "2.16", True),
        ("tensorflow<=2.16", "2.16", None, None),
        ("tensorflow~=2.13.0", "2.14", None, False),
        ("tensorflow", "2.16", None, None),
        ("tensorflow==$TF", "2.16", None, None),
        ("numpy==1.0", "2.16", None, None),
        ("tensorflow==2.13.0; python_version < '3.9'\ntensorflow==2.15.0; python_version >= '3.9'", "2.16", None, False),
        ("tensorflow==2.13.0; python_version < '3.9'\ntensorflow==2.17.0; python_version >= '3.9'", "2.16", None, None),
        ("tensorflow==2.13.0; sys_platform != 'darwin'\ntensorflow-macos>=2.13; sys_platform == 'darwin'", "2.16", None, None),
    ],
)
def test_allows(tmp_path: Path, requirement: str, since: str | None, until: str | None, expected: bool | None) -> None:
    made = project(tmp_path, {"requirements.txt": requirement})
    near = place(tmp_path, "train.py")
    assert made.versions.allows("tensorflow", near, since, until) is expected
    bound = {name: {"tensorflow": text} for name, text in (("since", since), ("until", until)) if text}
    assert made.versions.holds(bound.get("since", {}), bound.get("until", {}), near) is (expected is not False)


CASES: list[tuple[dict[str, str], str, str, str | None]] = [
    # files, where the question is asked, package, the specifier that holds
    ({"requirements.txt": "tensorflow==2.13.0", "a/requirements.txt": "tensorflow==2.10.0"}, "a/b/x.py", "tensorflow", "==2.10.0"),
    ({"requirements.txt": "tensorflow==2.13.0", "a/requirements.txt": "tensorflow==2.10.0"}, "c/x.py", "tensorflow", "==2.13.0"),
    ({"requirements.txt": "tensorflow==2.13.0", "a/requirements.txt": "numpy"}, "a/x.py", "tensorflow", "==2.13.0"),
    (
        {"requirements.txt": "tensorflow>=2.0", "poetry.lock": '[[package]]\nname = "tensorflow"\nversion = "2.12.1"\n'},
        "x.py",
        "tensorflow",
        "==2.12.1",
    ),
    ({"requirements.txt": "tensorflow>=2.0", "requirements-dev.txt": "tensorflow==2.13.0"}, "x.py", "tensorflow", ">=2.0"),
    ({"requirements-gpu.txt": "tensorflow-gpu==2.10.0"}, "x.py", "tensorflow", "==2.10.0"),
    ({"requirements.in": "tensorflow>=2.0", "requirements.txt": "tensorflow==2.13.0"}, "x.py", "tensorflow", "==2.13.0"),
    ({"setup.py": "setup(install_requires=['tensorflow>=2'])", "constraints.txt": "tensorflow==2.13.0"}, "x.py", "tensorflow", "==2.13.0"),
    ({"requirements/base.txt": "tensorflow==2.13.0"}, "src/x.py", "tensorflow", "==2.13.0"),
    ({"requirements/base.txt": "tensorflow==2.13.0", "other/requirements.txt": "tensorflow==2.1"}, "src/x.py", "tensorflow", "==2.13.0"),
    ({"a/requirements.txt": "tensorflow==2.13.0", "b/requirements.txt": "tensorflow==2.13.0"}, "c/x.py", "tensorflow", "==2.13.0"),
    ({"a/requirements.txt": "tensorflow==2.13.0", "b/requirements.txt": "tensorflow==2.14.0"}, "c/x.py", "tensorflow", None),
    ({"requirements-a.txt": "tensorflow==2.13.0", "requirements-b.txt": "tensorflow==2.14.0"}, "x.py", "tensorflow", None),
    ({"Dockerfile": "FROM tensorflow/tensorflow:2.13.0-gpu"}, "src/x.py", "tensorflow", "==2.13.0"),
    ({"docker/Dockerfile": "FROM tensorflow/tensorflow:2.13.0-gpu"}, "src/x.py", "tensorflow", None),
    ({"docker/Dockerfile": "FROM python:3.9\nRUN pip install tensorflow==2.9"}, "src/x.py", "tensorflow", "==2.9"),
    ({"Dockerfile": "FROM pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime"}, "x.py", "torch", "==2.1.0"),
    ({"Dockerfile": "FROM python:3.11-slim AS a\nFROM a"}, "x.py", "python", "==3.11.*"),
    (
        {"Dockerfile": "FROM python:3.11\nRUN pip install tensorflow==2.12.0", "requirements.txt": "tensorflow>=2"},
        "x.py",
        "tensorflow",
        "==2.12.0",
    ),
    ({"environment.yml": "dependencies:\n  - pytorch=1.13\n"}, "x.py", "torch", "=1.13"),
    ({"pubspec.yaml": "name: app\ndependencies:\n  onnxruntime: ^1.4.0\n"}, "x.py", "onnxruntime", None),
    ({"pubspec.yaml": "name: app\ndependencies:\n  onnxruntime: ^1.4.0\n"}, "x.dart", "pub:onnxruntime", "^1.4.0"),
    ({"package.json": '{"dependencies": {"@tensorflow/tfjs": "^4.0.0"}}'}, "src/x.js", "@tensorflow/tfjs", "^4.0.0"),
    (
        {
            "package.json": '{"dependencies": {"@tensorflow/tfjs": "^4.0.0"}}',
            "package-lock.json": '{"packages": {"node_modules/@tensorflow/tfjs": {"version": "4.10.0"}}}',
        },
        "src/x.js",
        "@tensorflow/tfjs",
        "4.10.0",
    ),
    (
        {
            "app/build.gradle": 'dependencies { implementation "org.tensorflow:tensorflow-lite:$tf" }',
            "gradle.properties": "tf=2.14.0",
        },
        "app/src/main/java/A.java",
        "org.tensorflow:tensorflow-lite",
        "2.14.0",
    ),
    (
        {"build.gradle": "plugins { id 'com.android.application' version '8.1.0' }"},
        "app/build.gradle",
        "com.android.tools.build:gradle",
        "8.1.0",
    ),
    ({"requirements.txt": "tensorflow==2.13.0"}, "x.py", "keras", "<3"),
    ({"requirements.txt": "tensorflow==2.16.1"}, "x.py", "keras", ">=3"),
    ({"requirements.txt": "tensorflow==2.16.1\ntf-keras"}, "x.py", "keras", None),
    ({"requirements.txt": "tensorflow==2.15.0\ntf-keras"}, "x.py", "keras", "<3"),
    ({"requirements.txt": "tensorflow>=2.0"}, "x.py", "keras", None),
    ({"requirements.txt": "tensorflow==2.13.0\nkeras==2.13.1"}, "x.py", "keras", "==2.13.1"),
    ({"requirements.txt": "tensorflow==2.13.0\nkeras"}, "x.py", "keras", "<3"),
    ({"a/requirements.txt": "tensorflow==2.13.0"}, "b/x.py", "keras", "<3"),
]


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize(("files", "near", "package", "expected"), CASES)
def test_which_pin_holds(tmp_path: Path, files: dict[str, str], near: str, package: str, expected: str | None, lazy: bool) -> None:
    made = project(tmp_path, files)
    if lazy:  # as when a few files of a large project are linted
        listed = made.files
        made = Project(tmp_path, lambda: listed, made.readers)
    pin = made.versions.of(package, place(tmp_path, near))
    assert (pin.specifier if pin else None) == expected
    assert not made.troubles
    if pin:
        assert pin.place.span is not None


@pytest.mark.parametrize(("named", "expected"), [("2.13", "==2.13.*"), ("2.13.1", "==2.13.1.*"), (">=2.13,<2.15", ">=2.13,<2.15")])
def test_configuration_beats_all(tmp_path: Path, named: str, expected: str) -> None:
    made = project(tmp_path, {"requirements.txt": "tensorflow==2.16.1"}, {"tensorflow-gpu": named})
    near = place(tmp_path, "x.py")
    pin = made.versions.of("tensorflow", near)
    assert pin is not None and pin.specifier == expected
    assert made.versions.allows("tensorflow", near, "2.16") is False
    assert made.versions.allows("keras", near, "3") is False


def test_a_bound_on_any_package_silences(tmp_path: Path) -> None:
    made = project(tmp_path, {"requirements.txt": "tensorflow==2.13.0\nnumpy==2.0.0"})
    near = place(tmp_path, "x.py")
    assert made.versions.holds({"tensorflow": "2.0", "numpy": "2.0"}, {}, near)
    assert not made.versions.holds({"tensorflow": "2.0"}, {"numpy": "2.0"}, near)
    assert made.versions.holds({"jax": "2.0"}, {}, near)
    assert made.versions.holds({}, {}, near)


@pytest.mark.parametrize(
    ("files", "near", "package", "expected"),
    [
        ({"README.md": "* TensorFlow 1.12\n"}, "x.py", "tensorflow", True),
        ({"README.md": "pip install tensorflow-gpu==1.15"}, "src/x.py", "tensorflow", True),
        ({"README.md": "![TF](https://img.shields.io/badge/tensorflow-1.15-blue)"}, "x.py", "tensorflow", True),
        ({"README.md": "TensorFlow 1.x and 2.x", "old/README.md": "TensorFlow 1.12"}, "old/x.py", "tensorflow", True),
        ({"README.md": "TensorFlow 1.x and 2.x", "old/README.md": "TensorFlow 1.12"}, "new/x.py", "tensorflow", False),
        ({"README.md": "TensorFlow (1.13+)"}, "x.py", "tensorflow", False),
        ({"README.md": "TensorFlow >= 1.8"}, "x.py", "tensorflow", False),
        ({"README.md": "TensorFlow 1.10 or later"}, "x.py", "tensorflow", False),
        ({"README.md": "TensorFlow Serving 1.12, onnx-tensorflow 1.9, tensorflow in 10 minutes"}, "x.py", "tensorflow", False),
        ({"README.md": "TensorFlow 1.12", "requirements.txt": "tensorflow"}, "x.py", "tensorflow", False),
        ({".travis.yml": "install: pip install keras==2.2.4"}, "deep/x.py", "keras", True),
        ({"ci/azure.yml": "install: pip install keras==2.2.4"}, "deep/x.py", "keras", False),
        ({"README.md": "TensorFlow 1.12"}, "x.py", "keras", True),
        ({"README.md": "TensorFlow 2.18, Keras 2.2"}, "x.py", "keras", True),
        ({"setup.py": "from setuptools import setup\nsetup(install_requires=['tensorflow-transform==1.2.0'])"}, "x.py", "tensorflow", True),
        (
            {"lab1.ipynb": '{"cells": [{"cell_type": "code", "source": ["!pip install tensorflow==1.15"]}], "nbformat": 4}'},
            "lab2.ipynb",
            "tensorflow",
            True,
        ),
        ({"requirements.txt": "torch\ntorchvision==0.8.2"}, "x.py", "torch", True),
        ({"requirements.txt": "torch\ntorchvision==0.20.1"}, "x.py", "torch", False),
        ({"requirements.txt": "torch\ntorchvision>=0.8.2"}, "x.py", "torch", False),
        ({"a/requirements.txt": "tensorflow==1.15", "b/requirements.txt": "tensorflow"}, "x.py", "tensorflow", True),
        ({"a/requirements.txt": "tensorflow==1.15", "b/requirements.txt": "tensorflow"}, "b/x.py", "tensorflow", False),
        ({"requirements.txt": "tensorflow==1.15", "b/requirements.txt": "tensorflow>=1.12"}, "b/x.py", "tensorflow", True),
        ({"requirements.txt": "tensorflow>=1.2<2.0\ntensorflow[and-cuda]"}, "x.py", "tensorflow", True),
        ({"requirements.txt": "tensorflow==1.15; python_version<'3.8'\ntensorflow"}, "x.py", "tensorflow", False),
        ({"constraints.txt": "tensorflow==1.15", "b/requirements.txt": "-c ../constraints.txt\ntensorflow"}, "b/x.py", "tensorflow", True),
        (
            {"base/requirements.txt": "tensorflow==1.15", "b/requirements.txt": "-r ../base/requirements.txt\nflask"},
            "b/x.py",
            "tensorflow",
            True,
        ),
        ({"requirements.txt": "-r requirements.txt\n-r gone.txt\ntensorflow"}, "x.py", "tensorflow", False),
    ],
)
def test_versions_that_may_hold_rule_out(tmp_path: Path, files: dict[str, str], near: str, package: str, expected: bool) -> None:
    """Whether 3.0 and later (of keras), or 2.0 and later, are certainly not what is meant."""
    versions = project(tmp_path, files).versions
    assert versions.rules_out(package, place(tmp_path, near), since="3.0" if package == "keras" else "2.0") is expected


def test_only_the_folders_above_are_read_while_they_answer(tmp_path: Path) -> None:
    made = project(tmp_path, {"requirements.txt": "tensorflow==2.13.0", "deep/er/requirements.txt": "tensorflow==1.0"})

    def all_files() -> list[File]:
        raise AssertionError("the whole project was searched")

    made = Project(tmp_path, all_files, made.readers)
    pin = made.versions.of("tensorflow", place(tmp_path, "deep/x.py"))
    assert pin is not None and pin.exact == "2.13.0"


def test_between_without_bounds_is_everything() -> None:
    everything = between(None, None)
    assert everything is not None
    assert parse("==0.1") <= everything and parse(">=999") <= everything  # type: ignore[operator]
