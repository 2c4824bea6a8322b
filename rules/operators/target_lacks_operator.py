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

A project that registers operators of its own, or those of a library, has kernels for them.

```graph good path=net.onnx versions=onnxruntime==1.20.1
model onnx ir=8 opset={"": 17, ai.onnx.contrib: 1}
graph main
  input x string[2]
  op ai.onnx.contrib.StringLower (x) -> (y)
  output y string[2]
```

```python + path=run.py
import onnxruntime
from onnxruntime_extensions import get_library_path

options = onnxruntime.SessionOptions()
options.register_custom_ops_library(get_library_path())
```

References: the tables behind the verdicts are asked of released packages (`deplint targets`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, Project, rule

from ..model.tfjs_unknown_name import known
from . import at_targets, mentioned

STANDARD = re.compile(r"ai\.onnx(\.ml|\.preview.*)?$|com\.microsoft(\.nchwc|\.internal.*)?$|com\.ms\.")
REGISTERS = r"(?i)register_?custom_?ops?|onnxruntime[_-]extensions|OrtExtensions|CustomOpDomain|CustomOpBase"
CODE = (".py", ".ipynb", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".cs", ".java", ".kt", ".swift", ".m", ".mm", ".js", ".ts", ".rs")


@rule(
    "DPL551",
    severity="error",
    leaves=["M.2.4", "B.2.4", "S.2.2", "M.4.6"],
    see=["https://onnxruntime.ai/docs/reference/compatibility.html"],
)
def target_lacks_operator(model: Model, project: Project) -> Iterator[Finding]:
    own = _registered(model, project)
    for finding in at_targets(model, project, "operator"):
        if not any(f" {domain}." in finding.message for domain in own) and not _nowhere(model, finding):
            yield finding


def _nowhere(model: Model, finding: Finding) -> bool:
    """Whether no release of TensorFlow.js has it, which DPL530 says already."""
    match = re.match(r"TensorFlow\.js has no (?:layer|operator) (\w+)", finding.message) if model.format.startswith("tfjs-") else None
    return match is not None and not any(match[1] in names for names in known())


def _registered(model: Model, project: Project) -> set[str]:
    """The domains that are neither the standard's nor ONNX Runtime's, where the project registers operators."""
    foreign = {op.domain for _, op in model.ops() if model.format == "onnx" and op.domain and not STANDARD.match(op.domain)}
    return foreign if foreign and mentioned(project, project.root, REGISTERS, *CODE) else set()
