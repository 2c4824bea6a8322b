"""A model uses a newer version of an operator than its target has.

Operators change with the operator set: a runtime that knows an operator may not know it as the model means it. A newer opset alone is
reported too, for a target that the project names.

```graph bad path=net.onnx targets=onnxruntime-cpu==1.32
model onnx ir=10 opset=22
graph main
  input x float32[2]
  op RandomNormalLike (x) -> (y)  <-
  output y float32[2]
```

```graph good path=net.onnx targets=onnxruntime-cpu==1.32
model onnx ir=10 opset=21
graph main
  input x float32[2]
  op RandomNormalLike (x) -> (y)
  output y float32[2]
```

References: the tables behind the verdicts are asked of released packages (`deplint targets`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule

from . import at_targets


@rule("DPL552", severity="error", leaves=["S.3.2", "M.4.6", "B.3.2"], see=["https://onnxruntime.ai/docs/reference/compatibility.html"])
def target_lacks_operator_version(model: Model, project: Project) -> Iterator[Finding]:
    yield from at_targets(model, project, "version", named=True)
