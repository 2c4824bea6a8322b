"""What COPY brings into an image from beside its Dockerfile, where nothing else may bring files."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from deplint.finding import Place
from deplint.settings.containers import Deployment
from deplint.settings.released import runs

if TYPE_CHECKING:
    from deplint.project import Project
    from deplint.settings.dockerfile import Dockerfile

BRINGS = re.compile(
    r"git |wget|curl|gsutil|aws |unzip|tar |pip3? install [^\n]*(?<!\S)\.(?!\S)|setup\.py|\b(?:cp|mv|ln)\b|mount=|gdown|download|ssh|dvc"
)
"""Commands that may put other files into the image."""
MOST = 1000
"""Files that a pattern may mean."""


@dataclass(frozen=True)
class Copied:
    """What a Dockerfile copies from its context, each with where it says so. `place` is the last such place, `mounted`
    are the folders and files that are put there when it is run."""

    context: Path
    sources: Mapping[Path, Place]
    ignore: re.Pattern[str] | None
    mounted: tuple[Path, ...]
    place: Place

    def ignored(self, path: str) -> bool:
        return self.ignore is not None and self.ignore.match(path) is not None

    def holds(self, path: Path) -> bool:
        if any(path.is_relative_to(mount) for mount in self.mounted):
            return True
        inside = any(path == source or path.is_relative_to(source) for source in self.sources)
        return inside and not (path.is_relative_to(self.context) and self.ignored(path.relative_to(self.context).as_posix()))


def copied(file: Dockerfile, project: Project) -> Copied | None:
    """None where anything but COPY may bring files, or the context is not the Dockerfile's folder."""
    stage = file.final
    context = Path(os.path.abspath(file.path)).parent
    copies = [copy for part in stage.line for copy in part.copies]
    if BRINGS.search(runs(stage)) or any(c.from_stage for c in copies) or not copies or stage.all("ONBUILD", "VOLUME"):
        return None
    sources: dict[Path, Place] = {}
    there = False
    for word, place in [(word, copy.place) for copy in copies for word in copy.sources]:
        if not word.text or "://" in word.text:
            return None
        below = posixpath.normpath(word.text.lstrip("/"))
        if re.search(r"[*?\[]", below):
            if "**" in below or below.startswith(".."):
                return None
            matching = list(islice(context.glob(below), MOST))
            if len(matching) == MOST:
                return None
        else:
            matching = [Path(os.path.normpath(context / below))]
        # A model that is not in the repository may be missing; where all is, the context is another folder.
        there = there or any(path.exists() for path in matching)
        sources |= dict.fromkeys(matching, place)
    if not there:
        return None
    mounted: list[Path] = []
    for other in project.all(Deployment):
        here = Path(os.path.abspath(other.path)).parent
        for container in other.containers:
            built = container.build and other.kind != "dockerfile" and Path(os.path.normpath(here / container.build))
            if built and built != Path(os.path.abspath(file.path)):
                continue
            if built and built.parent != context:
                return None
            for mount in container.mounts:
                if mount.kind == "bind":
                    mounted.append(Path(os.path.normpath(here / (mount.source or "."))))
                elif mount.kind != "bind" and other.kind != "dockerfile":
                    return None
    return Copied(context, sources, _ignore(context), tuple(mounted), copies[-1].place)


def _ignore(context: Path) -> re.Pattern[str] | None:
    """The paths that `.dockerignore` leaves out; None if there is none, or it takes some back in."""
    try:
        lines = (context / ".dockerignore").read_text(encoding="utf-8", errors="replace").splitlines()[:500]
    except OSError:
        return None
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not patterns or any(pattern.startswith("!") for pattern in patterns):
        return None
    parts = []
    for pattern in patterns:
        tokens = re.split(r"(\*\*/|\*\*|\*|\?)", posixpath.normpath(pattern.lstrip("/")))
        words = {"**/": r"(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
        parts.append("".join(words.get(token, re.escape(token)) for token in tokens))
    return re.compile("(?:" + "|".join(parts) + r")(?:/.*)?$")
