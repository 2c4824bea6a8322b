"""What PyTorch's two ONNX exporters translate: their registries, and for what is decomposed first what came of modules of one function.

An operator of an exported program that has no translation is decomposed, and what into depends on its arguments: only a measurement says
whether all of that is translated. ``DEPLINT_TORCH`` names a Python with the release; ``DEPLINT_TORCH_MEASURED`` a file of answers of
`tools.support.probes.torch_conversion` that were taken before (an hour's work).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from tools.support.environment import Environment
from tools.support.sources import Source
from tools.support.store import Row

RELEASES = ["2.13.0"]

PARTS = 1
"""Into how many parts the modules to measure are divided: the first is measured."""

CRASHES = 50
"""How often the measurement may end its process; it then goes on behind what ended it."""

REMOVED = (
    *("prim.RaiseException", "prim.NumToTensor", "prim.unchecked_cast", "prim.annotate", "aten.format", "aten.device", "aten.warn"),
    *("aten.__isnot__", "aten.__is__", "aten.__not__", "aten.__contains__", "aten.__lshift__", "aten.ScalarImplicit", "aten.dict"),
    *("aten.copy_",),
    *("aten.append", "aten.extend", "aten.insert", "aten.str", "aten.percentFormat", "aten.keys", "aten.values", "aten.items"),
)
"""Operators of TorchScript that its passes remove before the exporter looks for translations, or that compute no tensor."""

WITHOUT = {
    "aten::scatter_reduce": {r"include_self=False": "with include_self=False", r'"mean"': "with the mean"},
    "aten::sort": {r"stable=False": "with stable=False"},
    "aten::multinomial": {r"^[^,]+, (?!1\b)\d+(?:, False|$)": "for more than one sample without replacement"},
    "aten::lstm": {r"\[(?:[\w.]+, ){4}(?:(?:[\w.]+, ){5}){0,2}[\w.]+\], True": "with projections (proj_size)"},
    "aten::stft": {r"^[^,]+(?:, [^,]+){6}, True": "to complex numbers (return_complex)"},
}
"""Arguments that a symbolic function refuses: patterns of them as TorchScript's code has them, and how to say it (symbolic_opset9.py
for lstm and multinomial, symbolic_opset11.py for sort, 16 for scatter_reduce, 17 for stft)."""

HELPERS = ("_operator.", "torch.sym_", "math.", "aten.sym_", "aten._assert", "higher_order.", "<", "aten.detach", "aten.lift_fresh")


@lru_cache(maxsize=1)
def python() -> Environment:
    return Environment(os.environ.get("DEPLINT_TORCH", sys.executable))


@lru_cache(maxsize=1)
def registries(release: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = python().ask("torch_registries")
    if found["version"] != release:
        raise SystemExit(f"DEPLINT_TORCH has PyTorch {found['version']}, not {release}")
    return found


@lru_cache(maxsize=4)
def measured(*targets: str, interpreter: str = "") -> Sequence[Mapping[str, Any]]:
    """Lines of `tools.support.probes.torch_conversion` that say something of the targets, asked with PyTorch's Python or another one."""
    kept = os.environ.get("DEPLINT_TORCH_MEASURED")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(kept or Path(folder, "answers.jsonl"))
        if not kept:
            command = [interpreter or python().python, "-m", "tools.support.probes.torch_conversion", str(path), "0", str(PARTS), *targets]
            for _ in range(CRASHES):
                if not subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
                    break
            else:
                raise SystemExit(f"{' '.join(command)} has crashed {CRASHES} times")
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [line for line in lines if set(targets) & set(line["results"])]


def legacy(release: str) -> Sequence[Row]:
    found = registries(release)["legacy"]
    rows = [
        {
            "op": name.split("::")[1],
            "domain": name.split("::")[0],
            "versions": [first, None if last == 20 else last],
            **({"without": WITHOUT[name]} if name in WITHOUT else {}),
        }
        for name, (first, last) in found.items()
    ]
    return rows + [{"op": op, "domain": domain} for domain, op in (name.split(".") for name in REMOVED) if f"{domain}::{op}" not in found]


_MISSING = re.compile(r"No ONNX function found for <(?:OpOverload\(op='([^']+)', overload='([^']+)'\)|([^>]+))>.*?the (real|complex)")


def outcomes(lines: Iterable[Mapping[str, Any]], target: str, known: set[str]) -> Mapping[str, Mapping[str, set[str]]]:
    """For each operator and dtype what became of modules of it: "" for what works, else what is
    missing; only where it is clear which is to blame."""
    found: dict[str, dict[str, set[str]]] = {}
    for line in lines:
        result = line["results"].get(target)
        ops = [op for op in line.get("exported", ()) if not op.startswith(HELPERS)]
        if result is None or not ops:
            continue
        missing = _MISSING.search(result)
        if result and not (missing and missing[1]):
            continue  # errors of other kinds depend on the arguments
        why = f"{missing[1]}.{missing[2]}" if missing else ""
        to_blame = ops if not result else [why] if why in ops else ops if len(ops) == 1 else [op for op in ops if op not in known]
        if result and len(to_blame) != 1:
            continue
        for op in to_blame:
            found.setdefault(op, {}).setdefault(line["fed"][0][0], set()).add(why)
    return found


