"""Targets of another shape than what the model gives.

`fit` and `evaluate` hold the targets against the model's output: ``Error when checking target: expected dense_Dense2 to have shape
[null,3] but got array with shape [100,1]``. Class numbers are for `sparseCategoricalCrossentropy`, the other losses take one value for each
output; a dense layer behind a convolution keeps height and width until something flattens them.

```js bad path=src/iris.js
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential();
model.add(tf.layers.dense({ inputShape: [4], units: 10, activation: 'relu' }));
model.add(tf.layers.dense({ units: 3, activation: 'softmax' }));
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });

export const train = (rows) => model.fit(tf.tensor2d(rows), tf.tensor1d([0, 1, 2])); // <-
```

```js bad path=src/digits.js
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential({
  layers: [
    tf.layers.conv2d({ inputShape: [28, 28, 1], kernelSize: 3, filters: 16 }),
    tf.layers.dense({ units: 10, activation: 'softmax' }),
  ],
});
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });

export async function train(images, labels) {
  const xs = tf.tensor4d(images, [labels.length, 28, 28, 1]);
  const ys = tf.oneHot(tf.tensor1d(labels, 'int32'), 10);
  await model.fit(xs, ys, { epochs: 5 }); // <-
}
```

```js good path=src/iris.js
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential();
model.add(tf.layers.dense({ inputShape: [4], units: 10 }));
model.add(tf.layers.dense({ units: 3, activation: 'softmax' }));
model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
const one = tf.sequential();
one.add(tf.layers.dense({ inputShape: [4], units: 1 }));
one.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
const open = tf.sequential();
open.add(tf.layers.dense({ inputShape: [4], units: 3 }));
const steps = tf.sequential();
steps.add(tf.layers.lstm({ inputShape: [5, 2], units: 8 }));
steps.add(tf.layers.dense({ units: 2 }));
steps.compile({ optimizer: 'adam', loss: 'meanSquaredError' });

export async function train(xs, rows, flags, deep) {
  await model.fit(xs, tf.tensor1d([0, 1, 2]));
  await model.fit(xs, tf.tensor2d([[0], [1], [2]]));
  await one.fit(xs, tf.tensor1d([1, 2, 3]));
  await one.fit(xs, tf.tensor2d(rows, [3, 1]));
  await open.fit(xs, tf.tensor1d([0, 1, 2]));
  if (deep) open.add(tf.layers.flatten());
  await steps.fit(xs, tf.tensor2d(rows, [3, 2]));
  await steps.fit(xs, tf.tensor(rows));
}
```

References: models of one to three layers were given targets of many shapes in TensorFlow.js 4.22;
https://stackoverflow.com/questions/50513223
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import source, value, within
from deplint.apps.layers import outputs
from deplint.apps.tensors import Dims, entries, shape, written
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call

SPARSE = "sparseCategoricalCrossentropy"


@rule(
    "DPL341",
    severity="error",
    leaves=["B.6.3", "B.6.4"],
    see=["https://stackoverflow.com/questions/50513223", "https://js.tensorflow.org/api/4.22.0/#tf.LayersModel.fit"],
)
def targets_do_not_fit_model(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\bfit\s*\(|\bevaluate\s*\(|\btrainOnBatch\s*\("):
        return
    with within(project):
        for call in file.calls("**.{fit,evaluate,trainOnBatch}"):
            targets, made = call.argument(None, 1), source(call.receiver)
            if targets is None or made is None or not made.name.startswith("@tensorflow/tfjs") or made.method != "sequential":
                continue
            wanted, given = outputs(made), shape(targets)
            if wanted is None or given is None or not given:
                continue
            column = given if len(given) > 1 else (*given, 1)
            losses = _losses(made)
            fits = [(*wanted[:-1], 1) if loss == SPARSE else wanted for loss in losses or ("", SPARSE)]
            if not any(_fits(column, each) for each in fits):
                sparse = column[-1] == 1 and wanted[-1] not in (1, None)
                yield Finding(
                    call,
                    f"the targets are {written(given)}, the model gives {written(fits[0])}",
                    help="make the class numbers rows with tf.oneHot, or use the loss sparseCategoricalCrossentropy"
                    if sparse and len(column) == len(wanted)
                    else "flatten before the last layer, or make the targets of the shape of what the model gives",
                )


def _losses(model: Call) -> list[object]:
    """The losses that a model is compiled with, as far as they are written out; nothing where one is not known."""
    found: list[object] = []
    for use in model.uses:
        if use.method == "compile":
            options = entries(use.argument(None, 0))
            loss = value(options["loss"]) if options and "loss" in options else None
            if not isinstance(loss, str):
                return []
            found.append(loss)
    return found


def _fits(given: Dims, wanted: Dims) -> bool:
    assert given is not None and wanted is not None
    return len(given) == len(wanted) and all(a == b or None in (a, b) for a, b in zip(given[1:], wanted[1:], strict=True))
