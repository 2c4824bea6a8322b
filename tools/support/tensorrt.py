"""What TensorRT's ONNX parser documents: ``docs/operators.md`` of onnx/onnx-tensorrt, at the commit a release is built with.

``DEPLINT_ONNX_TENSORRT`` names a clone of that repository. Of the restrictions those are kept that can be looked up in a model, worded
anew. The page of 11.1 differs from that of 10.1 in the rows of `LATER`, which were read at its commit.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from tools.support.onnxruntime_providers import constant, lacks, only, rank
from tools.support.sources import Source
from tools.support.store import Row

COMMITS = {
    "8.0": "3f211d67a6b31b9c7ff0db00b0365bebee697557",
    "8.2": "f42daeee49f2517a954c5601f0f76bef9ed94b62",
    "8.4": "63d626b673ef456966341f8e17ffd3ebf323ceb7",
    "8.5": "fdeeaca87ad2eef316aafb016e1822502f383eea",
    "8.6": "ee0b139bc68567a89618c1d84dcd461cc144aad4",
    "9.0": "9d2d786c98129ecab62be0759d1ba2e5791ee424",
    "9.3": "1def182e2a04e939130b1070151a048321c6719c",
    "10.0": "73f629e04a68765647010b98dd94257282d05d11",
    "10.1": "96e781103cfc4adf4a6bb557e94bac8e693f6f4c",
    "11.1": "7c51a63a719180eb5160c874c111746f3fb46a6b",
}

BASE = {"11.1": "10.1"}

_WIDE = "FP32, FP16, BF16, FP8, FP4, INT4, INT32, INT64, BOOL"
_ALL = "FP32, FP16, BF16, INT32, INT64, BOOL"
LATER: Mapping[str, tuple[str, str]] = {
    "Attention": ("FP32, FP16, BF16, INT8, FP8", "softcap attribute unsupported; 4D input"),
    "BlackmanWindow": ("FP32, FP16", ""),
    "HammingWindow": ("FP32, FP16", ""),
    "HannWindow": ("FP32, FP16", ""),
    "Constant": (_WIDE, "`sparse_value`, `value_string`, and `value_strings`"),
    "ConstantOfShape": (_WIDE, ""),
    "CumSum": ("FP32, FP16, BF16", ""),
    "Pad": ("FP32, FP16, BF16, INT32, INT64", ""),
    "Pow": ("FP32, FP16, BF16, INT32, INT64", ""),
    "RMSNormalization": ("FP32, FP16, BF16", ""),
    "RotaryEmbedding": ("FP32, FP16, BF16", ""),
    "STFT": ("FP32", ""),
    "ScatterND": ("FP32, FP16, BF16, INT32, INT64", "`reduction` other than none"),
    "Slice": (_ALL, ""),
    "Squeeze": (_ALL, ""),
    "Unsqueeze": (_ALL, ""),
    "Swish": ("FP32, FP16, BF16", ""),
    "TensorScatter": ("FP32, FP16, BF16, INT32", ""),
}

NAMES = {"DOUBLE": "float64", "FLOAT32": "float32", "FLOAT16": "float16", "FLOAT": "float32", "BFLOAT16": "bfloat16", "BF16": "bfloat16",
         "FP32": "float32", "FP16": "float16", "INT8": "int8", "INT32": "int32", "INT64": "int64", "INT4": "int4", "UINT8": "uint8",
         "BOOL": "bool", "FP8": "float8e4m3fn", "FP4": "float4e2m1"}  # fmt: skip


def _page(release: str) -> str:
    clone = os.environ["DEPLINT_ONNX_TENSORRT"]
    what = f"{COMMITS[release]}:docs/operators.md"
    return subprocess.run(["git", "-C", clone, "show", what], check=True, capture_output=True, text=True).stdout


def limits(op: str, note: str) -> list[dict[str, Any]]:
    """The restrictions of a row that can be looked up in a model."""
    found: list[dict[str, Any]] = []
    if re.search(r"(?i)2D or 3D pooling only", note):
        found.append(rank(4, 5))
    if re.search(r"(?i)input must be 4D|4D input", note):
        found.append(rank(4))
    if re.search(r"dilations. must be empty or all ones", note):
        found.append({"what": "all-equal", "of": "dilations", "in": [1], "text": "takes no dilations but 1"})
    if "axes` must be an initializer" in note or "axes` must be a constant" in note:
        found += constant(3 if op in ("Slice", "Pad") else 1)
    if "axis` must be an initializer" in note:
        found += constant(1)
    if "input_forget` attribute must be 0" in note:
        found += [only("input_forget", 0), only("layout", 0)]
    if "reduction` is not supported" in note or "reduction` other than" in note:
        found.append(only("reduction", "none"))
    if "sorted` must be 1" in note:
        found.append(only("sorted", 1))
    if "sparse_value`" in note:
        found += [lacks("sparse_value"), lacks("value_string"), lacks("value_strings")]
    if "softcap attribute unsupported" in note:
        found.append(only("softcap", 0.0))
    if op == "Resize" and "resize modes: `nearest`, `linear`" in note:
        found.append(only("mode", "nearest", "linear"))
    return found


def rows(release: str) -> Sequence[Row]:
    found: dict[str, Row] = {}
    for line in _page(BASE.get(release, release)).splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) > 1 and cells[1] in ("Y", "N"):
            found[cells[0]] = _row(cells[0], cells[1], *[*cells[2:4], "", ""][:2])
    if release in BASE:
        found.update({op: _row(op, "Y", types, note) for op, (types, note) in LATER.items()})
    return list(found.values())


def _row(op: str, supported: str, types: str, note: str) -> Row:
    if supported == "N":
        return {"op": op, "status": "unsupported"}
    dtypes = sorted({NAMES[name] for name in re.findall(r"\w+", types) if name in NAMES})
    found = limits(op, note)
    return {"op": op, **({"types": {"": dtypes}} if dtypes else {}), **({"limits": found} if found else {})}


def release_facts(release: str) -> Mapping[str, object]:
    """``dtypes``: those a model may have; ``narrowed``: those that are made smaller."""
    page = _page(BASE.get(release, release))
    stated = re.search(r"supports the following ONNX data types: (.*)", page)
    assert stated is not None
    dtypes = {NAMES[name] for name in re.findall(r"\w+", stated[1]) if name in NAMES} | {"int32", "int64", "uint8"}
    if release in BASE:
        dtypes.add("float4e2m1")
    return {"dtypes": sorted(dtypes), "narrowed": ["float64", *(["int64"] if re.search("INT64 (down )?to INT32", page) else [])]}


FACTS = {
    "source": "github:onnx/onnx-tensorrt, docs/operators.md at the commit of each release; "
    "11.1 as 10.1 with the rows that differ, transcribed",
    "licence": "Apache-2.0",
    "commits": COMMITS,
}

SOURCES = (Source("tensorrt", list(COMMITS), rows, FACTS, release_facts),)