def dynamo(release: str) -> Sequence[Row]:
    """A row an overload. ``made_of`` is what it is decomposed into that has no translation; ``refuses`` are dtypes that always failed."""
    facts = registries(release)
    real, imaginary, decomposed = (set(facts["dynamo"][key]) for key in ("real", "complex", "decomposed"))
    seen = outcomes(measured("dynamo"), "dynamo", real)
    rows = []
    for name in sorted({*facts["operators"], *real, *imaginary}):
        domain, _, op = name.partition(".")
        if op.endswith(("_out", ".out")) or (domain == "quantized" and name not in real):
            continue
        row: dict[str, Any] = {"op": op, "domain": domain}
        results = seen.get(name, {})
        works = {dtype for dtype, reasons in results.items() if "" in reasons}
        fails = {dtype: min(reasons) for dtype, reasons in results.items() if "" not in reasons}
        whole = {dtype: why for dtype, why in fails.items() if not dtype.startswith("complex")}
        composed = name in decomposed or facts["operators"].get(name, False)
        inplace = re.sub(r"(?<=[^_])_\.", ".", name)
        if name not in real and not composed and name not in imaginary and inplace == name and not results:
            row["status"] = "unsupported"
        elif whole and not {dtype for dtype in works if not dtype.startswith("complex")} and name not in real:
            row |= {"status": "unsupported", "made_of": min(whole.values())[:80]}
        elif fails:
            row["refuses"] = sorted(fails)
        if name in imaginary or any(dtype.startswith("complex") for dtype in works):
            row["complex"] = True
        elif (name not in real or facts["operators"].get(name, False)) and not any(dtype.startswith("complex") for dtype in fails):
            row["complex"] = None  # nobody knows
        if EXPANDED.get(name, name) not in {name, *real}:
            row |= {"status": "unsupported", "made_of": EXPANDED[name]}
        rows.append(row | LIMITS.get(name, {}))
    return rows


EXPANDED = {
    f"aten.{name}.{overload}": f"aten.{made}.default"
    for name, overload, made in (
        ("fake_quantize_per_tensor_affine", "default", "fake_quantize_per_tensor_affine_cachemask"),
        ("fake_quantize_per_tensor_affine", "tensor_qparams", "_fake_quantize_per_tensor_affine_cachemask_tensor_qparams"),
        ("fake_quantize_per_channel_affine", "default", "fake_quantize_per_channel_affine_cachemask"),
        *(("linalg_" + name, "default", "_linalg_eigh") for name in ("eigh", "eigvalsh")),
        ("linalg_svdvals", "default", "_linalg_svd"),
        ("linalg_solve", "default", "_linalg_solve_ex"),
        ("inverse", "default", "linalg_inv_ex"),
        *(("linalg_" + name, "default", f"linalg_{name}_ex") for name in ("ldl_factor", "lu_factor")),
        ("linalg_solve_ex", "default", "_linalg_solve_ex"),
        ("to_sparse", "default", "_to_sparse"),
        ("histogramdd", "default", "_histogramdd_bin_edges"),
        ("histogramdd", "TensorList_bins", "_histogramdd_from_bin_tensors"),
    )
} | {
    "aten.fill_diagonal_.default": "prims.as_strided_scatter.default",
    "aten.frexp.Tensor": "prims.frexp.default",
    "aten.to_sparse.sparse_dim": "aten._to_sparse.sparse_dim",
}
"""Composed operators that no sample of PyTorch's measures (results that are named tuples are not exported), and what they call
(aten/src/ATen/native/quantized/FakeQuantPerTensorAffine.cpp and its neighbour for channels; BatchLinearAlgebra.cpp; Fill.cpp;
Histogram.cpp; TensorConversions.cpp; torch/_refs for frexp)."""


def _given(attribute: str, text: str) -> dict[str, Any]:
    return {"limits": [{"what": "present", "of": attribute, "text": text}]}


LIMITS = {
    **{f"aten.{name}.default": _given("dim", "only along dimensions that are named (dim)") for name in ("amax", "amin", "aminmax")},
    **{f"aten.adaptive_max_pool{n}d.default": {"divides": True, "status": "supported", "made_of": ""} for n in (2, 3)},
    "aten.istft.default": {"complex": None, "refuses": []},  # of some lengths
    "aten.adaptive_avg_pool3d.default": {
        "status": "supported",
        "made_of": "",
        "limits": [{"what": "all-equal", "of": "output_size", "in": [1], "text": "to one number a channel only (output_size=1)"}],
    },
    "aten.linalg_matrix_norm.str_ord": {"status": "supported", "made_of": ""},  # that of Frobenius
    "aten.histc.default": _given("max", "only between limits that are given (min and max)"),
}
"""What the functions of the exporter ask of arguments (onnxscript's torchlib: ``dim`` is required; ``aten_histc`` wants two limits)."""


def release_facts(release: str) -> Mapping[str, object]:
    facts = registries(release)
    return {"opset": facts["opset"], "schema": facts["schema"]}


SOURCES = (
    Source(
        "torch-onnx-legacy",
        RELEASES,
        legacy,
        {"source": "pypi:torch, the symbolic functions of its TorchScript exporter", "licence": "BSD-3-Clause"},
        release_facts,
    ),
    Source(
        "torch-onnx-dynamo",
        RELEASES,
        dynamo,
        {"source": "pypi:torch, the translations of its exporter; what it decomposes is measured", "licence": "BSD-3-Clause"},
        release_facts,
    ),
)
