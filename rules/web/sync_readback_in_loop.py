"""The page waits for the GPU in every frame.

`dataSync()` and `arraySync()` stop the page's only thread until the GPU has finished: nothing is drawn and no click is
handled. `await tensor.data()` goes on with both.

```js bad path=src/pose.js
import * as tf from '@tensorflow/tfjs';

async function loop(model, video) {
  const scores = tf.tidy(() => model.predict(tf.browser.fromPixels(video).expandDims(0)).softmax());
  show(scores.dataSync()); // <-
  scores.dispose();
  requestAnimationFrame(() => loop(model, video));
}
```

```js good path=src/pose.js
import * as tf from '@tensorflow/tfjs';

async function loop(model, video) {
  const scores = tf.tidy(() => model.predict(tf.browser.fromPixels(video).expandDims(0)).softmax());
  show(await scores.data());
  scores.dispose();
  requestAnimationFrame(() => loop(model, video));
}

function once(model, image) {
  return tf.tidy(() => model.predict(image).dataSync());
}
```

A worker has no page to stop, on the CPU there is nothing to wait for, and what computes gradients cannot wait.

```js good path=src/worker.js
import * as tf from '@tensorflow/tfjs';

await tf.setBackend('wasm');
setInterval(() => { postMessage(tf.zeros([1]).dataSync()); }, 100);
```

What happens once in a while is no frame.

```js good path=src/poll.js
import * as tf from '@tensorflow/tfjs';

let timer;

async function load() {
  const model = await tf.loadLayersModel('/models/digits/model.json');
  show(model.predict(tf.zeros([1, 28, 28, 1])).dataSync());
  clearInterval(timer);
}

timer = setInterval(load, 1000);
```

References: https://js.tensorflow.org/api/4.22.0/#tf.Tensor.dataSync; https://stackoverflow.com/questions/53309394
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.frames import in_frame
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Function

ELSEWHERE = (
    r"importScripts|self\.onmessage|\bpostMessage\(|tfjs-node|tfjs-backend-(?:cpu|wasm)|setBackend\(\s*['\"](?:cpu|wasm)"
    r"|variableGrads|\.minimize\("
)


@rule(
    "DPL851",
    severity="warning",
    leaves=["B.7"],
    see=["https://js.tensorflow.org/api/4.22.0/#tf.Tensor.dataSync", "https://stackoverflow.com/questions/53309394"],
)
def sync_readback_in_loop(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"\b(?:data|array)Sync\(") or file.mentions(ELSEWHERE):
        return
    for call in file.calls("**.{dataSync,arraySync}"):
        if in_frame(call) and (call.name.startswith("@tensorflow") or file.imported("@tensorflow/tfjs*") is not None):
            inner = call.function
            plain = isinstance(inner, Function) and call.enclosing("@tensorflow/tfjs*.tidy") is not None
            yield Finding(
                call,
                f"{call.method} stops the page until the GPU is done, in every frame",
                help="return the tensor from tidy, then await its data()" if plain else f"await {call.method.removesuffix('Sync')}()",
            )
