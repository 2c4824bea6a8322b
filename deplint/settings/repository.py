"""Triton's model repository: the folders around a ``config.pbtxt``.

A model is a folder that holds ``config.pbtxt`` and a folder for each version, whose name is a number that does not begin with 0.
Source: `VersionsToLoad` in src/model_repository_manager/model_lifecycle.cc and `AutoCompleteBackendFields` in src/model_config_utils.cc
of https://github.com/triton-inference-server/core.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from deplint.finding import Placed
from deplint.project import Project
from deplint.settings.serving import folders
from deplint.settings.triton import TritonConfig

FILES: Mapping[str, str] = {
    "onnxruntime": "model.onnx",
    "onnxruntime_onnx": "model.onnx",
    "tensorrt": "model.plan",
    "tensorrt_plan": "model.plan",
    "pytorch": "model.pt",
    "pytorch_libtorch": "model.pt",
    "libtorch": "model.pt",
    "torch_aoti": "model.pt2",
    "openvino": "model.xml",
    "python": "model.py",
    "tensorflow_savedmodel": "model.savedmodel",
    "tensorflow_graphdef": "model.graphdef",
}
"""What is loaded from a version's folder unless ``default_model_filename`` names another file, by platform or backend."""

PASSED_OVER = ("warmup", "initial_state", "configs")
"""Folders of a model that hold other things than a version."""


def folder(config: TritonConfig) -> Path:
    """The model's folder."""
    return Path(os.path.abspath(config.path)).parent


def subfolders(config: TritonConfig, project: Project) -> list[Path]:
    """The folders in the model's folder that may be meant for versions."""
    inside = folder(config)
    return sorted(path for path in folders(project) if path.parent == inside and path.name not in PASSED_OVER)


def versions(config: TritonConfig, project: Project) -> dict[int, Path]:
    """The folders of versions by number, the latest first."""
    found = [path for path in subfolders(config, project) if re.fullmatch(r"0|[1-9][0-9]{0,17}", path.name)]
    return {int(path.name): path for path in sorted(found, key=lambda path: -int(path.name))}


def loads(config: TritonConfig) -> str | None:
    """The name of what is loaded from a version's folder; None if the backend is unknown or needs nothing there."""
    return config.default_model_filename or FILES.get(config.platform or config.backend)


def named(project: Project, model: str, near: Placed) -> list[TritonConfig]:
    """The models of that name around a file. The name is that of the folder, which `name` may only repeat."""
    inside = project.area(near)
    configs = [config for config in project.all(TritonConfig) if folder(config).is_relative_to(inside)]
    return [config for config in configs if (config.name or folder(config).name) == model]
