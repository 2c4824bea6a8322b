"""When code of an Android app runs: for each frame of the camera, on the main thread, or in the background.

Sources: the documentation of Android's main thread, of `ImageAnalysis`, and of coroutine scopes with a lifecycle, whose dispatcher is
``Dispatchers.Main`` unless another is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from deplint import Project
from deplint.apps.android import gradle, sources
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Class, Declare, Function, Member, Name, Node

RUNTIME = r"org\.tensorflow|ai\.onnxruntime|org\.pytorch|com\.google\.(?:mediapipe|ai\.edge)"
"""What a file mentions that works with a runtime itself."""

FRAME, MAIN, BACKGROUND = "for each frame", "on the main thread", "in the background"

UI_CALLBACKS = frozenset({
    "onCreate", "onStart", "onResume", "onCreateView", "onViewCreated", "onClick", "onActivityResult", "onOptionsItemSelected",
    "onTouchEvent", "onDraw", "onItemSelected", "onBindViewHolder", "onPictureTaken", "onWindowFocusChanged",
})  # fmt: skip
"""Methods that Android calls on the main thread."""

UI_LISTENERS = frozenset({"setOnClickListener", "setOnLongClickListener", "setOnTouchListener", "runOnUiThread", "addTextChangedListener"})
WORKERS = frozenset({
    "execute", "submit", "thread", "supplyAsync", "runAsync", "runInBackground", "schedule", "scheduleAtFixedRate", "fromCallable",
    "just", "defer", "Thread",
})  # fmt: skip
"""Calls that run what they are given elsewhere."""

BACKGROUND_METHODS = frozenset({"doInBackground", "doWork", "call"})
INLINE = frozenset({
    "let", "also", "apply", "run", "with", "use", "forEach", "forEachIndexed", "map", "mapIndexed", "filter", "repeat", "synchronized",
    "measureTimeMillis", "measureNanoTime", "takeIf", "runCatching", "trace", "onEach", "withLock",
})  # fmt: skip
"""Kotlin's functions that run a lambda on the spot."""

MAIN_SCOPES = ("lifecycleScope", "viewModelScope", "MainScope()")
FRAME_TYPES = ("ImageProxy",)


def frame_parameter(function: Function) -> Declare | None:
    """The image that the camera gives a function for each frame; None if it is no such function."""
    for parameter in function.parameters:
        if parameter.written_type.rstrip("?!") in FRAME_TYPES and function.id == "analyze":
            return parameter
    around = function.parent
    if not function.id and isinstance(around, Call) and around.method in ("setAnalyzer", "Analyzer"):
        return function.parameters[0] if function.parameters else None
    return None


def is_frame_callback(function: Function) -> bool:
    """Whether a camera calls the function for each frame."""
    return frame_parameter(function) is not None or function.id in ("onPreviewFrame", "onImageAvailable")


def occasions(node: Node, project: Project, depth: int = 4) -> Mapping[str, Node]:
    """When `node` may run, as far as the project's code shows: any of `FRAME`, `MAIN` and `BACKGROUND`, each with the place in a function
    called by Android, or given to it, that leads there."""
    function = node.function
    owner = next((n for n in (node if function is None else function).ancestors if isinstance(n, Class)), None)
    if depth < 0:
        return {}
    if function is None or _constructs(function, owner):
        return _made(owner, project, depth) if owner is not None else {}
    if is_frame_callback(function):
        executors = _executors(function, project)
        return {FRAME: node, MAIN: node} if any("mainexecutor" in each.text.lower() for each in executors) else {FRAME: node}
    if not function.id:
        return _lambda(node, function, project, depth)
    found: dict[str, Node] = {}
    if function.id in BACKGROUND_METHODS or (function.id == "run" and owner is not None and owner.derived):
        taker = next((n for n in owner.ancestors if isinstance(n, Call)), None) if owner is not None and not owner.id else None
        found[MAIN if taker is not None and taker.method in UI_LISTENERS else BACKGROUND] = node
    if function.id in UI_CALLBACKS and owner is not None and owner.derived:
        return {MAIN: node}
    for call in _callers(function, project):
        for occasion, start in occasions(call, project, depth - 1).items():
            found.setdefault(occasion, start)
    return found


def _constructs(function: Function, owner: Class | None) -> bool:
    return owner is not None and bool(function.id) and function.id in (owner.id, "constructor", "init")


