"""Interpreters of TensorFlow Lite models: LiteRT's, the one in TensorFlow, the one for microcontrollers.

An interpreter looks up the kernel of every operator by its code and version before anything else, those that no output needs too
(tflite/core/interpreter_builder.cc, ``BuildLocalIndexToRegistrationMapping``). What dtypes a kernel takes was measured: of its first
operand written ``T``, and of the others where the first has some dtype (`tools/support/probes/tflite_kernels.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from deplint.data import load
from deplint.model import Graph, Op, Tensor
from deplint.targets import At
from deplint.targets.releases import choose
from deplint.targets.soundness import TFLITE, faults
from deplint.targets.subject import Subject
from deplint.targets.table import Row, rows
from deplint.targets.verdict import Reason

TENSORFLOW = "tflite-kernels"
"""The table of the interpreter in TensorFlow's own packages."""

WITH_SCALE = ("int8", "uint8", "int16", "int4")
"""Dtypes that kernels take for quantized or for plain integers."""

TRIED = frozenset(
    "float32 float16 bfloat16 float64 int8 uint8 int16 uint16 int32 uint32 int64 uint64 bool complex64 int4".split()  # noqa: SIM905
)
"""Dtypes that kernels were tried with. Text was not: it cannot be fed without knowing what it means."""


_ONE = """ABS CEIL COS ELU EXP FLOOR GELU HARD_SWISH LOG LOGISTIC LOG_SOFTMAX NEG RELU RELU6 RELU_N1_TO_1 RELU_0_TO_1 ROUND RSQRT SIGN
SIN SQRT SQUARE TANH LOGICAL_NOT ZEROS_LIKE LEAKY_RELU SOFTMAX L2_NORMALIZATION LOCAL_RESPONSE_NORMALIZATION BITCAST CAST
DEQUANTIZE QUANTIZE FAKE_QUANT RANK SHAPE AVERAGE_POOL_2D MAX_POOL_2D L2_POOL_2D BUCKETIZE DEPTH_TO_SPACE SPACE_TO_DEPTH
MATRIX_DIAG UNPACK SQUEEZE UNIQUE WHERE RANDOM_UNIFORM RANDOM_STANDARD_NORMAL"""
_TWO = """MAXIMUM MINIMUM POW FLOOR_DIV FLOOR_MOD SQUARED_DIFFERENCE ATAN2 BITWISE_XOR RIGHT_SHIFT LOGICAL_AND LOGICAL_OR EQUAL
NOT_EQUAL LESS LESS_EQUAL GREATER GREATER_EQUAL SUM MEAN REDUCE_PROD REDUCE_MAX REDUCE_MIN REDUCE_ANY REDUCE_ALL ADD SUB MUL
DIV PRELU ARG_MAX ARG_MIN CUMSUM EMBEDDING_LOOKUP EXPAND_DIMS FILL GATHER GATHER_ND MATRIX_SET_DIAG RESIZE_BILINEAR
RESIZE_NEAREST_NEIGHBOR REVERSE_SEQUENCE REVERSE_V2 RFFT2D SEGMENT_SUM SPLIT TILE TOPK_V2 TRANSPOSE MULTINOMIAL
BROADCAST_ARGS ASSIGN_VARIABLE"""
_THREE = """BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND RANGE SCATTER_ND UNSORTED_SEGMENT_SUM UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX
UNSORTED_SEGMENT_MIN SELECT SELECT_V2 SPLIT_V DYNAMIC_UPDATE_SLICE"""

INPUTS: Mapping[str, tuple[int, ...]] = {
    **{op: (count,) for count, ops in ((1, _ONE), (2, _TWO), (3, _THREE)) for op in ops.split()},
    "ONE_HOT": (4,), "SPARSE_TO_DENSE": (4,), "EMBEDDING_LOOKUP_SPARSE": (5,),
    "NON_MAX_SUPPRESSION_V4": (5,), "NON_MAX_SUPPRESSION_V5": (6,), "TRANSPOSE_CONV": (3, 4), "RESHAPE": (1, 2),
    **dict.fromkeys(("CONV_2D", "DEPTHWISE_CONV_2D", "CONV_3D", "PAD", "PADV2"), (2, 3)),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": (20, 24), "BIDIRECTIONAL_SEQUENCE_LSTM": (48,), "LSTM": (5, 20, 24), "SVDF": (5,), "RNN": (5,),
    **{f"STABLEHLO_{name}": (2,) for name in ("ADD", "AND", "MAXIMUM", "MINIMUM", "MULTIPLY", "OR", "SUBTRACT")},
}  # fmt: skip
"""The numbers of inputs that kernels prepare with (``NumInputs(node) != 2 (1 != 2)``): measured with LiteRT 2.3, too few and too many."""

