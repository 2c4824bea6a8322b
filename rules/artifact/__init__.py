"""Artefacts: files with a model's name that are not that model, or lack a part of it."""

from __future__ import annotations

from deplint.model import Model, Stored, Tensor


def unreadable(model: Model) -> list[tuple[Tensor, Stored]]:
    """The variables of a TensorFlow model or checkpoint that are not where the index says. A Git LFS pointer is left out: it is reported as
    what it is."""
    found = [(tensor, tensor.stored) for graph in model.graphs if graph.name == "variables" for tensor in graph.weights if tensor.stored]
    named = [(tensor, stored) for tensor, stored in found if stored.problem and "LFS" not in stored.problem]
    return sorted(named, key=lambda each: each[0].name.startswith("_"))  # what frameworks note for themselves comes last
