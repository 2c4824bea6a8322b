"""Artefacts: files with a model's name that are not that model, or lack a part of it."""

from __future__ import annotations

from deplint.model import Graph, Tensor


def unreadable(graph: Graph) -> list[tuple[Tensor, str]]:
    """The tensors whose bytes are not where the model says, and why. A Git LFS pointer is left out: it is reported as what it is."""
    found = [(tensor, tensor.stored.problem) for tensor in graph.weights if tensor.stored]
    return [(tensor, problem) for tensor, problem in found if problem and "LFS" not in problem]
