"""Say what a rule finds, why it matters, and what to do about it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from deplint import plugins
from deplint.cli import Exit, UsageError
from deplint.names import Names, Unknown
from deplint.report.page import own_page, page


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("rule", nargs="+", metavar="RULE", help="id or name, as in DPL201")


def main(args: Namespace) -> int:
    names = Names(plugins.load().rules)
    try:
        ids = [names.one(word) for word in args.rule]
    except Unknown as error:
        raise UsageError(str(error)) from None
    text = "\n\n".join(page(names.rules[id]) if id in names.rules else own_page(id) for id in ids)
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(text))
    else:
        sys.stdout.write(text)
    return Exit.clean
