"""A TensorFlow.js model loaded with the function for the other kind of models.

Keras models converted layer by layer are loaded with `tf.loadLayersModel`, graphs (SavedModels, TensorFlow Hub) with
`tf.loadGraphModel`. Both are called `model.json`. The wrong function says ``layer: Improper config format`` or
``Cannot read properties of undefined (reading 'producer')``.

```js bad path=src/pose.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadLayersModel('/models/pose/model.json'); // <-
```

```graph + path=public/models/pose/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Identity (image) -> (out)
  output out
```

```js fixed path=src/pose.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/pose/model.json');
```

One may be tried after the other.

```js good path=src/load.js
import * as tf from '@tensorflow/tfjs';

export async function load() {
  try {
    return await tf.loadLayersModel('/models/pose/model.json');
  } catch {
    return tf.loadGraphModel('/models/pose/model.json');
  }
}
```

```graph + path=public/models/pose/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Identity (image) -> (out)
  output out
```

Models that are elsewhere are not known.

```js good path=src/pose.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/pose/model.json');
const other = await tf.loadLayersModel('https://example.org/models/pose/model.json');
const mine = await tf.loadLayersModel(location.hash);
```

```graph + path=public/models/pose/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Identity (image) -> (out)
  output out
```

References: checked with TensorFlow.js 4.22; https://stackoverflow.com/questions/57021397
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.web import TFJS_LOADERS, handler, renamed, served_model
from deplint.code.source import SourceFile

LOADS = {"loadLayersModel": "tfjs-layers", "loadGraphModel": "tfjs-graph"}
KINDS = {"tfjs-layers": "a layers model", "tfjs-graph": "a graph model"}


@rule(
    "DPL804",
    severity="error",
    leaves=["B.4.2"],
    see=["https://stackoverflow.com/questions/57021397", "https://www.tensorflow.org/js/guide/conversion"],
)
def layers_vs_graph_loader(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web:
        return
    for call in file.calls(TFJS_LOADERS):
        function = call.name.rpartition(".")[2]
        model = served_model(project, call.argument(None, 0))
        if model is not None and model.format in KINDS and model.format != LOADS[function] and not handler(call):
            other = next(name for name, kind in LOADS.items() if kind == model.format)
            yield Finding(
                call,
                f"{model.path} is {KINDS[model.format]}, {function} reads {KINDS[LOADS[function]]}",
                fix=renamed(call, function, other),
                help=f"load it with tf.{other}",
            )
