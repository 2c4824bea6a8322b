"""`tf.tidy` around an asynchronous function.

`tidy` frees what was made by the time its function returns. One that is asynchronous returns a promise at its first
`await`: what it makes later is never freed, what it made before is freed while it is still used: ``Cannot return a
Promise inside of tidy.``, ``Tensor is disposed.``

```js bad path=src/face.js
import * as tf from '@tensorflow/tfjs';

export const face = (model, video) =>
  tf.tidy(async () => { // <-
    const frame = tf.browser.fromPixels(video).expandDims(0);
    const [boxes] = await model.executeAsync(frame);
    return boxes.array();
  });
```

```js good path=src/face.js
import * as tf from '@tensorflow/tfjs';

export async function face(model, video) {
  const frame = tf.tidy(() => tf.browser.fromPixels(video).expandDims(0));
  const [boxes] = await model.executeAsync(frame);
  const found = await boxes.array();
  tf.dispose([frame, boxes]);
  return found;
}
```

References: https://js.tensorflow.org/api/4.22.0/#tidy; checked with TensorFlow.js 4.22.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.source import SourceFile


@rule("DPL854", severity="error", leaves=["B.7"], see=["https://js.tensorflow.org/api/4.22.0/#tidy"])
def async_tidy(file: SourceFile) -> Iterator[Finding]:
    if not file.web:
        return
    for call in file.calls("@tensorflow/tfjs*.tidy"):
        body = file.meaning.local(call.arguments[-1].value) if call.arguments else None
        if body is not None and body.asynchronous:
            yield Finding(
                call,
                "the function given to tf.tidy is asynchronous: its tensors are freed too early or never",
                help="leave the await outside: return the tensors from tidy, await their data, then dispose of them",
            )
