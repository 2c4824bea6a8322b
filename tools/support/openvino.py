"""What the frontends of OpenVINO translate, asked of each released wheel with one small model an operator.

In the table an operator of TensorFlow has the domain ``tensorflow``, one of TensorFlow Lite ``tflite``; the rest are ONNX's domains.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from tools.support.environment import ROOT, installed
from tools.support.sources import Source
from tools.support.store import Row

RELEASES = ["2024.6.0", "2025.4.1", "2026.4.1"]

DATA = ROOT / "deplint" / "data"

OWN = {
    "org.openvinotoolkit": [
        *(
            "DeformableConv2D",
            "DetectionOutput",
            "ExperimentalDetectronDetectionOutput",
            "ExperimentalDetectronGenerateProposalsSingleImage",
        ),
        *("ExperimentalDetectronGroupNorm", "ExperimentalDetectronPriorGridGenerator", "ExperimentalDetectronROIFeatureExtractor"),
        *("ExperimentalDetectronTopKROIs", "FakeQuantize", "GenerateProposals", "GroupNorm", "Normalize", "PriorBox", "PriorBoxClustered"),
        "Swish",
    ],
    "mmdeploy": ["NMSRotated", "MMCVRoIAlignRotated", "TRTBatchedNMS", "GatherTopk"],
    "org.pytorch.aten": ["adaptive_avg_pooling2d"],
}
"""Operators of domains that only OpenVINO or a few exporters have, to be asked about (its registration code names them)."""


TRANSLATES = 2026
"""The year of releases that read ONNX by translating operator by operator, which are stricter than those before."""

_INDICES = ["int32", "int64"]
_REAL = ["bfloat16", "float16", "float32", "float64"]


def _stored(number: int, what: str) -> dict[str, Any]:
    return {"what": "constant", "of": number, "text": f"wants {what} as a weight"}


_INTEGERS = ["int8", "int16", *_INDICES, "uint8", "uint16", "uint32", "uint64"]
_PADS = {
    "what": "in",
    "of": "auto_pad",
    "in": ["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"],
    "text": "knows no auto_pad but NOTSET, SAME_UPPER, SAME_LOWER and VALID",
}
_AXES = [
    {
        "what": "dtype",
        "of": 1,
        "in": ["int8", "int16", *_INDICES, "uint8", "uint16", "uint32", "uint64", "string"],
        "text": "wants integers as axes",
    },
    {"what": "rank-at-most", "of": 1, "in": [1], "text": "wants axes in one dimension"},
    {"what": "static", "of": 1, "text": "wants to know how many axes there are", "from": TRANSLATES},
]

LIMITS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "Resize": [
        {
            "what": "dtype",
            "of": 0,
            "in": [*_REAL, "int8", "uint8", *_INDICES],
            "text": "resizes floating-point numbers and int8, uint8, int32, int64 only",
        },
        {"what": "in", "of": "mode", "in": ["nearest", "linear", "cubic"], "text": "resizes by nearest, linear and cubic only"},
        {
            "what": "in",
            "of": "coordinate_transformation_mode",
            "in": ["tf_half_pixel_for_nn", "asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel"],
            "text": "resizes in no other modes than tf_half_pixel_for_nn, asymmetric, align_corners, pytorch_half_pixel and half_pixel",
        },
        {"what": "dtype", "of": 2, "in": ["bfloat16", "float16", "float32"], "text": "wants scales of a floating-point dtype"},
        {"what": "dtype", "of": 3, "in": ["int32", "int64", "uint32", "uint64"], "text": "wants sizes of an integer dtype"},
    ],
    "Pad": [
        {"what": "in", "of": "mode", "in": ["constant", "reflect", "edge"], "text": "pads in no other modes than constant, reflect, edge"}
    ],
    "NegativeLogLikelihoodLoss": [
        {
            "what": "absent",
            "of": "ignore_index",
            "text": "does not read ignore_index (get_attribute is not implemented)",
            "from": TRANSLATES,
        },
        {"what": "in", "of": "reduction", "in": ["none", "sum", "mean"], "text": "knows the reductions none, sum and mean"},
    ],
    "SoftmaxCrossEntropyLoss": [{"what": "rank-at-least", "of": 0, "in": [2], "text": "wants scores of two or more dimensions"}],
    "NonMaxSuppression": [
        *({"what": "rank", "of": number, "in": [3], "text": "wants boxes and scores of three dimensions"} for number in (0, 1)),
        *({"what": "static", "of": number, "text": "wants thresholds of known sizes"} for number in (2, 3, 4)),
    ],
    "DFT": [{"what": "dtype", "of": 0, "in": ["bfloat16", "float16", "float32"], "text": "computes it for floating-point numbers only"}],
    "InstanceNormalization": [
        {"what": "rank", "of": number, "in": [1], "text": "wants scale and bias of one dimension"} for number in (1, 2)
    ],
    "GroupNormalization": [{"what": "rank", "of": number, "in": [1], "text": "wants scale and bias of one dimension"} for number in (1, 2)],
    "Attention": [{"what": "dtype", "of": 0, "in": _REAL, "text": "computes it for floating-point numbers only"}],
    "Split": [
        {"what": "dtype", "of": 1, "in": _INDICES, "text": "wants lengths of int32 or int64"},
        {"what": "rank", "of": 1, "in": [1], "text": "wants lengths in one dimension"},
    ],
    "Dropout": [_stored(2, "training_mode")],
    "STFT": [_stored(1, "frame_step")],
    "SplitToSequence": [_stored(1, "split")],
    "Unsqueeze": [_stored(1, "axes")],
    "GridSample": [{"what": "rank", "of": 0, "in": [4], "text": "samples inputs of four dimensions only"}],
    "Celu": [{"what": "dtype", "of": 0, "in": ["float32"], "text": "computes it for none but float32"}],
    "ScatterND": [{"what": "dtype", "of": 1, "in": _INDICES, "text": "wants indices of int32 or int64"}],
    "Trilu": [
        {"what": "rank", "of": 1, "in": [0], "text": "wants k as a scalar"},
        {"what": "dtype", "of": 1, "in": ["int64"], "text": "wants k as int64"},
        {"what": "absent", "of": 2, "text": "takes one or two inputs"},
    ],
    **{name: [{"what": "absent", "of": 2, "text": "takes two inputs"}] for name in ("BitwiseAnd", "BitwiseOr", "BitwiseXor")},
    **{name: [_PADS] for name in ("Conv", "ConvTranspose", "AveragePool", "MaxPool", "LpPool")},
    "Gather": [{"what": "dtype", "of": 1, "in": _INTEGERS, "text": "wants integers as indices"}],
    "LayerNormalization": [{"what": "absent", "of": 3, "text": "takes two or three inputs"}],
    "QuantizeLinear": [{"what": "not-in", "of": "output_dtype", "in": [23], "text": "does not quantize to float4e2m1"}],
    **{f"Reduce{kind}": _AXES for kind in ("Sum", "Mean", "Prod", "Max", "Min", "L1", "L2", "SumSquare", "LogSum", "LogSumExp")},
    "Col2Im": [
        limit
        for number in (1, 2)
        for limit in (
            {"what": "dtype", "of": number, "in": _INDICES, "text": "wants shapes of int32 or int64"},
            {"what": "static", "of": number, "text": "wants shapes of known length"},
        )
    ],
}
"""What the translators check, some of it ``from`` a year's releases on: openvino, src/frontends/onnx/frontend/src/op, and what they
check it with, src/core/src/op."""

NO_OPERATORS = {"CUSTOM", "DELEGATE", "PLACEHOLDER_FOR_GREATER_OP_CODES"}
"""Codes of TensorFlow Lite's built-in operators that stand for others."""


