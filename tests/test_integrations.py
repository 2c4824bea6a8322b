"""The files that other tools read: pre-commit's hooks, the GitHub action, the snippets of the documentation."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from deplint import plugins
from deplint.cli import command_parser

ROOT = Path(__file__).parents[1]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
READERS = [reader for reader in plugins.load().readers if not reader.load.startswith("toy")]


def test_the_hooks_call_deplint_with_options_it_has():
    assert [hook["id"] for hook in HOOKS] == ["deplint", "deplint-fix"]
    for hook in HOOKS:
        program, *options = shlex.split(hook["entry"])
        assert program == "deplint"
        command_parser("")[0].parse_args(options)


@pytest.mark.parametrize("pattern", sorted({pattern for reader in READERS for pattern in reader.names}))
def test_the_hooks_pass_every_file_that_is_read(pattern):
    name = pattern.replace("-?????-of-?????", "-00000-of-00001").replace("group*-shard*of*", "group1-shard1of2").replace("*", "x")
    name = re.sub(r"\[(.)[^\]]*\]", r"\1", name)
    for hook in HOOKS:
        assert re.search(hook["files"], name), name
        assert re.search(hook["files"], f"some/folder/{name}"), name


def test_the_hooks_pass_no_picture_and_no_prose():
    for name in ("README.md", "logo.png", "main.c", "x.css", "LICENSE", "x.rs"):
        assert not re.search(HOOKS[0]["files"], name), name


def test_the_action_calls_deplint_with_options_it_has():
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    lint = next(step for step in action["runs"]["steps"] if step.get("id") == "lint")
    calls = re.findall(r"/bin/deplint\" (.*)", lint["run"])
    assert len(calls) == 2
    for call in calls:
        words = [word for word in shlex.split(call.replace("|| true", "")) if word not in ("$ARGS", "$PATHS")]
        command_parser("")[0].parse_args(words)
    subprocess.run(["bash", "-n"], input=lint["run"], text=True, check=True)
    # What comes from outside reaches the script as environment, never as text of the script.
    assert "${{" not in lint["run"]


@pytest.mark.skipif(not shutil.which("jq"), reason="the snippet for GitLab uses jq")
def test_the_gitlab_snippet_makes_a_code_quality_report(tmp_path):
    page = (ROOT / "docs" / "ci.md").read_text()
    program = re.search(r"jq '([^']+)'", page)
    assert program
    (tmp_path / "a.py").write_text("def f(:\n")
    report = subprocess.run([sys.executable, "-m", "deplint", "--format", "json", "."], cwd=tmp_path, capture_output=True, text=True).stdout
    made = subprocess.run(["jq", program[1]], input=report, capture_output=True, text=True, check=True).stdout
    (entry,) = json.loads(made)
    assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
    assert entry["location"]["path"] == "a.py"
    assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
