"""Jupyter notebooks: cells as one module, magics, places as cell and line, files that are no notebooks."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deplint import code
from deplint import notebook as notebook_file
from deplint.code.edit import add_keyword, insert_statement_before
from deplint.code.python import Broken, PythonFile
from deplint.finding import Edit, Place, Span
from deplint.fix import edit
from deplint.model import Unreadable
from deplint.project import File, Project


def notebook(*sources: str | list[str] | dict[str, Any], version: int = 4) -> dict[str, Any]:
    """A notebook of code cells; a dictionary is a cell as it stands."""
    cells = []
    for source in sources:
        if isinstance(source, dict):
            cells.append(source)
        elif version == 4:
            cells.append({"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source})
        else:
            cells.append({"cell_type": "code", "collapsed": False, "input": source, "language": "python", "metadata": {}, "outputs": []})
    if version == 4:
        return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells, "metadata": {}}]}


def project(folder: Path, content: Any) -> Project:
    text = content if isinstance(content, (bytes, str)) else json.dumps(content, indent=1)
    (folder / "a.ipynb").write_bytes(text if isinstance(text, bytes) else text.encode())
    return Project(folder, [File(folder / "a.ipynb", "a.ipynb")], code.READERS)


def load(folder: Path, content: Any) -> PythonFile:
    made = project(folder, content)
    found = made.facts(made.files[0])
    assert not made.troubles, made.troubles[0].error
    [facts] = found
    assert isinstance(facts, PythonFile)
    return facts


def trouble(folder: Path, content: Any) -> Exception:
    """The one thing wrong with a notebook."""
    made = project(folder, content)
    made.facts(made.files[0])
    [found] = made.troubles
    return found.error


MARKDOWN = {"cell_type": "markdown", "metadata": {}, "source": ["# import torch\n", "torch.save(0)"]}


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("lines", [True, False])
def test_cells_are_one_module(tmp_path: Path, version: int, lines: bool) -> None:
    second = "é = 'x'\ntorch.save(m,\n  'ü')"
    source: str | list[str] = second.splitlines(keepends=True) if lines else second
    file = load(tmp_path, notebook("import torch\nm = torch.load('a')\n", MARKDOWN, source, version=version))
    [call] = file.calls("torch.save")
    assert call.argument("obj", 0).name == "torch.load()"
    assert call.place == Place("a.ipynb", Span(2, 1, 3, 7, cell=3), "cell 3")
    assert call.argument("f", 1).place.span == Span(3, 3, 3, 6, cell=3)
    if version == 4:
        assert file.file.notebook.lines(3)[1] == "torch.save(m,"


def test_cells_in_order(tmp_path: Path) -> None:
    file = load(tmp_path, notebook("import torch", "def f():\n    torch.save(x)", "x = 1", "f()", "x = 2\nf()"))
    assert [c.argument("obj", 0).python() for c in file.calls("torch.save")] == [1, 2]


MAGICS = {
    "timed loop": "%timeit -r1 for x in range(3): pass\ntorch.save(1)",
    "line magic": "%matplotlib inline\ntorch.save(1)",
    "line magic with arguments": "%load_ext autoreload\n%autoreload 2\ntorch.save(1)",
    "shell": "!pip install -q 'torch>=2' && echo \"it's\"\ntorch.save(1)",
    "shell over two lines": "!pip install \\\n    torch\ntorch.save(1)",
    "commands without a mark": "cd ..\ncurl -X POST \\\n  localhost\ndocker run -it x\ntorch.save(1)",
    "shell, indented": "if True:\n    !ls\n    %cd x\ntorch.save(1)",
    "shell alone in a block": "for x in (1,):\n    !echo {x}\ntorch.save(1)",
    "shell with an open quote": "!echo it's\ntorch.save(1)",
    "shell with an open triple quote": '!echo """\ntorch.save(1)',
    "assigned": "files = !ls *.pt\nhere = %pwd\ntorch.save(1)",
    "assigned in parts": "a, b = !ls\ntorch.save(1)",
    "help": "?torch\ntorch.save?\ntorch.save??\n??torch\ntorch.save(1)",
    "timed cell": "%%time\ntorch.save(1)",
    "timed cell below a blank line": "\n%%time\ntorch.save(1)",
    "captured cell": "%%capture out\ntorch.save(1)",
    "modulo that starts a line": "s = ('%d'\n  % 3)\ntorch.save(1)",
    "text that looks like magic": 's = """\n%matplotlib inline\n!ls\n"""\ntorch.save(1)',
    "a comment with magic": "# %matplotlib inline\ntorch.save(1)",
    "a magic behind text": 's = """x\n"""\n!ls\n%time\ntorch.save(1)',
    "await": "x = await f()\ntorch.save(1)",
    "timed line": "%time torch.load('x')\ntorch.save(1)",
    "a question in a string": "s = 'why?'\ntorch.save(1)",
}


