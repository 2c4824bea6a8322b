"""ONNX Runtime's kernels on the CPU, asked of each released wheel. onnxruntime-web's WebAssembly build registers the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from tools.support.environment import installed
from tools.support.sources import Source
from tools.support.store import Row

RELEASES = [
    *("1.15.1", "1.16.3", "1.17.3", "1.18.1", "1.19.2", "1.20.1", "1.21.1", "1.22.1", "1.23.2", "1.24.4"),
    *("1.25.1", "1.26.0", "1.27.0", "1.28.0", "1.29.0", "1.30.0", "1.31.1", "1.32.0"),
]
"""The last patch of each minor release that has a wheel for Python 3.11."""

_BATCH_FIRST = {"what": "in", "of": "layout", "in": [0], "text": "computes recurrent operators with the time first only (layout 0)"}

LIMITS = {"LSTM": [_BATCH_FIRST], "GRU": [_BATCH_FIRST], "RNN": [_BATCH_FIRST]}
"""What the constructors of kernels refuse: core/providers/cpu/rnn/lstm_base.h, deep_cpu_gru.h, rnn.h."""

NAMES = {"float": "float32", "double": "float64"}
"""The registry's names of dtypes where ours differ; the rest is the same."""


@lru_cache(maxsize=1)
def _asked(release: str) -> Mapping[str, Any]:
    # onnx builds the models that are too new; NumPy 1 serves wheels of both generations.
    with installed("onnx", "numpy<2", "protobuf", "packaging", "flatbuffers", no_deps=[f"onnxruntime=={release}"]) as environment:
        answer: Mapping[str, Any] = environment.ask("onnxruntime_kernels")
        return answer


def _dtype(name: str) -> str:
    """``tensor(float)`` as ``float32``; ``seq(tensor(float))`` as ``seq(float32)``."""
    head, inside, _ = name.partition("tensor(")
    inner = name[len(head) + len(inside) :].rstrip(")") if inside else name
    inner = NAMES.get(inner, inner)
    return inner if not head else f"{head}{inner}" + ")" * head.count("(")


def rows(release: str) -> Sequence[Row]:
    kernels = _asked(release)["kernels"]
    if kernels is None:  # 1.15 cannot list its own: what 1.16 has for opsets that 1.15 knows
        kernels = _asked("1.16.3")["kernels"]
    return [
        {**kernel_row(kernel), **({"limits": LIMITS[kernel["op"]]} if kernel["op"] in LIMITS and not kernel["domain"] else {})}
        for kernel in kernels
        if kernel["provider"] == "CPUExecutionProvider"
    ]


def kernel_row(kernel: Mapping[str, Any]) -> Row:
    """A kernel as `tools.support.probes.onnxruntime_kernels` tells of it, as a row of a table."""
    return {
        "op": kernel["op"],
        **({"domain": kernel["domain"]} if kernel["domain"] else {}),
        "versions": [kernel["first"], kernel["last"]],
        **({"types": types} if (types := {key: [_dtype(n) for n in names] for key, names in kernel["types"].items()}) else {}),
    }


def release_facts(release: str) -> Mapping[str, object]:
    answer = _asked(release)
    return {key: answer[key] for key in ("opset", "ml_opset", "ir")}


SOURCES = (
    Source(
        "onnxruntime-cpu",
        RELEASES,
        rows,
        {"source": "pypi:onnxruntime, the kernel registry of each wheel", "licence": "MIT"},
        release_facts,
    ),
)
