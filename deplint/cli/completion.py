"""Print a completion script for a shell: `eval "$(deplint completion bash)"`, or put it where your shell looks.

The script is made from the parsers of the commands, so that it knows every option; names of rules it asks deplint for.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from deplint.cli import COMMANDS, Exit, command_parser

NAMES = "deplint rules --format names 2>/dev/null"
"""What prints the words that ``explain`` and ``--select`` take."""

OF_RULES = ("explain", "test", "--select", "--ignore")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=sorted(SHELLS))


def main(args: argparse.Namespace) -> int:
    print("\n".join(SHELLS[args.shell]()))
    return Exit.clean


def _options(command: str) -> Iterator[argparse.Action]:
    parser, _ = command_parser(command)
    return (action for action in parser._actions if action.option_strings)


def _flags(command: str) -> str:
    return " ".join(flag for action in _options(command) for flag in action.option_strings)


def _choices() -> dict[str, str]:
    """The words an option with a fixed set of values takes, by ``command:option``."""
    actions = ((command, action) for command in ("*", *COMMANDS) for action in _options(command.strip("*")) if action.choices)
    return {f"{name}:{flag}": " ".join(map(str, action.choices or ())) for name, action in actions for flag in action.option_strings}


def _bash() -> Iterator[str]:
    yield "# bash completion for deplint"
    yield "_deplint() {"
    yield '  local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" command="${COMP_WORDS[1]}" words'
    yield '  case "$command:$before" in'
    for flag, words in _choices().items():
        yield f"""    {flag}) COMPREPLY=($(compgen -W "{words}" -- "$current")); return ;;"""
    yield "  esac"
    yield '  case "$command" in'
    for command in COMMANDS:
        yield f"""    {command}) words="{_flags(command)}" ;;"""
    yield f"""    *) words="{_flags("")}" ;;"""
    yield "  esac"
    of_rules = "|".join(f"*:{word}:*|*:*:{word}" for word in OF_RULES)
    yield f"""  case "$current:$before:$command" in -*) ;; {of_rules}) words="$({NAMES})" ;; esac"""
    yield f"""  [[ $COMP_CWORD == 1 && $current != -* ]] && words="{" ".join(COMMANDS)}\""""
    yield '  COMPREPLY=($(compgen -W "$words" -- "$current"))'
    yield "}"
    yield "complete -o default -F _deplint deplint"


def _zsh() -> Iterator[str]:
    yield "#compdef deplint"
    yield f'_deplint_rules() {{ compadd -- ${{(f)"$({NAMES})"}} }}'
    yield "_deplint() {"
    yield "  local -a commands=("
    for command, about in COMMANDS.items():
        yield f"    {_quote(f'{command}:{about}')}"
    yield "  )"
    yield "  (( CURRENT == 2 )) && _describe command commands"
    yield "  case $words[2] in"
    for command in (*COMMANDS, ""):
        words = [_zsh_argument(action) for action in _options(command)]
        rest = "_deplint_rules" if command in OF_RULES else "_files"
        yield f"    {command or '*'}) _arguments {' '.join(words)} '*: :{rest}' ;;"
    yield "  esac"
    yield "}"
    yield "compdef _deplint deplint"


def _zsh_argument(action: argparse.Action) -> str:
    about = (action.help or "").replace("[", "(").replace("]", ")").replace(":", ";")
    value = ""
    if action.nargs != 0:
        listed = f"({' '.join(map(str, action.choices))})" if action.choices else ""
        value = f":{action.metavar or 'value'}:" + (listed or ("_deplint_rules" if action.option_strings[0] in OF_RULES else "_files"))
    return " ".join(_quote(f"*{flag}[{about}]{value}") for flag in action.option_strings)


def _fish() -> Iterator[str]:
    for command, about in COMMANDS.items():
        yield f"complete -c deplint -n __fish_use_subcommand -a {command} -d {_quote(about)}"
    for command in ("", *COMMANDS):
        condition = f"__fish_seen_subcommand_from {command}" if command else f"not __fish_seen_subcommand_from {' '.join(COMMANDS)}"
        for action in _options(command):
            flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in action.option_strings)
            value = " -r" if action.nargs != 0 else ""
            if action.choices:
                value = f" -x -a {_quote(' '.join(map(str, action.choices)))}"
            elif action.option_strings[0] in OF_RULES:
                value = f" -x -a {_quote(f'({NAMES})')}"
            yield f"complete -c deplint -n {_quote(condition)} {flags}{value} -d {_quote(action.help or '')}"
        if command in OF_RULES:
            yield f"complete -c deplint -n {_quote(condition)} -f -a {_quote(f'({NAMES})')}"


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


SHELLS = {"bash": _bash, "zsh": _zsh, "fish": _fish}
