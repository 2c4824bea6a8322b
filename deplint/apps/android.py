"""How an Android app opens the models among its assets, and what its Gradle build does with them.

The names of assets reach ``AssetManager.openFd`` through helper functions, often of another file: `openers` finds those.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from deplint import Project
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Class, Function, Member, Name, Node
from deplint.finding import Place
from deplint.model import Model, Tensor
from deplint.settings.gradle import GradleBuild

JVM = ("java", "kotlin")

SUFFIXES = ("tflite", "lite", "onnx", "ort", "pte", "ptl", "pt", "pth", "bin", "task", "litertlm", "mnn", "ncnn", "param", "pb")
"""Suffixes of the files that models are shipped in."""

_NAMED = re.compile(rf"[^\x00-\x1f\"]+\.(?:{'|'.join(SUFFIXES)})", re.IGNORECASE)
_WORTH_PARSING = rf"\.(?:{'|'.join(SUFFIXES)})\b"

OPENING: Mapping[str, int] = {
    "**.openFd": 0,
    "org.tensorflow.lite.support.common.FileUtil.loadMappedFile": 1,
    "org.tensorflow.lite.task.{vision,text,audio}.**.{createFromFile,createFromFileAndOptions}": 1,
}
"""What opens an asset as a file descriptor -> the position of its name. Source: tflite-support, FileUtil.java and TaskJniUtils.java."""


@dataclass(frozen=True)
class Opener:
    """A function of the project that hands its parameter to what opens an asset as a file descriptor. `owner` is the class it is in,
    `task` says that the Task library opens it."""

    path: str
    owner: str
    id: str
    parameter: str
    position: int
    task: bool


@dataclass(frozen=True, eq=False)
class Opened:
    """A model asset opened as a file descriptor: `call` names it. `task` says that the Task library does, and looks after its input."""

    call: Call
    asset: str
    task: bool


@lru_cache(maxsize=8)
def openers(project: Project) -> Mapping[str, tuple[Opener, ...]]:
    """The project's functions that open the asset they are given, by name; those that call such a function included."""
    files = [file for file in project.all(SourceFile) if file.language in JVM]
    known: dict[str, tuple[Opener, ...]] = {}
    wanted, news = r"\b(?:openFd|loadMappedFile)\s*\(", True
    for _ in range(3):
        news = False
        for file in files:
            for call, node, task in _opening(file, known) if file.mentions(wanted) else ():
                opener = _passed_on(call, node, task)
                if opener is not None and opener not in known.get(opener.id, ()):
                    known[opener.id] = (*known.get(opener.id, ()), opener)
                    news = True
        if not news:
            break
        wanted = rf"\b(?:{'|'.join(sorted(known))})\s*\("
    return known


@lru_cache(maxsize=64)
def opened(file: SourceFile, project: Project) -> tuple[Opened, ...]:
    """The model assets that a file certainly opens as file descriptors, by their names, in the order they are written."""
    if file.language not in JVM or not file.mentions(_WORTH_PARSING):
        return ()
    found = [(call, node.value, task) for call, node, task in _opening(file, openers(project))]
    return tuple(Opened(call, asset, task) for call, asset, task in found if isinstance(asset, str) and _NAMED.fullmatch(asset))


def _opening(file: SourceFile, known: Mapping[str, tuple[Opener, ...]]) -> Iterator[tuple[Call, Node, bool]]:
    """The calls that open an asset, each with the expression for its name, and whether the Task library does."""
    for pattern, position in OPENING.items():
        for call in file.calls(pattern):
            node = call.argument(None, position)
            if node is not None and not _otherwise(call, node):
                yield call, node, ".task." in pattern
    if not any(id in file.text for id in known):
        return
    for call in file.calls():
        for opener in known.get(call.method, ()):
            node = _named(call, opener)
            if node is not None:
                yield call, node, opener.task
                break


def _otherwise(call: Call, node: Node) -> bool:
    """The same function also opens it as a stream, which may be what it does where this fails."""
    streams = (other for other in call.file.calls("**.open") if other.function is call.function)
    return any(a.value.text == node.text for other in streams for a in other.arguments)


def _named(call: Call, opener: Opener) -> Node | None:
    """The argument that an opener takes for the asset's name; None if another function may be meant."""
    around = call.callee.object if isinstance(call.callee, Member) else None
    facade = isinstance(around, Name) and around.id == os.path.basename(opener.path).removesuffix(".kt") + "Kt"
    if call.file.path != opener.path:
        static = isinstance(around, Name) and around.id == opener.owner
        if not (static if opener.owner else facade or opener.path.endswith(".kt")):
            return None
    node = call.argument(opener.parameter, opener.position)
    if node is not None and isinstance(node.value, str):
        return node
    # Java calls an extension function with the receiver in front.
    return call.argument(None, opener.position + 1) if facade else node


