"""A model uses an operator that its target does not have.

The target is one the project names (`--target`, or `targets` in the configuration), or a runtime that its own files pin.

```graph bad path=net.onnx versions=onnxruntime==1.20.1
model onnx ir=8 opset={"": 17, com.microsoft: 1}
graph main
  input x float32[2]
  op com.microsoft.NoSuchOperator (x) -> (y)  <-
  output y float32[2]
```

A converter may refuse an operator that another one takes.

```graph bad path=m/saved_model.pb targets=tfjs-graph
model savedmodel tags=[serve]
signature serving_default (x=x float32[2]) -> (y=y float32[2])
graph main
  input x float32[2]
  op Placeholder x -> (x) dtype=float32 shape=(2)
  op Digamma y (x) -> (y) T=float32  <-
  output y float32[2]
```

```graph good path=net.onnx versions=onnxruntime==1.20.1
model onnx ir=8 opset={"": 17, com.microsoft: 1}
graph main
  input x float32[2]
  op com.microsoft.Gelu (x) -> (y)
  output y float32[2]
```

References: the tables behind the verdicts are asked of released packages (`deplint targets`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule

from . import at_targets


@rule(
    "DPL551",
    severity="error",
    leaves=["M.2.4", "B.2.4", "S.2.2", "M.4.6"],
    see=["https://onnxruntime.ai/docs/reference/compatibility.html"],
)
def target_lacks_operator(model: Model, project: Project) -> Iterator[Finding]:
    yield from at_targets(model, project, "operator")
