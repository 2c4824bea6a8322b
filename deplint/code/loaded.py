"""Which model of the project an object of the code was made from: a session, an interpreter, a loaded model or its signature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from deplint.code.exported import exported
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.model import Model

if TYPE_CHECKING:
    from deplint.project import Project

PATHS = {
    "onnxruntime.InferenceSession": ("path_or_bytes", 0),
    "tensorflow.lite.Interpreter": ("model_path", 0),
    "tflite_runtime.interpreter.Interpreter": ("model_path", 0),
    "ai_edge_litert.interpreter.Interpreter": ("model_path", 0),
    "openvino.Core().compile_model": ("model", 0),
    "openvino.runtime.Core().compile_model": ("model", 0),
}
"""What makes a session or an interpreter, with the argument that is the model's path."""


def model_of(thing: Value, project: Project, written: bool = False) -> Model | None:
    """The model that `thing` was made from, if its path is certain and means one file of the project, near the code, that can be read. With
    `written` also one that the project does not hold, but whose inputs the code that exports it tells (see `deplint.code.exported`)."""
    made = thing.origin
    if made is None or made.name not in PATHS:
        return None
    path = made.argument(*PATHS[made.name])
    if path.missing:
        path = made.argument("model_path")
    if path.origin is not None and path.origin.name.endswith(".Core().read_model"):
        path = path.origin.argument("model", 0)
    there = model_at(path.text, made, project)
    usual = path.python(default=True) if there is None and written else None
    return exported(project, usual, made) if isinstance(usual, str) and not project.resolve(usual, made) else there


def model_at(path: str | None, made: Call, project: Project) -> Model | None:
    """The one model at a path that the call `made` is given; None if there is none near the code, or the path is not known."""
    file = project.resolve(path, made) if path else None
    if file is None or not file.path.is_relative_to(project.area(made)):
        return None
    found = project.facts(file, Model)
    return found[0] if len(found) == 1 else None


_ASKED_FIRST = re.compile(r"\bin\s+(list\()?[\w.]+\.signatures\b")
"""Code that looks which signatures there are."""


def called_signatures(file: PythonFile, project: Project) -> Iterator[tuple[Call, Model, str]]:
    """The calls of a signature of a SavedModel of the project, ``tf.saved_model.load(path).signatures[name](...)``, with the model and the
    name. Nothing where the code looks first which signatures there are."""
    found = file.calls("tensorflow.saved_model.load().signatures[]")
    for call in found if found and not _ASKED_FIRST.search(file.text) else ():
        element = call.receiver.operation
        holder = element[1].holder if element is not None else None
        made = holder.origin if holder is not None else None
        path = made.argument("export_dir", 0).text if made is not None else None
        model = model_at(path.rstrip("/") + "/saved_model.pb", made, project) if made is not None and path else None
        if element is not None and model is not None and element[2].text and not call.guarded:
            yield call, model, element[2].text
