"""List the rules: id, severity, name, summary."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from itertools import groupby

from deplint import plugins
from deplint.cli import Exit, UsageError
from deplint.names import Names, Unknown
from deplint.report.page import fixable


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="RULES", help="only these: ids, names, categories or leaves; default: all")
    parser.add_argument("--format", choices=["text", "json", "names"], default="text", help="default: text; names: ids and names only")


def main(args: Namespace) -> int:
    loaded = plugins.load()
    names = Names(loaded.rules)
    try:
        ids = {i for word in args.words for i in names.many(word)} if args.words else set(names.rules)
    except Unknown as error:
        raise UsageError(str(error)) from None
    rules = [rule for rule in loaded.rules if rule.id in ids]
    if args.format == "names":
        print("\n".join(word for rule in rules for word in (rule.id, rule.name)))
    elif args.format == "json":
        listed = [
            {
                "rule": rule.id,
                "name": rule.name,
                "category": rule.category,
                "severity": str(rule.severity),
                "summary": rule.summary,
                "leaves": list(rule.leaves),
                "since": dict(rule.since),
                "until": dict(rule.until),
                "fixable": fixable(rule),
                "opt_in": rule.opt_in,
                "options": {name: option.default for name, option in rule.options.items()},
                "references": list(rule.see),
            }
            for rule in rules
        ]
        print(json.dumps(listed, indent=2))
    else:
        for category, group in groupby(sorted(rules, key=lambda r: (r.category, r.id)), key=lambda r: r.category):
            print(category)
            for rule in group:
                print(f"  {rule.id} {rule.severity!s:<8}{rule.name}: {rule.summary}")
    for name, problem in loaded.broken:
        print(f"deplint: plugin {name!r} could not be loaded: {problem}", file=sys.stderr)
    return Exit.trouble if loaded.broken else Exit.clean
