"""Shell scripts, Makefiles and notebooks that convert or serve models: their commands, in order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from deplint.finding import Place
from deplint.model import Unreadable
from deplint.project import File
from deplint.settings import shell
from deplint.settings.containers import is_makefile, make_variables
from deplint.settings.text import Source, small


@dataclass
class Script:
    """The commands of one file."""

    path: str
    commands: list[shell.Command] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place(self.path)


def read_script(file: File) -> Script:
    """A shell script or a Makefile."""
    source = Source(file.shown, small(file, 1 << 19))
    make = is_makefile(file)
    variables = make_variables(source.text) if make else {}
    return Script(file.shown, shell.commands(source, variables=variables, make=make))


_LINE = re.compile(r"(?m)^[ \t]*!((?:[^\n]*\\\n)*[^\n]*)$")
_WHOLE = re.compile(r"\s*%%(?:bash|sh|script\s+(?:bash|sh))\b[^\n]*\n?")
_VALUE = re.compile(r"\{([^{}\n]*)\}")
"""What Python puts into a line for the shell."""


class _Cell(Source):
    """The text of a cell that is for the shell; the rest of it is blank."""

    def __init__(self, path: str, text: str, number: int) -> None:
        super().__init__(path, text)
        self.number = number

    def place(self, start: int, end: int | None = None) -> Place:
        found = super().place(start, end)
        return Place(found.path, replace(found.span, cell=self.number) if found.span else None, f"cell {self.number}")


def read_notebook(file: File) -> Script:
    """What a notebook's cells run in a shell: lines that begin with an exclamation mark, and cells that begin with ``%%bash``."""
    found = Script(file.shown)
    try:
        cells = file.notebook.cells
    except Unreadable:  # the notebook's own reader says what is wrong
        return found
    for number, cell in enumerate(cells, 1):
        text = _for_the_shell(cell.text.replace("\r\n", "\n")) if cell.code else ""  # a notebook's editor takes both for one
        if text.strip():
            found.commands += shell.commands(_Cell(file.shown, text, number))
    return found


def _for_the_shell(text: str) -> str:
    """A cell's text with blanks for all that the shell does not get, and variables nobody sets for what Python fills in."""
    whole = _WHOLE.match(text)
    if whole:
        return _blank(text[: whole.end()]) + text[whole.end() :]
    made, end = "", 0
    for match in _LINE.finditer(text):
        line = _VALUE.sub(lambda value: "$" + "_" * (len(value.group()) - 1), match[1])
        made += _blank(text[end : match.start(1)]) + line
        end = match.end()
    return made + _blank(text[end:])


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
