"""A target refuses a model as a whole.

A runtime reads formats up to a version of its own, and a converter starts from some kinds of models only. Name where the models go with
`--target` or in the configuration; `deplint targets` lists what can be named.

```graph bad path=net.onnx targets=onnxruntime-cpu==1.17 line=1
model onnx ir=13 opset=17
graph main
  input x float32[2]
  op Sin (x) -> (y)
  output y float32[2]
```

```graph good path=net.onnx targets=onnxruntime-cpu==1.17
model onnx ir=8 opset=17
graph main
  input x float32[2]
  op Sin (x) -> (y)
  output y float32[2]
```

References: the tables behind the verdicts are asked of released packages (`deplint targets`); `docs/accuracy.md` compares the verdicts
with the real runtimes.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule

from . import at_targets


@rule("DPL550", severity="error", leaves=["S.3.2", "M.4.6", "B.3.2"], see=["https://onnxruntime.ai/docs/reference/compatibility.html"])
def target_refuses_model(model: Model, project: Project) -> Iterator[Finding]:
    yield from at_targets(model, project, "file", named=True)
