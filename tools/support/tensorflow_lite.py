"""What the TensorFlow Lite converter makes of TensorFlow's operators, measured with random models of one operator each.

A row says for which dtypes (of the first input that has one) some model of the operator became built-in operators, for which the converter
always asked for TensorFlow's own (``flex``) or for a custom operator, for which TensorFlow itself has no ``kernel``, and for which it
always failed with another error.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from tools.support.environment import Environment, installed
from tools.support.sources import Source
from tools.support.store import Row

BATCHES = "12"

ORDER = ("builtin", "refused", "flex", "custom", "kernel", "error")
"""What may come of an operator, the best first."""


def rows(release: str) -> Sequence[Row]:
    python = os.environ.get("DEPLINT_TENSORFLOW")  # an environment that has the release: installing it takes minutes and 2 GB
    if python:
        return _rows(Environment(python).ask("tflite_conversion", BATCHES, timeout=7200))
    with installed(f"tensorflow-cpu=={release}") as environment:
        return _rows(environment.ask("tflite_conversion", BATCHES, timeout=7200))


def _rows(measured: Sequence[dict[str, Any]]) -> Sequence[Row]:
    seen: dict[str, dict[str, set[str]]] = {}
    for line in measured:
        seen.setdefault(line["op"], {}).setdefault(line["dtype"], set()).add(line["result"])
    return [
        {
            "op": op,
            **{result: dtypes for result in ORDER if (dtypes := _only(by_dtype, result))},
        }
        for op, by_dtype in sorted(seen.items())
    ]


def _only(by_dtype: dict[str, set[str]], result: str) -> list[str]:
    """The dtypes of this result: ``builtin`` if any model had it, the others if none had a better one."""
    return sorted(dtype for dtype, results in by_dtype.items() if min(results, key=ORDER.index) == result)


FACTS = {"source": "pypi:tensorflow-cpu, its converter run on models of one operator", "licence": "own measurement"}

SOURCES = (Source("tflite-conversion", ["2.21.0"], rows, FACTS),)
