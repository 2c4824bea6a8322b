"""What ExecuTorch lowers and runs: Core ATen and what decomposes into it, what came of modules of one function, and which of it the
XNNPACK partitioner delegates.

``DEPLINT_TORCH`` names a Python with the release; ``DEPLINT_TORCH_MEASURED`` a file of answers of
`tools.support.probes.torch_conversion`, target ``xnnpack``, that were taken before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from tools.support.lowered import CALLS, Results, calling, results, rows
from tools.support.sources import Source
from tools.support.store import Row
from tools.support.torch import measured, python

RELEASES = ["1.5.1"]


@lru_cache(maxsize=1)
def asked(release: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = python().ask("executorch_operators")
    if found["version"] != release:
        raise SystemExit(f"DEPLINT_TORCH has ExecuTorch {found['version']}, not {release}")
    return found


_WHY = (
    re.compile(r"Operator torch\._ops\.([\w.]+) is not in Core ATen"),
    re.compile(r"Missing operator: ([\w:.]+)"),
    re.compile(r"(?i)\b(complex)"),
)


def why(error: str) -> str:
    """The operator that is not in Core ATen (``aten.lgamma.default``) or that the runtime has no kernel for (``aten::sort.values``),
    ``complex`` for numbers of that kind; else the error's first words."""
    found = next((match[1].lower() if match[1].istitle() else match[1] for match in (each.search(error) for each in _WHY) if match), "")
    return found or error.strip().partition("\n")[0][:120]


_IMAGES = {"what": "rank", "of": 0, "in": [4], "text": "of images only, of rank 4"}
_SUPPORTED = ("batch_norm.default", "native_batch_norm.default", "_native_batch_norm_legit.default", "instance_norm.default")
_THREE = "aten::convolution.out of three dimensions"

LIMITS: Mapping[str, Mapping[str, Any]] = {
    **{f"aten.{name}": {"status": "supported"} for name in (*_SUPPORTED, "lift_fresh_copy.default", "lift_fresh.default")},
    **{
        f"aten.{name}": {"status": "unsupported", "made_of": _THREE}
        for name in ("conv3d.default", "conv3d.padding", "conv_transpose3d.input")
    },
    "aten.grid_sampler.default": {"limits": [_IMAGES]},
    "aten.abs.default": {"refuses": dict.fromkeys(("complex64", "complex128"), "to_edge asks for results of the input's dtype")},
}
"""Operators that become one or another by their arguments, of which the measurement saw one; that are gone before; that the portable
kernels take in one and two dimensions only (executorch/kernels/portable/cpu/util/kernel_ops_util.cpp), and XNNPACK too."""


def lacking(facts: Mapping[str, Any], seen: Results) -> Mapping[str, Mapping[str, Any]]:
    """The operators of Core ATen that the runtime has no kernel for, unless modules of them ran."""
    other = {*facts["decomposed"], *(f"aten.{op}" for op in facts["delegated"])}
    found = {op: out for op, out in facts["outs"].items() if out not in facts["kernels"] and op not in other}
    ran = {op for op, each in seen.items() if any("" in samples.values() for samples in each.values())}
    return {op: {"status": "unsupported", "made_of": out} for op, out in found.items() if op not in ran}


def table(release: str) -> Sequence[Row]:
    facts = asked(release)
    delegated = set(facts["delegated"])
    quantized = {
        op for op in facts["operators"] if op.startswith("quantized_decomposed.")
    }  # XNNPACK takes them, or kernels of their own do
    seen = results(measured("xnnpack"), "xnnpack", why)
    known = {*facts["decomposed"], *quantized}
    without = lacking(facts, seen)
    composed = calling(CALLS, {*facts["canonical"], *known} - without.keys(), seen)
    made = []
    for row in rows(facts["operators"], facts["canonical"], known, seen, {**composed, **without, **LIMITS}):
        falls = row["domain"] == "aten" and f"aten.{row['op']}" in facts["canonical"] and row["op"] not in delegated
        made.append({**row, **({"status": "fallback"} if falls and "status" not in row else {})})
    return made


SOURCES = (
    Source(
        "executorch-xnnpack",
        RELEASES,
        table,
        {
            "source": "pypi:executorch, its XNNPACK partitioner and its runtime; what becomes of each operator of PyTorch is measured",
            "licence": "BSD-3-Clause",
        },
        lambda release: {"torch": asked(release)["torch"]},
    ),
)
