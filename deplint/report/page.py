"""The page of a rule, as Markdown: what `deplint explain` prints, `docs/rules/` holds and SARIF carries as help."""

from __future__ import annotations

from collections.abc import Mapping

from deplint.declare import Rule
from deplint.own import OWN


def page(rule: Rule) -> str:
    """The docstring under a heading, with what is known of the rule: severity, leaves, versions, options, references."""
    summary, _, body = rule.doc.partition("\n")
    facts = [f"**{rule.severity}**", f"category `{rule.category}`"]
    if rule.leaves:
        facts.append("taxonomy " + ", ".join(rule.leaves))
    if any(True for _ in fixes(rule)):
        facts.append("fixable")
    if rule.opt_in:
        facts.append("runs only when selected by id or name")
    parts = [f"# {rule.id} {rule.name}", summary, " · ".join(facts)]
    bound = [*_bounds("from", rule.since), *_bounds("before", rule.until)]
    if bound:
        parts.append("Holds for " + ", ".join(bound) + "; silent where the project pins another version.")
    if body.strip():
        parts.append(body.strip())
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


def fixes(rule: Rule) -> list[str]:
    """Whether a rule has a fix is derived from its cases: a `fixed` fence is a fix that works."""
    return [line for line in rule.doc.split("\n") if line.startswith("```") and line.split()[1:2] == ["fixed"]]


def _bounds(word: str, versions: Mapping[str, str]) -> list[str]:
    return [f"{library} {word} {version} on" if word == "from" else f"{library} {word} {version}" for library, version in versions.items()]
