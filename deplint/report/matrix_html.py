"""The matrix as one page that stands alone: no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from deplint import __version__
from deplint.report.matrix_text import MARKS, operators, pieces, verdicts
from deplint.targets import Asked
from deplint.targets.matrix import Judged
from deplint.targets.verdict import Reason, Verdict

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --ok: #1a7f37; --degraded: #9a6700; --fails: #cf222e; --unknown: #6e7781; }
@media (prefers-color-scheme: dark) { :root { --ok: #3fb950; --degraded: #d29922; --fails: #f85149; --unknown: #8b949e; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: center; }
thead th { font-weight: 600; vertical-align: bottom; }
tbody th { font: 13px ui-monospace, monospace; text-align: left; overflow-wrap: anywhere; }
td span { border-radius: 4px; display: inline-block; font-weight: 600; min-width: 4.6em; }
tr:last-child > * { border-bottom: 2px solid var(--line); }
.ok { color: var(--ok) } .degraded { color: var(--degraded) } .fails { color: var(--fails) } .unknown { color: var(--unknown) }
.scroll { overflow-x: auto }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .3rem; } h2 code { font-weight: 400 }
li { margin: .35rem 0 } small, .remedy { color: var(--unknown) } footer { color: var(--unknown); margin-top: 2rem }
"""


def render(judged: Sequence[Judged], targets: Sequence[Asked]) -> str:
    """Rows are the operators of a single model, or else the models; columns are the targets; reasons stand below."""
    title, runs = (judged[0].subject.shown, "runs") if len(judged) == 1 else (f"{len(judged)} models", "run")
    rows = operators(judged[0]) if len(judged) == 1 else ((each.subject.shown, verdicts(each)) for each in judged)
    heads = "".join(f"<th scope=col>{'<br>'.join(map(escape, pieces(target)))}</th>" for target in targets)
    body = "\n".join(f"<tr><th scope=row>{escape(name)}</th>{''.join(map(_cell, cells))}</tr>" for name, cells in rows)
    reasons = "\n".join(_reasons(judged))
    return (
        f"<!doctype html>\n<html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\n"
        f"<title>Where {escape(title)} {runs}</title>\n<style>{_STYLE}</style>\n<h1>Where <code>{escape(title)}</code> {runs}</h1>\n"
        f"<div class=scroll><table><thead><tr><th></th>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>\n{reasons}\n"
        f"<footer>deplint {escape(__version__)}: ok, degraded, fails, unknown</footer>\n</html>\n"
    )


def _cell(verdict: Verdict | None) -> str:
    return "<td></td>" if verdict is None else f"<td><span class={verdict}>{MARKS[verdict][0]} {verdict}</span></td>"


def _reasons(judged: Sequence[Judged]) -> Iterator[str]:
    for each in judged:
        for judgement in each.judgements:
            if judgement.reasons:
                version = f" {judgement.asked}" if judgement.asked else ""
                model = f"<code>{escape(each.subject.shown)}</code> on " if len(judged) > 1 else ""
                verdict = f"<span class={judgement.verdict}>{judgement.verdict}</span>"
                yield f"<h2>{model}{escape(judgement.target + version)}: {verdict}</h2>\n<ul>"
                yield from map(_reason, judgement.reasons)
                yield "</ul>"


def _reason(reason: Reason) -> str:
    count = f"{reason.count} × " if reason.count > 1 else ""
    places = (
        f" <small>{escape(', '.join(reason.locations))}{', …' if reason.count > len(reason.locations) else ''}</small>"
        if reason.locations
        else ""
    )
    remedy = f"<br><span class=remedy>→ {escape(reason.remedy)}</span>" if reason.remedy else ""
    return f"<li>{count}{escape(reason.message)}{places} <small>{escape(reason.rule)}; {escape(reason.source)}</small>{remedy}</li>"
