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
  const same = model || (await tf.loadGraphModel('/models/hands/model.json'));
  await show(same, video);
  requestAnimationFrame(() => loop(video));
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
from deplint.apps.frames import frames
from deplint.apps.web import ORT_LOADER, TFJS_LOADERS
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Choice, Other

LOADS = (TFJS_LOADERS, ORT_LOADER, "@tensorflow-models/*.{load,createDetector}", "@tensorflow/tfjs-tflite.loadTFLiteModel")


@rule("DPL860", severity="error", leaves=["B.7", "B.4.6"], see=["https://js.tensorflow.org/api/4.22.0/#loadGraphModel"])
def model_loaded_per_frame(file: SourceFile) -> Iterator[Finding]:
    loops = frames(file)
    for call in file.calls(*LOADS) if loops else ():
        if _each_time(call, loops):
            yield Finding(
                call, f"{call.method} loads the model again in every frame", help="load it once, before the loop, and keep it in a variable"
            )


def _each_time(call: Call, loops: frozenset[object]) -> bool:
    """Whether a call is made in each turn: under no condition of it."""
    for around in call.ancestors:
        if around in loops:
            return True
        if isinstance(around, Choice) or (
            isinstance(around, Other) and around.kind in ("if_statement", "switch_statement", "catch_clause")
        ):
            return False
    return False
