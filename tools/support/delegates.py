"""What TensorFlow Lite's delegates take, read from LiteRT's source at its tags, and what of their conditions can be checked.

``DEPLINT_LITERT`` may name a git directory of google-ai-edge/LiteRT; else one is fetched.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from deplint.data import load
from tools.support.sources import Source
from tools.support.store import Row

RELEASES = ("1.4.0", "2.1.6", "2.2.0")
REPOSITORY = "https://github.com/google-ai-edge/LiteRT"


@contextmanager
def repository() -> Iterator[str]:
    if kept := os.environ.get("DEPLINT_LITERT"):
        yield kept
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "-q", "--bare", "--filter=blob:none", REPOSITORY, folder], check=True)
        yield folder


def source(release: str, path: str) -> str:
    """A file of a release without its comments."""
    with repository() as folder:
        done = subprocess.run(["git", "-C", folder, "show", f"v{release}:{path}"], check=True, capture_output=True, text=True)
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", done.stdout, flags=re.S)


def body(text: str, start: str) -> str:
    """What stands in the braces after `start`."""
    at = text.index("{", text.index(start))
    depth = 0
    for end in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if not depth:
            return text[at : end + 1]
    raise SystemExit(f"no end of {start}")


def named(text: str) -> list[str]:
    """The operators of the ``case`` labels in a text."""
    flat = {name.replace("_", ""): name for name in load("tflite_schema")["enums"]["BuiltinOperator"]}
    labels = [label.upper() for label in re.findall(r"\bkTfLiteBuiltin(\w+)\s*:", text)]
    return sorted({flat[label] for label in labels if label in flat and label != "CUSTOM"})


FLOATS = ("float32", "float16")
LOGICAL = {"EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "LOGICAL_AND", "LOGICAL_OR", "LOGICAL_NOT"}


def _attribute(name: str, among: Sequence[Any], text: str) -> dict[str, Any]:
    return {"what": "in", "of": name, "in": list(among), "text": text}


def _constant(number: int, what: str) -> dict[str, Any]:
    return {"what": "constant", "of": number, "text": f"takes {what} that are constant only"}


REDUCTIONS = ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD", "REDUCE_ANY", "REDUCE_ALL")

GPU: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "SOFTMAX": [_attribute("beta", [1.0], "takes a beta of 1 only")],
    "SLICE": [{"what": "rank", "of": 0, "in": [3, 4], "text": "takes 3 or 4 dimensions only"}],
    "STRIDED_SLICE": [
        {"what": "rank", "of": 0, "in": [3, 4], "text": "takes 3 or 4 dimensions only"},
        _attribute("ellipsis_mask", [0], "takes no ellipsis_mask"),
        _attribute("new_axis_mask", [0], "takes no new_axis_mask"),
        _attribute("shrink_axis_mask", [0], "takes no shrink_axis_mask"),
    ],
    "MIRROR_PAD": [_attribute("mode", ["REFLECT", 0], "reflects only")],
    **{op: [_constant(1, "axes")] for op in REDUCTIONS},
}
"""Conditions of the GPU delegate (tflite/tools/versioning/gpu_compatibility.cc) that a model shows."""


def gpu(release: str) -> Sequence[Row]:
    ops = named(
        body(source(release, "tflite/delegates/gpu/common/model_builder.cc"), "std::unique_ptr<TFLiteOperationParser> NewOperationParser(")
    )
    return [_gpu(op) for op in ops]


def _gpu(op: str) -> Row:
    """The dtypes are those of ``GetOpsToReplace`` in model_builder.cc, of what is not constant."""
    taken: list[str] = [*FLOATS, "int8", "uint8"]
    given = list(taken)
    if op == "CAST":
        taken, given = [*taken, "bool", "int32"], [*given, "bool", "int32"]
    if op in ("ONE_HOT", "GATHER"):
        taken = [*taken, "int32"]
    if op in ("SELECT", "SELECT_V2", "LOGICAL_AND"):
        taken = [*taken, "bool"]
    if op in LOGICAL:
        given = [*given, "bool"]
    return {"op": op, "types": {"in": taken, "out": given}} | ({"limits": list(GPU[op])} if op in GPU else {})


SECTIONS = {"FP32": ["float32"], "FP16": ["float16"], "Quantized": ["int8", "uint8"]}
XNNPACK: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "MEAN": [_constant(1, "axes")],
    "SUM": [_constant(1, "axes")],
    "PAD": [_constant(1, "paddings")],
    "RESHAPE": [_constant(1, "shapes")],
    "RESIZE_BILINEAR": [_constant(1, "sizes")],
    "SOFTMAX": [_attribute("beta", [1.0], "takes a beta of 1 only")],
    "TRANSPOSE": [_constant(1, "permutations")],
}
"""Conditions of the XNNPACK delegate that its README names and a model shows."""


def xnnpack(release: str) -> Sequence[Row]:
    ops = named(source(release, "tflite/delegates/xnnpack/xnnpack_delegate.cc"))
    documented: dict[str, set[str]] = {}
    dtypes: list[str] = []
    for line in source(release, "tflite/delegates/xnnpack/README.md").splitlines():
        if line.startswith("### "):
            dtypes = next((names for word, names in SECTIONS.items() if word in line), [])
        if found := re.match(r"#### `(\w+)`", line):
            documented.setdefault(found[1], set()).update(dtypes)
    rows: list[Row] = []
    for op in ops:
        row: dict[str, Any] = {"op": op}
        if op in documented:
            taken = sorted({*documented[op], *(["float32", "float16", "int8", "uint8"] if op in ("QUANTIZE", "DEQUANTIZE") else [])})
            row |= {"types": {"in": taken, "out": taken}}
        rows.append(row | ({"limits": list(XNNPACK[op])} if op in XNNPACK else {}))
    return rows


def nnapi(release: str) -> Sequence[Row]:
    switch = body(source(release, "tflite/delegates/nnapi/nnapi_delegate.cc"), "bool NNAPIDelegateKernel::Validate(")
    switch = body(switch, "switch (builtin_code)")
    rows: list[Row] = []
    labels: list[str] = []
    for part in re.split(r"(?=\bcase kTfLiteBuiltin\w+\s*:)", switch)[1:]:
        labels += named(part)
        label = re.match(r"case \w+\s*:", part)
        if label and not part[label.end() :].strip():
            continue
        newest = re.search(r"ExpectMaxOpVersion\(version,\s*(\d+)", part)
        rows += [{"op": op} | ({"versions": [1, int(newest[1])]} if newest else {}) for op in sorted(labels)]
        labels = []
    return rows


def _source(name: str, rows: Callable[[str], Sequence[Row]], files: str) -> Source:
    facts = {"source": f"github:google-ai-edge/LiteRT at the tag of the release, {files}", "licence": "Apache-2.0"}
    return Source(name, RELEASES, rows, facts)


SOURCES = (
    _source("tflite-gpu", gpu, "tflite/delegates/gpu/common/model_builder.cc and tflite/tools/versioning/gpu_compatibility.cc"),
    _source("xnnpack", xnnpack, "tflite/delegates/xnnpack: xnnpack_delegate.cc and README.md"),
    _source("nnapi", nnapi, "tflite/delegates/nnapi/nnapi_delegate.cc"),
)
