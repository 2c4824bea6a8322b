"""Models of one TensorFlow Lite operator: random dtypes, shapes, versions and quantization, and some that are broken.

    python -m tools.agreement.build_tflite OUT --seed 0 --count 600

The flatbuffers are written from the schema that deplint reads them by (`deplint/data/tflite_schema.json`). What each operator takes is
`OPERATORS`; needs the package flatbuffers.
"""

from __future__ import annotations

import argparse
import random
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from deplint.data import load

DTYPES = {
    "float32": ("FLOAT32", "f"), "float16": ("FLOAT16", "e"), "bfloat16": ("BFLOAT16", "H"), "float64": ("FLOAT64", "d"),
    "int8": ("INT8", "b"), "uint8": ("UINT8", "B"), "int16": ("INT16", "h"), "uint16": ("UINT16", "H"), "int32": ("INT32", "i"),
    "uint32": ("UINT32", "I"), "int64": ("INT64", "q"), "uint64": ("UINT64", "Q"), "bool": ("BOOL", "?"), "string": ("STRING", ""),
    "complex64": ("COMPLEX64", ""), "int4": ("INT4", ""),
}  # fmt: skip
"""deplint's name of a dtype: the schema's name, and how `struct` packs it ("" for what is never constant here)."""

QUANTIZED = ("int8", "uint8", "int16")
BIAS = ("int32", "int64")
SHORT = {"f": "float32", "i": "int32", "l": "int64", "b": "bool", "s": "string", "u": "uint8", "c": "complex64", "h": "int8"}