GIVES = dict.fromkeys(("RANDOM_UNIFORM", "RANDOM_STANDARD_NORMAL"), ("float32",))
"""What operators give whose inputs say nothing of it."""


def interpreter(subject: Subject, at: At) -> Iterator[Reason]:
    """What LiteRT's interpreter refuses."""
    yield from faults(subject, TFLITE)
    yield from refused(subject, at, at.target.table, at.release, "LiteRT")


def tensorflow(subject: Subject, at: At, select: bool = False) -> Iterator[Reason]:
    """What the interpreter of TensorFlow's packages refuses. Of releases between those that were asked, the newer one is asked: what that
    lacks, they lack. With `select` the library of TensorFlow's operators is linked."""
    known: Sequence[str] = load(f"support/{TENSORFLOW}")["meta"]["releases"]
    later = choose(known, f">={at.release}").releases
    yield from faults(subject, TFLITE)
    for reason in refused(subject, at, TENSORFLOW, later[0] if later else known[-1], "TensorFlow Lite"):
        if not (select and reason.operator.startswith("Flex")):
            yield reason


def micro(subject: Subject, at: At) -> Iterator[Reason]:
    """What the interpreter for microcontrollers refuses, all of its operators registered."""
    yield from faults(subject, TFLITE)
    yield from refused(subject, at, at.target.table, at.release, "TensorFlow Lite Micro")


def refused(subject: Subject, at: At, table: str, release: str, runtime: str) -> Iterator[Reason]:
    """The operators that an interpreter has no kernel for, or none of their version or dtypes."""
    model = subject.model
    assert model is not None
    known = rows(table, release)
    for graph in model.graphs:
        for op in graph.ops:
            why = _custom(op, table) if op.domain else _missing(op, known.get(("", op.type), ()), table, runtime, release)
            if (
                why is None
                and not op.domain
                and table != "tflm"
                and len(op.inputs) not in (takes := INPUTS.get(op.type, (len(op.inputs),)))
            ):
                numbers = " or ".join(map(str, takes))
                plural = "s" if takes[-1] > 1 else ""
                words = f"{runtime} does not prepare {op.type}, which takes {numbers} input{plural}: it has {len(op.inputs)}"
                why = "limit", words, "convert the model again"
            gives = graph.tensor(op.outputs[0]).dtype if op.type in GIVES and op.outputs else ""
            if why is None and gives and gives not in GIVES[op.type]:
                why = "dtype", f"{op.type} gives no {gives} in {runtime}", "cast what it gives"
            if why is None and not op.domain:
                why = _dtypes(graph, op, known["", op.type][0], runtime)
            if why is not None:
                cause, words, remedy = why
                yield at.reason(cause, words, subject, graph, op, remedy=remedy)


def _custom(op: Op, table: str) -> tuple[str, str, str] | None:
    if op.type in (MICRO if table == "tflm" else brought()):
        return None
    if op.type.startswith("Flex"):
        words = f"{op.type} is an operator of TensorFlow's, and the interpreter has none of those"
        return "operator", words, "link the select TensorFlow operators' library, or convert with built-in operators alone"
    return "operator", f"the interpreter has no kernel for the custom operator {op.type}", "register its kernel, or replace the operator"


IN_XNNPACK = ("Convolution2DTransposeBias", "MaxPoolingWithArgmax2D", "MaxUnpooling2D")
"""Custom operators that XNNPACK, which interpreters apply unasked, takes (tflite/delegates/xnnpack/xnnpack_delegate.cc)."""


