"""Exported models: one reader a format, chosen by a file's name and by what it holds (`deplint.formats.artifact`)."""

from __future__ import annotations

from collections.abc import Callable

from deplint.formats.artifact import CLAIMS, detect
from deplint.project import File, Reader


def _holds(*kinds: str) -> Callable[[File], bool]:
    return lambda file: detect(file) in kinds


READERS: tuple[Reader, ...] = (
    Reader("artifact", tuple(name for claim in CLAIMS for name in claim.names), "deplint.formats.artifact:read"),
    Reader("onnx", ("*.onnx", "*.pb"), "deplint.formats.onnx:read", _holds("onnx")),
    Reader("tflite", ("*.tflite", "*.lite"), "deplint.formats.tflite:read", _holds("tflite")),
    Reader("savedmodel", ("saved_model.pb",), "deplint.formats.tensorflow:read_saved_model", _holds("savedmodel")),
    Reader("graphdef", ("*.pb",), "deplint.formats.tensorflow:read_graph_def", _holds("graphdef")),
    Reader("keras", ("*.keras",), "deplint.formats.keras:read", _holds("keras")),
    Reader("keras-h5", ("*.h5", "*.hdf5", "*.keras"), "deplint.formats.keras:read_h5", _holds("hdf5")),
    Reader("tfjs", ("*.json",), "deplint.formats.tfjs:read", _holds("tfjs")),
)
