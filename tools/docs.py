"""Writes the generated pages below docs/: `python -m tools.docs`. A test fails when they differ from what this would write.

docs/rules/DPL201.md     a page a rule, from its docstring
docs/rules/index.md      the rules by category
docs/taxonomy.md         every leaf of the taxonomy with its rules
docs/configuration.md    the keys of the configuration
docs/formats.md          what is read of each format
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

from deplint import plugins
from deplint.config import KEYS
from deplint.declare import Rule
from deplint.formats import READERS
from deplint.formats.about import ABOUT, PARTS
from deplint.formats.artifact import KINDS
from deplint.own import CATEGORY, OWN
from deplint.project import File, Reader
from deplint.report.page import fixable, own_page, page

TAXONOMY_HEAD = """\
# The taxonomy, and what deplint checks of it

What people ask when they deploy deep-learning models falls into 72 kinds of problem, and 9 groups with no kinds within
them, on three platforms. The numbers count questions on Stack Overflow that were labelled by hand.
Source: {source}.

{ruled} of {leaves} have rules; they stand for {covered} of {total} questions ({share:.0%}). A rule for a kind of problem
finds some of its causes, seldom all."""

CONFIGURATION_HEAD = """\
# Configuration

One table, from the nearest file that has one; tables are never merged. In the folder of the first path that is linted,
and then in each above it up to the root of the repository, deplint looks for, in this order: `deplint.toml`;
`[tool.deplint]` in `pyproject.toml`; `[deplint]` in `setup.cfg`. `--config FILE` names one instead. A key deplint does
not know is an error. Paths and patterns are relative to the file's folder. Rules go by id or name everywhere."""

CONFIGURATION_FOOT = """\
## In setup.cfg

Lists are separated by commas or lines. Tables are sections of their own: `[deplint:severity]`, `[deplint:versions]`,
`[deplint:rules:DPL435]`; an entry of `ignore` with a reason is a section `[deplint:ignore:NAME]` with any name.

```ini
[deplint]
select = export, DPL201
exclude =
    third_party/
    *.ipynb

[deplint:severity]
DPL201 = warning

[deplint:ignore:legacy]
rule = DPL201
paths = legacy/
reason = replaced in May
until = 2027-05-31
```
"""

FORMATS_HEAD = """\
# What is read of each format

A file is known by what it holds; its name only says what it should hold. `deplint inspect FILE` prints what is read of it. Reading
takes time for the graph and not for the weights, runs nothing of a file, and opens nothing outside the model's folder. What is damaged,
cut short or hostile is a finding, in words.

Each reader is compared with the format's own library, on files that the exporters named here wrote."""

FORMATS_FOOT = """\
## Told apart

Of every file with a model's name deplint tells what it holds from its first bytes and, for an archive, from its directory, and whether
that is what the name promises: a Git LFS pointer, a page of HTML, an archive around the model are named as such. These are told apart,
whether or not there is a reader:"""

DOCS = Path(__file__).parents[1] / "docs"
TAXONOMY = Path(__file__).parents[1] / "deplint" / "data" / "taxonomy.json"
MODELS = Path(__file__).parents[1] / "tests" / "data" / "models"
NOTE = "<!-- Written by tools/docs.py; change its source instead. -->\n\n"


def pages() -> dict[str, str]:
    """Every generated page: its path below docs/ and its text."""
    rules = [rule for rule in plugins.load().rules if rule.check.__module__.startswith("deplint.rules.")]
    made = {f"rules/{rule.id}.md": page(rule) for rule in rules}
    made |= {f"rules/{id}.md": own_page(id) for id in OWN}
    made["rules/index.md"] = _index(rules)
    made["taxonomy.md"] = _taxonomy(rules)
    made["configuration.md"] = _configuration()
    made["formats.md"] = _formats()
    return {path: NOTE + text for path, text in sorted(made.items())}