def _table(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text("utf-8"))


def _questions() -> dict[str, Any]:
    from onnxruntime.capi.onnxruntime_pybind11_state import get_all_operator_schema

    from deplint.formats.onnx import DTYPES

    contributed = sorted({schema.name for schema in get_all_operator_schema() if schema.domain == "com.microsoft"})
    return {
        "onnx": [
            *sorted([row["domain"], row["name"], since] for row in _table("onnx_operators")["rows"] for since in {1, row["since"]}),
            *(["com.microsoft", name, 1] for name in contributed),
            *([domain, name, 1] for domain, names in OWN.items() for name in names),
        ],
        "tensorflow": _table("tensorflow_names")["rows"],
        "tflite": {name: code for name, code in _table("tflite_schema")["enums"]["BuiltinOperator"].items() if name not in NO_OPERATORS},
        "dtypes": {name: code for code, name in sorted(DTYPES.items()) if name},
        "typed": [[row["name"], row["since"], inputs] for row in _table("onnx_operators")["rows"] if (inputs := _of_one_dtype(row))],
    }


def _of_one_dtype(row: Mapping[str, Any]) -> int:
    """How many inputs an operator must have, if they are all of one dtype that can be chosen, and nothing else must be said; else 0."""
    if row["domain"] or row.get("deprecated") or row["required"]:
        return 0
    count = max(row["counts"][0], 1 if row["inputs"] else 0)
    kinds = {kind for kind, _ in row["inputs"][:count]}
    return int(count) if count <= 3 and len(kinds) == 1 and kinds <= set(row["types"]) else 0


