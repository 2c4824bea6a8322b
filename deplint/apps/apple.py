"""Which of a project's Core ML models Swift code is about, and on which queue the code runs.

Xcode makes a class for each model, called like the file; code makes objects of it, takes their ``model``, or opens the compiled file
``Leaves.mlmodelc`` among the bundle's resources as an `MLModel`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from deplint import Model, Project
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Function, Member, Name, Node, Object
from deplint.finding import Place, Span
from deplint.model import Tensor

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_NAMED = re.compile(r"([^/]+)\.(?:mlpackage/.*|mlmodel)$")
_DEPTH = 8


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


def _by_name(file: SourceFile, project: Project) -> Mapping[str, Model]:
    """The models whose class has a name of its own and is certainly the generated one, by that name."""
    found = _models(project, project.area(file))
    names = [name for name, _ in found]
    return {name: model for name, model in found if names.count(name) == 1 and not {name, f"{name}Output"} & _declared(project)}


@lru_cache(maxsize=8)
def _declared(project: Project) -> frozenset[str]:
    """The classes and structures that a project's Swift declares or extends."""
    texts = (file.text for file in project.all(SourceFile) if file.language == "swift")
    return frozenset(name for text in texts for name in re.findall(r"\b(?:class|struct|extension|typealias)\s+(\w+)", text))


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
        if isinstance(of, Name) and of.id in known:
            return known[of.id]
        if made.name == "MLModel" or made.name == "MLModel.load":
            return known.get(identifier(resource(made.argument("contentsOf"))))
        if made.name not in ("VNCoreMLModel", "VNCoreMLRequest", "CoreMLModelContainer"):
            return None
        node = made.argument("for") or made.argument("model")
    return None


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


def features(model: Model, outputs: bool = False) -> Mapping[str, Tensor]:
    """The inputs or outputs that a model describes, by name."""
    for signature in model.signatures.values():
        return signature.outputs if outputs else signature.inputs
    return {}


def predictions(file: SourceFile, project: Project) -> Iterator[tuple[Call, Model]]:
    """The calls in a Swift file that run a Core ML model the project has, Vision aside."""
    if file.language != "swift" or not file.mentions(r"\.prediction\s*\("):
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
        return {a.label: a.value for a in call.arguments if a.label != "options"}
    if call.arguments and call.arguments[0].label == "input" and "input" in {identifier(name) for name in features(model)}:
        return {"input": call.arguments[0].value}
    if made is not None and made.name == "MLDictionaryFeatureProvider":
        listed = made.argument("dictionary")
        entries = listed.value if listed is not None else None
        return _entries(listed) if isinstance(entries, dict) else {}
    if made is not None and isinstance(made.callee, Name) and made.callee.id == f"{class_name(model)}Input":
        return {a.label: a.value for a in made.arguments if a.label}
    return {}


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


# Queues

_CALLBACK = "captureOutput"
_MAIN = re.compile(r"\bDispatchQueue\.main\b|\bOperationQueue\.main\b|\bMainActor\b|\bRunLoop\.main\b|\bonMain\w*|\bperformOnMain\w*")
_WORKER = re.compile(r"\bDispatchQueue\.global\b|\bDispatchQueue\(label:")


def camera_queue(file: SourceFile) -> str:
    """Where a file's camera frames are delivered: ``main``, ``other``, or empty if that is not known."""
    queues = [call.argument("queue") for call in file.calls("**.setSampleBufferDelegate")]
    texts = {"".join(queue.text.split()) if queue is not None else "" for queue in queues}
    if not texts:
        return ""
    if all(re.fullmatch(r"(?:DispatchQueue)?\.main", text) for text in texts):
        return "main"
    origins = [queue.origin for queue in queues if queue is not None]
    made = all(origin is not None and origin.name in ("DispatchQueue", "DispatchQueue.global") for origin in origins)
    return "other" if made and len(origins) == len(queues) else ""


def frame_callback(node: Node) -> Function | None:
    """The function around `node` that is called with each frame of the camera."""
    for around in node.ancestors:
        if isinstance(around, Function) and around.id == _CALLBACK and len(around.parameters) == 3 and "didOutput" in around.text[:400]:
            return around
    return None


def off_main(node: Node) -> Node | None:
    """What certainly takes `node` off the main queue: the closure given to another queue, or the camera's callback. None if nothing
    does, or if something within takes it back."""
    inner: Node = node
    for around in node.ancestors:
        if isinstance(around, Call) and inner is not around.callee:
            callee = around.callee.text
            if _MAIN.search(callee) or re.search(r"\bTask\b|animate|\bawait\b", callee):
                return None
            if around.method in ("async", "sync", "asyncAfter") and _WORKER.search(callee):
                return around
            origin = around.receiver.origin if around.receiver is not None else None
            if around.method == "async" and origin is not None and origin.name in ("DispatchQueue", "DispatchQueue.global"):
                return around
        if isinstance(around, Function) and around.id:
            if "@MainActor" in around.text.partition("{")[0]:
                return None
            return around if frame_callback(inner) is around and camera_queue(node.file) == "other" else None
        inner = around
    return None
