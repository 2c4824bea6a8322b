"""The page of a rule, as Markdown: what `deplint explain` prints, `docs/rules/` holds and SARIF carries as help."""

from __future__ import annotations

import re
from collections.abc import Mapping

from deplint.declare import Rule
from deplint.own import OWN

LABELS = {
    "bad": "Reported",
    "fixed": "After the fix",
    "good": "Not reported",
    "missed": "Not reported today, though it should be",
    "noisy": "Reported today, though it should not be",
    "+": "with",
}
"""What stands above an example, by its verdict (`deplint.cases`)."""

_FENCE = re.compile(rf"^(`{{3,}})(\w+) ({'|'.join(map(re.escape, LABELS))})(?= |$)(.*)$", re.MULTILINE)
_PLAIN = {"graph", "hex", "requirements"}
"""Languages of fences that no highlighter knows."""


def page(rule: Rule) -> str:
    """The docstring under a heading, with what is known of the rule: severity, leaves, versions, options, references."""
    summary, _, body = rule.doc.partition("\n")
    facts = [f"**{rule.severity}**", f"category `{rule.category}`"]
    if rule.leaves:
        facts.append("taxonomy " + ", ".join(rule.leaves))
    if fixable(rule):
        facts.append("fixable")
    if rule.opt_in:
        facts.append("runs only when selected by id or name")
    parts = [f"# {rule.id} {rule.name}", summary, " · ".join(facts)]
    bound = [*_bounds("from", rule.since), *_bounds("before", rule.until)]
    if bound:
        parts.append("Holds for " + ", ".join(bound) + "; silent where the project pins another version.")
    if body.strip():
        parts.append(_FENCE.sub(_label, body.strip()))
    if rule.options:
        rows = "\n".join(f"- `rules.{rule.id}.{name} = {option.default!r}`" for name, option in rule.options.items())
        parts.append(f"## Options\n\n{rows}")
    if rule.see:
        parts.append("## See also\n\n" + "\n".join(f"- <{link}>" for link in rule.see))
    return "\n\n".join(parts) + "\n"


def own_page(id: str) -> str:
    """The page of one of deplint's own findings."""
    own = OWN[id]
    summary, _, body = own.doc.partition("\n")
    return f"# {id} {own.name}\n\n{summary}\n\n**{own.severity}** · category `deplint`\n\n{body.strip()}\n"


def fixable(rule: Rule) -> bool:
    """Whether a rule has a fix, which its cases say: below a `fixed` fence stands a fix that works."""
    return any(fence[3] == "fixed" for fence in _FENCE.finditer(rule.doc))


def _label(fence: re.Match[str]) -> str:
    """The first line of an example as people want it: what the verdict means and which file it is, then a plain fence."""
    ticks, language, verdict, rest = fence.groups()
    path = re.search(r"\bpath=(\S+)", rest)
    name = f" (`{path[1]}`)" if path else ""
    return f"{LABELS[verdict]}{name}:\n\n{ticks}{'text' if language in _PLAIN else language}"


def _bounds(word: str, versions: Mapping[str, str]) -> list[str]:
    return [f"{library} {word} {version} on" if word == "from" else f"{library} {word} {version}" for library, version in versions.items()]
