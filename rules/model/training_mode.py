"""A model that still trains: dropout that drops, or batch normalization that looks at the batch.

Exporters keep the mode a model was in. A SavedModel of a function called with `training=True`, a Keras model that was
built with `layer(x, training=True)`, a module traced or scripted before `model.eval()`: nothing fails, and the same
input gives another result each time, or one that depends on what else is in its batch. (For `Dropout` and
`BatchNormalization` of ONNX, see DPL429.)

```graph bad path=m/saved_model.pb
model savedmodel
signature serving_default (x=x float32[?,4]) -> (y=drop/Select float32[?,4])
graph main
  input x float32[?,4]
  weight zero float32[]{0.0}
  weight rate float32[]{0.5}
  op Shape drop/Shape (x) -> (drop/Shape int32[2])
  op RandomUniform drop/Random (drop/Shape) -> (drop/Random float32[?,4]) dtype=float32
  op GreaterEqual drop/Keep (drop/Random, rate) -> (drop/Keep bool[?,4])
  op SelectV2 drop/Select (drop/Keep, x, zero) -> (drop/Select)  <-
  output drop/Select
```

```graph bad path=model.json
model tfjs-graph
graph main
  input x float32[?,8,8,4]
  weight a float32[4]
  weight none float32[0]
  op FusedBatchNormV3 bn (x, a, a, none, none) -> (bn) is_training=true epsilon=0.001  <-
  output bn
```

```graph bad path=net.keras
model keras
graph
  input x float32[?,8]
  output drop
layer x InputLayer module=keras.layers {}
layer drop Dropout module=keras.layers {rate: 0.5, call: {training: true}}  <-
```

```graph bad path=net.pt
model torchscript
graph __torch__.Net.forward
  input x
  op aten.linear
  op aten.dropout arguments="torch.relu(x), 0.5, True"  <-
  op aten.batch_norm arguments="x, w, b, m, v, True, 0.10000000000000001, 1.0000000000000001e-05, True"  <-
```

A module that was scripted looks at its own flag.

```graph bad path=net.pt
model torchscript
graph __torch__.Net.forward
  input x
function __torch__.torch.nn.modules.dropout.Dropout.forward
  input x
  op aten.dropout arguments="x, p, training"
layer drop Dropout module=__torch__.torch.nn.modules.dropout {training: true}  <-
```

An exporter that has no dropout writes what it does.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight p float32[]{0.5}
  op RandomUniformLike (x) -> (u)
  op Greater (u, p) -> (keep)
  op Cast (keep) -> (mask) to=float32  <-
  op Mul (x, mask) -> (y)
  output y
```

Sampling is no dropout, and neither is a choice that only training takes.

```graph good path=m/saved_model.pb
model savedmodel
signature serving_default (x=x float32[?,4]) -> (y=z float32[?,4], t=t bool[?,4])
graph main
  input x float32[?,4]
  weight shape int32[2]{1,4}
  op RandomStandardNormal noise (shape) -> (noise float32[1,4]) dtype=float32
  op RandomUniform draw (shape) -> (draw float32[1,4]) dtype=float32
  op AddV2 z (x, noise) -> (z)
  op Less t (draw, x) -> (t)
  op FusedBatchNormV3 bn (x, x, x, x, x) -> (bn) is_training=true
  output z
  output t
```

```graph good path=net.pt
model torchscript
graph __torch__.Net.forward
  input x
  op aten.dropout arguments="x, 0.5, False"
  op aten.dropout arguments="x, 0., True"
  op aten.batch_norm arguments="x, w, b, m, v, False, 0.1, 1e-05, True"
layer drop Dropout module=__torch__.torch.nn.modules.dropout {training: false}
layer fc Linear module=__torch__.torch.nn.modules.linear {training: true}
```

```graph good path=net.keras
model keras
graph
  input x float32[?,8]
  output drop
layer drop Dropout module=keras.layers {rate: 0.5, call: {training: false}}
layer mix MyLayer module=mine {call: {training: true}}
```

References: run with TensorFlow 2.21 and Keras 3.15 (`tests/claims/test_tensorflow_graphs.py`), TensorFlow Lite
(`tests/claims/test_tflite_graphs.py`), PyTorch 2.13 (`tests/claims/test_torchscript_modes.py`,
`tests/claims/test_training_mode.py`) and TensorFlow.js 4.22 (`tests/claims/test_tfjs.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, Place, rule
from deplint.model import Graph, Layer, Op

from . import Scope, numbers

GRAPHS = ("savedmodel", "graphdef", "tfjs-graph", "tflite", "onnx")
NORMALIZATIONS = ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
RANDOM = ("RandomUniform", "RandomUniformLike", "StatelessRandomUniform", "StatelessRandomUniformV2", "RANDOM_UNIFORM")
COMPARED = ("GreaterEqual", "GREATER_EQUAL", "Greater", "GREATER", "GreaterOrEqual")
TAKEN = ("Where", "SelectV2", "Select", "SELECT_V2", "SELECT", "Cast", "CAST")
"""What is done with the comparison: values are chosen by it, or it becomes ones and zeros to multiply with."""

PASSING = ("Identity", "Add", "AddV2", "Mul", "Sub", "ADD", "MUL", "SUB")
"""What a draw may go through before it is compared: another range."""

SWITCHES = {"Switch"}
CONDITIONAL = {"If", "StatelessIf", "Case", "StatelessCase", "IF"}
"""Operators with which a graph may do one thing in training and another in use: in itself, and in other graphs."""

DROPOUTS = {
    *("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout", "GaussianDropout", "GaussianNoise"),
    *("Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"),
}
BATCHES = {"BatchNormalization", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm"}
WITHIN = ("keras.layers", "keras.src.layers", "tensorflow.keras.layers", "tf_keras.layers", "keras.engine", "")
"""Where layers of those names are Keras's own."""

