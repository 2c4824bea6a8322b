"""The project under the linter: its files, the facts read from them (once, when asked for), the versions it pins.

Rules see a `Project` as their second parameter. `project.all(Dockerfile)` is every Dockerfile; `project.versions` are those it
pins; `project.artifact("models/net.onnx", near=file)` is the model file a path in the code means.
"""

from __future__ import annotations

import fnmatch
import mmap
import os
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from deplint.finding import Place, Placed
from deplint.model import Unreadable

if TYPE_CHECKING:
    from deplint.settings.pins import Versions

Facts = TypeVar("Facts")

HEAD = 4096
"""Bytes of a file that deciding its kind may look at."""

TEXT_LIMIT = 4 << 20
"""Bytes beyond which a text file (code or settings) is not read: no person wrote it."""


class File:
    """A file on disk. `shown` is its path as reports print it: relative to the working folder, forward slashes."""

    def __init__(self, path: Path, shown: str | None = None) -> None:
        self.path = path
        self.shown = shown if shown is not None else show(path)

    def __repr__(self) -> str:
        return f"File({self.shown!r})"

    @cached_property
    def name(self) -> str:
        return self.path.name

    @cached_property
    def suffix(self) -> str:
        return self.path.suffix.lower()

    @property
    def place(self) -> Place:
        return Place(self.shown)

    @cached_property
    def size(self) -> int:
        return self.path.stat().st_size

    @cached_property
    def head(self) -> bytes:
        """The first `HEAD` bytes. Not a regular file (a fifo, a device): empty."""
        if not self.path.is_file():
            return b""
        with open(self.path, "rb") as stream:
            return stream.read(HEAD)

    def raw(self, limit: int = TEXT_LIMIT) -> bytes:
        """The whole content.

        Raises:
            Unreadable: it is larger than `limit` bytes.
        """
        if self.size > limit:
            raise Unreadable(f"{self.size:,} bytes, more than the {limit:,} deplint reads of such a file")
        return self.path.read_bytes()

    @cached_property
    def text(self) -> str:
        """The content as text: UTF-8 (with or without byte order mark), UTF-16 by its mark, else Latin-1; line ends become ``\\n``.

        Raises:
            Unreadable: it is larger than `TEXT_LIMIT` bytes, or binary.
        """
        raw = self.raw()
        if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text = raw.decode("utf-16", "replace")
        else:
            if b"\0" in raw:
                raise Unreadable("binary content where text was expected")
            try:
                text = raw.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = raw.decode("latin-1")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    def map(self) -> mmap.mmap | bytes:
        """The content, mapped: only what is touched is read. An empty file is empty bytes."""
        if self.size == 0:
            return b""
        with open(self.path, "rb") as stream:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def show(path: Path) -> str:
    """`path` as reports print it: relative to the working folder where it lies below it, forward slashes."""
    try:
        return Path(os.path.relpath(path)).as_posix() if path.is_relative_to(Path.cwd()) else path.as_posix()
    except ValueError:  # another drive
        return path.as_posix()


@dataclass(frozen=True)
class Reader:
    """How one kind of file becomes facts.

    `names` are patterns for the file's name, in lower case; `sniff` looks at the content of a file whose name fits and says whether it
    is one. `load` is ``"module:function"``, imported when the first such file is read; the function takes the `File` and returns facts.
    It raises `Unreadable`, and nothing else, for a file that is not what it should be.
    """

    name: str
    names: tuple[str, ...]
    load: str
    sniff: Callable[[File], bool] | None = None
    artifact: bool = False
    """What it reads is shipped (a model), so that a broken one is an error and not a warning."""

    @cached_property
    def _names(self) -> re.Pattern[str]:
        return re.compile("|".join(fnmatch.translate(pattern) for pattern in self.names))

    def claims(self, file: File) -> bool:
        return bool(self._names.match(file.name.lower())) and (self.sniff is None or self.sniff(file))

    def read(self, file: File) -> Any:
        module, _, function = self.load.partition(":")
        return getattr(import_module(module), function)(file)


@dataclass
class Trouble:
    """A file some reader claimed and could not read: what was seen, and where in the file if that is known."""

    file: File
    reader: Reader
    error: Exception
    place: Place


class Project:
    """Every file that belongs together, and the facts read from them.

    `files` is what was found below the linted paths; facts are read when first asked for.
    """

    def __init__(self, root: Path, files: Iterable[File], readers: Iterable[Reader], versions: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.files = list(files)
        self.readers = list(readers)
        self.named_versions = dict(versions or {})
        self.troubles: list[Trouble] = []
        self._facts: dict[Path, list[Any]] = {}

    @cached_property
    def by_path(self) -> dict[Path, File]:
        return {file.path: file for file in self.files}

    def facts(self, file: File) -> list[Any]:
        """What `file` holds, one object per reader that claims it; readers that fail are noted in `troubles`."""
        known = self._facts.get(file.path)
        if known is None:
            known = self._facts[file.path] = []
            for reader in self.readers:
                try:
                    if reader.claims(file):
                        facts = reader.read(file)
                        known.extend(facts if isinstance(facts, list) else [facts])
                except Exception as error:
                    place = error.place if isinstance(error, Placed) else file.place
                    self.troubles.append(Trouble(file, reader, error, place))
        return known

    def all(self, kind: type[Facts]) -> Iterator[Facts]:
        """All facts of a kind in the project, in the order of their paths."""
        for file in self.files:
            for facts in self.facts(file):
                if isinstance(facts, kind):
                    yield facts

    def file(self, path: Path) -> File | None:
        return self.by_path.get(path)

    def resolve(self, reference: str, near: Placed) -> File | None:
        """The project's file that a path written in `near` means, if there is exactly one candidate.

        A path is tried relative to the file that names it, then to each folder above it up to the project's root; failing that, a unique
        file whose path ends in `reference` (``assets/model.tflite`` loaded by asset name, ``/app/model.onnx`` inside an image).
        """
        wanted = posixpath.normpath(reference.replace("\\", "/"))
        if not wanted or wanted == "." or "://" in reference:
            return None
        here = Path(os.path.abspath(near.place.path)).parent
        for folder in (here, *here.parents):
            found = self.by_path.get(folder / wanted)
            if found:
                return found
            if folder == self.root:
                break
        tail = "/" + wanted.lstrip("./")
        near_first = [f for f in self.files if f.path.as_posix().endswith(tail)]
        return near_first[0] if len(near_first) == 1 else None

    @cached_property
    def versions(self) -> Versions:
        from deplint.settings.pins import Versions

        return Versions(self)