@pytest.mark.parametrize("name", MAGICS)
def test_magics(tmp_path: Path, name: str) -> None:
    source = MAGICS[name]
    file = load(tmp_path, notebook("import torch", source))
    [call] = file.calls("torch.save")
    line = source.split("\n").index("torch.save(1)") + 1
    assert call.place.span == Span(line, 1, line, 14, cell=2)


def test_text_keeps_what_looks_like_magic(tmp_path: Path) -> None:
    file = load(tmp_path, notebook('import torch\ns = """\n!ls\n"""\ntorch.save(s)'))
    [call] = file.calls("torch.save")
    assert call.argument("obj", 0).text == "\n!ls\n"


@pytest.mark.parametrize(
    "first", ["%%bash", "%%writefile x.py", "%%html", "%%javascript", "%%sh -e", "%%script python2", "%%cython -a", "# @title A\n\n%%sh"]
)
def test_cells_in_other_languages(tmp_path: Path, first: str) -> None:
    file = load(tmp_path, notebook("import torch", f"{first}\nfor x in *; do echo it's; done\ntorch.save(2)", "torch.save(1)"))
    [call] = file.calls("torch.save")
    assert call.place.span == Span(1, 1, 1, 14, cell=3)


def test_a_variable_of_a_magic_is_unknown(tmp_path: Path) -> None:
    file = load(tmp_path, notebook("import torch\nx = 1", "x = !ls\ntorch.save(x)"))
    [call] = file.calls("torch.save")
    assert call.argument("obj", 0).unknown


def test_broken_code(tmp_path: Path) -> None:
    error = trouble(tmp_path, notebook("x = 1", MARKDOWN, "a = 1\né = = 2"))
    assert isinstance(error, Broken) and "invalid syntax" in str(error)
    assert error.place == Place("a.ipynb", Span(2, 5, 2, 5, cell=3), "cell 3")


def test_the_other_cells_of_a_broken_notebook_are_read(tmp_path: Path) -> None:
    made = project(tmp_path, notebook("import torch", "x = = 1", "torch.save(1)", "y = = 1"))
    [facts] = made.facts(made.files[0])
    assert isinstance(facts, PythonFile)
    [call] = facts.calls("torch.save")
    assert call.place.span == Span(1, 1, 1, 14, cell=3)
    [found] = made.troubles
    assert isinstance(found.error, Broken) and "1 more" in str(found.error) and found.place.where == "cell 2"


def test_code_behind_a_timing_magic_runs(tmp_path: Path) -> None:
    file = load(tmp_path, notebook("import torch\nm = torch.nn.ReLU()", "%time m.eval()\n%timeit -n 3 x = torch.load('y')\ntorch.save(m)"))
    [saved], [loaded] = file.calls("torch.save"), file.calls("torch.load")
    assert saved.argument("obj", 0).certainly_called("eval")
    assert loaded.place.span == Span(2, 18, 2, 33, cell=2)


def test_a_cell_is_closed_by_its_end(tmp_path: Path) -> None:
    error = trouble(tmp_path, notebook("x = (", "y = 2)"))
    assert isinstance(error, Broken)
    assert error.place.span is not None and (error.place.span.cell, error.place.span.line) == (1, 1)


def test_an_empty_block_at_the_end_of_a_cell_is_broken(tmp_path: Path) -> None:
    error = trouble(tmp_path, notebook("if x:", "    y = 2"))
    assert isinstance(error, Broken) and error.place.span is not None and error.place.span.cell == 1


def test_python_2(tmp_path: Path) -> None:
    error = trouble(tmp_path, notebook("print 'x'"))
    assert isinstance(error, Broken) and "Python 2" in str(error)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "3",
        '{"cells": 3}',
        '{"cells": [3]}',
        '{"cells": [{"cell_type": "code"}]}',
        '{"cells": [{"cell_type": "code", "source": 3}]}',
        '{"cells": [{"cell_type": "code", "source": [3]}]}',
        '{"cells": [{"cell_type": "code", "source": "x = \\ud800"}]}',
        '{"cells": [{"cell_type": "code", "source": "x = \\u0000"}]}',
        '{"worksheets": [{}]}',
        '{"worksheets": 3}',
        '{"nbformat": 4}',
        "[" * 100_000,
        b"\xff\xfe",
        b"\x00\x01",
    ],
)
def test_what_is_no_notebook(tmp_path: Path, content: str | bytes) -> None:
    made = project(tmp_path, content)
    made.facts(made.files[0])
    assert all(isinstance(t.error, Unreadable) for t in made.troubles)
    for found in made.troubles:
        assert str(found.error)


def test_an_empty_notebook(tmp_path: Path) -> None:
    file = load(tmp_path, notebook())
    assert file.calls("**") == []
    assert load(tmp_path, notebook(MARKDOWN)).names("**") == []


