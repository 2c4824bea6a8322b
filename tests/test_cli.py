"""The command line as people and CI use it: exit codes, streams, options, and each command."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deplint.cli import COMMANDS, Exit, command_parser

PYTHON_M = [sys.executable, "-m", "deplint"]


def test_exit_codes_say_what_happened(deplint):
    Path("clean.toy").write_text("colour\n")
    Path("second.toy").write_text("words\n")
    assert deplint(".").code == Exit.clean
    Path("second.toy").write_text("color\n")
    assert deplint(".").code == Exit.findings
    assert deplint("second.toy", "--ignore", "TOY001").code == Exit.clean
    Path("second.toy").write_text("gray\n")
    assert deplint(".").code == Exit.findings
    assert deplint(".", "--fail-on", "error").code == Exit.clean
    Path("second.toy").unlink()
    assert deplint(".").code == Exit.clean
    assert deplint(".", "--fail-on", "info").code == Exit.findings


def test_a_crash_never_ends_in_success(deplint):
    Path("a.toy").write_text("crash\n")
    ran = deplint(".", "--fail-on", "error")
    assert ran.code == Exit.trouble
    assert "a.toy: error DPL001 rule-crashed: rule TOY004 (crashes) crashed: RuntimeError: the rule crashed" in ran.out
    assert "Traceback" not in ran.out + ran.err
    assert "Traceback" in deplint(".", "--verbose").err


def test_nothing_to_lint_is_not_a_clean_run(deplint):
    Path("notes.txt").write_text("x")
    ran = deplint(".")
    assert ran.code == Exit.trouble
    assert "nothing to lint: 1 file seen, none of a kind deplint reads" in ran.err
    assert deplint(".", "--allow-empty").code == Exit.clean


def test_a_file_nobody_reads_is_said_not_to_be_checked(deplint):
    Path("notes.txt").write_text("x")
    Path("a.toy").write_text("x")
    ran = deplint("notes.txt", "a.toy", "--ignore", "lonely-word")
    assert "notes.txt: not checked: not of a kind deplint reads" in ran.out
    assert ran.out.endswith("No findings in 1 file; 1 not checked.\n")


def test_an_excluded_file_named_on_the_command_line_is_no_error(deplint):
    Path("deplint.toml").write_text('exclude = ["gen/"]')
    Path("gen").mkdir()
    Path("gen/a.toy").write_text("color")
    ran = deplint("gen/a.toy")
    assert ran.code == Exit.clean
    assert "gen/a.toy: not checked: excluded" in ran.out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["missing.toy"], "no such file or folder: missing.toy"),
        (["expain", "TOY001"], "did you mean 'explain'?"),
        (["--select", "no-colour", "."], "no rule, category or leaf is called 'no-colour'; did you mean 'no-color'?"),
        (["--format", "sarfi", "."], "did you mean 'sarif'?"),
        (["--config", "none.toml", "."], "none.toml: no such file"),
        (["--baseline", "none.json", "."], "none.json: No such file"),
        (["--write-baseline", "none/base.json", "--allow-empty", "."], "none/base.json: No such file"),
        (["--version", "."], "--version stands alone"),
        (["explain", "TOY01"], "did you mean 'TOY001'?"),
    ],
)
def test_wrong_usage_is_said_and_is_exit_code_2(deplint, arguments, problem):
    ran = deplint(*arguments)
    assert (ran.code, ran.out) == (Exit.trouble, "")
    assert problem in ran.err


def test_argparse_errors_are_exit_code_2(deplint):
    with pytest.raises(SystemExit) as raised:
        deplint("--fail-on", "never")
    assert raised.value.code == Exit.trouble


def test_select_and_ignore_take_ids_names_categories_and_leaves(deplint):
    Path("a.toy").write_text("color gray opt\n")

    def found(*arguments: str) -> set[str]:
        return {f["rule"] for f in json.loads(deplint("--format", "json", ".", *arguments).out)["findings"]}

    assert found() == {"TOY001", "TOY002", "TOY003"}
    assert found("--select", "TOY001") == found("--select", "toy001") == found("--select", "no-color") == {"TOY001"}
    assert found("--select", "M.2") == {"TOY001", "TOY002"}
    assert found("--select", "S") == {"TOY002"}
    assert found("--select", "toy", "--ignore", "no-gray,lonely-word") == {"TOY001"}
    assert found("--select", "all", "--select", "opted") == {"TOY001", "TOY002", "TOY003", "TOY005"}


def test_the_report_can_go_to_a_file(deplint):
    Path("a.toy").write_text("color\n")
    ran = deplint("a.toy", "--format", "json", "--output", "report.json")
    assert (ran.code, ran.out) == (Exit.findings, "")
    assert json.loads(Path("report.json").read_text())["findings"]


def test_statistics_count_by_rule(deplint):
    Path("a.toy").write_text("color color\ncolor gray\n")
    assert deplint("--statistics", "a.toy").out.splitlines() == [
        "      3  TOY001  error    no-color",
        "      1  TOY002  warning  no-gray",
        "      1  TOY003  info     lonely-word",
    ]


def test_every_command_has_help(capsys):
    for name in ("", *COMMANDS):
        parser, _ = command_parser(name)
        assert parser.format_help().startswith("usage: deplint")
    assert all(about in command_parser("")[0].format_help() for about in COMMANDS.values())


def test_explain_prints_the_page(deplint):
    out = deplint("explain", "no-color").out
    assert out.startswith("# TOY001 no-color\n")
    assert "rules.TOY001.limit = 100" in out
    assert "<https://example.org/colour>" in out
    assert "unused-suppression" in deplint("explain", "DPL002").out


def test_rules_are_listed(deplint):
    listed = json.loads(deplint("rules", "--format", "json").out)
    assert [rule["rule"] for rule in listed] == ["TOY001", "TOY002", "TOY003", "TOY004", "TOY005"]
    assert listed[0]["options"] == {"limit": 100}
    assert "  TOY002 warning no-gray" in deplint("rules", "M.2.1").out
    assert "TOY001" not in deplint("rules", "M.2.1").out


def test_a_new_rule_is_one_file_whose_cases_run(deplint):
    Path("rules").mkdir()
    ran = deplint("new", "DPL998", "my-new-rule", "--category", "export")
    assert ran.code == Exit.clean
    text = Path("rules/export/my_new_rule.py").read_text()
    assert '@rule("DPL998"' in text
    assert "def my_new_rule(" in text
    compile(text, "my_new_rule.py", "exec")
    assert Path("rules/export/__init__.py").read_text().startswith('"""')
    assert "exists already" in deplint("new", "DPL998", "my-new-rule", "--category", "export").err
    assert "TOY001 no-color exists already" in deplint("new", "TOY001", "x").err
    assert "not a rule id" in deplint("new", "dpl1", "x").err


