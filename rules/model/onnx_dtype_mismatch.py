"""An ONNX operator between tensors whose dtypes it does not take.

ONNX converts nothing on its own: both sides of an `Add` have the same dtype, a bias has that of its weights, a zero
point that of the quantized tensor. One weight left in float64, or a graph converted to float16 by half, and ONNX
Runtime refuses the model: ``Type parameter (T) of Optype (Add) bound to different types (tensor(float) and
tensor(double)``, ``Type 'tensor(float)' of input parameter (x) of operator (Not) in node () is invalid``.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight w float64[4]
  op Relu (x) -> (h)
  op Add (h, w) -> (y)  <-
  output y float32[1,4]
```

A zero point has the dtype of what it belongs to.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight s float32[]{0.5}
  weight a int8[]{0}
  weight b uint8[]{0}
  op QuantizeLinear (x, s, a) -> (q)
  op DequantizeLinear (q, s, b) -> (y)  <-
  output y float32[1,4]
```

Some operators take few dtypes at all.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op Not (x) -> (y)  <-
  output y
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight w float64[4]
  weight n int64[1]{4}
  op Cast (x) -> (h) to=11
  op Add (h, w) -> (z)
  op Reshape (z, n) -> (r)
  op Gather (r, n) -> (y)
  output y float64[1]
```

References: every operator of every version was asked of onnxruntime 1.32 (`tools/onnx_operators.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.formats.onnx_schemas import NOT_TENSORS, typed


@rule("DPL426", severity="error", leaves=["S.4.2", "M.4.3", "B.4.1"], see=["https://onnx.ai/onnx/operators/"])
def onnx_dtype_mismatch(model: Model) -> Iterator[Finding]:
    for found in typed(model) if model.format == "onnx" else ():
        graph, op = found.graph, found.op
        if found.wrong:
            yield Finding(
                model.at(graph, op),
                f"{op.type} {found.wrong}: ONNX Runtime refuses the model",
                help="put a Cast in between, or store the weight in the dtype of what it meets",
            )
        for name, dtype in found.given.items():
            stated = graph.tensors[name].dtype if name in graph.tensors else ""
            if dtype not in NOT_TENSORS and stated not in (*NOT_TENSORS, dtype):
                yield Finding(
                    model.at(graph, op),
                    f"{op.type} gives {dtype} where the graph says {stated}: ONNX Runtime refuses the model",
                    help="correct the graph's note of that tensor (value_info or output), or put a Cast in between",
                )
