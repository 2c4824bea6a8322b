"""A model that is loaded again for each frame.

Loading fetches and compiles the whole model, and nothing frees the one before: seconds for each picture, and memory
that only grows.

```js bad path=src/hands.js
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-web';

async function loop(video) {
  const model = await tf.loadGraphModel('/models/hands/model.json'); // <-
  const session = await ort.InferenceSession.create('/models/pose.onnx'); // <-
  await show(model, session, video);
  requestAnimationFrame(() => loop(video));
}
```

```js good path=src/hands.js
import * as tf from '@tensorflow/tfjs';

let model = null;

async function loop(video) {
  if (!model) {
    model = await tf.loadGraphModel('/models/hands/model.json');
  }
  if (changed) await reload();
  const same = model || (await tf.loadGraphModel('/models/hands/model.json'));
  await show(same, video);
  requestAnimationFrame(() => loop(video));
}

async function reload() {
  model = await tf.loadGraphModel('/models/changed/model.json');
}

async function start(video, button) {
  const other = await tf.loadGraphModel('/models/other/model.json');
  loop(video, other);
}
```

References: https://js.tensorflow.org/api/4.22.0/#loadGraphModel
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.frames import each_turn, frames
from deplint.apps.web import ORT_LOADER, TFJS_LOADERS
from deplint.code.source import SourceFile

LOADS = (TFJS_LOADERS, ORT_LOADER, "@tensorflow-models/*.{load,createDetector}", "@tensorflow/tfjs-tflite.loadTFLiteModel")


@rule("DPL860", severity="error", leaves=["B.7", "B.4.6"], see=["https://js.tensorflow.org/api/4.22.0/#loadGraphModel"])
def model_loaded_per_frame(file: SourceFile) -> Iterator[Finding]:
    loops = frames(file, always=True)
    for call in file.calls(*LOADS) if loops else ():
        if each_turn(call) and any(around in loops for around in call.ancestors):
            yield Finding(
                call, f"{call.method} loads the model again in every frame", help="load it once, before the loop, and keep it in a variable"
            )
