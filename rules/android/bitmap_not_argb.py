"""A bitmap in 16 bits handed to a library that takes ARGB_8888 only.

`TensorImage` looks at the bitmap's configuration: ``Only supports loading ARGB_8888 bitmaps``. MediaPipe is the same.
``Bitmap.Config.RGB_565`` saves memory and does not fit.

```kotlin bad path=app/src/main/java/Photo.kt
import org.tensorflow.lite.support.image.TensorImage

object Photo {
    private val options = BitmapFactory.Options().apply { inPreferredConfig = Bitmap.Config.RGB_565 }

    fun read(path: String): TensorImage {
        val bitmap = BitmapFactory.decodeFile(path, options)
        return TensorImage.fromBitmap(bitmap) // <-
    }
}
```

```java bad path=app/src/main/java/Photo.java
import org.tensorflow.lite.support.image.TensorImage;

class Photo {
    TensorImage read(InputStream in) {
        BitmapFactory.Options options = new BitmapFactory.Options();
        options.inPreferredConfig = Bitmap.Config.RGB_565;
        Bitmap bitmap = BitmapFactory.decodeStream(in, null, options);
        TensorImage image = new TensorImage();
        image.load(bitmap); // <-
        return image;
    }

    TensorImage small(Bitmap photo) {
        Bitmap copy = photo.copy(Bitmap.Config.RGB_565, false);
        return TensorImage.fromBitmap(copy); // <-
    }
}
```

Others, and what is copied in between:

```kotlin good path=app/src/main/java/Photo.kt
import org.tensorflow.lite.support.image.TensorImage

object Photo {
    private val options = BitmapFactory.Options().apply { inPreferredConfig = Bitmap.Config.RGB_565 }
    private val whole = BitmapFactory.Options().apply { inPreferredConfig = Bitmap.Config.ARGB_8888 }

    fun read(path: String): TensorImage {
        val thumbnail = BitmapFactory.decodeFile(path, options)
        show(thumbnail)
        val copy = BitmapFactory.decodeFile(path, options).copy(Bitmap.Config.ARGB_8888, false)
        TensorImage.fromBitmap(copy)
        return TensorImage.fromBitmap(BitmapFactory.decodeFile(path, whole))
    }
}
```

References: `BitmapContainer.java` of tflite-support; `AndroidPacketCreator.java` of MediaPipe.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.apps.android import JVM
from deplint.apps.jvm import written_out
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Call, Name, Node

TAKING = ("**.TensorImage.fromBitmap", "**.TensorImage().load", "**.load")
SIXTEEN = ("RGB_565", "ARGB_4444")


@rule(
    "DPL325",
    severity="error",
    leaves=["M.6.3"],
    see=[
        "https://github.com/tensorflow/tflite-support/blob/v0.4.4/tensorflow_lite_support/java/src/java/org/tensorflow/lite/support/image/BitmapContainer.java",
        "https://github.com/google-ai-edge/mediapipe/blob/v1.0.0/mediapipe/java/com/google/mediapipe/framework/AndroidPacketCreator.java",
    ],
)
def bitmap_not_argb(file: SourceFile) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(r"\bRGB_565\b|\bARGB_4444\b") or not file.mentions(r"\bTensorImage\b"):
        return
    for call in dict.fromkeys(file.calls(*TAKING)):
        kind = _config(call.argument(None, 0)) if len(call.arguments) == 1 else ""
        if kind:
            yield Finding(
                call,
                f"the bitmap is {kind}, and TensorImage takes ARGB_8888: 'Only supports loading ARGB_8888 bitmaps'",
                help="decode it as Bitmap.Config.ARGB_8888, or copy(Bitmap.Config.ARGB_8888, false)",
            )


def _config(node: Node | None) -> str:
    """The configuration of the bitmap that an expression certainly is, if it is one of 16 bits."""
    made = written_out(node)
    if not isinstance(made, Call):
        return ""
    if made.method in ("copy", "createBitmap"):
        return next((kind for argument in made.arguments for kind in SIXTEEN if argument.value.text.endswith("Config." + kind)), "")
    if not made.method.startswith("decode") or len(made.arguments) < 2:
        return ""
    options = made.arguments[-1].value
    if not isinstance(options, Name):
        return ""
    variable = options.file.meaning.variable(options)
    origin = written_out(options)
    for node in options.file.meaning.nodes:
        if not isinstance(node, Assign) or not node.target.text.endswith("inPreferredConfig") or node.assigned is None:
            continue
        mine = node.target.text == f"{options.id}.inPreferredConfig" or (origin is not None and origin in node.ancestors)
        if mine and variable is not None:
            return next((kind for kind in SIXTEEN if node.assigned.text.endswith("Config." + kind)), "")
    return ""
