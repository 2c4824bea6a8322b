"""TensorFlow Serving where a project runs it: the models it is told to serve, by name and base path, and the project's folders behind them.

    for server in servers(project):
        for served in server.models or ():
            print(served.name, served.base, server.folder(served.base))

What the image does of itself is in tensorflow_serving/tools/docker/Dockerfile of https://github.com/tensorflow/serving: it listens on
8500 (gRPC) and 8501 (REST), and unless told otherwise serves one model, ``${MODEL_BASE_PATH}/${MODEL_NAME}``, by default ``/models/model``.
A base path holds one folder a version, whose name is a number.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from deplint.finding import Place, Placed
from deplint.model import Model, Unreadable
from deplint.project import File, Project
from deplint.settings import shell
from deplint.settings.containers import Container, Deployment
from deplint.settings.dockerfile import Dockerfile, Stage
from deplint.settings.images import Image
from deplint.settings.text import Word
from deplint.settings.triton import ServingModels

GRPC, REST = 8500, 8501
"""The ports of the image."""

SAVED_MODEL = "saved_model.pb"
_STARTS = "tf_serving_entrypoint.sh"
_SERVER = "tensorflow_model_server"


@dataclass(frozen=True)
class Served:
    """A model TensorFlow Serving is told to serve. `base` is a path in the container, or a URL; `place` is where that is said, or the
    container where it is the image's default. `versions` are those asked for by number; empty for the latest, None for all."""

    name: str
    base: str
    place: Place
    versions: tuple[int, ...] | None = ()


@dataclass(frozen=True)
class Content:
    """What is mounted or copied to `target` in a container: `source` is the project's file or folder, None if that is unknown; `host` is
    what is mounted as it is written."""

    target: str | None
    source: Path | None
    place: Place
    host: str = ""


@dataclass
class Server:
    """A container that runs TensorFlow Serving, or the image that a Dockerfile makes.

    `stage` is what the container is built from, if it is. `env` has the variables of both.
    """

    project: Project = field(repr=False)
    deployment: Deployment
    container: Container
    image: Image
    stage: Stage | None = None

    @property
    def place(self) -> Place:
        return self.container.place

    @property
    def path(self) -> Path:
        """The file that says so."""
        return Path(os.path.abspath(self.deployment.path))

    @cached_property
    def env(self) -> dict[str, Word]:
        return {**(self.stage.env if self.stage else {}), **self.container.env}

    @cached_property
    def unknown(self) -> frozenset[str]:
        """What may differ from what is written. A Dockerfile is taken for what ``docker run`` without options makes of it."""
        return frozenset() if self.deployment.kind == "dockerfile" else self.container.partial

    @cached_property
    def command(self) -> tuple[list[Word] | None, list[Word]]:
        """The entry point, None for the image's own, and its arguments."""
        entry, args = self.container.entrypoint, self.container.args
        if self.stage is not None and entry is None:
            entry = self.stage.entrypoint.argv if self.stage.entrypoint else None
            if not args and self.stage.command:
                args = self.stage.command.argv
        if entry and (entry[-1].text or "").endswith(_STARTS):
            entry = None
        return entry, args

    @cached_property
    def flags(self) -> dict[str, Word]:
        """The server's flags by name."""
        entry, args = self.command
        return shell.flags([*(entry or ()), *args])

    @cached_property
    def plain(self) -> bool:
        """The image's own entry point starts the server, and all arguments are known."""
        entry, args = self.command
        return entry is None and not self.unknown & {"entrypoint", "args"} and all(word.text is not None for word in args)

    @cached_property
    def models(self) -> list[Served] | None:
        """The models it serves; None if that is not known."""
        entry, _ = self.command
        if self.unknown & {"entrypoint", "args"} or (entry is not None and not any(_SERVER in (w.text or w.written) for w in entry)):
            return None
        if listed := self.flags.get("model_config_file"):
            file = self.file(listed.text) if listed.text else None
            found = self.project.facts(file, ServingModels) if file else []
            return [served for facts in found for served in listing(facts)] if found else None
        name = self.flags.get("model_name") or (self._variable("MODEL_NAME", "model") if entry is None else Word("default", self.place))
        base = self.flags.get("model_base_path")
        if base is None and entry is None:
            parts = self._variable("MODEL_BASE_PATH", "/models"), self._variable("MODEL_NAME", "model")
            texts = [part.text for part in parts]
            said = next((part.place for part in reversed(parts) if part.place != self.place), self.place)
            base = Word(None if None in texts else posixpath.join(*filter(None, texts)), said)
        if base is None or not base.text or not name.text or not re.match(r"/|\w+://", base.text):
            return None  # a relative path depends on where the server is started
        return [Served(name.text, _normal(base.text), base.place)]

    def _variable(self, name: str, default: str) -> Word:
        if name not in self.env and "env" in self.unknown:
            return Word(None, self.place)
        return self.env.get(name) or Word(default, self.place)

    @cached_property
    def contents(self) -> list[Content]:
        """What is copied into the image and mounted into the container. A mount hides what was copied to the same place."""
        found = []
        if self.stage is not None:
            for copied in [copied for stage in self.stage.line for copied in stage.copies]:
                near = Path(os.path.abspath(copied.place.path)).parent
                for source in copied.sources:
                    # COPY puts what is in a folder, not the folder, at its target; a file keeps its name below a target with a slash.
                    path = _find(self.project, near, source.text) if source.text and not copied.from_stage else None
                    target = copied.target
                    if target is not None and (target.endswith("/") or len(copied.sources) > 1) and path in self.project.by_path:
                        target = posixpath.join(target, path.name if path else "")
                    found.append(Content(_normal(target) if target is not None else None, path, copied.place))
        near = self.path.parent
        for mount in self.container.mounts:
            path = _find(self.project, near, mount.source) if mount.source and mount.kind in ("bind", "hostPath") else None
            host = (mount.source or "") if mount.kind in ("bind", "hostPath") else ""
            found.append(Content(_normal(mount.target) if mount.target is not None else None, path, mount.place, host))
        return found

    def sources(self, path: str) -> Iterator[Path]:
        """Where in the project a path in the container may come from, the most specific first."""
        holding = [c for c in self.contents if c.target is not None and c.source is not None and below(path, c.target)]
        for content in sorted(holding, key=lambda c: -len(c.target or "")):
            assert content.source is not None and content.target is not None
            yield content.source / posixpath.relpath(path, content.target)

    def folder(self, path: str) -> Path | None:
        """The project's folder at a path in the container."""
        return next((source for source in self.sources(path) if source in folders(self.project)), None)

    def file(self, path: str) -> File | None:
        """The project's file at a path in the container."""
        found = (self.project.file(source) for source in self.sources(path))
        return next((file for file in found if file), None) or self.project.resolve(path, self.container)