OPERATORS: Mapping[str, str] = {
    **dict.fromkeys(
        ["ABS", "CEIL", "COS", "ELU", "EXP", "FLOOR", "HARD_SWISH", "LOG", "LOGISTIC", "LOG_SOFTMAX", "NEG", "RELU", "RELU6",
         "RELU_N1_TO_1", "RELU_0_TO_1", "ROUND", "RSQRT", "SIGN", "SIN", "SQRT", "SQUARE", "TANH", "LOGICAL_NOT", "ZEROS_LIKE"],
        "T:* -> T:*",
    ),
    **dict.fromkeys(
        ["MAXIMUM", "MINIMUM", "POW", "FLOOR_DIV", "FLOOR_MOD", "SQUARED_DIFFERENCE", "ATAN2", "BITWISE_XOR", "RIGHT_SHIFT", "LOGICAL_AND",
         "LOGICAL_OR"],
        "T:* T:* -> T:*",
    ),
    **dict.fromkeys(["EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"], "T:* T:* -> b:*"),
    **dict.fromkeys(
        ["SUM", "MEAN", "REDUCE_PROD", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_ANY", "REDUCE_ALL"], "T:2x3 i:1=1 -> T:2 | ReducerOptions"
    ),
    "ADD": "T:* T:* -> T:* | AddOptions",
    "SUB": "T:* T:* -> T:* | SubOptions",
    "MUL": "T:* T:* -> T:* | MulOptions",
    "DIV": "T:* T:* -> T:* | DivOptions",
    "GELU": "T:* -> T:* | GeluOptions",
    "LEAKY_RELU": "T:* -> T:* | LeakyReluOptions alpha=0.5",
    "SOFTMAX": "T:2x3 -> T:2x3 | SoftmaxOptions beta=1",
    "L2_NORMALIZATION": "T:2x3 -> T:2x3 | L2NormOptions",
    "LOCAL_RESPONSE_NORMALIZATION": "T:1x4x4x3 -> T:1x4x4x3 | LocalResponseNormalizationOptions radius=1 bias=1 alpha=1 beta=1",
    "PRELU": "T:1x2x2x3 T:1x1x3 -> T:1x2x2x3",
    "BITCAST": "T:2x3 -> U:2x3 | BitcastOptions",
    "CAST": "T:2x3 -> U:2x3 | CastOptions",
    "DEQUANTIZE": "T:2x3 -> f:2x3 | DequantizeOptions",
    "QUANTIZE": "T:2x3 -> U:2x3 | QuantizeOptions",
    "FAKE_QUANT": "T:2x3 -> T:2x3 | FakeQuantOptions min=0 max=1 num_bits=8",
    "RANK": "T:2x3 -> i: | RankOptions",
    "SHAPE": "T:2x3 -> i:2 | ShapeOptions out_type=2",
    "ADD_N": "T:2x3 T:2x3 -> T:2x3 | AddNOptions",
    "ARG_MAX": "T:2x3 i:=1 -> l:2 | ArgMaxOptions output_type=4",
    "ARG_MIN": "T:2x3 i:=1 -> l:2 | ArgMinOptions output_type=4",
    "AVERAGE_POOL_2D": "T:1x4x4x3 -> T:1x2x2x3 | Pool2DOptions stride_w=2 stride_h=2 filter_width=2 filter_height=2",
    "MAX_POOL_2D": "T:1x4x4x3 -> T:1x2x2x3 | Pool2DOptions stride_w=2 stride_h=2 filter_width=2 filter_height=2",
    "L2_POOL_2D": "T:1x4x4x3 -> T:1x2x2x3 | Pool2DOptions stride_w=2 stride_h=2 filter_width=2 filter_height=2",
    "BATCH_MATMUL": "T:2x3x4 T:2x4x5 -> T:2x3x5 | BatchMatMulOptions",
    "BATCH_TO_SPACE_ND": "T:4x2x2x3 i:2=2,2 i:2x2=0,0,0,0 -> T:1x4x4x3 | BatchToSpaceNDOptions",
    "SPACE_TO_BATCH_ND": "T:1x4x4x3 i:2=2,2 i:2x2=0,0,0,0 -> T:4x2x2x3 | SpaceToBatchNDOptions",
    "BROADCAST_ARGS": "T:2 T:2 -> T:2",
    "BROADCAST_TO": "T:1x3 i:2=2,3 -> T:2x3",
    "BUCKETIZE": "T:2x3 -> i:2x3 | BucketizeOptions boundaries=1,2",
    "COMPLEX_ABS": "T:2x3 -> f:2x3",
    "REAL": "T:2x3 -> f:2x3",
    "IMAG": "T:2x3 -> f:2x3",
    "CONCATENATION": "T:2x3 T:2x3 -> T:4x3 | ConcatenationOptions",
    "CONV_2D": "T:1x4x4x3 W:8x2x2x3=* B:8=* -> T:1x4x4x8 | Conv2DOptions stride_w=1 stride_h=1",
    "DEPTHWISE_CONV_2D": "T:1x4x4x3 W:1x2x2x3=* B:3=* -> T:1x4x4x3 | DepthwiseConv2DOptions stride_w=1 stride_h=1 depth_multiplier=1",
    "CONV_3D": "T:1x4x4x4x3 W:2x2x2x3x8=* B:8=* -> T:1x4x4x4x8 | Conv3DOptions stride_d=1 stride_w=1 stride_h=1",
    "TRANSPOSE_CONV": "i:4=1,4,4,8 W:8x2x2x3=* T:1x4x4x3 -> T:1x4x4x8 | TransposeConvOptions stride_w=1 stride_h=1",
    "FULLY_CONNECTED": "T:2x3 W:4x3=* B:4=* -> T:2x4 | FullyConnectedOptions",
    "CUMSUM": "T:2x3 i:=1 -> T:2x3 | CumsumOptions",
    "DEPTH_TO_SPACE": "T:1x2x2x4 -> T:1x4x4x1 | DepthToSpaceOptions block_size=2",
    "SPACE_TO_DEPTH": "T:1x4x4x1 -> T:1x2x2x4 | SpaceToDepthOptions block_size=2",
    "DYNAMIC_UPDATE_SLICE": "T:4x4 T:2x2 i:2 -> T:4x4",
    "EMBEDDING_LOOKUP": "i:2 T:4x3=* -> T:2x3",
    "EXPAND_DIMS": "T:2x3 i:=0 -> T:1x2x3 | ExpandDimsOptions",
    "FILL": "i:2=2,3 T: -> T:2x3 | FillOptions",
    "GATHER": "T:4x3 I:2 -> T:2x3 | GatherOptions",
    "GATHER_ND": "T:4x3 I:2x1 -> T:2x3 | GatherNdOptions",
    "MATRIX_DIAG": "T:3 -> T:3x3 | MatrixDiagOptions",
    "MATRIX_SET_DIAG": "T:3x3 T:3 -> T:3x3 | MatrixSetDiagOptions",
    "MIRROR_PAD": "T:2x3 i:2x2=1,1,1,1 -> T:4x5 | MirrorPadOptions",
    "ONE_HOT": "I:3 i:=4 T: T: -> T:3x4 | OneHotOptions axis=-1",
    "PACK": "T:2x3 T:2x3 -> T:2x2x3 | PackOptions values_count=2",
    "UNPACK": "T:2x3 -> T:3 T:3 | UnpackOptions num=2",
    "PAD": "T:2x3 i:2x2=1,1,1,1 -> T:4x5 | PadOptions",
    "PADV2": "T:2x3 i:2x2=1,1,1,1 T: -> T:4x5 | PadV2Options",
    "RANGE": "T: T: T: -> T:4 | RangeOptions",
    "RESHAPE": "T:2x3 i:2=3,2 -> T:3x2 | ReshapeOptions new_shape=3,2",
    "RESIZE_BILINEAR": "T:1x4x4x3 i:2=8,8 -> T:1x8x8x3 | ResizeBilinearOptions",
    "RESIZE_NEAREST_NEIGHBOR": "T:1x4x4x3 i:2=8,8 -> T:1x8x8x3 | ResizeNearestNeighborOptions",
    "REVERSE_SEQUENCE": "T:2x3 I:2 -> T:2x3 | ReverseSequenceOptions seq_dim=1",
    "REVERSE_V2": "T:2x3 i:1=1 -> T:2x3 | ReverseV2Options",
    "RFFT2D": "T:4x4 i:2=4,4 -> c:4x3 | Rfft2dOptions",
    "SCATTER_ND": "i:2x1 T:2x3 i:2=4,3 -> T:4x3 | ScatterNdOptions",
    "SEGMENT_SUM": "T:2x3 i:2=0,1 -> T:2x3 | SegmentSumOptions",
    "UNSORTED_SEGMENT_SUM": "T:2x3 i:2=0,1 i:=2 -> T:2x3 | UnsortedSegmentSumOptions",
    "UNSORTED_SEGMENT_PROD": "T:2x3 i:2=0,1 i:=2 -> T:2x3 | UnsortedSegmentProdOptions",
    "UNSORTED_SEGMENT_MAX": "T:2x3 i:2=0,1 i:=2 -> T:2x3 | UnsortedSegmentMaxOptions",
    "UNSORTED_SEGMENT_MIN": "T:2x3 i:2=0,1 i:=2 -> T:2x3 | UnsortedSegmentMinOptions",
    "SELECT": "b:2x3 T:2x3 T:2x3 -> T:2x3 | SelectOptions",
    "SELECT_V2": "b:2x3 T:2x3 T:2x3 -> T:2x3 | SelectV2Options",
    "SLICE": "T:2x3 I:2=0,0 I:2=1,2 -> T:1x2 | SliceOptions",
    "STRIDED_SLICE": "T:2x3 i:2=0,0 i:2=1,2 i:2=1,1 -> T:1x2 | StridedSliceOptions",
    "SPARSE_TO_DENSE": "I:2x1 I:1=4 T:2 T: -> T:4 | SparseToDenseOptions",
    "SPLIT": "i:=0 T:4x3 -> T:2x3 T:2x3 | SplitOptions num_splits=2",
    "SPLIT_V": "T:4x3 i:2=2,2 i:=0 -> T:2x3 T:2x3 | SplitVOptions num_splits=2",
    "SQUEEZE": "T:1x2x3 -> T:2x3 | SqueezeOptions squeeze_dims=0",
    "TILE": "T:2x3 I:2=2,1 -> T:4x3 | TileOptions",
    "TOPK_V2": "T:2x3 i:=2 -> T:2x2 i:2x2 | TopKV2Options",
    "TRANSPOSE": "T:2x3 i:2=1,0 -> T:3x2 | TransposeOptions",
    "UNIQUE": "T:4 -> T:4 i:4 | UniqueOptions idx_out_type=2",
    "WHERE": "T:2x3 -> l:6x2 | WhereOptions",
    "RANDOM_UNIFORM": "i:2=2,3 -> T:2x3 | RandomOptions",
    "RANDOM_STANDARD_NORMAL": "i:2=2,3 -> T:2x3 | RandomOptions",
    "MULTINOMIAL": "T:2x3 i:=2 -> I:2x2 | RandomOptions",
    "NON_MAX_SUPPRESSION_V4": "T:4x4 T:4 i:=2 f:=1 f:=0 -> i:2 i: | NonMaxSuppressionV4Options",
    "NON_MAX_SUPPRESSION_V5": "T:4x4 T:4 i:=2 f:=1 f:=0 f:=0 -> i:2 T:2 i: | NonMaxSuppressionV5Options",
}  # fmt: skip
"""Inputs, outputs and options of each operator.

``T:2x3`` is a tensor of the drawn dtype; ``*`` a drawn shape, the same wherever it stands; ``i:2=0,1`` a constant int32, ``=*`` any
numbers. `U` is a second dtype, `I` an index (int32 or int64), `W` weights, `B` a bias, `V` a variable; `SHORT` has the others.
"""

Value = Mapping[str, Any]


_HALF = {"int8": (1 / 128, 0), "uint8": (1 / 128, 128), "int16": (1 / 32768, 0)}
_UNIT = {"int8": (1 / 256, -128), "uint8": (1 / 256, 0), "int16": (1 / 32768, 0)}
FIXED: Mapping[str, Mapping[str, tuple[float, int]]] = {
    "TANH": _HALF,
    "L2_NORMALIZATION": _HALF,
    "SOFTMAX": _UNIT,
    "LOGISTIC": _UNIT,
    "LOG_SOFTMAX": {"int8": (16 / 256, 127), "uint8": (16 / 256, 255)},
}
"""Operators whose results have one scale and zero point only (TensorFlow Lite's quantization specification)."""


@dataclass
class Tensor:
    dtype: str
    shape: Sequence[int]
    data: bytes | None = None
    quantized: bool = False
    variable: bool = False

    @property
    def type(self) -> str:
        return DTYPES[self.dtype][0]


@dataclass
class Single:
    """A model of one operator."""

    op: str
    version: int = 1
    inputs: Sequence[Tensor] = ()
    outputs: Sequence[Tensor] = ()
    options: str = ""
    settings: Value = field(default_factory=dict)
    custom: str = ""

    def value(self) -> dict[str, Any]:
        """The model as the tables of the schema have it."""
        tensors = [*self.inputs, *self.outputs]
        buffers: list[dict[str, Any]] = [{}]
        stored = []
        for number, tensor in enumerate(tensors):
            table: dict[str, Any] = {"shape": list(tensor.shape), "type": tensor.type, "name": f"t{number}", "has_rank": True}
            if tensor.data is not None:
                table["buffer"] = len(buffers)
                buffers.append({"data": tensor.data})
            if tensor.quantized:
                scale, zero = FIXED.get(self.op, {}).get(tensor.dtype, (0.5, 0)) if number >= len(self.inputs) else (0.5, 0)
                scale = scale * scale if tensor.dtype in BIAS else scale  # as it must be that of the input times that of the weights
                table["quantization"] = {"scale": [scale], "zero_point": [zero]}
            stored.append({**table, "is_variable": tensor.variable})
        count = len(self.inputs)
        code = codes()[self.op]
        operator: dict[str, Any] = {"inputs": list(range(count)), "outputs": list(range(count, len(tensors)))}
        if self.options:
            union = "builtin_options" if self.options in load("tflite_schema")["enums"]["BuiltinOptions"] else "builtin_options2"
            operator |= {f"{union}_type": self.options, union: dict(self.settings)}
        fed = [n for n, tensor in enumerate(self.inputs) if tensor.data is None and not tensor.variable]
        graph = {"tensors": stored, "inputs": fed, "outputs": operator["outputs"], "operators": [operator], "name": "main"}
        kind: dict[str, Any] = {"deprecated_builtin_code": min(code, 127), "builtin_code": code, "version": self.version}
        if self.custom:
            kind["custom_code"] = self.custom
        return {"version": 3, "operator_codes": [kind], "subgraphs": [graph], "buffers": buffers}

    def __bytes__(self) -> bytes:
        return written(self.value())


@lru_cache(maxsize=1)
def codes() -> Mapping[str, int]:
    """The codes of the built-in operators, by name."""
    found: Mapping[str, int] = load("tflite_schema")["enums"]["BuiltinOperator"]
    return found


def written(model: Value) -> bytes:
    """The flatbuffer of a model."""
    import flatbuffers  # type: ignore[import-untyped]

    builder = flatbuffers.Builder(1024)
    builder.Finish(_packed(builder, "Model", model), file_identifier=b"TFL3")
    return bytes(builder.Output())


SCALARS = {"uint8": "Uint8", "int8": "Int8", "bool": "Bool", "int32": "Int32", "uint32": "Uint32", "int64": "Int64", "uint64": "Uint64",
           "float": "Float32", "int16": "Int16", "uint16": "Uint16"}  # fmt: skip


def _packed(builder: Any, name: str, value: Value) -> int:
    """Write a table, and what it holds before it."""
    schema = load("tflite_schema")
    fields = schema["tables"][name]
    offsets: dict[str, int] = {}
    for key, given in value.items():
        kind = fields[key][1]
        if kind == "string":
            offsets[key] = builder.CreateString(given)
        elif isinstance(given, bytes):
            offsets[key] = builder.CreateByteVector(given)
        elif kind.startswith("["):
            offsets[key] = _vector(builder, kind[1:-1], given)
        elif kind == "union":
            offsets[key] = _packed(builder, value[f"{key}_type"], given)
        elif kind in schema["tables"]:
            offsets[key] = _packed(builder, kind, given)
    builder.StartObject(len(fields) + 8)
    for key, given in value.items():
        where, kind, default, *enum = fields[key]
        slot = (where - 4) // 2
        if key in offsets:
            builder.PrependUOffsetTRelativeSlot(slot, offsets[key], 0)
        else:
            number = schema["enums"][enum[0]][given] if enum and isinstance(given, str) else given
            getattr(builder, f"Prepend{SCALARS[kind]}Slot")(slot, number, default)
    return int(builder.EndObject())


def _vector(builder: Any, kind: str, items: Sequence[Any]) -> int:
    if kind in SCALARS:
        width = 8 if kind.endswith("64") else 1 if kind in ("uint8", "int8", "bool") else 4
        builder.StartVector(width, len(items), width)
        for item in reversed(items):
            getattr(builder, f"Prepend{SCALARS[kind]}")(item)
    else:
        offsets = [_packed(builder, kind, item) for item in items]
        builder.StartVector(4, len(items), 4)
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())


