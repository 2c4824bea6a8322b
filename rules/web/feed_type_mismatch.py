"""A tensor of another type of numbers than the model takes.

`tf.browser.fromPixels` gives int32, and so do reversing, reshaping, stacking and `resizeNearestNeighbor`; a graph model
compares with the type it was converted with: ``The dtype of dict['image'] provided in model.execute(dict) must be
float32, but was int32``. ONNX Runtime does the same: ``Unexpected input data type. Actual: (tensor(uint8)) , expected:
(tensor(float))``.

```js bad path=src/leaf.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/leaf/model.json');

export function leaf(image) {
  let pixels = tf.browser.fromPixels(image);
  pixels = tf.image.resizeNearestNeighbor(pixels, [32, 32]);
  return model.predict(pixels.expandDims(0)); // <-
}
```

```graph + path=public/models/leaf/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Placeholder image -> (image) shape=(?,32,32,3) dtype=float32
  op Identity (image) -> (out)
  output out
```

Tokens are int64 in models that were exported from PyTorch.

```js bad path=src/words.js
import * as ort from 'onnxruntime-web';

const session = await ort.InferenceSession.create('./models/words.onnx');

export async function run(ids) {
  const tokens = new ort.Tensor('int32', Int32Array.from(ids), [1, ids.length]);
  return session.run({ tokens }); // <-
}
```

```graph + path=public/models/words.onnx
model onnx ir=8 opset=17
graph main
  input tokens int64[1,length]
  op Identity (tokens) -> (next)
  output next int64[1,length]
```

Dividing by a number, or a bilinear resize, makes floating point numbers of them; a layers model does not compare types.

```js good path=src/leaf.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadGraphModel('/models/leaf/model.json');
const layers = await tf.loadLayersModel('/models/dense/model.json');

export function leaf(image, scale) {
  const pixels = tf.browser.fromPixels(image);
  layers.predict(pixels);
  model.predict(tf.image.resizeNearestNeighbor(pixels, [32, 32]).div(255).expandDims(0));
  model.predict(tf.image.resizeNearestNeighbor(pixels, [32, 32]).toFloat().expandDims(0));
  model.predict(tf.image.resizeNearestNeighbor(pixels, [32, 32]).mul(scale).expandDims(0));
  return model.predict(tf.image.resizeBilinear(pixels, [32, 32]).expandDims(0));
}
```

```graph + path=public/models/leaf/model.json
model tfjs-graph
graph main
  input image float32[?,32,32,3]
  op Placeholder image -> (image) shape=(?,32,32,3) dtype=float32
  op Identity (image) -> (out)
  output out
```

References: checked with TensorFlow.js 4.22, onnxruntime-node 1.20 and onnxruntime-web 1.27;
https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-converter/src/executor/graph_executor.ts (`checkInputShapeAndType`)
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.web import fed
from deplint.code.source import SourceFile


@rule(
    "DPL840",
    severity="error",
    leaves=["B.6.4"],
    see=[
        "https://github.com/tensorflow/tfjs/blob/tfjs-v4.22.0/tfjs-converter/src/executor/graph_executor.ts",
        "https://onnxruntime.ai/docs/api/js/interfaces/TensorConstructor.html",
    ],
)
def feed_type_mismatch(file: SourceFile, project: Project) -> Iterator[Finding]:
    for each in fed(file, project):
        given, wanted = each.tensor.dtype, each.input.dtype
        if not given or not wanted or given == wanted or each.model is None or each.model.format == "tfjs-layers":
            continue
        if not each.onnx and wanted not in ("float32", "int32", "bool"):
            continue
        cast = {"float32": "toFloat()", "int32": "toInt()", "bool": "toBool()"}
        yield Finding(
            each.call,
            f"the tensor is {given}, {each.target} is {wanted}: this throws",
            help=f"make it with new ort.Tensor('{wanted}', ...)" if each.onnx else f"convert it with {cast[wanted]}",
        )
