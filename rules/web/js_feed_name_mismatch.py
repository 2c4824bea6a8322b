"""A feed that does not name the model's inputs.

`session.run` takes an object whose keys are the inputs' names. A name the model does not have is no help for the one
that is missing: ``input 'tokens' is missing in 'feeds'.``

```js bad path=src/words.js
import * as ort from 'onnxruntime-web';

const session = await ort.InferenceSession.create('/models/words.onnx');
const { next } = await session.run({ input_ids: tokens }); // <-
```

```graph + path=public/models/words.onnx
model onnx ir=8 opset=17
graph main
  input tokens int64[1,length]
  op Identity (tokens) -> (next)
  output next int64[1,length]
```

```js good path=src/words.js
import * as ort from 'onnxruntime-web';

const session = await ort.InferenceSession.create('/models/words.onnx');
await session.run({ tokens });
await session.run({ [session.inputNames[0]]: tokens });
await session.run({ ...others, input_ids: tokens });
await session.run(feeds);
```

```graph + path=public/models/words.onnx
model onnx ir=8 opset=17
graph main
  input tokens int64[1,length]
  op Identity (tokens) -> (next)
  output next int64[1,length]
```

References: checked with onnxruntime-node 1.20 (which ignores further names) and onnxruntime-web 1.20 (which does not:
``invalid input 'x'``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.web import ORT_LOADER, served_model
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Name, Node, Object


@rule("DPL803", severity="error", leaves=["B.6.3", "S.2.3"], see=["https://onnxruntime.ai/docs/api/js/interfaces/InferenceSession.html"])
def js_feed_name_mismatch(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web:
        return
    for call in file.calls(f"{ORT_LOADER}().run"):
        feeds, receiver = _display(call.argument(None, 0)), call.receiver
        load = receiver.origin if receiver is not None else None
        if feeds is None or not feeds.exact or load is None:
            continue
        model = served_model(project, load.argument(None, 0))
        if model is None or model.format != "onnx" or not model.graph.inputs:
            continue
        given = [key for key, _ in feeds.entries]
        missing = [name for name in model.graph.inputs if name not in given]
        wrong = [name for name in given if name not in model.graph.inputs]
        if missing:
            what = f"input {missing[0]!r} is missing" + (f", {wrong[0]!r} is not an input" if wrong else "")
        elif wrong and load.name.startswith("onnxruntime-web."):
            what = f"{wrong[0]!r} is not an input"
        else:
            continue
        yield Finding(feeds, f"{what} of {model.path}", help=f"the model's inputs are {', '.join(model.graph.inputs)}")


def _display(node: Node | None) -> Object | None:
    """The object that is given, itself or by a variable that nothing else is done with."""
    if isinstance(node, Name):
        variable = node.file.meaning.variable(node)
        alone = len(re.findall(rf"(?<![\w$]){re.escape(node.id)}(?![\w$])", node.file.text)) == 2
        node = variable.writes[0].source if variable is not None and alone and len(variable.writes) == 1 else None
    return node if isinstance(node, Object) else None
