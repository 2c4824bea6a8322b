"""``python -m tools.support``: see the package."""

from __future__ import annotations

import argparse

from tools.support import __doc__ as about
from tools.support import store
from tools.support.sources import Source, sources


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


def main() -> None:
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    wanted = commands.add_parser("refresh")
    wanted.add_argument("table")
    wanted.add_argument("versions", nargs="*")
    args = parser.parse_args()
    found = sources()
    if args.command == "list":
        for name in sorted(found):
            print(f"{name:<28}{', '.join(store.meta(name).get('releases', ())) or 'not made yet'}  ({found[name].facts['source']})")
        return
    refresh(found[args.table], args.versions)


if __name__ == "__main__":
    main()
