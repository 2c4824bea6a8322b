"""Fuzz readers: ``python -m tests.fuzz READER... --seconds 60``, or ``all``; ``python -m tests.fuzz corpus READER FOLDER`` writes seeds.

Each reader is fuzzed in a process of its own. What ends it is kept beside the corpus, named by libFuzzer (``crash-...``), and said.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOME = Path(tempfile.gettempdir()) / "deplint-fuzz"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("readers", nargs="+", metavar="READER", help="names of targets, or 'all', or 'list'; or 'corpus READER FOLDER'")
    parser.add_argument("--runs", type=int, default=-1, help="executions of each")
    parser.add_argument("--seconds", type=int, default=0, help="time for each")
    parser.add_argument("--rules", action="store_true", help="run every rule on what was read, too")
    parser.add_argument("--home", type=Path, default=HOME, help="folder of the corpora and of what was found")
    parser.add_argument("--more", type=Path, action="append", default=[], metavar="FOLDER", help="more files to take seeds from")
    args = parser.parse_args()
    from tests.fuzz import corpus
    from tests.fuzz.targets import TARGETS

    if args.readers[0] == "corpus":
        _, name, folder = args.readers
        print(corpus.build(TARGETS[name], Path(folder), (corpus.DATA, *args.more)), "seeds")
        return 0
    if args.readers == ["list"]:
        print("\n".join(TARGETS))
        return 0
    names = [name for name in TARGETS for asked in args.readers if asked in ("all", name, name.partition(":")[0])]
    if not names:
        parser.error("no such target; 'list' lists them")
    found = 0
    for name in names:
        target = TARGETS[name]
        home = args.home / target.folder
        corpus.build(target, home / "corpus", (corpus.DATA, *args.more))
        (home / "words").write_text(corpus.dictionary(target))
        options = ["--rules"] if args.rules else []
        limits = [f"-runs={args.runs}", f"-max_total_time={args.seconds}", "-timeout=20", "-rss_limit_mb=2048"]
        files = [f"-dict={home / 'words'}", f"-artifact_prefix={home}/", str(home / "corpus")]
        command = [sys.executable, "-m", "tests.fuzz.child", name, *options, "--", *limits, *files]
        begun = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        (home / "log").write_text(done.stdout + done.stderr)
        print(row(name, done.stderr, time.monotonic() - begun), flush=True)
        if done.returncode or "\nDone " not in done.stderr:
            found += 1
            print(reason(done.stdout + done.stderr), flush=True)
    return 1 if found else 0


def row(name: str, log: str, seconds: float) -> str:
    """What a run did, as a row of the table in docs/fuzzing.md: executions, seconds, edges of the readers' code that were reached."""
    executions = max((int(number) for number in re.findall(r"^#(\d+)", log, re.MULTILINE)), default=0)
    edges = max((int(number) for number in re.findall(r"\bcov: (\d+)", log)), default=0)
    return f"| {name} | {executions:,} | {seconds:.0f} | {edges:,} |"


def reason(log: str) -> str:
    """The traceback, and where the file is that caused it."""
    lines = log.splitlines()
    start = next((i for i, line in enumerate(lines) if "Uncaught Python exception" in line or "ERROR:" in line), max(0, len(lines) - 20))
    return "\n".join([*lines[start : start + 40], *(line for line in lines[start + 40 :] if "Test unit written" in line)])


if __name__ == "__main__":
    sys.exit(main())
