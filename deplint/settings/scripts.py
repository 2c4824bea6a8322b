"""Shell scripts and Makefiles that convert or serve models: their commands, in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from deplint.finding import Place
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
