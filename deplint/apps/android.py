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
from typing import TypeVar

from deplint import File, Project
from deplint.apps.apple import file_infos
from deplint.code.source import SourceFile
from deplint.code.source_nodes import UNKNOWN, Call, Class, Declare, Function, Member, Name, Node, Operation
from deplint.code.source_values import operate
from deplint.finding import Place, Placed
from deplint.model import Model, Tensor
from deplint.settings.gradle import SHIPPED, Dependency, GradleBuild
from deplint.settings.gradle import Module as GradleModule

Facts = TypeVar("Facts", bound=Placed)

JVM = ("java", "kotlin")

SUFFIXES = ("tflite", "lite", "onnx", "ort", "pte", "ptl", "pt", "pth", "bin", "task", "litertlm", "mnn", "ncnn", "param", "pb")
"""Suffixes of the files that models are shipped in."""

_NAMED = re.compile(rf"[^\x00-\x1f\"]+\.(?:{'|'.join(SUFFIXES)})", re.IGNORECASE)

OPENING: Mapping[str, int] = {
    "**.openFd": 0,
    "org.tensorflow.lite.support.common.FileUtil.loadMappedFile": 1,
    "org.tensorflow.lite.task.{vision,text,audio}.**.{createFromFile,createFromFileAndOptions}": 1,
}
"""What opens an asset as a file descriptor -> the position of its name. Source: tflite-support, FileUtil.java and TaskJniUtils.java."""


NAMING: Mapping[str, int] = {
    "**.{setModelAssetPath,setAssetFilePath}": 0,
    "com.google.ai.edge.litert.CompiledModel.create": 1,
    "org.pytorch.{LiteModuleLoader,PyTorchAndroid}.loadModuleFromAsset": 1,
    "org.tensorflow.contrib.android.TensorFlowInferenceInterface": 1,
}
"""Calls of runtimes that take the name of an asset -> its position."""

_HELPERS = re.compile(r"(?i)(?:get|copy|read|load|open)?(?:file|path|model|module|bytes)?(?:from)?assets?(?:file|path|to\w*|bytes)*")
"""Names of the usual helpers that find an asset by its name: ``assetFilePath(this, "net.ptl")``."""

ASSET_URI = re.compile(r"file:/*android_asset/")


@dataclass(frozen=True)
class Opener:
    """A function of the project, or a constructor, that hands its parameter to what opens an asset as a file descriptor. `owner` is the
    class it is in, with its package where it is one that is constructed; `task` says that the Task library opens it."""

    path: str
    owner: str
    id: str
    parameter: str
    position: int
    task: bool
    constructor: bool = False


@dataclass(frozen=True, eq=False)
class Opening:
    """A call that opens an asset, and the expression for its name. `task` says that the Task library does, and looks after its input."""

    call: Call
    name: Node
    task: bool


@dataclass(frozen=True, eq=False)
class Opened:
    """A model asset opened as a file descriptor: `call` names it. `task` says that the Task library does, and looks after its input."""

    call: Call
    asset: str
    task: bool


@lru_cache(maxsize=8)
def sources(project: Project) -> tuple[SourceFile, ...]:
    """The project's files in Java and Kotlin."""
    return tuple(file for file in project.all(SourceFile) if file.language in JVM)


@lru_cache(maxsize=8)
def openers(project: Project) -> Mapping[str, tuple[Opener, ...]]:
    """The project's functions that open the asset they are given, by name; those that call such a function included."""
    files = sources(project)
    known: dict[str, tuple[Opener, ...]] = {}
    wanted, news = r"\b(?:openFd|loadMappedFile)\s*\(", True
    for _ in range(3):
        news = False
        for file in files:
            for each in _opening(file, known) if file.mentions(wanted) else ():
                opener = _passed_on(each)
                if opener is not None and opener not in known.get(opener.id, ()):
                    known[opener.id] = (*known.get(opener.id, ()), opener)
                    news = True
        if not news:
            break
        wanted = rf"\b(?:{'|'.join(sorted(known))})\s*\("
    return known


@lru_cache(maxsize=64)
def openings(file: SourceFile, project: Project) -> Mapping[Call, Opening]:
    """The calls of a file that open an asset as a file descriptor."""
    return {each.call: each for each in _opening(file, openers(project))} if file.language in JVM else {}


