"""The documented cases of a rule: fences in its docstring (or in a Markdown file) that are examples and tests at once.

    ```python bad
    torch.onnx.export(model, x, "net.onnx")  # <- why this line is reported
    ```

The fence's first word is a language, its second a verdict:

* ``bad``: findings of the rule are exactly on the marked lines;
* ``fixed``: applying the fixes to the ``bad`` case above gives this, and the rule is silent on it;
* ``good``: the rule is silent;
* ``missed``: the marked lines should be reported and are not; ``noisy``: the marked lines are reported and should not be. Both fail when
  that changes, so that the documentation follows;
* ``+``: one more file of the case above.

`docs/writing-rules.md` has the whole grammar.
"""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deplint import config, fix
from deplint.declare import Rule
from deplint.engine import Report, check
from deplint.finding import Finding
from deplint.model import Model
from deplint.names import Names
from deplint.project import File, Project, Reader

VERDICTS = ("bad", "fixed", "good", "missed", "noisy")

FILE_NAMES: Mapping[str, str] = {
    "python": "example.py", "javascript": "example.js", "js": "example.js", "typescript": "example.ts", "ts": "example.ts",
    "html": "index.html", "java": "Example.java", "kotlin": "Example.kt", "swift": "Example.swift", "objc": "Example.m",
    "dart": "example.dart",
    "dockerfile": "Dockerfile", "requirements": "requirements.txt", "toml": "pyproject.toml", "yaml": "config.yaml", "json": "model.json",
    "gradle": "build.gradle", "groovy": "build.gradle", "ruby": "Podfile", "pbtxt": "config.pbtxt", "ini": "setup.cfg",
    "bash": "run.sh", "sh": "run.sh", "shell": "run.sh", "graph": "model.onnx",
}  # fmt: skip
"""The file a fence is without ``path=``, by language."""

_FENCE = re.compile(r"^(`{3,})\s*(.*)$")
_MARK = re.compile(r"\s*(?:#|//|<!--|/\*|--|;)\s*<-.*$")
_BARE_MARK = re.compile(r"\s+(?:#\s*)?<-.*$")
_CELL = re.compile(r"^# %%.*$", re.MULTILINE)


Spot = tuple[str, int | None, int]
"""A file, a notebook's cell, and a line."""


class CaseError(Exception):
    """A fence is not as the grammar wants it. The message says where and why."""


@dataclass
class Example:
    """One file of a case. `marked` are the lines (from 1; in a notebook with the cell) on which findings are expected."""

    path: str
    language: str
    text: str
    marked: frozenset[tuple[int | None, int]] = frozenset()

    @property
    def content(self) -> bytes:
        if self.language == "hex":
            return bytes.fromhex(self.text)
        if self.path.endswith(".ipynb") and self.language == "python":
            return _notebook(self.text).encode()
        return self.text.encode()


@dataclass
class Case:
    """A small project and what a rule says of it. `fixed` is what its files become, where the case says so."""

    rule: Rule
    verdict: str
    where: str
    """The file and line of the fence, for messages."""
    examples: list[Example]
    versions: dict[str, str] = field(default_factory=dict)
    targets: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    fixed: list[Example] = field(default_factory=list)
    number: int = 1

    def __str__(self) -> str:
        return f"{self.rule.id}-{self.verdict}-{self.number}"


def collect(rule: Rule) -> list[Case]:
    """The cases in a rule's docstring.

    Raises:
        CaseError: a fence is malformed.
    """
    return _cases(rule, rule.doc.split("\n"), rule.check.__module__)


def collect_file(path: Path, names: Names) -> list[Case]:
    """The cases in a Markdown file. A first-level heading names the rule (id or name) that the fences below it are about.

    Raises:
        CaseError: a fence is malformed or stands under no rule.
        Unknown: a heading names no rule.
    """
    cases: list[Case] = []
    rule: Rule | None = None
    chunk: list[str] = []
    lines = path.read_text("utf-8").split("\n")
    fenced = ""
    start = 0
    for number, line in enumerate([*lines, "# "]):
        fence = _FENCE.match(line)
        if fence and (not fenced or line.strip() == fenced):
            fenced = "" if fenced else fence[1]
        if line.startswith("# ") and not fenced:
            if rule is not None:
                cases += _cases(rule, chunk, path.name, start)
            elif any(_FENCE.match(text) for text in chunk):
                raise CaseError(f"{path.name}: a fence stands above the first `# RULE` heading")
            if line.strip() != "#":
                rule = names.rules[names.one(line[2:].split()[0].rstrip(":,"))]
            chunk, start = [], number + 1
        else:
            chunk.append(line)
    return cases


