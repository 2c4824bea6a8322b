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
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, overload

from deplint.finding import Place, Placed, Span
from deplint.model import Unreadable

if TYPE_CHECKING:
    from deplint.notebook import Notebook
    from deplint.settings.pins import Versions

Facts = TypeVar("Facts")

HEAD = 4096
"""Bytes of a file that deciding its kind may look at."""

TEXT_LIMIT = 4 << 20
"""Bytes beyond which a text file (code or settings) is not read: no person wrote it."""


MAP_FROM = 16 << 20
"""Bytes from which on a file is mapped and not read at once."""


CODE = frozenset(".py .ipynb .js .jsx .mjs .ts .tsx .java .kt .swift .m .mm .c .cc .cpp .dart .go .rs .cs .sh".split())  # noqa: SIM905


class File:
    """A file on disk. `shown` is its path as reports print it: relative to the working folder, forward slashes."""

    def __init__(self, path: Path, shown: str | None = None) -> None:
        self.path = path
        self.shown = shown if shown is not None else show(path)

    def __repr__(self) -> str:
        return f"File({self.shown!r})"

    @cached_property
    def key(self) -> str:
        """The path as text, whose hash is known: what is remembered of files is found by it."""
        return str(self.path)

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
        """Bytes on disk.

        Raises:
            Unreadable: it is not a regular file: a fifo, of which reading may never end, a device, a folder.
        """
        found = self.path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise Unreadable("not a regular file")
        return found.st_size

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
            Unreadable: it is larger than `limit` bytes, or not a regular file.
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

    @cached_property
    def notebook(self) -> Notebook:
        """The cells of a notebook.

        Raises:
            Unreadable: it is too large, or no notebook.
        """
        from deplint import notebook

        return notebook.parse(self.raw(notebook.LIMIT))

    def map(self) -> mmap.mmap | bytes:
        """The content: of a file up to `MAP_FROM` its bytes, else mapped, so that only what is touched is read.

        Touching what is mapped ends the process if another one has cut the file short meanwhile, as exporters do that begin anew.
        """
        if self.size <= MAP_FROM:
            return self.path.read_bytes()
        with open(self.path, "rb") as stream:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def show(path: Path) -> str:
    """`path` as reports print it: relative to the working folder where it lies below it, forward slashes."""
    try:
        return Path(os.path.relpath(path)).as_posix() if path.is_relative_to(Path.cwd()) else path.as_posix()
    except ValueError:  # another drive
        return path.as_posix()


_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, eq=False)
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
    def _names(self) -> Callable[[str], bool]:
        """Whether a name in lower case is one of `names`. Nearly all are a name or an ending, which need no regular expression."""
        plain = frozenset(pattern for pattern in self.names if not _WILD.search(pattern))
        endings = tuple(pattern[1:] for pattern in self.names if pattern[:1] == "*" and not _WILD.search(pattern, 1))
        others = [fnmatch.translate(pattern) for pattern in self.names if pattern not in plain and pattern[1:] not in endings]
        match = re.compile("|".join(others) or r"(?!)").match
        return lambda name: name in plain or name.endswith(endings) or match(name) is not None

    def claims(self, file: File) -> bool:
        return self._names(file.name.lower()) and (self.sniff is None or self.sniff(file))

    @cached_property
    def function(self) -> Callable[[File], Any]:
        module, _, function = self.load.partition(":")
        loaded: Callable[[File], Any] = getattr(import_module(module), function)
        return loaded

    @cached_property
    def gives(self) -> type:
        """The type of facts its function's return annotation promises (``X`` or ``list[X]``); `object` where it promises nothing."""
        function = self.function
        promised = function.__annotations__.get("return")
        try:
            # That of the arguments may be imported for type checkers only.
            promised = eval(promised, function.__globals__) if isinstance(promised, str) else promised
        except NameError:
            return object
        promised = next(iter(get_args(promised)), None) if get_origin(promised) is list else promised
        return promised if isinstance(promised, type) else object

    def may_give(self, kind: type) -> bool:
        return kind is object or issubclass(self.gives, kind) or issubclass(kind, self.gives)

    def read(self, file: File) -> list[Any]:
        facts = self.function(file)
        return facts if isinstance(facts, list) else [facts]


@dataclass
class Trouble:
    """A file some reader claimed and could not read: what was seen, and where in the file if that is known."""

    file: File
    reader: Reader
    error: Exception
    place: Place


