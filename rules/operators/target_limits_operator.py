"""A model uses an operator in a way its target does not take.

The operator is there, and the dtype too, but not with this attribute, this rank, or an input that is computed.

```graph bad path=net.onnx versions=onnxruntime==1.20.1
model onnx ir=8 opset=17
graph main
  input x float32[1,3,2]
  weight w float32[1,16,2]
  weight r float32[1,16,4]
  op LSTM (x, w, r) -> (y) hidden_size=4 layout=1  <-
  output y
```

```graph good path=net.onnx versions=onnxruntime==1.20.1
model onnx ir=8 opset=17
graph main
  input x float32[3,1,2]
  weight w float32[1,16,2]
  weight r float32[1,16,4]
  op LSTM (x, w, r) -> (y) hidden_size=4
  output y
```

References: the tables behind the verdicts are asked of released packages (`deplint targets`); limits cite the source they are from.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule

from . import at_targets


@rule("DPL554", severity="error", leaves=["M.2.4", "B.2.4", "S.2.2"], see=["https://onnxruntime.ai/docs/reference/compatibility.html"])
def target_limits_operator(model: Model, project: Project) -> Iterator[Finding]:
    yield from at_targets(model, project, "limit")
