"""Operators: models that use what their converter, exporter or runtime does not have."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from deplint import File, Finding, Model, Place, Project
from deplint.code.facts import Call, Value
from deplint.code.library import FRAMEWORKS
from deplint.code.pipelines import files_naming
from deplint.code.pytorch import Operation, operations
from deplint.data import load
from deplint.finding import Placed
from deplint.model import Unreadable
from deplint.settings.gradle import GradleBuild
from deplint.settings.packages import Podfile
from deplint.targets.verdict import Verdict

Facts = TypeVar("Facts")

RUNTIMES = (
    "org.tensorflow:tensorflow-lite",
    "com.google.ai.edge.litert:litert",
    "com.google.android.gms:play-services-tflite-java",
)
"""Maven packages of the plain TensorFlow Lite runtime."""

PODS = ("TensorFlowLiteSwift", "TensorFlowLiteObjC", "TensorFlowLiteC")
INTERPRETERS = ("{ai_edge_litert,tflite_runtime}.interpreter.Interpreter", "tensorflow.lite.Interpreter")
GRADLE = (".gradle", ".kts", ".toml", ".kt", ".java", ".groovy")
"""Suffixes of what a Gradle build is written in."""

PYTHON = (".py", ".ipynb")
SHOWN = 3
"""Names of operations in a message."""

_IMPORT = re.compile(r"^[\s\"]*(?:from\s+\.*(\w+)|from\s+\.+\s+import\s+(\w+)|import\s+(\w+))", re.M)
_PACKAGED = re.compile(r"(?P<module>.*)/src/[^/]+/(?:assets|ml|res/raw)/")
_NOT_SHIPPED = ("test", "androidtest", "classpath", "lint")


@dataclass(frozen=True)
class Carrier:
    """What certainly runs a `.tflite` file of the project with the plain runtime: an app for ``android`` or ``ios``, or the Python `call`
    of an interpreter. `words` say it to people; `root` is the folder of all that is built together."""

    kind: str
    words: str
    root: Path
    call: Call | None = None


def carriers(model: Model, project: Project) -> Iterator[Carrier]:
    """What runs the model, as far as that is certain."""
    path = Path(os.path.abspath(model.path))
    for find in (_android, _ios, _python):
        yield from find(path, project)


def at_targets(
    model: Model,
    project: Project,
    cause: str,
    *,
    named: bool = False,
    at_worst: Verdict = Verdict.fails,
    words: str = "does not run",
) -> Iterator[Finding]:
    """What the project's targets have against the model, for one cause (`deplint.targets.verdict.CAUSES`): what makes it fail, and what is
    `at_worst`. With `named`, only for targets that a user names: other rules speak of what the project pins. `words` end the message."""
    from deplint.targets.deployed import judgements

    for deployed, judgement in judgements(model, project):
        for reason in judgement.reasons:
            if reason.cause != cause or reason.fault or reason.verdict not in (Verdict.fails, at_worst) or (named and not deployed.named):
                continue
            first, *others = reason.locations or ("",)
            message = f"{reason.message}: the model {words} {deployed.words}"
            yield Finding(Place(model.path, where=first), message, help=reason.remedy, count=reason.count, also=others)


def read(project: Project, file: File | None, kind: type[Facts]) -> list[Facts]:
    """The facts of a kind that a file holds; none if there is no such file."""
    return project.facts(file, kind) if file is not None else []


def mentioned(project: Project, folder: Path, pattern: str, *suffixes: str) -> File | None:
    """The first file below `folder` with one of the suffixes whose text holds `pattern`."""
    return next((f for f in project.files if f.suffix in suffixes and f.path.is_relative_to(folder) and re.search(pattern, _text(f))), None)


def provided(project: Project, near: Placed, pattern: str, *suffixes: str) -> bool:
    """Some file with one of the suffixes holds `pattern`, so that what `near` lacks may come from there. Python code that belongs to
    another part of the project counts if a file here imports something that is called like it, or like a folder that it lies in."""
    inside = project.area(near)
    found = [f for f in project.files if f.suffix in suffixes and re.search(pattern, _text(f))]
    if any(f.suffix not in PYTHON or f.path.is_relative_to(inside) for f in found):
        return True
    code = {f: set(re.findall(r"\w+", os.path.relpath(f.path, project.root))) for f in project.files if f.suffix in PYTHON} if found else {}
    reached = [f for f in code if f.path.is_relative_to(inside)]
    for file in reached:
        names = {name for match in _IMPORT.finditer(_text(file)) for name in match.groups() if name} - FRAMEWORKS - sys.stdlib_module_names
        reached += [f for f, called in code.items() if f not in reached and called & names]
    return not set(found).isdisjoint(reached)


def untranslated(model: Value, *exporters: str) -> dict[str, Operation]:
    """What running the PyTorch module certainly does that none of the exporters (columns of `torch_export`) translates, by the name of
    the function or layer."""
    refused = {row["name"]: row for row in load("torch_export")["rows"] if all(exporter in row for exporter in exporters)}
    methods = {"." + name.rpartition(".")[2]: name for name, row in refused.items() if row.get("method")}
    found: dict[str, Operation] = {}
    for operation in operations(model):
        name = methods.get(operation.name, operation.name)
        if name in refused:
            found.setdefault(name, operation)
    return found


def named(found: Mapping[str, Placed], near: Placed) -> str:
    """Operations with the places that call them, for a message about code in the file of `near`."""

    def where(place: Place) -> str:
        if place.span is None:
            return place.path
        return f"line {place.span.line}" if place.path == near.place.path else f"{place.path}:{place.span.line}"

    shown = [f"{name} ({where(thing.place)})" for name, thing in list(found.items())[:SHOWN]]
    return ", ".join(shown) + (f" and {len(found) - SHOWN} more" if len(found) > SHOWN else "")


def _text(file: File) -> str:
    """The text of a file that may as well be none."""
    try:
        return file.text
    except (Unreadable, OSError):
        return ""


def _android(path: Path, project: Project) -> Iterator[Carrier]:
    """The module that packs the file into an app with a plain runtime. A dependency that cannot be read may be anything."""
    packaged = _PACKAGED.match(path.as_posix())
    module = Path(packaged["module"]) if packaged else path
    for file in filter(None, (project.file(module / name) for name in ("build.gradle", "build.gradle.kts"))):
        for facts in read(project, file, GradleBuild):
            shipped = [d for d in facts.resolved(project).dependencies if not d.configuration.lower().startswith(_NOT_SHIPPED)]
            runtime = next((d.name for d in shipped if d.name in RUNTIMES), "")
            if runtime and all(d.name for d in shipped) and ".aar" not in file.text:
                yield Carrier("android", f"{file.shown} ships it with {runtime}", _root(module, project))


def _root(module: Path, project: Project) -> Path:
    """The folder of the Gradle build that a module belongs to."""
    above = [folder for folder in (module, *module.parents) if folder.is_relative_to(project.root)]
    return next((f for f in above if project.file(f / "settings.gradle") or project.file(f / "settings.gradle.kts")), module)


def _ios(path: Path, project: Project) -> Iterator[Carrier]:
    """The app whose Podfile has a plain runtime, and whose code or Xcode project names the file."""
    for folder in path.parents:
        file = project.file(folder / "Podfile")
        if file is not None:
            named = rf"\"{re.escape(path.stem)}(?:{re.escape(path.suffix)})?\"|{re.escape(path.name)} in Resources"
            pods = [pod for podfile in read(project, file, Podfile) for pod in PODS if podfile.pod(pod)]
            user = mentioned(project, folder, named, ".swift", ".m", ".mm", ".pbxproj") if pods else None
            if user is not None:
                yield Carrier("ios", f"{user.shown} names it and {file.shown} has {pods[0]}", folder)
        if file is not None or folder == project.root:
            return


def _python(path: Path, project: Project) -> Iterator[Carrier]:
    """The first interpreter that is given the file's path, and no delegates."""
    for call in (call for file in files_naming(project, path.name) for call in file.calls(*INTERPRETERS)):
        given = call.argument("model_path", 0).text
        plain = all(call.argument(name).missing for name in ("experimental_delegates", "custom_op_registerers"))
        found = project.resolve(given, near=call) if given and plain and not call.guarded else None
        if found is not None and found.path == path:
            line = call.place.span.line if call.place.span else "?"
            library = call.name.partition(".")[0]
            yield Carrier("python", f"{call.place.path}:{line} loads it with {library}", project.root, call)
            return
