"""An ONNX operator that does not exist in the operator set the model names.

Each model names the version of the operator set it is written in. An operator that came later, was removed, or never
was part of it makes ONNX Runtime refuse the model: ``No Op registered for Gelu with domain_version of 17``, ``Op
registered for Upsample is deprecated in domain_version of 10``. Setting the opset number by hand, instead of
converting the model, is the usual way to get there.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op Gelu (x) -> (y)  <-
  output y float32[1,4]
```

What was removed is gone.

```graph bad path=net.onnx
model onnx ir=8 opset=11
graph main
  input x float32[1,1,4,4]
  weight s float32[4]{1.0,1.0,2.0,2.0}
  op Upsample (x, s) -> (y) mode=nearest  <-
  output y
```

An operator of another domain may be anything, and one that the model defines is what it says.

```graph good path=net.onnx
model onnx ir=8 opset={"": 17, local: 1, com.acme: 1}
graph main
  input x float32[1,4]
  op local.Gelu (x) -> (a)
  op com.acme.Gelu (a) -> (b)
  op LayerNormalization (b, b) -> (c)
  op SimplifiedLayerNormalization (c, c) -> (y)
  output y float32[1,4]
function local.Gelu
  input x
  op Erf (x) -> (y)
  output y
```

So may be one of an opset that nobody has asked yet.

```graph good path=net.onnx
model onnx ir=20 opset=99
graph main
  input x float32[1,4]
  op Gelu2 (x) -> (y)
  output y float32[1,4]
```

References: every operator of every version was asked of onnxruntime 1.32 (`tools/onnx_operators.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.formats.onnx_schemas import covered, is_function, schemas
from deplint.model import Op

from . import scopes

PLUGINS = ("trt", "plugin")
"""What names of TensorRT's plugins hold: they are written into the standard domain and never meant for ONNX Runtime."""


@rule(
    "DPL423",
    severity="error",
    leaves=["S.4.2", "S.3.2", "B.3.2"],
    see=["https://onnx.ai/onnx/operators/", "https://github.com/onnx/onnx/blob/main/docs/Versioning.md"],
)
def onnx_unknown_operator(model: Model) -> Iterator[Finding]:
    if model.format != "onnx":
        return
    for scope in scopes(model):
        for op in scope.graph.ops:
            version = covered(model, op.domain)
            wrong = _wrong(op, version) if version and not is_function(model, op) else ""
            if wrong:
                yield Finding(
                    model.at(scope.graph, op),
                    f"{op.type} {wrong}, and the model names {op.domain or 'opset'} {version}: ONNX Runtime refuses it",
                    help="convert the model with onnx.version_converter, or export it with another opset_version",
                )


def _wrong(op: Op, version: int) -> str:
    known = schemas().get((op.domain, op.type))
    if known is None:
        return "" if any(word in op.type.lower() for word in PLUGINS) else "is in no version of the operator set"
    past = [s for s in known if s.since <= version]
    if not past:
        return f"came with version {known[0].since} of the operator set"
    return f"was removed in version {past[-1].since} of the operator set" if past[-1].deprecated else ""