class Project:
    """Every file that belongs together, and the facts read from them.

    `targets` are those its models are deployed on, as the configuration or the command line names them (`deplint.targets`).
    `files` is what was found below the linted folders `walked` (absolute; else `root`), or a function that finds it, called when a rule
    first looks across files. `edited` stand for those on the disk. Facts are read when first asked for.
    """

    def __init__(
        self,
        root: Path,
        files: Iterable[File] | Callable[[], Iterable[File]],
        readers: Iterable[Reader],
        versions: Mapping[str, str] | None = None,
        walked: Sequence[Path] | None = None,
        targets: Sequence[str] = (),
        edited: Iterable[File] = (),
    ) -> None:
        self.root = root
        self._files = files
        self._edited = {file.path: file for file in edited}
        self.walked = [root] if walked is None else walked
        self.readers = list(readers)
        self.named_versions = dict(versions or {})
        self.targets = tuple(targets)
        self.fragments = False
        """The Python is fragments: usual names (`deplint.code.library.USUAL`) need no import."""
        self.troubles: list[Trouble] = []
        self._claims: dict[str, list[Reader]] = {}
        self._facts: dict[tuple[str, Reader], list[Any]] = {}
        self._holding: dict[type, list[File]] = {}
        self._shown: dict[str, File] = {}

    @cached_property
    def files(self) -> list[File]:
        return list(self._files() if callable(self._files) else self._files)

    @cached_property
    def by_path(self) -> dict[Path, File]:
        return {file.path: file for file in self.files}

    def claims(self, file: File) -> list[Reader]:
        """The readers that say `file` is theirs."""
        known = self._claims.get(file.key)
        if known is None:
            known = self._claims[file.key] = []
            self._shown[file.shown] = file
            for reader in self.readers:
                try:
                    if reader.claims(file):
                        known.append(reader)
                except Exception as error:
                    self.troubles.append(Trouble(file, reader, error, file.place))
        return known

    @overload
    def facts(self, file: File) -> list[Any]: ...
    @overload
    def facts(self, file: File, kind: type[Facts]) -> list[Facts]: ...
    def facts(self, file: File, kind: type = object) -> list[Any]:
        """What of a kind `file` holds, from every reader that claims it; readers that cannot give `kind` are not asked, and those that fail
        are noted in `troubles`."""
        facts: list[Any] = []
        for reader in self.claims(file):
            key = (file.key, reader)
            if key not in self._facts:
                try:
                    if not reader.may_give(kind):
                        continue
                    self._facts[key] = read = reader.read(file)
                    for each in read:
                        # Facts that depend on other files, as imports do, are told where to look.
                        if hasattr(each, "bind"):
                            each.bind(self)
                        # A part that could not be read does not take the rest with it.
                        for problem in getattr(each, "problems", ()):
                            self.troubles.append(Trouble(file, reader, problem, problem.place))
                except Exception as error:
                    self._facts[key] = []
                    self.troubles.append(Trouble(file, reader, error, error.place if isinstance(error, Placed) else file.place))
            facts.extend(each for each in self._facts[key] if isinstance(each, kind))
        return facts

    def all(self, kind: type[Facts]) -> Iterator[Facts]:
        """All facts of a kind in the project, in the order of their paths. Files that cannot hold that kind are not read."""
        if kind not in self._holding:
            self._holding[kind] = [file for file in self.files if self._may_hold(file, kind)]
        for file in self._holding[kind]:
            yield from self.facts(file, kind)

    def _may_hold(self, file: File, kind: type) -> bool:
        try:
            return any(reader.may_give(kind) for reader in self.claims(file))
        except Exception:  # a reader that cannot be loaded: `facts` says so
            return True

    def line(self, place: Place) -> str:
        """The line of source that `place` starts on, as far as one can be had; else empty."""
        file = self._shown.get(place.path)
        if file is None or place.span is None:
            return ""
        try:
            lines = file.lines if place.span.cell is None else file.notebook.lines(place.span.cell)
            return lines[place.span.line - 1]
        except (IndexError, Unreadable, OSError):
            return ""

    def region(self, place: Place) -> Span | None:
        """The lines of the file that `place` is about, of JSON for a notebook."""
        if place.span is None or place.span.cell is None:
            return place.span
        from deplint import notebook

        file = self._shown.get(place.path)
        try:
            return notebook.region(file.raw(notebook.LIMIT).decode("utf-8-sig"), place.span) if file is not None else None
        except (Unreadable, OSError, UnicodeDecodeError):
            return None

    def file(self, path: Path) -> File | None:
        """The project's file at an absolute path. While nobody has looked at all files, the disk is asked for this one alone; and so it
        is for one outside the linted folders, such as the requirements further up."""
        if path in self._edited:
            return self._edited[path]
        unseen = callable(self._files) and "files" not in self.__dict__
        if unseen or not any(path.is_relative_to(folder) for folder in self.walked):
            return File(path) if path.is_relative_to(self.root) and path.is_file() else None
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
            found = self.file(folder / wanted)
            if found:
                return found
            if folder == self.root:
                break
        tail = "/" + wanted.lstrip("./")
        near_first = [f for f in self.files if f.path.as_posix().endswith(tail)]
        return near_first[0] if len(near_first) == 1 else None

    def area(self, near: Placed) -> Path:
        """The folder of what belongs together with a file: the nearest at or above it that has a README and holds code, else the project's
        root. A repository of many examples has many models of one name."""
        here = Path(os.path.abspath(near.place.path)).parent
        return next((folder for folder in (here, *here.parents) if folder in self._explained or folder == self.root), self.root)

    @cached_property
    def _explained(self) -> set[Path]:
        readme = {file.path.parent for file in self.files if file.path.stem.lower() == "readme"}
        return readme & {folder for file in self.files if file.suffix in CODE for folder in file.path.parents}

    @cached_property
    def versions(self) -> Versions:
        from deplint.settings.pins import Versions

        return Versions(self)