def below(path: str, folder: str) -> bool:
    """`path` is `folder` or in it; both are absolute and normal."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _normal(path: str) -> str:
    return path.rstrip("/") if "://" in path else posixpath.normpath(path)


def listing(facts: ServingModels) -> Iterator[Served]:
    """The models of a ``models.config``."""
    for model in facts.models:
        if model.name and model.base_path:
            versions = None if model.policy == "all" or model.kept > 1 else tuple(model.versions)
            yield Served(model.name, _normal(model.base_path), model.base_path_place, versions)


def run_by(deployment: Deployment, project: Project) -> list[Server]:
    """What one file runs of TensorFlow Serving. Other files are only read where it builds from a Dockerfile."""
    found = []
    for container in deployment.containers:
        stage = _stage(project, deployment, container)
        image = container.image or (stage.root if stage else None)
        if image is not None and image.repository == "tensorflow/serving" and "devel" not in (image.tag or ""):
            found.append(Server(project, deployment, container, image, stage))
    return found


@lru_cache(maxsize=1)
def servers(project: Project) -> list[Server]:
    """Every container and every Dockerfile of the project that runs TensorFlow Serving."""
    return [server for deployment in project.all(Deployment) for server in run_by(deployment, project)]


def _stage(project: Project, deployment: Deployment, container: Container) -> Stage | None:
    if not container.build:
        return None
    file = project.file(Path(os.path.abspath(deployment.path)).parent / container.build)
    found = project.facts(file, Dockerfile) if file else []
    return found[0].final if found else None


@lru_cache(maxsize=1)
def folders(project: Project) -> frozenset[Path]:
    """Every folder of the project that holds a file, in it or below."""
    found: set[Path] = set()
    for file in project.files:
        for parent in file.path.parents:
            if parent in found or not parent.is_relative_to(project.root):
                break
            found.add(parent)
    return frozenset(found)


def _find(project: Project, near: Path, source: str) -> Path | None:
    """The project's file or folder that a path written in a file in `near` means: below there, or below a folder above."""
    for folder in (near, *near.parents):
        path = Path(os.path.normpath(folder / source))
        if path in folders(project) or path in project.by_path:
            return path
        if folder == project.root:
            break
    return None


@lru_cache(maxsize=1)
def _saved_models(project: Project) -> dict[Path, File]:
    """The project's SavedModels by folder."""
    return {file.path.parent: file for file in project.files if file.name == SAVED_MODEL}


def versions(project: Project, folder: Path) -> dict[int, Path]:
    """The folders in `folder` whose name is a number, whatever is in them."""
    found = {path.name: path for path in folders(project) if path.parent == folder}
    return {int(name): path for name, path in found.items() if re.fullmatch(r"[0-9]{1,18}", name)}


