"""A model whose weights lie in a file of their own, opened in ONNX Runtime Web without that file.

A page has no file system, and beside the ``.onnx`` nothing is fetched that the options do not name. `create` ends with ``Failed to load
external data file "net.onnx.data"``, before 1.24 with no more than a number.

```js bad path=src/session.js
import * as ort from 'onnxruntime-web';

export const session = ort.InferenceSession.create('/models/net.onnx', { executionProviders: ['wasm'] }); // <-
```

```graph + path=public/models/net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[4]
  weight w float32[4] external="net.onnx.data"
  op Add (x, w) -> (y)
  output y float32[4]
```

The address may be a constant of another module, and the model be fetched by the page itself.

```ts bad path=src/model.ts
import { InferenceSession } from 'onnxruntime-web/webgpu';
import { MODEL } from './config';

export async function open() {
  const options: InferenceSession.SessionOptions = { executionProviders: ['webgpu'] };
  const bytes = await (await fetch(MODEL)).arrayBuffer();
  return InferenceSession.create(bytes, options); // <-
}
```

```ts + path=src/config.ts
export const MODEL = '/models/net.onnx';
```

```graph + path=public/models/net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[4]
  weight w float32[4] external="net.onnx.data"
  op Add (x, w) -> (y)
  output y float32[4]
```

With the file it works; so it does in Node, which reads it from the disk.

```js good path=src/session.js
import * as ort from 'onnxruntime-web';

export const session = ort.InferenceSession.create('/models/net.onnx', {
  externalData: [{ path: 'net.onnx.data', data: '/models/net.onnx.data' }],
});
```

```js + path=src/given.js
import * as ort from 'onnxruntime-web';
import { options } from './options.js';

export const session = ort.InferenceSession.create('/models/net.onnx', { ...options, graphOptimizationLevel: 'all' });
```

```js + path=src/options.js
export const options = { externalData: [{ path: 'net.onnx.data', data: '/models/net.onnx.data' }] };
```

```js + path=server.js
const ort = require('onnxruntime-node');

ort.InferenceSession.create('public/models/net.onnx').then(console.log);
```

```graph + path=public/models/net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[4]
  weight w float32[4] external="net.onnx.data"
  op Add (x, w) -> (y)
  output y float32[4]
```

References: https://onnxruntime.ai/docs/tutorials/web/large-models.html; run with onnxruntime-web
1.15.1, 1.19.2, 1.22, 1.24.3, 1.27 and 1.30.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import within
from deplint.apps.loads import loads
from deplint.apps.web import loaded_from, served_model
from deplint.code.source import SourceFile
from deplint.model import Model


@rule(
    "DPL930",
    severity="error",
    leaves=["B.4.1", "S.4.2"],
    see=["https://onnxruntime.ai/docs/tutorials/web/large-models.html", "https://github.com/microsoft/onnxruntime/pull/19087"],
)
def external_data_not_given(file: SourceFile, project: Project) -> Iterator[Finding]:
    for load in loads(file, project):
        if not load.call.name.startswith("onnxruntime-web") or load.option("externalData") or file.mentions("externalData"):
            continue
        with within(project):
            model = served_model(project, loaded_from(load.call))
        data = _external(model) if model is not None and model.format == "onnx" else ""
        if model is not None and data:
            yield Finding(
                load.call,
                f"the weights of {model.path} are in {data}, which no option names: Failed to load external data file",
                help=f"externalData: [{{ path: '{data}', data: address of {data} }}], or export the model as one file",
            )


def _external(model: Model) -> str:
    """The name of the file that holds weights of a model; empty if it holds them itself."""
    stored = (tensor.stored for graph in model.graphs for tensor in graph.weights)
    return next((each.path.rpartition("/")[2] for each in stored if each is not None and each.external), "")
