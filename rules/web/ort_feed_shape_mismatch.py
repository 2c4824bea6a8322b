"""A tensor of another shape than the ONNX model takes.

ONNX Runtime compares the tensors it is given with the model's inputs: ``Got invalid dimensions for input: images for
the following indices index: 1 Got: 64 Expected: 3``, ``Invalid rank for input: images Got: 3 Expected: 4``. Pictures
are the usual case: models exported from PyTorch take channels first, the pixels of a canvas have them last.

```js bad path=src/boxes.js
import * as ort from 'onnxruntime-web';

export async function boxes(pixels) {
  const session = await ort.InferenceSession.create('/models/boxes.onnx');
  const images = new ort.Tensor('float32', pixels, [1, 64, 64, 3]);
  return session.run({ images }); // <-
}
```

```graph + path=public/models/boxes.onnx
model onnx ir=8 opset=17
graph main
  input images float32[1,3,64,64]
  op Identity (images) -> (out)
  output out float32[1,3,64,64]
```

```js good path=src/boxes.js
import * as ort from 'onnxruntime-web';

export async function boxes(pixels, count, dims) {
  const session = await ort.InferenceSession.create('/models/boxes.onnx');
  await session.run({ images: new ort.Tensor('float32', pixels, dims) });
  const feeds = {};
  feeds[session.inputNames[0]] = new ort.Tensor('float32', pixels, [count, 3, 64, 64]);
  return session.run(feeds);
}
```

```graph + path=public/models/boxes.onnx
model onnx ir=8 opset=17
graph main
  input images float32[1,3,64,64]
  op Identity (images) -> (out)
  output out float32[1,3,64,64]
```

References: checked with onnxruntime-node 1.20 and onnxruntime-web 1.27.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.tensors import written
from deplint.apps.web import fed
from deplint.code.source import SourceFile


@rule("DPL841", severity="error", leaves=["B.6.3"], see=["https://onnxruntime.ai/docs/api/js/interfaces/InferenceSession.html"])
def ort_feed_shape_mismatch(file: SourceFile, project: Project) -> Iterator[Finding]:
    for each in fed(file, project):
        given, wanted = each.tensor.shape, each.input.shape
        if not each.onnx or given is None or wanted is None:
            continue
        if len(given) == len(wanted) and all(
            a == b or not (isinstance(a, int) and isinstance(b, int)) for a, b in zip(given, wanted, strict=True)
        ):
            continue
        known = [dim for dim in given if dim is not None]
        moved = len(given) == 4 == len(wanted) and len(known) == 4 and (given[0], given[3], given[1], given[2]) == (given[0], *wanted[1:])
        yield Finding(
            each.call,
            f"the tensor is {written(given)}, {each.target} is {written(wanted)}"
            + (": the channels come first in the model" if moved else ": this throws"),
            help="reorder the values themselves, not only the shape" if moved else "give it the shape of the model's input",
        )
