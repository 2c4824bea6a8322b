"""A model that is trained and was never compiled.

`fit` and `evaluate` need a loss and an optimizer: ``The model needs to be compiled before being used.`` A model that is loaded is not
compiled, unless it was saved with its optimizer (`includeOptimizer`).

```js bad path=src/retrain.js
import * as tf from '@tensorflow/tfjs';

export async function retrain(xs, ys) {
  const model = await tf.loadLayersModel('indexeddb://prices');
  await model.fit(xs, ys, { epochs: 10 }); // <-
}
```

```js bad path=src/train.js
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential();
model.add(tf.layers.dense({ inputShape: [2], units: 1 }));
export const train = (xs, ys) => model.fit(xs, ys); // <-
```

```js good path=src/retrain.js
import * as tf from '@tensorflow/tfjs';
import { prepared } from './models';

export async function retrain(xs, ys) {
  const model = await tf.loadLayersModel('indexeddb://prices');
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  await model.fit(xs, ys, { epochs: 10 });
  await (await prepared()).fit(xs, ys);
}
```

Saved with the optimizer:

```js good path=src/retrain.js
import * as tf from '@tensorflow/tfjs';

export async function retrain(xs, ys) {
  const model = await tf.loadLayersModel('indexeddb://prices');
  await model.fit(xs, ys, { epochs: 10 });
  await model.save('indexeddb://prices', { includeOptimizer: true });
}
```

Compiled in another module of the package:

```js good path=src/train.js
import * as tf from '@tensorflow/tfjs';
import { prepare } from './prepare';

const model = tf.sequential();
model.add(tf.layers.dense({ inputShape: [2], units: 1 }));
prepare(model);
export const train = (xs, ys) => model.fit(xs, ys);
```

```js + path=src/prepare.js
export const prepare = (model) => model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
```

References: `fit`, `fitDataset` and `evaluate` were called on models without `compile` in TensorFlow.js 4.22; `loadLayersModelFromIOHandler`
compiles where the artifacts hold a `trainingConfig` (tfjs-layers/src/models.ts).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import source, within
from deplint.apps.site import code_of
from deplint.apps.web import loaded_from, served
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call

TRAINS = frozenset({"fit", "fitDataset", "evaluate", "evaluateDataset"})
_COMPILES = r"\.\s*compile\s*\(|includeOptimizer|trainingConfig|training_config"


@rule("DPL342", severity="error", leaves=["B.4.2"], see=["https://js.tensorflow.org/api/4.22.0/#tf.LayersModel.compile"])
def model_not_compiled(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\b(?:fit|evaluate)(?:Dataset)?\s*\(") or not file.mentions(r"@tensorflow/tfjs|\btf\b"):
        return
    reported: set[Call] = set()
    with within(project):
        for call in file.calls(f"**.{{{','.join(sorted(TRAINS))}}}"):
            made = source(call.receiver)
            if made is None or made in reported or not made.name.startswith("@tensorflow/tfjs"):
                continue
            if made.method not in ("sequential", "model", "loadLayersModel") or _compiled(made, file, project):
                continue
            reported.add(made)
            loaded = made.method == "loadLayersModel"
            yield Finding(
                call,
                f"{call.method}() of a model that is not compiled: it throws",
                help=("a loaded model is not compiled: " if loaded else "") + "call model.compile({optimizer, loss}) before",
            )


def _compiled(made: Call, file: SourceFile, project: Project) -> bool:
    """Whether anything may compile the model."""
    if any(use.method in ("compile", "loadTrainingConfig") for use in made.uses):
        return True
    if made.method == "loadLayersModel":
        place = loaded_from(made)
        stored = served(project, place)
        if stored is not None and "trainingConfig" in stored.text:
            return True
    if made.file is file and not made.escapes and not file.mentions("includeOptimizer"):
        return False
    return any(other.mentions(_COMPILES) for other in code_of(project, file))