@lru_cache(maxsize=64)
def opened(file: SourceFile, project: Project) -> tuple[Opened, ...]:
    """The model assets that a file certainly opens as file descriptors, by their names, in the order they are written."""
    found = [(each.call, written(each.name, project), each.task) for each in openings(file, project).values()]
    return tuple(Opened(call, asset, task) for call, asset, task in found if asset is not None and _NAMED.fullmatch(asset))


@lru_cache(maxsize=64)
def named(file: SourceFile, project: Project) -> tuple[Opened, ...]:
    """The model assets that a file certainly names to whatever opens them, file descriptors, streams and runtimes, in some order."""
    if file.language not in JVM or not file.mentions(r"(?i)asset|loadMappedFile|InferenceInterface"):
        return ()
    found = {each.call: each for each in opened(file, project)}
    for pattern, position in NAMING.items():
        for call in file.calls(pattern):
            node = call.argument(None, position)
            asset = written(node, project) if node is not None else None
            if asset is not None and call not in found:
                found[call] = Opened(call, ASSET_URI.sub("", asset), task=True)
    for call in file.calls():
        if call in found or not (streamed(call) or _HELPERS.fullmatch(call.method)):
            continue
        assets = [asset for argument in call.arguments if (asset := written(argument.value, project)) is not None]
        if len(assets) == 1:
            found[call] = Opened(call, assets[0], task=False)
    return tuple(each for each in found.values() if _NAMED.fullmatch(each.asset))


def streamed(call: Call) -> bool:
    """Whether a call opens an asset as a stream: ``context.assets.open(name)``."""
    around = call.callee.object if isinstance(call.callee, Member) else None
    return call.method == "open" and around is not None and re.search(r"(?i)assets?(?:manager)?(?:\(\))?$", around.text) is not None


def handed(opening: Opening, project: Project, depth: int = 2) -> Mapping[str, Call] | None:
    """The names that the project gives for the parameter that an opening's name is, with the calls; None if some are unknown."""
    opener = _passed_on(opening)
    if opener is None:
        return None
    found: dict[str, Call] = {}
    for file in sources(project):
        if file.mentions(rf"\b{re.escape(opener.id)}\s*\("):
            for each in _opening(file, {opener.id: (opener,)}):
                if each.call is opening.call or each.call.method != opener.id:
                    continue
                asset = written(each.name, project)
                more = {asset: each.call} if asset is not None else handed(each, project, depth - 1) if depth else None
                if more is None:
                    return None
                found.update(more)
    return found


def written(node: Node, project: Project) -> str | None:
    """The string that an expression certainly is; constants of other files are looked up."""
    value = node.value
    if isinstance(value, str):
        return value
    if isinstance(node, Call):
        return _returned(node, project)
    value = _elsewhere(node, project)
    return value if isinstance(value, str) else None


def number(node: Node, project: Project, depth: int = 4) -> int | None:
    """The whole number that an expression certainly is, computed of constants that may be those of other files."""
    value = node.value
    if type(value) is not int and depth:
        if isinstance(node, Operation):
            values = [number(child, project, depth - 1) for child in node.children]
            value = operate(node.operator, [UNKNOWN if each is None else each for each in values], node.file.language)
        elif isinstance(node, Call) and node.method in ("toInt", "toLong") and node.receiver is not None:
            value = number(node.receiver, project, depth - 1)
        elif isinstance(node, Name) and (variable := node.file.meaning.variable(node)) is not None and not variable.imported:
            sources = variable.sources if not variable.open else []
            source = sources[0].source if len(sources) == 1 and sources[0].path == () else None
            value = number(source, project, depth - 1) if source is not None else None
        else:
            value = _elsewhere(node, project)
    return value if type(value) is int else None


def _elsewhere(node: Node, project: Project) -> object:
    """The constant of another file that a name stands for, None if there is none."""
    if not isinstance(node, (Name, Member)) or not node.name:
        return None
    owner, _, id = node.name.rpartition(".")
    if not node.resolved:
        owner = f"{package(node.file)}.{owner}" if owner else package(node.file)
    return _constant(project, owner, id) if re.fullmatch(r"\w+", id) else None


def _returned(call: Call, project: Project) -> str | None:
    """The string that a method without parameters returns wherever the project has it: ``getModelPath()``, perhaps of another class."""
    if call.arguments or call.receiver is not None or not isinstance(call.callee, Name):
        return None
    id = call.callee.id
    files = [call.file] if call.file.meaning.local(call.callee) else [f for f in sources(project) if f.mentions(rf"\b{id}\s*\(\s*\)")]
    results = [result for file in files for function in file.functions if function.id == id for result in function.results]
    values = {result.value for result in results}
    value = values.pop() if len(values) == 1 else None
    return value if isinstance(value, str) else None


