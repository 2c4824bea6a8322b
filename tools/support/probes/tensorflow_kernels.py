"""The operators TensorFlow registers, the dtypes of their first input, and the dtypes each kernel on the CPU is for.

python -m tools.support.probes.tensorflow_kernels ANSWER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PROBED = ("CPU", "DEFAULT")
"""Devices whose kernels run on the CPU."""


def main() -> None:
    import tensorflow as tf
    from tensorflow.python.framework import kernels, op_def_registry

    def names(types: Any) -> list[str]:
        return sorted({tf.as_dtype(each).name for each in types})

    found: dict[str, set[str]] = {}
    for kernel in kernels.get_all_registered_kernels().kernel:
        if kernel.device_type in PROBED and not kernel.label:
            types = {each.name: names(each.allowed_values.list.type) for each in kernel.constraint if each.allowed_values.list.type}
            found.setdefault(kernel.op, set()).add(json.dumps(types, sort_keys=True))
    rows: list[dict[str, Any]] = []
    for name in sorted(set(dir(tf.raw_ops)) | set(found)):
        op = op_def_registry.get(name)
        if op is None:
            continue
        row: dict[str, Any] = {"op": name}
        first = op.input_arg[0] if op.input_arg else None
        if first is not None:
            row["first"] = first.type_attr or first.type_list_attr or tf.as_dtype(first.type).name
        kernels = _joined([json.loads(text) for text in sorted(found.get(name, ()))])
        rows.append(row if {} in kernels else {**row, "kernels": kernels})
    Path(sys.argv[1]).write_text(json.dumps(rows), "utf-8")


def _joined(kernels: list[dict[str, list[str]]]) -> list[dict[str, list[str]]]:
    """Kernels that differ in one attribute as one: ``{"T": [float32]}`` and ``{"T": [float64]}`` are ``{"T": [float32, float64]}``."""
    keys = sorted({key for kernel in kernels for key in kernel})
    for key in keys:
        together: dict[str, dict[str, list[str]]] = {}
        for kernel in kernels:
            rest = json.dumps({**kernel, key: None} if key in kernel else kernel, sort_keys=True)
            first = together.setdefault(rest, kernel)
            if key in kernel:
                first[key] = sorted({*first[key], *kernel[key]})
        kernels = list(together.values())
    return kernels


if __name__ == "__main__":
    main()
