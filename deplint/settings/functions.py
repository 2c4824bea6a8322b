"""What a cloud runs for a project: functions as the Serverless Framework and AWS SAM describe them, services of App Engine and
of BentoML."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from deplint.finding import Place
from deplint.project import File, Project
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.text import small
from deplint.settings.yamltree import Node, documents


@dataclass(frozen=True)
class CloudFunction:
    """A function of AWS Lambda that is uploaded as a zip archive. `requirements` is the file whose packages go into it, relative to the
    file that describes the function; `place` is where its runtime is written."""

    name: str
    runtime: str
    requirements: str
    place: Place


@dataclass(frozen=True)
class Described:
    """A function of AWS Lambda as a file describes it. `handler` is ``module.function``, empty for an image that says it itself; `memory`
    (MB) and `timeout` (seconds) are None where nobody writes them, and then what AWS gives unasked; `place` is the function's."""

    name: str
    handler: str
    memory: Node | None
    timeout: Node | None
    place: Place


@dataclass
class Functions:
    """The functions of AWS Lambda of one file: all that it describes, and those whose packages are put into a zip archive as they are."""

    path: str
    functions: list[CloudFunction]
    described: list[Described] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place(self.path)


@dataclass
class AppEngine:
    """An ``app.yaml``. `flexible` services run in a container of their own; `module` is the Python module that is started."""

    path: str
    runtime: str
    flexible: bool
    module: str
    place: Place
    """Where the runtime is written."""


@dataclass
class Bento:
    """A ``bentofile.yaml``. `service` is what it starts, as ``module:name``; `place` is where that is written. `include` are the patterns
    of what it packs, None where that is everything, or cannot be told; `listed` is where they are written."""

    path: str
    service: str
    place: Place
    include: tuple[str, ...] | None = None
    listed: Place = field(default_factory=lambda: Place(""))


def read_bento(file: File) -> list[Bento]:
    """``bentofile.yaml`` of BentoML 1."""
    return [found for tree in documents(file.shown, small(file)) if (found := _bento(file.shown, tree)) is not None]


def _bento(path: str, tree: Node) -> Bento | None:
    node, include = tree.get("service"), tree.get("include")
    if node is None or not node.text:
        return None
    patterns = tuple(item.text or "" for item in include.items) if include is not None and include.items else None
    known = patterns is not None and all(patterns) and not any(pattern.startswith("!") for pattern in patterns)
    return Bento(path, node.text.replace(".py:", ":"), node.place, patterns if known else None, include.place if include else node.place)


def read_app_engine(file: File) -> list[AppEngine]:
    """``app.yaml`` of Google App Engine."""
    return [found for tree in documents(file.shown, small(file)) if (found := _app_engine(file.shown, tree)) is not None]


def _app_engine(path: str, tree: Node) -> AppEngine | None:
    runtime = tree.get("runtime")
    if runtime is None or not runtime.text:
        return None
    started = re.search(r"([\w.]+):\w+\s*$", tree.string("entrypoint") or "main:app")
    scripts = [script for handler in tree.list("handlers") if (script := handler.string("script")) and script != "auto"]
    module = started[1] if started else ""
    if runtime.text == "python27":
        module = scripts[-1].rpartition(".")[0] if scripts else ""
    flexible = tree.string("env") in ("flex", "flexible") or tree.string("vm") in ("true", "yes", "on")
    return AppEngine(path, runtime.text, flexible, module, runtime.place)


def read_serverless(file: File) -> Functions:
    """``serverless.yml``."""
    trees = documents(file.shown, small(file))
    described = [
        Described(name, node.string("handler") or "", _own(node, tree, "memorySize"), _own(node, tree, "timeout"), node.place)
        for tree in trees
        if tree.string("provider", "name") == "aws" or tree.string("provider") == "aws"
        for name, node in tree.map("functions").items()
    ]
    return Functions(file.shown, [function for tree in trees for function in _serverless(tree)], described)


def _own(node: Node, tree: Node, name: str) -> Node | None:
    """What a function, or the file for all of them, says."""
    return node.get(name) or tree.get("provider", name)


def _serverless(tree: Node) -> Iterator[CloudFunction]:
    """Requirements are packed by a plugin, unless it is told to compress them or to leave them to a layer."""
    packed = tree.get("custom", "pythonRequirements") or Node(tree.place, "map")
    smaller = (
        any((packed.string(name) or "false") != "false" for name in ("zip", "slim", "layer"))
        or packed.get("layer")
        or packed.get("noDeploy")
    )
    if (
        tree.string("provider", "name") != "aws"
        or smaller
        or not any(p.text == "serverless-python-requirements" for p in tree.list("plugins"))
    ):
        return
    for name, node in tree.map("functions").items():
        runtime = node.get("runtime") or tree.get("provider", "runtime")
        layers = node.get("layers") or tree.get("provider", "layers")
        if runtime and runtime.text and not node.get("image") and not layers:
            folder = node.string("module") or "."
            listed = packed.string("fileName") or "requirements.txt"
            yield CloudFunction(name, runtime.text, posixpath.normpath(posixpath.join(folder, listed)), runtime.place)


def read_sam(file: File) -> Functions:
    """A template of AWS SAM."""
    trees = documents(file.shown, small(file))
    described = [
        Described(
            name,
            node.string("Properties", "Handler") or tree.string("Globals", "Function", "Handler") or "",
            node.get("Properties", "MemorySize") or tree.get("Globals", "Function", "MemorySize"),
            node.get("Properties", "Timeout") or tree.get("Globals", "Function", "Timeout"),
            node.place,
        )
        for tree in trees
        for name, node in tree.map("Resources").items()
        if node.string("Type") == "AWS::Serverless::Function"
    ]
    return Functions(file.shown, [function for tree in trees for function in _sam(tree)], described)


@lru_cache(maxsize=16)
def handlers(project: Project) -> frozenset[str]:
    """The names of the modules whose functions AWS Lambda calls, as serverless.yml, a template of SAM or the CMD of an image for Lambda
    says."""
    named = [function.handler for facts in project.all(Functions) for function in facts.described]
    for docker in project.all(Dockerfile):
        stage = docker.final if docker.stages else None
        if stage is not None and stage.root is not None and (stage.root.name or "").endswith("lambda/python") and stage.command is not None:
            named += [word.text or "" for word in stage.command.argv if stage.entrypoint is None]
    return frozenset(posixpath.basename(one.rpartition(".")[0].replace(".", "/")) for one in named if "." in one)


def _sam(tree: Node) -> Iterator[CloudFunction]:
    shared = tree.get("Globals", "Function") or Node(tree.place, "map")
    for name, node in tree.map("Resources").items():
        if node.string("Type") != "AWS::Serverless::Function":
            continue
        own = node.get("Properties") or Node(node.place, "map")
        runtime, kind = own.get("Runtime") or shared.get("Runtime"), own.string("PackageType") or shared.string("PackageType") or "Zip"
        folder = own.string("CodeUri") or shared.string("CodeUri")
        if runtime and runtime.text and kind == "Zip" and folder and not (own.get("Layers") or shared.get("Layers")):
            yield CloudFunction(name, runtime.text, posixpath.normpath(posixpath.join(folder, "requirements.txt")), runtime.place)