@lru_cache(maxsize=256)
def _constant(project: Project, owner: str, id: str) -> str | int | None:
    """The constant `id`, a string or whole number, of a class or object, or of the Kotlin of a package `owner`; those of its package come
    first."""
    above, _, last = owner.rpartition(".")
    named = last[:1].isupper()
    found: dict[bool, set[str | int]] = {True: set(), False: set()}
    for file in sources(project):
        if file.mentions(rf"\b(?:val|String|int|long)\s+{id}\b"):
            if named and not file.mentions(rf"\b(?:class|object|interface)\s+{re.escape(last)}\b"):
                continue
            values = {variable.value for variable in file.variables if variable.name == id and type(variable.value) in (str, int)}
            found[package(file) == (above if named else owner)] |= values
    values = found[True] or (found[False] if named else set())
    return values.pop() if len(values) == 1 else None


def _opening(file: SourceFile, known: Mapping[str, tuple[Opener, ...]]) -> Iterator[Opening]:
    """The calls that open an asset, each with the expression for its name, and whether the Task library does."""
    for pattern, position in OPENING.items():
        for call in file.calls(pattern):
            node = call.argument(None, position)
            if node is not None and not _otherwise(call, node):
                yield Opening(call, node, ".task." in pattern)
    if not any(id in file.text for id in known):
        return
    for call in file.calls():
        for opener in known.get(call.method, ()):
            node = _named(call, opener)
            if node is not None:
                yield Opening(call, node, opener.task)
                break


def _otherwise(call: Call, node: Node) -> bool:
    """The same function also opens it as a stream, which may be what it does where this fails."""
    streams = (other for other in call.file.calls("**.open") if other.function is call.function)
    return any(a.value.text == node.text for other in streams for a in other.arguments)


def _named(call: Call, opener: Opener) -> Node | None:
    """The argument that an opener takes for the asset's name; None if another function may be meant."""
    around = call.callee.object if isinstance(call.callee, Member) else None
    if around is not None and streamed(call):
        return None
    if opener.constructor:
        made = (call.new or call.file.language == "kotlin") and around is None
        meant = call.name if call.resolved else f"{package(call.file)}.{opener.id}"
        return call.argument(opener.parameter, opener.position) if made and meant == opener.owner else None
    facade = isinstance(around, Name) and around.id == os.path.basename(opener.path).removesuffix(".kt") + "Kt"
    if call.file.path != opener.path:
        own = around is not None and around.name.removesuffix("()").rpartition(".")[2] == opener.owner
        if not (own if opener.owner else facade or opener.path.endswith(".kt")):
            return None
    node = call.argument(opener.parameter, opener.position)
    if node is not None and isinstance(node.value, str):
        return node
    # Java calls an extension function with the receiver in front.
    return call.argument(None, opener.position + 1) if facade else node


def _passed_on(opening: Opening) -> Opener | None:
    """The function or constructor whose parameter an opening's name is."""
    node: Node | None = opening.name
    for _ in range(3):
        variable = node.file.meaning.variable(node) if isinstance(node, (Name, Member)) else None
        if variable is None:
            return None
        declared = variable.node.parent if variable.node is not None else None
        taker = declared.parent if isinstance(declared, Declare) and declared.kind == "parameter" else None
        if isinstance(taker, (Function, Class)) and taker.id:
            parameters = taker.parameters if isinstance(taker, Function) else [c for c in taker.children if _is_parameter(c)]
            owner = taker.id if isinstance(taker, Class) else taker.owner
            constructor = isinstance(taker, Class) or taker.id == owner
            position = next((at for at, parameter in enumerate(parameters) if parameter is declared), -1)
            if position < 0:
                return None
            if constructor:
                owner = f"{package(opening.call.file)}.{taker.id}"
            return Opener(opening.call.file.path, owner, taker.id, variable.name, position, opening.task, constructor)
        sources = variable.sources
        node = sources[0].source if len(sources) == 1 and sources[0].path == () else None
    return None


