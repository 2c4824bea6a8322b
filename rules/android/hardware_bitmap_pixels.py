"""Pixels read from a bitmap that lives on the graphics processor alone.

`ImageDecoder.decodeBitmap` gives a bitmap of `Config.HARDWARE` unless its listener asks for another allocator, and so do the copies that
`createScaledBitmap` and `createBitmap` make of it. Its pixels cannot be read: ``IllegalStateException: unable to getPixels(), pixel access
is not supported on Config#HARDWARE bitmaps``; `TensorImage` takes ``ARGB_8888`` alone.

```kotlin bad path=app/src/main/java/Leaves.kt
package org.example

import android.graphics.Bitmap

class Leaves {
    fun judge(photo: Bitmap): FloatArray {
        val small = Bitmap.createScaledBitmap(photo, 224, 224, true)
        val pixels = IntArray(224 * 224)
        small.getPixels(pixels, 0, 224, 0, 0, 224, 224)  // <-
        return run(pixels)
    }
}
```

```kotlin + path=app/src/main/java/Photos.kt
package org.example

import android.graphics.Bitmap
import android.graphics.ImageDecoder

object Photos {
    fun read(resolver: ContentResolver, uri: Uri): Bitmap = ImageDecoder.decodeBitmap(ImageDecoder.createSource(resolver, uri))
}

class Screen : AppCompatActivity() {
    private val leaves = Leaves()
    private fun picked(uri: Uri) = show(leaves.judge(Photos.read(contentResolver, uri)))
}
```

In Java, with a listener that asks for something else, and the older way on older phones:

```java bad path=app/src/main/java/Main.java
package org.example;

import android.graphics.Bitmap;
import android.graphics.ImageDecoder;
import android.provider.MediaStore;
import org.tensorflow.lite.support.image.TensorImage;

class Main extends Activity {
    private Bitmap photo;

    void picked(Uri uri) throws IOException {
        if (Build.VERSION.SDK_INT >= 28) {
            ImageDecoder.Source source = ImageDecoder.createSource(getContentResolver(), uri);
            photo = ImageDecoder.decodeBitmap(source, (decoder, info, s) -> decoder.setTargetSampleSize(2));
        } else {
            photo = MediaStore.Images.Media.getBitmap(getContentResolver(), uri);
        }
        judge(photo);
    }

    private void judge(Bitmap bitmap) {
        TensorImage image = new TensorImage(DataType.FLOAT32);
        image.load(bitmap); // <-
    }
}
```

Bitmaps of another allocator, copies with a configuration of their own, and code that looks at the configuration are fine.

```kotlin good path=app/src/main/java/Leaves.kt
package org.example

import android.graphics.Bitmap
import android.graphics.ImageDecoder

class Leaves(private val resolver: ContentResolver) {
    private fun soft(uri: Uri) = ImageDecoder.decodeBitmap(ImageDecoder.createSource(resolver, uri)) { decoder, _, _ ->
        decoder.allocator = ImageDecoder.ALLOCATOR_SOFTWARE
    }
    private fun open(uri: Uri) = ImageDecoder.decodeBitmap(ImageDecoder.createSource(resolver, uri)) { decoder, _, _ ->
        decoder.isMutableRequired = true
    }
    private fun hard(uri: Uri) = ImageDecoder.decodeBitmap(ImageDecoder.createSource(resolver, uri))

    fun again(uri: Uri) {
        var photo = hard(uri)
        photo = photo.copy(Bitmap.Config.ARGB_8888, true)
        photo.getPixel(0, 0)
    }

    fun judge(uri: Uri) {
        soft(uri).getPixel(0, 0)
        open(uri).getPixel(0, 0)
        hard(uri).copy(Bitmap.Config.ARGB_8888, false).getPixel(0, 0)
        view.setImageBitmap(hard(uri))
    }
}
```

```java good path=app/src/main/java/Main.java
package org.example;

import android.graphics.Bitmap;
import android.graphics.ImageDecoder;

class Main {
    int judge(ImageDecoder.Source source) throws IOException {
        Bitmap photo = ImageDecoder.decodeBitmap(source);
        if (photo.getConfig() == Bitmap.Config.HARDWARE) photo = photo.copy(Bitmap.Config.ARGB_8888, true);
        return photo.getPixel(0, 0);
    }
}
```

References: Android, `ImageDecoder.ALLOCATOR_DEFAULT` (typically a hardware bitmap), `Bitmap.getPixels` (IllegalStateException for
HARDWARE); `Bitmap.createBitmap` of AOSP copies such a bitmap back to HARDWARE; Glide's page on hardware bitmaps;
TensorImage.java of tflite-support.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.android import JVM, sources
from deplint.apps.handed import makers
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Function, Node

DECODES = "ImageDecoder.decodeBitmap"
READS = {"getPixels", "getPixel", "copyPixelsToBuffer"}
TAKES = (
    "org.tensorflow.lite.support.image.TensorImage().load",
    "org.tensorflow.lite.support.image.TensorImage.fromBitmap",
    "org.pytorch.torchvision.TensorImageUtils.{bitmapToFloat32Tensor,bitmapToFloatBuffer}",
    "com.google.mediapipe.framework.image.BitmapImageBuilder",
)
"""What reads the pixels of the bitmap it is given."""

OTHERWISE = ("llocator", "utableRequired")
"""What a listener sets so that the bitmap is in memory."""


@rule(
    "DPL796",
    severity="error",
    leaves=["M.6.3"],
    see=[
        "https://developer.android.com/reference/android/graphics/ImageDecoder#ALLOCATOR_DEFAULT",
        "https://bumptech.github.io/glide/doc/hardwarebitmaps.html",
    ],
)
def hardware_bitmap_pixels(file: SourceFile, project: Project) -> Iterator[Finding]:
    if file.language not in JVM or not file.mentions(rf"\b(?:{'|'.join(sorted(READS))}|TensorImage\w*|BitmapImageBuilder)\b"):
        return
    if not any(each.mentions(r"\bdecodeBitmap\s*\(") for each in sources(project)):
        return
    read = [(call, call.receiver) for call in file.calls(f"**.{{{','.join(sorted(READS))}}}")]
    read += [(call, call.argument(None, 0)) for call in file.calls(*TAKES)]
    for call, bitmap in read:
        calls = makers(bitmap, project, _like)
        made = next((each for each in calls if _hardware(each)), None)
        if (
            made is None
            or any(each.method == "copy" for each in calls)
            or any(each.mentions(r"Config\.HARDWARE|getConfig\(\)|\.config\b") for each in (file, made.file))
        ):
            continue
        line = made.place.span.line if made.place.span else "?"
        yield Finding(
            call,
            f"ImageDecoder at {made.place.path}:{line} gives a bitmap of Config.HARDWARE, whose pixels cannot be read: "
            "IllegalStateException",
            help="decode it with a listener that sets decoder.allocator = ImageDecoder.ALLOCATOR_SOFTWARE",
        )


def _like(call: Call) -> Node | None:
    """The bitmap that a call copies with its configuration."""
    if call.name.endswith(("Bitmap.createScaledBitmap", "Bitmap.createBitmap")) and len(call.arguments) != 3:
        return call.argument(None, 0)
    return None


def _hardware(call: Call) -> bool:
    if not call.name.endswith(DECODES):
        return False
    listener = call.argument("listener", 1)
    return listener is None or (isinstance(listener, Function) and not any(word in listener.text for word in OTHERWISE))
