"""A TensorFlow.js model with a layer or an operator that TensorFlow.js does not have.

A layers model is built again from the names of its layers, and fails where one is unknown: ``Unknown layer: Lambda.
This may be due to one of the following reasons``. A graph model fails when it gets to the operator: ``Unknown op
'MatrixInverse'. File an issue``; the converter refuses those unless it is told to skip the check. A page may bring its
own (`tf.serialization.registerClass`, `tf.registerOp`): with code of the project that does, nothing is reported.

```graph bad path=public/model.json
model tfjs-graph
graph main
  input x float32[?,4,4]
  op MatrixInverse inverse (x) -> (y)  <-
  output y
```

Or a layer.

```json bad path=public/model.json line=1
{"format": "layers-model", "generatedBy": "keras v2.15.0", "convertedBy": "TensorFlow.js Converter v4.22.0",
 "modelTopology": {"keras_version": "2.15.0", "backend": "tensorflow", "model_config": {"class_name": "Sequential", "config": {"name": "m",
  "layers": [{"class_name": "InputLayer", "config": {"batch_input_shape": [null, 4], "dtype": "float32", "name": "x"}},
             {"class_name": "GroupNormalization", "config": {"name": "n"}}]}}}, "weightsManifest": []}
```

```graph good path=public/model.json
model tfjs-graph
graph main
  input x float32[?,4]
  weight w float32[4,4]
  op _FusedMatMul m (x, w) -> (m)
  op StatelessIf choose (m, m) -> (y) then_branch=f else_branch=f
  output y
function f
  input a
  op Relu r (a) -> (r)
  output r
```

With an operator of the page's own.

```graph good path=public/model.json
model tfjs-graph
graph main
  input x float32[?,4,4]
  op MatrixInverse inverse (x) -> (y)
  output y
```

```js + path=src/ops.js
import * as tf from '@tensorflow/tfjs';
tf.registerOp('MatrixInverse', (node) => invert(node.inputs[0]));
```

References: the names are those of @tensorflow/tfjs 4.22, the last release; run in Node (`tests/claims/test_tfjs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from deplint import Finding, Model, Place, Project, rule
from deplint.data import load
from deplint.targets.table import rows
from deplint.targets.tfjs import PLUGIN

MARKS = ("registerOp", "registerClass")
"""What code says that brings its own."""

CODE = (".js", ".ts", ".jsx", ".tsx", ".mjs", ".cjs", ".html", ".vue", ".svelte")


@lru_cache(maxsize=1)
def known() -> tuple[frozenset[str], frozenset[str]]:
    """The layers and the operators that the newest release of TensorFlow.js has (`tools.support.tfjs_layers`, `tfjs_backends`)."""
    layers, operators = (rows(table, load(f"support/{table}")["meta"]["releases"][-1]) for table in ("tfjs-layers", "tfjs-cpu"))
    return frozenset(name for domain, name in layers if not domain), frozenset(name for _, name in operators)


@rule("DPL530", severity="error", leaves=["B.2.5"], see=["https://stackoverflow.com/questions/50878885"])
def tfjs_unknown_name(model: Model, project: Project) -> Iterator[Finding]:
    if model.format not in ("tfjs-layers", "tfjs-graph"):
        return
    layers, operators = known()
    found: dict[str, tuple[Place, str]] = {}
    if model.format == "tfjs-layers":
        for layer in model.layers:
            if layer.class_name.rpartition(">")[2] not in layers:
                found.setdefault(layer.class_name, (Place(model.path, where=f'layer "{layer.name}"'), "layer"))
    else:
        for graph, op in model.used():
            if op.type not in operators and op.type not in ("NoOp", "Identity") and not op.type.startswith(PLUGIN):
                found.setdefault(op.type, (model.at(graph, op), "operator"))
    if found and not _brought(project):
        for name, (place, kind) in found.items():
            yield Finding(
                place,
                f"TensorFlow.js has no {kind} {name}: the model {'cannot be loaded' if kind == 'layer' else 'fails when it is run'}",
                help="express it with others before converting, or serve the model with ONNX Runtime Web or LiteRT.js",
            )


def _brought(project: Project) -> bool:
    return any(mark in file.text for file in project.files if file.path.suffix in CODE for mark in MARKS)