def _made(owner: Class, project: Project, depth: int) -> Mapping[str, Node]:
    """When objects of a class are made, where constructors and what fields begin as run, if the class is the only one of its name."""
    if not re.fullmatch(r"[A-Z]\w*", owner.id) or len(_declaring(owner.id, project)) != 1:
        return {}
    here = gradle(project, owner.place)
    found: dict[str, Node] = {}
    for file in _making(owner.id, project):
        for call in file.calls(owner.id, f"**.{owner.id}") if gradle(project, file.place) is here else ():
            if call.new or (isinstance(call.callee, Name) and file.language == "kotlin"):
                for occasion, start in occasions(call, project, depth - 1).items():
                    found.setdefault(occasion, start)
    return found


@lru_cache(maxsize=512)
def _declaring(id: str, project: Project) -> tuple[SourceFile, ...]:
    return tuple(file for file in sources(project) if file.mentions(rf"\b(?:class|object|interface)\s+{id}\b"))


@lru_cache(maxsize=512)
def _making(id: str, project: Project) -> tuple[SourceFile, ...]:
    return tuple(file for file in sources(project) if file.mentions(rf"\b{id}\s*\("))


def _executors(function: Function, project: Project) -> Iterator[Node]:
    """The executors that an analyzer is given to CameraX with."""
    around = function.parent
    if isinstance(around, Call) and around.arguments:
        yield around.arguments[0].value
    here = gradle(project, function.place)
    for file in _naming("setAnalyzer", project) if function.owner else ():
        for call in file.calls("**.setAnalyzer") if gradle(project, file.place) is here else ():
            analyzer = call.argument(None, 1)
            made = analyzer.origin if analyzer is not None else None
            if made is not None and made.name.rpartition(".")[2] == function.owner:
                yield call.arguments[0].value


def _lambda(node: Node, function: Function, project: Project, depth: int) -> Mapping[str, Node]:
    """When a lambda runs, by what it is given to."""
    call = function.parent
    if not isinstance(call, Call):
        return {}
    method = call.method
    if method in WORKERS:
        return {BACKGROUND: node}
    if method in UI_LISTENERS:
        return {MAIN: node}
    if method in ("launch", "async", "withContext"):
        given = " ".join(a.value.text for a in call.arguments if a.value is not function)
        if "Main" in given:
            return {MAIN: node}
        scope = call.callee.object.text if isinstance(call.callee, Member) else ""
        if given:
            return {BACKGROUND: node} if "Dispatchers." in given else {}
        return {MAIN: node} if scope.endswith(MAIN_SCOPES) else {}
    return occasions(call, project, depth) if method in INLINE else {}


def _callers(function: Function, project: Project) -> Iterator[Call]:
    """The calls of a function: in its file, and in others on what is an object of its class."""
    meaning = function.file.meaning
    for call in function.file.calls(f"**.{function.id}", function.id):
        if meaning.local(call.callee) is function:
            yield call
    owner = function.owner
    alone = sum(other.id == function.id for other in function.file.functions) == 1
    if owner:
        here = gradle(project, function.place)
        for file in _naming(function.id, project):
            if here is not None and gradle(project, file.place) is not here:
                continue
            for call in file.calls(f"**.{function.id}") if file is not function.file else ():
                receiver = call.receiver.name if call.receiver is not None else ""
                if owner in re.split(r"[.()]+", receiver) and (alone or len(call.arguments) == len(function.parameters)):
                    yield call


@lru_cache(maxsize=512)
def _naming(id: str, project: Project) -> tuple[SourceFile, ...]:
    return tuple(file for file in sources(project) if file.mentions(rf"\.{id}\s*\("))


INFERENCES = (
    "org.tensorflow.lite.{Interpreter(),InterpreterApi.create(),InterpreterApi()}.{run,runForMultipleInputsOutputs,runSignature}",
    "org.tensorflow.lite.task.**.{detect,classify,segment,embed,answer}",
    "org.tensorflow.contrib.android.TensorFlowInferenceInterface().run",
    "ai.onnxruntime.**.run",
    "org.pytorch.**.{forward,runMethod}",
    "com.google.ai.edge.litert.**.run",
    "com.google.mediapipe.tasks.**.{detect,classify,segment,embed,recognize,detectForVideo,classifyForVideo,segmentForVideo}",
)
"""Calls that return when a model has run."""

LOADS = (
    "org.tensorflow.lite.{Interpreter,InterpreterApi.create}",
    "org.tensorflow.lite.task.**.{createFromFile,createFromOptions,createFromFileAndOptions}",
    "org.tensorflow.contrib.android.TensorFlowInferenceInterface",
    "ai.onnxruntime.**.createSession",
    "org.pytorch.{Module,LiteModuleLoader,executorch.Module}.{load,loadModuleFromAsset}",
    "com.google.ai.edge.litert.CompiledModel.create",
    "com.google.mediapipe.tasks.**.{createFromFile,createFromOptions}",
)
"""Calls that read a model and prepare it."""