def arguments(node: Node, project: Project) -> list[Node]:
    """What a parameter, or a field that is set to it, is given by the calls of its constructor, or of its method on what is an object of
    its class, in the app's code; empty if it is no parameter, or if a call leaves it out."""
    taker: Node | None = None
    for _ in range(3):
        variable = node.file.meaning.variable(node) if isinstance(node, (Name, Member)) else None
        if variable is None or variable.imported:
            return []
        declared = variable.node.parent if variable.node is not None else None
        taker = declared.parent if isinstance(declared, Declare) and declared.kind == "parameter" else None
        held = variable.sources[0] if len(variable.sources) == 1 and variable.sources[0].path == () else None
        if taker is not None or held is None or held.source is None:
            break
        node = held.source
    if variable is None or not isinstance(taker, (Function, Class)) or not re.fullmatch(r"\w+", taker.id):
        return []
    parameters = taker.parameters if isinstance(taker, Function) else [child for child in taker.children if _is_parameter(child)]
    position = next((at for at, parameter in enumerate(parameters) if parameter is declared), -1)
    owner = taker.id if isinstance(taker, Class) else taker.owner
    found = [call.argument(variable.name, position) for call in calls_of(taker.id, owner, len(parameters), node.file, project)]
    return [given for given in found if given is not None] if None not in found else []


def calls_of(id: str, owner: str, count: int, home: SourceFile, project: Project) -> Iterator[Call]:
    """The calls, in the app that `home` is part of, of the constructor or the method `id` of a class, which takes up to `count`."""
    here = gradle(project, home.place)
    for file in sources(project):
        if not file.mentions(rf"\b{id}\s*\(") or gradle(project, file.place) is not here:
            continue
        for call in file.calls(id, f"**.{id}"):
            if len(call.arguments) > count:
                continue
            if id == owner:
                meant = call.new or (isinstance(call.callee, Name) and file.language == "kotlin")
            else:
                receiver = call.receiver.name if call.receiver is not None else ""
                meant = owner in re.split(r"[.()]+", receiver) or (file is home and isinstance(call.callee, Name))
            if meant:
                yield call


def package(file: SourceFile) -> str:
    """The package that a file says it is in."""
    match = re.search(r"(?m)^\s*package\s+([\w.]+)", file.text)
    return match[1] if match else ""


def _is_parameter(node: Node) -> bool:
    return isinstance(node, Declare) and node.kind == "parameter"


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


RUNTIMES = ("org.tensorflow:", "com.google.ai.edge.", "org.pytorch:", "com.microsoft.onnxruntime:", "com.google.mediapipe:tasks-",
            "com.google.mlkit:", "com.google.android.gms:play-services-tflite", "com.google.android.gms:play-services-mlkit")  # fmt: skip
"""How the Maven names of what runs models begin."""


def is_app(build: GradleBuild) -> bool:
    """Whether the build makes an app; what a library says of ABIs or API levels is not the last word."""
    return build.has_plugin("com.android.application") or any(build.find("android", "defaultConfig", "applicationId"))


def packed(build: GradleBuild) -> list[Dependency]:
    """The dependencies that some variant of the app has, of a resolved build."""
    return [
        d for d in build.dependencies if not re.match(r"(?i)(?:android)?test|classpath|lint|kapt|ksp|annotationProcessor", d.configuration)
    ]


def brought(build: GradleBuild, project: Project) -> list[tuple[GradleModule, GradleBuild]]:
    """The modules that become part of a build because it depends on them, directly or through others, resolved; with each the dependency
    of `build` that leads there."""
    around = gradle(project, build.place)
    if around is None:
        return []
    found: list[tuple[GradleModule, GradleBuild]] = []
    todo = [(step, step.path) for step in build.modules if step.configuration in SHIPPED]
    seen: set[str] = set()
    while todo and len(seen) < 100:
        first, path = todo.pop(0)
        folder = around.root.joinpath(*path.strip(":").split(":"))
        if path in seen:
            continue
        seen.add(path)
        scripts = {folder / "build.gradle", folder / "build.gradle.kts"}
        for other in (each for each in around.builds if Path(os.path.abspath(each.path)) in scripts):
            found.append((first, other))
            todo += [(first, step.path) for step in other.modules if step.configuration in SHIPPED]
    return found


def module(project: Project, near: Place) -> GradleBuild | None:
    """The resolved build script of the module that a file is part of."""
    for folder in Path(os.path.abspath(near.path)).parents:
        for name in ("build.gradle", "build.gradle.kts"):
            file = project.file(folder / name)
            found = next(iter(project.facts(file, GradleBuild)), None) if file else None
            if found is not None:
                return found.resolved(project)
        if folder == project.root:
            break
    return None


