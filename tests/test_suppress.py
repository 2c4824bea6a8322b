"""Comments, configured ignores and model metadata: what they hold for, and what is said of those that hold for nothing."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
import toy

from deplint import rule, suppress
from deplint.config import Config, Waiver
from deplint.engine import Report, check
from deplint.finding import Finding, Place, Span
from deplint.fix import edit
from deplint.model import Model
from deplint.names import Names
from deplint.project import File, Project, Reader

NAMES = Names(toy.RULES)
TODAY = datetime.date(2026, 6, 1)


def lint(files: dict[str, str], folder: Path, config: Config | None = None, *, whole: bool = True, rules=tuple(toy.RULES[:2])) -> Report:
    """A linted folder, as the command line does it."""
    made = []
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
        made.append(File(folder / name, name))
    reader = Reader("toy", ("*",), "toy:read")
    report = check(Project(folder, made, [reader]), made, rules)
    suppress.apply(report, made, config or Config(folder), NAMES, whole=whole, today=TODAY)
    return report


def said(report: Report) -> list[str]:
    return [f"{f.rule}:{f.span.line if f.span else 0}: {f.message}" for f in report.findings]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toy", "x color # deplint: ignore[TOY001] a brand"),
        ("a.toy", "x color # deplint: ignore[no-color] a brand"),
        ("a.toy", "x color # deplint: ignore[TOY002, no-color] a brand gray"),
        ("a.toy", "# deplint: ignore[TOY001] a brand\nx color"),
        ("a.toy", "# deplint: ignore[TOY001] a brand\n\n# another comment\nx color"),
        ("a.toy", "x color\nlast line # deplint: ignore-file[TOY001] a brand"),
        ("a.js", "x color // deplint: ignore[TOY001] a brand"),
        ("a.js", "x color /* deplint: ignore[TOY001] a brand */ ;"),
        ("a.js", "/* deplint: ignore[TOY001] a brand */\nx color"),
        ("a.html", "x color <!-- deplint: ignore[TOY001] a brand -->"),
        ("a.html", "<!-- deplint: ignore[TOY001] a brand -->\nx color"),
        ("a.yaml", "  # deplint:ignore [TOY001] a brand\nx color"),
        ("a.py", "color = 1  # deplint: ignore[TOY001] a brand"),
        ("a.py", "def f(\n color ): # deplint: ignore[TOY001] a brand\n  pass"),
    ],
)
def test_a_comment_suppresses_what_it_names(tmp_path, name, text):
    report = lint({name: text}, tmp_path)
    hidden = [s for s in report.suppressed if s.finding.rule == "TOY001"]
    assert [(s.reason.split(" gray")[0], s.source) for s in hidden] == [("a brand", "comment")]
    assert "TOY001" not in {f.rule for f in report.findings}
    assert "DPL002" not in {f.rule for f in report.findings}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toy", "x color # deplint: ignore[TOY002]"),
        ("a.toy", "# deplint: ignore[TOY001]\nx\nx color"),
        ("a.toy", "x color\n# deplint: ignore[TOY001]"),
        ("a.toy", "red # deplint: ignore[TOY001]\nx color"),
        ("a.py", "x = '''\n# deplint: ignore[TOY001]'''\ncolor = 1"),
        ("a.py", "x = '# deplint: ignore[TOY001]'; color = 1"),
        ("a.toy", "x color # noqa: TOY001"),
        ("a.toy", "x color # deplint: ignore"),
    ],
)
def test_a_comment_elsewhere_or_about_something_else_does_not(tmp_path, name, text):
    assert "TOY001" in {f.rule for f in lint({name: text}, tmp_path).findings}


def test_a_comment_counts_where_the_finding_ends_too(tmp_path):
    def spanning(file: toy.Toy):
        yield Finding(Place(file.file.shown, Span(1, 1, 3, 2)), "from line 1 to 3")

    over = rule("TOY007", severity="error")(spanning)
    (tmp_path / "a.py").write_text("f(\n 1,\n)  # deplint: ignore[TOY007]\n")
    file = File(tmp_path / "a.py", "a.py")
    report = check(Project(tmp_path, [file], [Reader("toy", ("*",), "toy:read")]), [file], [over])
    suppress.apply(report, [file], Config(tmp_path), Names([over]), whole=True, today=TODAY)
    assert said(report) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x # deplint: ignore[TOY001]", ["DPL002:1: nothing to suppress for TOY001"]),
        ("x # deplint: ignore-file[TOY001, no-gray]", ["DPL002:1: nothing to suppress for TOY001, no-gray"]),
        ("color # deplint: ignore[TOY001, no-gray]", ["DPL002:1: nothing to suppress for no-gray"]),
        ("x # deplint: ignore[TOY003] does not run here", []),
        ("x # deplint: ignore[TOY01]", ["DPL004:1: no rule is called 'TOY01'; did you mean 'TOY001'?"]),
        ("x # deplint: ignore everything", ["DPL004:1: a suppression names the rules it means, as in `deplint: ignore[DPL201] reason`"]),
    ],
)
def test_what_suppresses_nothing_is_reported(tmp_path, text, expected):
    assert said(lint({"a.toy": text}, tmp_path)) == expected


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("x # deplint: ignore[TOY001] old\ny\n", "x\ny\n"),
        ("# deplint: ignore[TOY001] old\ny\n", "y\n"),
        ("y\n# deplint: ignore[TOY001] old", "y\n"),
        ("x /* deplint: ignore[TOY001] */ y\n", "x  y\n"),
    ],
)
def test_an_unused_comment_can_be_removed(tmp_path, text, after):
    (finding,) = lint({"a.toy": text}, tmp_path).findings
    assert finding.fix
    assert edit(File(tmp_path / "a.toy"), finding.fix.edits).content.decode() == after


def test_a_configured_ignore_has_paths_a_reason_and_a_date(tmp_path, monkeypatch):
    def config(**more) -> Config:
        return Config(tmp_path, tmp_path / "deplint.toml", waivers=(Waiver(("TOY001",), "later", **more),))

    files = {"a.toy": "color", "b.toy": "color gray"}

    monkeypatch.chdir(tmp_path)

    def left(config: Config) -> list[tuple[str, str]]:
        return [(Path(f.path).name, f.rule) for f in lint(files, tmp_path, config).findings]

    assert left(config()) == [("b.toy", "TOY002")]
    assert left(config(paths=("a*",))) == [("b.toy", "TOY001"), ("b.toy", "TOY002")]
    assert left(config(until=TODAY)) == [("b.toy", "TOY002")]
    expired = left(config(until=TODAY - datetime.timedelta(days=1)))
    assert expired == [("a.toy", "TOY001"), ("b.toy", "TOY001"), ("b.toy", "TOY002"), ("deplint.toml", "DPL004")]


def test_an_unused_configured_ignore_is_reported_when_all_was_seen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = Config(tmp_path, tmp_path / "deplint.toml", waivers=(Waiver(("TOY001",), "later", ("old/",)), Waiver(("TOY003",), "not run")))
    assert said(lint({"a.toy": "x"}, tmp_path, config, whole=False)) == []
    assert said(lint({"a.toy": "x"}, tmp_path, config)) == ["DPL002:0: nothing to suppress for the ignore of TOY001 in old/: later"]


def test_a_crash_cannot_be_suppressed(tmp_path):
    config = Config(tmp_path, ignore=("DPL001",), waivers=(Waiver((), "everything", ("*",)),))
    report = lint({"a.toy": "crash # deplint: ignore-file[DPL001]"}, tmp_path, config, rules=[toy.crashes])
    assert "DPL001" in {f.rule for f in report.findings}


def test_own_findings_are_ignored_by_configuration(tmp_path):
    config = Config(tmp_path, ignore=("unused-suppression",))
    assert said(lint({"a.toy": "x # deplint: ignore[TOY001]"}, tmp_path, config)) == []


def test_cells_of_a_notebook_have_comments_of_their_own(tmp_path):
    notebook = {
        "cells": [
            {"cell_type": "code", "source": ["x\n", "color # deplint: ignore[TOY001] known"]},
            {"cell_type": "code", "source": "x\ncolor"},
        ]
    }
    (tmp_path / "n.ipynb").write_text(json.dumps(notebook))
    file = File(tmp_path / "n.ipynb", "n.ipynb")
    project = Project(tmp_path, [file], [Reader("toy", ("*",), "toy:read")])
    report = Report([], rules=[toy.no_color], project=project)
    report.findings = [Finding(Place("n.ipynb", Span(2, 1, 2, 6, cell)), "found", rule="TOY001") for cell in (1, 2)]
    suppress.apply(report, [file], Config(tmp_path), NAMES, whole=True, today=TODAY)
    assert [f.span.cell for f in report.findings if f.span] == [2]


def model(file: File) -> Model:
    return Model(file.shown, "onnx", metadata={"deplint.ignore": file.text})


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ("TOY008 checked on the device", []),
        ("TOY001 not here; toy-model fine", ["DPL002:0: nothing to suppress for TOY001"]),
        ("TOY09 x", ["DPL004:0: no rule is called 'TOY09'; did you mean 'TOY008'?", "TOY008:0: a model"]),
    ],
)
def test_a_model_carries_its_own_ignores(tmp_path, metadata, expected):
    def toy_model(given: Model):
        yield Finding(given, "a model")

    about = rule("TOY008", severity="error")(toy_model)
    (tmp_path / "net.onnx").write_text(metadata)
    file = File(tmp_path / "net.onnx", "net.onnx")
    report = check(Project(tmp_path, [file], [Reader("m", ("*",), "test_suppress:model", artifact=True)]), [file], [about, toy.no_color])
    suppress.apply(report, [file], Config(tmp_path), Names([about, *toy.RULES]), whole=True, today=TODAY)
    assert said(report) == expected
