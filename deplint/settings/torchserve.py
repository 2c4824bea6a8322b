"""TorchServe's ``config.properties``.

Source: docs/configuration.md of https://github.com/pytorch/serve.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from deplint.finding import Place
from deplint.project import File
from deplint.settings.text import Source, Word, small


@dataclass
class TorchServeConfig:
    """The settings by name; lists of models and JSON are as they are written."""

    path: str
    values: Mapping[str, Word] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        return Place(self.path)

    def on(self, name: str) -> bool:
        """It is set to true."""
        return name in self.values and (self.values[name].text or "").lower() == "true"


_LINE = re.compile(r"(?m)^[ \t]*([A-Za-z_][\w.]*)[ \t]*[=:][ \t]*((?:\\\n|[^\n])*)")
_UNKNOWN = re.compile(r"\$\{|\{\{|\$[A-Za-z_]")


def read_config(file: File) -> TorchServeConfig:
    """``config.properties``."""
    source = Source(file.shown, small(file))
    found = {}
    for match in _LINE.finditer(source.text):
        text = re.sub(r"\\\n[ \t]*", "", match[2]).strip()
        found[match[1]] = Word(
            None if _UNKNOWN.search(text) else text, source.place(match.start(1), match.start(1) + len(match[0].strip())), text
        )
    return TorchServeConfig(file.shown, found)
