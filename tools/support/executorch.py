"""What ExecuTorch lowers: Core ATen and what decomposes into it, and which of that its XNNPACK partitioner delegates."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.support.sources import Source
from tools.support.store import Row
from tools.support.torch import python


def rows(release: str) -> Sequence[Row]:
    """A row an overload of aten; ``status`` is ``fallback`` where the operator stays with the portable kernels."""
    found = python().ask("executorch_operators")
    delegated, canonical = set(found["delegated"]), set(found["canonical"])
    lowered = {*found["decomposed"], *found["composed"]}
    made: list[Row] = []
    for name in sorted(canonical | lowered):
        falls = name in canonical and name not in delegated and name not in lowered
        made.append({"op": name, "domain": "aten", **({"status": "fallback"} if falls else {})})
    inplace = {name for name in found["all"] if re.search(r"[^_]_(\.|$)", name)}
    names = {name if "." in name else f"{name}.default" for name in inplace}
    return made + [{"op": name, "domain": "aten"} for name in sorted(names - canonical - lowered)]


SOURCES = (
    Source(
        "executorch-xnnpack",
        ["1.5.1"],
        rows,
        {"source": "pypi:executorch, its XNNPACK partitioner, with the Core ATen operators of PyTorch 2.13", "licence": "BSD-3-Clause"},
    ),
)
