"""A progress bar on a terminal, for runs that take long enough to wonder."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from deplint.project import File

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

PATIENCE = 1.0
"""Seconds before a bar is shown."""


class Progress:
    """Call it with each file of `total`. It draws to standard error, only where that is a terminal, and cleans up after itself."""

    def __init__(self, total: int, wanted: bool = True) -> None:
        self.total = total
        self.wanted = wanted and sys.stderr.isatty()
        self.done = 0
        self.bar: Bar | None = None

    def __enter__(self) -> Progress:
        self.started = time.monotonic()
        return self

    def __call__(self, file: File) -> None:
        self.done += 1
        if not self.wanted or time.monotonic() - self.started < PATIENCE:
            return
        if self.bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
            from rich.progress import Progress as Bar

            self.bar = Bar(
                TextColumn("deplint"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.description}"),
                console=Console(stderr=True),
                transient=True,
            )
            self.task = self.bar.add_task("", total=self.total)
            self.bar.start()
        self.bar.update(self.task, completed=self.done, description=file.name)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.bar is not None:
            self.bar.stop()
