"""The matrix of models and targets for a terminal: a table of verdicts, then what is behind each that is not ok."""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from deplint.targets import Asked
from deplint.targets.matrix import Judged
from deplint.targets.verdict import Judgement, Reason, Verdict

MARKS = {
    Verdict.ok: ("✓", "green"),
    Verdict.degraded: ("~", "yellow"),
    Verdict.unknown: ("?", "dim"),
    Verdict.fails: ("✗", "bold red"),
}
LEGEND = "✓ ok   ~ degraded   ✗ fails   ? unknown"

REASONS = 4
"""Reasons that are shown of one model at one target; JSON has all."""


def render(judged: Sequence[Judged], targets: Sequence[Asked]) -> str:
    """Rows are the operators of a single model, or else the models; columns are the targets."""
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    console = Console(file=io.StringIO(), width=shutil.get_terminal_size((100, 0)).columns if terminal else 100, force_terminal=terminal)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("operator" if len(judged) == 1 else "model", overflow="fold", vertical="bottom")
    for target in targets:
        # A name is broken at its hyphens: ten columns fit a terminal.
        table.add_column(Text("\n".join(pieces(target)), justify="center"), justify="center", vertical="bottom", no_wrap=True)
    for name, cells in operators(judged[0]) if len(judged) == 1 else ((j.subject.shown, verdicts(j)) for j in judged):
        table.add_row(Text(name), *(Text(*MARKS[verdict]) if verdict is not None else "" for verdict in cells))
    if len(judged) == 1:
        console.print(Text.assemble((judged[0].subject.shown, "bold"), f"  {judged[0].subject.format}"))
    console.print(table)
    console.print(LEGEND, style="dim")
    for each in judged:
        for judgement in each.judgements:
            if judgement.reasons:
                console.print()
                console.print(_heading(each, judgement, len(judged) > 1))
                for line in _reasons(judgement.reasons):
                    console.print(Padding(line, (0, 0, 0, 2)))
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def pieces(target: Asked) -> Iterator[str]:
    """A target's name in parts, which stand one below the other at the head of a column."""
    yield from re.sub(r"(?<=\w)(runtime|network|program|torch\b)", r"-\1", target.target.name).split("-")
    if target.specifier:
        yield target.version


def verdicts(judged: Judged) -> list[Verdict | None]:
    return [judgement.verdict for judgement in judged.judgements]


def operators(judged: Judged) -> Iterator[tuple[str, list[Verdict | None]]]:
    """The operators some target has something to say about, then what is said of the file, then the whole model."""
    said = {(r.operator, number): r.verdict for number, j in enumerate(judged.judgements) for r in reversed(j.reasons)}
    names = dict.fromkeys(sorted(name for name, _ in said if name) + [name for name, _ in said if not name])
    for name in names:
        yield name or "(file)", [said.get((name, number)) for number in range(len(judged.judgements))]
    yield "all", verdicts(judged)


def _heading(judged: Judged, judgement: Judgement, named: bool) -> Text:
    version = f" {judgement.asked}" if judgement.asked else ""
    mark = Text(str(judgement.verdict), MARKS[judgement.verdict][1])
    return Text.assemble((f"{judged.subject.shown} on " if named else "", ""), (judgement.target + version, "bold"), ": ", mark)


def _reasons(reasons: Sequence[Reason]) -> Iterator[Text]:
    for reason in reasons[:REASONS]:
        number = f"{reason.count} × " if reason.count > 1 else ""
        place = f"  ({reason.locations[0]}{', …' if reason.count > 1 else ''})" if reason.locations else ""
        remedy = f"\n  → {reason.remedy}" if reason.remedy else ""
        yield Text.assemble((reason.rule, "dim"), " ", number, reason.message, (place, "dim"), (remedy, "italic"))
    if len(reasons) > REASONS:
        yield Text(f"and {len(reasons) - REASONS} more", "dim")
