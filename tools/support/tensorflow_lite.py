"""What the TensorFlow Lite converter makes of TensorFlow's operators, measured with graphs of many operators.

A row says for which dtypes (of the first input that has one) some model of the operator became built-in operators, for which the converter
always asked for TensorFlow's own (``flex``) or for a custom operator, for which TensorFlow itself has no ``kernel``, and for which it
always failed with another error; ``otherwise`` which of both it asks for where it knows no built-in operator.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from deplint.data import load
from tools.support.environment import Environment, installed
from tools.support.sources import Source
from tools.support.store import Row

ORDER = ("builtin", "refused", "flex", "custom", "kernel", "error")
"""What may come of an operator, the best first."""

RELEASES = ("2.15.1", "2.18.1", "2.21.0")


def measured(probe: str) -> Callable[[str], Any]:
    """What a probe answers in a release. ``DEPLINT_TENSORFLOW`` may name a Python that has it: installing takes minutes and 2 GB."""

    def answer(release: str) -> Any:
        if python := os.environ.get("DEPLINT_TENSORFLOW"):
            return Environment(python).ask(probe, timeout=3 * 3600)
        with installed(f"tensorflow-cpu=={release}") as environment:
            return environment.ask(probe, timeout=3 * 3600)

    return answer


def rows(release: str) -> Sequence[Row]:
    """For each operator the dtypes by what came of them."""
    seen: dict[str, dict[bool, dict[str, str]]] = {}
    for line in measured("tflite_conversion")(release):
        by_dtype = seen.setdefault(line["op"], {}).setdefault(line["shaped"], {})
        by_dtype[line["dtype"]] = min(line["result"], by_dtype.get(line["dtype"], ORDER[-1]), key=ORDER.index)
    others = load("tflite_conversion")["ops"]
    fallback = {op: kind for kind, name in (("flex", "select"), ("custom", "custom")) for op in others[name]}
    fallback |= dict.fromkeys(LIBRARY, "flex")
    return [_row(op, seen.get(op, {}).get(True, {}), seen.get(op, {}).get(False, {}), fallback) for op in sorted({*seen, *fallback})]


def _row(op: str, shaped: Mapping[str, str], unshaped: Mapping[str, str], fallback: Mapping[str, str]) -> Row:
    """What came of known shapes counts; what came of unknown ones where that proves something: it became a built-in operator even so, or
    another dtype did, or none ever did. `fallback` says what operators ask for that no random model fits."""
    if op in NEVER:
        shaped, unshaped = ({dtype: came for dtype, came in found.items() if came != "builtin"} for found in (shaped, unshaped))
    if op in LOWERED:
        shaped, unshaped = ({dtype: came for dtype, came in found.items() if came == "builtin"} for found in (shaped, unshaped))
    found = dict(shaped)
    for dtype, result in unshaped.items():
        if dtype not in found and (result in ("builtin", "flex", "custom", "kernel")):
            others = {**unshaped, **shaped}.values()
            if result == "builtin" or "builtin" in unshaped.values() or "builtin" not in others:
                found[dtype] = result
    row: dict[str, Any] = {"op": op}
    for result in ORDER:
        if dtypes := sorted(dtype for dtype, came in found.items() if came == result):
            row[result] = dtypes
    otherwise = {result for result in (*shaped.values(), *unshaped.values()) if result in ("flex", "custom")}
    if op not in LOWERED and (kind := otherwise.pop() if len(otherwise) == 1 else fallback.get(op)):
        row["otherwise"] = kind
    if op in LIMITS:
        row["limits"] = LIMITS[op]
    return row


NEVER = ("Erf", "Erfc")
"""Operators that become built-in ones as a part of others only (GELU)."""

LIBRARY = (
    *("StatelessRandomGetKeyCounter", "StatelessRandomUniformV2", "StatelessRandomNormalV2", "StatelessTruncatedNormalV2"),
    *("StatelessRandomUniformIntV2", "StatelessRandomUniformFullIntV2", "AudioSpectrogram", "Mfcc"),
)
"""Operators the converter leaves to TensorFlow's library (allowlisted_flex_ops.cc) that no random model fits."""

LOWERED = frozenset(
    """Any BatchMatMul BatchMatMulV2 BatchMatMulV3 BatchToSpace Bincount BroadcastArgs CheckNumerics Conv2DBackpropFilter
    Conv2DBackpropInput Conv3D Conv3DBackpropInputV2 DepthwiseConv2dNativeBackpropFilter Einsum FakeQuantWithMinMaxVars
    FakeQuantWithMinMaxVarsPerChannel
    FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 IRFFT2D MatrixDiagV2 MatrixDiagV3 MatrixSetDiag MatrixSetDiagV2 MatrixSetDiagV3 Min
    Multinomial NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5 QuantizeAndDequantizeV2 QuantizeAndDequantizeV3
    QuantizeAndDequantizeV4 RFFT RFFT2D RandomStandardNormal Roll Select
    SparseSoftmaxCrossEntropyWithLogits SoftmaxCrossEntropyWithLogits SplitV TensorScatterAdd TensorScatterUpdate XlaDynamicUpdateSlice
    XlaSharding""".split()  # noqa: SIM905
)
"""Operators that become built-in ones where models use them as they mostly do: with constants, of ranks or with attributes that random
models of one operator seldom have."""

STRIDED = ("float32", "float16", "bfloat16", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "bool", "string")

LIMITS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "StridedSlice": [{"what": "dtype", "of": 0, "in": STRIDED, "text": "there is none of this dtype", "status": "flex"}]
}
"""What is asked besides dtypes, as models that were converted have shown."""

CONVERSION = {"source": "pypi:tensorflow-cpu, its converter run on graphs of many operators", "licence": "own measurement"}
KERNELS = {"source": "pypi:tensorflow-cpu, the kernels it registers", "licence": "Apache-2.0"}

LAYERS = {"source": "pypi:tensorflow-cpu and pypi:keras, their layers traced", "licence": "own measurement"}

SOURCES = (
    Source("tflite-conversion", RELEASES[1:], rows, CONVERSION),
    Source("tensorflow-layers", RELEASES[1:], measured("tensorflow_layers"), LAYERS),
    Source("tensorflow-kernels", RELEASES, measured("tensorflow_kernels"), KERNELS),
)
