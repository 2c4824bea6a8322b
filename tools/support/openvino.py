"""What the frontends of OpenVINO translate, asked of each released wheel with one small model an operator.

In the table an operator of TensorFlow has the domain ``tensorflow``, one of TensorFlow Lite ``tflite``; the rest are ONNX's domains.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from tools.agreement.build_tflite import OPERATORS
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


def _one(number: int) -> dict[str, Any]:
    return {"what": "shape", "of": number, "in": [[], [1]], "text": "wants scalars"}


def _scalar(number: int) -> dict[str, Any]:
    return {"what": "rank", "of": number, "in": [0], "text": "wants a scalar"}


def _needs(*names: str) -> list[dict[str, Any]]:
    return [{"what": "present", "of": name, "text": f"wants the attribute {name}"} for name in names]


def _counts(*numbers: int) -> dict[str, Any]:
    shown = f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f"{numbers[0]}"
    return {"what": "count", "of": [], "in": numbers, "text": f"wants {shown} inputs"}


def _given(number: int, what: str) -> dict[str, Any]:
    return {"what": "given", "of": [number], "text": f"wants {what}"}


def _together(*numbers: int) -> dict[str, Any]:
    """Inputs, all if none are named, that are broadcast to one shape."""
    return {"what": "broadcast", "of": numbers, "text": "broadcasts no inputs of sizes that differ (Argument shapes are inconsistent)"}


def _alike(*numbers: int) -> dict[str, Any]:
    return {"what": "one-dtype", "of": numbers, "text": "wants inputs of one dtype (Arguments do not have the same element type)"}


def _ranks(what: str, numbers: Sequence[int], *ranks: int) -> list[dict[str, Any]]:
    return [
        {"what": "rank", "of": number, "in": ranks, "text": f"wants {what} of {' or '.join(map(str, ranks))} dimensions"}
        for number in numbers
    ]


def _at_least(name: str, least: int) -> dict[str, Any]:
    return {"what": "at-least", "of": name, "in": [least], "text": f"wants {name} of {least} or more"}


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
    {"what": "static", "of": 1, "text": "wants to know how many axes there are"},
]

_OLD_ZEROS = [_given(number, "a zero point") | {"to": 2025} for number in (2, 5)]
"""Releases that had no zero point where none is given."""

LIMITS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "Resize": [
        {
            "what": "dtype",
            "of": 0,
            "in": [*_REAL, "int8", "uint8", *_INDICES],
            "text": "resizes floating-point numbers and int8, uint8, int32, int64 only",
        },
        {"what": "not-dtype", "of": 0, "in": ["float64"], "text": "resizes no float64", "to": 2025},
        {"what": "in", "of": "mode", "in": ["nearest", "linear", "cubic"], "text": "resizes by nearest, linear and cubic only"},
        {
            "what": "in",
            "of": "coordinate_transformation_mode",
            "in": ["tf_half_pixel_for_nn", "asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel"],
            "text": "resizes in no other modes than tf_half_pixel_for_nn, asymmetric, align_corners, pytorch_half_pixel and half_pixel",
        },
        {"what": "dtype", "of": 2, "in": ["bfloat16", "float16", "float32"], "text": "wants scales of a floating-point dtype"},
        {"what": "dtype", "of": 3, "in": ["int32", "int64", "uint32", "uint64"], "text": "wants sizes of an integer dtype"},
        *({"what": "rank", "of": n, "in": [1], "text": "wants scales and sizes in one dimension"} for n in (2, 3)),
    ],
    "Pad": [
        {"what": "in", "of": "mode", "in": ["constant", "reflect", "edge"], "text": "pads in no other modes than constant, reflect, edge"},
        _one(2),
    ],
    "NegativeLogLikelihoodLoss": [
        {
            "what": "absent",
            "of": "ignore_index",
            "text": "does not read ignore_index (get_attribute is not implemented)",
            "from": TRANSLATES,
        },
        {"what": "in", "of": "reduction", "in": ["none", "sum", "mean"], "text": "knows the reductions none, sum and mean"},
        {"what": "dtype", "of": 1, "in": _INDICES, "text": "wants labels of int32 or int64"},
    ],
    "SoftmaxCrossEntropyLoss": [
        {"what": "rank-at-least", "of": 0, "in": [2], "text": "wants scores of two or more dimensions"},
        {"what": "rank", "of": 2, "in": [1], "text": "wants weights of one dimension"},
        {"what": "dtype", "of": 1, "in": _INDICES, "text": "wants labels of int32 or int64"},
    ],
    "NonMaxSuppression": [
        *({"what": "rank", "of": number, "in": [3], "text": "wants boxes and scores of three dimensions"} for number in (0, 1)),
        *({"what": "static", "of": number, "text": "wants thresholds of known sizes"} for number in (2, 3, 4)),
    ],
    "DFT": [{"what": "dtype", "of": 0, "in": ["bfloat16", "float16", "float32"], "text": "computes it for floating-point numbers only"}],
    "InstanceNormalization": [
        {"what": "rank-at-least", "of": 0, "in": [2], "text": "normalizes inputs of two or more dimensions only"},
        *({"what": "rank", "of": number, "in": [1], "text": "wants scale and bias of one dimension"} for number in (1, 2)),
    ],
    "GroupNormalization": [{"what": "rank", "of": number, "in": [1], "text": "wants scale and bias of one dimension"} for number in (1, 2)],
    "Attention": [{"what": "dtype", "of": 0, "in": _REAL, "text": "computes it for floating-point numbers only"}],
    "Split": [
        {"what": "dtype", "of": 1, "in": _INDICES, "text": "wants lengths of int32 or int64", "versions": 13},
        {"what": "rank", "of": 1, "in": [1], "text": "wants lengths in one dimension", "versions": 13},
    ],
    "Dropout": [
        *({**limit, "until": 6} for limit in _needs("is_test")),
        {"what": "in", "of": "is_test", "in": [1], "text": "knows no training mode (Training mode is not supported)", "until": 6},
        _stored(2, "training_mode") | {"versions": 12},
        {"what": "value", "of": 2, "in": [[0]], "text": "knows no training mode (Training mode is not supported)", "versions": 12},
    ],
    "STFT": [
        _stored(1, "frame_step"),
        _stored(3, "frame_length"),
        {"what": "rank", "of": 0, "in": [3], "text": "wants a signal of three dimensions"},
        {"what": "static", "of": 0, "text": "wants a signal of known sizes"},
    ],
    "Abs": [{"what": "absent", "of": "consumed_inputs", "text": "refuses consumed_inputs"}],
    "Upsample": [{"what": "in", "of": "mode", "in": ["nearest", "linear"], "text": "resizes by nearest and linear only"}],
    "GlobalLpPool": [
        {"what": "rank-at-least", "of": 0, "in": [3], "text": "pools inputs of three or more dimensions only"},
        _at_least("p", 0),
    ],
    "DequantizeLinear": [
        _one(1) | {"until": 12},
        {"what": "not-dtype", "of": 1, "in": ["float64"], "text": "wants a scale of float32, float16 or bfloat16"},
        {"what": "not-dtype", "of": 1, "in": ["float16"], "text": "wants a scale of float32", "to": 2024},
    ],
    "com.microsoft.Trilu": [{"what": "rank", "of": 1, "in": [0], "text": "wants k as a scalar"}],
    "com.microsoft.Range": [_one(number) for number in range(3)],
    "Range": [
        *(_one(number) for number in range(3)),
        *({"what": "not-dtype", "of": n, "in": ["bool"], "text": "counts numbers"} for n in (1, 2)),
    ],
    "RoiAlign": [{"what": "dtype", "of": 2, "in": _INTEGERS, "text": "wants integers as batch indices"}],
    "GatherElements": [{"what": "dtype", "of": 1, "in": _INDICES, "text": "wants indices of int32 or int64"}],
    "Reshape": [{"what": "dtype", "of": 1, "in": [*_INTEGERS, "int4", "uint4"], "text": "wants a shape of integers"}],
    "tensorflow.OneHot": [_scalar(2), _scalar(3)],
    "tensorflow.PadV2": [_scalar(2)],
    "tensorflow.MatrixBandPart": [{"what": "rank-at-least", "of": 0, "in": [3], "text": "wants three or more dimensions"}],
    "tensorflow.ReverseV2": [{"what": "shape", "of": 1, "in": [[1]], "text": "reverses along one axis only"}],
    **{
        f"tensorflow.{name}": [{"what": "not-dtype", "of": 0, "in": ["string"], "text": "computes nothing of strings"}]
        for name in ("Add", "AddV2", "Equal", "NotEqual", "UniqueWithCounts")
    },
    "com.microsoft.GatherBlockQuantized": [_stored(0, "data")],
    "com.microsoft.Attention": [_given(2, "a bias")],
    "com.microsoft.BiasAdd": [_counts(3), *_ranks("input and skip", (0, 2), 3), *_ranks("a bias", (1,), 1)],
    "com.microsoft.BiasGelu": [_together()],
    "com.microsoft.FastGelu": [_together()],
    "com.microsoft.BifurcationDetector": [*_ranks("tokens", (0, 1, 3), 1), _at_least("min_ngram_size", 1)],
    "com.microsoft.DynamicQuantizeLSTM": [
        *_needs("hidden_size"),
        *_ranks("weights", (1, 2), 2, 3),
        *_ranks("scales and zero points", (8, 9, 10, 11), 0, 1, 2),
    ],
    "com.microsoft.EmbedLayerNormalization": [*_needs("epsilon"), _counts(7, 8, 9)],
    "com.microsoft.FusedGemm": [_counts(2, 3)],
    "com.microsoft.GroupNorm": [
        _counts(3),
        *_needs("activation", "groups"),
        {"what": "in", "of": "activation", "in": [0, 1], "text": "wants an activation of 0 or 1"},
        {"what": "in", "of": "channels_last", "in": [0, 1], "text": "wants channels_last of 0 or 1"},
    ],
    "com.microsoft.GroupQueryAttention": [
        _counts(*range(7, 17)) | {"from": TRANSLATES},
        *(
            {"what": "absent", "of": number, "text": "reads no weights that normalize queries or keys", "from": TRANSLATES}
            for number in (14, 15)
        ),
    ],
    "com.microsoft.MatMulIntegerToFloat": [_counts(*range(4, 8))],
    "com.microsoft.MatMulNBits": [
        _at_least("K", 1),
        _at_least("N", 1),
        _at_least("block_size", 16),
        {
            "what": "in",
            "of": "block_size",
            "in": [1 << power for power in range(4, 20)],
            "text": "wants a block_size that is a power of two",
            "from": TRANSLATES,
        },
        _stored(1, "B"),
    ],
    **{f"com.microsoft.{name}": [_counts(7, 8), _together(), *_OLD_ZEROS] for name in ("QLinearAdd", "QLinearMul")},
    "com.microsoft.QLinearConcat": [_counts(*range(5, 200, 3)), *_needs("axis")],
    "com.microsoft.QLinearLeakyRelu": [_counts(5), _together(), *_needs("alpha"), *_OLD_ZEROS[:1]],
    **{f"com.microsoft.{name}": [_counts(5), _together(), *_OLD_ZEROS[:1]] for name in ("QLinearSigmoid", "QLinearSoftmax")},
    **{f"com.microsoft.{name}": [_counts(5), _together(0, 1, 2)] for name in ("QLinearAveragePool", "QLinearReduceMean")},
    "com.microsoft.QLinearWhere": [_counts(9), _together()],
    "com.microsoft.QuickGelu": [
        {"what": "dtype", "of": 0, "in": ["float32"], "text": "computes it for none but float32"},
        *({**limit, "to": 2025} for limit in _needs("alpha")),
    ],
    "com.microsoft.RotaryEmbedding": _needs("interleaved"),
    "com.microsoft.SkipLayerNormalization": [
        _counts(3, 4, 5),
        _together(),
        *({**limit, "to": 2025} for limit in _needs("epsilon")),
        {"what": "rank-at-least", "of": 0, "in": [3], "text": "normalizes inputs of three or more dimensions only", "to": 2025},
    ],
    "com.microsoft.SkipSimplifiedLayerNormalization": [_together(), _alike(0, 1), *({**limit, "to": 2025} for limit in _needs("epsilon"))],
    "com.microsoft.SimplifiedLayerNormalization": [_alike(0, 1)],
    "SimplifiedLayerNormalization": [_alike(0, 1)],
    "RMSNormalization": [_alike(0, 1)],
    "com.microsoft.Pad": [_one(2)],
    "ai.onnx.ml.Normalizer": [{"what": "rank-at-least", "of": 0, "in": [1], "text": "normalizes no scalars"}],
    "Affine": _needs("alpha", "beta"),
    **{name: [*_needs("hidden_size")] for name in ("LSTM", "GRU", "RNN")},
    **{name: [_scalar(0)] for name in ("HannWindow", "HammingWindow", "BlackmanWindow")},
    "LRN": [_at_least("size", 0)],
    "LpNormalization": [{"what": "in", "of": "p", "in": [1, 2], "text": "knows the norms of p 1 and 2"}],
    "Mod": [{"what": "in", "of": "fmod", "in": [0, 1], "text": "wants fmod of 0 or 1"}],
    "QLinearConv": [
        {"what": "rank-at-most", "of": number, "in": [1], "text": "wants scales and zero points of one dimension"}
        for number in (1, 2, 4, 5)
    ],
    "BatchNormalization": [
        {"what": "in", "of": "training_mode", "in": [0], "text": "knows no training mode", "to": 2025},
        {"what": "rank-at-least", "of": 0, "in": [2], "text": "normalizes inputs of two or more dimensions only"},
    ],
    "CenterCropPad": [{"what": "absent", "of": "axes", "text": "reads no axes (node not found in graph cache)", "to": 2024}],
    "Swish": [
        {"what": "dtype", "of": 0, "in": ["float32"], "text": "computes it for none but float32", "to": 2025},
        {"what": "dtype", "of": 0, "in": _REAL, "text": "computes it for floating-point numbers only"},
    ],
    "OneHot": [{"what": "static", "of": 2, "text": "wants values of known sizes (to_shape was called on a dynamic shape)"}],
    "SplitToSequence": [_stored(1, "split")],
    "Unsqueeze": [_stored(1, "axes")],
    "GridSample": [
        {"what": "rank", "of": 0, "in": [4], "text": "samples inputs of four dimensions only"},
        {"what": "dtype", "of": 1, "in": [*_REAL, "float8e4m3fn", "float8e5m2"], "text": "wants a grid of floating-point numbers"},
    ],
    "Celu": [{"what": "dtype", "of": 0, "in": ["float32"], "text": "computes it for none but float32"}],
    "ScatterND": [{"what": "dtype", "of": 1, "in": _INDICES, "text": "wants indices of int32 or int64"}],
    "Trilu": [
        {"what": "rank", "of": 1, "in": [0], "text": "wants k as a scalar"},
        {"what": "dtype", "of": 1, "in": ["int64"], "text": "wants k as int64"},
        {"what": "absent", "of": 2, "text": "takes one or two inputs"},
    ],
    **{name: [{"what": "absent", "of": 2, "text": "takes two inputs"}] for name in ("BitwiseAnd", "BitwiseOr", "BitwiseXor")},
    **{name: [_PADS] for name in ("AveragePool", "MaxPool")},
    "LpPool": [_PADS, _at_least("p", 1)],
    "com.microsoft.FusedConv": [
        _PADS,
        *_ranks("a bias", (2,), 1),
        *({**limit, "to": 2025} for limit in _needs("activation")),
        {
            "what": "in",
            "of": "activation",
            "in": ["", "Relu", "Tanh", "Sigmoid", "Clip", "LeakyRelu", "HardSigmoid"],
            "text": "knows no other activations than Relu, Tanh, Sigmoid, Clip, LeakyRelu and HardSigmoid",
            "from": TRANSLATES,
        },
    ],
    **{
        name: [
            _PADS,
            {"what": "rank", "of": 2, "in": [1], "text": "wants a bias of one dimension"},
            {"what": "static", "of": 1, "text": "does not compile it with weights of unknown sizes (dynamic weights shape)"},
        ]
        for name in ("Conv", "ConvTranspose")
    },
    "Gather": [{"what": "dtype", "of": 1, "in": _INTEGERS, "text": "wants integers as indices"}],
    "LayerNormalization": [{"what": "absent", "of": 3, "text": "takes two or three inputs"}, _alike(0, 1)],
    "QuantizeLinear": [
        {"what": "not-in", "of": "output_dtype", "in": [23], "text": "does not quantize to float4e2m1"},
        {"what": "not-dtype", "of": 2, "in": ["int32"], "text": "quantizes to no int32"},
        {
            "what": "dtype",
            "of": 2,
            "in": ["int4", "uint4", "int8", "uint8", "int16", "uint16"],
            "text": "quantizes to integers only",
            "to": 2025,
        },
    ],
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
"""What the translators check, some of it ``from`` or ``to`` a year's releases: openvino, src/frontends/onnx/frontend/src/op, and what they
check it with, src/core/src/op."""

ML, MICROSOFT = "ai.onnx.ml", "com.microsoft"
F32, U8, I64 = 1, 2, 7
"""Dtypes as ONNX numbers them."""

NONSENSE = "nonsense"
"""A value of no attribute: where it is taken, none is looked at."""

_FIELD: Sequence[tuple[int, Sequence[int]]] = [(F32, [1, 4, 4, 4])]
_SCATTER = ["none", "add", "mul", "min", "max"], [1, 16], [(F32, [3, 3])]

MODES: Mapping[tuple[str, str, str], tuple[Sequence[str], Sequence[int], Sequence[tuple[int, Sequence[int]]], Mapping[str, Any]]] = {
    ("", "GridSample", "mode"): (
        ["bilinear", "nearest", "bicubic", "linear", "cubic"], [1, 20], [*_FIELD, (F32, [1, 2, 2, 2])], {},
    ),
    ("", "GridSample", "padding_mode"): (["zeros", "border", "reflection"], [1], [*_FIELD, (F32, [1, 2, 2, 2])], {}),
    ("", "ScatterND", "reduction"): (*_SCATTER[:2], [(F32, [3, 3]), (I64, [2, 1]), (F32, [2, 3])], {}),
    ("", "ScatterElements", "reduction"): (*_SCATTER[:2], [(F32, [3, 3]), (I64, [2, 3]), (F32, [2, 3])], {}),
    ("", "BitShift", "direction"): (["LEFT", "RIGHT"], [1], [(U8, [3]), (U8, [3])], {}),
    ("", "DepthToSpace", "mode"): (["DCR", "CRD"], [1], _FIELD, {"blocksize": 2}),
    ("", "Gelu", "approximate"): (["none", "tanh"], [20], _FIELD, {}),
    ("", "RoiAlign", "mode"): (["avg", "max"], [1], [*_FIELD, (F32, [2, 4]), (I64, [2])], {}),
    ("", "RoiAlign", "coordinate_transformation_mode"): (
        ["half_pixel", "output_half_pixel"], [1, 16], [*_FIELD, (F32, [2, 4]), (I64, [2])], {},
    ),
    (ML, "Normalizer", "norm"): (["MAX", "L1", "L2"], [1], [(F32, [2, 3])], {}),
}  # fmt: skip
"""Attributes of a few values: domain, operator and attribute, with the values, the opsets from which on they differ, dtypes and shapes of
inputs, and what other attributes must be there."""

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
        "modes": [
            [domain, name, version, attribute, [*values, NONSENSE], others, inputs]
            for (domain, name, attribute), (values, versions, inputs, others) in MODES.items()
            for version in versions
        ],
    }


def _of_one_dtype(row: Mapping[str, Any]) -> int:
    """How many inputs an operator must have, if they are all of one dtype that can be chosen, and nothing else must be said; else 0."""
    if row["domain"] or row.get("deprecated") or row["required"]:
        return 0
    several = any(option == "*" for _, option in row["inputs"])
    count = max(row["counts"][0], (2 if several else 1) if row["inputs"] else 0)
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
            limits = [
                *_limits(domain, name, version, release),
                *_modes(domain, name, version, answer["modes"]),
            ]
            limits += _computes(limits, name, *_dtypes(answer, domain, name, compiled.get((name, version), ())))
            if not spans or spans[-1][1] != limits:
                spans.append((version, limits))
        ends = [*(first - 1 for first, _ in spans[1:]), None]
        for (first, limits), last in zip(spans, ends, strict=True):
            row: dict[str, Any] = {"op": name, **({"domain": domain} if domain else {}), **({"limits": limits} if limits else {})}
            found.append(row if (first, last) == (1, None) else row | {"versions": [first, last]})
    for name in answer["tensorflow"]:
        limits = _limits("tensorflow", name, 0, release)
        found.append({"op": name, "domain": "tensorflow", **({"limits": limits} if limits else {})})
    return [*found, *(_of_tflite(name, answer) for name in answer["tflite"])]


def _of_tflite(name: str, answer: Mapping[str, Any]) -> Row:
    """An operator of TensorFlow Lite: the dtypes of its first operand, as `tools.agreement.build_tflite` writes it."""
    row: dict[str, Any] = {"op": name, "domain": "tflite"}
    dtypes = answer["tflite_dtypes"].get(name)
    if not dtypes:
        return row
    operands, _, results = OPERATORS[name].partition(" -> ")
    typed = [number for number, text in enumerate(operands.split()) if text.startswith("T")]
    if not typed or results.startswith("U"):  # what it may be depends on what it is made to
        return row
    limit = {"what": "dtype", "of": typed[0], "in": sorted(dtypes), "text": f"computes it for none but {', '.join(sorted(dtypes))}"}
    same = {what: typed for what in answer["tflite_same"].get(name, ()) if what == "output" or len(typed) > 1}
    return row | {"limits": [limit]} | ({"same": same} if same else {})


def _limits(domain: str, name: str, version: int, release: str) -> list[Any]:
    """What is known of an operator that is translated."""
    year = int(release.partition(".")[0])
    return [
        {key: value for key, value in limit.items() if key not in ("from", "to", "versions", "until")}
        for limit in LIMITS.get(f"{domain}.{name}" if domain else name, ())
        if limit.get("from", 0) <= year <= limit.get("to", year) and limit.get("versions", 0) <= version <= limit.get("until", version)
    ]


def _modes(domain: str, name: str, version: int, taken: Sequence[Sequence[Any]]) -> Iterator[Mapping[str, Any]]:
    """The values of attributes that are taken."""
    for (*of, attribute), (values, versions, _, _) in MODES.items():
        asked = [domain, name, max((first for first in versions if first <= version), default=0), attribute]
        found = [value for *key, value in taken if key == asked]
        if of == [domain, name] and found and NONSENSE not in found and len(found) < len(values) + 1:
            yield {"what": "in", "of": attribute, "in": found, "text": f"knows no {attribute} but {', '.join(found)}"}


def _dtypes(answer: Mapping[str, Any], domain: str, name: str, compiled: Sequence[str]) -> tuple[int, Sequence[str]]:
    """The number of an input, and the dtypes of it that are compiled; none where no model of any was compiled."""
    if compiled and not domain:
        return 0, compiled
    return next(((of, dtypes) for *key, of, dtypes in answer["tested"] if key == [domain, name]), (0, ()))


def _computes(limits: Sequence[Mapping[str, Any]], name: str, of: int, dtypes: Sequence[str]) -> list[Any]:
    """Nothing is said of dtypes where an attribute decides, or where a limit says it."""
    if not dtypes or name in BY_ATTRIBUTE or any(limit["what"] == "dtype" and limit["of"] == of for limit in limits):
        return []
    return [{"what": "dtype", "of": of, "in": sorted(dtypes), "text": "computes it for none but " + ", ".join(sorted(dtypes))}]


BY_ATTRIBUTE = {"Mod", "Cast", "DequantizeLinear", "GridSample", "RandomUniformLike", "RandomNormalLike"}
"""Operators of which an attribute or another input decides with the dtype."""


def release_facts(release: str) -> Mapping[str, object]:
    """`refused` are the dtypes that no tensor of an ONNX model may have, `unfed` those that no input may have; `casts` says to which
    dtypes each may be cast; `tflite` are the dtypes that some operator of TensorFlow Lite is compiled for."""
    answer = _asked(release)
    said = answer["dtypes"]
    unfed = {dtype for dtype, words in said.items() if "Input image format" in words}
    casts: dict[str, list[str]] = {}
    for origin, wanted in answer["casts"]:
        casts.setdefault(origin, []).append(wanted)
    lite = {dtype for dtypes in answer["tflite_dtypes"].values() for dtype in dtypes}
    return {
        "refused": sorted(said.keys() - unfed),
        "unfed": sorted(unfed),
        "casts": casts,
        "tflite": sorted(lite),
    }


@lru_cache(maxsize=1)
def _opsets(release: str) -> Mapping[str, Any]:
    with installed(f"openvino=={release}") as environment:
        answer: Mapping[str, Any] = environment.ask("openvino_opsets")
        return answer


def opset_rows(release: str) -> Sequence[Row]:
    held: dict[str, list[int]] = {}
    for name, number in _opsets(release)["operators"]:
        held.setdefault(name, []).append(number)
    return [
        {"op": name, "versions": [first, last]} for name, numbers in sorted(held.items()) for first, last in _ranges(sorted(set(numbers)))
    ]


def _ranges(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of numbers that follow each other."""
    first = numbers[0]
    for before, after in zip(numbers, [*numbers[1:], -1], strict=True):
        if after != before + 1:
            yield first, before
            first = after


def opset_facts(release: str) -> Mapping[str, object]:
    """The versions of IR that are read."""
    return {"versions": _opsets(release)["versions"]}


SOURCES = (
    Source(
        "openvino",
        RELEASES,
        rows,
        {"source": "pypi:openvino, the frontends of each wheel asked with one model an operator", "licence": "Apache-2.0"},
        release_facts,
    ),
    Source(
        "openvino-ir",
        RELEASES,
        opset_rows,
        {"source": "pypi:openvino, its reader of IR asked with one layer an operator and set", "licence": "Apache-2.0"},
        opset_facts,
    ),
)
