"""Run the documented cases of rules: the fences in their docstrings, and in Markdown files."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from deplint import plugins
from deplint.cases import Case, CaseError, collect, collect_file, run
from deplint.cli import Exit, UsageError
from deplint.names import Names, Unknown
from deplint.report import count


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="*",
        metavar="WHAT",
        help="rules (id or name), packages of rules (dotted name), Markdown files with cases; default: every rule",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="name also the cases that hold")


def main(args: Namespace) -> int:
    sys.path.insert(0, "")  # a package in the working folder need not be installed
    loaded = plugins.load(word for word in args.what if _is_package(word))
    names = Names(loaded.rules)
    cases: list[Case] = []
    try:
        for word in args.what or sorted(names.rules):
            if word.endswith(".md"):
                cases += collect_file(Path(word), names)
                continue
            rules = [r for r in loaded.rules if f"{r.check.__module__}.".startswith(f"{word}.")] or [
                names.rules[i] for i in sorted(names.many(word))
            ]
            for rule in rules:
                own = collect(rule)
                if not own:
                    raise UsageError(f"{rule.id} {rule.name} has no cases")
                cases += own
    except (CaseError, Unknown, OSError) as error:
        raise UsageError(str(error)) from None
    failed = 0
    for case in cases:
        problems = run(case, loaded.readers)
        failed += bool(problems)
        if problems or args.verbose:
            print(f"{'FAILED' if problems else 'ok    '} {case} {case.rule.name}")
        for problem in problems:
            print("    " + problem.replace("\n", "\n    "))
    for name, problem in loaded.broken:
        print(f"FAILED {name} could not be loaded: {problem}")
    print(f"{count(len(cases), 'case')}, {failed} failed.")
    return Exit.findings if failed or loaded.broken else Exit.clean


def _is_package(word: str) -> bool:
    """Whether a word is the dotted name of a package rather than a rule or a file."""
    from importlib.util import find_spec

    try:
        return not word.endswith(".md") and find_spec(word) is not None
    except (ImportError, ValueError):
        return False
