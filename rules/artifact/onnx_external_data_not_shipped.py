"""An ONNX model whose external data is missing or cannot be read.

Weights above 2 GiB, and by default everything torch 2.9 and later exports, are stored beside the model
(`net.onnx.data`). Without those files, or with only a part of them, ONNX Runtime fails: ``External data path does not
exist``. A location that leaves the model's folder is refused as well.

```graph bad path=net.onnx
model onnx ir=10 opset=20
graph main
  input x float32[1,4]
  weight w float32[4,4] external="net.onnx.data" problem="the file is missing"  <-
  op MatMul (x, w) -> (y)
  output y float32[1,4]
```

```graph good path=net.onnx
model onnx ir=10 opset=20
graph main
  input x float32[1,4]
  weight w float32[4,4]
  op MatMul (x, w) -> (y)
  output y float32[1,4]
```

References: checked with onnxruntime 1.32 (`tests/claims/test_requests.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule


@rule("DPL405", severity="error", leaves=["S.4.2", "M.4.3", "B.4.1"], see=["https://onnxruntime.ai/docs/tutorials/web/large-models.html"])
def onnx_external_data_not_shipped(model: Model) -> Iterator[Finding]:
    if model.format != "onnx":
        return
    for graph in model.graphs:
        for tensor in graph.weights:
            stored = tensor.stored
            if stored is not None and stored.external and stored.problem:
                yield Finding(
                    model.at_tensor(tensor),
                    f"external data {stored.path}: {stored.problem}; the model cannot be loaded",
                    help="ship the data file beside the model under the name it was exported with, "
                    "or export with external_data=False where the model is below 2 GiB",
                )