DROPPING = ("dropout", "dropout_", "feature_dropout", "feature_dropout_", "alpha_dropout", "feature_alpha_dropout")
CALLED = re.compile(r".*, (?P<rate>[\d.]+(?:e-?\d+)?), True", re.ASCII | re.DOTALL)
"""The arguments of dropout in training: a tensor, the rate, and whether it trains."""

BATCH_NORM = re.compile(r".*, True, [\d.e-]+, [\d.e-]+, (?:True|False)", re.ASCII | re.DOTALL)
"""Those of batch_norm: tensors, whether it trains, the momentum, epsilon, and whether cuDNN may be used."""

DROPPED = "dropout is in training mode: each run throws other values away"
NORMALIZED = "batch normalization is in training mode: results depend on the batch, not on what was learned"
HELP = "export the model in inference mode (training=False, model.eval())"


@rule(
    "DPL490",
    severity="error",
    leaves=["S.2.1", "M.2.1", "B.2.3"],
    see=["https://keras.io/getting_started/faq/#whats-the-difference-between-the-training-argument-in-call-and-the-trainable-attribute"],
)
def training_mode(model: Model) -> Iterator[Finding]:
    if model.format in GRAPHS:
        kinds = {op.type for _, op in model.ops()}
        for graph, op in () if kinds & SWITCHES else model.used():
            wrong = _wrong(graph, op) if graph is model.graph or not kinds & CONDITIONAL else ""
            if wrong:
                yield Finding(model.at(graph, op), wrong, help=HELP)
    elif model.format == "torchscript":
        yield from _script(model)
    for layer in model.layers if model.format in ("keras", "keras-h5", "tfjs-layers") else ():
        call = layer.config.get("call")
        if isinstance(call, dict) and call.get("training") is True and layer.module in WITHIN:
            wrong = DROPPED if layer.class_name in DROPOUTS else NORMALIZED if layer.class_name in BATCHES else ""
            if wrong:
                yield Finding(_at(model, layer), f"{wrong} (it was called with training=True)", help=HELP)


def _wrong(graph: Graph, op: Op) -> str:
    if op.type in NORMALIZATIONS and op.attributes.get("is_training", True) is True:
        return NORMALIZED
    if op.type in TAKEN and op.inputs:
        compared = graph.producers.get(op.inputs[0])
        if compared is not None and compared.type in COMPARED and len(compared.inputs) > 1:
            drawn, rate = compared.inputs[:2]
            if _random(graph, drawn) and any(number > 0 for number in numbers(Scope(graph).constant(rate))):
                return DROPPED
    if op.type == "AssignVariableOp" and len(op.inputs) > 1 and _of_batch(graph, op.inputs[1]):
        return "a moving average is updated with each batch: normalization is in training mode"
    return ""


def _random(graph: Graph, name: str, steps: int = 4) -> bool:
    op = graph.producers.get(name)
    if op is None or not steps:
        return False
    return op.type in RANDOM or (op.type in PASSING and any(_random(graph, inner, steps - 1) for inner in op.inputs))


def _of_batch(graph: Graph, name: str, steps: int = 6) -> bool:
    """The value is worked out of a mean over the batch (axis 0) of more than one axis or an unknown size."""
    op = graph.producers.get(name)
    if op is None or not steps:
        return False
    if op.type == "Mean" and len(op.inputs) > 1:
        return 0 in numbers(graph.tensor(op.inputs[1]))
    return op.type in ("Add", "AddV2", "Mul", "Sub", "Squeeze", "Identity", "Cast") and any(
        _of_batch(graph, inner, steps - 1) for inner in op.inputs
    )


def _script(model: Model) -> Iterator[Finding]:
    """What was traced holds the mode in its calls; what was scripted asks the module's flag, which is read where the code names it."""
    asked = False
    for graph, op in model.ops():
        arguments = str(op.attributes.get("arguments", ""))
        asked = asked or (op.domain == "aten" and op.type in (*DROPPING, "batch_norm") and "training" in arguments)
        if op.domain == "aten" and op.type in DROPPING:
            call = CALLED.fullmatch(arguments)
            if call and float(call["rate"]) > 0:
                yield Finding(model.at(graph, op), DROPPED, help=HELP)
        elif op.domain == "aten" and op.type == "batch_norm" and BATCH_NORM.fullmatch(arguments):
            yield Finding(model.at(graph, op), NORMALIZED, help=HELP)
    for layer in model.layers if asked else ():
        own = layer.module.startswith("__torch__.torch.nn.modules.")
        if own and layer.config.get("training") is True and layer.class_name in DROPOUTS | BATCHES:
            yield Finding(_at(model, layer), DROPPED if layer.class_name in DROPOUTS else NORMALIZED, help=HELP)


def _at(model: Model, layer: Layer) -> Place:
    return Place(model.path, where=f'layer "{layer.name}"')
