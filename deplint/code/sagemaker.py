"""The functions by which a script tells a container of SageMaker how to serve: ``model_fn``, ``input_fn``, ``predict_fn`` and their like.

Source: `sagemaker_inference/transformer.py` of https://github.com/aws/sagemaker-inference-toolkit.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from deplint.code.python import PythonFile

TAKES: Mapping[str, tuple[str, ...]] = {
    "model_fn": ("model_dir",),
    "input_fn": ("request_body", "content_type"),
    "predict_fn": ("data", "model"),
    "output_fn": ("prediction", "accept"),
    "transform_fn": ("model", "request_body", "content_type", "accept"),
}
"""What each is called with; each may take the context behind that."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def hooks(file: PythonFile) -> dict[str, Function]:
    """The functions of a script for SageMaker, by name; empty for any other script. TensorFlow's estimators have a ``model_fn`` and an
    ``input_fn`` too: what shows SageMaker is a folder given to the first, or a content type to the others."""
    if "_fn" not in file.text:
        return {}
    found = {
        node.name: node for node in file.shape.tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in TAKES
    }
    first = parameters(found["model_fn"])[:1] if "model_fn" in found else []
    told = any("content_type" in parameters(node) or "accept" in parameters(node) for node in found.values())
    return found if told or any("dir" in name or "path" in name for name in first) else {}


def parameters(function: Function) -> list[str]:
    """The names of all parameters."""
    given = function.args
    several = [star.arg for star in (given.vararg, given.kwarg) if star is not None]
    return [arg.arg for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs)] + several
