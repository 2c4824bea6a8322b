"""Files that a model names and that lie beside it: weight shards, external buffers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from deplint.formats.wire import is_lfs_pointer
from deplint.project import File, show


@dataclass(frozen=True)
class Beside:
    """A file named by a model. `problem` says why it cannot be read, or is empty; `size` is 0 then."""

    path: Path
    shown: str
    size: int = 0
    problem: str = ""


def beside(model: File, name: str) -> Beside:
    """The file that `model` names `name`, relative to its own folder. The name is untrusted: it may not lead out of that folder."""
    folder = model.path.parent
    path = folder / name.replace("\\", "/")
    shown = show(path)
    if not name or "\0" in name:
        return Beside(path, shown, problem="it names no file")
    if not Path(os.path.abspath(path)).is_relative_to(os.path.abspath(folder)):
        return Beside(path, shown, problem="leaves the model's folder")
    try:
        # A model that is itself a link (as in a download cache) may have its data beside what it points to.
        homes = {os.path.realpath(folder), os.path.dirname(os.path.realpath(model.path))}
        real = Path(os.path.realpath(path))
        if not any(real.is_relative_to(home) for home in homes):
            return Beside(path, shown, problem="leaves the model's folder through a symbolic link")
        size = real.stat().st_size
        if not real.is_file():
            return Beside(path, shown, problem="not a regular file")
        if is_lfs_pointer(File(real).head):
            return Beside(path, shown, problem="a Git LFS pointer, not the data")
    except FileNotFoundError:
        return Beside(path, shown, problem="file is missing")
    except OSError as error:
        return Beside(path, shown, problem=f"cannot be opened: {error.strerror}")
    return Beside(real, shown, size)
