"""ExecuTorch: what is lowered and run, and what XNNPACK takes of it.

An exported program is decomposed; what is left has to be Core ATen, or ``to_edge`` refuses it (executorch/exir/verification/verifier.py).
What the partitioner does not delegate runs on the portable kernels, which are slower, and do not have everything: a missing kernel is
found when the program is loaded, a dtype that a kernel does not take when it runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint.targets import At
from deplint.targets.pytorch import HELPERS, Used, damaged, operators, stopped
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

UNWRITTEN = ("while_loop", "associative_scan")
"""Control flow that is refused (executorch/exir/emit/_emitter.py, ``_emit_control_flow``)."""

KEPT = ("linear.default", "hardswish.default", "max_pool2d.default", "prelu.default", "upsample_bilinear2d.vec")
"""What the partitioner keeps from being decomposed (``ops_to_not_decompose``), and takes from a program's outermost graph only."""

OTHER = "replace the operator by others of Core ATen"
LINK = "replace the operator by others, or link a kernel of your own for it"


def judge(subject: Subject, at: At) -> Iterator[Reason]:
    """``fails`` is what ``to_edge_transform_and_lower`` with the XNNPACK partitioner refuses, or what the runtime with XNNPACK and the
    portable kernels does not load or run; ``degraded`` is what XNNPACK leaves to the portable kernels. A ``.pte`` is lowered already."""
    model = subject.model
    assert model is not None
    if model.format != "torch-export":
        return
    broken = list(damaged(subject, at))
    yield from broken
    known = rows(at.target.table, at.release)
    for used in subject.once(operators) if not broken else ():
        op = used.op
        name = f"{op.domain}.{used.key}"
        row = next(iter(known.get((op.domain, used.key), ())), None)
        if row is None:
            if op.domain == "higher_order" and op.type in UNWRITTEN:
                words = f"ExecuTorch writes no {op.type} into its programs"
                yield at.reason("operator", words, subject, used.graph, op, remedy="write the loop out, or use torch.cond, map or scan")
            elif op.domain not in (*HELPERS, "higher_order"):
                words = f"ExecuTorch has no kernel of {name}"
                yield at.reason("operator", words, subject, used.graph, op, remedy=LINK)
            continue
        why = stopped(row, used) or _updating(used)
        if why is None and used.graph is not model.graph and used.key in KEPT:
            why = "limit", "outside of branches and loops only: it is kept for XNNPACK, which takes nothing from within them"
        if why is not None:
            cause, made = why
            of = f" of {used.dtype}" if cause == "dtype" else ""
            remedy = "cast to float32 before it, and back" if cause == "dtype" else OTHER if made.startswith("aten.") else LINK
            words = f"ExecuTorch takes {name} {made}" if cause == "limit" else f"{name}{of} {_said(made, name)}"
            yield at.reason(cause, words, subject, used.graph, op, remedy=remedy)
        elif row.status == "fallback" and not op.type.startswith(VIEWS):
            words = f"XNNPACK does not take {name}, which runs on ExecuTorch's portable kernels"
            yield at.reason("fallback", words, subject, used.graph, op, verdict=Verdict.degraded)


def _updating(used: Used) -> tuple[str, str] | None:
    """Whether a normalization updates its statistics, which becomes an operator that is not in Core ATen."""
    given = used.op.attributes
    if used.op.type not in ("batch_norm", "native_batch_norm") or given.get("training") is not True or "running_mean" in given:
        return None
    return "limit", "while it does not train (module.eval() before the export)"


def _said(made: str, name: str) -> str:
    """Words for what stopped an operator: see `tools.support.executorch.why`."""
    if made == name:
        return "is not in Core ATen, and nothing decomposes it: to_edge refuses it"
    if "::" in made:
        return f"becomes {made}, which ExecuTorch's runtime has no kernel for"
    if made.startswith(("aten.", "prims.")):
        return f"becomes {made}, which is not in Core ATen: to_edge refuses it"
    if made == "complex":
        return "computes complex numbers, which ExecuTorch's kernels do not"
    return f"is not run by ExecuTorch: {made}"
