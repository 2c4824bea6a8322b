"""Weights that nothing reads.

Cutting the head off a model, merging graphs or an exporter's bookkeeping leave weights behind that are shipped and
downloaded and never used.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight w float32[4,4]
  weight old float32[512,512]  <-
  op MatMul (x, w) -> (y)
  output y float32[1,4]
```

In a small model less is much: 5 % of its weights.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,64]
  weight w float32[64,64]
  weight old float32[64,64]  <-
  op MatMul (x, w) -> (y)
  output y float32[1,64]
```

What a nested graph reads is used, and a few bytes are not worth a word.

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  input flag bool[]
  weight w float32[512,512]
  weight small float32[4]
  op If (flag) -> (y)
    then_branch: graph
      op Gather (w, x) -> (a)
      output a
    else_branch: graph
      op Identity (w) -> (b)
      output b
  output y float32[1,4]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

from . import megabytes, stored_at

LEAST = 10_000
"""Bytes that are not worth a word even if they are a good part of a small model."""


@rule(
    "DPL435",
    severity="info",
    leaves=["B.4.6"],
    see=["https://onnxruntime.ai/docs/performance/model-optimizations/graph-optimizations.html"],
)
def unused_weights(model: Model, *, min_kilobytes: int = 100, min_share: float = 0.05) -> Iterator[Finding]:
    if model.format not in ("onnx", "tflite"):
        return
    unused: dict[object, int] = {}
    used: dict[object, int] = {}
    where = None
    for graph in {id(graph): graph for top in model.graphs for graph in (top, *(g for g, _ in top.walk()))}.values():
        for tensor in graph.weights:
            assert tensor.stored is not None
            place = stored_at(tensor)
            if tensor.name in graph.consumers or tensor.name in graph.outputs:
                used[place] = tensor.stored.nbytes
            elif not tensor.stored.problem:
                where = where or tensor
                unused[place] = tensor.stored.nbytes
    wasted = [size for place, size in unused.items() if place not in used]
    share = sum(wasted) / max(1, sum((used | unused).values()))
    if where is not None and (sum(wasted) >= min_kilobytes * 1000 or (share >= min_share and sum(wasted) >= LEAST)):
        yield Finding(
            model.at_tensor(where),
            f"nothing reads weights of {megabytes(sum(wasted)) if sum(wasted) >= 100_000 else f'{sum(wasted) // 1000} kB'} in all",
            help="remove them: onnxslim, or convert and export the model again without the parts that were cut off",
        )
