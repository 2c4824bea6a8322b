"""The interpreters of TensorFlow Lite models, each asked which operators it has: LiteRT's, TensorFlow's own, that for microcontrollers."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from tools.support.environment import Environment, installed
from tools.support.sources import Source
from tools.support.store import Row

LITERT = ("1.0.1", "1.1.2", "1.2.0", "1.3.0", "1.4.0", "2.0.3", "2.1.0", "2.1.6", "2.2.0", "2.3.0")


def asked(distribution: str, package: str, *further: str) -> Callable[[str], Sequence[Row]]:
    def rows(release: str) -> Sequence[Row]:
        with installed(f"{distribution}=={release}", "flatbuffers", *further) as environment:
            found: Sequence[Row] = environment.ask("tflite_kernels", package)
            return found

    return rows


def litert(release: str) -> Sequence[Row]:
    """The first release was built for NumPy 1."""
    return asked("ai-edge-litert", "ai_edge_litert", *(["numpy<2"] if release == "1.0.1" else []))(release)


def tensorflow(release: str) -> Sequence[Row]:
    """Of TensorFlow's releases those that had a package with the interpreter alone are asked by that."""
    if release == "2.14.0":
        return asked("tflite-runtime", "tflite_runtime", "numpy<2")(release)
    if python := os.environ.get("DEPLINT_TENSORFLOW"):  # an environment that has the release: installing it takes minutes and 2 GB
        found: Sequence[Row] = Environment(python).ask("tflite_kernels", "tensorflow")
        return found
    return asked("tensorflow-cpu", "tensorflow")(release)


SOURCES = (
    Source("litert", LITERT, litert, {"source": "pypi:ai-edge-litert", "licence": "Apache-2.0"}),
    Source(
        "tflite-kernels",
        ("2.14.0", "2.21.0"),
        tensorflow,
        {"source": "pypi:tflite-runtime (2.14.0), pypi:tensorflow-cpu", "licence": "Apache-2.0"},
    ),
    Source(
        "tflm",
        ("0.dev20261023182759",),
        asked("tflite-micro", "tflite_micro"),
        {"source": "pypi:tflite-micro", "licence": "Apache-2.0"},
    ),
)
