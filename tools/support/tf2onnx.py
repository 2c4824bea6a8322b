"""What tf2onnx converts: its registered converters, and what came of random models of one operator each (`probes/tf2onnx_conversion.py`).

A row of the domain ``tensorflow`` says from which ONNX operator set on an operator has a converter (``opset``), which dtypes of which
input made every conversion fail (``refused``, by the number of the input), and, of an operator that never came through, how it failed
(``never``). A row of ``tflite`` says that there is a converter.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.support.environment import Environment, installed
from tools.support.sources import Source
from tools.support.store import Row

BATCHES = "16"

OF_THE_TIME: Mapping[str, Sequence[str]] = {
    "1.15.1": ("numpy==1.26.4", "onnx==1.17.0"),
    "1.16.1": ("numpy==1.26.4", "onnx==1.17.0"),
    "1.17.0": (),
}
"""Packages that a release needs older than they are now."""

FEWEST = 4
"""Tries from which on it is no chance that all failed."""

ALTERED = ("ComplexAbs", "FFT", "RFFT", "IFFT", "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "OneHot")
"""Operators whose converters look at what is around them, or at several inputs: `LIMITS` and the judge know."""

_IDS: Row = {"what": "rank", "of": 1, "in": [1], "text": "the converter takes segment ids of rank 1 only"}

LIMITS: Mapping[str, Sequence[Row]] = {
    "DynamicPartition": [{"what": "rank", "of": 1, "in": [1], "text": "DynamicPartition only implemented for partitions of rank 1"}],
    **dict.fromkeys(
        ("DynamicStitch", "ParallelDynamicStitch"),
        ({"what": "rank", "of": 0, "in": [1], "text": "DynamicStitch only implemented for index tensors of rank 1"},),
    ),
    **dict.fromkeys([f"UnsortedSegment{kind}" for kind in ("Sum", "Prod", "Min", "Max")], (_IDS,)),
    "Transpose": [{"what": "constant", "of": 1, "text": "perm can't be dynamic in ONNX"}],
    "GatherV2": [{"what": "constant", "of": 2, "text": "Axis of GatherV2 node must be constant"}],
    "Roll": [{"what": "constant", "of": 2, "text": "Can only convert Roll is axis is const"}],
    "CropAndResize": [{"what": "constant", "of": 3, "text": "crop_size must be constant"}],
    "SpaceToBatchND": [{"what": "constant", "of": 1, "text": "only support constant block_shape value"}],
    "BatchToSpaceND": [{"what": "constant", "of": 1, "text": "only support constant block_shape value"}],
    **dict.fromkeys(
        ("FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxArgs"),
        (
            {"what": "in", "of": "num_bits", "in": [8], "text": "only 8 bits are converted"},
            {"what": "in", "of": "narrow_range", "in": [False], "text": "narrow_range=True is not converted"},
        ),
    ),
}
"""What the converters ask of ranks, constants and attributes, as they say it when they raise (tf2onnx/onnx_opset)."""


_TABLE = "Could not determine table shared name"
LAYERS: Mapping[str, str] = {
    "Discretization": "Unsupported ops: Bucketize",
    "Hashing": "Unsupported ops: StringToHashBucketFast",
    "IntegerLookup": _TABLE,
    "StringLookup": _TABLE,
    "TextVectorization": _TABLE,
    "gelu": "Unsupported ops: Erfc",
}
"""Layers and activations of Keras files that were never converted (1.17.0, each layer of Keras 3 in a model), and what was said."""


def rows(release: str) -> Sequence[Row]:
    kept = os.environ.get("DEPLINT_TF2ONNX_OVERLAY")  # a folder that has the release, to put in front
    python = os.environ.get("DEPLINT_TENSORFLOW")
    older = OF_THE_TIME.get(release, ())
    if python and kept:
        return _rows(Environment(python, Path(kept)))
    if python:
        with installed(no_deps=(f"tf2onnx=={release}", *older), python=python) as environment:
            return _rows(environment)
    with installed("tensorflow-cpu", "tf_keras", f"tf2onnx=={release}", *older) as environment:
        return _rows(environment)


def _rows(environment: Environment) -> Sequence[Row]:
    registry = environment.ask("tf2onnx_conversion", "registry")
    tries: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in environment.ask("tf2onnx_conversion", BATCHES, timeout=7200):
        tries[line["op"]].append(line)
    names = {*registry["lite"], *(op for op in registry["tensorflow"] if op.startswith("TFL_"))}  # by way of TensorFlow's, or directly
    lite = [{"domain": "tflite", "op": name.removeprefix("TFL_")} for name in sorted(names)]
    lite += [{"domain": "keras", "op": name, "never": words} for name, words in LAYERS.items()]
    return [*(dict(_row(op, opset, tries[op])) for op, opset in sorted(registry["tensorflow"].items()) if op[:4] != "TFL_"), *lite]


def _row(op: str, opset: int, tries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    yield from {"domain": "tensorflow", "op": op, "opset": opset}.items()
    if op in LIMITS:
        yield "limits", LIMITS[op]
    tries = [line for line in tries if line["result"] != "unsupported"]
    if op in ALTERED:
        return
    if len(tries) >= 5 * FEWEST and all(line["result"] == "error" for line in tries) and op not in LIMITS:
        yield "never", Counter(line["error"] for line in tries).most_common(1)[0][0]
    refused = {} if op in LIMITS else {str(number): dtypes for number, dtypes in _refused(tries) if dtypes}
    if refused:
        yield "refused", refused


def _refused(tries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, list[str]]]:
    """The dtypes of each input with which every try failed, where other dtypes came through; each try is explained by its first input."""
    left = list(tries)
    for number in range(max((len(line["inputs"]) for line in tries), default=0)):
        by_dtype: dict[str, Counter[bool]] = defaultdict(Counter)
        for line in left:
            if number < len(line["inputs"]):
                by_dtype[line["inputs"][number][0]][line["result"] == "ok"] += 1
        if sum(counts[True] for counts in by_dtype.values()) < FEWEST:
            continue
        found = sorted(dtype for dtype, counts in by_dtype.items() if not counts[True] and counts[False] >= FEWEST)
        left = [line for line in left if number >= len(line["inputs"]) or line["inputs"][number][0] not in found]
        yield number, found


FACTS = {"source": "pypi:tf2onnx, its registry, and its converter run on models of one operator", "licence": "own measurement"}

SOURCES = (Source("tf2onnx", list(OF_THE_TIME), rows, FACTS),)
