"""A model computes in a dtype that its target has no kernel for.

```graph bad path=net.onnx versions=onnxruntime==1.20.1
model onnx ir=8 opset=17
graph main
  input x float64[2]
  op Acosh (x) -> (y)  <-
  output y float64[2]
```

ONNX Runtime puts casts around float16 operators that the CPU has in float32 only: slower, but no failure.

```graph good path=net.onnx versions=onnxruntime==1.20.1
model onnx ir=8 opset=17
graph main
  input x float16[2]
  op Acosh (x) -> (y)
  output y float16[2]
```

References: the tables behind the verdicts are asked of released packages (`deplint targets`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule

from . import at_targets


@rule("DPL553", severity="error", leaves=["M.2.6", "S.2.5", "B.2.4"], see=["https://onnxruntime.ai/docs/reference/compatibility.html"])
def target_lacks_dtype(model: Model, project: Project) -> Iterator[Finding]:
    yield from at_targets(model, project, "dtype")
