"""A large tensor within the graph itself.

What is stored as the value of an operator cannot be moved to external data by the usual tools, counts towards
protobuf's 2 GiB, and is parsed and copied whenever the graph is. Weights that an exporter took for constants (tables,
anchors, masks, buffers that are no parameters) end there.

```graph bad path=net.onnx min-megabytes=0
model onnx ir=8 opset=17
graph main
  input x float32[1,8]
  op Constant () -> (mask) value=float32[2]{1.0,2.0}  <-
  op Mul (x, mask) -> (y)
  output y
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,8]
  weight table float32[4096,4096]
  op Constant () -> (mask) value=float32[2]{1.0,2.0}
  op Mul (x, mask) -> (y)
  output y
```

References: onnx.external_data_helper, whose `convert_attribute` is off by default; `tests/test_seeded_models.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.model import Tensor

from . import megabytes

HOLDERS = {"onnx": "Constant", "savedmodel": "Const"}
"""Format -> the operator that holds a value in the graph where weights have a place of their own."""


@rule("DPL538", severity="info", leaves=["S.4.2"], see=["https://onnx.ai/onnx/api/external_data_helper.html"])
def huge_constant(model: Model, *, min_megabytes: int = 16) -> Iterator[Finding]:
    for graph, op in model.ops() if model.format in HOLDERS else ():
        value = op.attributes.get("value") if op.type == HOLDERS[model.format] else None
        stored = value.stored if isinstance(value, Tensor) else None
        if stored is not None and not stored.external and stored.nbytes > min_megabytes * 1_000_000:
            yield Finding(
                model.at(graph, op),
                f"{megabytes(stored.nbytes)} are a value within the graph: they count towards protobuf's 2 GiB",
                help="make it a parameter or buffer (ONNX: an initializer), a variable, or a file of its own (tf.lookup, assets)",
            )