def _index(rules: Iterable[Rule]) -> str:
    parts = ["# Rules"]
    by_category = sorted(rules, key=lambda r: (r.category, r.id))
    for category, group in groupby(by_category, key=lambda r: r.category):
        about = (import_module(f"deplint.rules.{category}").__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
        rows = [[f"[{r.id}]({r.id}.md)", f"`{r.name}`", r.summary, str(r.severity), "yes" if fixable(r) else ""] for r in group]
        parts.append(f"## {category}\n\n{about}\n\n" + _table(["id", "name", "finds", "severity", "fix"], rows))
    rows = [[f"[{id}]({id}.md)", f"`{own.name}`", own.summary, str(own.severity), ""] for id, own in OWN.items()]
    parts.append(f"## {CATEGORY}\n\nWhat deplint says about itself.\n\n" + _table(["id", "name", "finds", "severity", "fix"], rows))
    return "\n\n".join(parts) + "\n"


def _taxonomy(rules: Iterable[Rule]) -> str:
    data: dict[str, Any] = json.loads(TAXONOMY.read_text("utf-8"))
    of_leaf: dict[str, list[Rule]] = {}
    for rule in rules:
        for leaf in rule.leaves:
            of_leaf.setdefault(leaf, []).append(rule)
    leaves: list[dict[str, Any]] = data["leaves"]
    total = sum(leaf["posts"] for leaf in leaves)
    covered = sum(leaf["posts"] for leaf in leaves if leaf["id"] in of_leaf)
    ruled = sum(1 for leaf in leaves if leaf["id"] in of_leaf)
    head = {"source": data["source"], "ruled": ruled, "leaves": len(leaves), "covered": covered, "total": total, "share": covered / total}
    parts = [TAXONOMY_HEAD.format(**head)]
    for platform, group in groupby(leaves, key=lambda leaf: leaf["platform"]):
        parts.append(f"## {platform}")
        parts.append(_table(["id", "kind of problem", "questions", "rules"], [list(_leaf(leaf, of_leaf)) for leaf in group]))
    return "\n\n".join(parts) + "\n"


def _leaf(leaf: dict[str, Any], of_leaf: dict[str, list[Rule]]) -> Iterator[str]:
    yield leaf["id"]
    yield f"{leaf['category']}: {leaf['leaf']}" if leaf["leaf"] else leaf["category"]
    yield str(leaf["posts"])
    found = ", ".join(f"[{rule.id}](rules/{rule.id}.md) {rule.name}" for rule in of_leaf.get(leaf["id"], []))
    if leaf["checkable"] == "no":
        yield found or f"not statically checkable, because {leaf['unseen']}"
    else:
        limit = f" (checkable in part: {leaf['unseen']})" if leaf["unseen"] else ""
        yield (found or "no rule yet") + limit


def _configuration() -> str:
    keys = [f"## `{name}`\n\n{key.doc}\n\n```toml\n{key.example}\n```" for name, key in KEYS.items()]
    return "\n\n".join([CONFIGURATION_HEAD, *keys, CONFIGURATION_FOOT])


def _formats() -> str:
    readers: dict[str, list[Reader]] = {}
    for reader in READERS:
        if reader.name != "artifact":
            readers.setdefault(reader.name, []).append(reader)
    found = examples()
    rows = [[f"[{ABOUT[name].title}](#{name})", *("yes" if getattr(ABOUT[name], part) else "" for part in PARTS)] for name in readers]
    parts = [FORMATS_HEAD, _table(["", *PARTS], rows)]
    for name, group in readers.items():
        about = ABOUT[name]
        names = ", ".join(f"`{pattern}`" for pattern in dict.fromkeys(pattern for reader in group for pattern in reader.names))
        lines = {"files": names, "known by": about.known_by}
        lines |= {part: getattr(about, part) for part in PARTS} | {"not read": about.unread, "compared with": about.library}
        lines["written by"] = ", ".join(sorted({writer for writer in found.get(name, {}).values() if writer}))
        listed = "\n".join(f"* **{what}**: {text}" for what, text in lines.items() if text)
        parts.append(f'<a id="{name}"></a>\n\n## {about.title}\n\n{listed}')
    parts.append(f"{FORMATS_FOOT}\n\n" + "\n".join(f"* `{kind}`: {words}" for kind, words in KINDS.items()))
    return "\n\n".join(parts) + "\n"


def examples() -> Mapping[str, Mapping[str, str]]:
    """For each reader the files among the test data that it claims, and what wrote each (tests/data/models/written_by.json; "" by hand)."""
    writers: dict[str, str] = json.loads((MODELS / "written_by.json").read_text("utf-8"))
    found: dict[str, dict[str, str]] = {}
    for path in sorted(MODELS.glob("*/**/*")):
        file = File(path, path.relative_to(MODELS).as_posix())
        for reader in READERS if path.is_file() else ():
            if reader.name != "artifact" and reader.claims(file):
                writer = next((writer for pattern, writer in writers.items() if fnmatchcase(file.shown, pattern)), "")
                found.setdefault(reader.name, {})[file.shown] = writer
    return found


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    made = pages()
    (DOCS / "rules").mkdir(parents=True, exist_ok=True)
    for old in (DOCS / "rules").glob("*.md"):
        if f"rules/{old.name}" not in made:
            old.unlink()
    for path, text in made.items():
        (DOCS / path).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
