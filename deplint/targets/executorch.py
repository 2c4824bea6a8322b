"""ExecuTorch: what is lowered, and what XNNPACK takes of it.

An exported program is decomposed; what is left has to be Core ATen, or ``to_edge`` refuses it (executorch/exir/verification/verifier.py).
What the partitioner does not delegate runs on the portable kernels, which are slower.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint.targets import At
from deplint.targets.pytorch import damaged, operators
from deplint.targets.subject import Subject
from deplint.targets.table import rows
from deplint.targets.verdict import Reason, Verdict

VIEWS = (
    "view",
    "permute",
    "transpose",
    "unsqueeze",
    "squeeze",
    "slice",
    "select",
    "expand",
    "clone",
    "arange",
    "full",
    "split",
    "sym_size",
)
"""Operators that move data or make it, which no one would call slow on the portable kernels."""


def judge(subject: Subject, at: At) -> Iterator[Reason]:
    """What ``to_edge_transform_and_lower`` with the XNNPACK partitioner refuses or leaves to portable kernels; a ``.pte`` is lowered."""
    model = subject.model
    assert model is not None
    if model.format != "torch-export":
        return
    broken = list(damaged(subject, at))
    yield from broken
    known = rows(at.target.table, at.release)
    for used in subject.once(operators) if not broken else ():
        op = used.op
        if op.domain != "aten":
            continue
        row = next(iter(known.get(("aten", used.key), ())), None)
        if row is None:
            words = f"aten.{used.key} is not in Core ATen, and nothing decomposes it: to_edge refuses it"
            yield at.reason("operator", words, subject, used.graph, op, remedy="replace the operator by others of Core ATen")
        elif row.status == "fallback" and not op.type.startswith(VIEWS):
            words = f"XNNPACK does not take aten.{used.key}, which runs on ExecuTorch's portable kernels"
            yield at.reason("fallback", words, subject, used.graph, op, verdict=Verdict.degraded)
