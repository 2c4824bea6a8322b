"""A TensorFlow Lite model in which the size of a tensor depends on the data.

Delegates for GPUs, DSPs and most NPUs plan memory before anything runs. One such tensor, and they refuse the whole
model: ``Attempting to use a delegate that only supports static-sized tensors with a graph that has dynamic-sized
tensors (tensor#12 is a dynamic-sized tensor)``. Everything then runs on the processor.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x float32[1,4]
  weight zero float32[]{0.0}
  op GREATER@1 (x, zero) -> (m bool[1,4])
  op WHERE@1 (m) -> (y int64[?,2])  <-
  op CAST@1 (x) -> (n int32[4])
  op TILE@1 (x, n) -> (t float32)  <-
  output y
  output t
```

```graph good path=net.tflite
model tflite ir=3
graph main
  input x float32[?,4,4]
  weight begin int32[1]{0}
  weight end int32[1]{1}
  weight one int32[1]{1}
  weight rest int32[]{16}
  op SHAPE@1 (x) -> (s int32[3])
  op STRIDED_SLICE@1 (s, begin, end, one) -> (n int32[])
  op PACK@1 (n, rest) -> (shape int32[2])
  op RESHAPE@1 (x, shape) -> (y float32[?,16])
  output y
```

References: LiteRT, tflite/core/subgraph.cc (`ModifyGraphWithDelegate`); sizes that come from `SHAPE` are worked out before.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.model import Graph

ALWAYS = ("WHERE", "UNIQUE")
SIZED = {
    **dict.fromkeys(("RESHAPE", "TILE", "BROADCAST_TO", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "TOPK_V2", "PAD", "PADV2"), (1,)),
    "FILL": (0,),
    "RANGE": (0, 1, 2),
    "SLICE": (2,),
}
"""Operator -> its inputs that say how large its result is."""

KNOWN = ("SHAPE", "RANK")


@rule("DPL536", severity="info", leaves=["M.7"], see=["https://ai.google.dev/edge/litert/performance/delegates"])
def tflite_dynamic_tensor(model: Model) -> Iterator[Finding]:
    for graph in model.graphs if model.format == "tflite" else ():
        for op in graph.ops:
            sizes = [op.inputs[number] for number in SIZED.get(op.type, ()) if number < len(op.inputs)]
            if not op.domain and (op.type in ALWAYS or any(_of_data(graph, name) for name in sizes)):
                yield Finding(
                    model.at(graph, op),
                    f"the size of what {op.type} gives depends on the data: delegates for GPUs and NPUs refuse the whole model",
                    help="give it a fixed size (tf.ensure_shape, a mask instead of a selection), or move it out of the model",
                )


def _of_data(graph: Graph, name: str, steps: int = 8) -> bool:
    """A value of the model's inputs gets there, other than by their sizes."""
    if name in graph.inputs:
        return True
    op = graph.producers.get(name)
    return op is not None and op.type not in KNOWN and steps > 0 and any(_of_data(graph, inner, steps - 1) for inner in op.inputs)
