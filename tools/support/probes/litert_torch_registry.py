"""What litert-torch lowers by itself, and what it decomposes first.

python -m tools.support.probes.litert_torch_registry ANSWER
"""

from __future__ import annotations

import json
import sys
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import torch

from tools.support.probes.torch_registries import named, operators


def overloads(target: Any) -> list[str]:
    """The names of an overload, or of all of a packet's."""
    if isinstance(target, torch._ops.OpOverloadPacket):
        return [named(getattr(target, overload)) for overload in target.overloads()]
    return [named(target)] if isinstance(target, torch._ops.OpOverload) else []


def main() -> None:
    import_module("litert_torch")
    registered = import_module("litert_torch.backend.lowerings.registry").global_registry.registered_ops
    decomposed = import_module("litert_torch.fx_infra.decomp").pre_lower_decomp()
    facts = {
        "version": metadata.version("litert-torch"),
        "torch": str(torch.__version__).split("+")[0],
        "lowered": sorted({name for target in registered for name in overloads(target)}),
        "decomposed": sorted({name for target in decomposed for name in overloads(target)}),
        "operators": operators(),
    }
    Path(sys.argv[1]).write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    main()
