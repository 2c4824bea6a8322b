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
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.follow import home, source, value, within
from deplint.apps.tensors import entries
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Node

_ASKS = r"\.(?:detect|classify|segment|recognize|embed)(?:ForVideo)?\s*\("
_SETS = r"\bsetOptions\b"
VIDEO = re.compile(r"(?:detect|classify|segment|recognize|embed)ForVideo")
IMAGE = frozenset({"detect", "classify", "segment", "recognize", "embed"})


@rule(
    "DPL867",
    severity="error",
    leaves=["B.6.1"],
    see=["https://github.com/google-ai-edge/mediapipe/issues/5592", "https://github.com/google-ai-edge/mediapipe/issues/4405"],
)
def mediapipe_running_mode(file: SourceFile, project: Project) -> Iterator[Finding]:
    if not file.web or not file.mentions(_ASKS) or file.mentions(_SETS) or _settable(project, home(project, file.place)):
        return
    with within(project):
        for call in file.calls("**.*ForVideo", f"**.{{{','.join(sorted(IMAGE))}}}"):
            made = source(call.receiver)
            if made is None or made.method != "createFromOptions" or "mediapipe" not in made.name:
                continue
            options = entries(made.argument(None, 1))
            if options is None:
                continue
            mode = value(options["runningMode"]) if "runningMode" in options else "IMAGE"
            video = VIDEO.fullmatch(call.method) is not None
            if isinstance(mode, str) and (video or call.method in IMAGE) and mode.upper() != ("VIDEO" if video else "IMAGE"):
                yield Finding(
                    call,
                    f"the task was made for {mode.upper()}{_where(options.get('runningMode', made), file)}: {call.method} throws",
                    help=f"create it with runningMode: '{'VIDEO' if video else 'IMAGE'}'",
                )


@lru_cache(maxsize=64)
def _settable(project: Project, folder: Path) -> bool:
    """Whether no task is made in a package, or its mode is changed somewhere in it."""
    files = [each for each in project.all(SourceFile) if each.web and home(project, each.place) == folder]
    made = any(each.mentions(r"\bcreateFromOptions\b") for each in files)
    return not made or any(each.mentions(_SETS) and each.mentions("runningMode") for each in files)


def _where(said: Node, file: SourceFile) -> str:
    """Where the mode is said, if that is another file."""
    span = said.place.span
    return f" ({said.file.path}:{span.line})" if said.file is not file and span is not None else ""
