"""Code, model and build held against each other: consistent projects, and each of them with one thing changed.

A file of `tests/crosschecks` is a project, written in fences, and a table of changes: which rule has to speak up where, if that text
of that file is replaced. As it stands a project is silent; changed, it has the findings of its row and no others. Sizes, numbers of
classes and names (``§size``) are drawn from a seed, so that no rule can know them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

import pytest

from deplint import plugins
from deplint.engine import check
from deplint.project import File, Project, Reader

FOLDER = Path(__file__).with_name("crosschecks")
SEEDS = (1, 2)

_FENCE = re.compile(r"^```(\w+) path=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| (DPL\d+) \| (\S+) \| `(.+?)` \| (?:`(.+?)`)? *\| *(\S*) *\|$", re.MULTILINE)
_READER = Reader("graph", (), "deplint.cases:read_graph", artifact=True)


class _Text(Template):
    delimiter = "§"


@dataclass(frozen=True)
class Change:
    """`before`, in the file `path`, becomes `after`; then `rule` has a finding in the file `at`."""

    rule: str
    path: str
    before: str
    after: str
    at: str

    def __str__(self) -> str:
        return f"{self.rule}-{Path(self.path).name}-{re.sub(r'[^A-Za-z0-9]+', '-', self.after or self.before)[:40]}"


@dataclass(frozen=True)
class Consistent:
    """A project that is right. `files` are texts by path, `graphs` the paths of those that hold a model's text form."""

    name: str
    files: Mapping[str, str]
    graphs: frozenset[str]
    changes: tuple[Change, ...]


def _projects() -> Iterator[Consistent]:
    for path in sorted(FOLDER.glob("*.md")):
        text = path.read_text("utf-8")
        fences = _FENCE.findall(text)
        changes = tuple(Change(*row[:4], row[4] or row[1]) for row in _ROW.findall(text.replace("\\|", "¦")))
        graphs = frozenset(at for kind, at, _ in fences if kind == "graph")
        yield Consistent(path.stem, {at: body for _, at, body in fences}, graphs, changes)


PROJECTS = list(_projects())
CELLS = [pytest.param(project, change, id=f"{project.name}-{change}") for project in PROJECTS for change in project.changes]


def _drawn(seed: int) -> dict[str, str]:
    """What the placeholders stand for."""
    rng = random.Random(seed)
    size, other = rng.sample((64, 96, 128, 160, 192, 224), 2)
    classes = rng.randint(4, 9)
    labels = rng.sample(("rose", "tulip", "daisy", "lily", "iris", "poppy", "aster", "lotus", "peony", "orchid"), classes)
    name, wrong = rng.sample(("image", "pixels", "picture", "photo", "frame"), 2)
    return {
        "size": str(size), "other": str(other), "name": name, "wrong": wrong,
        "classes": str(classes), "fewer": str(classes - 1), "more": str(classes + 1),
        "labels": "\n".join(labels), "quoted": ", ".join(f'"{label}"' for label in labels), "last": labels[-1],
    }  # fmt: skip


class _Project(Project):
    def __init__(self, root: Path, files: list[File], graphs: set[Path]) -> None:
        super().__init__(root, files, plugins.load().readers)
        self.graphs = graphs

    def claims(self, file: File) -> list[Reader]:
        return [_READER] if file.path in self.graphs else super().claims(file)


def _found(root: Path, project: Consistent, texts: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """The messages of what deplint reports, by rule and file."""
    for at, text in texts.items():
        (root / at).parent.mkdir(parents=True, exist_ok=True)
        (root / at).write_text(text, "utf-8")
    files = [File(root / at, (root / at).as_posix()) for at in texts]
    report = check(_Project(root, files, {root / at for at in project.graphs}), files, plugins.load().rules)
    assert not report.crashes, report.crashes[0]
    told = [finding for finding in report.findings if str(finding.severity) in ("error", "warning")]
    return {(finding.rule, Path(finding.place.path).relative_to(root).as_posix()): finding.message for finding in told}


def _texts(project: Consistent, seed: int) -> dict[str, str]:
    return {at: _Text(text).substitute(_drawn(seed)) for at, text in project.files.items()}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_a_consistent_project_is_silent(tmp_path: Path, project: Consistent, seed: int):
    assert _found(tmp_path.resolve(), project, _texts(project, seed)) == {}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("project", "change"), CELLS)
def test_one_thing_changed_is_named(tmp_path: Path, project: Consistent, change: Change, seed: int):
    texts = _texts(project, seed)
    before, after = (_Text(text.replace("\\n", "\n").replace("¦", "|")).substitute(_drawn(seed)) for text in (change.before, change.after))
    assert before in texts[change.path], f"{change.path} has no {before!r}"
    texts[change.path] = texts[change.path].replace(before, after)
    assert set(_found(tmp_path.resolve(), project, texts)) == {(change.rule, change.at)}


def test_the_matrix_is_large_enough():
    assert len(CELLS) >= 40 and len({change.rule for project in PROJECTS for change in project.changes}) >= 30
