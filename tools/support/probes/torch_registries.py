"""What PyTorch's exporters and coremltools have translations for: their registries, and the operators PyTorch itself has.

python -m tools.support.probes.torch_registries ANSWER
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import torch


def dynamo() -> dict[str, Any]:
    """The overloads (``aten.add.Tensor``) with a translation, for real numbers and for complex ones, and those PyTorch decomposes first."""
    from torch.onnx._internal.exporter import _decomp, _registration

    registry = _registration.ONNXRegistry.from_torchlib(opset_version=18)
    found: dict[str, list[str]] = {"real": [], "complex": []}
    for target, translations in registry.functions.items():
        for kind in {"complex" if each.is_complex else "real" for each in translations}:
            found[kind].append(named(target))
    table = _decomp.create_onnx_friendly_decomposition_table(set(_decomp.get_onnx_implemented_overloads(registry)))
    return {kind: sorted(names) for kind, names in found.items()} | {"decomposed": sorted(named(op) for op in table)}


def named(target: Any) -> str:
    """``aten.add.Tensor``, ``aten.relu.default``; of what is no overload, how exported programs spell it: ``_operator.add``,
    ``higher_order.cond``."""
    if isinstance(target, torch._ops.HigherOrderOperator):
        return f"higher_order.{target.name()}"
    if isinstance(target, str | torch._ops.OpOverload):
        namespace, _, rest = (target if isinstance(target, str) else target.name()).partition("::")
        packet, _, overload = rest.partition(".")
        return f"{namespace}.{packet}.{overload or 'default'}"
    return f"{target.__module__}.{target.__name__}"


def legacy() -> dict[str, list[int]]:
    """The opsets from which to which the older exporter has each operator of TorchScript (``aten::relu``)."""
    from torch.onnx._internal.torchscript_exporter import registration

    for opset in range(7, 21):
        importlib.import_module(f"torch.onnx._internal.torchscript_exporter.symbolic_opset{opset}")
    found = {}
    for name in sorted(registration.registry.all_functions()):
        group = registration.registry.get_function_group(name)
        opsets = [opset for opset in range(7, 21) if group is not None and group.get(opset) is not None]
        if opsets:
            found[name] = [opsets[0], opsets[-1]]
    return found


def operators() -> dict[str, bool]:
    """Every operator of PyTorch (``aten.add.Tensor``), and whether it is composed of others wherever it runs: in C++, or in Python
    (``py_impl`` for autograd or as composite), which `torch.export` dispatches to as well."""
    importlib.import_module("torch._refs.nn.functional")
    keys = (torch._C.DispatchKey.Autograd, torch._C.DispatchKey.CompositeImplicitAutograd)
    found = {}
    for name in sorted(torch._C._dispatch_get_all_op_names()):
        namespace, _, rest = name.partition("::")
        if namespace in ("aten", "prims", "quantized", "quantized_decomposed"):
            packet, _, overload = rest.partition(".")
            composite = torch._C._dispatch_has_kernel_for_dispatch_key(name, "CompositeImplicitAutograd")
            known = getattr(getattr(getattr(torch.ops, namespace), packet, None), overload or "default", None)
            found[f"{namespace}.{packet}.{overload or 'default'}"] = composite or any(key in known.py_kernels for key in keys if known)
    return found


def preserved() -> list[str]:
    """The composed operators that ``run_decompositions({})`` leaves as they are: those that give no views and change no inputs."""
    utils = importlib.import_module("torch._export.utils")
    return sorted(named(op) for op in utils._collect_all_valid_cia_ops())


def builtins() -> list[str]:
    """The operators that TorchScript's code may call (``aten::add``)."""
    return sorted({schema.name for schema in torch._C._jit_get_all_schemas()})


def main() -> None:
    facts = {
        "version": str(torch.__version__).split("+")[0],
        "opset": torch.onnx._constants.ONNX_DEFAULT_OPSET,
        "schema": importlib.import_module("torch._export.serde.schema").SCHEMA_VERSION[0],
        "dynamo": dynamo(),
        "legacy": legacy(),
        "operators": operators(),
        "preserved": preserved(),
        "builtins": builtins(),
    }
    Path(sys.argv[1]).write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    main()
