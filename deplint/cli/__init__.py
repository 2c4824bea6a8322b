"""The command line: one module a command, imported when it is called.

``deplint PATH...`` is ``deplint lint PATH...``.
"""

from __future__ import annotations

import enum
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


class Exit(enum.IntEnum):
    """What the exit code of every command means."""

    clean = 0
    findings = 1
    """Findings at or above `fail-on`; documented cases that fail."""
    trouble = 2
    """Wrong usage or configuration, a crash of deplint or of a plugin, or nothing to lint."""
    interrupted = 130
    """Ctrl-C."""


class UsageError(Exception):
    """What was asked for makes no sense; the message says why."""


COMMANDS = {
    "lint": "check files and folders (the default: `deplint PATH...`)",
    "explain": "say what a rule finds, why it matters, and what to do",
    "rules": "list the rules",
    "inspect": "print a model as deplint reads it",
    "matrix": "hold models against targets: what works where, and why not",
    "verify": "ask the real converters and runtimes, and compare with the matrix",
    "targets": "list the targets, with the versions known and their sources",
    "test": "run the documented cases of rules",
    "new": "write the file of a new rule",
    "completion": "print a completion script for bash, zsh or fish",
}


def run(arguments: Sequence[str]) -> int:
    """Run the command that `arguments` name and return its exit code."""
    if list(arguments) in (["--version"], ["-V"]):
        from deplint import __version__

        print(f"deplint {__version__}")
        return Exit.clean
    try:
        command, main = parser_of(arguments)
        rest = list(arguments[1:]) if arguments and arguments[0] in COMMANDS else list(arguments)
        code = main(command.parse_args(rest))
        sys.stdout.flush()
        return code
    except UsageError as error:
        print(f"deplint: {error}", file=sys.stderr)
        return Exit.trouble
    except KeyboardInterrupt:
        print("deplint: interrupted", file=sys.stderr)
        return Exit.interrupted
    except BrokenPipeError:
        # Whoever read the report has seen enough; what is left must not raise again when the interpreter flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.trouble
    except Exception:
        # Python would end with 1, which means findings.
        import traceback

        traceback.print_exc()
        print("deplint: this is a fault of deplint; please report it", file=sys.stderr)
        return Exit.trouble


def parser_of(arguments: Sequence[str]) -> tuple[argparse.ArgumentParser, Callable[[argparse.Namespace], int]]:
    """The parser and the main function of the command that `arguments` call."""
    name = arguments[0] if arguments and arguments[0] in COMMANDS else ""
    return command_parser(name)


def command_parser(name: str) -> tuple[argparse.ArgumentParser, Callable[[argparse.Namespace], int]]:
    """The parser and the main function of a command; "" is deplint itself, which lints."""
    import argparse
    from importlib import import_module

    module = import_module(f"deplint.cli.{name or 'lint'}")
    listing = "commands:\n" + "\n".join(f"  {command:<12}{about}" for command, about in COMMANDS.items())
    notes = "Exit code: 0 clean, 1 findings at or above --fail-on, 2 wrong usage, a crash, or nothing to lint."
    parser = argparse.ArgumentParser(
        prog=f"deplint {name}".strip(),
        usage=None if name else "deplint [PATH ...] [options]\n       deplint COMMAND ...",
        description=(module.__doc__ or "").split("\n\n")[0]
        if name
        else "A linter for deploying deep-learning models: code, exported models, settings.",
        epilog="" if name not in ("", "lint") else notes if name else f"{listing}\n\n{notes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if not name:
        parser.add_argument("-V", "--version", action="store_true", help="print the version and exit")
    module.add_arguments(parser)
    return parser, module.main
