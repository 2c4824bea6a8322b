"""Measure deplint against the costs it is allowed, and print the ratios.

    python -m benchmarks.compare            # all
    python -m benchmarks.compare start tree # some
    python -m benchmarks.compare tree --tree ../yolov5

* ``start``: `deplint --version` against `python -c pass` (budget: 4x plus 0.1 s).
* ``hook``: a pre-commit run on five files (budget: a quarter of a second of CPU).
* ``tree``: a whole run on some 50 Python files of 16 thousand lines, CPU seconds, against flake8 (budget: 1.5x) and fixit (a tenth).
* ``onnx``: linting an ONNX file with one initializer of 1 GB against one of 1 MB (budget: 5 % of `onnx.load` more, 80 MB resident).
* ``weights``: linting models of each format with 1 GB of weights against 10 MB and the same graph (budget: 1.5x, 100 MB resident).
* ``graph``: linting an ONNX graph of 100,000 operators, wall clock (budget: 10 s).
* ``scan``: looking at all weights (DPL446, DPL543), against NumPy's minimum and maximum of the mapped file (budget: half its speed).

Runs of the tools alternate, and of each the least is taken, since noise only adds. flake8 and fixit must be installed beside deplint.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.weights import FORMATS, long_graph

ROUNDS = 5
LINES = 16_000
FILES = 50
GIGABYTE = 1 << 30

_MEASURE = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
wall = time.perf_counter() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, code]))
"""


@dataclass
class Cost:
    """Least seconds on the clock, least CPU seconds, and most megabytes resident over all rounds."""

    wall: float
    cpu: float
    memory: float


def measure(commands: Mapping[str, Sequence[str]], rounds: int = ROUNDS) -> dict[str, Cost]:
    """Run the commands in turn, each in a process of its own.

    Raises:
        SystemExit: a command cannot be run (exit codes of findings are fine).
    """
    import json

    costs: dict[str, Cost] = {}
    for _ in range(rounds):
        for name, command in commands.items():
            done = subprocess.run([sys.executable, "-c", _MEASURE, *command], capture_output=True, text=True, check=True)
            wall, cpu, memory, code = json.loads(done.stdout)
            if code not in (0, 1):
                raise SystemExit(f"{' '.join(command)} ended with {code}")
            known = costs.get(name)
            costs[name] = (
                Cost(wall, cpu, memory) if known is None else Cost(min(known.wall, wall), min(known.cpu, cpu), max(known.memory, memory))
            )
    return costs


def start(folder: Path, tree: Path | None) -> None:
    """Start-up time, wall clock."""
    costs = measure({"python": [sys.executable, "-c", "pass"], "deplint": [*DEPLINT, "--version"]}, 4 * ROUNDS)
    allowed = 4 * costs["python"].wall + 0.1
    report(
        "start",
        f"deplint --version {costs['deplint'].wall:.3f} s",
        costs["deplint"].wall / allowed,
        f"4x python -c pass + 0.1 s = {allowed:.3f} s",
    )


def tree(folder: Path, tree: Path | None) -> None:
    """A whole run on Python code, CPU seconds."""
    target = tree or sample(folder / "tree")
    costs = measure(
        {
            "deplint": [*DEPLINT, "--no-progress", str(target)],
            "flake8": [sys.executable, "-m", "flake8", str(target)],
            "fixit": [sys.executable, "-m", "fixit", "--quiet", "lint", str(target)],
        },
        2,
    )
    ours = costs["deplint"].cpu
    report(
        "tree",
        f"deplint {ours:.2f} s CPU, {costs['deplint'].memory:.0f} MB",
        ours / costs["flake8"].cpu / 1.5,
        f"1.5x flake8 ({costs['flake8'].cpu:.2f} s)",
    )
    report("tree", f"deplint {ours:.2f} s CPU", ours / costs["fixit"].cpu * 10, f"a tenth of fixit ({costs['fixit'].cpu:.2f} s)")


def hook(folder: Path, tree: Path | None) -> None:
    """A pre-commit run: five files of a repository of two hundred, CPU seconds."""
    repository = folder / "repository"
    (repository / ".git").mkdir(parents=True)
    (repository / "requirements.txt").write_text("tensorflow==2.15.0\n")
    body = "".join(f"def function_{i}(x):\n    return x + {i}\n\n" for i in range(30))
    for number in range(200):
        module = repository / f"package{number % 10}" / f"module{number}.py"
        module.parent.mkdir(exist_ok=True)
        module.write_text(f"import tensorflow as tf\n\n{body}")
    files = [str(repository / f"package{number}/module{number}.py") for number in range(5)]
    costs = measure({"deplint": [*DEPLINT, "--no-progress", *files]}, 2 * ROUNDS)
    report("hook", f"five files {costs['deplint'].cpu:.3f} s CPU", costs["deplint"].cpu / 0.25, "a quarter of a second")


