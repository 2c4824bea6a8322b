"""The brightness of a camera's frame copied where colours belong.

CameraX gives an analyzer ``YUV_420_888`` unless `setOutputImageFormat` says otherwise. Its first plane is the brightness, one byte a pixel;
a bitmap of ``ARGB_8888`` takes four: ``RuntimeException: Buffer not large enough for pixels``.

```kotlin bad path=app/src/main/java/Main.kt
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy

class Main : AppCompatActivity() {
    private fun start() {
        val analysis = ImageAnalysis.Builder().setBackpressureStrategy(ImageAnalysis.STRATEGY_KEEP_ONLY_LATEST).build()
        analysis.setAnalyzer(executor) { image ->
            val frame = Bitmap.createBitmap(image.width, image.height, Bitmap.Config.ARGB_8888)
            image.use { frame.copyPixelsFromBuffer(it.planes[0].buffer) }  // <-
        }
    }
}
```

In Java, across classes:

```java bad path=app/src/main/java/Frames.java
import androidx.camera.core.ImageProxy;

class Frames {
    static Bitmap bitmap(ImageProxy image) {
        ImageProxy.PlaneProxy plane = image.getPlanes()[0];
        ByteBuffer buffer = plane.getBuffer();
        Bitmap made = Bitmap.createBitmap(image.getWidth(), image.getHeight(), Bitmap.Config.ARGB_8888);
        made.copyPixelsFromBuffer(buffer); // <-
        return made;
    }
}
```

```java + path=app/src/main/java/Camera.java
import androidx.camera.core.ImageAnalysis;

class Camera {
    ImageAnalysis make() { return new ImageAnalysis.Builder().setTargetResolution(new Size(640, 480)).build(); }
}
```

As a function of the image:

```kotlin bad path=app/src/main/java/Images.kt
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy

fun ImageProxy.colours(): Bitmap {
    val made = Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888)
    made.copyPixelsFromBuffer(planes[0].buffer.also { it.rewind() })  // <-
    return made
}

val analysis = ImageAnalysis.Builder().build()
```

With another format, a bitmap of one byte a pixel, or images of another source it fits.

```kotlin good path=app/src/main/java/Main.kt
import androidx.camera.core.ImageAnalysis

class Main : AppCompatActivity() {
    private val analysis = Cameras.analysis()

    private fun start() = analysis.setAnalyzer(executor) { image ->
        val frame = Bitmap.createBitmap(image.width, image.height, Bitmap.Config.ARGB_8888)
        image.use { frame.copyPixelsFromBuffer(it.planes[0].buffer) }
    }
}
```

```kotlin + path=app/src/main/java/Cameras.kt
object Cameras {
    fun analysis() = ImageAnalysis.Builder().setOutputImageFormat(ImageAnalysis.OUTPUT_IMAGE_FORMAT_RGBA_8888).build()
}
```

Others:

```kotlin good path=app/src/main/java/Main.kt
import androidx.camera.core.ImageAnalysis

class Main : AppCompatActivity() {
    private val reader = ImageReader.newInstance(640, 480, PixelFormat.RGBA_8888, 2)
    private val analysis = ImageAnalysis.Builder().build()

    private fun screen() {
        frame.copyPixelsFromBuffer(reader.acquireLatestImage().planes[0].buffer)
        frame.copyPixelsFromBuffer(converted)
    }
}
```

References: CameraX, `ImageAnalysis.Builder.setOutputImageFormat` (the default is YUV_420_888); Android, `ImageFormat.YUV_420_888` (plane
0 is always Y, pixel stride 1); `Bitmap.copyPixelsFromBuffer` of AOSP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM, gradle, sources
from deplint.apps.handed import before
from deplint.apps.jvm import SAME
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Member, Name, Node

OTHERWISE = r"setOutputImageFormat|OUTPUT_IMAGE_FORMAT|\bImageReader\b|Config\.ALPHA_8|\bYuvImage\b.*copyPixels"
PLANE = re.compile(r"(?:\bplanes|\bgetPlanes\(\))\s*(?:\[\s*0\s*\]|\.first\(\)|\.get\(0\))$")


@rule(
    "DPL797",
    severity="error",
    leaves=["M.6.3"],
    see=[
        "https://developer.android.com/reference/androidx/camera/core/ImageAnalysis.Builder#setOutputImageFormat(int)",
        "https://developer.android.com/reference/android/graphics/ImageFormat#YUV_420_888",
    ],
)
def yuv_plane_as_pixels(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bcopyPixelsFromBuffer\b"):
        return
    build = gradle(project, file.place)
    app = [each for each in sources(project) if gradle(project, each.place) is build]
    if any(each.mentions(OTHERWISE) for each in app) or not any(each.mentions(r"\bImageAnalysis\s*\.\s*Builder\s*\(") for each in app):
        return
    for call in file.calls("**.copyPixelsFromBuffer"):
        given = call.argument(None, 0)
        if given is not None and _brightness(given, project):
            yield Finding(
                call,
                "this is the first plane of YUV_420_888, the analyzer's default: the brightness, one byte a pixel, where the bitmap takes "
                "four: Buffer not large enough for pixels",
                help="setOutputImageFormat(ImageAnalysis.OUTPUT_IMAGE_FORMAT_RGBA_8888) when the analysis is built, or image.toBitmap()",
            )


def _brightness(node: Node, project: Project) -> bool:
    """Whether a buffer is certainly that of an image's first plane."""
    for _ in range(6):
        if isinstance(node, Member) and node.attribute == "buffer":
            return _plane(node.object, project)
        if isinstance(node, Call) and node.method in SAME | {"getBuffer", "duplicate"} and isinstance(node.callee, Member):
            if node.method == "getBuffer":
                return _plane(node.callee.object, project)
            node = node.callee.object
            continue
        made = before(node, project)
        if len(made) != 1:
            return False
        node = made[0]
    return False


def _plane(node: Node, project: Project) -> bool:
    made = before(node, project) if isinstance(node, Name) else [node]
    return bool(made) and all(PLANE.search(each.text) for each in made)
