"""Which operators OpenCV's dnn module reads from ONNX, measured with the test models of the onnx package, and with a model of each operator
that is known by name.

An operator is supported if some model with it is read; unsupported if none is, and OpenCV names the operator when it refuses one, or if
none of its importers has it. The same goes for dtypes of inputs and outputs. ``importers`` of a row are those that have the operator, where
not all do; operators of the domain ``*`` are those that OpenCV makes layers of whatever their domain. ``fewer`` and ``more`` say that the
operator is refused with a number of inputs that the standard forbids.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from deplint.formats.onnx import DTYPES
from tools.support.environment import ROOT, installed
from tools.support.sources import Source
from tools.support.store import Row

RELEASES = ["4.10.0.84", "4.12.0.88", "5.0.0.93"]

_BLAMED = re.compile(r"Node \[([^@\]]+)(?:@(?:ai\.onnx|))?\]|of type \"(\w+)\"")


ANY = "*"
"""The domain of layers that are made whatever the domain of the operator."""

FOREIGN = "some.other.domain"

FACTORY = [
    *("AbsVal", "BNLL", "BatchNorm", "ChannelsPReLU", "Convolution", "Crop", "Deconvolution", "DetectionOutput", "Eltwise", "InnerProduct"),
    *("Interp", "MVN", "MaxUnpool", "Normalize", "NormalizeBBox", "Padding", "Permute", "Pooling", "Power", "PriorBox", "Proposal"),
    *("ReLU", "Region", "Reorg", "Scale", "Shift", "ShuffleChannel", "TanH"),
]
"""Types of layers that are no operators of ONNX: opencv, modules/dnn/src/init.cpp."""


def _questions() -> list[tuple[str, str]]:
    from onnxruntime.capi.onnxruntime_pybind11_state import get_all_operator_schema

    stored = json.loads((ROOT / "deplint" / "data" / "onnx_operators.json").read_text("utf-8"))["rows"]
    contributed = {schema.name for schema in get_all_operator_schema() if schema.domain == "com.microsoft"}
    known = {*((row["domain"], row["name"]) for row in stored), *(("com.microsoft", name) for name in contributed)}
    return sorted({*known, *(("", name) for name in FACTORY), *((FOREIGN, name) for _, name in known)})


@lru_cache(maxsize=1)
def _asked(release: str) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as folder, installed("onnx", f"opencv-python-headless=={release}") as environment:
        questions = Path(folder, "questions.json")
        questions.write_text(json.dumps(_questions()), "utf-8")
        answer: Mapping[str, Any] = environment.ask("opencv_importer", str(questions))
        return answer


def rows(release: str) -> Sequence[Row]:
    answer = _asked(release)
    found: dict[tuple[str, str], str] = {}
    for operators, _, error in answer["tests"]:
        blamed = {name.rpartition("@")[0] or name for pair in _BLAMED.findall(error) for name in pair if name} & set(operators)
        for operator in blamed:
            found.setdefault(_split(operator), "unsupported")
        for operator in operators if not error else ():
            found[_split(operator)] = "supported"
    having: dict[tuple[str, str], list[str]] = {}
    for importer, keys in answer["importers"].items():
        for domain, name in keys:
            having.setdefault((ANY if domain == FOREIGN else domain, name), []).append(importer)
    for domain, name in _questions():
        key = ANY if domain == FOREIGN else domain, name
        if key in having or key[0] != ANY:
            found.setdefault(key, "supported" if key in having else "unsupported")
    return [_row(key, status, having.get(key, ()), answer) for key, status in sorted(found.items())]


def _split(operator: str) -> tuple[str, str]:
    domain, _, name = operator.rpartition(".")
    return domain, name


def _row(key: tuple[str, str], status: str, importers: Sequence[str], answer: Mapping[str, Any]) -> Row:
    domain, name = key
    row: dict[str, Any] = {"op": name, **({"domain": domain} if domain else {})}
    if status != "supported":
        return row | {"status": status}
    if importers and len(importers) < len(answer["importers"]):
        row["importers"] = sorted(importers)
    return row | {what: True for what, error in sorted(answer["counts"].get(name, {}).items()) if error and not domain}


def release_facts(release: str) -> Mapping[str, object]:
    """`refused` are dtypes of inputs and outputs, `unstored` those of weights, `kept` those of weights that are not dequantized; `odd` is
    what else a model is refused for, and `importers` how many there are."""
    answer = _asked(release)
    read = {dtype for _, dtypes, error in answer["tests"] if not error for dtype in dtypes}
    named = {dtype for _, dtypes, error in answer["tests"] if re.search(r"datatype|data type", error) for dtype in dtypes}
    unstored, kept = ({DTYPES.get(int(dtype), "") for dtype, error in answer[key].items() if error} for key in ("weights", "dequantized"))
    return {
        "refused": sorted(DTYPES[dtype] for dtype in named - read if dtype in DTYPES),
        "unstored": sorted(unstored - {""}),
        "kept": sorted(kept - {""}),
        "importers": sorted(answer["importers"]),
        "odd": sorted(name for name, error in answer["odd"].items() if error),
    }


FACTS = {"source": "pypi:opencv-python-headless, readNetFromONNX run on the onnx package's test models", "licence": "own measurement"}

SOURCES = (Source("opencv-dnn", RELEASES, rows, FACTS, release_facts),)