def _cases(rule: Rule, lines: Sequence[str], source: str, start: int = 0) -> list[Case]:
    cases: list[Case] = []
    number = 0
    last_end = -1
    last_verdict = ""
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        if not fence:
            number += 1
            continue
        opened = number
        where = f"{source}:{start + opened + 1}"
        while (number := number + 1) < len(lines) and lines[number].strip() != fence[1]:
            pass
        if number == len(lines):
            raise CaseError(f"{where}: a fence is never closed")
        body = lines[opened + 1 : number]
        number += 1
        words = shlex.split(fence[2])
        if len(words) < 2 or words[1] not in (*VERDICTS, "+"):
            continue
        language, verdict = words[:2]
        settings = dict(word.partition("=")[::2] for word in words[2:])
        example = _example(language, body, settings, where)
        adjacent = not any(line.strip() for line in lines[last_end:opened]) and last_end >= 0
        joins = verdict == "+" or (verdict == last_verdict and adjacent and "path" in settings)
        if verdict == "fixed" or (joins and last_verdict == "fixed"):
            if not cases or cases[-1].verdict != "bad":
                raise CaseError(f"{where}: `fixed` stands below no `bad`")
            cases[-1].fixed.append(example)
            last_verdict = "fixed"
        elif joins:
            if not cases:
                raise CaseError(f"{where}: `+` stands below no case")
            cases[-1].examples.append(example)
        else:
            same = sum(1 for case in cases if case.verdict == verdict)
            cases.append(Case(rule, verdict, where, [example], number=same + 1))
            last_verdict = verdict
        last_end = number
        _settings(cases[-1], settings, where)
        paths = [e.path for e in cases[-1].examples]
        if len(set(paths)) < len(paths):
            raise CaseError(f"{where}: two files of the case are called {example.path}")
    return cases


def _settings(case: Case, settings: Mapping[str, str], where: str) -> None:
    """Take ``versions=``, ``targets=`` and options of the rule from a fence's line."""
    for key, value in settings.items():
        if key == "versions":
            pairs = (pin.partition("==")[::2] for pin in value.split(","))
            case.versions |= {library.strip(): version.strip() for library, version in pairs}
        elif key == "targets":
            case.targets += [target.strip() for target in value.split(",")]
        elif key not in ("path", "line"):
            try:
                case.options |= config.options(case.rule, {key: value})
            except config.ConfigError as error:
                raise CaseError(f"{where}: {error}") from None


def _example(language: str, body: Sequence[str], settings: Mapping[str, str], where: str) -> Example:
    path = settings.get("path") or FILE_NAMES.get(language)
    if not path:
        raise CaseError(f"{where}: a {language} fence needs path=")
    mark = _BARE_MARK if language == "graph" else _MARK
    marked = {int(line) for line in settings.get("line", "").split(",") if line}
    text: list[str] = []
    for number, line in enumerate(body, 1):
        clean = mark.sub("", line)
        if clean != line:
            marked.add(number)
        text.append(clean)
    joined = "\n".join(text) + "\n"
    if path.endswith(".ipynb") and language == "python":
        return Example(path, language, joined, frozenset(_in_cells(joined, marked)))
    return Example(path, language, joined, frozenset((None, line) for line in marked))


