"""Measure deplint against the costs it is allowed, and print the ratios.

    python -m benchmarks.compare            # all
    python -m benchmarks.compare start tree # some
    python -m benchmarks.compare tree --tree ../yolov5

* ``start``: `deplint --version` against `python -c pass` (budget: 4x plus 0.1 s).
* ``hook``: a pre-commit run on five files (budget: a quarter of a second of CPU).
* ``tree``: a whole run on some 50 Python files of 16 thousand lines, CPU seconds, against flake8 (budget: 1.5x) and fixit (a tenth).
* ``onnx``: linting an ONNX file with one initializer of 1 GB against one of 1 MB (budget: 5 % of `onnx.load` more, 80 MB resident).

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
    path = folder / "big.onnx"
    big_model(path, GIGABYTE)
    big_model(folder / "small.onnx", 1 << 20)
    costs = measure(
        {
            "start": [*DEPLINT, "--no-progress", str(folder / "small.onnx")],
            "deplint": [*DEPLINT, "--no-progress", str(path)],
            "onnx.load": [sys.executable, "-c", f"import onnx; onnx.load({str(path)!r})"],
            "import": [sys.executable, "-c", "import onnx"],
        }
    )
    load = costs["onnx.load"].wall - costs["import"].wall
    extra = costs["deplint"].wall - costs["start"].wall
    report("onnx", f"{extra * 1000:.0f} ms more than a 1 MB file", extra / (0.05 * load), f"5 % of onnx.load ({load:.2f} s)")
    report("onnx", f"{costs['deplint'].memory:.0f} MB resident", costs["deplint"].memory / 80, "80 MB")


def big_model(path: Path, nbytes: int) -> None:
    """Write a model with one float32 initializer of that many bytes, without holding it in memory."""
    from onnx import TensorProto, helper

    elements = nbytes // 4
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[elements // 1024, 1024])
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "big",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", elements // 1024])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1024])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10).SerializeToString()

    def field(number: int, size: int) -> bytes:
        return varint(number << 3 | 2) + varint(size)

    # ModelProto.graph (7) is merged from its pieces; GraphProto.initializer is 5, TensorProto.raw_data 9.
    head = weight.SerializeToString()
    raw = field(9, nbytes)
    tensor = field(5, len(head) + len(raw) + nbytes)
    with open(path, "wb") as stream:
        stream.write(model + field(7, len(tensor) + len(head) + len(raw) + nbytes) + tensor + head + raw)
        stream.truncate(stream.tell() + nbytes)


def varint(value: int) -> bytes:
    """`value` as protobuf writes it."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def report(name: str, measured: str, share: float, budget: str) -> None:
    print(f"{name:6} {measured:45} {share:5.2f} of its budget: {budget}")


DEPLINT = [sys.executable, "-m", "deplint"]
PARTS: Mapping[str, Callable[[Path, Path | None], None]] = {"start": start, "hook": hook, "tree": tree, "onnx": onnx}


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
