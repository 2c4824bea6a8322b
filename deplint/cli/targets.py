"""List the targets: runtimes and converters, the versions deplint knows, and where the knowledge is from."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace

from deplint.cli import Exit


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")


def main(args: Namespace) -> int:
    from deplint.targets.known import TARGETS

    rows = [
        {
            "target": target.name,
            "title": target.title,
            "takes": list(target.takes),
            "releases": list(target.releases),
            "source": target.meta["source"],
            "date": target.meta["date"],
        }
        for target in TARGETS.values()
    ]
    if args.format == "json":
        print(json.dumps(rows, indent=2))
        return Exit.clean
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("target", "versions", "known from", "date"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "target")
    for row in rows:
        releases = row["releases"]
        known = f"{releases[0]} to {releases[-1]}" if len(releases) > 1 else releases[0] if releases else ""
        table.add_row(str(row["target"]), known, str(row["source"]), str(row["date"]))
    # A pipe has no width: the sources would be folded for nothing.
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    return Exit.clean
