"""What litert-torch converts: the lowerings it registers, and for what is decomposed first what came of modules of one function.

``DEPLINT_LITERT_TORCH`` names a Python with the release; ``DEPLINT_TORCH_MEASURED`` a file of answers of
`tools.support.probes.torch_conversion`, target ``litert``, that were taken before.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from tools.support.environment import Environment
from tools.support.lowered import CALLS, calling, results, rows
from tools.support.sources import Source
from tools.support.store import Row
from tools.support.torch import measured

RELEASES = ["0.10.0"]


@lru_cache(maxsize=1)
def python() -> Environment:
    return Environment(os.environ.get("DEPLINT_LITERT_TORCH", sys.executable))


@lru_cache(maxsize=1)
def registry(release: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = python().ask("litert_torch_registry")
    if found["version"] != release:
        raise SystemExit(f"DEPLINT_LITERT_TORCH has litert-torch {found['version']}, not {release}")
    return found


_WHY = (
    re.compile(r"Lowering not found: ([\w.]+)"),
    re.compile(r"failed to legalize operation '([\w.]+)'"),
    re.compile(r"Didn't find op for builtin opcode '(\w+)'"),
    re.compile(r"(?i)\b(complex)"),
)


def why(error: str) -> str:
    """The operator that has no lowering (``aten.lgamma.default``), that the converter's passes refuse (``tfl.pow``) or that the interpreter
    has no kernel for (``STABLEHLO_SORT``), ``complex`` for numbers of that kind; else the error's first words."""
    found = next((match[1].lower() if match[1].istitle() else match[1] for match in (each.search(error) for each in _WHY) if match), "")
    return found or error.partition("\n")[0][:80]


_CONSTANT = "Got unsupported ScalarType"
"""What NumPy says of constants of a module, whatever operator takes them."""


def _limit(what: str, of: int | str, among: Sequence[Any], text: str) -> dict[str, Any]:
    return {"limits": [{"what": what, "of": of, "in": list(among), "text": text}]}


def _made(what: str, *names: str) -> dict[str, dict[str, Any]]:
    return {f"aten.{name}": {"status": "unsupported", "made_of": what} for name in names}


_INDICES = ("int8", "int16", "int32", "int64")
_UNSIZED = "its result has no size that is known"

LIMITS: Mapping[str, Mapping[str, Any]] = {
    **_made("STABLEHLO_SORT", "sort.default", "sort.stable", "argsort.default", "argsort.stable", "msort.default"),
    **_made("STABLEHLO_SCATTER with a function", "scatter_add.default", "scatter_reduce.two", "index_add.default", "col2im.default"),
    **_made(_UNSIZED, "nonzero.default", "nonzero_numpy.default", "argwhere.default", "where.default"),
    **_made("it is decomposed with padding in numbers only", "conv1d.padding"),
    **_made("tfl.pow", "logspace.default"),
    **_made("complex", "stft.default", "stft.center", "istft.default"),
    "aten.index.Tensor": _limit("dtype", 1, _INDICES, "with indices, not with a mask, whose result has no size that is known"),
    **{
        f"aten.{name}.default": {
            "limits": [
                *_limit("in", "accumulate", [False], "without accumulate, which LiteRT's kernel does not")["limits"],
                *_limit("dtype", 1, _INDICES, "with indices, not with a mask")["limits"],
            ]
        }
        for name in ("index_put", "_unsafe_index_put")
    },
    **{f"aten.conv_transpose{name}": {"refuses": {}} for name in ("1d.default", "2d.input", "3d.input")},  # the judge knows their arguments
    "aten.topk.default": {"refuses": {}},
    "aten.fft_rfft.default": {"refuses": {}, "status": "supported"},
    "aten.abs.default": {"complex": True},
    **{
        f"aten.{name}.default": {"refuses": {"float16": f"LiteRT's {kernel} takes float32"}}
        for name, kernel in (("linear", "FULLY_CONNECTED"), ("layer_norm", "normalization"))
    },
    **{
        f"aten.{name}.int": _limit("not-in", "dtype", ["float64"], "to float32, not to float64, which TensorFlow Lite has no operators for")
        for name in ("softmax", "log_softmax")
    },
    "aten.dropout.default": _limit("in", "train", [False], "while it does not train (module.eval() before the export)"),
    "aten.to.dtype": _limit("not-in", "dtype", ["complex64", "complex128"], "to real numbers, not to complex ones"),
    "aten.grid_sampler.default": _limit("rank", 0, [4], "for images only, of rank 4"),
}
"""What is known of arguments: which of them the lowerings, the converter's passes and the kernels of the interpreter refuse (probed with
0.10.0; litert_torch/backend/lowerings, tflite/kernels/stablehlo_scatter.cc)."""


def table(release: str) -> Sequence[Row]:
    facts = registry(release)
    lines = measured("litert", interpreter=python().python)
    seen = results((line for line in lines if _CONSTANT not in line["results"]["litert"]), "litert", why)
    known = {*facts["lowered"], *facts["decomposed"]}
    lacking = calling(CALLS, known, seen)
    seen = {op: {dtype: samples for dtype, samples in each.items() if not dtype.startswith("complex")} for op, each in seen.items()}
    return list(rows(facts["operators"], facts["lowered"], facts["decomposed"], seen, {**lacking, **LIMITS}))


SOURCES = (
    Source(
        "litert-torch",
        RELEASES,
        table,
        {"source": "pypi:litert-torch, the lowerings it registers; what it decomposes is measured", "licence": "Apache-2.0"},
        lambda release: {"torch": registry(release)["torch"]},
    ),
)
