"""The operators that the TensorFlow.js converter lets through, read from the lists in each released wheel."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

from tools.support.sources import Source
from tools.support.store import Row

RELEASES = [
    *("2.3.0", "2.4.0", "2.5.0", "2.6.0", "2.7.0", "2.8.5"),
    *("3.0.0", "3.1.0", "3.2.0", "3.3.0", "3.4.0", "3.5.0", "3.6.0", "3.7.0", "3.8.0", "3.9.0", "3.11.0", "3.12.0", "3.13.0", "3.14.0"),
    *("3.15.0", "3.17.0", "3.18.0", "3.19.0", "3.20.0", "3.21.0"),
    *("4.0.0", "4.1.0", "4.2.0", "4.3.0", "4.4.0", "4.5.0", "4.6.0", "4.7.0", "4.8.0", "4.9.0", "4.10.0", "4.11.0", "4.12.0", "4.13.0"),
    *("4.14.0", "4.15.0", "4.16.0", "4.17.0", "4.18.0", "4.19.0", "4.20.0", "4.21.0", "4.22.0"),
]


def rows(release: str) -> Sequence[Row]:
    with tempfile.TemporaryDirectory() as folder:
        pip = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-qqq",
            "--no-deps",
            "--ignore-requires-python",
            "--dest",
            folder,
            f"tensorflowjs=={release}",
        ]
        subprocess.run(pip, check=True)
        with ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            lists = [name for name in wheel.namelist() if name.startswith("tensorflowjs/op_list/") and name.endswith(".json")]
            return [{"op": op} for op in sorted({entry["tfOpName"] for name in lists for entry in json.loads(wheel.read(name))})]


SOURCES = (Source("tfjs-graph", RELEASES, rows, {"source": "pypi:tensorflowjs, op_list of each wheel", "licence": "Apache-2.0"}),)
