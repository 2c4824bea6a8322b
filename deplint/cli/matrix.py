"""Hold models against targets: what works where, and what keeps the rest from working.

A target is a runtime or a converter, perhaps at a version: onnxruntime-cpu, tflite==2.14, "onnxruntime-web-wasm>=1.17". `deplint targets`
lists them. Without --target, those that take the model's format are asked.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from deplint.cli import Exit, UsageError

if TYPE_CHECKING:
    from deplint.targets.subject import Subject


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL", help="model files, or folders with models")
    parser.add_argument(
        "--target", action="append", metavar="TARGET", help="NAME, NAME==VERSION or NAME>=VERSION; comma-separated or repeated"
    )
    parser.add_argument("--format", choices=["text", "json", "html"], default="text", help="default: text")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the matrix here instead of to standard output")


def main(args: Namespace) -> int:
    from deplint.targets import UnknownTarget, asked, split
    from deplint.targets.known import TARGETS
    from deplint.targets.matrix import judge, plain, subjects
    from deplint.targets.verdict import Verdict

    missing = [str(path) for path in args.models if not path.exists()]
    if missing:
        raise UsageError(f"no such file or folder: {', '.join(missing)}")
    try:
        targets = [asked(text) for text in split(args.target or ())]
    except UnknownTarget as error:
        raise UsageError(str(error)) from None
    found: Iterable[Subject] = subjects(args.models)
    if not targets:  # which to ask follows from all the models; else one is let go before the next is read
        found = list(found)
        formats = {subject.format for subject in found}
        targets = [asked(target.name) for target in TARGETS.values() if formats & set(target.takes)]
    judged = list(judge(found, targets))
    if not judged:
        raise UsageError("no model among " + ", ".join(map(str, args.models)))
    if args.format == "json":
        text = json.dumps(plain(judged), indent=2) + "\n"
    else:
        from importlib import import_module

        text = import_module(f"deplint.report.matrix_{args.format}").render(judged, targets)
    if args.output:
        args.output.write_text(text, "utf-8")
    else:
        sys.stdout.write(text)
    return Exit.findings if any(j.verdict is Verdict.fails for each in judged for j in each.judgements) else Exit.clean
