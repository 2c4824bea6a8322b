"""A TensorFlow Lite tensor of integers that does not say what they stand for.

An integer convolution or matrix product needs the scale and the zero point of its input, its weights and its result.
A model from which they were stripped, or that another tool wrote without them, fails in `allocate_tensors`:
``filter->quantization.type != kTfLiteAffineQuantization (0 != 1)``, ``no_integer_overflow_from_quantization was not
true``.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x int8[1,4] quant(0.5, 3)
  weight w int8[2,4]  <-
  op FULLY_CONNECTED@4 (x, w, "") -> (y int8[1,2] quant(0.5, 3))
  op FULLY_CONNECTED@4 (y, "", "") -> (z int8[1,2])
  output z
```

```graph good path=net.tflite
model tflite ir=3
graph main
  input x int8[1,4] quant(0.5, 3)
  input f float32[1,4]
  input raw int8[1,4]
  weight w int8[2,4] quant(0.5, 0)
  weight v int8[2,4] quant([0.5,0.5], [0,0], axis=0)
  weight b int32[2]
  weight blocks int4[2,4] quant([], scheme=blockwise)
  op FULLY_CONNECTED@4 (x, w, b) -> (y int8[1,2] quant(0.5, 3))
  op FULLY_CONNECTED@4 (f, v, "") -> (z float32[1,2])
  op FULLY_CONNECTED@4 (f, blocks, "") -> (u float32[1,2])
  op CAST@1 (raw) -> (c float32[1,4])
  output y
  output z
  output u
  output c
```

References: asked of ai-edge-litert 2.3 (`tests/claims/test_tflite_graphs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

MULTIPLYING = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
INTEGERS = ("int8", "uint8", "int16")


@rule(
    "DPL495",
    severity="error",
    leaves=["M.2.6"],
    see=["https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec"],
)
def tflite_quantization_missing(model: Model) -> Iterator[Finding]:
    for graph in model.graphs if model.format == "tflite" else ():
        for op in graph.ops:
            tensors = [graph.tensor(name) for name in op.inputs[:2] if name]
            if op.type in MULTIPLYING and not op.domain and len(tensors) == 2 and all(t.dtype in INTEGERS for t in tensors):
                for tensor in tensors:
                    if tensor.quant is None:
                        yield Finding(
                            model.at_tensor(tensor),
                            f"{op.type} computes with {tensor.dtype} numbers that have no scale: the interpreter refuses the model",
                            help="convert the model again, with optimizations and a representative dataset",
                        )
