"""Fixes: whole or not at all, in rounds, and nothing of a file changes but what was meant."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
import toy

from deplint import Finding, code, fix, rule
from deplint.code.edit import add_keyword
from deplint.code.python import PythonFile
from deplint.engine import Report, check
from deplint.finding import Edit, Fix, Place, Span
from deplint.fix import EditedFile, Refused
from deplint.project import File, Project, Reader


def edit(name: str, content: bytes, *edits: tuple[Span, str], folder: Path) -> bytes:
    (folder / name).write_bytes(content)
    return fix.edit(File(folder / name, name), [Edit(name, span, text) for span, text in edits]).content


@pytest.mark.parametrize(
    ("content", "span", "text", "after"),
    [
        (b"one two three\n", Span(1, 5, 1, 8), "2", b"one 2 three\n"),
        (b"one\ntwo\n", Span(2, 1), "1.5\n", b"one\n1.5\ntwo\n"),
        (b"one\r\ntwo\r\n", Span(2, 1), "a\nb\n", b"one\r\na\r\nb\r\ntwo\r\n"),
        (b"one\rtwo", Span(1, 1, 2, 1), "", b"two"),
        (b"one\ntwo\r\nthree\n", Span(2, 1, 2, 4), "2\n2", b"one\n2\n2\r\nthree\n"),
        (b"one", Span(1, 4), "\ntwo", b"one\ntwo"),
        ("größe x\n".encode(), Span(1, 7, 1, 8), "y", "größe y\n".encode()),
        ("\N{BOM}größe x\n".replace("\N{BOM}", "\ufeff").encode(), Span(1, 7, 1, 8), "y", "\ufeffgröße y\n".encode()),
        ("größe x\n".encode("latin-1"), Span(1, 7, 1, 8), "y", "größe y\n".encode("latin-1")),
        ("größe x".encode("utf-16"), Span(1, 7, 1, 8), "y", "größe y".encode("utf-16")),
        (b"\xfe\xff" + "größe x".encode("utf-16-be"), Span(1, 7, 1, 8), "y", b"\xfe\xff" + "größe y".encode("utf-16-be")),
        ("a\u2028b\x0c\nc".encode(), Span(2, 1, 2, 2), "d", "a\u2028b\x0c\nd".encode()),
    ],
)
def test_an_edit_keeps_encoding_mark_and_line_ends(tmp_path, content, span, text, after):
    assert edit("a.txt", content, (span, text), folder=tmp_path) == after


def test_several_edits_do_not_shift_each_other(tmp_path):
    spans = [(Span(1, 1, 1, 2), "AAA"), (Span(1, 3, 1, 4), ""), (Span(2, 1), "new\n")]
    assert edit("a.txt", b"a b c\nd\n", *spans, folder=tmp_path) == b"AAA  c\nnew\nd\n"


@pytest.mark.parametrize(
    ("name", "content", "change", "problem"),
    [
        ("a.py", b"f(1)\n", (Span(1, 2, 1, 3), ""), "would not be valid Python"),
        ("a.py", b"print 1\n", (Span(1, 7, 1, 8), "2"), "would not be valid Python"),
        ("a.txt", b"one\n", (Span(9, 1), "x"), "there is no line 9"),
        ("a.txt", "ä\n".encode("latin-1"), (Span(1, 1), "名"), "cannot be written as latin-1"),
        ("a.ipynb", b"{}", (Span(1, 1), "x"), "without a cell"),
        ("a.ipynb", b"[1,  2]\n", (Span(1, 1, cell=1), "x"), "not laid out as Jupyter"),
    ],
)
def test_what_it_does_not_understand_it_leaves(tmp_path, name, content, change, problem):
    with pytest.raises(Refused, match=problem):
        edit(name, content, change, folder=tmp_path)


def test_a_cell_of_a_notebook_is_edited_and_nothing_else(tmp_path):
    notebook = {
        "cells": [{"cell_type": "markdown", "source": ["größe"]}, {"cell_type": "code", "source": ["x = 1\n", "y = 2"]}],
        "nbformat": 4,
    }
    before = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    after = edit("a.ipynb", before.encode(), (Span(2, 5, 2, 6, 2), "3\nz = 4"), folder=tmp_path).decode()
    assert json.loads(after)["cells"][1]["source"] == ["x = 1\n", "y = 3\n", "z = 4"]
    assert after.replace('"y = 3\\n",\n    "z = 4"', '"y = 2"') == before


def run(files: dict[str, str], rules, folder: Path, *, unsafe: bool = False) -> fix.Fixed:
    made = []
    for name, text in files.items():
        (folder / name).write_text(text)
        made.append(File(folder / name, name))
    os.chdir(folder)

    def lint(edited: fix.Overlay) -> Report:
        now = [edited.get(file.shown, file) for file in made]
        return check(Project(folder, now, [Reader("toy", ("*",), "toy:read")]), now, rules)

    return fix.rounds(lint({}), lint, unsafe=unsafe)


def test_a_file_that_others_import_is_seen_as_it_is_edited(tmp_path):
    """While single files are linted, what they import is looked for on the disk: not what was edited in memory."""

    @rule("TOY010", severity="error")
    def grow(file: PythonFile):
        for call in file.calls("torch.load"):
            if call.argument("weights_only").missing and call.file is file:
                yield Finding(call, "x", fix=Fix("x", add_keyword(call, "weights_only", "True")))

    (tmp_path / "a.py").write_text("import b\nb.f('x')\n")
    (tmp_path / "b.py").write_text("import torch\ndef f(p):\n    return torch.load(p)\n")
    os.chdir(tmp_path)
    targets = [File(tmp_path / name, name) for name in ("a.py", "b.py")]

    def lint(edited: fix.Overlay) -> Report:
        now = [edited.get(file.shown, file) for file in targets]
        return check(Project(tmp_path, lambda: now, code.READERS, edited=edited.values()), now, [grow])

    done = fix.rounds(lint({}), lint)
    assert contents(done)["b.py"].count("weights_only=True") == 1


def contents(done: fix.Fixed) -> dict[str, str]:
    return {path: file.content.decode() for path, file in done.files.items()}


def test_only_safe_fixes_unless_asked(tmp_path):
    files = {"a.toy": "color gray color\n"}
    done = run(files, toy.RULES[:2], tmp_path)
    assert contents(done) == {"a.toy": "colour gray colour\n"}
    assert (done.applied, [f.rule for f in done.report.findings]) == (2, ["TOY002"])
    done = run(files, toy.RULES[:2], tmp_path, unsafe=True)
    assert contents(done) == {"a.toy": "colour grey colour\n"}
    assert (done.applied, done.report.findings) == (3, [])


def test_overlapping_fixes_wait_for_the_next_round(tmp_path):
    @rule("TOY010", severity="error")
    def double(file: toy.Toy):
        """Two fixes that both rewrite `aa`, and one that adds a line at the same place as another."""
        for word, span in file.words:
            if word == "aa":
                yield Finding(Place(file.file.shown, span), "aa", fix=Fix("b", (Edit(file.file.shown, span, "b"),)))
                yield Finding(
                    Place(file.file.shown, span), "aa!", fix=Fix("c", (Edit(file.file.shown, span, "c"), Edit("b.toy", Span(1, 1), "c")))
                )

    done = run({"a.toy": "aa aa\n", "b.toy": "x\n"}, [double], tmp_path)
    assert contents(done) == {"a.toy": "b b\n"}


def test_fixes_that_make_the_same_edit_agree(tmp_path):
    @rule("TOY010", severity="error")
    def needs_import(file: toy.Toy):
        for word, span in file.words:
            if word == "old":
                name = file.file.shown
                yield Finding(Place(name, span), "x", fix=Fix("new", (Edit(name, span, "new"), Edit(name, Span(1, 1), "import new\n"))))

    assert contents(run({"a.toy": "x\nold old\n"}, [needs_import], tmp_path)) == {"a.toy": "import new\nx\nnew new\n"}


def test_a_fix_over_two_files_is_applied_whole_or_not_at_all(tmp_path):
    @rule("TOY010", severity="error")
    def both(file: toy.Toy):
        if file.file.shown == "a.py" and file.words[0][0] == "x":
            edits = (Edit("a.py", Span(1, 1, 1, 2), "y"), Edit("b.py", Span(1, 1, 1, 2), "("))
            yield Finding(file, "x", fix=Fix("y", edits))

    done = run({"a.py": "x = 1\n", "b.py": "z = 1\n"}, [both], tmp_path)
    assert contents(done) == {}
    assert "b.py: fix not applied: the result would not be valid Python" in done.refused[0]


def test_fixes_that_undo_each_other_end(tmp_path):
    @rule("TOY010", severity="error")
    def flip(file: toy.Toy):
        for word, span in file.words:
            other = {"a": "b", "b": "a"}.get(word)
            if other:
                yield Finding(Place(file.file.shown, span), word, fix=Fix(other, (Edit(file.file.shown, span, other),)))

    assert run({"x.toy": "a\n"}, [flip], tmp_path).applied <= fix.ROUNDS


def test_writing_keeps_permissions_and_links(tmp_path):
    target = tmp_path / "real.toy"
    target.write_text("color\n")
    target.chmod(0o754)
    link = tmp_path / "link.toy"
    link.symlink_to(target)
    fix.write({"link.toy": EditedFile(File(link, "link.toy"), b"colour\n")})
    assert link.is_symlink()
    assert target.read_text() == "colour\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o754
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.toy", "real.toy"]


def test_a_file_that_cannot_be_written_leaves_all_as_they_were(tmp_path):
    (tmp_path / "a.toy").write_text("color\n")
    files = {name: EditedFile(File(tmp_path / name, name), b"colour\n") for name in ("a.toy", "gone/b.toy")}
    with pytest.raises(OSError, match=r"gone"):
        fix.write(files)
    assert (tmp_path / "a.toy").read_text() == "color\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.toy"]


def test_fix_and_diff_on_the_command_line(deplint):
    Path("a.toy").write_text("red color\nlast gray")
    ran = deplint("--diff", "a.toy", "--ignore", "TOY003")
    assert ran.code == 1
    assert ran.out == ("--- a/a.toy\n+++ b/a.toy\n@@ -1,2 +1,2 @@\n-red color\n+red colour\n last gray\n\\ No newline at end of file\n")
    assert Path("a.toy").read_text() == "red color\nlast gray"
    ran = deplint("--fix", "a.toy", "--ignore", "TOY003")
    assert (ran.code, ran.out.splitlines()[-1]) == (1, "1 warning in 1 file; 1 fixed; 1 with a fix.")
    assert Path("a.toy").read_text() == "red colour\nlast gray"
    assert deplint("--fix", "--unsafe-fixes", "a.toy", "--ignore", "TOY003").code == 0
    assert Path("a.toy").read_text() == "red colour\nlast grey"
    before = Path("a.toy").stat().st_mtime_ns
    assert deplint("--fix", "--unsafe-fixes", "a.toy", "--ignore", "TOY003").code == 0
    assert Path("a.toy").stat().st_mtime_ns == before


def test_suppressed_and_known_findings_are_not_fixed(deplint):
    Path("a.toy").write_text("color # deplint: ignore[TOY001] a brand\n")
    Path("b.toy").write_text("color\n")
    deplint(".", "--write-baseline", "known.json")
    deplint(".", "--fix", "--baseline", "known.json")
    assert Path("a.toy").read_text().startswith("color ")
    assert Path("b.toy").read_text() == "color\n"
