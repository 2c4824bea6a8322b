"""Which of a project's Core ML models Swift and Objective-C code is about, and on which queue the code runs.

Xcode makes a class for each model, called like the file; code makes objects of it, takes their ``model``, or opens the compiled file
``Leaves.mlmodelc`` among the bundle's resources as an `MLModel`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from deplint import Model, Project
from deplint.code.facts import Call as PythonCall
from deplint.code.python import PythonFile
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Function, Member, Name, Node, Object
from deplint.code.source_scopes import Variable
from deplint.finding import Place, Span
from deplint.model import Tensor
from deplint.settings.apple import XcodeProject

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_NAMED = re.compile(r"([^/]+)\.(?:mlpackage/.*|mlmodel)$")
_WRITTEN = re.compile(r"(?:^|/)([^/]+)\.(?:mlpackage|mlmodel)/?$")
_DEPTH = 8

TFLITE = r"\b(?:import TensorFlowLite|TFLTensorFlowLite|TensorFlowLiteObjC)\b"
"""What code of TensorFlow Lite imports."""

PREDICTS = r"\bprediction(?:From\w+)?\s*[(:]"
"""What code that runs a Core ML model mentions."""


@dataclass(frozen=True, eq=False)
class Conversion:
    """A call of `coremltools.convert` whose result is saved, by `saved`; `name` is that of the class Xcode will make for it."""

    name: str
    call: PythonCall
    saved: PythonCall


def identifier(name: str) -> str:
    """A model's or feature's name as the generated code spells it."""
    name = re.sub(r"\W", "_", name)
    return f"_{name}" if name[:1].isdigit() else name


def class_name(model: Model) -> str:
    """The name by which code knows a model: that of the class Xcode makes for it. Empty if it has none."""
    match = _NAMED.search(model.path)
    return re.sub(r"\W", "_", match[1]) if match else ""


def models_of(file: SourceFile, project: Project) -> list[Model]:
    """The Core ML models that the code of a Swift file names."""
    words = set(re.findall(r"\w+", _COMMENT.sub("", file.text)))
    return [model for name, model in _models(project, project.area(file)) if name in words]


@lru_cache(maxsize=32)
def _models(project: Project, area: Path) -> tuple[tuple[str, Model], ...]:
    """The Core ML models of an area, each with the name of its class."""
    found = ((class_name(model), model) for model in project.all(Model) if model.format == "coreml")
    return tuple((name, model) for name, model in found if name and project.area(model) == area)


def converted(file: SourceFile, project: Project) -> list[Conversion]:
    """The conversions whose result the code of a Swift file names: models that a script of the area writes and that are not there."""
    words = set(re.findall(r"\w+", _COMMENT.sub("", file.text)))
    there = {name for name, _ in _models(project, project.area(file))}
    return [each for each in _conversions(project, project.area(file)) if each.name in words - there]


@lru_cache(maxsize=32)
def _conversions(project: Project, area: Path) -> tuple[Conversion, ...]:
    """What `coremltools.convert` makes in an area's Python, each under the name of the class it will have."""
    found = []
    for script in project.all(PythonFile):
        if "coremltools" in script.text and project.area(script) == area:
            for save in script.calls("coremltools.{converters.,}convert().save"):
                path, made = save.argument("save_path", 0), save.receiver.origin
                names = {name[1] for piece in (*path.texts, (path.pieces or ("",))[-1]) if piece and (name := _WRITTEN.search(piece))}
                if made is not None and len(names) == 1:
                    found.append(Conversion(re.sub(r"\W", "_", names.pop()), made, save))
    return tuple(found)


def _by_name(file: SourceFile, project: Project) -> Mapping[str, Model]:
    """The models whose class has a name of its own and is certainly the generated one, by that name."""
    found = _models(project, project.area(file))
    names = [name for name, _ in found]
    return {name: model for name, model in found if names.count(name) == 1 and not {name, f"{name}Output"} & _declared(project)}


