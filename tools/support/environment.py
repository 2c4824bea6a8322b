"""Released packages, installed into a temporary folder and asked in child processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROBES = Path(__file__).parent / "probes"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Environment:
    """A Python with packages: `python` runs it, with `path` in front of its own packages and `libraries` in front of the system's."""

    python: str
    path: Path | None = None
    libraries: Path | None = None

    def ask(self, probe: str, *arguments: str, timeout: float = 3600) -> Any:
        """What a module of `tools.support.probes` answers: it writes JSON to the path that is its first argument."""
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder, "answer.json")
            env = {**os.environ, "PYTHONPATH": os.pathsep.join(str(p) for p in (self.path, ROOT) if p), "TF_CPP_MIN_LOG_LEVEL": "3"}
            if self.libraries is not None:
                env["LD_LIBRARY_PATH"] = str(self.libraries)
            command = [self.python, "-m", f"tools.support.probes.{probe}", str(answer), *arguments]
            subprocess.run(command, cwd=folder, env=env, check=True, timeout=timeout, stdout=subprocess.DEVNULL)
            return json.loads(answer.read_text("utf-8"))


@contextmanager
def installed(*requirements: str, no_deps: Sequence[str] = (), python: str = sys.executable) -> Iterator[Environment]:
    """An environment with these packages, gone afterwards. Packages in `no_deps` come without what they ask for."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [python, "-m", "pip", "install", "-qqq", "--disable-pip-version-check", "--target", folder]
        if requirements:
            subprocess.run([*pip, *requirements], check=True)
        if no_deps:
            subprocess.run([*pip, "--no-deps", *no_deps], check=True)
        yield Environment(python, Path(folder))


@contextmanager
def npm(*packages: str) -> Iterator[Path]:
    """A folder with these npm packages installed, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(["npm", "install", "--prefix", folder, *quiet, *packages], check=True, stdout=subprocess.DEVNULL)
        yield Path(folder)
