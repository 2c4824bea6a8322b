"""Ask the real converters and runtimes what `deplint matrix` says of a model, and compare.

Each runs in a process of its own, with limits of time and memory. What is not installed is said, not guessed: the extras of deplint install
what pip can. Answers are kept by the content of the model.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Any

from deplint.cli import Exit, UsageError


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL", help="model files, or folders with models")
    parser.add_argument(
        "--target", action="append", metavar="TARGET", help="what to ask; default: all that take the model and are installed"
    )
    parser.add_argument("--python", action="append", default=[], metavar="TARGET=PYTHON", help="the Python that has a target's runtime")
    parser.add_argument("--numeric", action="store_true", help="compare what source and converted model compute, where that is possible")
    parser.add_argument(
        "--inputs",
        type=Path,
        metavar="FILE",
        help="an .npz file with an array for each input, to compare numbers with, besides random ones",
    )
    parser.add_argument("--timeout", type=float, default=120, metavar="SECONDS", help="time for one model; default: 120")
    parser.add_argument("--no-cache", action="store_true", help="ask again what was asked before")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")


def main(args: Namespace) -> int:
    from deplint.targets import UnknownTarget, asked
    from deplint.targets.known import TARGETS
    from deplint.targets.matrix import subjects
    from deplint.verify import KNOWN, Asking, default_cache

    missing = [str(path) for path in (*args.models, *([args.inputs] if args.inputs else ())) if not path.exists()]
    if missing:
        raise UsageError(f"no such file or folder: {', '.join(missing)}")
    try:
        named = [asked(text).target for texts in args.target or () for text in texts.split(",")]
    except UnknownTarget as error:
        raise UsageError(str(error)) from None
    pythons = dict(_pair(text) for text in args.python)
    rows: list[dict[str, Any]] = []
    with Asking(pythons, None if args.no_cache else default_cache(), args.timeout) as asking:
        for subject in subjects(args.models):
            path = subject.path.parent if subject.path.name in ("saved_model.pb", "saved_model.pbtxt", "Manifest.json") else subject.path
            for target in named or [TARGETS[n] for o in KNOWN for n in o.targets if n in TARGETS and subject.format in TARGETS[n].takes]:
                answer = asking.ask(path, target.name, args.numeric or args.inputs is not None, args.inputs)
                judgement = asked(f"{target.name}=={answer.version.split()[0]}" if answer.version else target.name).judge(subject)
                rows.append(
                    {
                        "path": subject.shown,
                        "target": target.name,
                        "version": answer.version,
                        "works": answer.works,
                        "error": answer.error,
                        "difference": answer.difference if answer.difference not in (None, inf) else None,
                        "tolerance": answer.tolerance,
                        "differs": answer.differs,
                        "numbers": answer.numbers,
                        "verdict": str(judgement.verdict),
                        "agrees": _agrees(answer.works, str(judgement.verdict)),
                    }
                )
    if args.format == "json":
        print(json.dumps({"schema": "deplint/verify/1", "answers": rows}, indent=2))
    else:
        sys.stdout.writelines(line + "\n" for row in rows for line in _lines(row))
    return Exit.findings if any(row["works"] is False or row["agrees"] is False or row["differs"] for row in rows) else Exit.clean


def _agrees(works: bool | None, verdict: str) -> bool | None:
    """Whether the verdict says what the runtime does; None where either says nothing."""
    return None if works is None or verdict == "unknown" else works == (verdict != "fails")


def _lines(row: dict[str, Any]) -> Iterator[str]:
    version = f" {row['version']}" if row["version"] else ""
    did = {True: "works", False: "fails", None: "not asked"}[row["works"]]
    agreement = ": they DISAGREE" if row["agrees"] is False else ""
    yield f"{row['path']} on {row['target']}{version}: {did}; deplint says {row['verdict']}{agreement}"
    if row["error"]:
        yield "    " + row["error"].strip().splitlines()[0][:300]
    if row["differs"] is not None:
        same = "the numbers are DIFFERENT" if row["differs"] else "the numbers are the same"
        off = (
            "in shape, in text, or where they are no finite numbers"
            if row["difference"] is None
            else f"by {row['difference']:.2g} of the largest"
        )
        yield f"    {same}: off {off}, {row['tolerance']:.2g} is allowed ({row['numbers']})"
    elif row["numbers"]:
        yield f"    numbers: {row['numbers']}"


def _pair(text: str) -> tuple[str, str]:
    target, equals, python = text.partition("=")
    if not equals:
        raise UsageError(f"--python wants TARGET=PYTHON, not {text!r}")
    return target, python