def loaded(project: Project, folder: Path, wanted: tuple[int, ...] | None = ()) -> list[Model]:
    """The SavedModels that are served from a base path whose folder this is: the latest version, or the versions `wanted` (None: all).
    A folder that is itself a SavedModel counts as the one version."""
    if folder in _saved_models(project):
        chosen = [folder]
    else:
        there = {number: path for number, path in versions(project, folder).items() if path in _saved_models(project)}
        chosen = [there[number] for number in sorted(there) if wanted is None or number in (wanted or (max(there),))]
    found = [facts for path in chosen for facts in project.facts(_saved_models(project)[path], Model)]
    return [model for model in found if model.format == "savedmodel"]


def only(project: Project, near: Placed) -> list[Model]:
    """The SavedModel below the folder of a file, if there is but one."""
    here = Path(os.path.abspath(near.place.path)).parent
    found = [folder for folder in _saved_models(project) if folder.is_relative_to(here)]
    return loaded(project, found[0]) if len(found) == 1 else []


def saved_models(project: Project, name: str, near: Placed, version: str | None = "") -> list[Model]:
    """The SavedModels that a request to the model `name`, written in the file `near`, may reach: where the project says what is served
    under that name, those, else every ``name/1/saved_model.pb``; of each the version that is asked for (empty: what is served by default,
    None: any). Empty if nobody can tell."""
    if kserve(project) or not name:
        return []
    inside = project.area(near)
    claims = [
        (served, server.folder(served.base))
        for server in servers(project)
        for served in server.models or ()
        if served.name == name and server.path.is_relative_to(inside)
    ]
    claims += [
        (served, None)
        for facts in project.all(ServingModels)
        for served in listing(facts)
        if served.name == name and Path(os.path.abspath(facts.path)).is_relative_to(inside)
    ]
    found: dict[str, Model] = {}
    for served, folder in claims or [(Served(name, name, Place("")), None)]:
        tail = Path(served.base.lstrip("/")).parts[-2 if re.fullmatch(r".*/[0-9]+", served.base) else -1 :]
        held = [folder] if folder else [f for f in folders(project) if f.parts[-len(tail) :] == tail and f.is_relative_to(inside)]
        wanted = None if version is None else (int(version),) if version else served.versions
        models = [model for path in held for model in loaded(project, path, wanted)]
        if claims and not models and not any(where for _, where in claims):
            return []
        found |= {model.path: model for model in models}
    return list(found.values())


@lru_cache(maxsize=1)
def kserve(project: Project) -> bool:
    """Models are served by KServe, where a transformer may stand between a request and the server."""
    return any(tree.string("kind") == "InferenceService" for deployment in project.all(Deployment) for tree in deployment.documents)


def answers(project: Project, name: str, port: int | None, near: Placed) -> bool:
    """A REST request to the model `name` (empty if unknown) at `port`, written in the file `near`, is answered by TensorFlow Serving
    itself."""
    published = {p.host for server in servers(project) for p in server.container.ports if p.container == REST}
    return not kserve(project) and (
        port in (GRPC, REST) or (port is not None and port in published) or bool(saved_models(project, name, near))
    )


def mentioned(project: Project, pattern: str, but: str = "", inside: Path | None = None) -> bool:
    """A text file of the project (below `inside`, if given) other than `but` holds the pattern: people say there how they run things."""
    wanted = re.compile(pattern.encode())
    files = (file for file in project.files if file.shown != but and (inside is None or file.path.is_relative_to(inside)))
    return any(wanted.search(text) for text in map(said, files))


_TEXTS = frozenset(
    [
        "",
        ".md",
        ".rst",
        ".txt",
        ".py",
        ".ipynb",
        ".jsonc",
        ".json",
        ".yml",
        ".yaml",
        ".toml",
        ".ini",
        ".cfg",
        ".conf",
        ".properties",
        ".tf",
        ".tfvars",
        ".hcl",
        ".sh",
        ".bash",
        ".zsh",
        ".bat",
        ".cmd",
        ".ps1",
        ".mk",
        ".env",
        ".envrc",
        ".service",
        ".dockerfile",
        ".j2",
        ".tpl",
    ]
)
_TEXT_NAMES = re.compile(r"(?i)(?:Docker|Container)file\b.*|.*\.env\b.*")


def said(file: File) -> bytes:
    """What a file that people write says, its first MiB; nothing of other files."""
    try:
        # A link may lead out of the tree.
        written = file.suffix in _TEXTS or _TEXT_NAMES.fullmatch(file.name) is not None
        return file.raw(1 << 20) if written and not file.path.is_symlink() else b""
    except (OSError, Unreadable):
        return b""
