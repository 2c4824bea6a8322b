"""A constant of a model that 32 bits cannot hold.

TensorRT before version 10, Core ML, TensorFlow.js and most accelerators count in int32 and clamp or wrap what int64
constants hold beyond it. Hashes, identifiers and times in a graph are computed wrong there, and nothing fails. The
largest int64 as the end of a slice, which exporters write for "to the end", is known everywhere.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input id int64[1]
  weight prime int64[]{2654435761}  <-
  op Mul (id, prime) -> (y)
  output y int64[1]
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,8]
  weight start int64[1]{0}
  weight end int64[1]{9223372036854775807}
  weight begin int64[1]{-9223372036854775807}
  op Slice (x, start, end) -> (y)
  output y float32[1,8]
```

References: TensorRT's ONNX parser warns "Your ONNX model has been generated with INT64 weights ... Attempting to cast down to INT32";
tensorflowjs.write_weights turns int64 into int32.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

from . import numbers

LEAST, MOST = -(1 << 31), (1 << 31) - 1
ENDLESS = (1 << 63) - 1025
"""From here on a number means "as far as it goes" (floats and small offsets are taken into account)."""

ENDS = ("Slice", "StridedSlice", "STRIDED_SLICE", "SLICE", "Clip", "Shape")


@rule("DPL546", severity="info", leaves=["B.2.5", "M.2.5", "S.2.5"], see=["https://github.com/onnx/onnx-tensorrt"])
def integer_beyond_32_bits(model: Model) -> Iterator[Finding]:
    for graph in model.graphs if model.format in ("onnx", "savedmodel", "graphdef") else ():
        for tensor in graph.weights:
            if tensor.dtype != "int64" or not any(not LEAST <= value <= MOST and abs(value) < ENDLESS for value in numbers(tensor)):
                continue
            if not all(op.type in ENDS for op in graph.consumers.get(tensor.name, ())):
                yield Finding(
                    model.at_tensor(tensor),
                    "an int64 constant is beyond 32 bits: TensorRT, Core ML and TensorFlow.js compute with int32, and get something else",
                    help="compute it outside the model, or in two parts",
                )