MICRO = frozenset(
    [
        *("CIRCULAR_BUFFER", "SignalDelay", "SignalEnergy", "SignalFftAutoScale", "SignalFilterBank", "SignalFilterBankLog"),
        *("SignalFilterBankSpectralSubtraction", "SignalFilterBankSquareRoot", "SignalFramer", "SignalIrfft", "SignalOverlapAdd"),
        *("SignalPCAN", "SignalRfft", "SignalStacker", "SignalWindow", "TFLM_DECODE", "TFLite_Detection_PostProcess", "ethos-u"),
    ]
)
"""Custom operators that the interpreter for microcontrollers can register (tensorflow/lite/micro/micro_mutable_op_resolver.h)."""


@lru_cache(maxsize=1)
def brought() -> frozenset[str]:
    """The custom operators that an interpreter has a kernel for."""
    return frozenset([*IN_XNNPACK, *(row["name"] for row in load("tflite_custom_kernels")["rows"] if row["kernel"] == "runtime")])


def _missing(op: Op, found: Sequence[Row], table: str, runtime: str, release: str) -> tuple[str, str, str] | None:
    if any(row.since <= (op.version or 1) <= row.until for row in found):
        return None
    first = _first(table, op)
    later = f"use {runtime} {first} or newer" if first else ""
    if not found:
        return "operator", f"{runtime} {release} has no {op.type}", later or "replace the operator"
    had = f"{found[0].since} to {found[0].until}" if found[0].until > found[0].since else f"{found[0].since}"
    words = f"{runtime} {release} has {op.type} of version {had}, and the model needs version {op.version}"
    return "version", words, later or "convert with an older TensorFlow"


def _first(table: str, op: Op) -> str:
    """The first release known to have an operator in its version (its `min_runtime_version`); "" if none has it."""
    for release in load(f"support/{table}")["meta"]["releases"]:
        if any(row.since <= (op.version or 1) <= row.until for row in rows(table, release).get(("", op.type), ())):
            return str(release)
    return ""


def _dtypes(graph: Graph, op: Op, row: Row, runtime: str) -> tuple[str, str, str] | None:
    """Why the kernel does not take these dtypes: what was tried, and did not run in any way."""
    if not row.types:
        return None
    inputs, _, outputs = str(row.more["operands"]).partition(">")
    given = [*zip(inputs, op.inputs, strict=False)]
    operands = [(letter, graph.tensor(name)) for letter, name in given if name]
    first = next((tensor for letter, tensor in operands if letter == "T"), None)
    if first is None or first.dtype not in TRIED:
        return None
    token = _token(first)
    if "T" in row.types and not row.types["T"] & {token}:
        scaled = " without a scale" if token == first.dtype and f"q{token}" in row.types["T"] else ""
        return "dtype", f"{runtime} has no kernel for {op.type} of {first.dtype}{scaled}", _remedy(row.types["T"])
    results = [("R" if letter == "T" else letter, graph.tensor(name)) for letter, name in zip(outputs, op.outputs, strict=False)]
    for letter, tensor in [("O" if letter == "T" else letter, tensor) for letter, tensor in operands if tensor is not first] + results:
        taken = row.types.get(f"{letter}|{token}")
        if letter in "RU" and tensor.quant is not None and tensor.dtype not in WITH_SCALE:
            continue  # an int32 with a scale was not tried
        if taken is not None and tensor.dtype in TRIED and not taken & {_token(tensor), f"q{tensor.dtype}" if letter == "B" else ""}:
            what = "gives no" if letter in "RU" and any(tensor is t for _, t in results) else "takes no"
            return "dtype", f"{op.type} of {first.dtype} {what} {tensor.dtype} in {runtime}", _remedy(taken)
    return None


def _token(tensor: Tensor) -> str:
    """The dtype of a tensor, ``qint8`` for an int8 with a scale."""
    return f"q{tensor.dtype}" if tensor.dtype in WITH_SCALE and tensor.quant is not None else tensor.dtype


def _remedy(taken: frozenset[str]) -> str:
    plain = sorted({name.removeprefix("q") for name in taken})
    return f"cast to {' or '.join(plain[:6])} before it"