def generated(file: SourceFile, project: Project) -> Iterator[tuple[Call, tuple[str, ...]]]:
    """The calls in a Swift file that make an object of a class Xcode makes for a model, and what the model's file is called."""
    words = set(re.findall(r"\w+", file.text))
    known = {name: model for name, model in _by_name(file, project).items() if name in words}
    for call in file.calls(*known) if known else ():
        model = known.get(call.name) if isinstance(call.callee, Name) else None
        if model is not None:
            packaged = re.search(r"([^/]+\.mlpackage)/", model.path)
            yield call, (packaged[1] if packaged else os.path.basename(model.path),)


@lru_cache(maxsize=8)
def _declared(project: Project) -> frozenset[str]:
    """The classes and structures that a project's code declares or extends."""
    texts = (file.text for file in project.all(SourceFile) if file.apple)
    return frozenset(
        name for text in texts for name in re.findall(r"(?:\b(?:class|struct|extension|typealias)|@implementation)\s+(\w+)", text)
    )


def model_of(node: Node | None, project: Project) -> Model | None:
    """The model that an object of a generated class, an `MLModel`, a `VNCoreMLModel` or a `VNCoreMLRequest` holds."""
    for _ in range(_DEPTH):
        if node is None:
            return None
        known = _by_name(node.file, project)
        if isinstance(node, Member) and node.attribute == "model" and node.origin is None and not known.get(node.type):
            node = node.object
            continue
        made = node.origin
        if made is None:
            return known.get(node.type)
        of = made.callee.object if isinstance(made.callee, Member) and made.method in ("load", "init") else made.callee
        kind = _aliases(project).get(of.id, of.id) if isinstance(of, Name) else ""
        if kind in known:
            return known[kind]
        if made.name == "MLModel" or made.name == "MLModel.load":
            return known.get(identifier(resource(made.argument("contentsOf"))))
        if made.name not in ("VNCoreMLModel", "VNCoreMLRequest", "CoreMLModelContainer"):
            return None
        node = made.argument("for") or made.argument("model")
    return None


@lru_cache(maxsize=8)
def _aliases(project: Project) -> Mapping[str, str]:
    """Other names that a project's Swift gives to types."""
    texts = (file.text for file in project.all(SourceFile) if file.language == "swift")
    return dict(pair for text in texts for pair in re.findall(r"\btypealias\s+(\w+)\s*=\s*(\w+)\s*$", text, re.MULTILINE))


def resource(node: Node | None) -> str:
    """The name of the compiled model, among the bundle's resources, that a URL means; empty if that is not known."""
    made = node.origin if node is not None else None
    if made is not None and made.name == "URL" and made.argument("fileURLWithPath") is not None:
        inner = made.argument("fileURLWithPath")
        made = inner.origin if inner is not None else None
    name = made.argument("forResource") if made is not None and made.method in ("url", "path") else None
    kind = made.argument("withExtension") or made.argument("ofType") if made is not None else None
    if name is None or kind is None or kind.value != "mlmodelc" or not isinstance(name.value, str):
        return ""
    return name.value


def copied(call: Call) -> tuple[Node | None, Node | None]:
    """The index of the input tensor that a call of `copy` fills, and the data: the interpreter's method, or Objective-C's of a tensor."""
    index, made = call.argument("toInputAt"), call.receiver.origin if call.receiver is not None else None
    if index is None and made is not None and made.method == "input":
        index = made.argument("at")
    return index, call.argument(None, 0)


def file_infos(file: SourceFile, *suffixes: str) -> Iterator[tuple[Variable, str]]:
    """The constants of a Swift file that name a file in two parts, ``(name: "leaves", extension: "tflite")``, each with what it names."""
    for variable in file.variables if file.mentions(r"\bforResource\b") else ():
        value = variable.value
        if isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value) and value[1] in suffixes:
            yield variable, f"{value[0]}.{value[1]}"


def bundled(node: Node | None, project: Project) -> Model | None:
    """The model that a path or URL among the bundle's resources means, where the area has one file of that name."""
    made = node.origin if node is not None else None
    name = made.argument("forResource") if made is not None and made.method in ("url", "path") else None
    kind = made.argument("ofType") or made.argument("withExtension") if made is not None else None
    if made is None or name is None or kind is None or not isinstance(name.value, str) or not isinstance(kind.value, str):
        return None
    wanted, area = f"{name.value}.{kind.value}", project.area(made)
    files = [file for file in project.files if file.name == wanted and file.path.is_relative_to(area)]
    models = [model for file in files for model in project.facts(file, Model)]
    return models[0] if len(files) == 1 and len(models) == 1 else None


