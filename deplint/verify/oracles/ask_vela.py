"""Vela, the compiler for Ethos-U: does it compile the model, and what does it leave to the CPU?"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile

from serve import serve

CONFIGURATIONS = {"ethos-u55": "ethos-u55-128", "ethos-u65": "ethos-u65-256", "ethos-u85": "ethos-u85-256"}
PROGRAM = "import sys; from ethosu.vela.vela import main; main(sys.argv[1:])"


def answer(path: str, target: str, numeric: bool) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        options = ["--accelerator-config", CONFIGURATIONS[target], "--output-dir", folder, "--show-cpu-operations"]
        done = subprocess.run([sys.executable, "-c", PROGRAM, path, *options], capture_output=True, text=True)
    if done.returncode:
        raise ValueError((done.stderr or done.stdout)[-2000:])
    left = re.findall(r"^\s+CPU: (.*)$", done.stdout, re.MULTILINE)
    return {"error": "; ".join(left)}


serve(answer)
