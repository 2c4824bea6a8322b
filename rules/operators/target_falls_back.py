"""A target runs an operator somewhere else than on the device it is for.

A runtime with several backends hands what a backend lacks to the CPU: the model works, with copies to and fro, and is slower than the
device promises. An operator or two at the ends of a model hardly matter; one in the middle of every block does.

```graph bad path=net.onnx targets=onnxruntime-mobile-nnapi==1.20
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op Sin (x) -> (y)
  op Erf (y) -> (z)  <-
  output z float32[1,4]
```

```graph good path=net.onnx targets=onnxruntime-mobile-nnapi==1.20
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op Sin (x) -> (y)
  op Relu (y) -> (z)
  output z float32[1,4]
```

The condition may be about more than the operator's name.

```graph bad path=net.onnx targets=onnxruntime-web-webgpu==1.20
model onnx ir=8 opset=17
graph main
  input x float32[1,1,8,8,8]
  weight w float32[1,1,3,3,3]
  op Conv (x, w) -> (y)  <-
  output y float32[1,1,6,6,6]
```

References: the pages that onnxruntime and onnxruntime-web ship about their providers, and the kernels that onnxruntime-gpu registers
(`deplint targets`); that the CPU takes over is at https://onnxruntime.ai/docs/execution-providers/.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.targets.verdict import Verdict

from . import at_targets


@rule("DPL555", severity="warning", leaves=["M.2.4", "B.2.4"], see=["https://onnxruntime.ai/docs/execution-providers/"])
def target_falls_back(model: Model, project: Project) -> Iterator[Finding]:
    yield from at_targets(model, project, "fallback", at_worst=Verdict.degraded, words="runs slower")