def _in_cells(text: str, marked: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Lines of a notebook written with ``# %%`` between its cells, as (cell, line in it)."""
    starts = [text.count("\n", 0, found.start()) + 1 for found in _CELL.finditer(text)] or [0]
    for line in marked:
        cell = max(i for i, start in enumerate(starts, 1) if start < line)
        yield cell, line - starts[cell - 1]


def _notebook(text: str) -> str:
    import json

    first, *rest = _CELL.split(text)
    cells = [source.removeprefix("\n").rstrip("\n") for source in rest or [first]]
    return json.dumps(
        {
            "cells": [
                {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source.splitlines(keepends=True)}
                for source in cells
            ],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 5,
        },
        indent=1,
    )


class _Examples(Project):
    """The files of a case. Those of graph fences hold the text form of a model, whatever their name promises."""

    def __init__(self, root: Path, files: Iterable[File], readers: Iterable[Reader], case: Case, graphs: set[str]) -> None:
        super().__init__(root, files, readers, case.versions, targets=case.targets)
        self.graphs = graphs

    def claims(self, file: File) -> list[Reader]:
        return [_GRAPH] if file.shown in self.graphs else super().claims(file)


def read_graph(file: File) -> Model:
    from deplint.model.text import parse_model

    return parse_model(file.text, file.shown)


_GRAPH = Reader("graph", (), "deplint.cases:read_graph", artifact=True)


def run(case: Case, readers: Sequence[Reader] | None = None) -> list[str]:
    """What is wrong with a case: sentences, none if it holds. `readers` default to those of all plugins."""
    if readers is None:
        from deplint import plugins

        readers = plugins.load().readers
    with tempfile.TemporaryDirectory(prefix="deplint-case-") as folder:
        root = Path(folder).resolve()
        files: list[File] = []
        for example in case.examples:
            path = root / example.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(example.content)
            files.append(File(path, path.as_posix()))
        return [f"{case.where}: {problem}" for problem in _judge(case, root, files, readers)]


def _judge(case: Case, root: Path, files: list[File], readers: Sequence[Reader]) -> Iterator[str]:
    graphs = {(root / example.path).as_posix() for example in case.examples if example.language == "graph"}

    def lint(edited: Mapping[str, File]) -> Report:
        now = [edited.get(file.shown, file) for file in files]
        return check(_Examples(root, now, readers, case, graphs), now, [case.rule], {case.rule.id: case.options})

    report = lint({})
    if report.crashes:
        yield report.crashes[0]
        return
    for finding in report.findings:
        if finding.rule == "DPL005":
            yield f"{_short(finding, root)}: {finding.message}"
    assert report.project is not None
    if not any(case.rule.lints(type(facts)) for file in files for facts in report.project.facts(file)):
        subject = " or ".join(name.rpartition(".")[2] for name in case.rule.subjects)
        yield f"nothing in it is read as {subject}, so it tests nothing; is `path=` right?"
    found = {spot for f in report.findings if f.rule == case.rule.id for spot in _spots(f, root, report.project)}
    marked = {(example.path, *spot) for example in case.examples for spot in example.marked}
    expected: set[Spot] = set() if case.verdict in ("good", "missed") else marked
    if case.verdict in ("bad", "missed", "noisy") and not marked:
        yield f"a `{case.verdict}` case marks no line with `<-`"
    if case.verdict == "missed" and found == marked:
        yield "is reported now: call it `bad`"
    elif case.verdict == "noisy" and not found:
        yield "is silent now: call it `good`"
    elif found != expected:
        yield from (f"not reported: {_say(spot)}" for spot in sorted(expected - found, key=_say))
        messages = {spot: f.message for f in report.findings if f.rule == case.rule.id for spot in _spots(f, root, report.project)}
        yield from (f"reported, but not marked: {_say(spot)}: {messages[spot]}" for spot in sorted(found - expected, key=_say))
    if case.fixed:
        yield from _judge_fix(case, root, report, lint)


def _judge_fix(case: Case, root: Path, report: Report, lint: Callable[[Mapping[str, File]], Report]) -> Iterator[str]:
    done = fix.rounds(report, lint, unsafe=True)
    yield from done.refused
    for wanted in case.fixed:
        now = done.files.get((root / wanted.path).as_posix())
        text = now.content.decode() if now else next((e.text for e in case.examples if e.path == wanted.path), None)
        if text is None:
            yield f"`fixed` has a file {wanted.path} that `bad` has not"
        elif text != wanted.content.decode():
            yield f"the fix gives another text for {wanted.path}:\n{text}"
    for finding in done.report.findings:
        if finding.rule == case.rule.id:
            yield f"still reported after the fix: {_short(finding, root)}: {finding.message}"


def _short(finding: Finding, root: Path) -> str:
    return finding.path.removeprefix(root.as_posix() + "/")


def _say(spot: Spot) -> str:
    path, cell, line = spot
    return f"{path}:cell {cell}:{line}" if cell else f"{path}:{line}"


def _spots(finding: Finding, root: Path, project: Project) -> Iterator[Spot]:
    """The lines a finding is about. One about a whole file or model is on its first line."""
    path = _short(finding, root)
    if finding.span:
        yield path, finding.span.cell, finding.span.line
        return
    file = project.file(Path(finding.path))
    models = [facts for facts in project.facts(file) if isinstance(facts, Model)] if file else []
    lines = _graph_lines(file.lines, models[0]) if file and models and finding.path in _graphs(project) else {}
    for where in (finding.place.where, *finding.also):
        yield path, None, lines.get(where, 1)


def _graphs(project: Project) -> set[str]:
    return project.graphs if isinstance(project, _Examples) else set()


def _graph_lines(lines: Sequence[str], model: Model) -> dict[str, int]:
    """The lines of the text of a model on which things are, by what places call them: ``main:op[3](Conv, "c1")``, ``tensor "x"``.

    Operators stand in the text in the order in which a walk meets them.
    """
    found: dict[str, int] = {}
    ops = model.ops()
    for number, line in enumerate(lines, 1):
        kind, _, rest = line.strip().partition(" ")
        name = rest.strip('"') if rest.startswith('"') else rest.partition(" ")[0]
        if kind == "op":
            graph, op = next(ops)
            found[model.at(graph, op).where] = number
            for output in op.outputs:
                found.setdefault(f'tensor "{output}"', number)
        elif kind in ("input", "output", "weight", "tensor"):
            found.setdefault(f'tensor "{name}"', number)
        elif kind not in ("model", "graph"):
            found.setdefault(f"{kind} {name}", number)
            found.setdefault(f'{kind} "{name}"', number)
    return found