@dataclass(frozen=True)
class Draw:
    """What `OPERATORS` leaves open: dtypes, ``qint8`` for an int8 that has a scale, "" for the drawn one.

    `weights` and `bias` are those of `W` and `B`, `other` that of further inputs written `T`, `result` that of outputs written so.
    """

    dtype: str = "float32"
    second: str = "float32"
    index: str = "int32"
    weights: str = ""
    bias: str = ""
    other: str = ""
    result: str = ""
    shape: Sequence[int] = (2, 3)


def single(op: str, draw: Draw, version: int = 1) -> Single:
    """A model of an operator of `OPERATORS`."""
    text, _, options = OPERATORS[op].partition(" | ")
    inputs, _, outputs = text.partition(" -> ")
    name, *settings = options.split() or [""]
    given = inputs.split()
    first = next((n for n, t in enumerate(given) if t.startswith("T")), 0)
    made = [_tensor(t, draw, "" if n == first else draw.other) for n, t in enumerate(given)]
    found = Single(op, version, made, [_tensor(t, draw, draw.result) for t in outputs.split()], name)
    fields = load("tflite_schema")["tables"].get(name, {})
    values: dict[str, Any] = {}
    for setting in settings:
        key, text = setting.split("=")
        numbers = [float(n) if "float" in fields[key][1] else int(n) for n in text.split(",")]
        values[key] = numbers if fields[key][1].startswith("[") else numbers[0]
    if name == "CastOptions":
        values = {"in_data_type": found.inputs[0].type, "out_data_type": found.outputs[0].type}
    found.settings = values
    return found


