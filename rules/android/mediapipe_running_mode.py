"""A MediaPipe task that is called in another mode than it was made for.

A task is made for single images, for the frames of a video, or for a live stream, and each has its method: `detect`, `detectForVideo`,
`detectAsync`. Another one stops with ``Task is not initialized with the image mode. Current running mode:LIVE_STREAM``. A live stream
needs a listener for its results (``a user-defined result listener must be provided``), the other modes refuse one.

```kotlin bad path=app/src/main/java/Hands.kt
import com.google.mediapipe.tasks.vision.core.RunningMode
import com.google.mediapipe.tasks.vision.handlandmarker.HandLandmarker

class Hands(context: Context) {
    private val options = HandLandmarker.HandLandmarkerOptions.builder()  // <-
        .setBaseOptions(base)
        .setRunningMode(RunningMode.LIVE_STREAM)
        .build()
    private val landmarker = HandLandmarker.createFromOptions(context, options)

    fun detect(image: MPImage) = landmarker.detect(image)  // <-
}
```

```kotlin good path=app/src/main/java/Hands.kt
import com.google.mediapipe.tasks.vision.core.RunningMode
import com.google.mediapipe.tasks.vision.handlandmarker.HandLandmarker

class Hands(context: Context, mode: RunningMode) {
    private val live = HandLandmarker.createFromOptions(
        context,
        HandLandmarker.HandLandmarkerOptions.builder()
            .setBaseOptions(base)
            .setRunningMode(RunningMode.LIVE_STREAM)
            .setResultListener { result, image -> show(result) }
            .build()
    )
    private val still = HandLandmarker.createFromOptions(
        context, HandLandmarker.HandLandmarkerOptions.builder().setBaseOptions(base).build()
    )
    private val any = HandLandmarker.createFromOptions(
        context, HandLandmarker.HandLandmarkerOptions.builder().setBaseOptions(base).setRunningMode(mode).build()
    )

    fun detect(image: MPImage, time: Long) {
        live.detectAsync(image, time)
        still.detect(image)
        any.detectForVideo(image, time)
    }
}
```

References: google-ai-edge/mediapipe, `BaseVisionTaskApi.java`, `HandLandmarker.java`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.android import JVM
from deplint.apps.jvm import written_out
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Node

MADE = "com.google.mediapipe.tasks.vision.**.createFromOptions"
_METHOD = re.compile(r"(?:detect|classify|segment|embed|recognize|stylize)(Async|ForVideo)?")
MODES = {None: "IMAGE", "ForVideo": "VIDEO", "Async": "LIVE_STREAM"}


@rule(
    "DPL740",
    severity="error",
    leaves=["M.4.4", "M.4.5"],
    see=[
        "https://github.com/google-ai-edge/mediapipe/blob/v0.10.14/mediapipe/tasks/java/com/google/mediapipe/tasks/vision/core/BaseVisionTaskApi.java"
    ],
)
def mediapipe_running_mode(file: SourceFile) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bcom\.google\.mediapipe\.tasks\b"):
        return
    for call in file.calls(MADE):
        built = written_out(call.argument(None, 1))
        chain = _chain(built)
        mode = _mode(chain)
        if not chain or mode is None or not isinstance(built, Call):
            continue
        listened = any(each.method == "setResultListener" for each in chain)
        if listened is not (mode == "LIVE_STREAM"):
            yield Finding(
                built,
                f"the task is made for {mode}, {'with' if listened else 'without'} a result listener: a user-defined result listener "
                f"{'should not' if listened else 'must'} be provided",
                help="setResultListener belongs to RunningMode.LIVE_STREAM, and to no other",
            )
        for use in call.uses:
            match = _METHOD.fullmatch(use.method)
            if match is not None and MODES[match[1]] != mode:
                wanted = MODES[match[1]]
                yield Finding(
                    use,
                    f"{use.method} is for {wanted}, and the task was made for {mode}: Task is not initialized with the "
                    f"{wanted.lower().replace('_', ' ')} mode",
                    help=f"setRunningMode(RunningMode.{wanted}), or call the method of {mode}",
                )


def _chain(node: Node | None) -> list[Call]:
    """The calls of a builder from the last to the first; none if they are not all written in one chain."""
    found: list[Call] = []
    while isinstance(node, Call) and len(found) < 30:
        found.append(node)
        if node.method == "builder":
            return found
        node = node.receiver
    return []


def _mode(chain: list[Call]) -> str | None:
    """The mode that is set, IMAGE if none is; None if it is not known."""
    for each in chain:
        if each.method == "setRunningMode" and each.arguments:
            name = each.arguments[0].value.name
            return name.rpartition(".")[2] if name.endswith((".IMAGE", ".VIDEO", ".LIVE_STREAM")) else None
    return "IMAGE"
