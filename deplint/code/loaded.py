"""Which model of the project an object of the code was made from: a session, an interpreter, a loaded model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deplint.code.facts import Value
from deplint.model import Model

if TYPE_CHECKING:
    from deplint.project import Project

PATHS = {
    "onnxruntime.InferenceSession": ("path_or_bytes", 0),
    "tensorflow.lite.Interpreter": ("model_path", 0),
    "tflite_runtime.interpreter.Interpreter": ("model_path", 0),
    "ai_edge_litert.interpreter.Interpreter": ("model_path", 0),
}
"""What makes a session or an interpreter, with the argument that is the model's path."""


def model_of(thing: Value, project: Project) -> Model | None:
    """The model that `thing` was made from, if its path is certain and means one file of the project, near the code, that can be read."""
    made = thing.origin
    if made is None or made.name not in PATHS:
        return None
    path = made.argument(*PATHS[made.name])
    if path.missing:
        path = made.argument("model_path")
    file = project.resolve(path.text, made) if path.text else None
    if file is None or not file.path.is_relative_to(project.area(made)):
        return None
    found = [facts for facts in project.facts(file, Model) if isinstance(facts, Model)]
    return found[0] if len(found) == 1 else None