def _tensor(text: str, draw: Draw, instead: str = "") -> Tensor:
    letter, _, rest = text.partition(":")
    dims, constant, numbers = rest.partition("=")
    kinds = {
        "T": instead or draw.dtype,
        "U": draw.second,
        "I": draw.index,
        "W": draw.weights or draw.dtype,
        "B": draw.bias or draw.dtype,
        "V": draw.dtype,
    }
    token = kinds.get(letter) or SHORT[letter]
    dtype = token.removeprefix("q")
    shape = list(draw.shape) if dims == "*" else [int(d) for d in dims.split("x") if d]
    data = None
    if constant and (code := DTYPES[dtype][1]):
        count = 1
        for d in shape:
            count *= d
        values = [0] * count if numbers == "*" else [int(n) for n in numbers.split(",")]
        data = struct.pack(f"<{count}{code}", *values)
    return Tensor(dtype, shape, data, token != dtype, letter == "V")


BROKEN = ("short-weights", "no-such-tensor", "no-such-code", "undefined-input", "bad-quantization", "no-outputs", "cut", "flip", "dtype")


def broken(rng: random.Random, model: Single) -> tuple[str, bytes]:
    """The model with one thing that is wrong, and its name."""
    how = rng.choice(BROKEN)
    value = model.value()
    graph = value["subgraphs"][0]
    operator = graph["operators"][0]
    if how == "short-weights" and len(value["buffers"]) > 1:
        value["buffers"][-1]["data"] = value["buffers"][-1]["data"][:-1]
    elif how == "no-such-tensor":
        operator["inputs"][-1] = rng.choice([99, -2])
    elif how == "no-such-code":
        operator["opcode_index"] = 5
    elif how == "undefined-input":
        graph["inputs"] = graph["inputs"][1:]
    elif how == "bad-quantization":
        graph["tensors"][0]["quantization"] = {"scale": [0.5, 0.5], "zero_point": [0], "quantized_dimension": 9}
    elif how == "no-outputs":
        operator["outputs"] = operator["outputs"][:-1]
    elif how == "dtype":
        graph["tensors"][rng.randrange(len(graph["tensors"]))]["type"] = DTYPES[rng.choice(list(DTYPES))][0]
    content = written(value)
    if how == "cut":
        content = content[: rng.randrange(8, len(content))]
    elif how == "flip":
        at = rng.randrange(8, len(content))
        content = content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :]
    return how, content


