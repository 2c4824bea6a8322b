"""What ExecuTorch takes: Core ATen and what decomposes into it, the kernels of its runtime, and what its XNNPACK partitioner delegates.

python -m tools.support.probes.executorch_operators ANSWER
"""

from __future__ import annotations

import json
import sys
from importlib import import_module, metadata
from pathlib import Path

import torch

from tools.support.probes.torch_registries import named, operators

EXCEPTIONS = (
    *("mkldnn_rnn_layer.default", "_upsample_bilinear2d_aa.default", "quantize_per_tensor.default", "dequantize.self"),
    *("max.default", "min.default", "full_like.default"),
)
"""Operators that are let through besides (executorch/exir/verification/verifier.py)."""


def canonical() -> list[str]:
    """The overloads that Core ATen has (``aten.add.Tensor``)."""
    found = []
    for name in torch._C._dispatch_get_all_op_names():
        namespace, _, rest = name.partition("::")
        packet, _, overload = rest.partition(".")
        op = getattr(getattr(torch.ops.aten, packet, None), overload or "default", None) if namespace == "aten" else None
        if op is not None and torch.Tag.core in op.tags:
            found.append(named(op))
    return sorted({*found, *(f"aten.{name}" for name in EXCEPTIONS)})


def outs(names: list[str]) -> dict[str, str]:
    """What the runtime calls the overloads (``aten::sort.values``): they become the ones that write into their arguments."""
    convert = import_module("executorch.exir.operator.convert")
    found = {}
    for name in names:
        namespace, packet, overload = name.split(".", 2)
        try:
            found[name] = convert.to_out_variant(getattr(getattr(getattr(torch.ops, namespace), packet), overload))[0].name()
        except Exception:  # it has none, or what it has is not known by its schema
            continue
    return found


def main() -> None:
    configs = import_module("executorch.backends.xnnpack.partition.config").ALL_PARTITIONER_CONFIGS
    runtime = import_module("executorch.runtime").Runtime.get()
    table = import_module("torch._decomp").core_aten_decompositions()
    answer = {
        "version": metadata.version("executorch"),
        "torch": str(torch.__version__).split("+")[0],
        "kernels": sorted(runtime.operator_registry.operator_names),
        "delegated": sorted({config.target_name for config in configs}),
        "canonical": canonical(),
        "outs": outs(canonical()),
        "decomposed": sorted({named(op) for op in table if isinstance(op, torch._ops.OpOverload)}),
        "operators": operators(),
    }
    Path(sys.argv[1]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
