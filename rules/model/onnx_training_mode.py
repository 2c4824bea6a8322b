"""An ONNX model that still trains: dropout or batch normalization in training mode.

`torch.onnx.export(training=TrainingMode.TRAINING)`, a Keras model converted with the learning phase set, or an old
exporter leave the operators in the mode they train in. Nothing fails. `BatchNormalization` normalizes with the mean
and variance of whatever batch comes, or, without the outputs that go with it, does not load at all: ``This number of
op outputs should be 3 when Training_mode = True``. `Dropout` throws away values at random at each run; ONNX Runtime's
optimizer takes it out of the middle of a graph, so that results change with the level of optimization. Losses and
optimizers have no place in a deployed model either.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight s float32[4]
  weight ratio float32[]{0.5}
  weight train bool[]{1}
  op Dropout (x, ratio, train) -> (d)  <-
  op BatchNormalization (d, s, s, s, s) -> (y, m, v) training_mode=1  <-
  output y float32[1,4]
```

Before opset 14, more than one output means training.

```graph bad path=net.onnx
model onnx ir=6 opset=9
graph main
  input x float32[1,4]
  weight s float32[4]
  op BatchNormalization (x, s, s, s, s) -> (y, m, v, a, b)  <-
  output y float32[1,4]
```

And before opset 7, `is_test` says so.

```graph bad path=net.onnx
model onnx ir=3 opset=6
graph main
  input x float32[1,4]
  op Dropout (x) -> (h) ratio=0.5 is_test=0  <-
  op Dropout (h) -> (y) ratio=0.5 is_test=1
  output y float32[1,4]
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  input mode bool[]
  weight s float32[4]
  weight ratio float32[]{0.5}
  weight none float32[]{0.0}
  weight train bool[]{1}
  weight eval bool[]{0}
  op Dropout (x, ratio, eval) -> (a)
  op Dropout (a, none, train) -> (b)
  op Dropout (b, ratio, mode) -> (c)
  op Dropout (c) -> (d)
  op BatchNormalization (d, s, s, s, s) -> (y)
  output y float32[1,4]
```

References: run with onnxruntime 1.32 (`tests/test_seeded_models.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule
from deplint.formats.onnx_schemas import covered
from deplint.model import Op

from . import Scope, given, numbers, scopes

TRAINING_DOMAINS = ("ai.onnx.training", "ai.onnx.preview.training")
LOSSES = ("SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss")
HELP = "put the model in evaluation mode before exporting it (model.eval(), training=TrainingMode.EVAL)"


@rule(
    "DPL429",
    severity="error",
    leaves=["S.2.1", "M.2.3", "B.2.3"],
    see=["https://onnx.ai/onnx/operators/onnx__Dropout.html", "https://onnx.ai/onnx/operators/onnx__BatchNormalization.html"],
)
def onnx_training_mode(model: Model) -> Iterator[Finding]:
    if model.format != "onnx":
        return
    version = covered(model, "")
    for scope in (*scopes(model), *map(Scope, model.functions.values())):
        for op in scope.graph.ops:
            wrong = _wrong(scope, op, version)
            if wrong:
                yield Finding(model.at(scope.graph, op), wrong, help=HELP)


def _wrong(scope: Scope, op: Op, version: int) -> str:
    if op.domain in TRAINING_DOMAINS or (not op.domain and op.type in LOSSES):
        return f"{op.type} belongs to training, not to a deployed model"
    if op.domain:
        return ""
    if op.type == "Dropout" and version >= 12 and any(numbers(scope.constant(given(op, 2)))):
        ratio = numbers(scope.constant(given(op, 1))) if given(op, 1) else (0.5,)
        return "Dropout is in training mode: where an optimizer does not remove it, each run gives other results" if any(ratio) else ""
    if op.type in ("Dropout", "BatchNormalization") and 0 < version < 7 and op.attributes.get("is_test") == 0:
        return f"{op.type} is in training mode (is_test=0)"
    if op.type == "BatchNormalization" and (op.attributes.get("training_mode") or (7 <= version < 14 and len(op.outputs) > 1)):
        return "BatchNormalization is in training mode: results depend on the batch, not on what was learned"
    return ""
