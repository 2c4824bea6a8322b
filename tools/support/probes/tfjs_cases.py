"""Graph models of one operator each, for TensorFlow.js: what a backend is asked about every operator its converter lets through.

A case is written as the operator's inputs and attributes. An input is ``"T 2,3"``: a fed tensor of the dtype that is tried, with that
shape; ``"int32 4"``: a fed one whose dtype is always that; anything else is a constant.
"""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DTYPES = ("float32", "int32", "bool", "string", "complex64")
"""All that a tensor of TensorFlow.js can be."""

_NAMES = {
    "float32": "DT_FLOAT",
    "float64": "DT_DOUBLE",
    "float16": "DT_HALF",
    "bfloat16": "DT_BFLOAT16",
    "complex64": "DT_COMPLEX64",
    "complex128": "DT_COMPLEX128",
    "bool": "DT_BOOL",
    "string": "DT_STRING",
    **{f"{sign}int{bits}": f"DT_{sign.upper()}INT{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}


def _words(text: str) -> list[str]:
    return text.split()


@dataclass(frozen=True)
class Type:
    """An attribute that is a dtype."""

    name: str


@dataclass(frozen=True)
class Case:
    inputs: Sequence[Any] = ("T 2,3",)
    attributes: Mapping[str, Any] = field(default_factory=dict)


_MATRIX = ("T 2,3",)
_PICTURE = "T 1,4,4,2"
_WINDOW = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME"}
_CONV = {"strides": [1, 1, 1, 1], "padding": "SAME", "data_format": "NHWC", "dilations": [1, 1, 1, 1]}
_CONV3 = {"strides": [1, 1, 1, 1, 1], "padding": "SAME", "data_format": "NDHWC", "dilations": [1, 1, 1, 1, 1]}
_FUSED = {"num_args": 1, "fused_ops": ["BiasAdd", "Relu"], "leakyrelu_alpha": 0.2}
_NORM = ("T 1,4,4,2", *["float32 2"] * 4)
_BOXES = ("float32 3,4", "float32 3", 2, 0.5)
_REDUCED = Case(("T 2,3", [1]), {"keep_dims": False})

CASES: Mapping[str, Case] = {
    **dict.fromkeys(
        _words(
            "Abs Acos Acosh Asin Asinh Atan Atanh Ceil ComplexAbs Cos Cosh Elu Erf Exp Expm1 Floor Imag Log Log1p Neg Real Reciprocal Relu "
            "Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt Square Tan Tanh IsNan IsFinite IsInf LogicalNot Softmax LogSoftmax "
            "Identity Snapshot StopGradient Rank Size Shape OnesLike ZerosLike Where FFT IFFT LoopCond "
        ),
        Case(),
    ),
    **dict.fromkeys(
        _words(
            "Add AddV2 Sub RealDiv Div DivNoNan FloorDiv Mul Maximum Minimum Pow SquaredDifference Mod FloorMod Atan2 Equal NotEqual "
            "Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr BitwiseAnd Complex Prelu "
        ),
        Case(("T 2,3", "T 2,3")),
    ),
    **dict.fromkeys(("AddN", "IdentityN", "ShapeN"), Case(("T 2,3", "T 2,3"), {"N": 2})),
    "BiasAdd": Case(("T 2,3", "T 3")),
    "ClipByValue": Case(("T 2,3", 0.0, 1.0)),
    "LeakyRelu": Case(("T 2,3",), {"alpha": 0.2}),
    **dict.fromkeys(("AvgPool", "MaxPool"), Case((_PICTURE,), _WINDOW)),
    "MaxPoolWithArgmax": Case((_PICTURE,), {**_WINDOW, "include_batch_in_index": False}),
    **dict.fromkeys(
        ("AvgPool3D", "MaxPool3D"), Case(("T 1,4,4,4,2",), {"ksize": [1, 2, 2, 2, 1], "strides": [1, 2, 2, 2, 1], "padding": "SAME"})
    ),
    "Conv1D": Case(("T 1,4,2", "T 2,2,3"), {"stride": 1, "padding": "SAME", "data_format": "NWC", "dilation": 1}),
    "Conv2D": Case((_PICTURE, "T 2,2,2,3"), _CONV),
    "_FusedConv2D": Case((_PICTURE, "T 2,2,2,3", "T 3"), {**_CONV, **_FUSED}),
    "Conv2DBackpropInput": Case(([1, 4, 4, 2], "T 2,2,2,3", "T 1,4,4,3"), _CONV),
    **dict.fromkeys(("DepthwiseConv2d", "DepthwiseConv2dNative"), Case((_PICTURE, "T 2,2,2,1"), _CONV)),
    "FusedDepthwiseConv2dNative": Case((_PICTURE, "T 2,2,2,1", "T 2"), {**_CONV, **_FUSED}),
    "Conv3D": Case(("T 1,4,4,4,2", "T 2,2,2,2,3"), _CONV3),
    "Dilation2D": Case((_PICTURE, "T 2,2,2"), {"strides": [1, 1, 1, 1], "rates": [1, 1, 1, 1], "padding": "SAME"}),
    "Fill": Case(([2, 3], "T")),
    "LinSpace": Case((0.0, 1.0, 3)),
    "OneHot": Case(("T 3", 3, 1.0, 0.0), {"axis": -1}),
    **dict.fromkeys(("RandomStandardNormal", "RandomUniform", "TruncatedNormal"), Case(([2, 3],), {"dtype": Type("float32"), "seed": 1})),
    "RandomUniformInt": Case(([2, 3], 0, 5), {"seed": 1}),
    "Range": Case((0, 3, 1)),
    "Multinomial": Case(("T 2,3", 2), {"seed": 1, "output_dtype": Type("int32")}),
    "NonMaxSuppressionV2": Case(_BOXES),
    "NonMaxSuppressionV3": Case((*_BOXES, 0.1)),
    "NonMaxSuppressionV4": Case((*_BOXES, 0.1), {"pad_to_max_output_size": False}),
    "NonMaxSuppressionV5": Case((*_BOXES, 0.1, 0.1)),
    "ListDiff": Case(("T 3", "T 3")),
    **dict.fromkeys(("LowerBound", "UpperBound"), Case(("T 2,3", "T 2,2"))),
    "TopKV2": Case(("T 2,3", 2), {"sorted": True}),
    "Unique": Case(("T 3",)),
    "UniqueV2": Case(("T 3", [0])),
    "ResizeBilinear": Case((_PICTURE, [2, 2]), {"align_corners": False, "half_pixel_centers": True}),
    "ResizeNearestNeighbor": Case((_PICTURE, [2, 2]), {"align_corners": False, "half_pixel_centers": True}),
    "CropAndResize": Case((_PICTURE, "float32 3,4", "int32 3", [2, 2]), {"method": "bilinear", "extrapolation_value": 0.0}),
    "ImageProjectiveTransformV3": Case((_PICTURE, "float32 1,8", [2, 2], 0.0), {"interpolation": "BILINEAR", "fill_mode": "CONSTANT"}),
    **dict.fromkeys(("Select", "SelectV2"), Case(("bool 2,3", "T 2,3", "T 2,3"))),
    "_FusedMatMul": Case(("T 2,3", "T 3,4", "T 4"), {**_FUSED, "transpose_a": False, "transpose_b": False}),
    "MatMul": Case(("T 2,3", "T 3,4"), {"transpose_a": False, "transpose_b": False}),
    **dict.fromkeys(("BatchMatMul", "BatchMatMulV2"), Case(("T 2,2,3", "T 2,3,4"), {"adj_x": False, "adj_y": False})),
    "Transpose": Case(("T 2,3", [1, 0])),
    "Einsum": Case(("T 2,3", "T 3,4"), {"equation": "ab,bc->ac", "N": 2}),
    "MatrixBandPart": Case(("T 3,3", 1, 1)),
    "EuclideanNorm": _REDUCED,
    **dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"), Case(_NORM, {"epsilon": 0.001, "data_format": "NHWC"})),
    "LRN": Case((_PICTURE,), {"depth_radius": 1, "bias": 1.0, "alpha": 1.0, "beta": 0.5}),
    "Bincount": Case(("int32 3", 3, "T 3")),
    "DenseBincount": Case(("int32 3", 3, "T 3"), {"binary_output": False}),
    **dict.fromkeys(("Max", "Mean", "Min", "Sum", "All", "Any", "Prod"), _REDUCED),
    **dict.fromkeys(("ArgMax", "ArgMin"), Case(("T 2,3", 1))),
    **dict.fromkeys(("Cumprod", "Cumsum"), Case(("T 2,3", 1), {"exclusive": False, "reverse": False})),
    "ConcatV2": Case(("T 2,3", "T 2,3", 1), {"N": 2}),
    "Concat": Case((1, "T 2,3", "T 2,3"), {"N": 2}),
    "GatherV2": Case(("T 2,3", "int32 2", 0), {"batch_dims": 0}),
    "Gather": Case(("T 2,3", "int32 2")),
    "Reverse": Case(("T 2,3", [True, False])),
    "ReverseV2": Case(("T 2,3", [1])),
    "Slice": Case(("T 2,3", [0, 0], [1, 2])),
    "StridedSlice": Case(
        ("T 2,3", [0, 0], [1, 2], [1, 1]),
        dict.fromkeys(("begin_mask", "end_mask", "new_axis_mask", "ellipsis_mask", "shrink_axis_mask"), 0),
    ),
    "Pack": Case(("T 2,3", "T 2,3"), {"N": 2, "axis": 0}),
    "Unpack": Case(("T 2,3",), {"num": 2, "axis": 0}),
    "Tile": Case(("T 2,3", [2, 1])),
    "Split": Case((1, "T 2,4"), {"num_split": 2}),
    "SplitV": Case(("T 2,4", [1, 3], 1), {"num_split": 2}),
    "ScatterNd": Case(("int32 2,1", "T 2", [3])),
    "GatherNd": Case(("T 2,3", "int32 2,1")),
    "SparseToDense": Case(("int32 2,1", [4], "T 2", "T")),
    "TensorScatterUpdate": Case(("T 4", "int32 2,1", "T 2")),
    "SparseFillEmptyRows": Case(("int32 2,2", "T 2", [2, 2], "T")),
    "SparseReshape": Case(([[0, 0], [1, 2]], [2, 3], [3, 2])),
    **dict.fromkeys(("SparseSegmentMean", "SparseSegmentSum"), Case(("T 3,2", [0, 1], [0, 0]))),
    **dict.fromkeys(("RFFT", "IRFFT"), Case(("T 2,4", [4]))),
    "StaticRegexReplace": Case(("T 2",), {"pattern": "a", "rewrite": "b", "replace_global": True}),
    "StringNGrams": Case(
        ("T 3", [0, 3]),
        {
            "separator": " ",
            "ngram_widths": [2],
            "left_pad": "",
            "right_pad": "",
            "pad_width": 0,
            "preserve_short_sequences": False,
        },
    ),
    "StringSplit": Case(("T 2", " "), {"skip_empty": True}),
    "StringToHashBucketFast": Case(("T 2",), {"num_buckets": 3}),
    "RaggedGather": Case(([0, 2, 3], "T 3", "int32 1"), {"OUTPUT_RAGGED_RANK": 1, "PARAMS_RAGGED_RANK": 1}),
    "RaggedRange": Case((0, [2, 3], 1)),
    "RaggedTensorToTensor": Case(([2, 2], "T 3", "T", [0, 2, 3]), {"row_partition_types": ["ROW_SPLITS"], "num_row_partition_tensors": 1}),
    "Cast": Case(("T 2,3",), {"DstT": Type("float32")}),
    "ExpandDims": Case(("T 2,3", 0)),
    "MirrorPad": Case(("T 2,3", [[1, 1], [0, 0]]), {"mode": "REFLECT"}),
    "Pad": Case(("T 2,3", [[1, 1], [0, 0]])),
    "PadV2": Case(("T 2,3", [[1, 1], [0, 0]], 1.0)),
    "Reshape": Case(("T 2,3", [3, 2])),
    "EnsureShape": Case(("T 2,3", [2, 3])),
    "Squeeze": Case(("T 1,3",), {"squeeze_dims": [0]}),
    "SpaceToBatchND": Case((_PICTURE, [2, 2], [[0, 0], [0, 0]])),
    "BatchToSpaceND": Case(("T 4,2,2,1", [2, 2], [[0, 0], [0, 0]])),
    "DepthToSpace": Case(("T 1,2,2,4",), {"block_size": 2, "data_format": "NHWC"}),
    "BroadcastTo": Case(("T 1,3", [2, 3])),
    "BroadcastArgs": Case(("int32 2", "int32 2")),
    "PlaceholderWithDefault": Case(("T 2,3",), {"shape": None}),
    "FakeQuantWithMinMaxVars": Case(("T 2,3", 0.0, 1.0)),
}
"""What goes through on the CPU with some dtype. Loops, lists and tables, which need several operators, are not asked about."""


def _changed(op: str, **attributes: Any) -> Case:
    return Case(CASES[op].inputs, {**CASES[op].attributes, **attributes})


_NCHW = {
    **dict.fromkeys(("Conv2D", "Conv2DBackpropInput"), "T 2,2,2,3"),
    **dict.fromkeys(("DepthwiseConv2d", "DepthwiseConv2dNative"), "T 2,2,2,1"),
}
_ACTIVATIONS = ("Relu6", "Elu", "Sigmoid", "LeakyRelu", "Tanh")
_FUSING = ("_FusedConv2D", "FusedDepthwiseConv2dNative", "_FusedMatMul")

LIMITS: Sequence[tuple[str, Case, Mapping[str, Any]]] = (
    *(
        (
            op,
            Case(([1, 2, 4, 4], kernel, "T 1,3,4,4") if "Input" in op else ("T 1,2,4,4", kernel), {**_CONV, "data_format": "NCHW"}),
            {"what": "not-in", "of": "data_format", "in": ["NCHW"]},
        )
        for op, kernel in _NCHW.items()
    ),
    (
        "Conv3D",
        Case(("T 1,2,4,4,4", "T 2,2,2,2,3"), {**_CONV3, "data_format": "NCDHW"}),
        {"what": "not-in", "of": "data_format", "in": ["NCDHW"]},
    ),
    (
        "DepthToSpace",
        Case(("T 1,4,2,2",), {"block_size": 2, "data_format": "NCHW"}),
        {"what": "not-in", "of": "data_format", "in": ["NCHW"]},
    ),
    *(
        (
            op,
            _changed(op, padding="EXPLICIT", explicit_paddings=[0, 0, 1, 1, 1, 1, 0, 0]),
            {"what": "not-in", "of": "padding", "in": ["EXPLICIT"]},
        )
        for op in ("MaxPool", "AvgPool", "Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative")
    ),
    *(("Cast", _changed("Cast", DstT=Type(name)), {"what": "not-in", "of": "DstT", "in": [name]}) for name in _NAMES),
    *(
        (op, _changed(op, fused_ops=["BiasAdd", name]), {"what": "not-in", "of": "fused_ops", "in": [["BiasAdd", name]]})
        for op in _FUSING
        for name in _ACTIVATIONS
    ),
)
"""The case of an operator with one thing changed, and the condition that a model breaks which has it so."""


def _shape(rank: int) -> str:
    return "T " + ",".join("2" for _ in range(rank))


_ELEMENTWISE = _words("Abs Neg Relu Sigmoid Exp Softmax LogicalNot Cast Identity OnesLike ZerosLike Square IsNan ")
_PAIRS = _words("AddV2 Mul Maximum Equal Greater RealDiv FloorDiv Pow SquaredDifference Atan2 Minimum Sub FloorMod ")

RANKED: Mapping[str, tuple[int, Callable[[int], Case]]] = {
    **dict.fromkeys(_ELEMENTWISE, (0, lambda rank: Case((_shape(rank),), {"DstT": Type("int32")}))),
    **dict.fromkeys(_PAIRS, (0, lambda rank: Case((_shape(rank), _shape(rank))))),
    **dict.fromkeys(("Select", "SelectV2"), (0, lambda rank: Case((f"bool {_shape(rank)[2:]}", _shape(rank), _shape(rank))))),
    **dict.fromkeys(
        ("Max", "Mean", "Min", "Sum", "Prod", "All", "Any"), (1, lambda rank: Case((_shape(rank), [rank - 1]), {"keep_dims": False}))
    ),
    **dict.fromkeys(("ArgMax", "ArgMin"), (1, lambda rank: Case((_shape(rank), rank - 1)))),
    **dict.fromkeys(
        ("Cumsum", "Cumprod"), (1, lambda rank: Case((_shape(rank), rank - 1), {"exclusive": False, "reverse": False}))
    ),
    "Transpose": (1, lambda rank: Case((_shape(rank), list(reversed(range(rank)))))),
    "Reverse": (1, lambda rank: Case((_shape(rank), [True] * rank))),
    "ReverseV2": (1, lambda rank: Case((_shape(rank), [0]))),
    "Slice": (1, lambda rank: Case((_shape(rank), [0] * rank, [1] * rank))),
    "StridedSlice": (1, lambda rank: Case((_shape(rank), [0] * rank, [2] * rank, [2] * rank), CASES["StridedSlice"].attributes)),
    "Tile": (1, lambda rank: Case((_shape(rank), [2] * rank))),
    **dict.fromkeys(("Pad", "MirrorPad"), (1, lambda rank: Case((_shape(rank), [[1, 1]] * rank), {"mode": "REFLECT"}))),
    "PadV2": (1, lambda rank: Case((_shape(rank), [[1, 1]] * rank, 1.0))),
    "ConcatV2": (1, lambda rank: Case((_shape(rank), _shape(rank), rank - 1), {"N": 2})),
    "Pack": (0, lambda rank: Case((_shape(rank), _shape(rank)), {"N": 2, "axis": 0})),
    "Unpack": (1, lambda rank: Case((_shape(rank),), {"num": 2, "axis": 0})),
    "Split": (1, lambda rank: Case((rank - 1, _shape(rank)), {"num_split": 2})),
    "GatherV2": (1, lambda rank: Case((_shape(rank), "int32 2", 0), {"batch_dims": 0})),
    "BroadcastTo": (1, lambda rank: Case(("T " + ",".join("1" for _ in range(rank)), [2] * rank))),
    "BatchMatMulV2": (2, lambda rank: Case((_shape(rank), _shape(rank)), {"adj_x": False, "adj_y": False})),
    "TopKV2": (1, lambda rank: Case((_shape(rank), 2), {"sorted": True})),
    "MatrixBandPart": (0, lambda rank: Case((_shape(rank), 1, 1))),
    "LogSoftmax": (1, lambda rank: Case((_shape(rank),))),
}  # fmt: skip
"""Operators with the least rank TensorFlow lets them have, and how they are asked at another."""

RANKS = 6
"""The highest rank TensorFlow.js has tensors of."""


def varied(case: Case) -> list[int]:
    """The inputs whose dtype is tried, by number."""
    return [number for number, given in enumerate(case.inputs) if isinstance(given, str) and given.partition(" ")[0] == "T"]


def question(op: str, case: Case, dtype: str) -> dict[str, Any]:
    """The graph model of a case, as `deplint.verify.oracles.tfjs_runtime` asks it."""
    nodes: list[dict[str, Any]] = []
    specs, weights = [], b""
    for number, given in enumerate(case.inputs):
        name = f"x{number}"
        if isinstance(given, str) and given.partition(" ")[0] in ("T", *DTYPES):
            kind, _, sizes = given.partition(" ")
            shape = [int(size) for size in sizes.split(",") if size]
            attributes = {"dtype": _attribute(Type(dtype if kind == "T" else kind)), "shape": {"shape": _dims(shape)}}
            nodes.append({"name": name, "op": "Placeholder", "attr": attributes})
        else:
            kind, shape, content = _constant(given)
            value = {"tensor": {"dtype": _NAMES[kind], "tensorShape": _dims(shape)}}
            nodes.append({"name": name, "op": "Const", "attr": {"dtype": _attribute(Type(kind)), "value": value}})
            specs.append({"name": name, "shape": shape, "dtype": kind})
            weights += content
    attributes = {"T": _attribute(Type(dtype)), **{key: _attribute(value) for key, value in case.attributes.items()}}
    nodes.append({"name": "y", "op": op, "input": [f"x{number}" for number in range(len(case.inputs))], "attr": attributes})
    top = {"modelTopology": {"node": nodes, "versions": {"producer": 1000}}, "weightSpecs": specs, "format": "graph-model"}
    return {"kind": "graph", "top": top, "weights": base64.b64encode(weights).decode()}


def _dims(shape: Sequence[int]) -> dict[str, Any]:
    return {"dim": [{"size": str(size)} for size in shape]}


def _attribute(value: Any) -> dict[str, Any]:
    """An AttrValue in the JSON form of protobuf."""
    if isinstance(value, Type):
        return {"type": _NAMES[value.name]}
    if isinstance(value, bool):
        return {"b": value}
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, float):
        return {"f": value}
    if isinstance(value, str):
        return {"s": base64.b64encode(value.encode()).decode()}
    if value is None:
        return {"shape": {"unknownRank": True}}
    kind = next(iter(_attribute(value[0])))
    return {"list": {kind: [_attribute(each)[kind] for each in value]}}


def _constant(value: Any) -> tuple[str, list[int], bytes]:
    """The dtype, the shape and the bytes of a constant."""
    shape, flat = [], [value]
    while flat and isinstance(flat[0], list):
        shape.append(len(flat[0]))
        flat = [each for several in flat for each in several]
    assert len(flat) == math.prod(shape)
    if isinstance(flat[0], str):
        return "string", shape, b"".join(struct.pack("<I", len(each.encode())) + each.encode() for each in flat)
    kind, letter = {bool: ("bool", "?"), int: ("int32", "i"), float: ("float32", "f")}[type(flat[0])]
    return kind, shape, struct.pack(f"<{len(flat)}{letter}", *flat)


def ranked() -> Iterator[tuple[str, int, Case]]:
    for op, (least, made) in sorted(RANKED.items()):
        for rank in range(least, RANKS + 1):
            yield op, rank, made(rank)