@lru_cache(maxsize=1)
def _asked(release: str) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as folder, installed("onnx", "flatbuffers", f"openvino=={release}") as environment:
        questions = Path(folder, "questions.json")
        questions.write_text(json.dumps(_questions()), "utf-8")
        answer: Mapping[str, Any] = environment.ask("openvino_frontends", str(questions))
        return answer


def rows(release: str) -> Sequence[Row]:
    answer = _asked(release)
    translated: dict[tuple[str, str], list[int]] = {}
    for domain, name, version in answer["onnx"]:
        translated.setdefault((domain, name), []).append(version)
    compiled: dict[tuple[str, int], list[str]] = {}
    for name, version, _, dtype in answer["typed"]:
        compiled.setdefault((name, version), []).append(dtype)
    found: list[Row] = []
    for (domain, name), versions in translated.items():
        spans: list[tuple[int, list[Any]]] = []
        for version in sorted(set(versions)):
            limits = _limits(name, compiled.get((name, version), ()), release) if not domain else []
            if not spans or spans[-1][1] != limits:
                spans.append((version, limits))
        ends = [*(first - 1 for first, _ in spans[1:]), None]
        for (first, limits), last in zip(spans, ends, strict=True):
            row: dict[str, Any] = {"op": name, **({"domain": domain} if domain else {}), **({"limits": limits} if limits else {})}
            found.append(row if (first, last) == (1, None) else row | {"versions": [first, last]})
    found += [{"op": name, "domain": "tensorflow"} for name in answer["tensorflow"]]
    return [*found, *({"op": name, "domain": "tflite"} for name in answer["tflite"])]


def _limits(name: str, dtypes: Sequence[str], release: str) -> list[Any]:
    """What is known of an operator that is translated; nothing of dtypes where no model of any was compiled, or
    where an attribute decides."""
    year = int(release.partition(".")[0])
    known = [
        {key: value for key, value in limit.items() if key != "from"} for limit in LIMITS.get(name, ()) if limit.get("from", 0) <= year
    ]
    if dtypes and name != "Mod" and not any(limit["what"] == "dtype" and limit["of"] == 0 for limit in known):
        known.append({"what": "dtype", "of": 0, "in": sorted(dtypes), "text": "computes it for none but " + ", ".join(sorted(dtypes))})
    return known


def release_facts(release: str) -> Mapping[str, object]:
    """`refused` are the dtypes that no tensor of an ONNX model may have, `unfed` those that no input may have."""
    said = _asked(release)["dtypes"]
    unfed = {dtype for dtype, words in said.items() if "Input image format" in words}
    return {"refused": sorted(said.keys() - unfed), "unfed": sorted(unfed)}


SOURCES = (
    Source(
        "openvino",
        RELEASES,
        rows,
        {"source": "pypi:openvino, the frontends of each wheel asked with one model an operator", "licence": "Apache-2.0"},
        release_facts,
    ),
)
