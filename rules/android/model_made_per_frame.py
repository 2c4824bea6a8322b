"""A model that is loaded again for every image of the camera.

Reading a model, checking it and planning its memory takes as long as running it many times, and a delegate compiles shaders on top. Within
the analyzer that is done for each frame: the preview stutters, memory fills where the interpreters are not closed.

```kotlin bad path=app/src/main/java/Camera.kt
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy
import org.tensorflow.lite.Interpreter

class Frames(private val model: ByteBuffer) : ImageAnalysis.Analyzer {
    override fun analyze(image: ImageProxy) {
        val interpreter = Interpreter(model)  // <-
        interpreter.run(pixels(image), scores)
        interpreter.close()
        image.close()
    }
}
```

The same, written otherwise.

```kotlin bad path=app/src/main/java/Net.kt
import ai.onnxruntime.OrtEnvironment

class Net {
    private val environment = OrtEnvironment.getEnvironment()

    fun classify(pixels: FloatArray): Int {
        val session = environment.createSession(bytes)  // <-
        return best(session.run(inputs(pixels)))
    }
}
```

```kotlin + path=app/src/main/java/Camera.kt
class Frames : ImageAnalysis.Analyzer {
    private val net = Net()

    override fun analyze(image: ImageProxy) {
        image.use { net.classify(pixels(it)) }
    }
}
```

What is kept is made once; so is what is made for one photo.

```kotlin good path=app/src/main/java/Camera.kt
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy
import org.tensorflow.lite.Interpreter

class Frames(private val model: ByteBuffer) : ImageAnalysis.Analyzer {
    private val interpreter by lazy { Interpreter(model) }
    private var other: Interpreter? = null

    override fun analyze(image: ImageProxy) {
        if (other == null) {
            other = Interpreter(model)
        }
        interpreter.run(pixels(image), scores)
        image.close()
    }

    fun classifyPhoto(photo: Bitmap) = Interpreter(model).use { it.run(pixels(photo), scores) }
}
```

References: LiteRT's documentation of Android, "best practices": load the model once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM
from deplint.apps.occasions import FRAME, LOADS, RUNTIME, occasions
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Choice, Function, Node, Other


@rule(
    "DPL716",
    severity="warning",
    leaves=["M.7", "M.4.5"],
    see=["https://developer.android.com/reference/androidx/camera/core/ImageAnalysis.Analyzer"],
)
def model_made_per_frame(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(RUNTIME):
        return
    for call in file.calls(*LOADS):
        start = occasions(call, project).get(FRAME) if not _once(call) else None
        if start is not None and not _once(start):
            yield Finding(
                call,
                "the model is loaded for each frame of the camera, which takes longer than to run it",
                help="make it once, where the analyzer is made, and keep it in a field",
            )


def _once(node: Node) -> bool:
    """Some condition, a lazy property or an early return may see to it that this is done once."""
    for around in node.ancestors:
        if isinstance(around, Function):
            parent = around.parent
            if around.id or not isinstance(parent, Call):
                return (
                    re.search(r"\bnull\b|isInitialized|(?i:already|loaded|ready)", around.text[: around.text.find(node.text)]) is not None
                )
            if parent.method in ("lazy", "getOrPut", "computeIfAbsent"):
                return True
        if _conditional(around):
            return True
    return False


def _conditional(node: Node) -> bool:
    return isinstance(node, Choice) or (isinstance(node, Other) and node.kind in ("if_statement", "if_expression", "when_expression"))
