"""Frames of a stream that all have one timestamp.

In the modes of video and live stream, MediaPipe's tasks want timestamps that grow. With a constant the first frame works; the second throws
``The received packets having a smaller timestamp than the processed timestamp`` (also where it is the same one), or hands it to the error
listener.

```kotlin bad path=app/src/main/java/Poses.kt
import com.google.mediapipe.tasks.vision.poselandmarker.PoseLandmarker

class Poses(private val poses: PoseLandmarker) : ImageAnalysis.Analyzer {
    override fun analyze(proxy: ImageProxy) {
        val image = BitmapImageBuilder(proxy.toBitmap()).build()
        proxy.close()
        poses.detectAsync(image, 0L) // <-
    }
}
```

```java bad path=app/src/main/java/Film.java
import com.google.mediapipe.tasks.vision.objectdetector.ObjectDetector;

class Film {
    void frames(ObjectDetector detector, List<MPImage> images) {
        for (MPImage image : images) {
            detector.detectForVideo(image, 33); // <-
        }
    }
}
```

A clock's, a frame's own, and a single image's are right.

```kotlin good path=app/src/main/java/Poses.kt
import com.google.mediapipe.tasks.vision.poselandmarker.PoseLandmarker

class Poses(private val poses: PoseLandmarker) : ImageAnalysis.Analyzer {
    override fun analyze(proxy: ImageProxy) {
        val image = BitmapImageBuilder(proxy.toBitmap()).build()
        poses.detectAsync(image, SystemClock.uptimeMillis())
        poses.detectAsync(image, proxy.imageInfo.timestamp / 1000)
        proxy.close()
    }

    fun one(image: MPImage) = poses.detectForVideo(image, 0)
}

class Each(private val options: PoseLandmarkerOptions) : ImageAnalysis.Analyzer {
    override fun analyze(proxy: ImageProxy) {
        val poses = PoseLandmarker.createFromOptions(context, options)
        poses.detectForVideo(BitmapImageBuilder(proxy.toBitmap()).build(), 0)
        poses.close()
        proxy.close()
    }
}
```

References: `TaskRunner.java` (`validateInputTimestamp`) of MediaPipe's tasks; google-ai-edge/mediapipe#5743.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM
from deplint.apps.occasions import FRAME, occasions
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call

STREAMED = "**.{detectAsync,detectForVideo,recognizeAsync,recognizeForVideo,classifyAsync,classifyForVideo,segmentAsync,segmentForVideo}"


@rule(
    "DPL316",
    severity="error",
    leaves=["M.6.1", "M.4.4"],
    see=[
        "https://github.com/google-ai-edge/mediapipe/blob/v1.0.0/mediapipe/tasks/java/com/google/mediapipe/tasks/core/TaskRunner.java",
        "https://github.com/google-ai-edge/mediapipe/issues/5743",
    ],
)
def constant_timestamp(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bcom\.google\.mediapipe\.tasks\b"):
        return
    for call in file.calls(STREAMED):
        last = call.arguments[-1].value if len(call.arguments) > 1 else None
        made = call.receiver.origin if call.receiver is not None else None
        if isinstance(made, Call) and made.function is call.function:
            continue  # a task of its own for each image
        if last is not None and type(last.value) is int and (call.in_loop or FRAME in occasions(call, project)):
            yield Finding(
                call,
                f"every frame has the timestamp {last.value}: from the second on 'The received packets having a smaller "
                "timestamp than the processed timestamp'",
                help="SystemClock.uptimeMillis(), or the frame's own time in milliseconds",
            )
