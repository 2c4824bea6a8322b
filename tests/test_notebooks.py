"""Notebooks: one module out of their cells, positions as cell and line, magics tolerated, a broken cell left out and said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deplint.code.python import PythonFile, read_notebook
from deplint.model import Unreadable
from deplint.project import File


def notebook(folder: Path, *cells: str | list[str], **more: Any) -> PythonFile:
    path = folder / "n.ipynb"
    content = {"nbformat": 4, "cells": [{"cell_type": "code", "source": cell} for cell in cells], **more}
    path.write_text(json.dumps(content))
    return read_notebook(File(path))


def places(file: PythonFile, name: str) -> list[tuple[int | None, int, int]]:
    return [(s.cell, s.line, s.column) for call in file.calls(name) if (s := call.place.span) is not None]


def test_cells_are_one_module_and_places_count_within_a_cell(tmp_path: Path) -> None:
    file = notebook(tmp_path, "import tensorflow as tf\nx = 1", ["c = tf.lite.TFLiteConverter.from_saved_model('m')\n", "c.convert()"])
    assert places(file, "tensorflow.lite.TFLiteConverter.*().convert") == [(2, 2, 1)]
    assert file.calls("**.convert")[0].place.where == "cell 2"


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\nimport torch\ntorch.load('a')",
        "!pip install torch\nimport torch\ntorch.load('a')",
        "import torch\nfiles = !ls\ntorch.load('a')",
        "import torch\nif True:\n    !ls\ntorch.load('a')\n",
        "import torch\ntorch.load?\ntorch.load('a')",
        "%%time\nimport torch\ntorch.load('a')",
        "import torch\n!wget https://x \\\n  -O y\ntorch.load('a')",
        "import torch\npip install -e .\ntorch.load('a')",
        "import torch\nls -lh model.tflite\ntorch.load('a')",
        "import torch\nprint('%d'\n      % 3)\ntorch.load('a')",
        "import torch\nx = (3\n% 2)\n%time torch\ntorch.load('a')",
    ],
)
def test_magics_are_tolerated(tmp_path: Path, cell: str) -> None:
    file = notebook(tmp_path, cell)
    assert not file.problems
    line = next(n for n, text in enumerate(cell.split("\n"), 1) if text.startswith("torch.load('a')"))
    assert places(file, "torch.load") == [(1, line, 1)]


@pytest.mark.parametrize("cell", ["%%bash\ntorch.load 'a' (", "%%html\n<b>", "%%writefile x.py\nimport torch\ntorch.load('a')"])
def test_cells_of_other_languages_are_passed_over(tmp_path: Path, cell: str) -> None:
    file = notebook(tmp_path, "import torch", cell)
    assert not file.problems and not file.calls("torch.load")


def test_a_broken_cell_does_not_take_the_rest_with_it(tmp_path: Path) -> None:
    file = notebook(tmp_path, "import torch", "model = # TODO: your code\nx", "torch.load('a')", "y = (", "z = ]")
    [problem] = file.problems
    assert (problem.place.span.cell, problem.place.span.line) == (2, 1)
    assert str(problem) == "invalid syntax (and 2 more cells that do not parse)"
    assert places(file, "torch.load") == [(3, 1, 1)]


def test_other_cells_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    cells = [{"cell_type": "markdown", "source": "# torch.load("}, {"cell_type": "code", "source": "import torch\ntorch.load('a')"}]
    path.write_text(json.dumps({"nbformat": 4, "cells": cells}))
    assert places(read_notebook(File(path)), "torch.load") == [(2, 2, 1)]


def test_the_third_format_keeps_cells_in_worksheets(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    sheet = {"cells": [{"cell_type": "code", "input": ["import torch\n", "torch.load('a')"]}]}
    path.write_text(json.dumps({"nbformat": 3, "worksheets": [sheet]}))
    assert places(read_notebook(File(path)), "torch.load") == [(1, 2, 1)]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"cells": 3}', '{"cells": [3]}', "[" * 10_000])
def test_what_is_no_notebook_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(text)
    with pytest.raises(Unreadable, match="not a notebook"):
        read_notebook(File(path))


def test_an_empty_notebook_has_nothing_to_say(tmp_path: Path) -> None:
    assert notebook(tmp_path).calls("**") == []