def sample(folder: Path) -> Path:
    """Some 50 files of the `onnx` package and its kin: code that a linter of deployments has to look at."""
    import onnx

    folder.mkdir(parents=True)
    sources = sorted(Path(onnx.__file__).parent.rglob("*.py"), key=lambda path: -path.stat().st_size)
    lines = 0
    for number, source in enumerate(sources[2 : 2 + FILES]):
        count = source.read_text("utf-8").count("\n")
        if lines + count > 1.2 * LINES:
            continue
        lines += count
        shutil.copy(source, folder / f"m{number}_{source.name}")
    return folder


def onnx(folder: Path, tree: Path | None) -> None:
    """An ONNX file whose weights are 1 GB."""
    small, big = (FORMATS["onnx"](made(folder / name), size) for name, size in (("small", 1 << 20), ("big", GIGABYTE)))
    costs = measure(
        {
            "start": [*DEPLINT, "--no-progress", str(small)],
            "deplint": [*DEPLINT, "--no-progress", str(big)],
            "onnx.load": [sys.executable, "-c", f"import onnx; onnx.load({str(big)!r})"],
            "import": [sys.executable, "-c", "import onnx"],
        }
    )
    load = costs["onnx.load"].wall - costs["import"].wall
    extra = costs["deplint"].wall - costs["start"].wall
    report("onnx", f"{extra * 1000:.0f} ms more than a 1 MB file", extra / (0.05 * load), f"5 % of onnx.load ({load:.2f} s)")
    report("onnx", f"{costs['deplint'].memory:.0f} MB resident", costs["deplint"].memory / 80, "80 MB")


def weights(folder: Path, tree: Path | None) -> None:
    """Each format with 10 MB and with 1 GB of weights."""
    for name, make in FORMATS.items():
        models = {size: make(made(folder / f"{name}{size}"), size) for size in (10 << 20, GIGABYTE)}
        few, many = measure({str(size): [*DEPLINT, "--no-progress", str(path)] for size, path in models.items()}).values()
        report(name, f"1 GB in {many.wall:.2f} s", many.wall / few.wall / 1.5, f"1.5x 10 MB ({few.wall:.2f} s)")
        report(name, f"{many.memory:.0f} MB resident", many.memory / 100, "100 MB")


def graph(folder: Path, tree: Path | None) -> None:
    """A graph of 100,000 operators."""
    path = made(folder / "graph") / "net.onnx"
    path.write_bytes(long_graph(100_000))
    cost = measure({"deplint": [*DEPLINT, "--no-progress", str(path)]}, 2)["deplint"]
    report("graph", f"100,000 operators {cost.wall:.1f} s, {cost.cpu:.1f} s CPU", cost.wall / 10, "10 s")


def scan(folder: Path, tree: Path | None) -> None:
    """All weights of a quarter of a gigabyte of normal numbers, CPU seconds; both have the file in the page cache."""
    import numpy

    path = FORMATS["safetensors"](made(folder / "scan"), GIGABYTE // 4)
    start = path.stat().st_size - GIGABYTE // 4
    with open(path, "r+b") as stream:
        stream.seek(start)
        numpy.random.default_rng(0).standard_normal(GIGABYTE // 16, dtype=numpy.float32).tofile(stream)
    code = f"import numpy; w = numpy.memmap({str(path)!r}, '<f4', 'r', {start}); "
    python, lint = [sys.executable, "-c"], [*DEPLINT, "--no-progress"]
    small = FORMATS["safetensors"](made(folder / "few"), 1 << 12)
    costs = measure(
        {
            "import": [*python, code],
            "numpy": [*python, code + "w.min(), w.max()"],
            "start": [*lint, "--select", "DPL446,DPL543", str(small)],
            "deplint": [*lint, "--select", "DPL446,DPL543", str(path)],
        }
    )
    ours, theirs = costs["deplint"].cpu - costs["start"].cpu, costs["numpy"].cpu - costs["import"].cpu
    report("scan", f"0.25 GB in {ours:.3f} s CPU", ours / theirs / 2, f"2x NumPy ({theirs:.3f} s)")


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def report(name: str, measured: str, share: float, budget: str) -> None:
    print(f"{name:13} {measured:45} {share:5.2f} of its budget: {budget}")


DEPLINT = [sys.executable, "-m", "deplint"]
PARTS: Mapping[str, Callable[[Path, Path | None], None]] = {part.__name__: part for part in (start, hook, tree, onnx, weights, graph, scan)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--tree", type=Path, help="a folder of Python code to run on instead of a sample")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for part in given.parts or PARTS:
            PARTS[part](Path(folder), given.tree)


if __name__ == "__main__":
    main()