def beside(project: Project, build: GradleBuild, kind: type[Facts]) -> list[Facts]:
    """The facts of a kind in the folder of a module and below."""
    folder = os.path.dirname(os.path.abspath(build.path)) + os.sep
    return [facts for path, facts in _placed(project, kind) if path.startswith(folder)]


@lru_cache(maxsize=32)
def _placed(project: Project, kind: type[Facts]) -> tuple[tuple[str, Facts], ...]:
    return tuple((os.path.abspath(facts.place.path), facts) for facts in project.all(kind))


def gradle(project: Project, near: Place) -> Gradle | None:
    """The Gradle project that a file is part of."""
    return _around(project, os.path.dirname(os.path.abspath(near.path)))


@lru_cache(maxsize=4096)
def _around(project: Project, folder: str) -> Gradle | None:
    above = [each for each in (Path(folder), *Path(folder).parents) if each.is_relative_to(project.root)]
    for names in (("settings.gradle", "settings.gradle.kts"), ("build.gradle", "build.gradle.kts")):
        for each in above:
            if any(project.file(each / name) for name in names):
                return _gradle(project, each)
    return None


@lru_cache(maxsize=512)
def _gradle(project: Project, root: Path) -> Gradle:
    inside = [build for path, build in _scripts(project) if path.is_relative_to(root)]
    builds = tuple(build.resolved(project) for build in inside)
    mentioned = False
    for file in _mentioning(project):
        if file.path.is_relative_to(root):
            known = next((build for build in builds if build.path == file.shown and build.android), None)
            if not (known and known.android and known.android.no_compress):
                mentioned = True
    return Gradle(root, builds, mentioned)


@lru_cache(maxsize=8)
def _scripts(project: Project) -> tuple[tuple[Path, GradleBuild], ...]:
    return tuple((Path(os.path.abspath(build.path)), build) for build in project.all(GradleBuild))


@lru_cache(maxsize=8)
def _mentioning(project: Project) -> tuple[File, ...]:
    """The scripts and plugins of builds that have ``noCompress`` in them."""
    ends = (".gradle", ".gradle.kts", "Plugin.kt", "Plugin.java", "Plugin.groovy")
    return tuple(f for f in project.files if f.name.endswith(ends) and re.search(r"(?m)^(?!\s*//).*noCompress", f.text))


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
    if file.language in JVM:
        model = asset_model(asset, file, project)
    else:
        files = [f for f in project.files if f.path.as_posix().endswith(f"/{asset}")]
        models = [model for f in files for model in project.facts(f, Model)] if len(files) == 1 else []
        model = models[0] if len(models) == 1 else None
    return Linked(call, asset, model) if model is not None and model.format == "tflite" else None


def asset_model(asset: str, file: SourceFile, project: Project) -> Model | None:
    """The model of that name among the assets of the app a source file is part of; those of its own module come first."""
    files = asset_files(asset, file, project)
    models = project.facts(files[0], Model) if len(files) == 1 else []
    return models[0] if len(models) == 1 else None


def asset_files(asset: str, file: SourceFile, project: Project) -> list[File]:
    """The files of that name among the assets of the app a source file is part of, or of its own module if that has one."""
    build = gradle(project, file.place)
    files = [f for f in _assets(project).get(asset.rpartition("/")[2], ()) if f.path.as_posix().endswith(f"/assets/{asset}")]
    files = [f for f in files if build is None or f.path.is_relative_to(build.root)]
    module = os.path.abspath(file.path).replace(os.sep, "/").partition("/src/")[0]
    return [f for f in files if f.path.as_posix().startswith(f"{module}/")] or files


@lru_cache(maxsize=8)
def _assets(project: Project) -> Mapping[str, list[File]]:
    """The files in folders called ``assets``, by name."""
    found: dict[str, list[File]] = {}
    for file in project.files:
        if "assets" in file.path.parts:
            found.setdefault(file.name, []).append(file)
    return found


def _resources(file: SourceFile) -> Iterator[Opened]:
    """The calls that find a model among a bundle's resources, for an interpreter (Swift, Objective-C)."""
    for call in file.calls("**.path") if file.apple and file.mentions(r"\b(?:TFL)?Interpreter\b") else ():
        name, kind = call.argument("forResource"), call.argument("ofType")
        if name and kind and isinstance(name.value, str) and kind.value in ("tflite", "lite"):
            yield Opened(call, f"{name.value}.{kind.value}", task=False)
        elif name and kind and not isinstance(name.value, str):
            yield from (Opened(call, named, task=False) for _, named in file_infos(file, "tflite", "lite"))