def _passed_on(call: Call, node: Node, task: bool) -> Opener | None:
    """The function whose parameter `node` is."""
    if not isinstance(node, Name):
        return None
    meaning = node.file.meaning
    variable = meaning.lookup(node)
    for function in call.ancestors:
        for position, parameter in enumerate(function.parameters if isinstance(function, Function) and function.id else ()):
            target = parameter.target
            if variable is not None and isinstance(target, Name) and meaning.lookup(target) is variable:
                assert isinstance(function, Function)
                owner = next((n.id for n in function.ancestors if isinstance(n, Class) and n.id), "")
                return Opener(call.file.path, owner, function.id, target.id, position, task)
    return None


# Builds


@dataclass(frozen=True, eq=False)
class Gradle:
    """The builds of one Gradle project, with what catalogs and properties say filled in."""

    root: Path
    builds: tuple[GradleBuild, ...]
    mentioned: bool
    """``noCompress`` is written where `builds` do not have it."""

    @property
    def android(self) -> bool:
        return any(build.android is not None for build in self.builds)

    def compresses(self, asset: str) -> bool | None:
        """Whether packing compresses an asset as far as ``noCompress`` goes, which names the ends of file names; None if unknown."""
        words = [word for build in self.builds if build.android for word in build.android.no_compress]
        if any(word.text is not None and asset.lower().endswith(word.text.lower()) for word in words):
            return False
        return None if self.mentioned or any(word.text is None for word in words) else True


def gradle(project: Project, near: Place) -> Gradle | None:
    """The Gradle project that a file is part of."""
    above = [folder for folder in Path(os.path.abspath(near.path)).parents if folder.is_relative_to(project.root)]
    for names in (("settings.gradle", "settings.gradle.kts"), ("build.gradle", "build.gradle.kts")):
        for folder in above:
            if any(project.file(folder / name) for name in names):
                return _gradle(project, folder)
    return None


@lru_cache(maxsize=8)
def _gradle(project: Project, root: Path) -> Gradle:
    inside = [build for build in project.all(GradleBuild) if Path(os.path.abspath(build.path)).is_relative_to(root)]
    builds = tuple(build.resolved(project) for build in inside)
    mentioned = False
    for file in project.files:
        if file.path.is_relative_to(root) and file.name.endswith((".gradle", ".gradle.kts", "Plugin.kt", "Plugin.java", "Plugin.groovy")):
            known = next((build for build in builds if build.path == file.shown and build.android), None)
            if re.search(r"(?m)^(?!\s*//).*noCompress", file.text) and not (known and known.android and known.android.no_compress):
                mentioned = True
    return Gradle(root, builds, mentioned)


# Models


@dataclass(frozen=True, eq=False)
class Linked:
    """The one TensorFlow Lite model that a source file certainly works with, and the call that opens it."""

    call: Call
    asset: str
    model: Model

    @property
    def input(self) -> Tensor | None:
        """Its only input; None if it has several, or one whose size may vary."""
        inputs = self.model.inputs
        return inputs[0] if len(inputs) == 1 and inputs[0].static else None

    @property
    def image(self) -> tuple[int, int] | None:
        """Height and width of the pictures it takes; None if its input is no single picture."""
        shape = self.input.shape if self.input else None
        if shape is None or len(shape) != 4 or shape[0] != 1:
            return None
        first, last = shape[1] in CHANNELS, shape[3] in CHANNELS
        sizes = shape[2:] if first and not last else shape[1:3] if last and not first else ()
        height, width = (size if isinstance(size, int) else 0 for size in sizes or (0, 0))
        return (height, width) if height and width else None


CHANNELS = (1, 3, 4)


@lru_cache(maxsize=64)
def linked(file: SourceFile, project: Project) -> Linked | None:
    """The model a file opens for an interpreter, if it opens and names just one, leaves its input's size alone, and the project has it."""
    calls = list(opened(file, project) if file.language in JVM else _resources(file))
    if len({each.asset for each in calls}) != 1 or any(each.task for each in calls) or file.mentions(r"\bresizeInput\b|\.task\."):
        return None
    call, asset = calls[0].call, calls[0].asset
    if {node.value for node in file.strings if isinstance(node.value, str) and re.search(r"\.(tf)?lite$", node.value)} - {asset}:
        return None
    build = gradle(project, file.place) if file.language in JVM else None
    tail = f"/assets/{asset}" if file.language in JVM else f"/{asset}"
    files = [f for f in project.files if f.path.as_posix().endswith(tail) and (build is None or f.path.is_relative_to(build.root))]
    models = [model for f in files for model in project.facts(f, Model) if isinstance(model, Model)] if len(files) == 1 else []
    return Linked(call, asset, models[0]) if len(models) == 1 and models[0].format == "tflite" else None


def _resources(file: SourceFile) -> Iterator[Opened]:
    """The calls that find a model among a bundle's resources, for an interpreter (Swift)."""
    for call in file.calls("**.path") if file.language == "swift" and file.mentions(r"\bInterpreter\b") else ():
        name, kind = call.argument("forResource"), call.argument("ofType")
        if name and kind and isinstance(name.value, str) and kind.value in ("tflite", "lite"):
            yield Opened(call, f"{name.value}.{kind.value}", task=False)