def features(model: Model, outputs: bool = False) -> Mapping[str, Tensor]:
    """The inputs or outputs that a model describes, by name."""
    for signature in model.signatures.values():
        return signature.outputs if outputs else signature.inputs
    return {}


def predictions(file: SourceFile, project: Project) -> Iterator[tuple[Call, Model]]:
    """The calls in a file that run a Core ML model the project has, Vision aside."""
    if not file.apple or not file.mentions(PREDICTS):
        return
    for call in file.calls("**.prediction"):
        model = model_of(call.receiver, project)
        if model is not None:
            yield call, model


def given(call: Call, model: Model) -> Mapping[str, Node]:
    """What a prediction is given, by the names of features as it is written: labels of the generated method or of the object for its
    inputs, or keys of a dictionary."""
    first = call.argument(None, 0)
    provider = call.argument("from") or call.argument("input") or first
    made = provider.origin if provider is not None else None
    if call.arguments and call.arguments[0].label not in ("", "from", "input", "options", "fromBatch"):
        return {_feature(a.label, model): a.value for a in call.arguments if a.label != "options"}
    if call.arguments and call.arguments[0].label == "input" and "input" in {identifier(name) for name in features(model)}:
        return {"input": call.arguments[0].value}
    if made is not None and made.name == "MLDictionaryFeatureProvider":
        listed = made.argument("dictionary")
        entries = listed.value if listed is not None else None
        return _entries(listed) if isinstance(entries, dict) else {}
    if made is not None and isinstance(made.callee, Name) and made.callee.id == f"{class_name(model)}Input":
        return {_feature(a.label, model): a.value for a in made.arguments if a.label}
    return {}


def _feature(label: str, model: Model) -> str:
    """The input that a label means; in Objective-C's names they begin with a capital letter, small in Swift's."""
    written = {identifier(name) for name in features(model)}
    return label if label in written else next((name for name in written if name[:1].lower() + name[1:] == label), label)


def _entries(node: Node | None) -> Mapping[str, Node]:
    if node is not None and not isinstance(node, Object):
        variable = node.file.meaning.variable(node)
        node = variable.writes[0].source if variable is not None and len(variable.writes) == 1 else None
    return dict(node.entries) if isinstance(node, Object) and node.exact else {}


def places(file: SourceFile, pattern: str) -> Iterator[Place]:
    """Where a pattern is found in the code of a file, comments aside."""
    for number, line in enumerate(file.lines, 1):
        match = re.search(pattern, line.partition("//")[0])
        if match:
            yield Place(file.path, Span(number, match.start() + 1, number, match.end() + 1))


# Builds


def xcode(file: SourceFile, project: Project) -> tuple[XcodeProject, ...]:
    """The Xcode projects in the folder around a file that one of them compiles; none if more files may be built than they say."""
    here = Path(os.path.abspath(file.path))
    around = [each for each in project.all(XcodeProject) if here.is_relative_to(Path(os.path.abspath(each.place.path)).parents[1])]
    if not any(here.name in target.built for each in around for target in each.targets):
        return ()
    known = [each for each in project.all(XcodeProject) if project.area(each) == project.area(file)]
    found = tuple(dict.fromkeys([*around, *known]))
    return () if any(target.open for each in found for target in each.targets) else found


# Queues

_CALLBACK = "captureOutput"
_QUEUES = {"DispatchQueue", "DispatchQueue.global"}
_HANDLED = re.compile(r"VN\w+Request")
_AT_ONCE = {"forEach", "map", "compactMap", "flatMap", "filter", "autoreleasepool", "first", "sorted", "contains",
            "enumerateObjectsUsingBlock"}  # fmt: skip
"""Methods that call the closure they are given right where they are called."""


