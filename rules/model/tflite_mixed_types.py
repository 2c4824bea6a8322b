"""A TensorFlow Lite operator between tensors of different kinds: quantized, float, integer.

Each kernel of the runtime takes one kind of numbers; where a quantized part of a model meets a float part, there have
to be `QUANTIZE` and `DEQUANTIZE`, and `CAST` between float and integer. Without them the interpreter fails in
`allocate_tensors`: ``output->type != input_type (FLOAT32 != INT8)``.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x int8[1,4] quant(0.5, 3)
  op RELU@2 (x) -> (h float32[1,4])  <-
  op MUL@2 (h, x) -> (y float32[1,4])  <-
  op TANH@1 (h) -> (z int32[1,4])  <-
  weight w int32[2,4]
  op FULLY_CONNECTED@1 (h, w, "") -> (v float32[1,2])  <-
  output y
```

```graph good path=net.tflite
model tflite ir=3
graph main
  input x int8[1,4] quant(0.5, 3)
  weight w int8[4,4] quant(0.5, 0)
  op DEQUANTIZE@2 (x) -> (f float32[1,4])
  op FULLY_CONNECTED@4 (f, w, "") -> (h float32[1,4])
  op QUANTIZE@1 (h) -> (q int8[1,4] quant(0.5, 3))
  op GREATER@2 (q, x) -> (y bool[1,4])
  output y
```

References: every operator of the list was asked of ai-edge-litert 2.3 (`tests/claims/test_model_rules.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.model import Graph, Op

FIRST = [
    *("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "AVERAGE_POOL_2D", "MAX_POOL_2D", "TRANSPOSE", "PAD", "SLICE", "STRIDED_SLICE"),
    *("RELU", "RELU6", "LOGISTIC", "TANH", "HARD_SWISH", "LEAKY_RELU", "ELU", "GELU", "ABS", "SPACE_TO_BATCH_ND", "SPACE_TO_DEPTH"),
    *("DEPTH_TO_SPACE", "TILE", "MIRROR_PAD", "REVERSE_V2"),
]
INPUTS = {
    **dict.fromkeys(FIRST, slice(0, 1)),
    "TRANSPOSE_CONV": slice(2, 3),
    "MUL": slice(2),
    "CONCATENATION": slice(None),
    "PACK": slice(None),
}
"""Operator -> the inputs that have to be of the kind that its output is of."""

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
KINDS = {
    **dict.fromkeys(("int8", "uint8", "int16"), "a quantized"),
    "float32": "a float",
    "int32": "an int32",
    "int64": "an int64",
    "bool": "a bool",
}
"""dtype -> what tensors of it are called. Float16 is left out: some delegates take it for float32."""


@rule(
    "DPL433",
    severity="error",
    leaves=["M.2.6"],
    see=["https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec"],
)
def tflite_mixed_types(model: Model) -> Iterator[Finding]:
    if model.format != "tflite":
        return
    for graph in model.graphs:
        for op in graph.ops:
            kinds = _kinds(graph, op) if op.type in INPUTS and not op.domain and op.outputs else ()
            if len(kinds) > 1:
                yield Finding(
                    model.at(graph, op),
                    f"{op.type} is between {' and '.join(kinds)} tensor: the interpreter refuses the model, or computes nonsense",
                    help="convert the whole model in one go, or put QUANTIZE, DEQUANTIZE or CAST where its parts meet",
                )


def _kinds(graph: Graph, op: Op) -> list[str]:
    dtypes = [graph.tensor(name).dtype for name in (*op.inputs[INPUTS[op.type]], op.outputs[0])]
    if op.type in WEIGHTED and len(op.inputs) > 1:  # weights may be quantized, or packed into float16, where all else is float
        dtypes += [dtype for dtype in (graph.tensor(op.inputs[1]).dtype,) if dtype in ("int32", "int64", "bool")]
    return sorted({KINDS[dtype] for dtype in dtypes if dtype in KINDS})
