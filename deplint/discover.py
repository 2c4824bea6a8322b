"""From paths to files: walks folders, keeps what git would keep, and says what it left out.

Git-ignore patterns are pathspec's. Ignored trees are not descended into; links are not followed out of the tree.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from deplint.model import Unreadable
from deplint.project import File

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

NEVER = frozenset(
    {".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache",
     ".ipynb_checkpoints", ".eggs", "site-packages", "Pods", ".gradle", ".dart_tool", "DerivedData", "__MACOSX", "bower_components",
     "third_party", "3rdparty"}
)  # fmt: skip
"""Folders that hold tools' or other people's files whatever git says."""

COPIES = {
    "tensorflow": ("core", "python"), "torch": ("csrc", "nn"), "caffe2": ("core", "operators"), "onnxruntime": ("core", "python"),
    "yolov5": ("models", "utils"), "yolov7": ("models", "utils"),
}  # fmt: skip
"""Frameworks' own sources: the name of their folder, and folders in it. Copied into an app, they are not its code."""

FILES_LIMIT = 100_000
"""Files beyond which a walk stops and says so."""

WILD_LIMIT, WILD_PART_LIMIT = 4, 3
"""Asterisks (or pairs of them) in a pattern, and in one part of it, beyond which it is passed over: each multiplies the time that a long
name takes, which adds up to years."""


def _spec(patterns: Iterable[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    def tame(pattern: str) -> bool:
        wild = [len(re.findall(r"\*+", part)) for part in pattern.split("/")]
        return sum(wild) <= WILD_LIMIT and max(wild) <= WILD_PART_LIMIT

    return GitIgnoreSpec.from_lines(filter(tame, patterns))


class Patterns:
    """Git-ignore patterns that hold below `root`."""

    def __init__(self, root: Path, patterns: Sequence[str]) -> None:
        self.inside = os.path.join(root, "")
        self.patterns = tuple(patterns)

    @cached_property
    def _compiled(self) -> GitIgnoreSpec:
        return _spec(self.patterns)

    def match(self, path: str, folder: bool = False) -> bool:
        """Whether the absolute `path`, or a folder above it, is meant."""
        if not self.patterns or not path.startswith(self.inside):
            return False
        relative = path[len(self.inside) :].replace(os.sep, "/")
        return self._compiled.match_file(relative + ("/" if folder else ""))


@dataclass
class Found:
    """What a walk found, in the order of paths, and what it left out with the reason."""

    files: list[File] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    """Files named by their own path that `exclude` leaves out."""


class _Ignore:
    """The `.gitignore` files that hold in one folder: its own and those above, up to the repository's root."""

    def __init__(self, folder: Path, above: _Ignore | None) -> None:
        self.inside = os.path.join(folder, "")
        while above is not None and above.spec is None:
            above = above.above
        self.above: _Ignore | None = above
        self.spec: GitIgnoreSpec | None = None
        try:
            lines = File(folder / ".gitignore").lines
        except (OSError, Unreadable):
            return
        self.spec = _spec(lines)

    def ignores(self, path: str, folder: bool) -> bool:
        level: _Ignore | None = self
        while level is not None:
            if level.spec is not None:
                relative = path[len(level.inside) :].replace(os.sep, "/") + ("/" if folder else "")
                verdict = level.spec.check_file(relative).include
                if verdict and folder:
                    verdict = _last(level.spec, relative)
                if verdict is not None:
                    return verdict
            level = level.above
        return False


def _others(name: str, folder: str, top: str) -> bool:
    """Whether a folder holds other people's files: by its name, or by what is in it."""
    if name in NEVER or os.path.exists(os.path.join(folder, name, "pyvenv.cfg")):
        return True
    return folder != top and name in COPIES and all(os.path.isdir(os.path.join(folder, name, inner)) for inner in COPIES[name])


def _last(spec: GitIgnoreSpec, folder: str) -> bool:
    """Whether the last pattern that fits the folder itself ignores it, as git goes: for pathspec `*` stays stronger than a later `!*/`.

    A pattern fits the folder and not only one above if it does not fit that, or fits the folder's name alone.
    """
    above, name = (part + "/" for part in folder[:-1].rpartition("/")[::2])
    for pattern in reversed(list(spec.patterns)):
        own = above == "/" or not pattern.match_file(above) or pattern.match_file(name)
        if pattern.include is not None and own and pattern.match_file(folder):
            return pattern.include
    return True


def project_root(paths: Iterable[Path]) -> Path:
    """The folder that holds everything belonging together: the nearest one at or above `paths` with a `.git`; failing that, the
    folder the paths share."""
    absolute = [Path(os.path.abspath(p)) for p in paths]
    common = Path(os.path.commonpath(absolute)) if absolute else Path.cwd()
    if not common.is_dir():
        common = common.parent
    for folder in (common, *common.parents):
        if (folder / ".git").exists():
            return folder
    return common


def discover(paths: Sequence[Path], exclude: Sequence[Patterns] = (), limit: int = FILES_LIMIT) -> Found:
    """The files at and below `paths`, each once, sorted. A file named by its own path is taken even if git ignores it."""
    found = Found()
    seen: dict[str, File] = {}

    def excluded(path: str, folder: bool) -> bool:
        return any(patterns.match(path, folder) for patterns in exclude)

    def take(path: str) -> None:
        if path not in seen:
            seen[path] = File(Path(path))

    def walk(top: str) -> None:
        folders = [(top, _above(Path(top)))]
        while folders:
            folder, ignore = folders.pop()
            try:
                entries = list(os.scandir(folder))
            except OSError as error:
                found.skipped.append((File(Path(folder)).shown, error.strerror or "cannot be read"))
                continue
            for entry in sorted(entries, key=lambda e: e.name):
                try:
                    is_folder = entry.is_dir(follow_symlinks=False)
                    if _others(entry.name, folder, top) if is_folder else entry.name.startswith("._"):  # what macOS puts beside a file
                        continue
                    if excluded(entry.path, is_folder) or ignore.ignores(entry.path, is_folder):
                        continue
                    if is_folder:
                        folders.append((entry.path, _Ignore(Path(entry.path), ignore)))
                    elif entry.is_file():
                        if len(seen) >= limit:
                            found.skipped.append((File(Path(folder)).shown, f"more than {limit:,} files"))
                            return
                        take(entry.path)
                except OSError as error:
                    found.skipped.append((File(Path(entry.path)).shown, error.strerror or "cannot be read"))

    for path in paths:
        absolute = os.path.abspath(path)
        if os.path.isdir(absolute):
            walk(absolute)
        elif os.path.isfile(absolute):
            if excluded(absolute, False):
                found.excluded.append(str(path))
            else:
                take(absolute)
        else:
            found.missing.append(str(path))
    found.files = [seen[p] for p in sorted(seen)]
    return found


def _above(folder: Path) -> _Ignore:
    """The ignore files that hold in `folder`, from the repository's root down, without those that ignore it: it was named on purpose."""
    chain = [folder]
    while not (chain[-1] / ".git").exists() and chain[-1].parent != chain[-1]:
        chain.append(chain[-1].parent)
    level: _Ignore | None = None
    if (chain[-1] / ".git").exists():
        for each in reversed(chain[1:]):
            here = _Ignore(each, level)
            level = level if here.ignores(str(folder), True) else here
    return _Ignore(folder, level)
