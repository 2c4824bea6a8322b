"""Starting costs little: nothing heavy is imported before it is needed."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"libcst", "onnx", "numpy", "tensorflow", "torch", "rich", "h5py", "yaml", "ast_grep_py", "jsonschema"}


def imported(*arguments: str, cwd: Path | None = None) -> set[str]:
    """Every module a run imports."""
    ran = subprocess.run([sys.executable, "-X", "importtime", "-m", "deplint", *arguments], capture_output=True, text=True, cwd=cwd)
    lines = [line for line in ran.stderr.splitlines() if line.startswith("import time:")]
    assert len(lines) > 20, ran.stderr
    return {line.rpartition("|")[2].strip() for line in lines}


def test_the_version_needs_nothing_heavy():
    modules = imported("--version")
    assert not {name.split(".")[0] for name in modules} & HEAVY
    assert not any(name.startswith(("deplint.rules", "pluggy", "argparse")) for name in modules)


def test_a_plain_lint_needs_nothing_heavy(tmp_path):
    (tmp_path / "a.py").write_text("import torch\nprint(torch.zeros(1))\n")
    (tmp_path / "requirements.txt").write_text("torch==2.9.0\n")
    (tmp_path / "deplint.toml").write_text('exclude = ["x"]\n')
    heavy = {name.split(".")[0] for name in imported(".", cwd=tmp_path)} & HEAVY
    assert not heavy


def seconds(*command: str, cwd: Path | None = None) -> float:
    """CPU seconds of the best of five runs. Modules are compiled once, as in any installation."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *command], capture_output=True, cwd=cwd, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return min(once() for _ in range(5))


def test_starting_takes_four_times_python_and_a_tenth_of_a_second():
    assert seconds("-m", "deplint", "--version") <= 4 * seconds("-c", "pass") + 0.1


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "requirements.txt").write_text("tensorflow==2.15.0\n")
    for number in range(200):
        folder = tmp_path / f"package{number % 10}"
        folder.mkdir(exist_ok=True)
        lines = "".join(f"def function_{i}(x):\n    return x + {i}\n\n" for i in range(30))
        (folder / f"module{number}.py").write_text(f"import tensorflow as tf\n\n{lines}")
    return tmp_path


def test_a_pre_commit_run_on_five_files_is_quick(repository):
    """The surroundings of the five files are there to be looked at, and nothing looks at them."""
    files = [f"package{number}/module{number}.py" for number in range(5)]
    assert seconds("-m", "deplint", *files, cwd=repository) <= 0.25
