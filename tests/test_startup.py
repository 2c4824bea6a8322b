"""Starting costs little: nothing heavy is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
