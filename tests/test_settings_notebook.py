"""What a notebook installs: read from its cells, holding for it alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deplint import settings
from deplint.discover import discover
from deplint.project import File, Project
from deplint.settings.requirements import read_notebook


def notebook(path: Path, *cells: str) -> Path:
    path.write_text(json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": [text]} for text in cells]}))
    return path


@pytest.mark.parametrize(
    ("line", "packages"),
    [
        ("!pip install tensorflow==2.13", [("tensorflow", "==2.13")]),
        ("%pip install -q --upgrade torch==1.8.0 'onnx>=1.9'", [("torch", "==1.8.0"), ("onnx", ">=1.9")]),
        ("!{sys.executable} -m pip install onnxruntime==1.8.0", [("onnxruntime", "==1.8.0")]),
        ("! python3 -m pip install keras<3  # the old one", [("keras", "<3")]),
        ("!pip3 install torch -f https://download.pytorch.org/whl/torch_stable.html", [("torch", "")]),
        ("!pip install -r requirements.txt", []),
        ("print('!pip install tensorflow')", []),
        ("!pip list", []),
        ("%tensorflow_version 1.x", [("tensorflow", "==1.*")]),
    ],
)
def test_what_a_cell_installs(tmp_path: Path, line: str, packages: list[tuple[str, str]]) -> None:
    found = read_notebook(File(notebook(tmp_path / "n.ipynb", "x = 1", f"import sys\n{line}")))
    assert [(pin.name, pin.specifier) for pin in found.packages] == packages
    assert all(pin.place.span is not None and (pin.place.span.cell, pin.place.span.line) == (2, 2) for pin in found.packages)


def test_a_list_that_a_cell_writes_and_another_installs(tmp_path: Path) -> None:
    written = "%%writefile requirements.txt\n\ntensorflow==2.15.0\nsagemaker>=2.203.0,<3  # not 3\n"
    other = "%%writefile container.txt\ntorch==1.0\n"
    found = read_notebook(File(notebook(tmp_path / "n.ipynb", written, other, "%pip install -r ./requirements.txt -q")))
    assert [(pin.name, pin.specifier) for pin in found.packages] == [("tensorflow", "==2.15.0"), ("sagemaker", ">=2.203.0,<3")]
    assert [(pin.place.span.cell, pin.place.span.line) for pin in found.packages if pin.place.span] == [(1, 3), (1, 4)]


def test_it_holds_for_the_notebook_alone(tmp_path: Path) -> None:
    notebook(tmp_path / "a.ipynb", "!pip install tensorflow==2.4")
    notebook(tmp_path / "b.ipynb", "!pip install tensorflow==2.19")
    notebook(tmp_path / "c.ipynb", "x = 1")
    (tmp_path / "train.py").write_text("import tensorflow\n")
    project = Project(tmp_path, discover([tmp_path]).files, settings.READERS)
    by_name = {file.name: file for file in project.files}
    allowed = {name: project.versions.allows("tensorflow", file, since="2.16") for name, file in by_name.items()}
    assert allowed == {"a.ipynb": False, "b.ipynb": True, "c.ipynb": None, "train.py": None}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', '{"cells": [{"cell_type": "code"}]}'])
def test_no_notebook_says_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(text)
    assert read_notebook(File(path)).packages == []
