"""Files that a model names and that lie beside it: weight shards, external buffers. The names are part of the model, and so untrusted."""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from deplint.formats.wire import is_lfs_pointer
from deplint.project import File


@dataclass(frozen=True)
class Beside:
    """A file that a model names. `problem` says why it cannot be read, or is empty; `path` and `size` are set only if it can."""

    shown: str
    path: Path | None = None
    size: int = 0
    problem: str = ""

    @property
    def inside(self) -> bool:
        """True if the name means a file in the model's folder, there or not."""
        return self.problem in ("", _MISSING)


_MISSING = "file is missing"


def beside(model: File, name: str, folder: bool = False) -> Beside:
    """The file that `model` calls `name`, relative to its own folder. It is not opened unless it lies there.

    With `folder` it may be a folder as well.
    """
    if not name or "\0" in name:
        return Beside(name.replace("\0", "\ufffd"), problem="it names no file")
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:[/\\]|[a-z]+://", name):
        return Beside(name, problem="an absolute path")
    normal = posixpath.normpath(name.replace("\\", "/"))
    if normal == ".." or normal.startswith("../"):
        return Beside(name, problem="leaves the model's folder")
    shown = posixpath.join(posixpath.dirname(model.shown), normal)
    try:
        path = Path(os.path.realpath(model.path.parent / normal))
        # A model that is itself a link (as in a download cache) may have its data beside what it points to.
        homes = {os.path.realpath(model.path.parent), os.path.dirname(os.path.realpath(model.path))}
        if not any(path.is_relative_to(home) for home in homes):
            return Beside(shown, problem="leaves the model's folder through a symbolic link")
        size = path.stat().st_size
        if folder and path.is_dir():
            return Beside(shown, path)
        if not path.is_file():
            return Beside(shown, problem="not a regular file")
        with open(path, "rb") as stream:
            if is_lfs_pointer(stream.read(64)):
                return Beside(shown, problem="a Git LFS pointer, not the data")
    except FileNotFoundError:
        return Beside(shown, problem=_MISSING)
    except OSError as error:
        return Beside(shown, problem=f"cannot be opened: {error.strerror}")
    return Beside(shown, path, size)