def test_test_runs_the_cases_of_a_file(deplint):
    Path("cases.md").write_text("# no-color\n\n```toy bad path=a.toy\ncolor  # <-\n```\n")
    assert deplint("test", "cases.md").out == "1 case, 0 failed.\n"
    Path("cases.md").write_text("# no-color\n\n```toy good path=a.toy\ncolor\n```\n")
    ran = deplint("test", "cases.md")
    assert ran.code == Exit.findings
    assert "FAILED TOY001-good-1 no-color\n    cases.md:3: reported, but not marked: a.toy:1" in ran.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_option(deplint, shell):
    script = deplint("completion", shell).out
    for name in COMMANDS:
        assert name in script
    for option in ("--unsafe-fixes", "--write-baseline", "--fail-on"):
        assert (option[2:] if shell == "fish" else option) in script


def test_bash_completes(tmp_path):
    script = subprocess.run([*PYTHON_M, "completion", "bash"], capture_output=True, text=True, check=True).stdout
    ask = "COMP_WORDS=(deplint lint --unsafe); COMP_CWORD=2; _deplint; echo ${COMPREPLY[@]}; "
    ask += "COMP_WORDS=(deplint --fail-on e); COMP_CWORD=2; _deplint; echo ${COMPREPLY[@]}; "
    ask += "COMP_WORDS=(deplint ex); COMP_CWORD=1; _deplint; echo ${COMPREPLY[@]}"
    ran = subprocess.run(["bash", "-c", f"{script}\n{ask}"], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["--unsafe-fixes", "error", "explain"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_take_the_script(shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    script = subprocess.run([*PYTHON_M, "completion", shell], capture_output=True, text=True, check=True).stdout
    assert subprocess.run([shell, "-n"], input=script, text=True, capture_output=True, check=True).stderr == ""
    if shell == "fish":
        for line, completed in (("deplint expl", "explain"), ("deplint --fail-on e", "error"), ("deplint lint --unsa", "--unsafe-fixes")):
            ran = subprocess.run([shell, "-c", f"{script}\ncomplete -C '{line}'"], capture_output=True, text=True)
            assert (ran.stdout.split()[0], ran.stderr) == (completed, "")


@pytest.mark.parametrize("path", [".", "src", "src/train.py"])
def test_versions_pinned_further_up_hold_for_what_is_linted(tmp_path, path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("import tensorflow as tf\nmodel = tf.keras.Sequential([])\nmodel.save('out/model')\n")
    for version, code in (("2.13.0", Exit.clean), ("2.18.0", Exit.findings)):
        (tmp_path / "requirements.txt").write_text(f"tensorflow=={version}\n")
        ran = subprocess.run([*PYTHON_M, path, "--select", "DPL401"], capture_output=True, text=True, cwd=tmp_path)
        assert (ran.returncode, ran.stderr) == (code, ""), ran.stdout


@pytest.mark.parametrize("style", ["text", "json", "sarif", "github"])
@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_names_of_files_may_hold_any_bytes(tmp_path, style, encoding):
    """A name that is no text, and characters the terminal does not have: the report is whole, and what machines read is valid."""
    for name in (b"caf\xe9.py", "naïve.py".encode()):
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_text("(")
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    command = [*PYTHON_M, ".", "--format", style]
    ran = subprocess.run(command, capture_output=True, cwd=tmp_path, env=environment)
    assert (ran.returncode, ran.stderr) == (Exit.findings, b"")
    subprocess.run([*command, "--output", "report"], cwd=tmp_path, env=environment)
    for report in (ran.stdout.decode(encoding), (tmp_path / "report").read_text("utf-8")):
        assert report.count("DPL005") >= 2
        assert style not in ("json", "sarif") or json.loads(report)


def test_a_fault_of_deplint_is_no_finding(deplint, monkeypatch):
    def fails(name: str) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("deplint.cli.command_parser", fails)
    ran = deplint(".")
    assert ran.code == Exit.trouble
    assert "unforeseen" in ran.err


def test_a_closed_pipe_leaves_no_traceback(tmp_path):
    ran = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m deplint rules --format json | head -c 1"], capture_output=True, text=True, cwd=tmp_path
    )
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr


def test_an_interrupt_ends_with_130(deplint, monkeypatch):
    from deplint.cli import lint

    def interrupted(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(lint, "discover", interrupted)
    ran = deplint(".")
    assert (ran.code, ran.err) == (Exit.interrupted, "deplint: interrupted\n")


def test_a_terminal_gets_colour_and_a_file_does_not(tmp_path):
    """On a pseudo-terminal, the real program over a broken Python file: the only kind of finding that needs no rule."""
    (tmp_path / "a.py").write_text("def f(:\n")
    master, slave = pty.openpty()
    process = subprocess.Popen([*PYTHON_M, "."], stdout=slave, stderr=subprocess.PIPE, cwd=tmp_path, env=os.environ | {"TERM": "xterm"})
    os.close(slave)
    seen = b""
    try:
        while chunk := os.read(master, 4096):
            seen += chunk
    except OSError:  # what a closed terminal reads as, on Linux
        pass
    process.communicate()
    assert b"\x1b[" in seen
    plain = subprocess.run([*PYTHON_M, "."], capture_output=True, cwd=tmp_path)
    assert b"\x1b[" not in plain.stdout


MODELS = Path(__file__).parent / "data" / "models"


def inspected(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PYTHON_M, "inspect", *map(str, arguments)], capture_output=True, text=True)


def test_inspect_prints_the_text_form_which_reads_back():
    from deplint.model.text import format_model, parse_model

    ran = inspected(MODELS / "onnx" / "tf2onnx_frozen.onnx")
    assert (ran.returncode, ran.stderr) == (Exit.clean, "")
    assert ran.stdout.startswith("model onnx ")
    assert format_model(parse_model(ran.stdout)) == ran.stdout


def test_inspect_prints_json():
    (model,) = json.loads(inspected("--format", "json", MODELS / "onnx" / "tf2onnx_frozen.onnx").stdout)
    assert model["format"] == "onnx"
    assert {"type", "inputs", "outputs"} <= set(model["graphs"][0]["ops"][0])


def test_inspect_takes_folders_and_says_what_it_cannot_read(tmp_path):
    shutil.copy(MODELS / "onnx" / "tf2onnx_frozen.onnx", tmp_path / "good.onnx")
    (tmp_path / "page.onnx").write_text("<!DOCTYPE html><html></html>")
    ran = inspected(tmp_path)
    assert ran.returncode == Exit.trouble
    assert ran.stdout.startswith("model onnx ")
    assert "page.onnx: not a model deplint reads: it holds an HTML page" in ran.stderr
    (tmp_path / "bad.tflite").write_bytes(next((MODELS / "tflite").glob("*.tflite")).read_bytes()[:300])
    assert "bad.tflite: cannot be read as tflite: " in inspected(tmp_path / "bad.tflite").stderr
    assert inspected(tmp_path / "none").returncode == Exit.trouble
    assert "no model among" in inspected(Path(__file__)).stderr
