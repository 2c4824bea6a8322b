"""The kernels of an ONNX Runtime wheel, and what it accepts: asked of the wheel itself.

A model that is too new is refused with the highest opset or IR version in the message. The registry of kernels can be listed from
1.16 on.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import onnx
import onnx.helper
import onnxruntime

CLOSED = 2147483647
"""The end of an open range, as the registry writes it."""


def refusal(opset: int, ir: int, domain: str = "") -> str:
    """What the runtime says to a model of one operator."""
    operator = onnx.helper.make_node("Binarizer" if domain else "Identity", ["x"], ["y"], domain=domain)
    values = [onnx.helper.make_tensor_value_info(name, 1, [1]) for name in "xy"]
    opsets = [onnx.helper.make_opsetid(domain, opset)] + ([onnx.helper.make_opsetid("", 13)] if domain else [])
    model = onnx.helper.make_model(onnx.helper.make_graph([operator], "g", values[:1], values[1:]), opset_imports=opsets)
    model.ir_version = ir
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        return str(error)
    return ""


def highest(pattern: str, message: str) -> int | None:
    found = re.search(pattern, message)
    return int(found[1]) if found else None


def kernels() -> list[dict[str, Any]]:
    """One row a range of versions and a product of dtypes: kernels that differ in the dtypes of one parameter are one row."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    found: dict[tuple[str, str, int, int, str], list[dict[str, frozenset[str]]]] = {}
    for kernel in state.get_all_opkernel_def():
        first, last = kernel.version_range
        types = {name: frozenset(allowed) for name, allowed in kernel.type_constraints.items()}
        found.setdefault((kernel.domain, kernel.op_name.strip(), first, last, kernel.provider), []).append(types)
    return [
        {
            "domain": domain,
            "op": op,
            "first": first,
            "last": None if last == CLOSED else last,
            "provider": provider,
            "types": {name: sorted(allowed) for name, allowed in sorted(types.items())},
        }
        for (domain, op, first, last, provider), each in sorted(found.items())
        for types in together(each)
    ]


def together(each: list[dict[str, frozenset[str]]]) -> list[dict[str, frozenset[str]]]:
    """The same products of dtypes in fewer, larger ones."""
    merged: list[dict[str, frozenset[str]]] = []
    for types in each:
        for known in merged:
            differing = [name for name in types if known.get(name) != types[name]]
            if known.keys() == types.keys() and len(differing) <= 1:
                known.update({name: known[name] | types[name] for name in differing})
                break
        else:
            merged.append(dict(types))
    return merged if len(merged) == len(each) else together(merged)


def main() -> None:
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    answer = {
        "version": onnxruntime.__version__,
        "opset": highest(r"till opset (\d+)", refusal(99, 3)),
        "ml_opset": highest(r"till opset (\d+)", refusal(99, 3, "ai.onnx.ml")),
        "ir": highest(r"max supported IR version: (\d+)", refusal(7, 99)),
        "kernels": kernels() if hasattr(state, "get_all_opkernel_def") else None,
        "schemas": sorted({(s.domain, s.name, s.since_version) for s in state.get_all_operator_schema()})
        if hasattr(state, "get_all_operator_schema")
        else None,
    }
    Path(sys.argv[1]).write_text(json.dumps(answer), "utf-8")


if __name__ == "__main__":
    main()
