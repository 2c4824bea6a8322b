"""Names given to a graph model that it does not have.

`execute` takes an object whose keys are inputs, and the names of outputs; both are those of the model's signature or of its nodes:
``The dict provided in model.execute(dict) has keys: [image] that are not part of graph``, ``The output 'softmax' is not found in the
graph``.

```js bad path=src/flowers.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/flowers/model.json');

export const scores = (image) => model.execute({ Placeholder: image }, 'Softmax'); // <- <-
```

```graph + path=public/models/flowers/model.json
model tfjs-graph
signature default (image=x float32[?,4]) -> (scores=y float32[?,3])
graph main
  op Placeholder x () -> (x)
  op Softmax y (x) -> (y)
```

```js good path=src/flowers.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/flowers/model.json');

export function scores(image, name) {
  model.execute({ [name]: image }, outputs);
  model.execute({ ...given, other: image });
  model.predict({ image });
  model.execute({ 'x:0': image }, ['y', 'y:0']);
  return model.execute({ image }, 'scores');
}
```

```graph + path=public/models/flowers/model.json
model tfjs-graph
signature default (image=x float32[?,4]) -> (scores=y float32[?,3])
graph main
  op Placeholder x () -> (x)
  op Softmax y (x) -> (y)
```

References: tfjs-converter 4.22, `executor/graph_executor.ts`, `checkInputs` and `checkOutputs`; run with TensorFlow.js 4.22.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.web import runs
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Node, Object
from deplint.model import Model


@rule("DPL818", severity="error", leaves=["B.2.4", "B.6.3"], see=["https://stackoverflow.com/questions/55020267"])
def graph_model_names(file: SourceFile, project: Project) -> Iterator[Finding]:
    for call, model in runs(file, project):
        if model.format != "tfjs-graph" or not model.graph.ops:
            continue
        known, given = _known(model), call.argument(None, 0)
        if isinstance(given, Object) and given.exact:
            for key, _ in given.entries:
                if key.partition(":")[0] not in known:
                    names = ", ".join(_names(model, "inputs"))
                    yield Finding(given, f"{key!r} is not an input of {model.path}", help=f"its inputs are {names}")
        for node, name in _outputs(call.argument(None, 1)) if call.method.startswith("execute") else ():
            if name.partition(":")[0] not in known:
                names = ", ".join(_names(model, "outputs"))
                yield Finding(node, f"{name!r} is not an output of {model.path}", help=f"its outputs are {names}")


def _known(model: Model) -> set[str]:
    found = {op.name for op in model.graph.ops} | set(model.graph.tensors)
    for signature in model.signatures.values():
        found |= {*signature.inputs, *signature.outputs}
    return {name.partition(":")[0] for name in found} | found


def _names(model: Model, side: str) -> list[str]:
    for signature in model.signatures.values():
        return list(getattr(signature, side))
    return list(getattr(model.graph, side))


def _outputs(node: Node | None) -> Iterator[tuple[Node, str]]:
    if isinstance(node, Array):
        for child in node.children:
            yield from _outputs(child)
    elif node is not None and isinstance(node.value, str):
        yield node, node.value
