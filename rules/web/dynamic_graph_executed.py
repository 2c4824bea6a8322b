"""A graph with control flow or sizes known only when it runs, asked with `predict` or `execute`.

Loops, conditions, hash tables, `Where` and non-max suppression run asynchronously: ``This execution contains the node 'while', which has
the dynamic op 'While'. Please use model.executeAsync() instead.``

```js bad path=src/detect.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/detect/model.json');

export function detect(image) {
  return model.predict(image.expandDims(0)); // <-
}
```

```graph + path=public/models/detect/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op NonMaxSuppressionV5 boxes (image) -> (boxes)
  output boxes
```

```js good path=src/detect.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/detect/model.json');

export async function detect(image) {
  const features = model.execute(image, ['features']);
  return model.executeAsync(image.expandDims(0));
}
```

```graph + path=public/models/detect/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Relu features (image) -> (features)
  op NonMaxSuppressionV5 boxes (features) -> (boxes)
  output boxes
```

An operator that no output needs does not count.

```js good path=src/detect.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/detect/model.json');
export const detect = (image) => model.predict(image);
```

```graph + path=public/models/detect/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Where which (image) -> (which)
  op Relu features (image) -> (features)
  output features
```

References: tfjs-converter 4.22, `executor/model_analysis.ts`; run with TensorFlow.js 4.22.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.web import renamed, runs
from deplint.code.source import SourceFile

DYNAMIC = frozenset(
    {"Switch", "Merge", "Enter", "Exit", "NextIteration", "StatelessIf", "StatelessWhile", "While", "NonMaxSuppressionV2",
     "NonMaxSuppressionV3", "NonMaxSuppressionV5", "Where", "HashTable", "HashTableV2", "LookupTableFind", "LookupTableFindV2",
     "LookupTableSize", "LookupTableSizeV2"}
)  # fmt: skip
"""Operators that are not executed synchronously."""


@rule(
    "DPL817",
    severity="error",
    leaves=["B.4.2"],
    see=["https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-converter/src/executor/model_analysis.ts"],
)
def dynamic_graph_executed(file: SourceFile, project: Project) -> Iterator[Finding]:
    for call, model in runs(file, project):
        if (
            call.method not in ("predict", "execute")
            or model.format != "tfjs-graph"
            or (call.method == "execute" and len(call.arguments) > 1)
        ):
            continue
        found = next((op for op in model.graph.ops if op.type in DYNAMIC and op.index in model.needed), None)
        if found is not None:
            yield Finding(
                call,
                f"{model.path} has {found.type} ({found.name}), which is not executed synchronously: {call.method} stops there",
                fix=renamed(call, call.method, "executeAsync") if call.awaited else None,
                help="await model.executeAsync(...)",
            )
