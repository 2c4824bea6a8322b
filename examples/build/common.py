"""Shared by the build scripts: where the examples are, and how a project's own script is run.

The models of the examples are written by the real exporters, most of them by the very scripts the example projects
contain. TensorFlow and PyTorch want separate environments; name their interpreters with DEPLINT_TF_PYTHON and
DEPLINT_TORCH_PYTHON (both default to the running one).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1]
PYTHON = {kind: os.environ.get(f"DEPLINT_{kind.upper()}_PYTHON", sys.executable) for kind in ("tf", "torch")}


def run(kind: str, script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script in its own folder with the interpreter of that kind, and hand back what it said."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(script.parent), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [PYTHON[kind], str(script), *arguments], cwd=script.parent, env=environment, capture_output=True, text=True, timeout=600
    )


def must(kind: str, script: Path, *arguments: str) -> None:
    """Run a script that has to work."""
    done = run(kind, script, *arguments)
    if done.returncode:
        raise SystemExit(f"{script} failed:\n{done.stderr[-3000:]}")
    print(f"ran {script.relative_to(EXAMPLES)}")


def strip_traces(*paths: Path) -> None:
    """Remove the stack traces, and with them this machine's paths, from ONNX files."""
    must("torch", EXAMPLES / "build" / "strip_traces.py", *map(str, paths))
