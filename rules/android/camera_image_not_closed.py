"""An image of the camera that the analyzer never gives back.

CameraX lends each frame to the analyzer and waits, or drops frames, until `ImageProxy.close()`: after the first image or the first few no
more arrive, and the app seems frozen. What is closed only when a detection succeeds stays open when one fails.

```kotlin bad path=app/src/main/java/Camera.kt
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy

class Frames(private val net: Net) : ImageAnalysis.Analyzer {
    override fun analyze(image: ImageProxy) {  // <-
        val bitmap = image.toBitmap()
        net.classify(bitmap)
    }
}
```

The same, written otherwise.

```java bad path=app/src/main/java/Camera.java
class Frames implements ImageAnalysis.Analyzer {
    @Override
    public void analyze(ImageProxy proxy) {
        InputImage input = InputImage.fromMediaImage(proxy.getImage(), proxy.getImageInfo().getRotationDegrees());
        detector.process(input).addOnSuccessListener(faces -> { // <-
            show(faces);
            proxy.close();
        });
    }
}
```

Whoever gets the image may close it; `use` does.

```kotlin good path=app/src/main/java/Camera.kt
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy

class Frames(private val net: Net) : ImageAnalysis.Analyzer {
    override fun analyze(image: ImageProxy) {
        val bitmap = image.toBitmap()
        net.classify(bitmap)
        image.close()
    }
}

class Given(private val net: Net) : ImageAnalysis.Analyzer {
    override fun analyze(image: ImageProxy) = net.classify(image)
}

fun bind(analysis: ImageAnalysis) {
    analysis.setAnalyzer(executor) { image -> image.use { net.classify(it.toBitmap()) } }
    analysis.setAnalyzer(executor) { detector.detect(it) }
    analysis.setAnalyzer(executor) { proxy ->
        detector.process(proxy.toInput()).addOnSuccessListener { show(it) }.addOnCompleteListener { proxy.close() }
    }
    analysis.setAnalyzer(executor) { proxy ->
        detector.process(proxy.toInput())
            .addOnSuccessListener { show(it); proxy.close() }
            .addOnFailureListener { proxy.close() }
    }
}
```

An extension of it may keep it, and close it later.

```kotlin good path=app/src/main/java/org/example/Frames.kt
import androidx.camera.core.ImageAnalysis

fun analyzer(onFrame: (Frame) -> Unit) = ImageAnalysis.Analyzer { onFrame(it.toFrame()) }
```

References: the documentation of `ImageAnalysis.Analyzer` and `ImageProxy.close`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.android import JVM
from deplint.apps.occasions import frame_parameter
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Function, Member, Name, Node

CLOSING = {"close", "use"}
READING = frozenset({"image", "format", "width", "height", "planes", "imageInfo", "cropRect", "toBitmap", "setCropRect"})
"""What an `ImageProxy` has of its own, closing aside; in Java with `get`. Any other member is an extension, which may keep or close it."""


@rule(
    "DPL714",
    severity="error",
    leaves=["M.5"],
    see=["https://developer.android.com/reference/androidx/camera/core/ImageAnalysis.Analyzer"],
)
def camera_image_not_closed(file: SourceFile) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bImageProxy\b|\bsetAnalyzer\b"):
        return
    meaning = file.meaning
    for function in file.functions:
        parameter = frame_parameter(function)
        if parameter is None or not isinstance(parameter.target, Name):
            continue
        image = parameter.target
        uses = [n for n in meaning.nodes if isinstance(n, Name) and n is not image and n.id == image.id and _means(n, image)]
        if not uses or any(not isinstance(use.parent, Member) for use in uses):
            continue  # given to somebody else
        if any(isinstance(use.parent, Member) and not _own(use.parent.attribute) for use in uses):
            continue
        closes = [use for use in uses if isinstance(use.parent, Member) and use.parent.attribute in CLOSING]
        if not closes:
            yield Finding(
                function if function.id else parameter,
                f"{parameter.target.id} is never closed: CameraX sends no more frames after this one, or the first few",
                help=f"call {parameter.target.id}.close() when done with it, also where it returns early",
            )
            continue
        listeners = [_listener(use, function) for use in closes]
        calls = [call for call in listeners if call is not None]
        if len(calls) == len(closes) and all(call.method == "addOnSuccessListener" for call in calls):
            yield Finding(
                calls[0],
                f"{parameter.target.id} is closed only when this succeeds: after the first failure CameraX sends no more frames",
                help="close it in addOnCompleteListener",
            )


def _own(member: str) -> bool:
    plain = member[3:4].lower() + member[4:] if member.startswith("get") else member
    return member in CLOSING or plain in READING


def _means(name: Name, image: Name) -> bool:
    variable = name.file.meaning.lookup(name)
    return variable is not None and variable.node is image


def _listener(node: Node, within: Function) -> Call | None:
    """The call whose listener closes the image."""
    for around in node.ancestors:
        if around is within:
            return None
        if isinstance(around, Function) and isinstance(around.parent, Call) and around.parent.method.startswith("addOn"):
            return around.parent
    return None
