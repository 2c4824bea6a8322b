"""Which operators OpenCV's dnn module reads from ONNX, measured with the test models of the onnx package.

An operator is supported if some model with it is read; unsupported if none is, and OpenCV names the operator when it refuses one. The
same goes for dtypes of inputs and outputs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from deplint.formats.onnx import DTYPES
from tools.support.environment import installed
from tools.support.sources import Source
from tools.support.store import Row

RELEASES = ["4.10.0.84", "4.12.0.88", "5.0.0.93"]

_BLAMED = re.compile(r"Node \[([^@\]]+)(?:@(?:ai\.onnx|))?\]|of type \"(\w+)\"")


@lru_cache(maxsize=1)
def _asked(release: str) -> Mapping[str, Any]:
    with installed("onnx", f"opencv-python-headless=={release}") as environment:
        answer: Mapping[str, Any] = environment.ask("opencv_importer")
        return answer


def rows(release: str) -> Sequence[Row]:
    found: dict[str, str] = {}
    for operators, _, error in _asked(release)["tests"]:
        blamed = {name.rpartition("@")[0] or name for pair in _BLAMED.findall(error) for name in pair if name} & set(operators)
        for operator in blamed:
            found.setdefault(operator, "unsupported")
        for operator in operators if not error else ():
            found[operator] = "supported"
    return [_row(operator, status) for operator, status in sorted(found.items())]


def _row(operator: str, status: str) -> Row:
    domain, _, name = operator.rpartition(".")
    return {"op": name, **({"domain": domain} if domain else {}), **({"status": status} if status != "supported" else {})}


def release_facts(release: str) -> Mapping[str, object]:
    """`refused` are dtypes of inputs and outputs, `unstored` those of weights; `odd` is what else a model is refused for."""
    answer = _asked(release)
    read = {dtype for _, dtypes, error in answer["tests"] if not error for dtype in dtypes}
    named = {dtype for _, dtypes, error in answer["tests"] if re.search(r"datatype|data type", error) for dtype in dtypes}
    unstored = {DTYPES.get(int(dtype), "") for dtype, error in answer["weights"].items() if error}
    return {
        "refused": sorted(DTYPES[dtype] for dtype in named - read if dtype in DTYPES),
        "unstored": sorted(unstored - {""}),
        "odd": sorted(name for name, error in answer["odd"].items() if error),
    }


FACTS = {"source": "pypi:opencv-python-headless, readNetFromONNX run on the onnx package's test models", "licence": "own measurement"}

SOURCES = (Source("opencv-dnn", RELEASES, rows, FACTS, release_facts),)
