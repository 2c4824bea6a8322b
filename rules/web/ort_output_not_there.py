"""An output that the ONNX model does not have.

What `run` resolves to is an object with the model's outputs by name. Another name, or a number, is undefined: ``Cannot
read properties of undefined (reading 'data')``. Asking for it by name throws: ``'fetches' contains invalid output name``.

```js bad path=src/scores.js
import * as ort from 'onnxruntime-web';

const session = await ort.InferenceSession.create('/models/scores.onnx');

export async function scores(tensor) {
  const results = await session.run({ image: tensor });
  const { logits } = await session.run({ image: tensor }); // <-
  await session.run({ image: tensor }, ['probabilities']); // <-
  return [results.output.data, results[0].data, logits.data]; // <- <-
}
```

```graph + path=public/models/scores.onnx
model onnx ir=8 opset=17
graph main
  input image float32[1,3]
  op Identity (image) -> (scores)
  output scores float32[1,3]
```

```js good path=src/scores.js
import * as ort from 'onnxruntime-web';

const session = await ort.InferenceSession.create('/models/scores.onnx');

export async function scores(tensor, name) {
  const results = await session.run({ image: tensor });
  const { scores } = await session.run({ image: tensor }, ['scores']);
  const other = await load(name).run({ image: tensor });
  return [results.scores.data, results[session.outputNames[0]].data, scores.data, other.logits, results[name]];
}
```

```graph + path=public/models/scores.onnx
model onnx ir=8 opset=17
graph main
  input image float32[1,3]
  op Identity (image) -> (scores)
  output scores float32[1,3]
```

References: checked with onnxruntime-node 1.20 and onnxruntime-web 1.27.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import source
from deplint.apps.web import runs
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Array, Call, Declare, Index, Node, Pattern
from deplint.model import Model

OBJECT = frozenset({"hasOwnProperty", "toString", "then", "catch", "finally"})


@rule("DPL844", severity="error", leaves=["B.6.3"], see=["https://onnxruntime.ai/docs/api/js/interfaces/InferenceSession.html#run"])
def ort_output_not_there(file: SourceFile, project: Project) -> Iterator[Finding]:
    models = {call: model for call, model in runs(file, project) if model.format == "onnx"}
    if not models:
        return
    for call, ran in models.items():
        wanted = call.argument(None, 1)
        if isinstance(wanted, Array):
            for child in wanted.children:
                if isinstance(child.value, str) and child.value not in ran.graph.outputs:
                    yield _finding(call, child.value, ran)
    for member in file.attributes("**"):
        model = _model(member.object, models)
        if model is not None and member.attribute not in OBJECT and member.attribute not in model.graph.outputs:
            yield _finding(member, member.attribute, model)
    for node in file.meaning.nodes:
        if isinstance(node, Index) and len(node.children) == 2 and type(node.children[1].value) is int:
            model = _model(node.children[0], models)
            if model is not None and str(node.children[1].value) not in model.graph.outputs:
                yield _finding(node, str(node.children[1].value), model)
        elif isinstance(node, Declare) and isinstance(node.target, Pattern) and node.initial is not None:
            model = _model(node.initial, models)
            for _, path in node.target.bindings if model is not None else ():
                if model is not None and path and str(path[0]) not in model.graph.outputs:
                    yield _finding(node.initial, str(path[0]), model)


def _model(node: Node, models: dict[Call, Model]) -> Model | None:
    """The model whose results an expression holds."""
    made = source(node)
    return models.get(made) if made is not None else None


def _finding(at: Node, name: str, model: Model) -> Finding:
    outputs = ", ".join(model.graph.outputs)
    return Finding(at, f"{name!r} is not an output of {model.path}, so that it is undefined", help=f"the model's outputs are {outputs}")