def test_outputs_are_no_code(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": "import torch", "outputs": [{"output_type": "stream", "text": ["torch.save(1)"]}]}
    assert load(tmp_path, notebook(cell)).calls("torch.save") == []


def test_an_indented_cell_is_code(tmp_path: Path) -> None:
    facts = load(tmp_path, notebook("\n  import torch\n  if True:\n    torch.save(1)", "torch.load(2)"))
    assert facts.problems == []
    [saved], [loaded] = facts.calls("torch.save"), facts.calls("torch.load")
    assert (saved.place.span, loaded.place.span) == (Span(4, 5, 4, 18, 1), Span(1, 1, 1, 14, 2))
    assert saved.certain


def test_an_indented_cell_that_does_not_parse_either_is_told_by_its_own_fault(tmp_path: Path) -> None:
    made = project(tmp_path, notebook("  import torch\n  torch.save(1))", "torch.load(2)"))
    made.facts(made.files[0])
    [trouble] = made.troubles
    assert "unmatched" in str(trouble.error) and trouble.place.span == Span(2, 16, 2, 16, 1)


def test_r_that_says_it_is_python(tmp_path: Path) -> None:
    facts = load(tmp_path, notebook("x = 1", "library(glue)\nx <- list(a = 'b')\nx$a"))
    assert not facts.problems


def test_another_language_is_no_python(tmp_path: Path) -> None:
    content = notebook("x <- c(1, 2)\nlibrary(torch)")
    content["metadata"] = {"kernelspec": {"language": "R", "name": "ir"}, "language_info": {"name": "R"}}
    assert load(tmp_path, content).names("**") == []


def test_edits_say_the_cell(tmp_path: Path) -> None:
    file = load(tmp_path, notebook("import torch", "m = 1\ntorch.save(m)"))
    [call] = file.calls("torch.save")
    assert add_keyword(call, "f", "'x'") == (Edit("a.ipynb", Span(2, 13, 2, 13, cell=2), ", f='x'"),)
    changed = edit(file.file, insert_statement_before(call, "m.eval()") or ())
    assert (
        json.loads(changed.content)["cells"][1]["source"] == ["m = 1\n", "m.eval()\n", "torch.save(m)"]
        or json.loads(changed.content)["cells"][1]["source"] == "m = 1\nm.eval()\ntorch.save(m)"
    )


def test_time_is_bounded(tmp_path: Path) -> None:
    started = time.process_time()
    load(tmp_path, notebook(*["!ls\n%cd x\nx = !ls\n" * 20] * 100))
    assert time.process_time() - started < 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.text(), st.lists(st.sampled_from(["%x\n", "!y\n", "x = 1\n", "'''\n", "if x:\n", "    !z\n", "(\n", "\\\n"])).map("".join)
        )
    )
)
def test_any_cells(tmp_path: Path, sources: list[str]) -> None:
    made = project(tmp_path, notebook(*sources))
    for facts in made.facts(made.files[0]):
        facts.calls("**")
    assert all(isinstance(t.error, Unreadable) for t in made.troubles)


@pytest.mark.parametrize("layout", [{"indent": 1}, {"indent": 1, "ensure_ascii": False}, {}, {"indent": 4, "sort_keys": True}])
@pytest.mark.parametrize("split", [True, False])
def test_a_place_in_a_cell_is_a_place_in_the_file(layout: dict[str, Any], split: bool) -> None:
    sources = ["# text", "x = \"größe\"\n\n\ty = '\U0001f600\\\\'  # é\n", "", "z"]
    cells = [{"metadata": {"source": ["no"]}, "source": s.splitlines(keepends=True) if split else s, "cell_type": "code"} for s in sources]
    text = json.dumps({"metadata": {"cells": [1]}, "cells": cells}, **layout)
    lines = text.split("\n")
    for cell, source in enumerate(sources, 1):
        for number, line in enumerate(source.split("\n"), 1):
            for column, character in enumerate(line, 1):
                found = notebook_file.region(text, Span(number, column, number, column + 1, cell))
                assert found is not None and found.line == found.end_line
                assert json.loads(f'"{lines[found.line - 1][found.column - 1 : found.end_column - 1]}"') == character
    assert notebook_file.region(text, Span(1, 1, 1, 1, 9)) is None
    assert notebook_file.region(text, Span(7, 1, 7, 1, 1)) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"cells": 3}', '{"cells": [{}]}', '{"cells": [{"source": [1]}]}', '{"cells": [{"source": "x']
)
def test_no_place_in_what_is_no_notebook(text: str) -> None:
    assert notebook_file.region(text, Span(1, 1, 1, 1, 1)) is None


def test_large_outputs_hide_nothing(tmp_path: Path) -> None:
    """A notebook with pictures in it: its cells are read, shown and edited like those of a small one."""
    cell = {"cell_type": "code", "source": ["x = 1"], "outputs": [{"data": "A" * (5 << 20)}]}
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [cell]}, indent=1) + "\n")
    file = File(tmp_path / "a.ipynb", "a.ipynb")
    made = Project(tmp_path, [file], code.READERS)
    made.facts(file)
    assert made.line(Place("a.ipynb", Span(1, 1, cell=1))) == "x = 1"
    assert edit(file, [Edit("a.ipynb", Span(1, 5, 1, 6, 1), "2")]).notebook.lines(1) == ["x = 2"]
