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

The same where the feeds are put together one by one, with a session of another module.

```ts bad path=src/words.ts
import * as ort from 'onnxruntime-web';
import { session } from './session';

export async function words(tokens: ort.Tensor) {
  const feeds: Record<string, ort.Tensor> = {};
  feeds['input_ids'] = tokens;
  return (await session).run(feeds); // <-
}
```

```ts + path=src/session.ts
import * as ort from 'onnxruntime-web';

export const session = ort.InferenceSession.create('/models/words.onnx');
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

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import follow
from deplint.apps.web import runs
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Call, Declare, Member, Name, Node, Object


@rule("DPL803", severity="error", leaves=["B.6.3", "S.2.3"], see=["https://onnxruntime.ai/docs/api/js/interfaces/InferenceSession.html"])
def js_feed_name_mismatch(file: SourceFile, project: Project) -> Iterator[Finding]:
    for call, model in runs(file, project):
        feeds = call.argument(None, 0)
        given = _keys(feeds)
        if feeds is None or given is None or model.format != "onnx" or not model.graph.inputs:
            continue
        missing = [name for name in model.graph.inputs if name not in given]
        wrong = [name for name in given if name not in model.graph.inputs]
        if missing:
            what = f"input {missing[0]!r} is missing" + (f", {wrong[0]!r} is not an input" if wrong else "")
        elif wrong and file.mentions("onnxruntime-web"):
            what = f"{wrong[0]!r} is not an input"
        else:
            continue
        made = follow(feeds)
        written = made if isinstance(made, Object) and made.entries else feeds
        yield Finding(written, f"{what} of {model.path}", help=f"the model's inputs are {', '.join(model.graph.inputs)}")


def _keys(node: Node | None) -> list[str] | None:
    """The names in an object that is given, where nothing but this function's own assignments puts any there."""
    if not isinstance(node, Name):
        return [key for key, _ in node.entries] if isinstance(node, Object) and node.exact else None
    made, meaning = follow(node), node.file.meaning
    if not isinstance(made, Object) or not made.exact or made.file is not node.file:
        return None
    keys = [key for key, _ in made.entries]
    variable = meaning.lookup(node)
    for other in meaning.nodes:
        if not isinstance(other, Name) or other is node or meaning.lookup(other) is not variable:
            continue
        around = other.parent
        if isinstance(around, Member) and isinstance(around.parent, Assign) and around.parent.target is around:
            keys.append(around.attribute)
        elif not (isinstance(around, (Declare, Assign)) and around.target is other) and not (
            isinstance(around, Call) and around.method == "run"
        ):
            return None
    return keys
