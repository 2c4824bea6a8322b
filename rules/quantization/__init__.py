"""Quantization: models that stay float, lose accuracy or fail to convert because calibration, types or options do not
fit together."""

from __future__ import annotations

from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.values import Truth

CONVERTER = "tensorflow.lite.TFLiteConverter.{from_keras_model,from_saved_model,from_concrete_functions,experimental_from_jax}()"
"""A converter of TensorFlow 2. Other constructors are those of TensorFlow 1, whose converters have other attributes."""
TORCH = "torch.{ao.,}quantization."
INT8 = "tensorflow.lite.OpsSet.TFLITE_BUILTINS_INT8"
INT16X8 = "tensorflow.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8"
QUANTIZING = (
    "tensorflow.lite.Optimize.DEFAULT",
    "tensorflow.lite.Optimize.OPTIMIZE_FOR_SIZE",
    "tensorflow.lite.Optimize.OPTIMIZE_FOR_LATENCY",
)


def optimizing(converter: Value) -> Truth:
    """Does the converter have an optimization that quantizes? TensorFlow 2.21 `lite.py` asks for any of these members, not for strings."""
    answers = {value.contains(*QUANTIZING) for value in converter.values("optimizations")}
    if converter.set("optimizations") is not Truth.yes:
        answers.add(Truth.no if converter.escaped is Truth.no else Truth.maybe)
    return answers.pop() if len(answers) == 1 else Truth.maybe


def calibrated(converter: Value) -> Truth:
    """Does the converter have a representative dataset? Assigning None is not having one."""
    answer = converter.set("representative_dataset")
    values = converter.values("representative_dataset")
    if answer is Truth.no or not values:
        return answer
    none = {v.certain and v.python() is None for v in values}
    if none == {True} and converter.escaped is Truth.no:
        return Truth.no
    return answer if none == {False} and all(v.certain for v in values) else Truth.maybe


def wants(converter: Value, path: str, *names: str) -> bool:
    """On some path the list-like attribute was certainly set to hold one of the named things."""
    return any(value.contains(*names) is Truth.yes for value in converter.values(path))


def without_dataset(converter: Value) -> str:
    """What asks for full integer quantization although there certainly is no representative dataset: `convert()` raises. Else empty."""
    if calibrated(converter) is not Truth.no or not converter.never("_experimental_strict_qdq"):
        return ""
    if wants(converter, "target_spec.supported_ops", INT8):
        return "TFLITE_BUILTINS_INT8"
    types = [value.python() for value in converter.values("target_spec.supported_types")]
    return "supported_types = [tf.int8]" if ["tensorflow.int8"] in types else ""


def in_test(file: PythonFile) -> bool:
    """A test or a benchmark, in which nobody asks how accurate a model is."""
    return any(part.startswith(("test", "bench")) or part.endswith("_test") for part in file.path.lower().removesuffix(".py").split("/"))