LIKELY = ("float32", "float32", "float32", "int8", "int8", "uint8", "int16", "int32", "int64", "bool", *DTYPES)


def drawn(rng: random.Random) -> Draw:
    dtype = rng.choice(LIKELY)
    likely_bias = {"int8": "qint32", "uint8": "qint32", "int16": "qint64"}.get(dtype, "")
    if dtype in QUANTIZED and rng.random() < 0.8:
        dtype = f"q{dtype}"
    return Draw(
        dtype,
        rng.choice(LIKELY),
        rng.choice(["int32", "int64"]),
        rng.choice(["int8", "qint8"]) if dtype in ("float32", "qint16") and rng.random() < 0.4 else "",
        likely_bias if rng.random() < 0.9 else rng.choice(["qint32", "qint64", "int32", "float32"]),
        rng.choice(LIKELY) if rng.random() < 0.05 else "",
        rng.choice(LIKELY) if rng.random() < 0.1 else "",
        [rng.randint(1, 4) for _ in range(rng.choice([1, 2, 3, 4, 4, 5, 6, 8]))],
    )


def several(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents of models: of operators in many dtypes and versions, of operators without a kernel, and broken ones."""
    rng = random.Random(seed)
    names = sorted(OPERATORS)
    others = sorted(name for name in codes() if name not in OPERATORS and name not in ("CUSTOM", "DELEGATE", "WHILE", "IF", "CALL_ONCE"))
    for number in range(count):
        chance = rng.random()
        model = single(rng.choice(names), drawn(rng), 1 if rng.random() < 0.5 else rng.randint(1, 8))
        if chance < 0.05:
            tensors = [Tensor("float32", (2, 3))]
            model = Single(rng.choice(others), 1, tensors, tensors)
        elif chance < 0.08:
            model = replace(model, op="CUSTOM", custom=rng.choice(["FlexErf", "MyOperator", "TFLite_Detection_PostProcess"]), options="")
        if chance > 0.8:
            how, content = broken(rng, model)
            yield f"{number:04d}_{model.op}_{how}.tflite", content
        else:
            yield f"{number:04d}_{model.custom or model.op}_{model.version}.tflite", bytes(model)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=600)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name, content in several(args.seed, args.count):
        (args.out / name).write_bytes(content)


if __name__ == "__main__":
    main()
