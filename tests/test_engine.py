"""The engine: crashes are findings, order never matters, one finding per rule and cause, versions bind rules, files are read once."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import toy

from deplint import Finding, Model, Project, Reader, code, engine, rule
from deplint.code.python import PythonFile
from deplint.discover import discover
from deplint.engine import Report, check
from deplint.finding import Place, Span
from deplint.model import Graph, Op, Unreadable
from deplint.project import File


def project(folder: Path, files: dict[str, str], readers=(toy.READER,), **more) -> Project:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return Project(folder, [File(folder / name, name) for name in sorted(files)], readers, **more)


def lint(folder: Path, files: dict[str, str], rules, readers=(toy.READER,), **more) -> Report:
    made = project(folder, files, readers, **more)
    return check(made, made.files, rules)


def said(report: Report) -> list[tuple[str, str, str]]:
    return [(f.rule, f.path, f.message) for f in report.findings]


def test_a_crashing_rule_is_a_finding_and_the_others_go_on(tmp_path):
    report = lint(tmp_path, {"a.toy": "crash color"}, [toy.no_color, toy.crashes])
    assert said(report) == [
        ("DPL001", "a.toy", "rule TOY004 (crashes) crashed: RuntimeError: the rule crashed"),
        ("TOY004", "a.toy", "first"),
        ("TOY001", "a.toy", "it is spelt colour"),
    ]
    assert len(report.crashes) == 1
    assert "Traceback" in report.crashes[0]


def test_a_crashing_reader_is_a_finding(tmp_path):
    report = lint(tmp_path, {"a.toy": "explode", "b.toy": "color"}, [toy.no_color])
    assert said(report) == [
        ("DPL001", "a.toy", "reader 'toy' crashed: ZeroDivisionError: the reader exploded"),
        ("TOY001", "b.toy", "it is spelt colour"),
    ]
    assert report.crashes


def test_what_cannot_be_read_is_a_finding_and_no_crash(tmp_path):
    report = lint(tmp_path, {"a.toy": "unreadable"}, [toy.no_color])
    assert said(report) == [("DPL005", "a.toy", "cannot be read as toy: the word 'unreadable'")]
    assert not report.crashes
    shipped = Reader("toy", ("*.toy",), "toy:read", artifact=True)
    assert said(lint(tmp_path, {"a.toy": "unreadable"}, [], [shipped])) == [
        ("DPL003", "a.toy", "cannot be read as toy: the word 'unreadable'")
    ]


def test_a_file_that_vanishes_is_a_finding(tmp_path):
    made = project(tmp_path, {"a.toy": "x"})
    (tmp_path / "a.toy").unlink()
    report = check(made, made.files, [toy.no_color])
    assert said(report) == [("DPL005", "a.toy", "cannot be read as toy: No such file or directory")]


def test_a_reader_that_fails_while_sniffing_is_a_finding(tmp_path):
    def sniff(file: File) -> bool:
        raise LookupError("sniffed too hard")

    report = lint(tmp_path, {"a.toy": "x"}, [], [Reader("bad", ("*",), "toy:read", sniff)])
    assert [f.message for f in report.findings] == ["reader 'bad' crashed: LookupError: sniffed too hard"]


def test_the_order_of_files_and_rules_does_not_matter(tmp_path):
    files = {f"{name}.toy": "color gray\ncolor crash\n" for name in "abcdef"}
    expected = None
    for seed in range(5):
        made = project(tmp_path, files)
        rules, targets = list(toy.RULES), list(made.files)
        random.Random(seed).shuffle(rules)
        random.Random(seed).shuffle(targets)
        found = check(made, targets, rules).findings
        expected = expected or found
        assert [f.sort_key for f in found] == [f.sort_key for f in expected]
        assert [f.fingerprint for f in found] == [f.fingerprint for f in expected]


def net(file: File) -> Model:
    graph = Graph("main", [Op("Bad", f"b{i}", index=i) for i in range(int(file.text))])
    return Model(file.shown, "onnx", graphs=[graph])


NET = Reader("net", ("*.onnx",), "test_engine:net", artifact=True)


@rule("TOY011", severity="warning")
def bad_ops(model: Model):
    for graph, op in model.ops():
        yield Finding(model.at(graph, op), "a bad operator")


def test_what_is_said_of_many_parts_of_a_model_is_one_finding(tmp_path):
    (finding,) = lint(tmp_path, {"a.onnx": "836"}, [bad_ops], [NET]).findings
    assert finding.count == 836
    assert finding.place.where == 'main:op[0](Bad, "b0")'
    assert finding.also == tuple(f'main:op[{i}](Bad, "b{i}")' for i in range(1, 5))


def test_repetitions_are_dropped(tmp_path):
    @rule("TOY012", severity="warning")
    def twice(file: toy.Toy):
        place = Place(file.file.shown, Span(1, 1, 1, 2))
        yield Finding(place, "again")
        yield Finding(place, "again")

    assert len(lint(tmp_path, {"a.toy": "x"}, [twice]).findings) == 1


def test_a_fingerprint_forgets_lines_and_positions(tmp_path):
    def prints(files: dict[str, str]) -> list[str]:
        return [f.fingerprint for f in lint(tmp_path, files, [toy.no_color, toy.no_gray, bad_ops], [toy.READER, NET]).findings]

    first = prints({"a.toy": "color\n"})
    assert first == prints({"a.toy": "x\ny\n\n  color\n"})
    assert first != prints({"a.toy": "color gray\n"})[:1]
    assert first != prints({"b.toy": "color\n"})
    gray, color = prints({"a.toy": "gray color\n"})
    assert gray != color
    assert prints({"a.onnx": "1"}) == prints({"a.onnx": "2"})


def test_rules_across_files_see_all_but_report_on_the_linted(tmp_path):
    made = project(tmp_path, {"a.toy": "x", "b.toy": "y"})
    assert said(check(made, made.files[:1], [toy.lonely_word])) == []
    alone = project(tmp_path / "alone", {"a.toy": "x"})
    assert said(check(alone, alone.files, [toy.lonely_word])) == [("TOY003", "a.toy", "this is the only file of words")]


def test_surroundings_are_not_looked_for_unless_asked(tmp_path):
    asked = []
    target = project(tmp_path, {"a.toy": "color", "b.toy": "y"}).files[0]

    def around() -> list[File]:
        asked.append(True)
        return [target, File(tmp_path / "b.toy", "b.toy")]

    assert len(check(Project(tmp_path, around, [toy.READER]), [target], [toy.no_color, toy.no_gray]).findings) == 1
    assert not asked
    assert check(Project(tmp_path, around, [toy.READER]), [target], [toy.lonely_word]).findings == []
    assert asked


def test_one_file_is_looked_up_without_looking_for_all(tmp_path):
    target = project(tmp_path, {"a.toy": "x", "sub/b.toy": "y"}).files[0]

    def around() -> list[File]:
        raise AssertionError("nobody needs all files")

    made = Project(tmp_path, around, [toy.READER])
    assert made.file(tmp_path / "sub" / "b.toy") is not None
    assert made.file(tmp_path / "sub" / "c.toy") is None
    assert made.file(tmp_path.parent) is None
    assert made.resolve("sub/b.toy", near=File(tmp_path / "a.toy")) is not None
    assert target is not None


def test_beside_the_linted_folders_the_disk_is_asked(tmp_path):
    """What git ignores below a linted folder is no part of the project; what lies further up was not looked for."""
    project(tmp_path, {"above.toy": "x", "sub/b.toy": "y", "sub/ignored.toy": "z"})
    walked = tmp_path / "sub"
    made = Project(tmp_path, [File(walked / "b.toy")], [toy.READER], walked=[walked])
    assert made.file(tmp_path / "above.toy") is not None
    assert made.file(walked / "b.toy") is made.files[0]
    assert made.file(walked / "ignored.toy") is None
    assert made.file(tmp_path / "none.toy") is None
    assert [file.name for file in made.files] == ["b.toy"]


def untyped(file: File):
    raise Unreadable("read although it was not wanted")


def typed(file: File) -> list[Model]:
    raise Unreadable("read although it was not wanted")


def test_files_that_cannot_hold_the_wanted_kind_are_not_read(tmp_path):
    readers = [toy.READER, Reader("model", ("*.onnx",), "test_engine:typed")]
    made = project(tmp_path, {"a.toy": "x", "b.onnx": "y"}, readers)
    # The toy reader promises a Toy; the other a list of models.
    assert len(list(made.all(toy.Toy))) == 1
    assert made.troubles == []
    assert Reader("any", ("*",), "test_engine:untyped").gives is object


def test_versions_bind_rules(tmp_path):
    @rule("TOY013", severity="warning", since={"tensorflow": "2.16"})
    def newer(file: toy.Toy):
        yield Finding(file, "newer")

    assert len(lint(tmp_path, {"a.toy": "x"}, [newer]).findings) == 1
    assert len(lint(tmp_path, {"a.toy": "x"}, [newer], versions={"tensorflow": "2.17"}).findings) == 1
    assert lint(tmp_path, {"a.toy": "x"}, [newer], versions={"tensorflow": "2.13"}).findings == []


def test_broken_plugins_are_findings(tmp_path):
    made = project(tmp_path, {"a.toy": "x"})
    report = check(made, made.files, [], broken=[("theirs", "ImportError: no module")])
    (finding,) = report.findings
    assert (finding.rule, finding.message, finding.help) == ("DPL001", "plugin 'theirs' could not be loaded", "ImportError: no module")
    assert finding.fingerprint
    assert report.crashes


@pytest.mark.parametrize("files", [{}, {"a.txt": "x"}])
def test_reading_nothing_is_counted_as_nothing(tmp_path, files):
    report = lint(tmp_path, files, [toy.no_color])
    assert (report.files, report.read) == (len(files), 0)


def test_a_large_tree_is_let_go_of_and_says_the_same(tmp_path, monkeypatch):
    """What was made of a file is dropped after its rules ran, and made again where somebody asks."""
    (tmp_path / "helper.py").write_text("import torch\n\ndef load(path):\n    return torch.load(path)\n")
    for name in ("a", "b", "z"):
        (tmp_path / f"{name}.py").write_text("import torch\nfrom helper import load\ntorch.load('x.pt')\nload('y.pt')\n")
    alive: list[int] = []

    @rule("TOY011", severity="error")
    def loads(file: PythonFile):
        yield from (Finding(call, f"{call.argument('f', 0).text} by {file.path}") for call in file.calls("torch.load"))

    @rule("TOY012", severity="error")
    def others(file: PythonFile, project: Project):
        alive.append(sum("shape" in vars(other) for other in project.all(PythonFile)))
        for other in project.all(PythonFile):
            for call in other.calls("torch.load") if other.path > file.path else ():
                yield Finding(call, f"{call.argument('f', 0).text} in {other.path}")

    def found(limit: int) -> list[tuple[str, str]]:
        monkeypatch.setattr(engine, "LARGE_TREE", limit)
        monkeypatch.setattr(engine, "RELEASED_LINES", 5)
        files = discover([tmp_path]).files
        made = Project(tmp_path, files, code.READERS)
        return [(str(f.place), f.message) for f in check(made, files, [loads, others]).findings]

    small = found(100)
    kept = alive.copy()
    alive.clear()
    assert found(0) == small and len(small) > 4
    assert kept == [4, 4, 4, 4] and alive[-1] < 4