def camera_queue(file: SourceFile) -> str:
    """Where a file's camera frames are delivered: ``main``, ``other``, or empty if that is not known."""
    queues = [call.argument("queue") for call in file.calls("**.setSampleBufferDelegate")]
    known = [queue for queue in queues if queue is not None]
    if not queues or len(known) < len(queues):
        return ""
    if all(re.fullmatch(r"(?:DispatchQueue)?\.main|dispatch_get_main_queue\(\)", "".join(queue.text.split())) for queue in known):
        return "main"
    return "other" if all(_queue(queue) for queue in known) else ""


def _queue(node: Node | None) -> bool:
    """A queue that is certainly not the main one."""
    origin = node.origin if node is not None else None
    return origin is not None and origin.name in _QUEUES


def takes_frames(function: Node) -> bool:
    """Whether a function is called with each frame of the camera."""
    named = isinstance(function, Function) and function.id == _CALLBACK and len(function.parameters) == 3
    return named and re.match(r"[^{]*\bdidOutput(?:SampleBuffer)?\b", function.text) is not None


def off_main(node: Node, project: Project, depth: int = 0) -> str:
    """Why `node` certainly runs on another queue than the main one, in words; empty if that is not certain.

    Frames of the camera come on the delegate's queue, and Vision calls the handler of a request where that is performed. A method is
    off the main queue if all calls of it in the file are.
    """
    inner: Node = node
    for around in node.ancestors:
        if isinstance(around, Call) and isinstance(inner, Function) and inner is not around.callee:
            if around.method in ("async", "asyncAfter") and _queue(around.receiver):
                return "this runs on another queue"
            if _HANDLED.fullmatch(around.name):
                return off_main(around, project, depth) or _performed(around, project, depth)
            if around.method not in _AT_ONCE and not (around.method == "sync" and _queue(around.receiver)):
                return ""
        if isinstance(around, Function) and around.id:
            return _called(around, project, depth)
        inner = around
    return ""


def _called(function: Function, project: Project, depth: int) -> str:
    """Why a method is only ever called off the main queue."""
    if re.search(r"@MainActor|\bIBAction\b|\boverride\b", function.text.partition("{")[0]):
        return ""
    if takes_frames(function):
        return "the camera's frames come on another queue" if camera_queue(function.file) == "other" else ""
    if depth > 4:
        return ""
    if any(_answers(function, call) for call in _told(project)):
        return "the camera's frames come on another queue"
    calls = [call for call in function.file.calls() if call.method == function.id]
    reasons = [off_main(call, project, depth + 1) for call in calls]
    for request in function.file.calls("*"):
        if _HANDLED.fullmatch(request.name) and any(_refers(a.value, function.id) for a in request.arguments):
            reasons.append(off_main(request, project, depth + 1) or _performed(request, project, depth + 1))
    return reasons[0] if reasons and all(reasons) else ""


def _refers(node: Node, id: str) -> bool:
    return (isinstance(node, Member) and node.attribute == id) or (isinstance(node, Name) and node.id == id)


def _performed(request: Call, project: Project, depth: int) -> str:
    """Why all that is performed in the request's file is off the main queue."""
    if depth > 4:
        return ""
    performed = [call for call in request.file.calls("**.perform") if call.arguments and not call.arguments[0].label]
    reasons = [off_main(call, project, depth + 1) for call in performed]
    return reasons[0] if reasons and all(reasons) else ""


@lru_cache(maxsize=8)
def _told(project: Project) -> tuple[Call, ...]:
    """The calls by which a project's cameras tell their delegates of frames, off the main queue."""
    files = [file for file in project.all(SourceFile) if file.language == "swift" and file.mentions(r"\bcaptureOutput\b")]
    calls = [call for file in files for call in file.calls() if isinstance(call.callee, Member) and call.arguments]
    told = [call for call in calls if isinstance(call.callee, Member) and re.search(r"(?i)delegate[?!]?$", call.callee.object.text)]
    return tuple(call for call in told if off_main(call, project, 4))


def _answers(function: Function, call: Call) -> bool:
    """Whether a method of another file is the one that a delegate is told with."""
    signature = function.text.partition("{")[0]
    labels = [argument.label for argument in call.arguments if argument.label]
    alike = function.id == call.method and len(function.parameters) == len(call.arguments) and function.file is not call.file
    return alike and all(re.search(rf"[(,]\s*{label}\b", signature) for label in labels)
