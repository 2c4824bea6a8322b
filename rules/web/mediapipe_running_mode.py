"""A MediaPipe task that is asked in another mode than it was made for.

A task is made for pictures (the default) or for video; each has methods of its own: ``Task is not initialized with
video mode. 'runningMode' must be set to 'VIDEO'.``, ``Task is not initialized with image mode.``

```js bad path=src/hands.js
import { FilesetResolver, HandLandmarker } from '@mediapipe/tasks-vision';

export async function start(video) {
  const vision = await FilesetResolver.forVisionTasks('/wasm');
  const hands = await HandLandmarker.createFromOptions(vision, { baseOptions: { modelAssetPath: '/hand.task' }, numHands: 2 });
  return () => hands.detectForVideo(video, performance.now()); // <-
}

export async function once(image) {
  const vision = await FilesetResolver.forVisionTasks('/wasm');
  const hands = await HandLandmarker.createFromOptions(vision, { baseOptions: { modelAssetPath: '/hand.task' }, runningMode: 'VIDEO' });
  return hands.detect(image); // <-
}
```

```js good path=src/hands.js
import { FilesetResolver, HandLandmarker } from '@mediapipe/tasks-vision';

export async function start(video, mode) {
  const vision = await FilesetResolver.forVisionTasks('/wasm');
  const hands = await HandLandmarker.createFromOptions(vision, { baseOptions: { modelAssetPath: '/hand.task' }, runningMode: 'VIDEO' });
  const other = await HandLandmarker.createFromOptions(vision, { baseOptions: { modelAssetPath: '/hand.task' }, runningMode: mode });
  const both = await HandLandmarker.createFromOptions(vision, { baseOptions: { modelAssetPath: '/hand.task' } });
  other.detectForVideo(video, 1);
  both.detect(video);
  await both.setOptions({ runningMode: 'VIDEO' });
  both.detectForVideo(video, 1);
  return () => hands.detectForVideo(video, performance.now());
}
```

References: https://github.com/google-ai-edge/mediapipe/issues/5592; there is no LIVE_STREAM in JavaScript:
https://github.com/google-ai-edge/mediapipe/issues/4405
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.follow import source
from deplint.apps.tensors import entries
from deplint.code.source import SourceFile

VIDEO = re.compile(r"(?:detect|classify|segment|recognize|embed)ForVideo")
IMAGE = frozenset({"detect", "classify", "segment", "recognize", "embed"})


@rule(
    "DPL867",
    severity="error",
    leaves=["B.6.1"],
    see=["https://github.com/google-ai-edge/mediapipe/issues/5592", "https://github.com/google-ai-edge/mediapipe/issues/4405"],
)
def mediapipe_running_mode(file: SourceFile) -> Iterator[Finding]:
    if not file.web or not file.mentions(r"createFrom(?:Options|Model)") or file.mentions(r"setOptions\s*\("):
        return
    for call in file.calls("@mediapipe/tasks-vision.*.createFromOptions().*", "**.*ForVideo"):
        made = source(call.receiver)
        if made is None or made.method != "createFromOptions" or "mediapipe" not in made.name:
            continue
        options = entries(made.argument(None, 1))
        if options is None:
            continue
        mode = options["runningMode"].value if "runningMode" in options else "IMAGE"
        video = VIDEO.fullmatch(call.method) is not None
        if isinstance(mode, str) and (video or call.method in IMAGE) and mode.upper() != ("VIDEO" if video else "IMAGE"):
            yield Finding(
                call,
                f"the task was made for {mode.upper()}: {call.method} throws",
                help=f"create it with runningMode: '{'VIDEO' if video else 'IMAGE'}'",
            )
