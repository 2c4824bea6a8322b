"""What ExecuTorch takes: Core ATen, the kernels of its portable library, and what its XNNPACK partitioner delegates.

python -m tools.support.probes.executorch_operators ANSWER
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path

import torch

EXCEPTIONS = (
    *("mkldnn_rnn_layer.default", "_upsample_bilinear2d_aa.default", "quantize_per_tensor.default", "dequantize.self"),
    *("max.default", "min.default", "full_like.default"),
)
"""Operators that are let through besides (executorch/exir/verification/verifier.py)."""


def main() -> None:
    package = Path(importlib.import_module("executorch.exir").__file__ or "").parents[1]
    kernels = re.findall(r"^- op: (\S+)", (package / "kernels" / "portable" / "functions.yaml").read_text("utf-8"), re.MULTILINE)
    configs = importlib.import_module("executorch.backends.xnnpack.partition.config").ALL_PARTITIONER_CONFIGS
    canonical, composed = [], []
    for name in sorted(torch._C._dispatch_get_all_op_names()):
        namespace, _, rest = name.partition("::")
        packet, _, overload = rest.partition(".")
        if namespace != "aten":
            continue
        try:
            op = getattr(getattr(torch.ops.aten, packet), overload or "default")
        except AttributeError:
            continue
        if torch.Tag.core in op.tags:
            canonical.append(f"{packet}.{overload or 'default'}")
        if torch._C._dispatch_has_kernel_for_dispatch_key(name, "CompositeImplicitAutograd"):
            composed.append(f"{packet}.{overload or 'default'}")
    decompositions = importlib.import_module("torch._decomp")
    table = {str(op) for op in (*decompositions.core_aten_decompositions(), *decompositions.decomposition_table)}
    table |= {name.replace("_copy.", ".") for name in table}  # views become copies first
    table |= {f"aten.{name}" for name in EXCEPTIONS}
    answer = {
        "kernels": sorted(kernels),
        "delegated": sorted({config.target_name for config in configs}),
        "canonical": canonical,
        "composed": composed,
        "decomposed": sorted({name.removeprefix("aten.") for name in table if name.startswith("aten.")}),
        "all": sorted(n.partition("::")[2] for n in torch._C._dispatch_get_all_op_names() if n.startswith("aten::")),
    }
    Path(sys.argv[1]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
