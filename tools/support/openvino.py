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
    }


@lru_cache(maxsize=1)
def _asked(release: str) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as folder, installed("onnx", "flatbuffers", f"openvino=={release}") as environment:
        questions = Path(folder, "questions.json")
        questions.write_text(json.dumps(_questions()), "utf-8")
        answer: Mapping[str, Any] = environment.ask("openvino_frontends", str(questions))
        return answer


def rows(release: str) -> Sequence[Row]:
    answer = _asked(release)
    since: dict[tuple[str, str], list[int]] = {}
    for domain, name, version in _questions()["onnx"]:
        if version not in since.setdefault((domain, name), []):
            since[domain, name].append(version)
    translated = {tuple(key) for key in answer["onnx"]}
    found: list[Row] = []
    for (domain, name), versions in since.items():
        first = [version for version in versions if (domain, name, version) in translated]
        if not first:
            continue
        row: dict[str, Any] = {"op": name, **({"domain": domain} if domain else {})}
        found.append(row if first == versions else row | {"versions": [first[0], None]})
        assert versions[-len(first) :] == first, f"{name}: a later version is not translated"
    found += [{"op": name, "domain": "tensorflow"} for name in answer["tensorflow"]]
    return [*found, *({"op": name, "domain": "tflite"} for name in answer["tflite"])]


def release_facts(release: str) -> Mapping[str, object]:
    """`refused` are the dtypes that no tensor of an ONNX model may have."""
    return {"refused": sorted(_asked(release)["dtypes"])}


SOURCES = (
    Source(
        "openvino",
        RELEASES,
        rows,
        {"source": "pypi:openvino, the frontends of each wheel asked with one model an operator", "licence": "Apache-2.0"},
        release_facts,
    ),
)
