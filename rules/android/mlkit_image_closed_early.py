"""A camera image that is closed while ML Kit still reads it.

`process` returns a task at once, and works later on another thread. ``InputImage.fromMediaImage`` copies nothing: an `ImageProxy` closed
right after takes the pixels away, and the detection fails with ``IllegalStateException: Image is already closed``, or reads the next frame.

```kotlin bad path=app/src/main/java/Codes.kt
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy
import com.google.mlkit.vision.common.InputImage

class Codes(private val found: (String) -> Unit) : ImageAnalysis.Analyzer {
    private val scanner = BarcodeScanning.getClient()

    override fun analyze(proxy: ImageProxy) {
        val media = proxy.image ?: run { proxy.close(); return }
        val input = InputImage.fromMediaImage(media, proxy.imageInfo.rotationDegrees)
        scanner.process(input).addOnSuccessListener { codes -> codes.firstOrNull()?.rawValue?.let(found) }
        proxy.close() // <-
    }
}
```

```java bad path=app/src/main/java/Faces.java
import androidx.camera.core.ImageAnalysis;
import androidx.camera.core.ImageProxy;
import com.google.mlkit.vision.common.InputImage;

class Faces implements ImageAnalysis.Analyzer {
    @Override
    public void analyze(ImageProxy image) {
        try {
            detector.process(InputImage.fromMediaImage(image.getImage(), image.getImageInfo().getRotationDegrees()))
                .addOnSuccessListener(faces -> show(faces.size()));
        } finally {
            image.close(); // <-
        }
    }
}
```

```kotlin bad path=app/src/main/java/Camera.kt
import androidx.camera.core.ImageAnalysis
import com.google.mlkit.vision.common.InputImage

fun bind(analysis: ImageAnalysis) {
    analysis.setAnalyzer(executor) { image ->
        val input = InputImage.fromMediaImage(image.image!!, image.imageInfo.rotationDegrees)
        labeler.process(input).addOnSuccessListener { show(it) }.addOnFailureListener { log(it) }
        image.close() // <-
    }
}
```

Closed when the task is done, waited for, or a copy given: fine.

```kotlin good path=app/src/main/java/Codes.kt
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy
import com.google.mlkit.vision.common.InputImage

class Codes : ImageAnalysis.Analyzer {
    override fun analyze(proxy: ImageProxy) {
        if (busy) {
            proxy.close()
            return
        }
        val media = proxy.image
        if (media != null) {
            val input = InputImage.fromMediaImage(media, proxy.imageInfo.rotationDegrees)
            scanner.process(input).addOnSuccessListener { show(it) }.addOnCompleteListener { proxy.close() }
        } else {
            proxy.close()
        }
    }
}

class Copied : ImageAnalysis.Analyzer {
    override fun analyze(proxy: ImageProxy) {
        val input = InputImage.fromBitmap(proxy.toBitmap(), proxy.imageInfo.rotationDegrees)
        scanner.process(input).addOnSuccessListener { show(it) }
        proxy.close()
    }
}
```

```kotlin good path=app/src/main/java/Waits.kt
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy
import com.google.android.gms.tasks.Tasks
import com.google.mlkit.vision.common.InputImage

class Waits : ImageAnalysis.Analyzer {
    override fun analyze(proxy: ImageProxy) {
        val task = scanner.process(InputImage.fromMediaImage(proxy.image!!, proxy.imageInfo.rotationDegrees))
        show(Tasks.await(task))
        proxy.close()
    }
}
```

References: googlesamples/mlkit#144 (the maintainers on closing it in an OnCompleteListener) and #4, `VisionProcessorBase.kt`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.android import JVM
from deplint.apps.jvm import written_out
from deplint.apps.occasions import frame_parameter
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Block, Call, Function, Name


@rule(
    "DPL311",
    severity="error",
    leaves=["M.5", "M.4.5"],
    see=[
        "https://github.com/googlesamples/mlkit/issues/144",
        "https://github.com/googlesamples/mlkit/issues/4",
        "https://github.com/googlesamples/mlkit/blob/f1047837fe1e02d58063bfc30b830fad23ffbc35/android/vision-quickstart/app/src/main/java/com/google/mlkit/vision/demo/kotlin/VisionProcessorBase.kt",
    ],
)
def mlkit_image_closed_early(file: SourceFile) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bfromMediaImage\b") or file.mentions(r"\bawait\b|\brunBlocking\b|\.getResult\(\)"):
        return
    for function in file.functions:
        parameter = frame_parameter(function)
        if parameter is None or not isinstance(parameter.target, Name):
            continue
        started = next((call for call in file.calls("**.process") if call.function is function and _reads(call)), None)
        if started is None:
            continue
        for close in file.calls(f"**.{parameter.target.id}.close", "**.close"):
            on = close.receiver
            if (
                isinstance(on, Name)
                and on.id == parameter.target.id
                and close.function is function
                and _after(close, started)
                and not close.arguments
            ):
                yield Finding(
                    close,
                    f"{on.id} is closed while ML Kit still reads it: process() only starts, and the image is used later, when it is gone",
                    help=f"close it in the task's end: .addOnCompleteListener {{ {on.id}.close() }}",
                )
                break


def _reads(call: Call) -> bool:
    """Whether a detector is given an image that shares the memory of the camera's."""
    made = written_out(call.argument(None, 0))
    return isinstance(made, Call) and made.method == "fromMediaImage" and len(call.arguments) == 1


def _after(close: Call, started: Call) -> bool:
    """Whether one call certainly comes after another: in the same block or one around it, or in what is done at last."""
    block = next((each for each in close.ancestors if isinstance(each, (Block, Function)) or "finally" in getattr(each, "kind", "")), None)
    last = "finally" in getattr(block, "kind", "") or "finally" in getattr(getattr(block, "parent", None), "kind", "")
    return close.span.line > started.span.line and (last or block in list(started.ancestors))
