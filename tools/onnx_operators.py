"""Write ``deplint/data/onnx_operators.json``: what ONNX Runtime demands of each operator.

    python -m tools.onnx_operators

ONNX Runtime is asked for the schemas it checks models against: those of the standard's domains (all versions of each operator) and what
it adds to them. Needs onnx and onnxruntime.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "deplint" / "data" / "onnx_operators.json"

DOMAINS = ("", "ai.onnx.ml", "com.microsoft")

NAMES = {"float": "float32", "double": "float64"}
"""Element types that ONNX Runtime calls otherwise than deplint does."""


def dtype(written: str) -> str:
    """deplint's name of a type: ``tensor(float)`` is float32, a sequence of anything ``sequence``."""
    kind, _, rest = written.partition("(")
    inner = rest.rstrip(")")
    return NAMES.get(inner, inner) if kind == "tensor" else {"seq": "sequence", "sparse_tensor": "sparse"}.get(kind, kind)


def rows() -> Iterator[dict[str, Any]]:
    """One row a schema. `inputs` are ``[type, option]``, the type a name of `types` or a dtype, the option ``""``, ``?`` (optional), ``*``
    (any number of one type) or ``**`` (any number of any types); `required` are attributes that must be there."""
    from onnxruntime.capi.onnxruntime_pybind11_state import get_all_operator_schema

    def formal(schema: Any, parameters: Any) -> list[list[str]]:
        constrained = {t.type_param_str for t in schema.type_constraints}
        found = []
        for p in parameters:
            option = {"Single": "", "Optional": "?"}.get(p.option.name, "*" if p.isHomogeneous else "**")
            found.append([p.typeStr if p.typeStr in constrained else dtype(p.typeStr), option])
        return found

    for schema in sorted(get_all_operator_schema(), key=lambda s: (s.domain, s.name, s.since_version)):
        if schema.domain not in DOMAINS:
            continue
        row: dict[str, Any] = {"domain": schema.domain, "name": schema.name, "since": schema.since_version}
        if schema.deprecated:
            yield row | {"deprecated": True}
            continue
        yield row | {
            "inputs": formal(schema, schema.inputs),
            "outputs": formal(schema, schema.outputs),
            "counts": [schema.min_input, min(schema.max_input, 1 << 31), schema.min_output, min(schema.max_output, 1 << 31)],
            "types": {t.type_param_str: sorted({dtype(name) for name in t.allowed_type_strs}) for t in schema.type_constraints},
            "attributes": {name: a.type.name for name, a in sorted(schema.attributes.items())},
            "required": sorted(name for name, a in schema.attributes.items() if a.required),
        }


def main() -> None:
    import onnx
    import onnxruntime
    from onnx.defs import get_all_schemas_with_history, onnx_opset_version

    found = list(rows())
    sets: list[list[str]] = []
    for row in found:
        for name, allowed in row.get("types", {}).items():
            if allowed not in sets:
                sets.append(allowed)
            row["types"][name] = sets.index(allowed)
    latest = {"": onnx_opset_version()}
    latest["com.microsoft"] = 1
    latest["ai.onnx.ml"] = max(s.since_version for s in get_all_schemas_with_history() if s.domain == "ai.onnx.ml")
    meta = {
        "what": "operator schemas ONNX Runtime checks models against: formal inputs and outputs, counts of them (least and most), element "
        "types, attributes; latest is the newest opset of a domain that the table covers",
        "source": "asked of ONNX Runtime, tools/onnx_operators.py",
        "versions": {"onnxruntime": onnxruntime.__version__, "onnx": onnx.__version__},
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
    }
    lines = ",\n".join("  " + json.dumps(row, separators=(",", ":")) for row in found)
    parts = [f'"meta": {json.dumps(meta)}', f'"latest": {json.dumps(latest)}', f'"dtypes": {json.dumps(sets)}', f'"rows": [\n{lines}\n]']
    DATA.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")
    print(f"{len(found)} rows, {DATA.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
