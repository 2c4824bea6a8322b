"""Models of MLflow: the ``MLmodel`` file that says what lies beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from deplint.finding import Place
from deplint.project import File
from deplint.settings.text import Word, small
from deplint.settings.yamltree import documents

_FILES = ("data", "model_path", "model_data", "pickled_model", "model_code", "pipeline_model", "python_model", "onnx_model", "xgb_model")
"""Keys of flavors that are paths within the model's folder."""


@dataclass
class MlflowModel:
    """An ``MLmodel`` file. `files` are the paths it names, relative to its folder, of the model and of its environments."""

    path: str
    files: list[Word] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place(self.path)


def read_mlmodel(file: File) -> MlflowModel:
    """``MLmodel``."""
    found = MlflowModel(file.shown)
    for tree in documents(file.shown, small(file)):
        for flavor in tree.map("flavors").values():
            named = [flavor.get(key) for key in _FILES]
            environment = flavor.get("env")
            named += [environment, *(environment.entries.values() if environment is not None else ())]
            found.files += [node.word for node in named if node is not None and _is_path(node.text or "")]
    return found


def _is_path(text: str) -> bool:
    return bool(text) and "://" not in text and not text.startswith("/")
