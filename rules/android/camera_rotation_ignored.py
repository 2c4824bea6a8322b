"""Camera images that reach the model lying on their side.

Sensors are mounted across: held upright, a phone gives images turned by 90 degrees, and says so in `imageInfo.rotationDegrees`.
`toBitmap()` does not turn them. A model that learned upright pictures finds little in such ones, and nothing says why.

```kotlin bad path=app/src/main/java/Frames.kt
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy
import org.tensorflow.lite.Interpreter

class Frames(private val interpreter: Interpreter) : ImageAnalysis.Analyzer {
    override fun analyze(image: ImageProxy) {
        interpreter.run(pixels(image.toBitmap()), scores)  // <-
        image.close()
    }
}
```

Whoever turns them anywhere in the app may do it for these.

```kotlin good path=app/src/main/java/Frames.kt
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy
import org.tensorflow.lite.Interpreter

class Frames(private val interpreter: Interpreter) : ImageAnalysis.Analyzer {
    override fun analyze(image: ImageProxy) {
        interpreter.run(pixels(turned(image.toBitmap(), image.imageInfo.rotationDegrees)), scores)
        image.close()
    }
}
```

References: the documentation of `ImageProxy.toBitmap` and `ImageInfo.getRotationDegrees`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM, gradle, sources
from deplint.apps.occasions import RUNTIME, is_frame_callback
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Function

TURNING = r"rotationDegrees|RotationDegrees|\b(?:post|pre|set)Rotate\(|Rot90Op|setOrientation|OutputImageRotationEnabled|\brotate\w*\("


@rule(
    "DPL738",
    severity="warning",
    leaves=["M.5"],
    see=["https://developer.android.com/reference/androidx/camera/core/ImageProxy#toBitmap()"],
)
def camera_rotation_ignored(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\btoBitmap\(") or not file.mentions(r"\bImageProxy\b|\bsetAnalyzer\b"):
        return
    build = gradle(project, file.place)
    app = [other for other in sources(project) if gradle(project, other.place) is build]
    if any(other.mentions(TURNING) for other in app) or not any(other.mentions(RUNTIME) for other in app):
        return
    for call in file.calls("**.toBitmap"):
        if any(isinstance(around, Function) and is_frame_callback(around) for around in call.ancestors):
            yield Finding(
                call,
                "toBitmap() does not turn the image, and nothing in the app looks at imageInfo.rotationDegrees: held upright, a phone "
                "gives the model images that lie on their side",
                help="turn it by imageInfo.rotationDegrees, or let CameraX do it (setOutputImageRotationEnabled(true))",
            )
