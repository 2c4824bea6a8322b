"""``python -m tools.support``: see the package."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence

from deplint.targets.known import TARGETS
from tools.support import __doc__ as about
from tools.support import store
from tools.support.sources import Source, source, sources


def named(name: str) -> Source:
    """The source of a table, which may be called by its own name or by that of a target.

    Raises:
        KeyError: neither a table nor a target is called so, or the target has no table.
    """
    try:
        return source(name)
    except KeyError:
        return source(TARGETS[name].table)


def refresh(source: Source, versions: list[str]) -> None:
    """Ask for `versions` (all of the source's if none are named), and say what is new."""
    known = store.releases(source.name)
    facts: dict[str, dict[str, object]] = dict(store.meta(source.name).get("of", {}))
    for version in versions or source.releases:
        rows = source.rows(version)
        if source.release_facts is not None:
            facts[version] = dict(source.release_facts(version))
        changes = store.difference(known.get(version, ()), rows)
        print(f"{source.name} {version}: {len(rows)} rows, {len(changes)} operators changed")
        for change in changes if version in known else ():
            print(f"  {change}")
        known[version] = list(rows)
        # Written after each release: what took long is not lost.
        store.write(source.name, {**source.facts, **({"of": facts} if facts else {})}, known)


def check(table: str, folders: Sequence[str], pythons: Sequence[str]) -> None:
    """Measure how far the verdicts of the table's targets agree with the runtimes; without models to do so with, say how that is done."""
    targets = [target.name for target in TARGETS.values() if target.table == table]
    options = [word for name in targets for word in ("--target", name)] + [word for each in pythons for word in ("--python", each)]
    command = ["-m", "tools.agreement", *(folders or ["FOLDER..."]), *options]
    if targets and folders:
        subprocess.run([sys.executable, *command], check=True)
    elif targets:
        print(f"How far verdicts agree with the runtime now: python {' '.join(command)} [--write]")


def main() -> None:
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    wanted = commands.add_parser("refresh")
    wanted.add_argument("table", help="its name, or that of a target that has it")
    wanted.add_argument("versions", nargs="*")
    wanted.add_argument("--check", action="append", default=[], metavar="FOLDER", help="models to measure the agreement with afterwards")
    wanted.add_argument("--python", action="append", default=[], metavar="TARGET=PYTHON", help="as for tools.agreement")
    args = parser.parse_args()
    if args.command == "list":
        for name, found in sorted(sources().items()):
            print(f"{name:<28}{', '.join(store.meta(name).get('releases', ())) or 'not made yet'}  ({found.facts['source']})")
        return
    try:
        asked = named(args.table)
    except KeyError:
        parser.error(f"no table is called {args.table!r}: python -m tools.support list")
    refresh(asked, args.versions)
    check(args.table, args.check, args.python)


if __name__ == "__main__":
    main()
