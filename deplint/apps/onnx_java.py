"""What Java and Kotlin code of an app gives the sessions of ONNX Runtime: the model each is made of, and its inputs by name.

Source: microsoft/onnxruntime, ``OrtSession.java`` and ``OnnxTensor.java``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from deplint import File, Project
from deplint.apps.android import JVM, asset_files, gradle, sources, written
from deplint.apps.handed import function_of
from deplint.apps.jvm import calls_into, origins, written_out
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Name, Node
from deplint.model import Model

CREATE = ("ai.onnxruntime.**.createSession", "OrtEnvironment.**.createSession", "OrtEnvironment().createSession")
RUN = ("ai.onnxruntime.**.run", "OrtEnvironment.**.createSession().run", "OrtEnvironment().createSession().run", "OrtSession().run")
TENSOR = ("ai.onnxruntime.OnnxTensor.createTensor", "OnnxTensor.createTensor")
"""Calls; those without the package are of files that import all of it (``import ai.onnxruntime.*``)."""

FORMATS = ("onnx", "ort")

BUFFERS = {"FloatBuffer": "float32", "LongBuffer": "int64", "IntBuffer": "int32", "DoubleBuffer": "float64", "ShortBuffer": "int16"}
JAVA_TYPES = {
    "FLOAT": "float32",
    "UINT8": "uint8",
    "INT8": "int8",
    "INT64": "int64",
    "INT32": "int32",
    "FLOAT16": "float16",
    "BOOL": "bool",
}
"""``OnnxJavaType`` -> dtype."""


@dataclass(frozen=True, eq=False)
class Fed:
    """One run of a session: the tensors it is given, by the names that are written, and whether these are all."""

    call: Call
    model: Model
    inputs: Mapping[str, tuple[Node, Node]]
    """Name -> where it is written, and the tensor."""
    complete: bool


@lru_cache(maxsize=64)
def runs(file: SourceFile, project: Project) -> tuple[Fed, ...]:
    """The runs of sessions whose model is known."""
    if file.language not in JVM or not file.mentions(r"\bai\.onnxruntime\b"):
        return ()
    found = []
    for call in file.calls(*RUN):
        model = _model(call.receiver, project)
        first = call.argument("inputs", 0)
        if model is not None and first is not None:
            inputs, complete = _mapped(first)
            found.append(Fed(call, model, inputs, complete))
    return tuple(found)


def _model(session: Node | None, project: Project) -> Model | None:
    """The model of a session: of the call that makes it, or the only one there is in the app."""
    if session is None:
        return None
    made = {call for call, _ in session.file.meaning.flow(session) if call is not None and call.method == "createSession"}
    if not made:
        build = gradle(project, session.place)
        near = [file for file in sources(project) if build is not None and gradle(project, file.place) is build]
        made = {call for file in near if "/src/main/" in f"/{file.path}" for call in file.calls(*CREATE)}
    models = {id(model): model for call in made for model in _opened(call, project)}
    return next(iter(models.values())) if len(models) == 1 and all(_opened(call, project) for call in made) else None


def _opened(call: Call, project: Project) -> list[Model]:
    """The models that a session may be made of; empty if that is not known."""
    found: dict[str, Model] = {}
    for node in origins(call.argument(None, 0)):
        files = []
        if isinstance(node, Call) and node.method == "open" and node.arguments:
            asset = written(node.arguments[0].value, project)
            files = asset_files(asset, node.file, project) if asset else []
            if not files:
                return []
        elif raw := re.fullmatch(r"(?:[\w.]+\.)?R\.raw\.(\w+)", node.text):
            build = gradle(project, call.place)
            names = {f"{raw[1]}.{kind}" for kind in FORMATS}
            inside = [f for f in project.files if build is not None and f.path.is_relative_to(build.root)]
            files = [f for f in inside if f.name in names and f.path.parent.name == "raw"]
            if not files:
                return []
        for each in files:
            for model in project.facts(each, Model):
                if model.format in FORMATS:
                    found[model.path] = model
    if not found:
        read = (model for each in _through_helper(call, project) for model in project.facts(each, Model))
        found = {model.path: model for model in read if model.format in FORMATS}
    return list(found.values())


def _through_helper(call: Call, project: Project) -> list[File]:
    """The files that a session may be made of, where a function of the project opens an asset by the name it is given."""
    for node in origins(call.argument(None, 0)):
        opens = function_of(node, project) if isinstance(node, Call) else None
        if opens is None or not re.search(r"\.open\s*\(", opens.text) or not isinstance(node, Call):
            continue
        names = {
            name for a in node.arguments if (name := written(a.value, project)) and name.endswith(tuple(f".{kind}" for kind in FORMATS))
        }
        if len(names) == 1:
            return asset_files(names.pop(), node.file, project)
    return []


def _mapped(node: Node) -> tuple[dict[str, tuple[Node, Node]], bool]:
    """The entries of a map of inputs, and whether they are all there are."""
    made = written_out(node)
    if not isinstance(made, Call):
        return {}, False
    pairs: list[tuple[Node, Node]] = []
    complete = True
    if made.method in ("singletonMap", "of") and len(made.arguments) % 2 == 0:
        values = [a.value for a in made.arguments]
        pairs = list(zip(values[::2], values[1::2], strict=True))
    elif made.method in ("mapOf", "hashMapOf", "mutableMapOf"):
        for argument in made.arguments:
            parts = argument.value.children
            if len(parts) == 2:
                pairs.append((parts[0], parts[1]))
            else:
                complete = False
    elif made.method not in ("HashMap", "TreeMap", "LinkedHashMap"):
        return {}, False
    later = calls_into(made, node)
    complete = complete and later is not None
    pairs += later or []
    found = {key.value: (key, value) for key, value in pairs if isinstance(key.value, str)}
    return found, complete and len(found) == len(pairs)


def tensor(node: Node) -> tuple[str, list[int] | None, Call] | None:
    """The dtype ("" if unknown) and shape of a tensor, and the call that makes it."""
    made = written_out(node)
    if isinstance(made, Name):
        return None
    if not isinstance(made, Call) or made.name not in TENSOR:
        return None
    data, shape, kind = made.argument(None, 1), made.argument(None, 2), made.argument(None, 3)
    if data is None:
        return None
    dtype = ""
    if kind is not None:
        dtype = JAVA_TYPES.get(kind.text.rpartition(".")[2], "")
    else:
        value = written_out(data)
        called = value.name if isinstance(value, Call) else data.type
        dtype = next((dtype for name, dtype in BUFFERS.items() if name in called), "")
        if isinstance(value, Call) and value.method == "asFloatBuffer":
            dtype = "float32"
    sizes = shape.value if shape is not None else None
    whole = isinstance(sizes, list) and all(type(size) is int for size in sizes)
    return dtype, sizes if whole else None, made
