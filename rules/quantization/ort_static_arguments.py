"""Arguments that the quantizers of ONNX Runtime refuse.

`quantize_static` measures ranges on what a `CalibrationDataReader` gives: without one it raises ``Either calibration_data_reader or an
existing calibration_cache_path must be provided``, with a reader that gives nothing ``No data is collected``. Not every pair of types is
possible: signed activations with unsigned weights (``ONNXRuntime quantization doesn't support data format``), and 16 bits in the format
`QOperator` (``Only QuantFormat.QDQ supports 16-bit quantization types``).

```python bad
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

class Reader(CalibrationDataReader):
    def get_next(self):
        return None

quantize_static("net.onnx", "net.int8.onnx")  # <-
quantize_static("net.onnx", "net.int8.onnx", None)  # <-
quantize_static("net.onnx", "net.int8.onnx", [{"x": image}])  # <-
quantize_static("net.onnx", "net.int8.onnx", Reader())  # <-
quantize_static("net.onnx", "net.int8.onnx", reader, activation_type=QuantType.QInt8, weight_type=QuantType.QUInt8)  # <-
quantize_static("net.onnx", "net.int8.onnx", reader, QuantFormat.QOperator, activation_type=QuantType.QUInt16)  # <-
```

```python good
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

class Reader(CalibrationDataReader):
    def __init__(self, samples):
        self.samples = iter(samples)

    def get_next(self):
        return next(self.samples, None)

def quantize(reader, **options):
    quantize_static("net.onnx", "net.int8.onnx", reader)
    quantize_static("net.onnx", "net.int8.onnx", **options)

quantize_static("net.onnx", "net.int8.onnx", Reader(samples))
quantize_static("net.onnx", "net.int8.onnx", calibration_cache_path="ranges.json")
quantize_static("net.onnx", "net.int8.onnx", reader, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
quantize_static("net.onnx", "net.int8.onnx", reader, QuantFormat.QDQ, activation_type=QuantType.QUInt16)
```

References: checked with onnxruntime 1.32 (`tests/claims/test_calibration.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile

QUANTIZE = "onnxruntime.quantization.{quantize.,}quantize_static"
TYPE = "onnxruntime.quantization."


@rule(
    "DPL206",
    severity="error",
    leaves=["S.2.5", "M.2.6"],
    see=["https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html#static-quantization"],
)
def ort_static_arguments(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(QUANTIZE):
        if call.guarded:
            continue
        reader, cache = call.argument("calibration_data_reader", 2), call.argument("calibration_cache_path")
        none = reader.missing or (reader.certain and reader.python() is None)
        if none and cache.missing:
            yield Finding(
                call,
                "quantize_static has no calibration data: it raises, Either calibration_data_reader or ... must be provided",
                help="pass a CalibrationDataReader over some hundred real inputs, or use quantize_dynamic",
            )
        elif reader.items is not None:
            yield Finding(
                reader,
                "calibration data is a list: it raises, 'list' object has no attribute 'get_next'",
                help="write a CalibrationDataReader",
            )
        elif _gives_nothing(reader):
            yield Finding(
                reader,
                "the reader's get_next always returns None: it raises, No data is collected",
                help="return one feed a call, then None",
            )
        refused = _types(call)
        if refused:
            yield Finding(call, f"{refused[0]}: quantize_static raises ValueError", help=refused[1])


def _gives_nothing(reader: Value) -> bool:
    kind = reader.project_class
    found = [m for m in kind.body if isinstance(m, ast.FunctionDef) and m.name == "get_next"] if kind is not None else []
    if len(found) != 1 or found[0].decorator_list:
        return False
    nodes = list(ast.walk(found[0]))
    if any(isinstance(node, (ast.Raise, ast.Yield)) for node in nodes):
        return False
    returned = [node.value for node in nodes if isinstance(node, ast.Return)]
    return all(value is None or (isinstance(value, ast.Constant) and value.value is None) for value in returned)


def _types(call: Call) -> tuple[str, str] | None:
    """What types were asked for that do not go together, and the remedy."""
    style, activation, weight = (
        call.argument(name, position).name.rpartition(".")[2]
        for name, position in (("quant_format", 3), ("activation_type", 7), ("weight_type", 8))
    )
    if (activation or _default(call, "activation_type", 7)) == "QInt8" and weight == "QUInt8":
        return "int8 activations with uint8 weights are not supported", "use QInt8 for both, or QUInt8 activations with QInt8 weights"
    if style == "QOperator" and any(given in ("QInt16", "QUInt16") for given in (activation, weight)):
        return "the format QOperator has no 16 bit types", "use QuantFormat.QDQ"
    return None


def _default(call: Call, name: str, position: int) -> str:
    return "QInt8" if call.argument(name, position).missing else ""
