"""Models of MLflow: the ``MLmodel`` file that says what lies beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from deplint.finding import Place
from deplint.project import File
from deplint.settings.text import Word, small
from deplint.settings.yamltree import documents

_FILES = ("data", "model_path", "model_data", "pickled_model", "model_code", "pipeline_model", "python_model", "onnx_model", "xgb_model")
"""Keys of flavors that are paths within the model's folder."""


@dataclass(frozen=True)
class Input:
    """An input in a model's signature: a column, or a tensor, whose `shape` is written (None where none is). Tensors may have no name."""

    name: str
    required: bool = True
    shape: tuple[int, ...] | None = None


@dataclass
class MlflowModel:
    """An ``MLmodel`` file. `files` are the paths it names, relative to its folder, of the model and of its environments; `inputs` those
    of its signature, none if it has none or one that cannot be read."""

    path: str
    files: list[Word] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place(self.path)


def read_mlmodel(file: File) -> MlflowModel:
    """``MLmodel``."""
    found = MlflowModel(file.shown)
    for tree in documents(file.shown, small(file)):
        found.inputs += _inputs(tree.string("signature", "inputs") or "")
        for flavor in tree.map("flavors").values():
            named = [flavor.get(key) for key in _FILES]
            environment = flavor.get("env")
            named += [environment, *(environment.entries.values() if environment is not None else ())]
            found.files += [node.word for node in named if node is not None and _is_path(node.text or "")]
    return found


def _inputs(text: str) -> list[Input]:
    """The inputs of a signature, which is JSON in YAML."""
    import json

    try:
        listed = json.loads(text) if text else []
    except (ValueError, RecursionError):
        return []
    found = []
    for each in listed if isinstance(listed, list) else ():
        if not isinstance(each, dict) or not isinstance(each.get("name", ""), str):
            return []
        spec = each.get("tensor-spec")
        shape = spec.get("shape") if isinstance(spec, dict) else None
        known = isinstance(shape, list) and all(type(size) is int for size in shape)
        required = each.get("required", not each.get("optional", False)) is True
        found.append(Input(each.get("name", ""), required, tuple(shape) if isinstance(shape, list) and known else None))
    return found


def _is_path(text: str) -> bool:
    return bool(text) and "://" not in text and not text.startswith("/")
