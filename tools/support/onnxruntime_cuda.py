"""ONNX Runtime's kernels on CUDA, asked of each released wheel with libraries that do nothing in place of NVIDIA's."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tools.support import cuda_stand_ins
from tools.support.environment import installed
from tools.support.onnxruntime import kernel_row
from tools.support.sources import Source
from tools.support.store import Row

RELEASES = ["1.24.4", "1.27.0", "1.31.1"]


def rows(release: str) -> Sequence[Row]:
    requirements = ("onnx", "numpy<2", "protobuf", "packaging", "flatbuffers")
    with installed(*requirements, no_deps=[f"onnxruntime-gpu=={release}"]) as environment, tempfile.TemporaryDirectory() as folder:
        assert environment.path is not None
        capi = environment.path / "onnxruntime" / "capi"
        cuda_stand_ins.write(Path(folder), [capi / f"libonnxruntime_providers_{name}.so" for name in ("cuda", "tensorrt")])
        kernels = replace(environment, libraries=Path(folder)).ask("onnxruntime_kernels")["kernels"]
    return [kernel_row(kernel) for kernel in kernels if kernel["provider"] == "CUDAExecutionProvider"]


SOURCES = (
    Source("onnxruntime-cuda", RELEASES, rows, {"source": "pypi:onnxruntime-gpu, the kernel registry of each wheel", "licence": "MIT"}),
)
